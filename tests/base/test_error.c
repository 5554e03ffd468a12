// SPDX-License-Identifier: Apache-2.0
#include <elea/base.h>

#include <errno.h>

#include "support/cmocka_all.h"

static void test_names(void **state) {
    (void)state;
    assert_string_equal(elea_status_name(ELEA_OK), "OK");
    assert_string_equal(elea_status_name(ELEA_EINVAL), "EINVAL");
    assert_string_equal(elea_status_text(ELEA_EINVAL), "invalid argument or data");
    assert_string_equal(elea_status_text(ELEA_OK), "ok");
    assert_string_equal(elea_status_name((elea_status)99), "unknown");
    assert_string_equal(elea_status_text((elea_status)-1), "unknown");
}

static void test_set(void **state) {
    (void)state;
    elea_error err = {0};
    assert_string_equal(elea_error_message(&err), "ok");
    assert_string_equal(elea_error_message(NULL), "ok");
    assert_int_equal(elea_error_set(&err, ELEA_ETYPE, "column \"%s\" has %d", "a", 3), ELEA_ETYPE);
    assert_int_equal(err.status, ELEA_ETYPE);
    assert_int_equal(err.os_code, 0);
    assert_string_equal(elea_error_message(&err), "column \"a\" has 3");
    assert_int_equal(elea_error_set(NULL, ELEA_ETYPE, "column \"%s\" has %d", "a", 3), ELEA_ETYPE);
    elea_error empty = {.status = ELEA_EIO};
    assert_string_equal(elea_error_message(&empty), "input or output failed");
    // The message may be an argument of the next.
    elea_error_set(&err, ELEA_EINVAL, "<%s>", err.message);
    assert_string_equal(err.message, "<column \"a\" has 3>");
}

static void test_os_codes(void **state) {
    (void)state;
    elea_error err;
    static const struct {
        int os_code;
        elea_status status;
        const char *message;
    } rows[] = {
        {ENOENT, ELEA_ENOTFOUND, "cannot open \"x\": No such file or directory"},
        {EEXIST, ELEA_EEXISTS, "cannot open \"x\": File exists"},
        {ENOMEM, ELEA_ENOMEM, "cannot open \"x\": Cannot allocate memory"},
        {ENOSPC, ELEA_EIO, "cannot open \"x\": No space left on device"},
        {12345, ELEA_EIO, "cannot open \"x\": Unknown error 12345"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(elea_error_set_os(&err, rows[i].os_code, "cannot open \"%s\"", "x"),
                         rows[i].status);
        assert_int_equal(err.status, rows[i].status);
        assert_int_equal(err.os_code, rows[i].os_code);
        assert_string_equal(err.message, rows[i].message);
        assert_int_equal(elea_error_set_os(NULL, rows[i].os_code, "x"), rows[i].status);
    }
}

static void test_prefix(void **state) {
    (void)state;
    elea_error err;
    elea_error_set_os(&err, ENOENT, "cannot open \"%s\"", "b");
    assert_int_equal(elea_error_prefix(&err, ELEA_EINVAL, "store \"%s\"", "s"), ELEA_ENOTFOUND);
    assert_string_equal(err.message, "store \"s\": cannot open \"b\": No such file or directory");
    assert_int_equal(err.os_code, ENOENT);
    assert_int_equal(elea_error_prefix(NULL, ELEA_EINVAL, "store"), ELEA_EINVAL);
    err = (elea_error){0};
    assert_int_equal(elea_error_prefix(&err, ELEA_EINVAL, "store"), ELEA_EINVAL);
    assert_string_equal(err.message, "store: invalid argument or data");
}

static void test_not_printable(void **state) {
    (void)state;
    elea_error err;
    elea_error_set(&err, ELEA_EINVAL, "name \"%s\"", "a\nb\x1b[31m\x7f\xff\xe2\x82z");
    assert_string_equal(err.message, "name \"a\\x0Ab\\x1B[31m\\x7F\\xFF\\xE2\\x82z\"");
    elea_error_set(&err, ELEA_EINVAL, "name \"%s\"", "\u0395\u03bb\u03ad\u03b1 \U0001F3F9");
    assert_string_equal(err.message, "name \"\u0395\u03bb\u03ad\u03b1 \U0001F3F9\"");
    // C1 controls, the end of a line in Unicode, and what turns the direction of writing.
    elea_error_set(&err, ELEA_EINVAL, "%s", "\xc2\x9b|\xe2\x80\xa8|\xe2\x80\xae");
    assert_string_equal(err.message, "\\xC2\\x9B|\\xE2\\x80\\xA8|\\xE2\\x80\\xAE");
    elea_error_set(&err, ELEA_EINVAL, "%.*s", 2, "\u20ac");
    assert_string_equal(err.message, "\\xE2\\x82");
}

static void check_cut(const char *unit, const char *shown) {
    elea_error err;
    char text[3000];
    size_t unit_size = strlen(unit), shown_size = strlen(shown);
    for (size_t start = 0; start < 5; start++) {
        for (size_t size = ELEA_ERROR_MESSAGE_SIZE / shown_size - 8;
             size < ELEA_ERROR_MESSAGE_SIZE / shown_size + 8; size++) {
            memset(text, 'a', start);
            for (size_t i = 0; i < size; i++)
                memcpy(text + start + i * unit_size, unit, unit_size);
            text[start + size * unit_size] = '\0';
            elea_error_set(&err, ELEA_EINVAL, "%s", text);
            size_t length = strlen(err.message);
            bool fits = start + size * shown_size < ELEA_ERROR_MESSAGE_SIZE;
            if (fits) {
                assert_int_equal(length, start + size * shown_size);
                continue;
            }
            assert_true(length < ELEA_ERROR_MESSAGE_SIZE);
            assert_true(length + shown_size >= ELEA_ERROR_MESSAGE_SIZE - shown_size);
            assert_string_equal(err.message + length - 3, "...");
            assert_int_equal(elea_utf8_check(err.message, (int64_t)length), length);
            // Only whole units are shown.
            assert_int_equal((length - 3 - start) % shown_size, 0);
            assert_memory_equal(err.message + length - 3 - shown_size, shown, shown_size);
        }
    }
}

static void test_cut(void **state) {
    (void)state;
    check_cut("b", "b");
    check_cut("\u03bb", "\u03bb");
    check_cut("\u20ac", "\u20ac");
    check_cut("\U0001F3F9", "\U0001F3F9");
    check_cut("\n", "\\x0A");
    elea_error err;
    elea_error_set(&err, ELEA_EINVAL, "%5000d", 1);
    assert_int_equal(strlen(err.message), ELEA_ERROR_MESSAGE_SIZE - 1);
    for (int i = 0; i < 100; i++)
        elea_error_prefix(&err, ELEA_EINVAL, "outer %d", i);
    assert_int_equal(strlen(err.message), ELEA_ERROR_MESSAGE_SIZE - 1);
    assert_string_equal(err.message + ELEA_ERROR_MESSAGE_SIZE - 4, "...");
    assert_memory_equal(err.message, "outer 99: outer 98: ", 20);
}

static void test_bytes_of(void **state) {
    (void)state;
    assert_int_equal(elea_bytes_of("zeno").size, 4);
    assert_int_equal(elea_bytes_of("").size, 0);
    assert_int_equal(elea_bytes_of(NULL).size, 0);
    assert_null(elea_bytes_of(NULL).data);
}

static elea_status fail_or_not(elea_status status) { return status; }

static elea_status with_try(elea_status status, bool *went_on) {
    ELEA_TRY(fail_or_not(status));
    *went_on = true;
    return ELEA_OK;
}

static elea_status with_goto(elea_status first, bool *went_on) {
    elea_status status;
    ELEA_GOTO(done, fail_or_not(first));
    *went_on = true;
done:
    return status;
}

static void test_macros(void **state) {
    (void)state;
    bool went_on = false;
    assert_int_equal(with_try(ELEA_EIO, &went_on), ELEA_EIO);
    assert_int_equal(with_goto(ELEA_EIO, &went_on), ELEA_EIO);
    assert_false(went_on);
    assert_int_equal(with_try(ELEA_OK, &went_on), ELEA_OK);
    assert_true(went_on);
    went_on = false;
    assert_int_equal(with_goto(ELEA_OK, &went_on), ELEA_OK);
    assert_true(went_on);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),         cmocka_unit_test(test_set),
        cmocka_unit_test(test_os_codes),      cmocka_unit_test(test_prefix),
        cmocka_unit_test(test_not_printable), cmocka_unit_test(test_cut),
        cmocka_unit_test(test_bytes_of),      cmocka_unit_test(test_macros),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

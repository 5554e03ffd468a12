// SPDX-License-Identifier: Apache-2.0
#include <elea/base.h>

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/random.h"

static void test_append(void **state) {
    (void)state;
    elea_error err;
    elea_text text;
    elea_text_init(&text, NULL);
    assert_null(text.data);
    assert_ok(elea_text_append(&text, elea_bytes_of(""), &err));
    assert_string_equal(text.data, "");
    for (int i = 0; i < 1000; i++)
        assert_ok(elea_text_append(&text, elea_bytes_of("arrow"), &err));
    assert_int_equal(text.size, 5000);
    assert_int_equal(strlen(text.data), 5000);
    assert_memory_equal(text.data + 4990, "arrowarrow", 10);
    elea_text_reset(&text);
    assert_string_equal(text.data, "");
    assert_ok(elea_text_append(&text, (elea_bytes){"a\0b", 3}, &err));
    assert_int_equal(text.size, 3);
    assert_memory_equal(text.data, "a\0b", 4);
    elea_text_release(&text);
    assert_null(text.data);
    elea_text_release(&text);
    elea_text_reset(&text);
}

static void test_format(void **state) {
    (void)state;
    elea_error err;
    elea_text text;
    elea_text_init(&text, NULL);
    char wide[310];
    for (int width = 0; width < 300; width++) {
        elea_text_reset(&text);
        assert_ok(elea_text_append(&text, elea_bytes_of("x"), &err));
        assert_ok(elea_text_append_format(&text, &err, "%*d", width, 7));
        snprintf(wide, sizeof wide, "x%*d", width, 7);
        assert_string_equal(text.data, wide);
        assert_int_equal(text.size, strlen(wide));
        elea_text_release(&text);
    }
}

static void check_json(const char *bytes, int64_t size, const char *expected) {
    elea_error err;
    elea_text text;
    elea_text_init(&text, NULL);
    assert_ok(elea_text_append_json(&text, (elea_bytes){bytes, size}, &err));
    assert_string_equal(text.data, expected);
    elea_text_release(&text);
}

static void test_json(void **state) {
    (void)state;
    check_json(NULL, 0, "\"\"");
    check_json("plain", 5, "\"plain\"");
    check_json("\"\\/", 3, "\"\\\"\\\\/\"");
    check_json("\b\f\n\r\t\0\x1f\x7f", 8, "\"\\b\\f\\n\\r\\t\\u0000\\u001f\x7f\"");
    check_json("Ελέα \xF0\x9F\x8F\xB9", 13, "\"Ελέα \xF0\x9F\x8F\xB9\"");
    check_json("a\xFF\xC3", 3, "\"a\xEF\xBF\xBD\xEF\xBF\xBD\"");
    check_json("\xC3(\n", 3, "\"\xEF\xBF\xBD(\\n\"");
}

static const char *double_text(elea_text *text, double value) {
    elea_error err;
    elea_text_reset(text);
    assert_ok(elea_text_append_double(text, value, &err));
    return text->data;
}

static const char *float_text(elea_text *text, float value) {
    elea_error err;
    elea_text_reset(text);
    assert_ok(elea_text_append_float(text, value, &err));
    return text->data;
}

// What Arrow C++ 20 writes when it casts to a string.
static void test_numbers_like_arrow(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *as_double, *as_float;
    } rows[] = {
        {1.0, "1", "1"},
        {-0.0, "-0", "-0"},
        {0.0, "0", "0"},
        {1e15, "1e+15", "1e+15"},
        {123456789012345680.0, "1.2345678901234568e+17", "1.2345679e+17"},
        {1e-4, "0.0001", "0.0001"},
        {1e-5, "0.00001", "0.00001"},
        {1e-6, "0.000001", "0.000001"},
        {1e-7, "1e-7", "1e-7"},
        {1.5e-7, "1.5e-7", "1.5e-7"},
        {1e22, "1e+22", "1e+22"},
        {1e300, "1e+300", "inf"},
        {5e-324, "5e-324", "0"},
        {(double)INFINITY, "inf", "inf"},
        {-(double)INFINITY, "-inf", "-inf"},
        {(double)NAN, "nan", "nan"},
        {0.1, "0.1", "0.1"},
        {123456.789, "123456.789", "123456.79"},
        {12345678901.5, "1.23456789015e+10", "1.2345679e+10"},
        {9999999999.5, "9999999999.5", "1e+10"},
        {1234567890, "1234567890", "1234568000"},
        {0x1p-44, "5.684341886080802e-14", "5.684342e-14"},
        {9007199254740993.0, "9.007199254740992e+15", "9.007199e+15"},
        {1.7976931348623157e308, "1.7976931348623157e+308", "inf"},
        {3.4028234663852886e38, "3.4028234663852886e+38", "3.4028235e+38"},
    };
    elea_text text;
    elea_text_init(&text, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_string_equal(double_text(&text, rows[i].value), rows[i].as_double);
        if (rows[i].value < 1e300 && rows[i].value > -1e300)
            assert_string_equal(float_text(&text, (float)rows[i].value), rows[i].as_float);
    }
    elea_text_release(&text);
}

// How many digits a number has, without sign, point, exponent and zeros at the ends.
static int digit_count(const char *number) {
    char digits[40];
    int count = 0;
    for (; *number != '\0' && *number != 'e'; number++) {
        if (*number >= '0' && *number <= '9' && (count > 0 || *number != '0'))
            digits[count++] = *number;
    }
    while (count > 0 && digits[count - 1] == '0')
        count--;
    return count;
}

static void check_double(elea_text *text, double value) {
    const char *shown = double_text(text, value);
    if (strtod(shown, NULL) != value)
        fail_msg("%a is shown as %s", value, shown);
    // No shorter one reads back.
    char shorter[40];
    int count = digit_count(shown);
    if (count < 2)
        return;
    snprintf(shorter, sizeof shorter, "%.*e", count - 2, value);
    if (strtod(shorter, NULL) == value)
        fail_msg("%a is shown as %s, %s is shorter", value, shown, shorter);
}

static void test_numbers_read_back(void **state) {
    (void)state;
    uint64_t seed = 6;
    elea_text text;
    elea_text_init(&text, NULL);
    for (int i = 0; i < 50000; i++) {
        uint64_t bits = elea_test_random(&seed);
        if (i % 10 == 0)
            bits &= UINT64_C(0x800FFFFFFFFFFFFF); // subnormal
        double value;
        memcpy(&value, &bits, 8);
        if (value - value == 0)
            check_double(&text, value);
        uint32_t half_bits = (uint32_t)bits;
        float single;
        memcpy(&single, &half_bits, 4);
        if (single - single == 0 && strtof(float_text(&text, single), NULL) != single)
            fail_msg("%a is shown as %s", (double)single, text.data);
        check_double(&text, (double)(int64_t)(bits >> 40) / 1000);
    }
    for (int exponent = -1074; exponent < 1024; exponent++)
        check_double(&text, ldexp(1, exponent));
    elea_text_release(&text);
}

static void test_numbers_in_another_locale(void **state) {
    (void)state;
    // Where the machine has a locale with a decimal comma, it makes no difference.
    const char *names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "ru_RU.UTF-8"};
    elea_text text;
    elea_text_init(&text, NULL);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (setlocale(LC_NUMERIC, names[i]) == NULL)
            continue;
        assert_string_equal(double_text(&text, -1.5), "-1.5");
        assert_string_equal(double_text(&text, 1.25e100), "1.25e+100");
    }
    setlocale(LC_NUMERIC, "C");
    elea_text_release(&text);
}

static const char *time_text(elea_text *text, int64_t value, int64_t units) {
    elea_error err;
    elea_text_reset(text);
    assert_ok(elea_text_append_timestamp(text, value, units, &err));
    return text->data;
}

static void test_timestamps(void **state) {
    (void)state;
    elea_error err;
    elea_text text;
    elea_text_init(&text, NULL);
    assert_string_equal(time_text(&text, 0, 1), "1970-01-01T00:00:00Z");
    assert_string_equal(time_text(&text, -1, 1), "1969-12-31T23:59:59Z");
    assert_string_equal(time_text(&text, -1, 1000), "1969-12-31T23:59:59.999Z");
    assert_string_equal(time_text(&text, 1234567890123, 1000), "2009-02-13T23:31:30.123Z");
    assert_string_equal(time_text(&text, 1234567890123, 1000000), "1970-01-15T06:56:07.890123Z");
    assert_string_equal(time_text(&text, 1, 1000000000), "1970-01-01T00:00:00.000000001Z");
    assert_string_equal(time_text(&text, -62135596800001, 1000), "0000-12-31T23:59:59.999Z");
    assert_string_equal(time_text(&text, 253402300800000, 1000), "+10000-01-01T00:00:00.000Z");
    assert_string_equal(time_text(&text, -62198755200, 1), "-0001-01-01T00:00:00Z");
    assert_string_equal(time_text(&text, INT64_MIN, 1000000000), "1677-09-21T00:12:43.145224192Z");
    assert_string_equal(time_text(&text, INT64_MAX, 1000000000), "2262-04-11T23:47:16.854775807Z");
    assert_string_equal(time_text(&text, INT64_MAX, 1), "+292277026596-12-04T15:30:07Z");
    assert_string_equal(time_text(&text, INT64_MIN, 1), "-292277022657-01-27T08:29:52Z");
    assert_fails(ELEA_EINVAL, "0 units", elea_text_append_timestamp(&text, 0, 0, &err));
    assert_fails(ELEA_EINVAL, "-1 units", elea_text_append_timestamp(&text, 0, -1, &err));
    assert_fails(ELEA_EINVAL, "60 units", elea_text_append_timestamp(&text, 0, 60, &err));
    assert_fails(ELEA_EINVAL, "units",
                 elea_text_append_timestamp(&text, 0, INT64_C(10000000000), &err));
    // Against the C library, over all its days.
    uint64_t seed = 9;
    for (int i = 0; i < 20000; i++) {
        time_t seconds =
            (time_t)(elea_test_random_below(&seed, INT64_C(300000000000)) - INT64_C(60000000000));
        struct tm parts;
        char expected[40];
        gmtime_r(&seconds, &parts);
        if (parts.tm_year + 1900 > 9999)
            continue;
        snprintf(expected, sizeof expected, "%04d-%02d-%02dT%02d:%02d:%02dZ", parts.tm_year + 1900,
                 parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
        assert_string_equal(time_text(&text, seconds, 1), expected);
    }
    // Every day of 400 years.
    for (int64_t day = -719528; day < -719528 + 146097; day++) {
        time_t seconds = (time_t)(day * 86400);
        struct tm parts;
        char expected[40];
        gmtime_r(&seconds, &parts);
        snprintf(expected, sizeof expected, "%04d-%02d-%02dT00:00:00Z", parts.tm_year + 1900,
                 parts.tm_mon + 1, parts.tm_mday);
        assert_string_equal(time_text(&text, seconds, 1), expected);
    }
    elea_text_release(&text);
}

static elea_status append_all(elea_pool *pool, void *context, elea_error *err) {
    (void)context;
    elea_text text;
    elea_text_init(&text, pool);
    elea_status status = ELEA_OK;
    for (int i = 0; i < 10; i++) {
        ELEA_GOTO(done, elea_text_append_double(&text, 1.1, err));
        ELEA_GOTO(done, elea_text_append_timestamp(&text, 5, 1000, err));
        ELEA_GOTO(done, elea_text_append_json(&text, elea_bytes_of("Zeno\n"), err));
        ELEA_GOTO(done, elea_text_append_format(&text, err, "%200d", 7));
    }
done:
    // What was there before the failure still is.
    if (text.data != NULL)
        assert_int_equal(text.data[text.size], 0);
    elea_text_release(&text);
    return status;
}

static void test_without_memory(void **state) {
    (void)state;
    assert_in_range(elea_test_fail_each_allocation(append_all, NULL), 3, 12);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_append),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_numbers_like_arrow),
        cmocka_unit_test(test_numbers_read_back),
        cmocka_unit_test(test_numbers_in_another_locale),
        cmocka_unit_test(test_timestamps),
        cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

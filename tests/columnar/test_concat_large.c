// SPDX-License-Identifier: Apache-2.0
//
// Concatenation whose result is so large that its buffers are stored past the caches, in pieces of
// uneven lengths, beside the array that the pieces were cut from.
#include <elea/columnar.h>

#include "base/copy_internal.h"
#include "support/cmocka_all.h"

enum { PIECES = 300 };

// Rows of one to three bytes; numbers that tell their row.
static elea_array *whole_new(elea_type_id id, int64_t length) {
    elea_error err = {0};
    elea_builder *builder = NULL;
    elea_array *array = NULL;
    assert_ok(elea_builder_new(NULL, elea_type_of(id), &builder, &err));
    for (int64_t i = 0; i < length; i++) {
        if (id == ELEA_TYPE_INT32) {
            assert_ok(elea_builder_append_int(builder, i * 77, &err));
        } else {
            char bytes[3] = {(char)('a' + i % 26), (char)('A' + i % 23), (char)('0' + i % 10)};
            assert_ok(elea_builder_append_bytes(builder, (elea_bytes){bytes, 1 + i % 3}, &err));
        }
    }
    assert_ok(elea_builder_finish(builder, &array, &err));
    elea_builder_free(builder);
    return array;
}

static void check(elea_type_id id, int64_t width) {
    elea_error err = {0};
    int64_t length = ELEA__SIZE_FAR / width + 12345;
    elea_array *whole = whole_new(id, length);
    elea_array *joined = NULL, *pieces[PIECES];
    int64_t at = 0;
    for (int64_t i = 0; i < PIECES; i++) {
        int64_t rest = length - at;
        int64_t part = i == PIECES - 1 ? rest : i % 10 == 9 ? i : rest / (PIECES - i) + i % 3 - 1;
        assert_ok(elea_array_slice(whole, at, part, &pieces[i], &err));
        at += part;
    }
    int64_t before = elea_copied_bytes();
    assert_ok(elea_array_concat(NULL, (const elea_array *const *)pieces, PIECES, &joined, &err));
    assert_true(elea_copied_bytes() - before >= ELEA__SIZE_FAR);
    assert_ok(elea_array_validate(joined, ELEA_VALIDATE_FULL, &err));
    assert_int_equal(elea_array_offset(joined), 0);
    assert_true(elea_array_equal(joined, whole, NULL));
    for (int64_t i = 0; i < PIECES; i++)
        elea_array_unref(pieces[i]);
    elea_array_unref(joined);
    elea_array_unref(whole);
}

static void numbers(void **state) {
    (void)state;
    check(ELEA_TYPE_INT32, 4);
}

static void texts_of_32_bits(void **state) {
    (void)state;
    check(ELEA_TYPE_UTF8, 4);
}

static void texts_of_64_bits(void **state) {
    (void)state;
    check(ELEA_TYPE_LARGE_UTF8, 8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),
        cmocka_unit_test(texts_of_32_bits),
        cmocka_unit_test(texts_of_64_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

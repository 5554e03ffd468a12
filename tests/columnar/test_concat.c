// SPDX-License-Identifier: Apache-2.0
//
// Concatenation: what was cut comes together again, for all types; dictionaries are unified; what
// offsets cannot reach is refused.
#include "support/cmocka_all.h"

#include <stdlib.h>

#include "columnar/concat_internal.h"
#include "support/alloc_failures.h"
#include "support/random_data.h"

static const elea_equal_options same = {.nans_equal = true};

static void assert_concat_of(const elea_array *const *pieces, int64_t count,
                             const elea_array *joined) {
    elea_error err = {0};
    int64_t at = 0;
    assert_ok(elea_array_validate(joined, ELEA_VALIDATE_FULL, &err));
    for (int64_t i = 0; i < count; i++) {
        elea_array *slice = NULL;
        int64_t length = elea_array_length(pieces[i]);
        assert_ok(elea_array_slice(joined, at, length, &slice, &err));
        assert_true(elea_array_equal(slice, pieces[i], &same));
        assert_int_equal(elea_array_null_count(slice), elea_array_null_count(pieces[i]));
        elea_array_unref(slice);
        at += length;
    }
    assert_int_equal(elea_array_length(joined), at);
}

#define PIECE_COUNT 6

static void pieces_of_one_array_come_together(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_random random = {.state = 7, .with_dictionaries = true};
    for (int round = 0; round < 600; round++) {
        elea_type *type = elea_test_random_type(&random, 3);
        int64_t length = elea_test_random_below(&random, 150);
        elea_array *array =
            elea_test_random_array(&random, type, length, elea_test_random_below(&random, 4));
        elea_array *pieces[PIECE_COUNT];
        int64_t at = 0;
        for (int i = 0; i < PIECE_COUNT; i++) {
            int64_t rest = length - at;
            int64_t size = i == PIECE_COUNT - 1 ? rest : elea_test_random_below(&random, rest + 1);
            assert_ok(elea_array_slice(array, at, size, &pieces[i], &err));
            at += size;
        }
        elea_array *joined = NULL;
        assert_ok(
            elea_array_concat(NULL, (const elea_array *const *)pieces, PIECE_COUNT, &joined, &err));
        assert_concat_of((const elea_array *const *)pieces, PIECE_COUNT, joined);
        assert_true(elea_array_equal(joined, array, &same));
        elea_array_unref(joined);
        for (int i = 0; i < PIECE_COUNT; i++)
            elea_array_unref(pieces[i]);
        elea_array_unref(array);
        elea_type_unref(type);
    }
}

// Whether a dictionary inside makes it right to refuse.
static bool has_dictionary(const elea_type *type) {
    if (elea_type_layout_of(type) == ELEA_LAYOUT_DICTIONARY)
        return true;
    for (int64_t i = 0; i < elea_type_child_count(type); i++) {
        if (has_dictionary(elea_field_type(elea_type_child(type, i))))
            return true;
    }
    return false;
}

static void different_arrays_come_together(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_random random = {.state = 8, .with_dictionaries = true};
    int refused = 0;
    int unified = 0;
    for (int round = 0; round < 600; round++) {
        elea_type *type = elea_test_random_type(&random, 3);
        elea_array *pieces[PIECE_COUNT];
        for (int i = 0; i < PIECE_COUNT; i++)
            pieces[i] = elea_test_random_array(&random, type, elea_test_random_below(&random, 40),
                                               elea_test_random_below(&random, 4));
        elea_array *joined = NULL;
        elea_status status =
            elea_array_concat(NULL, (const elea_array *const *)pieces, PIECE_COUNT, &joined, &err);
        if (status != ELEA_OK) {
            assert_true(has_dictionary(type));
            assert_true(status == ELEA_ECAPACITY || status == ELEA_EINVAL);
            refused++;
        } else {
            assert_concat_of((const elea_array *const *)pieces, PIECE_COUNT, joined);
            unified += has_dictionary(type);
        }
        elea_array_unref(joined);
        for (int i = 0; i < PIECE_COUNT; i++)
            elea_array_unref(pieces[i]);
        elea_type_unref(type);
    }
    assert_in_range(refused, 0, 60);
    assert_in_range(unified, 5, 600);
}

// Each type by itself, so that the shape of random types leaves none out.
static void each_type_at_edges(void **state) {
    (void)state;
    elea_error err = {0};
    static const int64_t lengths[] = {0, 1, 63, 64, 65};
    elea_test_random random = {.state = 9, .with_dictionaries = true};
    for (int id = 0; id < ELEA__TYPE_ID_COUNT; id++) {
        elea_type *type = elea_test_random_type_of(&random, (elea_type_id)id, 2);
        for (int i = 0; type && i < 25; i++) {
            int64_t null_every = i % 3 == 0 ? 0 : i % 3 == 1 ? 1 : 2;
            elea_array *a = elea_test_random_array(&random, type, lengths[i % 5], null_every);
            elea_array *pieces[] = {a, NULL};
            assert_ok(elea_array_slice(a, 0, elea_test_random_below(&random, lengths[i % 5] + 1),
                                       &pieces[1], &err));
            elea_array *joined = NULL;
            assert_ok(elea_array_concat(NULL, (const elea_array *const *)pieces, 2, &joined, &err));
            assert_concat_of((const elea_array *const *)pieces, 2, joined);
            elea_array_unref(joined);
            elea_array_unref(pieces[1]);
            elea_array_unref(a);
        }
        elea_type_unref(type);
    }
}

static elea_array *texts(elea_type_id id, const char *const *values, int64_t count) {
    elea_error err = {0};
    elea_builder *builder = NULL;
    elea_array *array = NULL;
    assert_ok(elea_builder_new(NULL, elea_type_of(id), &builder, &err));
    for (int64_t i = 0; i < count; i++)
        assert_ok(elea_builder_append_bytes(builder, elea_bytes_of(values[i]), &err));
    assert_ok(elea_builder_finish(builder, &array, &err));
    elea_builder_free(builder);
    return array;
}

static void lengths_around_2_16(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_random random = {.state = 10};
    static const elea_type_id ids[] = {ELEA_TYPE_BOOL, ELEA_TYPE_INT16, ELEA_TYPE_UTF8,
                                       ELEA_TYPE_UTF8_VIEW};
    for (int i = 0; i < 4; i++) {
        elea_array *a = elea_test_random_array(&random, elea_type_of(ids[i]), 65535, 5);
        elea_array *b = elea_test_random_array(&random, elea_type_of(ids[i]), 65537, 0);
        const elea_array *const pieces[] = {a, b, a};
        elea_array *joined = NULL;
        assert_ok(elea_array_concat(NULL, pieces, 3, &joined, &err));
        assert_concat_of(pieces, 3, joined);
        elea_array_unref(joined);
        elea_array_unref(a);
        elea_array_unref(b);
    }
}

static void nothing_is_copied_without_need(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_random random = {.state = 11};
    elea_array *array = elea_test_random_array(&random, elea_type_of(ELEA_TYPE_INT64), 100, 0);
    elea_array *empty = NULL;
    elea_array *joined = NULL;
    assert_ok(elea_array_slice(array, 7, 0, &empty, &err));
    int64_t before = elea_copied_bytes();
    assert_ok(elea_array_concat(NULL, (const elea_array *const[]){empty, array, empty}, 3, &joined,
                                &err));
    assert_ptr_equal(joined, array);
    assert_int_equal(elea_copied_bytes(), before);
    elea_array_unref(joined);
    assert_ok(elea_array_concat(NULL, (const elea_array *const[]){empty, empty}, 2, &joined, &err));
    assert_int_equal(elea_array_length(joined), 0);
    elea_array_unref(joined);
    assert_ok(elea_array_concat(NULL, (const elea_array *const[]){array, array}, 2, &joined, &err));
    assert_int_equal(elea_copied_bytes(), before + 1600);
    elea_array_unref(joined);
    elea_array_unref(array);
    elea_array_unref(empty);
    // The bytes behind views are shared, and named once for slices of one array.
    static const char *const values[] = {"a text of more than twelve bytes", "short",
                                         "another one of more than twelve bytes"};
    elea_array *views = texts(ELEA_TYPE_UTF8_VIEW, values, 3);
    elea_array *others = texts(ELEA_TYPE_UTF8_VIEW, values, 2);
    elea_array *slice = NULL;
    assert_ok(elea_array_slice(views, 1, 2, &slice, &err));
    const elea_array *const pieces[] = {views, slice, others, views};
    before = elea_copied_bytes();
    assert_ok(elea_array_concat(NULL, pieces, 4, &joined, &err));
    assert_int_equal(elea_copied_bytes(), before + 10 * 16);
    assert_int_equal(elea_array_buffer_count(joined), 5);
    assert_ptr_equal(elea_array_buffer(joined, 2), elea_array_buffer(views, 2));
    assert_concat_of(pieces, 4, joined);
    elea_array_unref(joined);
    elea_array_unref(slice);
    elea_array_unref(views);
    elea_array_unref(others);
}

// Files and checksums see whole bytes.
static void bits_behind_the_last_are_zero(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_random random = {.state = 13};
    elea_array *array = elea_test_random_array(&random, elea_type_of(ELEA_TYPE_BOOL), 99, 2);
    elea_array *joined = NULL;
    void *block = NULL;
    // What the allocator gives next is not zero.
    assert_ok(elea_alloc(NULL, 64 * 3, &block, &err));
    memset(block, 0xFF, 64 * 3);
    elea_dealloc(NULL, block, 64 * 3);
    assert_ok(elea_array_concat(NULL, (const elea_array *const[]){array, array}, 2, &joined, &err));
    for (int i = 0; i < 2; i++)
        assert_int_equal(elea_buffer_data(elea_array_buffer(joined, i))[24] >> 6, 0);
    elea_array_unref(joined);
    elea_array_unref(array);
}

static void wrong_calls_are_refused(void **state) {
    (void)state;
    elea_error err = {0};
    elea_array *a = NULL;
    elea_array *b = NULL;
    elea_array *out = NULL;
    assert_ok(elea_array_new_null(NULL, elea_type_of(ELEA_TYPE_INT8), 1, &a, &err));
    assert_ok(elea_array_new_null(NULL, elea_type_of(ELEA_TYPE_UINT8), 1, &b, &err));
    const elea_array *const pieces[] = {a, b};
    assert_fails(ELEA_EINVAL, "concat of 0 arrays", elea_array_concat(NULL, pieces, 0, &out, &err));
    assert_fails(ELEA_ETYPE, "array 1 is uint8, the first is int8",
                 elea_array_concat(NULL, pieces, 2, &out, &err));
    elea_array_unref(a);
    elea_array_unref(b);
}

// A text of 1.5 GiB: offsets end there, and the bytes are never read.
static void offsets_of_32_bits_end(void **state) {
    (void)state;
    elea_error err = {0};
    elea_buffer *offsets = NULL;
    elea_buffer *bytes = NULL;
    elea_array *big = NULL;
    elea_array *out = NULL;
    static const char byte;
    const int32_t ends[] = {0, 3 << 29};
    assert_ok(elea_buffer_new_copy(NULL, ends, sizeof ends, &offsets, &err));
    assert_ok(elea_buffer_wrap(NULL, &byte, 3 << 29, NULL, NULL, &bytes, &err));
    const elea_buffer *const buffers[] = {NULL, offsets, bytes};
    elea_array_parts parts = {
        .type = elea_type_of(ELEA_TYPE_UTF8), .length = 1, .buffers = buffers, .buffer_count = 3};
    assert_ok(elea_array_new(NULL, &parts, &big, &err));
    assert_fails(ELEA_ECAPACITY, "concat of 2 arrays of utf8: 3221225472 values or bytes",
                 elea_array_concat(NULL, (const elea_array *const[]){big, big}, 2, &out, &err));
    elea_array_unref(big);
    elea_buffer_unref(bytes);
    elea_buffer_unref(offsets);
}

// A dictionary of int8 indices with `count` values from `first` on, each used once.
static elea_array *int8_dictionary(int first, int count, bool ordered) {
    elea_error err = {0};
    elea_builder *builder = NULL;
    elea_array *indices = NULL;
    elea_array *values = NULL;
    elea_array *array = NULL;
    elea_type *type = NULL;
    assert_ok(elea_builder_new(NULL, elea_type_of(ELEA_TYPE_INT8), &builder, &err));
    for (int i = 0; i < count; i++)
        assert_ok(elea_builder_append_int(builder, i, &err));
    assert_ok(elea_builder_finish(builder, &indices, &err));
    elea_builder_free(builder);
    assert_ok(elea_builder_new(NULL, elea_type_of(ELEA_TYPE_INT32), &builder, &err));
    for (int i = 0; i < count; i++)
        assert_ok(elea_builder_append_int(builder, first + i, &err));
    assert_ok(elea_builder_finish(builder, &values, &err));
    elea_builder_free(builder);
    assert_ok(elea_type_new_dictionary(NULL, elea_type_of(ELEA_TYPE_INT8),
                                       elea_type_of(ELEA_TYPE_INT32), ordered, &type, &err));
    elea_array_parts parts = elea__array_parts_of(indices);
    parts.type = type;
    parts.dictionary = values;
    assert_ok(elea_array_new(NULL, &parts, &array, &err));
    elea_type_unref(type);
    elea_array_unref(indices);
    elea_array_unref(values);
    return array;
}

static void dictionaries_are_unified(void **state) {
    (void)state;
    elea_error err = {0};
    elea_array *a = int8_dictionary(0, 100, false);
    elea_array *b = int8_dictionary(28, 100, false);
    elea_array *c = int8_dictionary(100, 29, false);
    elea_array *joined = NULL;
    const elea_array *const pieces[] = {a, b, a};
    assert_ok(elea_array_concat(NULL, pieces, 3, &joined, &err));
    assert_concat_of(pieces, 3, joined);
    assert_int_equal(elea_array_length(elea_array_dictionary(joined)), 128);
    elea_array_unref(joined);
    assert_fails(ELEA_ECAPACITY, "have 129 values together, and indices of int8 reach 127",
                 elea_array_concat(NULL, (const elea_array *const[]){a, b, c}, 3, &joined, &err));
    elea_array_unref(a);
    elea_array_unref(b);
    elea_array_unref(c);
    // One that continues another keeps its order.
    a = int8_dictionary(0, 10, true);
    b = int8_dictionary(0, 20, true);
    c = int8_dictionary(1, 10, true);
    assert_ok(elea_array_concat(NULL, (const elea_array *const[]){a, b}, 2, &joined, &err));
    assert_int_equal(elea_array_length(elea_array_dictionary(joined)), 20);
    elea_array_unref(joined);
    assert_fails(ELEA_EINVAL, "value 0 of ordered dictionary 1",
                 elea_array_concat(NULL, (const elea_array *const[]){a, c}, 2, &joined, &err));
    // Equal dictionaries are not written again.
    elea_array *twin = int8_dictionary(0, 10, true);
    assert_ok(elea_array_concat(NULL, (const elea_array *const[]){a, twin}, 2, &joined, &err));
    assert_ptr_equal(elea_array_dictionary(joined), elea_array_dictionary(a));
    elea_array_unref(joined);
    elea_array_unref(twin);
    elea_array_unref(a);
    elea_array_unref(b);
    elea_array_unref(c);
}

static void run_ends_end(void **state) {
    (void)state;
    elea_error err = {0};
    elea_type *type = NULL;
    elea_field *ends = NULL;
    elea_field *values = NULL;
    elea_builder *builder = NULL;
    elea_array *array = NULL;
    elea_array *joined = NULL;
    assert_ok(elea_field_new(NULL, elea_bytes_of("run_ends"), elea_type_of(ELEA_TYPE_INT16), false,
                             NULL, &ends, &err));
    assert_ok(elea_field_new(NULL, elea_bytes_of("values"), elea_type_of(ELEA_TYPE_INT8), true,
                             NULL, &values, &err));
    assert_ok(elea_type_new_run_end_encoded(NULL, ends, values, &type, &err));
    assert_ok(elea_builder_new(NULL, type, &builder, &err));
    assert_ok(elea_builder_append_int(elea_builder_child(builder, 1), 5, &err));
    assert_ok(elea_builder_append_run(builder, 16383, &err));
    assert_ok(elea_builder_append_null(builder, &err));
    assert_ok(elea_builder_finish(builder, &array, &err));
    elea_array *shorter = NULL;
    assert_ok(elea_array_slice(array, 1, 16383, &shorter, &err));
    const elea_array *const pieces[] = {array, shorter, array};
    assert_ok(elea_array_concat(NULL, pieces, 2, &joined, &err));
    assert_concat_of(pieces, 2, joined);
    elea_array_unref(joined);
    assert_fails(ELEA_ECAPACITY, "49151 rows for the type of run ends",
                 elea_array_concat(NULL, pieces, 3, &joined, &err));
    elea_array_unref(shorter);
    elea_array_unref(array);
    elea_builder_free(builder);
    elea_type_unref(type);
    elea_field_unref(ends);
    elea_field_unref(values);
}

static elea_status concat_and_drop(elea_pool *pool, void *context, elea_error *err) {
    elea_array *joined;
    ELEA_TRY(elea_array_concat(pool, context, 2, &joined, err));
    elea_array_unref(joined);
    return ELEA_OK;
}

static void memory_may_run_out(void **state) {
    (void)state;
    elea_test_random random = {.state = 12, .with_dictionaries = true};
    for (int id = 0; id < ELEA__TYPE_ID_COUNT; id++) {
        elea_type *type = elea_test_random_type_of(&random, (elea_type_id)id, 2);
        if (!type)
            continue;
        elea_array *pieces[] = {elea_test_random_array(&random, type, 9, 3),
                                elea_test_random_array(&random, type, 5, 3)};
        elea_error err = {0};
        elea_array *joined = NULL;
        if (elea_array_concat(NULL, (const elea_array *const *)pieces, 2, &joined, &err) == ELEA_OK)
            elea_test_fail_each_allocation(concat_and_drop, pieces);
        elea_array_unref(joined);
        elea_array_unref(pieces[0]);
        elea_array_unref(pieces[1]);
        elea_type_unref(type);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_of_one_array_come_together),
        cmocka_unit_test(different_arrays_come_together),
        cmocka_unit_test(each_type_at_edges),
        cmocka_unit_test(lengths_around_2_16),
        cmocka_unit_test(nothing_is_copied_without_need),
        cmocka_unit_test(bits_behind_the_last_are_zero),
        cmocka_unit_test(wrong_calls_are_refused),
        cmocka_unit_test(offsets_of_32_bits_end),
        cmocka_unit_test(dictionaries_are_unified),
        cmocka_unit_test(run_ends_end),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
//
// Builders that go on in chunks, and blocks that give back what they do not use.
#include "support/cmocka_all.h"

#include <elea/columnar.h>
#include <stdio.h>

#include "support/alloc_failures.h"

static elea_type *small_dictionary(void) {
    elea_error err = {0};
    elea_type *type = NULL;
    assert_ok(elea_type_parse(NULL, elea_bytes_of("dictionary<values: utf8, indices: int8>"), &type,
                              &err));
    return type;
}

// Numbers as text, `count` of them.
static elea_status append_numbers(elea_builder *builder, int count, elea_error *err) {
    for (int i = 0; i < count; i++) {
        char text[16];
        int size = snprintf(text, sizeof text, "%d", i);
        ELEA_TRY(elea_builder_append_bytes(builder, (elea_bytes){text, size}, err));
    }
    return ELEA_OK;
}

static void cut_when_full(void **state) {
    (void)state;
    elea_error err = {0};
    elea_builder *builder = NULL;
    elea_array *array = NULL;
    elea_chunked_array *chunked = NULL;
    elea_type *type = small_dictionary();
    assert_ok(elea_builder_new(NULL, type, &builder, &err));
    assert_fails(ELEA_ECAPACITY, "128 values", append_numbers(builder, 300, &err));
    elea_builder_reset(builder);
    elea_builder_set_chunked(builder, true);
    assert_ok(append_numbers(builder, 300, &err));
    assert_int_equal(elea_builder_length(builder), 44);
    assert_fails(ELEA_EINVAL, "2 chunks", elea_builder_finish(builder, &array, &err));
    assert_ok(elea_builder_finish_chunked(builder, &chunked, &err));
    assert_int_equal(elea_chunked_array_chunk_count(chunked), 3);
    assert_int_equal(elea_chunked_array_length(chunked), 300);
    assert_int_equal(elea_array_length(elea_chunked_array_chunk(chunked, 0)), 128);
    assert_ok(elea_chunked_array_validate(chunked, ELEA_VALIDATE_FULL, &err));
    for (int64_t i = 0; i < 300; i++) {
        elea_scalar *scalar = NULL;
        char expected[16];
        int64_t chunk, row;
        elea_chunked_array_locate(chunked, i, &chunk, &row);
        assert_ok(elea_scalar_new_from_array(NULL, elea_chunked_array_chunk(chunked, chunk), row,
                                             &scalar, &err));
        elea_bytes value = elea_scalar_get_bytes(scalar);
        snprintf(expected, sizeof expected, "%d", (int)i);
        assert_int_equal(value.size, strlen(expected));
        assert_memory_equal(value.data, expected, strlen(expected));
        elea_scalar_unref(scalar);
    }
    elea_chunked_array_unref(chunked);
    // The builder is empty, and works as before.
    assert_ok(append_numbers(builder, 5, &err));
    assert_ok(elea_builder_finish(builder, &array, &err));
    assert_int_equal(elea_array_length(array), 5);
    elea_array_unref(array);
    elea_builder_free(builder);
    elea_type_unref(type);
}

static void cut_by_hand(void **state) {
    (void)state;
    elea_error err = {0};
    elea_builder *builder = NULL;
    elea_chunked_array *chunked = NULL;
    elea_type *type = NULL;
    assert_ok(elea_type_parse(NULL, elea_bytes_of("list<int8>"), &type, &err));
    assert_ok(elea_builder_new(NULL, type, &builder, &err));
    assert_ok(elea_builder_end_chunk(builder, &err));
    assert_ok(elea_builder_finish_chunked(builder, &chunked, &err));
    assert_int_equal(elea_chunked_array_chunk_count(chunked), 0);
    elea_chunked_array_unref(chunked);
    for (int i = 0; i < 3; i++) {
        assert_ok(elea_builder_append_int(elea_builder_child(builder, 0), i, &err));
        // A row that is not closed belongs to no chunk.
        assert_fails(ELEA_EINVAL, "item", elea_builder_end_chunk(builder, &err));
        assert_ok(elea_builder_append_row(builder, &err));
        if (i < 2)
            assert_ok(elea_builder_end_chunk(builder, &err));
    }
    assert_ok(elea_builder_finish_chunked(builder, &chunked, &err));
    assert_int_equal(elea_chunked_array_chunk_count(chunked), 3);
    assert_ok(elea_chunked_array_validate(chunked, ELEA_VALIDATE_FULL, &err));
    elea_chunked_array_unref(chunked);
    // Dropped with the builder, and by a reset.
    assert_ok(elea_builder_append_null(builder, &err));
    assert_ok(elea_builder_end_chunk(builder, &err));
    elea_builder_reset(builder);
    assert_ok(elea_builder_append_null(builder, &err));
    assert_ok(elea_builder_end_chunk(builder, &err));
    elea_builder_free(builder);
    elea_type_unref(type);
}

static elea_status build_chunks(elea_pool *pool, void *context, elea_error *err) {
    elea_builder *builder = NULL;
    elea_chunked_array *chunked = NULL;
    elea_status status;
    ELEA_TRY(elea_builder_new(pool, context, &builder, err));
    elea_builder_set_chunked(builder, true);
    ELEA_GOTO(done, append_numbers(builder, 700, err));
    ELEA_GOTO(done, elea_builder_finish_chunked(builder, &chunked, err));

done:
    elea_chunked_array_unref(chunked);
    elea_builder_free(builder);
    return status;
}

static void memory_runs_out(void **state) {
    (void)state;
    elea_type *type = small_dictionary();
    elea_test_fail_each_allocation(build_chunks, type);
    elea_type_unref(type);
}

// Large blocks are cut to what is used, and not a byte moves.
static void large_blocks_shrink(void **state) {
    (void)state;
    elea_error err = {0};
    elea_pool *pool = NULL;
    elea_builder *builder = NULL;
    elea_array *array = NULL;
    static char value[1 << 20];
    assert_ok(elea_pool_new_capped(NULL, (int64_t)1 << 30, &pool, &err));
    assert_ok(elea_builder_new(pool, elea_type_of(ELEA_TYPE_UTF8), &builder, &err));
    memset(value, 'x', sizeof value);
    assert_ok(elea_builder_reserve(builder, 20, (int64_t)100 << 20, &err));
    for (int i = 0; i < 20; i++)
        assert_ok(elea_builder_append_bytes(builder, (elea_bytes){value, sizeof value}, &err));
    int64_t copied = elea_copied_bytes();
    assert_ok(elea_builder_finish(builder, &array, &err));
    assert_int_equal(elea_copied_bytes(), copied);
    assert_int_equal(elea_buffer_size(elea_array_buffer(array, 2)), 20 << 20);
#if !ELEA_SANITIZED
    assert_in_range(pool->bytes_allocated, 20 << 20, 21 << 20);
#endif
    assert_ok(elea_array_validate(array, ELEA_VALIDATE_FULL, &err));
    elea_array_unref(array);
    elea_builder_free(builder);
    elea_pool_free(pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_when_full),
        cmocka_unit_test(cut_by_hand),
        cmocka_unit_test(memory_runs_out),
        cmocka_unit_test(large_blocks_shrink),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
//
// Columns put in, taken out and renamed, and chunks that become one.
#include "support/cmocka_all.h"

#include "columnar/array_internal.h"
#include "support/alloc_failures.h"
#include "support/random_data.h"

static const elea_equal_options same = {.nans_equal = true};

static const char *name_of(const elea_schema *schema, int64_t index) {
    return elea_field_name(elea_schema_field(schema, index));
}

static elea_field *field_of(const char *name, const elea_type *type) {
    elea_error err = {0};
    elea_field *field = NULL;
    assert_ok(elea_field_new(NULL, elea_bytes_of(name), type, true, NULL, &field, &err));
    return field;
}

static void columns_of_batches(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_random random = {.state = 31};
    elea_record_batch *batch = elea_test_random_batch(&random, 3, 65, 2);
    elea_field *field = field_of("new", elea_type_of(ELEA_TYPE_INT32));
    elea_array *column = elea_test_random_array(&random, elea_field_type(field), 65, 3);
    int64_t before = elea_copied_bytes();
    for (int64_t index = 0; index <= 3; index++) {
        elea_record_batch *wider = NULL;
        elea_record_batch *back = NULL;
        assert_ok(elea_record_batch_insert_column(NULL, batch, index, field, column, &wider, &err));
        assert_int_equal(elea_record_batch_column_count(wider), 4);
        assert_string_equal(name_of(elea_record_batch_schema(wider), index), "new");
        assert_ptr_equal(elea_record_batch_column(wider, index), column);
        assert_ok(elea_record_batch_remove_column(NULL, wider, index, &back, &err));
        assert_true(elea_record_batch_equal(back, batch, &same));
        for (int64_t i = 0; i < 3; i++)
            assert_ptr_equal(elea_record_batch_column(back, i), elea_record_batch_column(batch, i));
        elea_record_batch_unref(wider);
        elea_record_batch_unref(back);
    }
    elea_record_batch *renamed = NULL;
    const char *const names[] = {"x", "y", "x"};
    assert_ok(elea_record_batch_rename_columns(NULL, batch, names, 3, &renamed, &err));
    for (int64_t i = 0; i < 3; i++) {
        assert_string_equal(name_of(elea_record_batch_schema(renamed), i), names[i]);
        assert_ptr_equal(elea_record_batch_column(renamed, i), elea_record_batch_column(batch, i));
    }
    assert_int_equal(elea_copied_bytes(), before);
    elea_record_batch_unref(renamed);
    elea_record_batch *out = NULL;
    assert_fails(ELEA_EINDEX, "column 5 of 4",
                 elea_record_batch_insert_column(NULL, batch, 5, field, column, &out, &err));
    assert_fails(ELEA_EINDEX, "column -1 of 4",
                 elea_record_batch_insert_column(NULL, batch, -1, field, column, &out, &err));
    assert_fails(ELEA_EINDEX, "column 3 of 3",
                 elea_record_batch_remove_column(NULL, batch, 3, &out, &err));
    assert_fails(ELEA_EINVAL, "2 names for 3 fields",
                 elea_record_batch_rename_columns(NULL, batch, names, 2, &out, &err));
    elea_array *shorter = NULL;
    assert_ok(elea_array_slice(column, 0, 64, &shorter, &err));
    assert_fails(ELEA_EINVAL, "column \"new\" has 64 rows, expected 65",
                 elea_record_batch_insert_column(NULL, batch, 0, field, shorter, &out, &err));
    elea_array_unref(shorter);
    elea_array_unref(column);
    elea_field_unref(field);
    elea_record_batch_unref(batch);
}

// A table of `count` batches with columns of the same types.
static elea_table *random_table(elea_test_random *random, int64_t count) {
    elea_error err = {0};
    elea_record_batch *batches[8];
    elea_table *table = NULL;
    elea_record_batch *first = elea_test_random_batch(random, 3, 100, 2);
    for (int64_t i = 0; i < count; i++)
        assert_ok(elea_record_batch_slice(first, elea_test_random_below(random, 40),
                                          elea_test_random_below(random, 60), &batches[i], &err));
    assert_ok(elea_table_new_from_batches(NULL, elea_record_batch_schema(first),
                                          (const elea_record_batch *const *)batches, count, &table,
                                          &err));
    for (int64_t i = 0; i < count; i++)
        elea_record_batch_unref(batches[i]);
    elea_record_batch_unref(first);
    return table;
}

static void columns_of_tables(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_random random = {.state = 32};
    elea_table *table = random_table(&random, 3);
    elea_field *field = field_of("copy", elea_chunked_array_type(elea_table_column(table, 1)));
    for (int64_t index = 0; index <= 3; index++) {
        elea_table *wider = NULL;
        elea_table *back = NULL;
        bool equal = false;
        assert_ok(elea_table_insert_column(NULL, table, index, field, elea_table_column(table, 1),
                                           &wider, &err));
        assert_string_equal(name_of(elea_table_schema(wider), index), "copy");
        assert_ptr_equal(elea_table_column(wider, index), elea_table_column(table, 1));
        assert_ok(elea_table_remove_column(NULL, wider, index, &back, &err));
        assert_ok(elea_table_equal(back, table, &same, &equal, &err));
        assert_true(equal);
        elea_table_unref(wider);
        elea_table_unref(back);
    }
    elea_table *renamed = NULL;
    const char *const names[] = {"x", "y", "z"};
    assert_ok(elea_table_rename_columns(NULL, table, names, 3, &renamed, &err));
    assert_ptr_equal(elea_table_column_named(renamed, "z"), elea_table_column(table, 2));
    elea_table_unref(renamed);
    assert_fails(ELEA_EINDEX, "column 3 of 3",
                 elea_table_remove_column(NULL, table, 3, &renamed, &err));
    assert_fails(ELEA_EINVAL, "0 names for 3 fields",
                 elea_table_rename_columns(NULL, table, names, 0, &renamed, &err));
    elea_field_unref(field);
    elea_table_unref(table);
}

static void chunks_become_one(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_random random = {.state = 33};
    for (int round = 0; round < 60; round++) {
        elea_table *table = random_table(&random, round % 5);
        elea_table *combined = NULL;
        bool equal = false;
        assert_ok(elea_table_combine_chunks(NULL, table, &combined, &err));
        assert_ok(elea_table_validate(combined, ELEA_VALIDATE_FULL, &err));
        assert_ok(elea_table_equal(combined, table, &same, &equal, &err));
        assert_true(equal);
        for (int64_t i = 0; i < 3; i++) {
            elea_array *array = NULL;
            const elea_chunked_array *column = elea_table_column(combined, i);
            assert_true(elea_chunked_array_chunk_count(column) <= 1);
            assert_ok(elea_chunked_array_combine(NULL, elea_table_column(table, i), &array, &err));
            assert_int_equal(elea_array_length(array), elea_table_length(table));
            if (round % 5 > 0)
                assert_true(elea_array_equal(array, elea_chunked_array_chunk(column, 0), &same));
            elea_array_unref(array);
        }
        elea_table_unref(combined);
        elea_table_unref(table);
    }
}

// Chunks of 1.5 GiB of text each stay as they are.
static void chunks_too_large_for_one_stay(void **state) {
    (void)state;
    elea_error err = {0};
    elea_buffer *offsets = NULL;
    elea_buffer *bytes = NULL;
    elea_array *big = NULL;
    elea_chunked_array *column = NULL;
    elea_schema *schema = NULL;
    elea_table *table = NULL;
    elea_table *combined = NULL;
    static const char byte;
    const int32_t ends[] = {0, 3 << 29};
    assert_ok(elea_buffer_new_copy(NULL, ends, sizeof ends, &offsets, &err));
    assert_ok(elea_buffer_wrap(NULL, &byte, 3 << 29, NULL, NULL, &bytes, &err));
    const elea_buffer *const buffers[] = {NULL, offsets, bytes};
    elea_array_parts parts = {
        .type = elea_type_of(ELEA_TYPE_UTF8), .length = 1, .buffers = buffers, .buffer_count = 3};
    assert_ok(elea_array_new(NULL, &parts, &big, &err));
    const elea_array *const chunks[] = {big, big, big};
    assert_ok(elea_chunked_array_new(NULL, parts.type, chunks, 3, &column, &err));
    elea_field *field = field_of("text", parts.type);
    assert_ok(elea_schema_new(NULL, (const elea_field *const[]){field}, 1, NULL, &schema, &err));
    assert_ok(
        elea_table_new(NULL, schema, 3, (const elea_chunked_array *const[]){column}, &table, &err));
    assert_ok(elea_table_combine_chunks(NULL, table, &combined, &err));
    const elea_chunked_array *column_now = elea_table_column(combined, 0);
    assert_int_equal(elea_chunked_array_chunk_count(column_now), 3);
    assert_ptr_equal(elea_chunked_array_chunk(column_now, 2), big);
    elea_array *out = NULL;
    assert_fails(ELEA_ECAPACITY, "utf8", elea_chunked_array_combine(NULL, column, &out, &err));
    elea_table_unref(combined);
    elea_table_unref(table);
    elea_schema_unref(schema);
    elea_field_unref(field);
    elea_chunked_array_unref(column);
    elea_array_unref(big);
    elea_buffer_unref(bytes);
    elea_buffer_unref(offsets);
}

static elea_status change_and_drop(elea_pool *pool, void *context, elea_error *err) {
    elea_status status = ELEA_OK;
    const elea_table *table = context;
    const elea_field *field = elea_schema_field(elea_table_schema(table), 0);
    const char *const names[] = {"x", "y", "z", "w"};
    elea_table *wider = NULL;
    elea_table *renamed = NULL;
    elea_table *back = NULL;
    elea_table *combined = NULL;
    ELEA_GOTO(done, elea_table_insert_column(pool, table, 3, field, elea_table_column(table, 0),
                                             &wider, err));
    ELEA_GOTO(done, elea_table_rename_columns(pool, wider, names, 4, &renamed, err));
    ELEA_GOTO(done, elea_table_remove_column(pool, renamed, 0, &back, err));
    ELEA_GOTO(done, elea_table_combine_chunks(pool, back, &combined, err));

done:
    elea_table_unref(wider);
    elea_table_unref(renamed);
    elea_table_unref(back);
    elea_table_unref(combined);
    return status;
}

static elea_status change_batch_and_drop(elea_pool *pool, void *context, elea_error *err) {
    elea_status status = ELEA_OK;
    const elea_record_batch *batch = context;
    const elea_field *field = elea_schema_field(elea_record_batch_schema(batch), 0);
    const char *const names[] = {"x", "y", "z", "w"};
    elea_record_batch *wider = NULL;
    elea_record_batch *renamed = NULL;
    elea_record_batch *back = NULL;
    ELEA_GOTO(done, elea_record_batch_insert_column(
                        pool, batch, 3, field, elea_record_batch_column(batch, 0), &wider, err));
    ELEA_GOTO(done, elea_record_batch_rename_columns(pool, wider, names, 4, &renamed, err));
    ELEA_GOTO(done, elea_record_batch_remove_column(pool, renamed, 0, &back, err));

done:
    elea_record_batch_unref(wider);
    elea_record_batch_unref(renamed);
    elea_record_batch_unref(back);
    return status;
}

static void memory_may_run_out(void **state) {
    (void)state;
    elea_test_random random = {.state = 34};
    elea_table *table = random_table(&random, 3);
    elea_test_fail_each_allocation(change_and_drop, table);
    elea_table_unref(table);
    elea_record_batch *batch = elea_test_random_batch(&random, 3, 10, 1);
    elea_test_fail_each_allocation(change_batch_and_drop, batch);
    elea_record_batch_unref(batch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_of_batches), cmocka_unit_test(columns_of_tables),
        cmocka_unit_test(chunks_become_one),  cmocka_unit_test(chunks_too_large_for_one_stay),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
//
// Chunked arrays, record batches, tables and streams: the same rows, however they are cut.
#include "support/cmocka_all.h"

#include "columnar/type_internal.h"
#include "support/alloc_failures.h"
#include "support/random_data.h"

static const elea_equal_options same_nans = {.nans_equal = true};

// The batch cut in random pieces, some of them empty.
static elea_table *cut_table(elea_test_random *random, const elea_record_batch *batch) {
    elea_error err = {0};
    elea_record_batch *pieces[100];
    int64_t count = 0;
    elea_table *table = NULL;
    int64_t length = elea_record_batch_length(batch);
    for (int64_t row = 0; row < length;) {
        int64_t part = elea_test_random_below(random, length - row + 1);
        if (count == 98)
            part = length - row;
        assert_ok(elea_record_batch_slice(batch, row, part, &pieces[count++], &err));
        row += part;
    }
    assert_ok(elea_table_new_from_batches(NULL, elea_record_batch_schema(batch),
                                          (const elea_record_batch *const *)pieces, count, &table,
                                          &err));
    for (int64_t i = 0; i < count; i++)
        elea_record_batch_unref(pieces[i]);
    return table;
}

static void assert_tables_equal(const elea_table *a, const elea_table *b) {
    elea_error err = {0};
    bool equal = false;
    assert_ok(elea_table_equal(a, b, &same_nans, &equal, &err));
    assert_true(equal);
}

static void chunks_do_not_matter(void **state) {
    (void)state;
    elea_test_random random = {41, .with_dictionaries = true};
    for (int round = 0; round < 40; round++) {
        elea_error err = {0};
        elea_record_batch *batch = elea_test_random_batch(&random, 4, 50, 2);
        int64_t copied = elea_copied_bytes();
        elea_table *a = cut_table(&random, batch);
        elea_table *b = cut_table(&random, batch);
        assert_ok(elea_table_validate(a, ELEA_VALIDATE_FULL, &err));
        assert_tables_equal(a, b);
        // A stream in batches of any size gives the same table.
        elea_record_stream *stream = NULL;
        elea_table *c = NULL;
        assert_ok(elea_record_stream_new_from_table(NULL, a, elea_test_random_below(&random, 20),
                                                    &stream, &err));
        assert_ptr_equal(elea_record_stream_schema(stream), elea_table_schema(a));
        assert_ok(elea_table_new_from_stream(NULL, stream, &c, &err));
        elea_record_stream_free(stream);
        assert_tables_equal(a, c);
        // Slices of both.
        int64_t offset = elea_test_random_below(&random, 51);
        int64_t length = elea_test_random_below(&random, 51 - offset);
        elea_table *a_part = NULL;
        elea_table *b_part = NULL;
        assert_ok(elea_table_slice(a, offset, length, &a_part, &err));
        assert_ok(elea_table_slice(b, offset, length, &b_part, &err));
        assert_tables_equal(a_part, b_part);
        assert_int_equal(elea_table_length(a_part), length);
        assert_int_equal(elea_copied_bytes(), copied);
        elea_table_unref(a_part);
        elea_table_unref(b_part);
        elea_table_unref(a);
        elea_table_unref(b);
        elea_table_unref(c);
        elea_record_batch_unref(batch);
    }
}

static void rows_are_located(void **state) {
    (void)state;
    elea_error err = {0};
    elea_array *arrays[5];
    static const int64_t lengths[] = {0, 3, 0, 0, 2};
    elea_chunked_array *chunked = NULL;
    for (int i = 0; i < 5; i++)
        assert_ok(
            elea_array_new_null(NULL, elea_type_of(ELEA_TYPE_INT8), lengths[i], &arrays[i], &err));
    assert_ok(elea_chunked_array_new(NULL, elea_type_of(ELEA_TYPE_INT8),
                                     (const elea_array *const *)arrays, 5, &chunked, &err));
    static const int64_t chunks[] = {1, 1, 1, 4, 4};
    static const int64_t rows[] = {0, 1, 2, 0, 1};
    for (int64_t i = 0; i < 5; i++) {
        int64_t chunk = -1;
        int64_t row = -1;
        elea_chunked_array_locate(chunked, i, &chunk, &row);
        assert_int_equal(chunk, chunks[i]);
        assert_int_equal(row, rows[i]);
    }
    assert_int_equal(elea_chunked_array_null_count(chunked), 5);
    elea_chunked_array *slice = NULL;
    assert_fails(ELEA_EINDEX, "of 5 rows", elea_chunked_array_slice(chunked, 3, 3, &slice, &err));
    elea_chunked_array *wrong = NULL;
    assert_fails(ELEA_ETYPE, "chunk 0 is int8, expected int16",
                 elea_chunked_array_new(NULL, elea_type_of(ELEA_TYPE_INT16),
                                        (const elea_array *const *)arrays, 5, &wrong, &err));
    for (int i = 0; i < 5; i++)
        elea_array_unref(arrays[i]);
    elea_chunked_array_unref(chunked);
}

static void columns_are_chosen_by_name(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_random random = {42, .with_dictionaries = true};
    elea_record_batch *batch = elea_test_random_batch(&random, 3, 10, 1);
    elea_table *table = cut_table(&random, batch);
    elea_table *chosen = NULL;
    assert_ok(elea_table_select(table, (const char *const[]){"c2", "c0", NULL}, &chosen, &err));
    assert_int_equal(elea_table_column_count(chosen), 2);
    assert_ptr_equal(elea_table_column(chosen, 0), elea_table_column_named(table, "c2"));
    elea_table_unref(chosen);
    assert_fails(ELEA_ENOTFOUND, "no column \"x\"; there are: \"c0\", \"c1\", \"c2\"",
                 elea_table_select(table, (const char *const[]){"x", NULL}, &chosen, &err));
    assert_null(elea_table_column_named(table, "x"));
    elea_record_batch *part = NULL;
    assert_ok(elea_record_batch_select(batch, (const int64_t[]){1, 1}, 2, &part, &err));
    assert_int_equal(elea_record_batch_column_count(part), 2);
    // A name twice names no column.
    assert_int_equal(elea_schema_find(elea_record_batch_schema(part), "c1"), -2);
    assert_true(elea_record_batch_equal(part, part, &same_nans));
    assert_false(elea_record_batch_equal(part, batch, NULL));
    elea_record_batch_unref(part);
    assert_fails(ELEA_EINDEX, "column 3 of 3",
                 elea_record_batch_select(batch, (const int64_t[]){3}, 1, &part, &err));
    assert_fails(ELEA_EINDEX, "", elea_record_batch_slice(batch, 4, 7, &part, &err));
    elea_table_unref(table);
    elea_record_batch_unref(batch);
}

static void columns_must_fit_the_schema(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_random random = {43, .with_dictionaries = true};
    elea_record_batch *a = elea_test_random_batch(&random, 2, 10, 0);
    elea_record_batch *b = elea_test_random_batch(&random, 3, 10, 0);
    elea_record_batch *out = NULL;
    elea_table *table = NULL;
    elea_array *wrong = NULL;
    assert_ok(elea_array_new_null(
        NULL, elea_field_type(elea_schema_field(elea_record_batch_schema(a), 1)), 11, &wrong,
        &err));
    const elea_array *columns[] = {elea_record_batch_column(a, 0), wrong};
    assert_fails(ELEA_EINVAL, "column \"c1\" has 11 rows, expected 10",
                 elea_record_batch_new(NULL, elea_record_batch_schema(a), 10, columns, &out, &err));
    const elea_record_batch *batches[] = {a, b};
    assert_fails(
        ELEA_ETYPE, "record batch 1",
        elea_table_new_from_batches(NULL, elea_record_batch_schema(a), batches, 2, &table, &err));
    assert_ok(
        elea_table_new_from_batches(NULL, elea_record_batch_schema(a), NULL, 0, &table, &err));
    assert_int_equal(elea_table_length(table), 0);
    assert_int_equal(elea_table_column_count(table), 2);
    elea_table_unref(table);
    elea_array_unref(wrong);
    elea_record_batch_unref(a);
    elea_record_batch_unref(b);
}

static elea_status table_body(elea_pool *pool, void *context, elea_error *err) {
    elea_status status = ELEA_OK;
    const elea_record_batch *const batches[] = {context, context};
    elea_table *table = NULL;
    elea_table *copy = NULL;
    elea_table *part = NULL;
    elea_table *chosen = NULL;
    elea_record_stream *stream = NULL;
    ELEA_GOTO(done, elea_table_new_from_batches(pool, elea_record_batch_schema(context), batches, 2,
                                                &table, err));
    ELEA_GOTO(done, elea_table_slice(table, 3, 12, &part, err));
    ELEA_GOTO(done, elea_table_select(table, (const char *const[]){"c1", NULL}, &chosen, err));
    ELEA_GOTO(done, elea_record_stream_new_from_table(pool, part, 5, &stream, err));
    ELEA_GOTO(done, elea_table_new_from_stream(pool, stream, &copy, err));

done:
    elea_record_stream_free(stream);
    elea_table_unref(table);
    elea_table_unref(copy);
    elea_table_unref(part);
    elea_table_unref(chosen);
    return status;
}

// Slices take memory from the pool of what they slice, so the batch is the default pool's.
static void failing_memory_leaks_nothing(void **state) {
    (void)state;
    elea_test_random random = {44, .with_dictionaries = true};
    elea_record_batch *batch = elea_test_random_batch(&random, 3, 10, 2);
    assert_true(elea_test_fail_each_allocation(table_body, batch) > 5);
    elea_record_batch_unref(batch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_do_not_matter),
        cmocka_unit_test(rows_are_located),
        cmocka_unit_test(columns_are_chosen_by_name),
        cmocka_unit_test(columns_must_fit_the_schema),
        cmocka_unit_test(failing_memory_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

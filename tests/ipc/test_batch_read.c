// SPDX-License-Identifier: Apache-2.0
//
// How batches are read: only what is asked for, by few reads, with the same results and the same
// errors for any number of threads; and buffers of the other byte order turned around.
#include <elea/ipc.h>

#include <stdlib.h>
#include <string.h>

#include "ipc/byte_swap.h"
#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/ipc_file.h"
#include "support/random_data.h"

#define BATCH_COUNT 5

// ---- a file that counts

typedef struct counting_file {
    elea_file base;
    elea_buffer *bytes;
    int64_t reads; // atomic
    int64_t read_bytes;
} counting_file;

static elea_status counting_read_at(elea_file *file, int64_t offset, int64_t size, void *out,
                                    elea_error *err) {
    counting_file *counting = (counting_file *)file;
    (void)err;
    memcpy(out, elea_buffer_data(counting->bytes) + offset, (size_t)size);
    __atomic_add_fetch(&counting->reads, 1, __ATOMIC_RELAXED);
    __atomic_add_fetch(&counting->read_bytes, size, __ATOMIC_RELAXED);
    return ELEA_OK;
}

static void counting_free(elea_file *file) { (void)file; }

static const elea_file_ops counting_ops = {.read_at = counting_read_at, .free = counting_free};

static void counting_init(counting_file *file, elea_buffer *bytes) {
    elea_error err = {0};
    *file = (counting_file){.bytes = bytes};
    assert_ok(elea_file_init(&file->base, &counting_ops, NULL, "counting", elea_buffer_size(bytes),
                             &err));
}

// ---- files in memory

static elea_buffer *write_batches(const elea_record_batch *const *batches, int64_t count,
                                  elea_codec_id codec) {
    elea_error err = {0};
    elea_output_stream *stream;
    elea_ipc_file_writer *writer;
    elea_buffer *bytes;
    assert_ok(elea_output_stream_new_memory(NULL, &stream, &err));
    assert_ok(elea_ipc_file_writer_new(stream, elea_record_batch_schema(batches[0]),
                                       &(elea_ipc_write_options){.compression = codec}, NULL,
                                       &writer, &err));
    for (int64_t i = 0; i < count; i++)
        assert_ok(elea_ipc_file_writer_write_batch(writer, batches[i], NULL, &err));
    assert_ok(elea_ipc_file_writer_close(writer, &err));
    elea_ipc_file_writer_free(writer);
    assert_ok(elea_output_stream_take(stream, &bytes, &err));
    elea_output_stream_free(stream);
    return bytes;
}

// Batches of one schema: parts of one random batch.
static elea_buffer *random_file(uint64_t seed, int64_t rows, elea_codec_id codec) {
    elea_error err = {0};
    elea_test_random random = {.state = seed};
    elea_record_batch *all = elea_test_random_batch(&random, 9, rows * BATCH_COUNT, 2);
    elea_record_batch *parts[BATCH_COUNT];
    for (int64_t i = 0; i < BATCH_COUNT; i++)
        assert_ok(elea_record_batch_slice(all, i * rows, rows, &parts[i], &err));
    elea_buffer *bytes = write_batches((const elea_record_batch *const *)parts, BATCH_COUNT, codec);
    for (int64_t i = 0; i < BATCH_COUNT; i++)
        elea_record_batch_unref(parts[i]);
    elea_record_batch_unref(all);
    return bytes;
}

static elea_status read_table(elea_file *file, const elea_ipc_read_options *options,
                              elea_table **out, elea_error *err) {
    elea_ipc_file_reader *reader = NULL;
    elea_status status = elea_ipc_file_reader_new(file, options, &reader, err);
    if (status == ELEA_OK)
        status = elea_ipc_file_reader_read_table(reader, out, err);
    elea_ipc_file_reader_free(reader);
    return status;
}

static elea_status read_bytes(elea_buffer *bytes, const elea_ipc_read_options *options,
                              elea_table **out, elea_error *err) {
    elea_file *file = NULL;
    ELEA_TRY(elea_file_new_from_buffer(bytes, "bytes", options->pool, &file, err));
    elea_status status = read_table(file, options, out, err);
    elea_file_unref(file);
    return status;
}

static elea_codec_id some_codec(void) {
    if (elea_codec_available(elea_codec_of(ELEA_CODEC_LZ4_FRAME)))
        return ELEA_CODEC_LZ4_FRAME;
    return elea_codec_available(elea_codec_of(ELEA_CODEC_ZSTD)) ? ELEA_CODEC_ZSTD : ELEA_CODEC_NONE;
}

// ---- what is read

// Three columns of numbers, the middle one small.
static elea_record_batch *numbers_batch(int64_t rows) {
    elea_error err = {0};
    elea_array *columns[3];
    elea_field *fields[3];
    elea_schema *schema;
    elea_record_batch *batch;
    const elea_type_id ids[] = {ELEA_TYPE_INT64, ELEA_TYPE_INT8, ELEA_TYPE_FLOAT64};
    const char *const names[] = {"a", "b", "c"};
    for (int i = 0; i < 3; i++) {
        elea_test_random random = {.state = 11};
        const elea_type *type = elea_type_of(ids[i]);
        columns[i] = elea_test_random_array(&random, type, rows, 0);
        assert_ok(
            elea_field_new(NULL, elea_bytes_of(names[i]), type, true, NULL, &fields[i], &err));
    }
    assert_ok(elea_schema_new(NULL, (const elea_field *const *)fields, 3, NULL, &schema, &err));
    assert_ok(elea_record_batch_new(NULL, schema, rows, (const elea_array *const *)columns, &batch,
                                    &err));
    for (int i = 0; i < 3; i++) {
        elea_array_unref(columns[i]);
        elea_field_unref(fields[i]);
    }
    elea_schema_unref(schema);
    return batch;
}

static void test_other_columns_are_not_read(void **state) {
    (void)state;
    elea_error err = {0};
    const int64_t rows = 100000;
    elea_record_batch *batch = numbers_batch(rows);
    const elea_record_batch *batches[] = {batch, batch, batch};
    for (int packed = 0; packed < 2; packed++) {
        elea_buffer *bytes = write_batches(batches, 3, packed ? some_codec() : ELEA_CODEC_NONE);
        const char *const names[] = {"b", NULL};
        const int64_t index = 1;
        for (int by_number = 0; by_number < 2; by_number++) {
            counting_file file;
            elea_table *table = NULL;
            counting_init(&file, bytes);
            elea_ipc_read_options options = {.columns = by_number ? NULL : names,
                                             .column_indices = by_number ? &index : NULL,
                                             .column_count = 1};
            assert_ok(read_table(&file.base, &options, &table, &err));
            assert_int_equal(elea_table_length(table), 3 * rows);
            assert_int_equal(elea_table_column_count(table), 1);
            // A byte a row, and what is small: no byte of the columns of 8 bytes a row.
            assert_in_range(file.read_bytes, packed ? 1 : 3 * rows, 3 * rows + 16384);
            elea_table_unref(table);
            elea_file_unref(&file.base);
        }
        elea_buffer_unref(bytes);
    }
    elea_record_batch_unref(batch);
}

static void test_few_reads(void **state) {
    (void)state;
    elea_error err = {0};
    elea_record_batch *batch = numbers_batch(20);
    const elea_record_batch *batches[200];
    int64_t rows = 0;
    for (int i = 0; i < 200; i++)
        batches[i] = batch;
    elea_buffer *bytes = write_batches(batches, 200, ELEA_CODEC_NONE);
    counting_file file;
    elea_ipc_file_reader *reader;
    elea_table *table;
    counting_init(&file, bytes);
    assert_ok(elea_ipc_file_reader_new(&file.base, NULL, &reader, &err));
    int64_t opened = file.reads;
    assert_ok(elea_ipc_file_reader_count_rows(reader, &rows, &err));
    assert_int_equal(rows, 4000);
    assert_int_equal(file.reads, opened + 1);
    // Metadata of a window of batches in one read, and bodies in another.
    assert_ok(elea_ipc_file_reader_read_table(reader, &table, &err));
    assert_in_range(file.reads, opened + 2, opened + 1 + 2 * 4);
    assert_int_equal(elea_table_length(table), 4000);
    elea_table_unref(table);
    int64_t before = file.reads;
    elea_record_batch *found;
    assert_ok(elea_ipc_file_reader_read_ahead(reader, 10, 50, &err));
    for (int64_t i = 10; i < 60; i++) {
        assert_ok(elea_ipc_file_reader_read_batch(reader, i, &found, &err));
        assert_true(elea_record_batch_equal(found, batch, NULL));
        elea_record_batch_unref(found);
    }
    assert_int_equal(file.reads, before + 1 + 50);
    assert_int_equal(elea_ipc_file_reader_read_ahead(reader, 150, 51, &err), ELEA_EINDEX);
    elea_ipc_file_reader_free(reader);
    elea_file_unref(&file.base);
    elea_buffer_unref(bytes);
    elea_record_batch_unref(batch);
}

static void test_columns_by_number(void **state) {
    (void)state;
    elea_error err = {0};
    elea_record_batch *batch = numbers_batch(10);
    elea_buffer *bytes = write_batches((const elea_record_batch *const[]){batch}, 1, 0);
    const int64_t twice[] = {2, 0, 2}, wrong[] = {0, 3}, negative[] = {-1};
    const char *const names[] = {"a", NULL};
    elea_table *table = NULL;
    elea_ipc_read_options options = {.column_indices = twice, .column_count = 3};
    assert_ok(read_bytes(bytes, &options, &table, &err));
    assert_string_equal(elea_field_name(elea_schema_field(elea_table_schema(table), 0)), "c");
    assert_string_equal(elea_field_name(elea_schema_field(elea_table_schema(table), 1)), "a");
    assert_int_equal(elea_table_column_count(table), 3);
    elea_table_unref(table);
    options = (elea_ipc_read_options){.column_indices = wrong, .column_count = 2};
    assert_int_equal(read_bytes(bytes, &options, &table, &err), ELEA_EINDEX);
    assert_non_null(strstr(err.message, "column 3 of 3"));
    options = (elea_ipc_read_options){.column_indices = negative, .column_count = 1};
    assert_int_equal(read_bytes(bytes, &options, &table, &err), ELEA_EINDEX);
    options = (elea_ipc_read_options){.columns = names, .column_indices = twice, .column_count = 3};
    assert_int_equal(read_bytes(bytes, &options, &table, &err), ELEA_EINVAL);
    options = (elea_ipc_read_options){.column_indices = twice, .column_count = 0};
    assert_ok(read_bytes(bytes, &options, &table, &err));
    assert_int_equal(elea_table_column_count(table), 0);
    assert_int_equal(elea_table_length(table), 10);
    elea_table_unref(table);
    elea_buffer_unref(bytes);
    elea_record_batch_unref(batch);
}

// ---- threads

static const int worker_counts[] = {1, 2, 5};

static void test_any_number_of_threads(void **state) {
    (void)state;
    elea_error err = {0};
    const elea_equal_options same = {.nans_equal = true, .with_metadata = true};
    for (uint64_t seed = 1; seed <= 3; seed++) {
        elea_buffer *bytes = random_file(seed, 4000, some_codec());
        elea_table *first = NULL;
        for (int i = 0; i < 3; i++) {
            elea_thread_pool *threads;
            elea_table *table = NULL;
            bool is_equal = false;
            assert_ok(elea_thread_pool_new(NULL, worker_counts[i], &threads, &err));
            const elea_ipc_read_options options = {.validation = ELEA_VALIDATE_FULL,
                                                   .threads = threads};
            assert_ok(read_bytes(bytes, &options, &table, &err));
            elea_thread_pool_free(threads);
            if (!first)
                first = elea_table_ref(table);
            assert_ok(elea_table_equal(table, first, &same, &is_equal, &err));
            assert_true(is_equal);
            elea_table_unref(table);
        }
        elea_table_unref(first);
        elea_buffer_unref(bytes);
    }
}

// Whatever is damaged, the same error comes from any number of threads.
static void test_errors_for_any_number_of_threads(void **state) {
    (void)state;
    elea_error err = {0};
    elea_buffer *bytes = random_file(7, 4000, some_codec());
    int64_t size = elea_buffer_size(bytes);
    int failures = 0;
    for (int64_t step = 2; step <= 9; step++) {
        elea_buffer *damaged;
        char message[ELEA_ERROR_MESSAGE_SIZE] = "";
        elea_status status = ELEA_OK;
        assert_ok(elea_buffer_new_copy(NULL, elea_buffer_data(bytes), size, &damaged, &err));
        // Inside of bodies: the beginning and the end are left alone.
        for (int64_t at = size / step; at < size - size / 8; at += size / 7)
            elea_buffer_mutable_data(damaged)[at] ^= 0x5a;
        for (int i = 0; i < 3; i++) {
            elea_thread_pool *threads;
            elea_table *table = NULL;
            assert_ok(elea_thread_pool_new(NULL, worker_counts[i], &threads, &err));
            const elea_ipc_read_options options = {.validation = ELEA_VALIDATE_FULL,
                                                   .threads = threads};
            elea_error found = {0};
            elea_status found_status = read_bytes(damaged, &options, &table, &found);
            elea_thread_pool_free(threads);
            elea_table_unref(table);
            if (i == 0) {
                status = found_status;
                memcpy(message, found.message, sizeof message);
                failures += status != ELEA_OK;
            }
            assert_int_equal(found_status, status);
            if (status != ELEA_OK)
                assert_string_equal(found.message, message);
        }
        elea_buffer_unref(damaged);
    }
    assert_in_range(failures, 1, 8);
    elea_buffer_unref(bytes);
}

// What was read stays when all else is gone, column by column.
static void test_columns_outlive_their_batch(void **state) {
    (void)state;
    elea_error err = {0};
    elea_record_batch *batch = numbers_batch(1000);
    elea_buffer *bytes = write_batches((const elea_record_batch *const[]){batch}, 1, 0);
    elea_table *table = NULL;
    elea_array *column, *slice, *expected;
    assert_ok(read_bytes(bytes, &(elea_ipc_read_options){.depth_max = 0}, &table, &err));
    elea_buffer_unref(bytes);
    column = elea_array_ref(elea_chunked_array_chunk(elea_table_column(table, 2), 0));
    elea_table_unref(table);
    assert_ok(elea_array_slice(column, 100, 50, &slice, &err));
    elea_array_unref(column);
    assert_ok(elea_array_slice(elea_record_batch_column(batch, 2), 100, 50, &expected, &err));
    assert_true(elea_array_equal(slice, expected, NULL));
    elea_array_unref(expected);
    elea_array_unref(slice);
    elea_record_batch_unref(batch);
}

// ---- byte order

static void check_swap(elea__ipc_swap kind, int64_t width, const uint8_t *source, int64_t size) {
    uint8_t apart[200], in_place[200];
    memcpy(in_place, source, (size_t)size);
    int64_t copied = elea_copied_bytes();
    elea__ipc_swap_bytes(kind, in_place, in_place, size);
    assert_int_equal(elea_copied_bytes(), copied);
    elea__ipc_swap_bytes(kind, apart, source, size);
    assert_int_equal(elea_copied_bytes(), copied + size);
    assert_memory_equal(apart, in_place, (size_t)size);
    for (int64_t i = 0; i < size; i++) {
        int64_t entry = i / width * width;
        int64_t from = entry + width <= size ? entry + (width - 1 - (i - entry)) : i;
        assert_int_equal(apart[i], source[from]);
    }
}

static void test_swap_of_each_width(void **state) {
    (void)state;
    uint8_t bytes[201];
    for (int i = 0; i < 201; i++)
        bytes[i] = (uint8_t)(i * 37 + 11);
    const elea__ipc_swap kinds[] = {ELEA__IPC_SWAP_2, ELEA__IPC_SWAP_4, ELEA__IPC_SWAP_8,
                                    ELEA__IPC_SWAP_16, ELEA__IPC_SWAP_32};
    for (int i = 0; i < 5; i++) {
        for (int64_t size = 0; size <= 200; size++) {
            check_swap(kinds[i], 2 << i, bytes, size);
            check_swap(kinds[i], 2 << i, bytes + 1, size);
        }
    }
}

static void test_swap_of_views_and_intervals(void **state) {
    (void)state;
    const uint8_t views[] = {0, 0, 0, 12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
                             0, 0, 0, 13, 1, 2, 3, 4, 0, 0, 0, 2, 0, 0,  1,  0};
    const uint8_t turned[] = {12, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
                              13, 0, 0, 0, 1, 2, 3, 4, 2, 0, 0, 0, 0, 1,  0,  0};
    const uint8_t interval[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    const uint8_t other[] = {4, 3, 2, 1, 8, 7, 6, 5, 16, 15, 14, 13, 12, 11, 10, 9};
    uint8_t out[32];
    elea__ipc_swap_bytes(ELEA__IPC_SWAP_VIEW, out, views, 32);
    assert_memory_equal(out, turned, 32);
    elea__ipc_swap_bytes(ELEA__IPC_SWAP_MONTH_DAY_NANO, out, interval, 16);
    assert_memory_equal(out, other, 16);
}

// ---- memory

static elea_status read_all(elea_pool *pool, void *context, elea_error *err) {
    elea_table *table = NULL;
    ELEA_TRY(read_bytes(context, &(elea_ipc_read_options){.pool = pool}, &table, err));
    elea_table_unref(table);
    return ELEA_OK;
}

static void test_memory_runs_out(void **state) {
    (void)state;
    elea_buffer *bytes = random_file(3, 20, some_codec());
    elea_test_fail_each_allocation(read_all, bytes);
    elea_buffer_unref(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_columns_are_not_read),
        cmocka_unit_test(test_few_reads),
        cmocka_unit_test(test_columns_by_number),
        cmocka_unit_test(test_any_number_of_threads),
        cmocka_unit_test(test_errors_for_any_number_of_threads),
        cmocka_unit_test(test_columns_outlive_their_batch),
        cmocka_unit_test(test_swap_of_each_width),
        cmocka_unit_test(test_swap_of_views_and_intervals),
        cmocka_unit_test(test_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

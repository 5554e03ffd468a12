// SPDX-License-Identifier: Apache-2.0
//
// Appending to files: what was there stays, whatever happens on the way.
#include <elea/ipc.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/os_internal.h"
#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/ipc_file.h"
#include "support/random_data.h"
#include "support/scratch.h"

static const elea_equal_options equal_options = {.nans_equal = true, .with_metadata = true};

// ---- an output that goes on behind a file and fails after so many bytes

typedef struct faulty_output {
    elea_output_stream base;
    uint8_t *bytes; // the file, then what was written
    int64_t size;
    int64_t left; // that it will take
} faulty_output;

static elea_status faulty_write(elea_output_stream *stream, const elea_bytes *parts, int64_t count,
                                elea_error *err) {
    faulty_output *output = (faulty_output *)stream;
    for (int64_t i = 0; i < count; i++) {
        int64_t size = parts[i].size < output->left ? parts[i].size : output->left;
        if (size > 0) {
            output->bytes = realloc(output->bytes, (size_t)(output->size + size));
            memcpy(output->bytes + output->size, parts[i].data, (size_t)size);
        }
        output->size += size;
        output->left -= size;
        if (size < parts[i].size)
            return elea_error_set(err, ELEA_EIO, "the disk is full");
    }
    return ELEA_OK;
}

static void faulty_free(elea_output_stream *stream) {
    free(((faulty_output *)stream)->bytes);
    free(stream);
}

static const elea_output_stream_ops faulty_ops = {.write = faulty_write, .free = faulty_free};

static faulty_output *faulty_new(const elea_buffer *old, int64_t left) {
    elea_error err = {0};
    faulty_output *output = calloc(1, sizeof *output);
    assert_ok(elea_output_stream_init(&output->base, &faulty_ops, NULL, "faulty", &err));
    output->size = elea_buffer_size(old);
    output->bytes = malloc((size_t)output->size);
    memcpy(output->bytes, elea_buffer_data(old), (size_t)output->size);
    output->base.position = output->size;
    output->left = left;
    return output;
}

// ---- batches

static elea_record_batch *coded(const char *const *texts) {
    elea_error err = {0};
    elea_type *type;
    elea_builder *builder;
    elea_array *array;
    assert_ok(elea_type_new_dictionary(NULL, elea_type_of(ELEA_TYPE_INT16),
                                       elea_type_of(ELEA_TYPE_UTF8), false, &type, &err));
    assert_ok(elea_builder_new(NULL, type, &builder, &err));
    elea_type_unref(type);
    for (int64_t i = 0; texts[i]; i++)
        assert_ok(elea_builder_append_bytes(builder, elea_bytes_of(texts[i]), &err));
    assert_ok(elea_builder_finish(builder, &array, &err));
    elea_builder_free(builder);
    elea_record_batch *batch = elea_test_batch_of(array, "word");
    elea_array_unref(array);
    return batch;
}

static const char *const few[] = {"achilles", "tortoise", NULL};
static const char *const more[] = {"achilles", "tortoise", "hector", "tortoise", NULL};
static const char *const others[] = {"arrow", "tortoise", NULL};

static elea_file *file_of(const void *data, int64_t size) {
    elea_error err = {0};
    elea_buffer *bytes;
    elea_file *file;
    assert_ok(elea_buffer_new_copy(NULL, data, size, &bytes, &err));
    assert_ok(elea_file_new_from_buffer(bytes, NULL, NULL, &file, &err));
    elea_buffer_unref(bytes);
    return file;
}

static void check_file(elea_file *file, const elea_record_batch *const *batches, int64_t count) {
    elea_error err = {0};
    elea_ipc_file_reader *reader;
    const elea_ipc_read_options options = {.validation = ELEA_VALIDATE_FULL};
    assert_ok(elea_ipc_file_reader_new(file, &options, &reader, &err));
    assert_int_equal(elea_ipc_file_reader_batch_count(reader), count);
    for (int64_t i = 0; i < count; i++) {
        elea_record_batch *found;
        assert_ok(elea_ipc_file_reader_read_batch(reader, i, &found, &err));
        assert_true(elea_record_batch_equal(found, batches[i], &equal_options));
        elea_record_batch_unref(found);
    }
    elea_ipc_file_reader_free(reader);
}

// Appends the batches and gives what the output held then. *status becomes that of the first call
// that failed.
static faulty_output *append(const elea_buffer *old, const elea_record_batch *const *batches,
                             int64_t count, const elea_ipc_write_options *options, int64_t left,
                             elea_status *status) {
    elea_error err = {0};
    elea_ipc_file_writer *writer = NULL;
    faulty_output *output = faulty_new(old, left);
    elea_file *file = file_of(elea_buffer_data(old), elea_buffer_size(old));
    *status = elea_ipc_file_writer_new_append(file, &output->base, options, NULL, &writer, &err);
    elea_file_unref(file);
    for (int64_t i = 0; i < count && *status == ELEA_OK; i++)
        *status = elea_ipc_file_writer_write_batch(writer, batches[i], NULL, &err);
    if (*status == ELEA_OK)
        *status = elea_ipc_file_writer_close(writer, &err);
    elea_ipc_file_writer_free(writer);
    return output;
}

// ---- tests

static void test_appended_and_appended(void **state) {
    (void)state;
    elea_error err = {0};
    for (uint64_t seed = 1; seed <= 12; seed++) {
        elea_test_random random = {.state = seed, .with_dictionaries = true};
        elea_record_batch *batch = elea_test_random_batch(&random, 4, 40, 3);
        const elea_record_batch *const batches[] = {batch, batch, batch, batch};
        const elea_ipc_write_options options = {.alignment = 8 << seed % 4};
        elea_buffer *bytes = elea_test_ipc_bytes(batch, &options);
        for (int64_t round = 1; round <= 3; round++) {
            elea_status status;
            faulty_output *output = append(bytes, batches, 1, &options, INT64_MAX, &status);
            assert_int_equal(status, ELEA_OK);
            elea_buffer_unref(bytes);
            assert_ok(elea_buffer_new_copy(NULL, output->bytes, output->size, &bytes, &err));
            elea_output_stream_free(&output->base);
            elea_file *file = file_of(elea_buffer_data(bytes), elea_buffer_size(bytes));
            check_file(file, batches, round + 1);
            int64_t end = 0;
            assert_ok(elea_ipc_file_find_end(file, &end, &err));
            assert_int_equal(end, elea_buffer_size(bytes));
            elea_file_unref(file);
        }
        elea_buffer_unref(bytes);
        elea_record_batch_unref(batch);
    }
}

// The disk is full, or the machine stops, after every number of bytes: the old file is there.
static void test_cut_anywhere(void **state) {
    (void)state;
    elea_error err = {0};
    elea_record_batch *first = coded(few), *second = coded(more);
    const elea_record_batch *const batches[] = {first, second, second};
    const elea_ipc_write_options options = {.dictionary_deltas = true, .alignment = 8};
    elea_buffer *old = elea_test_ipc_bytes(first, &options);
    elea_status status;
    faulty_output *output = append(old, batches + 1, 2, &options, INT64_MAX, &status);
    assert_int_equal(status, ELEA_OK);
    int64_t total = output->size - elea_buffer_size(old);
    elea_output_stream_free(&output->base);
    assert_true(total > 500);
    for (int64_t left = 0; left <= total; left++) {
        int64_t end = 0;
        output = append(old, batches + 1, 2, &options, left, &status);
        assert_int_equal(status, left < total ? ELEA_EIO : ELEA_OK);
        assert_int_equal(output->size, elea_buffer_size(old) + left);
        elea_file *file = file_of(output->bytes, output->size);
        assert_ok(elea_ipc_file_find_end(file, &end, &err));
        assert_int_equal(end, elea_buffer_size(old) + (left < total ? 0 : total));
        elea_file *whole = file_of(output->bytes, end);
        check_file(whole, batches, left < total ? 1 : 3);
        elea_file_unref(whole);
        elea_file_unref(file);
        elea_output_stream_free(&output->base);
    }
    elea_buffer_unref(old);
    elea_record_batch_unref(second);
    elea_record_batch_unref(first);
}

static void test_dictionary_rules(void **state) {
    (void)state;
    elea_record_batch *a = coded(few), *b = coded(more), *c = coded(others);
    const elea_record_batch *const cases[] = {a, b, c};
    elea_buffer *old = elea_test_ipc_bytes(a, NULL);
    for (int i = 0; i < 3; i++) {
        for (int deltas = 0; deltas < 2; deltas++) {
            elea_status status;
            const elea_ipc_write_options options = {.dictionary_deltas = deltas};
            faulty_output *output = append(old, &cases[i], 1, &options, INT64_MAX, &status);
            bool allowed = i == 0 || (i == 1 && deltas);
            assert_int_equal(status, allowed ? ELEA_OK : ELEA_EINVAL);
            if (allowed) {
                const elea_record_batch *const expected[] = {a, cases[i]};
                elea_file *file = file_of(output->bytes, output->size);
                check_file(file, expected, 2);
                elea_file_unref(file);
            }
            elea_output_stream_free(&output->base);
        }
    }
    elea_buffer_unref(old);
    elea_record_batch_unref(c);
    elea_record_batch_unref(b);
    elea_record_batch_unref(a);
}

static elea_table *table_of(const elea_record_batch *batch) {
    elea_error err = {0};
    elea_table *table;
    assert_ok(elea_table_new_from_batches(NULL, elea_record_batch_schema(batch), &batch, 1, &table,
                                          &err));
    return table;
}

static void test_paths(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_scratch scratch;
    elea_record_batch *first = coded(few), *other = coded(others);
    const elea_record_batch *const batches[] = {first, first};
    elea_table *table = table_of(first), *wrong = table_of(other);
    elea_file *file;
    int64_t removed = -1;
    elea_test_scratch_init(&scratch);
    const char *path = elea_test_scratch_path(&scratch, "a.arrow");
    assert_ok(elea_ipc_write_table(path, table, NULL, &err));
    assert_ok(elea_ipc_append_table(path, table, NULL, &err));
    assert_ok(elea_ipc_recover(path, NULL, &removed, &err));
    assert_int_equal(removed, 0);
    // A failure leaves it as it was.
    assert_fails(ELEA_EINVAL, "a file has one for all",
                 elea_ipc_append_table(path, wrong, NULL, &err));
    assert_ok(elea_file_map(path, NULL, &file, &err));
    check_file(file, batches, 2);
    elea_file_unref(file);
    // A crash leaves part of an append.
    FILE *crashed = fopen(path, "ab");
    assert_non_null(crashed);
    assert_int_equal(fwrite("\0\0\xff\xff\xff\xff\x10", 1, 7, crashed), 7);
    assert_int_equal(fclose(crashed), 0);
    assert_fails(ELEA_EINVAL, "expected \"ARROW1\" of an Arrow file",
                 elea_ipc_append_table(path, table, NULL, &err));
    assert_ok(elea_ipc_recover(path, NULL, &removed, &err));
    assert_int_equal(removed, 7);
    assert_ok(elea_file_map(path, NULL, &file, &err));
    check_file(file, batches, 2);
    elea_file_unref(file);
    path = elea_test_scratch_write(&scratch, "none.arrow", "ARROW1\0\0nothing", 15);
    assert_fails(ELEA_EINVAL, "no footer of an Arrow file was found",
                 elea_ipc_recover(path, NULL, &removed, &err));
    elea_table_unref(wrong);
    elea_table_unref(table);
    elea_record_batch_unref(other);
    elea_record_batch_unref(first);
    elea_test_scratch_release(&scratch);
}

// ---- threads that append to one file

enum { APPENDERS = 4, APPENDS = 5 };

typedef struct appender {
    const char *path;
    const elea_table *table;
    elea_error err;
    bool failed;
} appender;

static void append_again_and_again(void *context) {
    appender *self = context;
    for (int i = 0; i < APPENDS; i++)
        if (elea_ipc_append_table(self->path, self->table, NULL, &self->err) != ELEA_OK)
            self->failed = true;
}

static void test_appenders_wait_for_each_other(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_scratch scratch;
    elea_record_batch *batch = coded(few);
    elea_table *table = table_of(batch), *read = NULL;
    elea__os_thread threads[APPENDERS];
    appender appenders[APPENDERS];
    elea_test_scratch_init(&scratch);
    const char *path = elea_test_scratch_path(&scratch, "shared.arrow");
    assert_ok(elea_ipc_write_table(path, table, NULL, &err));
    for (int i = 0; i < APPENDERS; i++) {
        appenders[i] = (appender){.path = path, .table = table};
        assert_ok(elea__os_thread_start(append_again_and_again, &appenders[i], &threads[i], &err));
    }
    for (int i = 0; i < APPENDERS; i++) {
        elea__os_thread_join(threads[i]);
        if (appenders[i].failed)
            fail_msg("%s", elea_error_message(&appenders[i].err));
    }
    assert_ok(elea_ipc_read_table(path, NULL, &read, &err));
    assert_int_equal(elea_table_length(read), (APPENDERS * APPENDS + 1) * elea_table_length(table));
    assert_fails(ELEA_ENOTFOUND, "missing.arrow",
                 elea_ipc_append_table("missing.arrow", table, NULL, &err));
    elea_table_unref(read);
    elea_table_unref(table);
    elea_record_batch_unref(batch);
    elea_test_scratch_release(&scratch);
}

// Values that are an Arrow file themselves are not taken for the end.
static void test_a_file_as_a_value(void **state) {
    (void)state;
    elea_error err = {0};
    elea_record_batch *inner = coded(few);
    elea_buffer *bytes = elea_test_ipc_bytes(inner, NULL);
    elea_builder *builder;
    elea_array *array;
    assert_ok(elea_builder_new(NULL, elea_type_of(ELEA_TYPE_BINARY), &builder, &err));
    assert_ok(elea_builder_append_bytes(builder,
                                        (elea_bytes){.data = (const char *)elea_buffer_data(bytes),
                                                     .size = elea_buffer_size(bytes)},
                                        &err));
    assert_ok(elea_builder_finish(builder, &array, &err));
    elea_builder_free(builder);
    elea_record_batch *batch = elea_test_batch_of(array, "files");
    elea_buffer *old = elea_test_ipc_bytes(batch, NULL);
    for (int64_t left = 0; left < 3000; left += 16) {
        elea_status status;
        int64_t end = 0;
        const elea_record_batch *const batches[] = {batch, batch};
        faulty_output *output = append(old, batches, 1, NULL, left, &status);
        elea_file *file = file_of(output->bytes, output->size);
        assert_ok(elea_ipc_file_find_end(file, &end, &err));
        assert_int_equal(end, status == ELEA_OK ? output->size : elea_buffer_size(old));
        elea_file_unref(file);
        elea_output_stream_free(&output->base);
    }
    elea_buffer_unref(old);
    elea_record_batch_unref(batch);
    elea_array_unref(array);
    elea_buffer_unref(bytes);
    elea_record_batch_unref(inner);
}

typedef struct appended {
    elea_buffer *old;
    const elea_record_batch *batch;
} appended;

static elea_status append_once(elea_pool *pool, void *context, elea_error *err) {
    const appended *given = context;
    elea_status status = ELEA_OK;
    elea_file *file = NULL;
    elea_ipc_file_writer *writer = NULL;
    int64_t end = 0;
    const elea_ipc_write_options options = {.pool = pool, .dictionary_deltas = true};
    faulty_output *output = faulty_new(given->old, INT64_MAX);
    ELEA_GOTO(done, elea_file_new_from_buffer(given->old, NULL, pool, &file, err));
    ELEA_GOTO(done,
              elea_ipc_file_writer_new_append(file, &output->base, &options, NULL, &writer, err));
    ELEA_GOTO(done, elea_ipc_file_writer_write_batch(writer, given->batch, NULL, err));
    ELEA_GOTO(done, elea_ipc_file_writer_close(writer, err));
    status = elea_ipc_file_find_end(file, &end, err);

done:
    elea_ipc_file_writer_free(writer);
    elea_file_unref(file);
    elea_output_stream_free(&output->base);
    return status;
}

static void test_allocation_failures(void **state) {
    (void)state;
    elea_record_batch *first = coded(few), *second = coded(more);
    appended given = {.old = elea_test_ipc_bytes(first, NULL), .batch = second};
    assert_true(elea_test_fail_each_allocation(append_once, &given) > 20);
    elea_buffer_unref(given.old);
    elea_record_batch_unref(second);
    elea_record_batch_unref(first);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_appended_and_appended),
        cmocka_unit_test(test_cut_anywhere),
        cmocka_unit_test(test_dictionary_rules),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_appenders_wait_for_each_other),
        cmocka_unit_test(test_a_file_as_a_value),
        cmocka_unit_test(test_allocation_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

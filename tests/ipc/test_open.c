// SPDX-License-Identifier: Apache-2.0
//
// Reading from whatever there is: pipes, inputs that give a byte at a time, files of either format;
// and what a writer left that never came to its end.
#include <elea/ipc.h>

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/input.h"
#include "support/ipc_file.h"
#include "support/random_data.h"
#include "support/scratch.h"

static const elea_equal_options equal_options = {.nans_equal = true, .with_metadata = true};

static elea_record_batch *some_batch(uint64_t seed) {
    elea_test_random random = {.state = seed, .with_dictionaries = true};
    return elea_test_random_batch(&random, 4, 50, 2);
}

static elea_buffer *stream_of(const elea_record_batch *batch, int64_t count,
                              const elea_ipc_write_options *options) {
    const elea_record_batch *const batches[] = {batch, batch, batch};
    return elea_test_ipc_stream_bytes(batches, count, options);
}

// A file of three batches, with metadata in its footer and on its second batch.
static elea_buffer *file_of(const elea_record_batch *batch, const elea_metadata *metadata) {
    elea_error err;
    elea_output_stream *stream;
    elea_ipc_file_writer *writer;
    elea_buffer *bytes;
    assert_ok(elea_output_stream_new_memory(NULL, &stream, &err));
    assert_ok(elea_ipc_file_writer_new(stream, elea_record_batch_schema(batch), NULL, metadata,
                                       &writer, &err));
    for (int i = 0; i < 3; i++)
        assert_ok(elea_ipc_file_writer_write_batch(writer, batch, i == 1 ? metadata : NULL, &err));
    assert_ok(elea_ipc_file_writer_close(writer, &err));
    elea_ipc_file_writer_free(writer);
    assert_ok(elea_output_stream_take(stream, &bytes, &err));
    elea_output_stream_free(stream);
    return bytes;
}

static void check_batches(elea_record_stream *stream, const elea_record_batch *expected,
                          int64_t count) {
    elea_error err = {0};
    elea_record_batch *found;
    for (int64_t i = 0; i <= count + 1; i++) {
        assert_ok(elea_record_stream_next(stream, &found, &err));
        assert_true((found == NULL) == (i >= count));
        if (found)
            assert_true(elea_record_batch_equal(found, expected, &equal_options));
        elea_record_batch_unref(found);
    }
}

// ---- inputs

// An input that gives a few bytes at a time, and fails at an offset unless it is -1.
static elea_input_stream *trickle(const elea_buffer *bytes, int64_t fails_at) {
    elea_error err = {0};
    elea_input_stream *input;
    assert_ok(elea_test_trickle_new(elea_buffer_data(bytes), elea_buffer_size(bytes), fails_at,
                                    NULL, &input, &err));
    return input;
}

static const elea_ipc_write_options write_options[] = {
    {.alignment = 8}, {.alignment = 64, .legacy_framing = true}, {.compression = ELEA_CODEC_ZSTD}};

static void test_trickling_input(void **state) {
    (void)state;
    elea_error err = {0};
    for (int i = 0; i < 3; i++) {
        if (!elea_test_ipc_can_write(&write_options[i]))
            continue;
        elea_record_batch *batch = some_batch((uint64_t)i + 1);
        elea_buffer *bytes = stream_of(batch, 3, &write_options[i]);
        elea_record_stream *stream;
        elea_input_stream *input = trickle(bytes, -1);
        assert_ok(elea_ipc_stream_reader_new_from_input(input, NULL, &stream, &err));
        assert_int_equal(elea_ipc_stream_reader_batch_count(stream), -1);
        check_batches(stream, batch, 3);
        elea_record_stream_free(stream);
        assert_int_equal(elea_input_stream_position(input), elea_buffer_size(bytes));
        elea_input_stream_free(input);
        elea_buffer_unref(bytes);
        elea_record_batch_unref(batch);
    }
}

// An input that fails is not damage, and no option makes it pass for the end.
static void test_failing_input(void **state) {
    (void)state;
    elea_record_batch *batch = some_batch(4);
    elea_buffer *bytes = stream_of(batch, 2, &write_options[0]);
    const elea_ipc_read_options options = {.recover = true};
    for (int64_t at = 0; at < elea_buffer_size(bytes); at += 1 + at / 7) {
        elea_error err = {0};
        elea_record_stream *stream = NULL;
        elea_record_batch *found = NULL;
        elea_input_stream *input = trickle(bytes, at);
        elea_status status = elea_ipc_stream_reader_new_from_input(input, &options, &stream, &err);
        while (status == ELEA_OK) {
            status = elea_record_stream_next(stream, &found, &err);
            if (status == ELEA_OK)
                assert_non_null(found);
            elea_record_batch_unref(found);
            found = NULL;
        }
        assert_int_equal(status, ELEA_EIO);
        assert_non_null(strstr(err.message, "the tap is closed"));
        if (stream)
            elea_record_stream_free(stream);
        elea_input_stream_free(input);
    }
    elea_buffer_unref(bytes);
    elea_record_batch_unref(batch);
}

// Streams one behind the other on one input, both framings; of memory the arrays are views.
static void test_one_after_the_other(void **state) {
    (void)state;
    elea_error err = {0};
    elea_input_stream *input;
    elea_output_stream *output;
    elea_buffer *bytes;
    elea_test_random random = {.state = 21};
    elea_record_batch *batch = elea_test_random_batch(&random, 3, 70, 2);
    assert_ok(elea_output_stream_new_memory(NULL, &output, &err));
    for (int i = 0; i < 2; i++) {
        elea_buffer *part = stream_of(batch, 2, &write_options[0]);
        assert_ok(
            elea_output_stream_write(output, elea_buffer_data(part), elea_buffer_size(part), &err));
        elea_buffer_unref(part);
    }
    assert_ok(elea_output_stream_take(output, &bytes, &err));
    elea_output_stream_free(output);
    for (int trickling = 0; trickling < 2; trickling++) {
        if (trickling)
            input = trickle(bytes, -1);
        else
            assert_ok(elea_input_stream_new_from_buffer(bytes, NULL, NULL, &input, &err));
        for (int i = 0; i < 2; i++) {
            elea_record_stream *stream;
            int64_t copied = elea_copied_bytes();
            assert_ok(elea_ipc_stream_reader_new_from_input(input, NULL, &stream, &err));
            check_batches(stream, batch, 2);
            elea_record_stream_free(stream);
            assert_int_equal(elea_copied_bytes(), copied);
        }
        assert_int_equal(elea_input_stream_position(input), elea_buffer_size(bytes));
        elea_record_stream *stream;
        assert_fails(ELEA_EINVAL, "it ends before a schema",
                     elea_ipc_stream_reader_new_from_input(input, NULL, &stream, &err));
        elea_input_stream_free(input);
    }
    elea_buffer_unref(bytes);
    elea_record_batch_unref(batch);
}

// The offsets in messages are those of the input.
static void test_cut_input(void **state) {
    (void)state;
    elea_error err = {0};
    elea_record_batch *batch = some_batch(3), *found;
    elea_buffer *bytes = stream_of(batch, 2, &write_options[0]), *cut;
    assert_ok(elea_buffer_slice(bytes, 0, elea_buffer_size(bytes) - 100, &cut, &err));
    for (int kind = 0; kind < 3; kind++) {
        elea_input_stream *input = NULL;
        elea_file *file = NULL;
        elea_record_stream *stream;
        if (kind == 0) {
            input = trickle(cut, -1);
        } else if (kind == 1) {
            assert_ok(elea_input_stream_new_from_buffer(cut, NULL, NULL, &input, &err));
        } else {
            assert_ok(elea_file_new_from_buffer(cut, NULL, NULL, &file, &err));
        }
        assert_ok(file ? elea_ipc_stream_reader_new(file, NULL, &stream, &err)
                       : elea_ipc_stream_reader_new_from_input(input, NULL, &stream, &err));
        assert_ok(elea_record_stream_next(stream, &found, &err));
        assert_true(elea_record_batch_equal(found, batch, &equal_options));
        elea_record_batch_unref(found);
        assert_fails(ELEA_EINVAL, "record batch 1: file offset",
                     elea_record_stream_next(stream, &found, &err));
        assert_non_null(strstr(err.message, "the body of a message ends after"));
        assert_non_null(strstr(err.message, "cannot read \""));
        assert_ok(elea_record_stream_next(stream, &found, &err));
        assert_null(found);
        assert_null(elea_ipc_stream_reader_damage(stream));
        elea_record_stream_free(stream);
        elea_input_stream_free(input);
        elea_file_unref(file);
    }
    elea_buffer_unref(cut);
    elea_buffer_unref(bytes);
    elea_record_batch_unref(batch);
}

// ---- paths

static void test_open_finds_out(void **state) {
    (void)state;
    elea_error err = {0};
    elea_record_stream *stream;
    elea_table *table;
    elea_metadata *metadata;
    elea_ipc_read_stats stats;
    const elea_bytes key = elea_bytes_of("lap"), value = elea_bytes_of("1");
    elea_record_batch *batch = some_batch(6);
    assert_ok(elea_metadata_new(NULL, &key, &value, 1, &metadata, &err));
    elea_buffer *file = file_of(batch, metadata);
    elea_buffer *messages = stream_of(batch, 3, &write_options[1]);
    for (int i = 0; i < 4; i++) {
        bool is_file = i % 2;
        const elea_ipc_read_options options = {.unmapped = i >= 2};
        const elea_buffer *bytes = is_file ? file : messages;
        const char *path = elea_test_scratch_write(
            &elea_test_folder, "data", elea_buffer_data(bytes), elea_buffer_size(bytes));
        assert_ok(elea_ipc_open(path, &options, &stream, &err));
        assert_int_equal(elea_ipc_stream_reader_batch_count(stream), is_file ? 3 : -1);
        assert_true(elea_metadata_equal(elea_ipc_stream_reader_metadata(stream),
                                        is_file ? metadata : NULL));
        elea_record_batch *found;
        for (int b = 0; b < 4; b++) {
            assert_ok(elea_record_stream_next(stream, &found, &err));
            assert_true((found == NULL) == (b == 3));
            assert_true(elea_metadata_equal(elea_ipc_stream_reader_batch_metadata(stream),
                                            is_file && b == 1 ? metadata : NULL));
            elea_record_batch_unref(found);
        }
        elea_ipc_stream_reader_stats(stream, &stats);
        assert_int_equal(stats.record_batches, 3);
        assert_int_equal(stats.messages, 3 + !is_file + stats.dictionary_batches);
        elea_record_stream_free(stream);
        assert_ok(elea_ipc_read_table(path, &options, &table, &err));
        assert_int_equal(elea_table_length(table), 150);
        elea_table_unref(table);
    }
    assert_fails(
        ELEA_ENOTFOUND, "missing",
        elea_ipc_open(elea_test_scratch_path(&elea_test_folder, "missing"), NULL, &stream, &err));
    assert_fails(ELEA_EINVAL, "folder",
                 elea_ipc_open(elea_test_folder.folder, NULL, &stream, &err));
    elea_buffer_unref(messages);
    elea_buffer_unref(file);
    elea_metadata_unref(metadata);
    elea_record_batch_unref(batch);
}

// A pipe with a name, filled by another process; also the file format goes through it.
static void test_named_pipe(void **state) {
    (void)state;
    elea_error err = {0};
    elea_record_batch *batch = some_batch(9);
    char path[512];
    snprintf(path, sizeof path, "%s", elea_test_scratch_path(&elea_test_folder, "pipe"));
    assert_int_equal(mkfifo(path, 0600), 0);
    for (int is_file = 0; is_file < 2; is_file++) {
        elea_record_stream *stream;
        int child_status;
        elea_buffer *bytes =
            is_file ? file_of(batch, NULL) : stream_of(batch, 3, &write_options[0]);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            elea_output_stream *output;
            bool good = elea_output_stream_open(path, NULL, NULL, &output, NULL) == ELEA_OK &&
                        elea_output_stream_write(output, elea_buffer_data(bytes),
                                                 elea_buffer_size(bytes), NULL) == ELEA_OK;
            _exit(good ? 0 : 1);
        }
        assert_ok(elea_ipc_open(path, NULL, &stream, &err));
        assert_int_equal(elea_ipc_stream_reader_batch_count(stream), -1);
        check_batches(stream, batch, 3);
        // Where the child still writes its footer, nobody listens, which ends it.
        elea_record_stream_free(stream);
        assert_int_equal(waitpid(child, &child_status, 0), child);
        elea_buffer_unref(bytes);
    }
    elea_record_batch_unref(batch);
}

// ---- recovery

// Opens the first `size` bytes of a file and counts the batches in it.
static int64_t recover(const elea_buffer *bytes, int64_t size, const elea_record_batch *expected,
                       bool *damaged) {
    elea_error err = {0};
    elea_buffer *cut;
    elea_file *file;
    elea_record_stream *stream;
    elea_record_batch *found;
    int64_t count = 0;
    const elea_ipc_read_options options = {.recover = true, .validation = ELEA_VALIDATE_FULL};
    assert_ok(elea_buffer_slice(bytes, 0, size, &cut, &err));
    assert_ok(elea_file_new_from_buffer(cut, "cut", NULL, &file, &err));
    elea_buffer_unref(cut);
    if (elea_ipc_open_file(file, &options, &stream, &err) != ELEA_OK) {
        assert_int_equal(err.status, ELEA_EINVAL);
        elea_file_unref(file);
        return -1;
    }
    for (;; count++) {
        assert_ok(elea_record_stream_next(stream, &found, &err));
        if (!found)
            break;
        assert_true(elea_record_batch_equal(found, expected, &equal_options));
        elea_record_batch_unref(found);
    }
    *damaged = elea_ipc_stream_reader_damage(stream) != NULL;
    if (*damaged)
        assert_non_null(
            strstr(elea_ipc_stream_reader_damage(stream)->message, "cannot read \"cut\""));
    elea_record_stream_free(stream);
    elea_file_unref(file);
    return count;
}

// A file that a writer did not finish, at any place.
static void test_file_without_footer(void **state) {
    (void)state;
    elea_record_batch *batch = some_batch(5);
    elea_buffer *bytes = file_of(batch, NULL);
    int64_t size = elea_buffer_size(bytes), last = -1;
    bool damaged = false;
    for (int64_t cut = 0; cut <= size; cut++) {
        int64_t count = recover(bytes, cut, batch, &damaged);
        assert_true(count >= last);
        if (count >= 0)
            assert_int_equal(damaged, cut < size);
        last = count;
    }
    assert_int_equal(last, 3);
    elea_buffer_unref(bytes);
    elea_record_batch_unref(batch);
}

// Damage in a batch ends it there, with a footer or as a stream.
static void test_damaged_batch(void **state) {
    (void)state;
    elea_error err = {0};
    elea_record_batch *batch = some_batch(5);
    for (int is_file = 0; is_file < 2; is_file++) {
        elea_file *file;
        elea_ipc_messages *messages;
        const elea_ipc_message_info *info;
        elea_buffer *whole = is_file ? file_of(batch, NULL) : stream_of(batch, 3, NULL), *bytes;
        int64_t offset = 0, size = elea_buffer_size(whole);
        assert_ok(elea_buffer_new_copy(NULL, elea_buffer_data(whole), size, &bytes, &err));
        assert_ok(elea_file_new_from_buffer(whole, NULL, NULL, &file, &err));
        assert_ok(elea_ipc_messages_new(file, NULL, &messages, &err));
        for (int batches = 0; batches < 3; batches += info->type == ELEA_IPC_MESSAGE_RECORD_BATCH) {
            assert_ok(elea_ipc_messages_next(messages, &info, &err));
            offset = info->offset;
        }
        elea_ipc_messages_free(messages);
        elea_file_unref(file);
        memset(elea_buffer_mutable_data(bytes) + offset, 0x55, 16);
        bool damaged = false;
        assert_int_equal(recover(bytes, size, batch, &damaged), 2);
        assert_true(damaged);
        elea_buffer_unref(bytes);
        elea_buffer_unref(whole);
    }
    elea_record_batch_unref(batch);
}

// ---- extension types

// A known one whose storage is wrong is refused where values are validated, too.
static void test_extension(void **state) {
    (void)state;
    elea_error err = {0};
    elea_metadata *metadata;
    elea_field *field;
    elea_schema *schema;
    elea_record_batch *batch;
    elea_array *array;
    const elea_bytes key = elea_bytes_of("ARROW:extension:name"),
                     value = elea_bytes_of("arrow.uuid");
    assert_ok(elea_metadata_new(NULL, &key, &value, 1, &metadata, &err));
    assert_ok(elea_field_new(NULL, elea_bytes_of("id"), elea_type_of(ELEA_TYPE_INT32), true,
                             metadata, &field, &err));
    const elea_field *const fields[] = {field};
    assert_ok(elea_schema_new(NULL, fields, 1, NULL, &schema, &err));
    assert_ok(elea_array_new_null(NULL, elea_type_of(ELEA_TYPE_INT32), 3, &array, &err));
    const elea_array *const columns[] = {array};
    assert_ok(elea_record_batch_new(NULL, schema, 3, columns, &batch, &err));
    elea_buffer *bytes = stream_of(batch, 1, NULL);
    static const elea_validation levels[] = {ELEA_VALIDATE_QUICK, ELEA_VALIDATE_SAFE,
                                             ELEA_VALIDATE_FULL};
    for (int i = 0; i < 3; i++) {
        const elea_ipc_read_options options = {.validation = levels[i]};
        elea_input_stream *input;
        elea_record_stream *stream = NULL;
        assert_ok(elea_input_stream_new_from_buffer(bytes, NULL, NULL, &input, &err));
        if (i == 0)
            assert_ok(elea_ipc_stream_reader_new_from_input(input, &options, &stream, &err));
        else
            assert_fails(ELEA_ETYPE, "arrow.uuid",
                         elea_ipc_stream_reader_new_from_input(input, &options, &stream, &err));
        if (stream)
            elea_record_stream_free(stream);
        elea_input_stream_free(input);
    }
    elea_buffer_unref(bytes);
    elea_record_batch_unref(batch);
    elea_array_unref(array);
    elea_schema_unref(schema);
    elea_field_unref(field);
    elea_metadata_unref(metadata);
}

// ---- failures

static elea_status open_in_pool(elea_pool *pool, void *context, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_table *table = NULL;
    const elea_ipc_read_options options = {.pool = pool, .recover = true};
    status = elea_ipc_read_table(context, &options, &table, err);
    elea_table_unref(table);
    return status;
}

static void test_allocation_failures(void **state) {
    (void)state;
    elea_record_batch *batch = some_batch(2);
    elea_buffer *file = file_of(batch, NULL), *messages = stream_of(batch, 2, NULL);
    const elea_buffer *const sources[] = {file, messages, file};
    for (int i = 0; i < 3; i++) {
        int64_t size = elea_buffer_size(sources[i]) - (i == 2 ? 30 : 0);
        char path[512];
        snprintf(
            path, sizeof path, "%s",
            elea_test_scratch_write(&elea_test_folder, "data", elea_buffer_data(sources[i]), size));
        assert_true(elea_test_fail_each_allocation(open_in_pool, path) > 20);
    }
    elea_buffer_unref(messages);
    elea_buffer_unref(file);
    elea_record_batch_unref(batch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trickling_input),
        cmocka_unit_test(test_failing_input),
        cmocka_unit_test(test_one_after_the_other),
        cmocka_unit_test(test_cut_input),
        cmocka_unit_test_setup_teardown(test_open_finds_out, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_named_pipe, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test(test_file_without_footer),
        cmocka_unit_test(test_damaged_batch),
        cmocka_unit_test(test_extension),
        cmocka_unit_test_setup_teardown(test_allocation_failures, elea_test_folder_make,
                                        elea_test_folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

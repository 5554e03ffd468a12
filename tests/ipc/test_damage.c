// SPDX-License-Identifier: Apache-2.0
//
// Files that are cut, altered or of the wrong kind: a clear error or sound data, never a crash.
#include <elea/ipc.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "ipc/flatbuffer_reader.h"
#include "support/cmocka_all.h"
#include "support/ipc_file.h"
#include "support/ipc_touch.h"
#include "support/random_data.h"
#include "support/scratch.h"

static elea_record_batch *small_batch(uint64_t seed) {
    elea_test_random random = {.state = seed, .with_dictionaries = true};
    return elea_test_random_batch(&random, 3, 9, 2);
}

static void test_cut_anywhere(void **state) {
    (void)state;
    elea_error err;
    for (uint64_t seed = 1; seed < 4; seed++) {
        elea_record_batch *batch = small_batch(seed);
        elea_buffer *bytes = elea_test_ipc_bytes(batch, &(elea_ipc_write_options){.alignment = 8});
        int64_t size = elea_buffer_size(bytes);
        assert_int_equal(elea_test_ipc_touch(elea_buffer_data(bytes), size, &err), 1);
        for (int64_t cut = 0; cut < size; cut++) {
            err = (elea_error){0};
            assert_int_equal(elea_test_ipc_touch(elea_buffer_data(bytes), cut, &err), -1);
            assert_int_equal(err.status, ELEA_EINVAL);
            assert_non_null(strstr(err.message, "cannot read \"bytes\""));
        }
        elea_buffer_unref(bytes);
        elea_record_batch_unref(batch);
    }
}

// Every byte gets each of its bits turned, and some telling values.
static void test_each_byte_altered(void **state) {
    (void)state;
    elea_error err;
    static const elea_codec_id codecs[] = {ELEA_CODEC_NONE, ELEA_CODEC_NONE, ELEA_CODEC_LZ4_FRAME,
                                           ELEA_CODEC_ZSTD};
    for (uint64_t seed = 1; seed < 9; seed++) {
        elea_ipc_write_options options = {.alignment = 8, .compression = codecs[seed % 4]};
        const elea_codec *codec = elea_codec_of(options.compression);
        if (codec && !elea_codec_available(codec))
            continue;
        elea_record_batch *batch = small_batch(seed);
        elea_buffer *bytes = elea_test_ipc_bytes(batch, &options);
        int64_t size = elea_buffer_size(bytes);
        uint8_t *copy = malloc((size_t)size);
        memcpy(copy, elea_buffer_data(bytes), (size_t)size);
        for (int64_t at = 0; at < size; at++) {
            const uint8_t before = copy[at];
            for (int bit = 0; bit < 8; bit++) {
                copy[at] = (uint8_t)(before ^ 1u << bit);
                elea_test_ipc_touch(copy, size, &err);
            }
            static const uint8_t values[] = {0x00, 0x7f, 0xff};
            for (int i = 0; i < 3; i++) {
                copy[at] = values[i];
                elea_test_ipc_touch(copy, size, &err);
            }
            copy[at] = before;
        }
        free(copy);
        elea_buffer_unref(bytes);
        elea_record_batch_unref(batch);
    }
}

static void test_not_arrow(void **state) {
    (void)state;
    elea_error err = {0};
    elea_table *table;
    const char *path =
        elea_test_scratch_write(&elea_test_folder, "text", "just some text, no more", 23);
    assert_fails(ELEA_EINVAL, "it begins with \"just s\", expected \"ARROW1\"",
                 elea_ipc_read_table(path, NULL, &table, &err));
    assert_non_null(strstr(err.message, path));
    path = elea_test_scratch_write(&elea_test_folder, "empty", "", 0);
    assert_fails(ELEA_EINVAL, "0 bytes, expected at least 18",
                 elea_ipc_read_table(path, NULL, &table, &err));
    path = elea_test_scratch_write(&elea_test_folder, "long",
                                   "ARROW1\0\0....\xff\xff\xff\x7f"
                                   "ARROW1",
                                   22);
    assert_fails(ELEA_EINVAL, "a footer of 2147483647 bytes, expected 1 to 4",
                 elea_ipc_read_table(path, NULL, &table, &err));
    assert_fails(ELEA_ENOTFOUND, "missing",
                 elea_ipc_read_table(elea_test_scratch_path(&elea_test_folder, "missing"), NULL,
                                     &table, &err));
    assert_fails(ELEA_EINVAL, "folder",
                 elea_ipc_read_table(elea_test_folder.folder, NULL, &table, &err));
}

// Where in the file the data of the only column's buffer number `index` lies.
static int64_t offset_of_buffer(const elea_buffer *file_bytes, int64_t index) {
    elea_error err;
    elea_file *file;
    elea_ipc_file_reader *reader;
    elea_record_batch *batch;
    elea_buffer *bytes = elea_buffer_ref((elea_buffer *)(uintptr_t)file_bytes);
    assert_ok(elea_file_new_from_buffer(bytes, NULL, NULL, &file, &err));
    assert_ok(elea_ipc_file_reader_new(file, NULL, &reader, &err));
    assert_ok(elea_ipc_file_reader_read_batch(reader, 0, &batch, &err));
    const elea_buffer *buffer = elea_array_buffer(elea_record_batch_column(batch, 0), index);
    int64_t offset = elea_buffer_data(buffer) - elea_buffer_data(bytes);
    elea_record_batch_unref(batch);
    elea_ipc_file_reader_free(reader);
    elea_file_unref(file);
    elea_buffer_unref(bytes);
    return offset;
}

// The message of FEEL: file, batch, column, offset, what was found and expected.
static void test_message_says_where(void **state) {
    (void)state;
    elea_error err = {0};
    elea_builder *builder;
    elea_array *array;
    elea_table *table;
    char expected[100];
    assert_ok(elea_builder_new(NULL, elea_type_of(ELEA_TYPE_UTF8), &builder, &err));
    for (int i = 0; i < 100; i++)
        assert_ok(elea_builder_append_bytes(builder, elea_bytes_of("tortoise"), &err));
    assert_ok(elea_builder_finish(builder, &array, &err));
    elea_builder_free(builder);
    elea_record_batch *batch = elea_test_batch_of(array, "tags");
    elea_buffer *bytes = elea_test_ipc_bytes(batch, NULL);
    int64_t offset = offset_of_buffer(bytes, 1);
    assert_int_equal(offset % 64, 0);
    uint8_t *copy = malloc((size_t)elea_buffer_size(bytes));
    memcpy(copy, elea_buffer_data(bytes), (size_t)elea_buffer_size(bytes));

    copy[offset + 71 * 4 + 1] = 0x70; // in the middle: only full validation looks there
    const char *path =
        elea_test_scratch_write(&elea_test_folder, "events.arrow", copy, elea_buffer_size(bytes));
    assert_ok(elea_ipc_read_table(path, NULL, &table, &err));
    elea_table_unref(table);
    const elea_ipc_read_options full = {.validation = ELEA_VALIDATE_FULL};
    assert_fails(ELEA_EINVAL, "record batch 0: column \"tags\", file offset ",
                 elea_ipc_read_table(path, &full, &table, &err));
    snprintf(expected, sizeof expected, "file offset %lld: ", (long long)offset);
    assert_non_null(strstr(err.message, expected));
    assert_non_null(strstr(err.message, path));
    assert_non_null(strstr(err.message, "offset 7"));

    copy[offset + 71 * 4 + 1] = elea_buffer_data(bytes)[offset + 71 * 4 + 1];
    copy[offset + 100 * 4 + 1] = 0x70; // the last offset: always looked at
    path =
        elea_test_scratch_write(&elea_test_folder, "events.arrow", copy, elea_buffer_size(bytes));
    assert_fails(ELEA_EINVAL, "past the end of the values (800 bytes)",
                 elea_ipc_read_table(path, NULL, &table, &err));
    free(copy);
    elea_buffer_unref(bytes);
    elea_record_batch_unref(batch);
    elea_array_unref(array);
}

// The batches before and after a damaged one can be read.
static void test_other_batches_stay_readable(void **state) {
    (void)state;
    elea_error err = {0};
    elea_record_batch *batch = small_batch(2), *found;
    elea_output_stream *stream;
    elea_ipc_file_writer *writer;
    elea_buffer *whole, *bytes;
    int64_t starts[3];
    assert_ok(elea_output_stream_new_memory(NULL, &stream, &err));
    assert_ok(elea_ipc_file_writer_new(stream, elea_record_batch_schema(batch), NULL, NULL, &writer,
                                       &err));
    for (int i = 0; i < 3; i++) {
        starts[i] = elea_output_stream_position(stream);
        assert_ok(elea_ipc_file_writer_write_batch(writer, batch, NULL, &err));
    }
    assert_ok(elea_ipc_file_writer_close(writer, &err));
    elea_ipc_file_writer_free(writer);
    assert_ok(elea_output_stream_take(stream, &whole, &err));
    elea_output_stream_free(stream);
    assert_ok(
        elea_buffer_new_copy(NULL, elea_buffer_data(whole), elea_buffer_size(whole), &bytes, &err));
    elea_buffer_unref(whole);
    memset(elea_buffer_mutable_data(bytes) + starts[1], 0x55, 16);

    elea_file *file;
    elea_ipc_file_reader *reader;
    assert_ok(elea_file_new_from_buffer(bytes, "three", NULL, &file, &err));
    assert_ok(elea_ipc_file_reader_new(file, NULL, &reader, &err));
    for (int i = 0; i < 3; i += 2) {
        assert_ok(elea_ipc_file_reader_read_batch(reader, i, &found, &err));
        elea_record_batch_unref(found);
    }
    assert_fails(ELEA_EINVAL, "\"three\": record batch 1: file offset",
                 elea_ipc_file_reader_read_batch(reader, 1, &found, &err));
    elea_ipc_file_reader_free(reader);
    elea_file_unref(file);
    elea_buffer_unref(bytes);
    elea_record_batch_unref(batch);
}

// Tables that refer to each other in a circle, or share their parts, end in an error.
static void test_flatbuffer_budget(void **state) {
    (void)state;
    elea_error err;
    // A root whose table, at 12, has one field: an offset, and beside it the vtable at 4.
    uint8_t bytes[24] = {12, 0, 0, 0, 6, 0, 8, 0, 4, 0, 0, 0, 8, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0};
    elea__flat flat;
    elea__flat_table table;
    bool present;
    elea__flat_init(&flat, bytes, sizeof bytes, 100);
    for (int i = 0; i < 7; i++)
        assert_ok(elea__flat_root(&flat, &table, &err));
    assert_fails(ELEA_EINVAL, "more tables", elea__flat_root(&flat, &table, &err));
    elea__flat_init(&flat, bytes, sizeof bytes, 100);
    assert_ok(elea__flat_root(&flat, &table, &err));
    assert_fails(ELEA_EINVAL, "file offset 120: vtable",
                 elea__flat_get_table(&table, 0, &table, &present, &err));
}

static void test_full_disk(void **state) {
    (void)state;
    elea_error err = {0};
    elea_record_batch *batch = small_batch(4);
    elea_table *table, *found;
    char path[512];
    snprintf(path, sizeof path, "%s", elea_test_scratch_path(&elea_test_folder, "table.arrow"));
    const elea_record_batch *const batches[] = {batch};
    assert_ok(elea_table_new_from_batches(NULL, elea_record_batch_schema(batch), batches, 1, &table,
                                          &err));
    assert_ok(elea_ipc_write_table(path, table, NULL, &err));

    // A limit on the size of files stops the writer at each stage of the file.
    struct rlimit before, limit;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    for (rlim_t size = 0; size < 1000; size += 50) {
        limit = before;
        limit.rlim_cur = size;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        elea_status status = elea_ipc_write_table(path, table, NULL, &err);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        assert_int_equal(status, ELEA_EIO);
        assert_int_equal(err.os_code, EFBIG);
        assert_non_null(strstr(err.message, path));
    }
    // The file from before is whole, and nothing lies beside it.
    assert_int_equal(elea_test_scratch_count(&elea_test_folder), 1);
    assert_ok(elea_ipc_read_table(path, NULL, &found, &err));
    elea_table_unref(found);
    elea_table_unref(table);

    if (access("/dev/full", W_OK) == 0) {
        elea_output_stream *stream;
        elea_ipc_file_writer *writer;
        assert_ok(elea_output_stream_open("/dev/full", NULL, NULL, &stream, &err));
        assert_fails(ELEA_EIO, "No space left",
                     elea_ipc_file_writer_new(stream, elea_record_batch_schema(batch), NULL, NULL,
                                              &writer, &err));
        elea_output_stream_free(stream);
    }
    elea_record_batch_unref(batch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut_anywhere),
        cmocka_unit_test(test_each_byte_altered),
        cmocka_unit_test_setup_teardown(test_not_arrow, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_message_says_where, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test(test_other_batches_stay_readable),
        cmocka_unit_test(test_flatbuffer_budget),
        cmocka_unit_test_setup_teardown(test_full_disk, elea_test_folder_make,
                                        elea_test_folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

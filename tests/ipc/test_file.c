// SPDX-License-Identifier: Apache-2.0
//
// What is written is read back: all types, slices, nulls, metadata; without copying; at the right
// places of the file.
#include <elea/ipc.h>

#include <stdio.h>

#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/ipc_file.h"
#include "support/random_data.h"
#include "support/scratch.h"

static void check_batches_equal(const elea_record_batch *found, const elea_record_batch *expected) {
    const elea_equal_options options = {
        .nans_equal = true, .signed_zeros_equal = false, .with_metadata = true};
    elea_error err = {0};
    assert_ok(elea_record_batch_validate(found, ELEA_VALIDATE_FULL, &err));
    assert_true(elea_record_batch_equal(found, expected, &options));
}

// Writes a batch, reads it back through a mapping and with pread(), and compares.
static void check_round_trip_as(const elea_record_batch *batch,
                                const elea_ipc_write_options *options) {
    elea_error err = {0};
    elea_record_batch *found;
    elea_ipc_file_reader *reader;
    elea_file *file;
    const char *path = elea_test_scratch_path(&elea_test_folder, "batch.arrow");
    elea_test_ipc_write(path, batch, options);
    for (int mapped = 0; mapped < 2; mapped++) {
        assert_ok(mapped ? elea_file_map(path, NULL, &file, &err)
                         : elea_file_open(path, NULL, &file, &err));
        assert_ok(elea_ipc_file_reader_new(
            file, &(elea_ipc_read_options){.validation = ELEA_VALIDATE_FULL}, &reader, &err));
        elea_file_unref(file);
        assert_int_equal(elea_ipc_file_reader_batch_count(reader), 1);
        assert_true(elea_schema_equal(elea_ipc_file_reader_schema(reader),
                                      elea_record_batch_schema(batch), true));
        int64_t copied = elea_copied_bytes();
        assert_ok(elea_ipc_file_reader_read_batch(reader, 0, &found, &err));
        assert_int_equal(elea_copied_bytes(), copied);
        elea_ipc_file_reader_free(reader);
        check_batches_equal(found, batch);
        elea_record_batch_unref(found);
    }
}

static const elea_ipc_write_options compressions[] = {
    {.compression = ELEA_CODEC_LZ4_FRAME, .alignment = 8},
    {.compression = ELEA_CODEC_ZSTD, .compression_level = 3, .space_savings_min = 0.5},
};

static bool is_available(const elea_ipc_write_options *options) {
    return elea_codec_available(elea_codec_of(options->compression));
}

static void check_round_trip(const elea_record_batch *batch) {
    check_round_trip_as(batch, NULL);
    for (int i = 0; i < 2; i++)
        if (is_available(&compressions[i]))
            check_round_trip_as(batch, &compressions[i]);
}

static void test_random_batches(void **state) {
    (void)state;
    static const int64_t lengths[] = {0, 1, 2, 7, 8, 63, 64, 65, 1000};
    for (uint64_t seed = 1; seed <= 60; seed++) {
        elea_test_random random = {.state = seed, .with_dictionaries = true};
        int64_t columns = elea_test_random_below(&random, 5);
        elea_record_batch *batch = elea_test_random_batch(
            &random, columns, lengths[seed % (sizeof lengths / sizeof *lengths)], 3);
        check_round_trip(batch);
        elea_record_batch_unref(batch);
    }
}

// Every type by itself, whole and cut at odd places.
static void test_each_type(void **state) {
    (void)state;
    elea_error err;
    for (int id = 0; id <= ELEA_TYPE_DECIMAL64; id++) {
        elea_test_random random = {.state = (uint64_t)id + 77, .with_dictionaries = true};
        elea_type *type = elea_test_random_type_of(&random, (elea_type_id)id, 2);
        if (!type)
            continue;
        static const int64_t null_every[] = {0, 1, 3};
        for (int i = 0; i < 3; i++) {
            elea_array *array = elea_test_random_array(&random, type, 203, null_every[i]);
            for (int64_t offset = 0; offset < 30; offset += 13) {
                elea_array *slice;
                assert_ok(elea_array_slice(array, offset, 203 - 2 * offset, &slice, &err));
                elea_record_batch *batch = elea_test_batch_of(slice, "column");
                check_round_trip(batch);
                elea_record_batch_unref(batch);
                elea_array_unref(slice);
            }
            elea_array_unref(array);
        }
        elea_type_unref(type);
    }
}

static void test_no_columns(void **state) {
    (void)state;
    elea_error err;
    elea_schema *schema;
    elea_record_batch *batch;
    assert_ok(elea_schema_new(NULL, NULL, 0, NULL, &schema, &err));
    assert_ok(elea_record_batch_new(NULL, schema, 42, NULL, &batch, &err));
    check_round_trip(batch);
    elea_record_batch_unref(batch);
    elea_schema_unref(schema);
}

static elea_metadata *make_metadata(const char *key, const char *value) {
    elea_error err;
    elea_metadata *metadata;
    const elea_bytes keys[] = {elea_bytes_of(key), elea_bytes_of(""), elea_bytes_of(key)};
    const elea_bytes values[] = {
        elea_bytes_of(value), {.data = "\0\xff", .size = 2}, elea_bytes_of("twice")};
    assert_ok(elea_metadata_new(NULL, keys, values, 3, &metadata, &err));
    return metadata;
}

static void test_metadata_everywhere(void **state) {
    (void)state;
    elea_error err;
    elea_metadata *of_field = make_metadata("field", "f"), *of_schema = make_metadata("schema", "");
    elea_metadata *of_footer = make_metadata("footer", "x"), *of_batch = make_metadata("b", "y");
    elea_field *item, *field;
    elea_type *list;
    elea_schema *schema;
    elea_array *column;
    elea_record_batch *batch, *found;
    elea_output_stream *stream;
    elea_ipc_file_writer *writer;
    assert_ok(elea_field_new(NULL, elea_bytes_of("item"), elea_type_of(ELEA_TYPE_UTF8), true,
                             of_field, &item, &err));
    assert_ok(elea_type_new_list(NULL, ELEA_TYPE_LIST, item, &list, &err));
    assert_ok(elea_field_new(NULL,
                             elea_bytes_of("\xc3\xa9l\xc3\xa9"
                                           "a"),
                             list, false, of_field, &field, &err));
    const elea_field *const fields[] = {field};
    assert_ok(elea_schema_new(NULL, fields, 1, of_schema, &schema, &err));
    elea_builder *builder;
    assert_ok(elea_builder_new(NULL, list, &builder, &err));
    assert_ok(elea_builder_finish(builder, &column, &err));
    elea_builder_free(builder);
    const elea_array *const columns[] = {column};
    assert_ok(elea_record_batch_new(NULL, schema, 0, columns, &batch, &err));

    const char *path = elea_test_scratch_path(&elea_test_folder, "metadata.arrow");
    assert_ok(elea_output_stream_open(path, NULL, NULL, &stream, &err));
    assert_ok(elea_ipc_file_writer_new(stream, schema, NULL, of_footer, &writer, &err));
    assert_ok(elea_ipc_file_writer_write_batch(writer, batch, of_batch, &err));
    assert_ok(elea_ipc_file_writer_write_batch(writer, batch, NULL, &err));
    assert_ok(elea_ipc_file_writer_close(writer, &err));
    assert_ok(elea_ipc_file_writer_close(writer, &err));
    assert_fails(ELEA_EINVAL, "closed",
                 elea_ipc_file_writer_write_batch(writer, batch, NULL, &err));
    elea_ipc_file_writer_free(writer);
    assert_ok(elea_output_stream_close(stream, &err));
    elea_output_stream_free(stream);

    elea_ipc_file_reader *reader = elea_test_ipc_open(path, NULL);
    assert_int_equal(elea_ipc_file_reader_batch_count(reader), 2);
    assert_true(elea_metadata_equal(elea_ipc_file_reader_metadata(reader), of_footer));
    assert_true(elea_schema_equal(elea_ipc_file_reader_schema(reader), schema, true));
    elea_metadata *metadata;
    assert_ok(elea_ipc_file_reader_read_batch_metadata(reader, 0, &metadata, &err));
    assert_true(elea_metadata_equal(metadata, of_batch));
    elea_metadata_unref(metadata);
    assert_ok(elea_ipc_file_reader_read_batch_metadata(reader, 1, &metadata, &err));
    assert_null(metadata);
    assert_fails(ELEA_EINDEX, "there are 2",
                 elea_ipc_file_reader_read_batch_metadata(reader, 2, &metadata, &err));
    assert_fails(ELEA_EINDEX, "record batch -1",
                 elea_ipc_file_reader_read_batch(reader, -1, &found, &err));
    elea_ipc_file_reader_free(reader);

    elea_record_batch_unref(batch);
    elea_array_unref(column);
    elea_schema_unref(schema);
    elea_field_unref(field);
    elea_type_unref(list);
    elea_field_unref(item);
    elea_metadata_unref(of_batch);
    elea_metadata_unref(of_footer);
    elea_metadata_unref(of_schema);
    elea_metadata_unref(of_field);
}

// ---- zero copy

// All buffers of an array that hold something lie in the mapping, at multiples of the alignment.
static void check_inside(const elea_array *array, const uint8_t *data, int64_t size,
                         int64_t alignment) {
    for (int64_t i = 0; i < elea_array_buffer_count(array); i++) {
        const elea_buffer *buffer = elea_array_buffer(array, i);
        if (elea_buffer_size(buffer) == 0)
            continue;
        const uint8_t *start = elea_buffer_data(buffer);
        assert_true(start >= data && start + elea_buffer_size(buffer) <= data + size);
        assert_int_equal((start - data) % alignment, 0);
    }
    for (int64_t i = 0; i < elea_array_child_count(array); i++)
        check_inside(elea_array_child(array, i), data, size, alignment);
    if (elea_array_dictionary(array))
        check_inside(elea_array_dictionary(array), data, size, alignment);
}

static void test_pointers_are_in_the_mapping(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_random random = {.state = 5, .with_dictionaries = true};
    static const int32_t alignments[] = {8, 64, 4096};
    elea_record_batch *batch = elea_test_random_batch(&random, 30, 500, 3), *found;
    for (int i = 0; i < 3; i++) {
        const char *path = elea_test_scratch_path(&elea_test_folder, "aligned.arrow");
        elea_test_ipc_write(path, batch, &(elea_ipc_write_options){.alignment = alignments[i]});
        elea_file *file;
        elea_buffer *all;
        elea_ipc_file_reader *reader;
        assert_ok(elea_file_map(path, NULL, &file, &err));
        assert_ok(elea_file_view_at(file, 0, elea_file_size(file), &all, &err));
        int64_t copied = elea_copied_bytes();
        assert_ok(elea_ipc_file_reader_new(file, NULL, &reader, &err));
        assert_ok(elea_ipc_file_reader_read_batch(reader, 0, &found, &err));
        assert_int_equal(elea_copied_bytes(), copied);
        for (int64_t c = 0; c < elea_record_batch_column_count(found); c++)
            check_inside(elea_record_batch_column(found, c), elea_buffer_data(all),
                         elea_buffer_size(all), alignments[i]);
        elea_ipc_file_reader_free(reader);
        elea_file_unref(file);
        elea_buffer_unref(all);
        // The views hold the mapping by themselves.
        check_batches_equal(found, batch);
        elea_record_batch_unref(found);
    }
    elea_record_batch_unref(batch);
}

// A slice at a whole byte is written from where it lies: nothing is copied on the way out either.
static void test_writing_copies_only_odd_offsets(void **state) {
    (void)state;
    elea_error err = {0};
    elea_builder *builder;
    elea_array *array, *slice;
    assert_ok(elea_builder_new(NULL, elea_type_of(ELEA_TYPE_INT32), &builder, &err));
    for (int i = 0; i < 100; i++)
        assert_ok(i % 5 ? elea_builder_append_int(builder, i, &err)
                        : elea_builder_append_null(builder, &err));
    assert_ok(elea_builder_finish(builder, &array, &err));
    elea_builder_free(builder);
    static const struct { int64_t offset, copied; } cases[] = {{0, 0}, {8, 0}, {16, 0}, {3, 10}};
    for (int i = 0; i < 4; i++) {
        assert_ok(elea_array_slice(array, cases[i].offset, 80, &slice, &err));
        elea_record_batch *batch = elea_test_batch_of(slice, "n");
        int64_t copied = elea_copied_bytes();
        elea_test_ipc_write(elea_test_scratch_path(&elea_test_folder, "slice.arrow"), batch, NULL);
        assert_int_equal(elea_copied_bytes() - copied, cases[i].copied);
        check_round_trip(batch);
        elea_record_batch_unref(batch);
        elea_array_unref(slice);
    }
    elea_array_unref(array);
}

static void test_misaligned_memory(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_random random = {.state = 9, .with_dictionaries = true};
    elea_type *type = elea_test_random_type_of(&random, ELEA_TYPE_INT64, 0);
    elea_array *array = elea_test_random_array(&random, type, 100, 0);
    elea_record_batch *batch = elea_test_batch_of(array, "n"), *found;
    elea_buffer *bytes = elea_test_ipc_bytes(batch, NULL), *shifted, *odd;
    assert_ok(elea_buffer_new(NULL, elea_buffer_size(bytes) + 1, &shifted, &err));
    memcpy(elea_buffer_mutable_data(shifted) + 1, elea_buffer_data(bytes),
           (size_t)elea_buffer_size(bytes));
    assert_ok(elea_buffer_slice(shifted, 1, elea_buffer_size(bytes), &odd, &err));
    elea_file *file;
    elea_ipc_file_reader *reader;
    assert_ok(elea_file_new_from_buffer(odd, "odd", NULL, &file, &err));
    assert_ok(elea_ipc_file_reader_new(file, NULL, &reader, &err));
    int64_t copied = elea_copied_bytes();
    assert_ok(elea_ipc_file_reader_read_batch(reader, 0, &found, &err));
    assert_int_equal(elea_copied_bytes() - copied, 800);
    check_batches_equal(found, batch);
    elea_record_batch_unref(found);
    elea_ipc_file_reader_free(reader);
    assert_ok(elea_ipc_file_reader_new(
        file, &(elea_ipc_read_options){.misaligned = ELEA_IPC_MISALIGNED_REFUSE}, &reader, &err));
    assert_fails(ELEA_EINVAL, "not aligned to 8 bytes",
                 elea_ipc_file_reader_read_batch(reader, 0, &found, &err));
    elea_ipc_file_reader_free(reader);
    elea_file_unref(file);
    elea_buffer_unref(odd);
    elea_buffer_unref(shifted);
    elea_buffer_unref(bytes);
    elea_record_batch_unref(batch);
    elea_array_unref(array);
    elea_type_unref(type);
}

// ---- tables, projection

static void test_table_and_columns(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_random random = {.state = 21, .with_dictionaries = true};
    elea_record_batch *batch = elea_test_random_batch(&random, 6, 100, 2), *head, *tail;
    elea_table *table, *found, *selected;
    assert_ok(elea_record_batch_slice(batch, 0, 33, &head, &err));
    assert_ok(elea_record_batch_slice(batch, 33, 67, &tail, &err));
    const elea_record_batch *const batches[] = {head, tail};
    assert_ok(elea_table_new_from_batches(NULL, elea_record_batch_schema(batch), batches, 2, &table,
                                          &err));
    char path[512];
    snprintf(path, sizeof path, "%s", elea_test_scratch_path(&elea_test_folder, "table.arrow"));
    assert_ok(elea_ipc_write_table(path, table, NULL, &err));
    assert_int_equal(elea_test_scratch_count(&elea_test_folder), 1);

    bool equal = false;
    const elea_equal_options options = {.nans_equal = true};
    int64_t copied = elea_copied_bytes();
    assert_ok(elea_ipc_read_table(path, NULL, &found, &err));
    assert_int_equal(elea_copied_bytes(), copied);
    assert_ok(elea_table_equal(found, table, &options, &equal, &err));
    assert_true(equal);
    assert_int_equal(elea_chunked_array_chunk_count(elea_table_column(found, 0)), 2);
    elea_table_unref(found);

    // The columns asked for, in the order asked for, mapped and not.
    const char *const names[] = {"c4", "c1", NULL};
    assert_ok(elea_table_select(table, names, &selected, &err));
    for (int unmapped = 0; unmapped < 2; unmapped++) {
        assert_ok(elea_ipc_read_table(
            path, &(elea_ipc_read_options){.columns = names, .unmapped = unmapped}, &found, &err));
        assert_ok(elea_table_equal(found, selected, &options, &equal, &err));
        assert_true(equal);
        elea_table_unref(found);
    }
    const char *const none[] = {NULL};
    assert_ok(elea_ipc_read_table(path, &(elea_ipc_read_options){.columns = none}, &found, &err));
    assert_int_equal(elea_table_length(found), 100);
    assert_int_equal(elea_table_column_count(found), 0);
    elea_table_unref(found);
    const char *const missing[] = {"c1", "nobody", NULL};
    assert_fails(
        ELEA_ENOTFOUND, "\"nobody\"",
        elea_ipc_read_table(path, &(elea_ipc_read_options){.columns = missing}, &found, &err));
    assert_non_null(strstr(err.message, path));

    elea_ipc_file_reader *reader = elea_test_ipc_open(path, NULL);
    int64_t rows = 0;
    assert_ok(elea_ipc_file_reader_count_rows(reader, &rows, &err));
    assert_int_equal(rows, 100);
    elea_ipc_file_reader_free(reader);

    elea_table_unref(selected);
    elea_table_unref(table);
    elea_record_batch_unref(tail);
    elea_record_batch_unref(head);
    elea_record_batch_unref(batch);
}

static void test_options_and_misuse(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_random random = {.state = 3, .with_dictionaries = true};
    elea_record_batch *batch = elea_test_random_batch(&random, 2, 10, 0);
    elea_record_batch *other = elea_test_random_batch(&random, 3, 10, 0);
    elea_output_stream *stream;
    elea_ipc_file_writer *writer;
    elea_ipc_file_reader *reader;
    elea_file *file;
    elea_buffer *bytes = elea_test_ipc_bytes(batch, NULL);
    assert_ok(elea_output_stream_new_memory(NULL, &stream, &err));
    static const int32_t wrong[] = {-8, 1, 4, 12, 8192};
    for (int i = 0; i < 5; i++)
        assert_fails(ELEA_EINVAL, "power of two",
                     elea_ipc_file_writer_new(stream, elea_record_batch_schema(batch),
                                              &(elea_ipc_write_options){.alignment = wrong[i]},
                                              NULL, &writer, &err));
    const struct {
        elea_ipc_write_options options;
        const char *message;
    } compressed[] = {
        {{.compression = (elea_codec_id)3}, "no codec number 3"},
        {{.compression = ELEA_CODEC_ZSTD, .compression_level = 99}, "no level 99"},
        {{.compression = ELEA_CODEC_ZSTD, .space_savings_min = 1.5}, "space_savings_min is 1.5"},
    };
    for (int i = 0; i < (is_available(&compressions[1]) ? 3 : 1); i++)
        assert_fails(ELEA_EINVAL, compressed[i].message,
                     elea_ipc_file_writer_new(stream, elea_record_batch_schema(batch),
                                              &compressed[i].options, NULL, &writer, &err));
    assert_ok(elea_ipc_file_writer_new(stream, elea_record_batch_schema(batch), NULL, NULL, &writer,
                                       &err));
    assert_fails(ELEA_ETYPE, "schema differs",
                 elea_ipc_file_writer_write_batch(writer, other, NULL, &err));
    elea_ipc_file_writer_free(writer);
    elea_output_stream_free(stream);

    assert_ok(elea_file_new_from_buffer(bytes, NULL, NULL, &file, &err));
    assert_fails(
        ELEA_EINVAL, "depth_max",
        elea_ipc_file_reader_new(file, &(elea_ipc_read_options){.depth_max = 65}, &reader, &err));
    elea_ipc_read_options read;
    elea_ipc_read_options_init(&read);
    assert_ok(elea_ipc_file_reader_new(file, &read, &reader, &err));
    elea_ipc_file_reader_free(reader);
    elea_file_unref(file);
    elea_buffer_unref(bytes);
    elea_record_batch_unref(other);
    elea_record_batch_unref(batch);
}

static void test_depth(void **state) {
    (void)state;
    elea_error err = {0};
    elea_type *type = elea_type_ref(elea_type_of(ELEA_TYPE_INT8));
    for (int i = 0; i < 9; i++) {
        elea_field *item;
        elea_type *outer;
        assert_ok(elea_field_new(NULL, elea_bytes_of("item"), type, true, NULL, &item, &err));
        assert_ok(elea_type_new_list(NULL, ELEA_TYPE_LIST, item, &outer, &err));
        elea_field_unref(item);
        elea_type_unref(type);
        type = outer;
    }
    elea_array *array;
    elea_file *file;
    elea_ipc_file_reader *reader;
    assert_ok(elea_array_new_null(NULL, type, 5, &array, &err));
    elea_record_batch *batch = elea_test_batch_of(array, "deep");
    check_round_trip(batch);
    elea_buffer *bytes = elea_test_ipc_bytes(batch, NULL);
    assert_ok(elea_file_new_from_buffer(bytes, NULL, NULL, &file, &err));
    assert_ok(
        elea_ipc_file_reader_new(file, &(elea_ipc_read_options){.depth_max = 10}, &reader, &err));
    elea_ipc_file_reader_free(reader);
    assert_fails(
        ELEA_ECAPACITY, "more than 9 deep",
        elea_ipc_file_reader_new(file, &(elea_ipc_read_options){.depth_max = 9}, &reader, &err));
    elea_file_unref(file);
    elea_buffer_unref(bytes);
    elea_record_batch_unref(batch);
    elea_array_unref(array);
    elea_type_unref(type);
}

// ---- failures

typedef struct round_trip {
    const elea_record_batch *batch;
    elea_ipc_write_options write;
} round_trip;

static elea_status write_and_read(elea_pool *pool, void *context, elea_error *err) {
    const round_trip *given = context;
    const elea_record_batch *batch = given->batch;
    elea_ipc_write_options write = given->write;
    elea_status status = ELEA_OK;
    elea_output_stream *stream = NULL;
    elea_ipc_file_writer *writer = NULL;
    elea_buffer *bytes = NULL;
    elea_file *file = NULL;
    elea_ipc_file_reader *reader = NULL;
    elea_table *table = NULL;
    const elea_ipc_read_options read = {.pool = pool, .validation = ELEA_VALIDATE_FULL};

    write.pool = pool;
    ELEA_GOTO(done, elea_output_stream_new_memory(pool, &stream, err));
    ELEA_GOTO(done, elea_ipc_file_writer_new(stream, elea_record_batch_schema(batch), &write, NULL,
                                             &writer, err));
    ELEA_GOTO(done, elea_ipc_file_writer_write_batch(writer, batch, NULL, err));
    ELEA_GOTO(done, elea_ipc_file_writer_close(writer, err));
    ELEA_GOTO(done, elea_output_stream_take(stream, &bytes, err));
    ELEA_GOTO(done, elea_file_new_from_buffer(bytes, NULL, pool, &file, err));
    ELEA_GOTO(done, elea_ipc_file_reader_new(file, &read, &reader, err));
    ELEA_GOTO(done, elea_ipc_file_reader_read_table(reader, &table, err));

done:
    elea_table_unref(table);
    elea_ipc_file_reader_free(reader);
    elea_file_unref(file);
    elea_buffer_unref(bytes);
    elea_ipc_file_writer_free(writer);
    elea_output_stream_free(stream);
    return status;
}

static void test_allocation_failures(void **state) {
    (void)state;
    elea_test_random random = {.state = 11, .with_dictionaries = true};
    elea_record_batch *batch = elea_test_random_batch(&random, 12, 20, 3);
    round_trip given = {.batch = batch};
    assert_true(elea_test_fail_each_allocation(write_and_read, &given) > 50);
    for (int i = 0; i < 2; i++) {
        given.write = compressions[i];
        if (is_available(&given.write))
            assert_true(elea_test_fail_each_allocation(write_and_read, &given) > 50);
    }
    elea_record_batch_unref(batch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_random_batches, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_each_type, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_no_columns, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_metadata_everywhere, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_pointers_are_in_the_mapping, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_writing_copies_only_odd_offsets, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test(test_misaligned_memory),
        cmocka_unit_test_setup_teardown(test_table_and_columns, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test(test_options_and_misuse),
        cmocka_unit_test_setup_teardown(test_depth, elea_test_folder_make, elea_test_folder_remove),
        cmocka_unit_test(test_allocation_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

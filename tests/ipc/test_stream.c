// SPDX-License-Identifier: Apache-2.0
//
// Streams: round trips in both framings, dictionaries that are replaced, damage at every byte.
#include <elea/ipc.h>

#include <stdlib.h>

#include "ipc/message.h"
#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/ipc_file.h"
#include "support/ipc_touch.h"
#include "support/random_data.h"
#include "support/scratch.h"

static const elea_equal_options equal_options = {.nans_equal = true, .with_metadata = true};

static const elea_ipc_write_options write_options[] = {
    {.alignment = 8},
    {.alignment = 64, .legacy_framing = true},
    {.compression = ELEA_CODEC_LZ4_FRAME},
    {.compression = ELEA_CODEC_ZSTD, .legacy_framing = true, .alignment = 8},
};

#define OPTIONS_COUNT ((int)(sizeof write_options / sizeof *write_options))

static bool is_available(const elea_ipc_write_options *options) {
    const elea_codec *codec = elea_codec_of(options->compression);
    return !codec || elea_codec_available(codec);
}

// The batches, of one schema, as a stream. `positions` (may be NULL) becomes where each begins.
static elea_buffer *write_stream(const elea_record_batch *const *batches, int64_t count,
                                 const elea_ipc_write_options *options, int64_t *positions) {
    elea_error err = {0};
    elea_output_stream *stream;
    elea_ipc_stream_writer *writer;
    elea_buffer *bytes;
    assert_ok(elea_output_stream_new_memory(NULL, &stream, &err));
    assert_ok(elea_ipc_stream_writer_new(stream, elea_record_batch_schema(batches[0]), options,
                                         &writer, &err));
    for (int64_t i = 0; i < count; i++) {
        if (positions)
            positions[i] = elea_output_stream_position(stream);
        assert_ok(elea_ipc_stream_writer_write_batch(writer, batches[i], NULL, &err));
    }
    assert_ok(elea_ipc_stream_writer_close(writer, &err));
    assert_ok(elea_ipc_stream_writer_close(writer, &err));
    assert_fails(ELEA_EINVAL, "the writer is closed",
                 elea_ipc_stream_writer_write_batch(writer, batches[0], NULL, &err));
    elea_ipc_stream_writer_free(writer);
    assert_ok(elea_output_stream_take(stream, &bytes, &err));
    elea_output_stream_free(stream);
    return bytes;
}

static elea_record_stream *open_stream(elea_buffer *bytes) {
    elea_error err = {0};
    elea_file *file;
    elea_record_stream *stream;
    const elea_ipc_read_options options = {.validation = ELEA_VALIDATE_FULL};
    assert_ok(elea_file_new_from_buffer(bytes, NULL, NULL, &file, &err));
    assert_ok(elea_ipc_stream_reader_new(file, &options, &stream, &err));
    elea_file_unref(file);
    return stream;
}

static void check_stream(elea_buffer *bytes, const elea_record_batch *const *batches,
                         int64_t count) {
    elea_error err = {0};
    elea_record_batch *found;
    elea_record_stream *stream = open_stream(bytes);
    assert_true(elea_schema_equal(elea_record_stream_schema(stream),
                                  elea_record_batch_schema(batches[0]), true));
    for (int64_t i = 0; i < count; i++) {
        assert_ok(elea_record_stream_next(stream, &found, &err));
        assert_non_null(found);
        assert_true(elea_record_batch_equal(found, batches[i], &equal_options));
        elea_record_batch_unref(found);
    }
    for (int i = 0; i < 2; i++) {
        assert_ok(elea_record_stream_next(stream, &found, &err));
        assert_null(found);
    }
    elea_record_stream_free(stream);
}

static void test_random_batches(void **state) {
    (void)state;
    elea_error err = {0};
    for (uint64_t seed = 1; seed <= 40; seed++) {
        elea_test_random random = {.state = seed, .with_dictionaries = true};
        const elea_ipc_write_options *options = &write_options[seed % OPTIONS_COUNT];
        elea_record_batch *whole = elea_test_random_batch(&random, (int64_t)seed % 5, 100, 3);
        elea_record_batch *parts[3];
        if (is_available(options)) {
            for (int64_t i = 0; i < 3; i++)
                assert_ok(elea_record_batch_slice(whole, 7 * i, 100 - 33 * i, &parts[i], &err));
            const elea_record_batch *const batches[] = {parts[0], parts[1], parts[2]};
            elea_buffer *bytes = write_stream(batches, 3, options, NULL);
            check_stream(bytes, batches, 3);
            elea_buffer_unref(bytes);
            for (int64_t i = 0; i < 3; i++)
                elea_record_batch_unref(parts[i]);
        }
        elea_record_batch_unref(whole);
    }
}

// Read with pread(), a column only, and put together to a table.
static void test_table_from_disk(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_scratch scratch;
    elea_test_random random = {.state = 5, .with_dictionaries = true};
    elea_record_batch *batch = elea_test_random_batch(&random, 4, 200, 2);
    const elea_record_batch *const batches[] = {batch, batch};
    elea_table *table, *found, *selected;
    elea_output_stream *output;
    elea_ipc_stream_writer *writer;
    elea_file *file;
    elea_record_stream *stream;
    static const char *const names[] = {"c2", "c0", NULL};
    const elea_ipc_read_options options = {.columns = names, .validation = ELEA_VALIDATE_FULL};
    elea_test_scratch_init(&scratch);
    const char *path = elea_test_scratch_path(&scratch, "table.arrows");
    assert_ok(elea_table_new_from_batches(NULL, elea_record_batch_schema(batch), batches, 2, &table,
                                          &err));
    assert_ok(elea_output_stream_open(path, NULL, NULL, &output, &err));
    assert_ok(elea_ipc_stream_writer_new(output, elea_table_schema(table), NULL, &writer, &err));
    assert_ok(elea_ipc_stream_writer_write_table(writer, table, &err));
    assert_ok(elea_ipc_stream_writer_close(writer, &err));
    elea_ipc_stream_writer_free(writer);
    assert_ok(elea_output_stream_close(output, &err));
    elea_output_stream_free(output);

    assert_ok(elea_table_select(table, names, &selected, &err));
    for (int mapped = 0; mapped < 2; mapped++) {
        bool equal = false;
        assert_ok(mapped ? elea_file_map(path, NULL, &file, &err)
                         : elea_file_open(path, NULL, &file, &err));
        int64_t copied = elea_copied_bytes();
        assert_ok(elea_ipc_stream_reader_new(file, &options, &stream, &err));
        elea_file_unref(file);
        assert_ok(elea_table_new_from_stream(NULL, stream, &found, &err));
        assert_int_equal(elea_copied_bytes(), copied);
        elea_record_stream_free(stream);
        assert_ok(elea_table_equal(found, selected, &equal_options, &equal, &err));
        assert_true(equal);
        elea_table_unref(found);
    }
    elea_table_unref(selected);
    elea_table_unref(table);
    elea_record_batch_unref(batch);
    elea_test_scratch_release(&scratch);
}

static void test_batch_metadata(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_random random = {.state = 3};
    elea_record_batch *batch = elea_test_random_batch(&random, 1, 5, 0), *found;
    elea_metadata *metadata;
    elea_output_stream *output;
    elea_ipc_stream_writer *writer;
    elea_buffer *bytes;
    const elea_bytes key = elea_bytes_of("lap"), value = elea_bytes_of("1");
    assert_ok(elea_metadata_new(NULL, &key, &value, 1, &metadata, &err));
    assert_ok(elea_output_stream_new_memory(NULL, &output, &err));
    assert_ok(
        elea_ipc_stream_writer_new(output, elea_record_batch_schema(batch), NULL, &writer, &err));
    assert_ok(elea_ipc_stream_writer_write_batch(writer, batch, metadata, &err));
    assert_ok(elea_ipc_stream_writer_write_batch(writer, batch, NULL, &err));
    elea_ipc_stream_writer_free(writer); // without a mark at the end
    assert_ok(elea_output_stream_take(output, &bytes, &err));
    elea_output_stream_free(output);
    elea_record_stream *stream = open_stream(bytes);
    assert_null(elea_ipc_stream_reader_batch_metadata(stream));
    for (int i = 0; i < 3; i++) {
        assert_ok(elea_record_stream_next(stream, &found, &err));
        assert_true((found == NULL) == (i == 2));
        assert_true(elea_metadata_equal(elea_ipc_stream_reader_batch_metadata(stream),
                                        i == 0 ? metadata : NULL));
        elea_record_batch_unref(found);
    }
    elea_record_stream_free(stream);
    elea_buffer_unref(bytes);
    elea_metadata_unref(metadata);
    elea_record_batch_unref(batch);
}

// ---- dictionaries

// A column of the texts, encoded; NULL is a null.
static elea_record_batch *words(const char *const *texts, int64_t count) {
    elea_error err = {0};
    elea_type *type;
    elea_builder *builder;
    elea_array *array;
    assert_ok(elea_type_new_dictionary(NULL, elea_type_of(ELEA_TYPE_INT16),
                                       elea_type_of(ELEA_TYPE_UTF8), false, &type, &err));
    assert_ok(elea_builder_new(NULL, type, &builder, &err));
    elea_type_unref(type);
    for (int64_t i = 0; i < count; i++)
        assert_ok(texts[i] ? elea_builder_append_bytes(builder, elea_bytes_of(texts[i]), &err)
                           : elea_builder_append_null(builder, &err));
    assert_ok(elea_builder_finish(builder, &array, &err));
    elea_builder_free(builder);
    elea_record_batch *batch = elea_test_batch_of(array, "word");
    elea_array_unref(array);
    return batch;
}

static const char *const runners[] = {"achilles", "tortoise", "hector"};
static const char *const others[] = {"arrow", NULL, "stadium"};

static void test_replaced_dictionaries(void **state) {
    (void)state;
    elea_record_batch *few = words(runners, 2), *more = words(runners, 3),
                      *other = words(others, 3);
    const elea_record_batch *const batches[] = {few, more, other, few, few, more};
    int64_t sizes[2];
    for (int deltas = 0; deltas < 2; deltas++) {
        const elea_ipc_write_options options = {.dictionary_deltas = deltas};
        elea_buffer *bytes = write_stream(batches, 6, &options, NULL);
        check_stream(bytes, batches, 6);
        sizes[deltas] = elea_buffer_size(bytes);
        elea_buffer_unref(bytes);
    }
    assert_true(sizes[1] <= sizes[0]);
    elea_record_batch_unref(other);
    elea_record_batch_unref(more);
    elea_record_batch_unref(few);
}

// Rows 2, 0, 0, 1 of a dictionary of structs of the words, which are in a dictionary themselves.
static elea_record_batch *pairs_of(const elea_array *column) {
    elea_error err = {0};
    elea_field *field;
    elea_type *pair, *coded;
    elea_array *values, *array;
    elea_buffer *indices;
    assert_ok(elea_field_new(NULL, elea_bytes_of("word"), elea_array_type(column), true, NULL,
                             &field, &err));
    const elea_field *const fields[] = {field};
    assert_ok(elea_type_new_struct(NULL, fields, 1, &pair, &err));
    const elea_buffer *const none[] = {NULL};
    const elea_array_parts inner = {.type = pair,
                                    .length = elea_array_length(column),
                                    .buffers = none,
                                    .buffer_count = 1,
                                    .children = &column,
                                    .child_count = 1};
    assert_ok(elea_array_new(NULL, &inner, &values, &err));
    assert_ok(
        elea_type_new_dictionary(NULL, elea_type_of(ELEA_TYPE_INT8), pair, false, &coded, &err));
    static const int8_t rows[] = {2, 0, 0, 1};
    assert_ok(elea_buffer_new_copy(NULL, rows, 4, &indices, &err));
    const elea_buffer *const buffers[] = {NULL, indices};
    const elea_array_parts outer = {
        .type = coded, .length = 4, .buffers = buffers, .buffer_count = 2, .dictionary = values};
    assert_ok(elea_array_new(NULL, &outer, &array, &err));
    elea_record_batch *batch = elea_test_batch_of(array, "pairs");
    elea_array_unref(array);
    elea_buffer_unref(indices);
    elea_array_unref(values);
    elea_type_unref(coded);
    elea_type_unref(pair);
    elea_field_unref(field);
    return batch;
}

// The offsets at which the messages of a stream begin, and where the last ends.
static int64_t find_messages(elea_buffer *bytes, int64_t *positions) {
    elea_error err = {0};
    elea_file *file;
    elea__ipc_message message;
    int64_t count = 0, position = 0, end = elea_buffer_size(bytes);
    assert_ok(elea_file_new_from_buffer(bytes, NULL, NULL, &file, &err));
    while (position < end - 8) {
        int64_t size = elea__flat_load(elea_buffer_data(bytes) + position + 4, 4);
        const elea__ipc_block block = {.offset = position, .metadata_size = 8 + size};
        positions[count++] = position;
        assert_ok(elea__ipc_message_read(file, &block, end, &message, &err));
        position = message.body_offset + message.body_size;
        elea__ipc_message_release(&message);
    }
    positions[count] = position;
    elea_file_unref(file);
    return count;
}

// The words stay, but their places in the inner dictionary change: what is around is written again.
// Where another writer did not do that, the old structs are read with the new words.
static void test_replaced_inside_others(void **state) {
    (void)state;
    elea_error err = {0};
    static const char *const swapped[] = {"tortoise", "achilles", "tortoise", "hector"};
    elea_record_batch *first = words(runners, 3), *second = words(swapped, 4);
    elea_record_batch *third;
    elea_array *same;
    assert_ok(elea_array_slice(elea_record_batch_column(second, 0), 1, 3, &same, &err));
    elea_record_batch *a = pairs_of(elea_record_batch_column(first, 0)), *b = pairs_of(same);
    const elea_record_batch *const batches[] = {a, b, a};
    assert_true(elea_record_batch_equal(a, b, NULL));
    elea_buffer *bytes = write_stream(batches, 3, NULL, NULL);
    check_stream(bytes, batches, 3);

    // Schema, then words, structs, batch, three times. Without the second structs:
    int64_t positions[16], size = elea_buffer_size(bytes);
    assert_int_equal(find_messages(bytes, positions), 10);
    elea_buffer *cut;
    int64_t removed = positions[6] - positions[5];
    assert_ok(elea_buffer_new(NULL, size - removed, &cut, &err));
    uint8_t *target = elea_buffer_mutable_data(cut);
    memcpy(target, elea_buffer_data(bytes), (size_t)positions[5]);
    memcpy(target + positions[5], elea_buffer_data(bytes) + positions[6],
           (size_t)(size - positions[6]));
    static const char *const renamed[] = {"tortoise", "achilles", "hector"};
    third = words(renamed, 3);
    elea_record_batch *c = pairs_of(elea_record_batch_column(third, 0));
    const elea_record_batch *const expected[] = {a, c, a};
    check_stream(cut, expected, 3);

    elea_buffer_unref(cut);
    elea_buffer_unref(bytes);
    elea_array_unref(same);
    elea_record_batch *const made[] = {a, b, c, first, second, third};
    for (int i = 0; i < 6; i++)
        elea_record_batch_unref(made[i]);
}

// Without its dictionary a batch cannot be read, unless it is all null.
static void test_missing_dictionary(void **state) {
    (void)state;
    elea_error err = {0};
    static const char *const nulls[] = {NULL, NULL};
    for (int missing = 0; missing < 2; missing++) {
        elea_record_batch *batch = missing ? words(runners, 2) : words(nulls, 2);
        const elea_record_batch *const batches[] = {batch, batch};
        int64_t positions[2], size;
        elea_buffer *bytes = write_stream(batches, 2, NULL, positions);
        // The second batch is without a dictionary: put it in the place of the first.
        size = elea_buffer_size(bytes) - positions[1];
        char *cut = malloc((size_t)(positions[0] + size));
        memcpy(cut, elea_buffer_data(bytes), (size_t)positions[0]);
        memcpy(cut + positions[0], elea_buffer_data(bytes) + positions[1], (size_t)size);
        assert_int_equal(elea_test_ipc_touch_stream(cut, positions[0] + size, &err), 1 - missing);
        assert_int_equal(err.status, missing ? ELEA_EINVAL : ELEA_OK);
        if (missing)
            assert_non_null(strstr(err.message, "record batch 0: column \"word\", file offset"));
        if (missing)
            assert_non_null(strstr(err.message, "dictionary 0 is missing"));
        free(cut);
        elea_buffer_unref(bytes);
        elea_record_batch_unref(batch);
    }
}

// ---- damage

static void test_cut_anywhere(void **state) {
    (void)state;
    elea_error err;
    for (int i = 0; i < OPTIONS_COUNT; i++) {
        elea_test_random random = {.state = (uint64_t)i + 2, .with_dictionaries = true};
        if (!is_available(&write_options[i]))
            continue;
        elea_record_batch *batch = elea_test_random_batch(&random, 3, 9, 2);
        const elea_record_batch *const batches[] = {batch, batch};
        int64_t positions[2], good = 0;
        elea_buffer *bytes = write_stream(batches, 2, &write_options[i], positions);
        for (int64_t cut = 0; cut <= elea_buffer_size(bytes); cut++) {
            int64_t found = elea_test_ipc_touch_stream(elea_buffer_data(bytes), cut, &err);
            assert_int_equal(found < 0, cut < positions[0]);
            assert_true(found >= good || good == 0); // all before the cut are given
            good = found;
            assert_true(err.status == ELEA_OK || err.status == ELEA_EINVAL);
            if (err.status != ELEA_OK)
                assert_non_null(strstr(err.message, "cannot read \"bytes\""));
            else
                assert_true(found >= 0);
        }
        assert_int_equal(good, 2);
        elea_buffer_unref(bytes);
        elea_record_batch_unref(batch);
    }
}

static void test_each_byte_altered(void **state) {
    (void)state;
    elea_error err;
    for (int i = 0; i < OPTIONS_COUNT; i++) {
        elea_test_random random = {.state = (uint64_t)i + 9, .with_dictionaries = true};
        if (!is_available(&write_options[i]))
            continue;
        elea_record_batch *batch = elea_test_random_batch(&random, 3, 9, 2);
        const elea_record_batch *const batches[] = {batch, batch};
        elea_buffer *bytes = write_stream(batches, 2, &write_options[i], NULL);
        int64_t size = elea_buffer_size(bytes);
        uint8_t *copy = malloc((size_t)size);
        memcpy(copy, elea_buffer_data(bytes), (size_t)size);
        for (int64_t at = 0; at < size; at++) {
            const uint8_t before = copy[at];
            for (int bit = 0; bit < 8; bit++) {
                copy[at] = (uint8_t)(before ^ 1u << bit);
                elea_test_ipc_touch_stream(copy, size, &err);
            }
            copy[at] = 0xff;
            elea_test_ipc_touch_stream(copy, size, &err);
            copy[at] = before;
        }
        free(copy);
        elea_buffer_unref(bytes);
        elea_record_batch_unref(batch);
    }
}

static void test_not_a_stream(void **state) {
    (void)state;
    elea_error err;
    elea_record_batch *batch = words(runners, 3);
    const elea_record_batch *const batches[] = {batch};
    int64_t positions[1];
    assert_int_equal(elea_test_ipc_touch_stream("", 0, &err), -1);
    assert_non_null(strstr(err.message, "it ends before a schema"));
    assert_int_equal(elea_test_ipc_touch_stream("ARROW1\0\0........", 16, &err), -1);
    assert_non_null(strstr(err.message, "file offset 8: a message with"));
    elea_buffer *bytes = write_stream(batches, 1, NULL, positions);
    const uint8_t *data = elea_buffer_data(bytes);
    int64_t size = elea_buffer_size(bytes);
    assert_int_equal(elea_test_ipc_touch_stream(data + positions[0], size - positions[0], &err),
                     -1);
    assert_non_null(strstr(err.message, "it begins with a message of type 2, expected a schema"));
    // A schema comes once; behind the mark at the end there may be anything.
    char *twice = malloc((size_t)(2 * size));
    memcpy(twice, data, (size_t)size);
    memcpy(twice + size, data, (size_t)size);
    assert_int_equal(elea_test_ipc_touch_stream(twice, 2 * size, &err), 1);
    assert_int_equal(err.status, ELEA_OK);
    memcpy(twice + size - 8, data, (size_t)size);
    assert_int_equal(elea_test_ipc_touch_stream(twice, 2 * size - 8, &err), 1);
    assert_non_null(strstr(err.message, "a message of type 1, expected a dictionary"));
    free(twice);
    elea_buffer_unref(bytes);
    elea_record_batch_unref(batch);
}

// What a body may become in memory is limited.
static void test_decompressed_max(void **state) {
    (void)state;
    elea_error err = {0};
    const elea_ipc_write_options options = {.compression = ELEA_CODEC_ZSTD};
    if (!is_available(&options))
        return;
    elea_test_random random = {.state = 1};
    elea_type *type = elea_test_random_type_of(&random, ELEA_TYPE_UTF8, 0);
    elea_builder *builder;
    elea_array *array;
    elea_file *file;
    elea_record_stream *stream;
    elea_record_batch *found;
    assert_ok(elea_builder_new(NULL, type, &builder, &err));
    for (int i = 0; i < 10000; i++)
        assert_ok(elea_builder_append_bytes(builder, elea_bytes_of("tortoise"), &err));
    assert_ok(elea_builder_finish(builder, &array, &err));
    elea_builder_free(builder);
    elea_record_batch *batch = elea_test_batch_of(array, "text");
    const elea_record_batch *const batches[] = {batch};
    elea_buffer *bytes = write_stream(batches, 1, &options, NULL);
    const int64_t needed = 10001 * 4 + 80000;
    for (int64_t limit = needed; limit >= needed - 1; limit--) {
        const elea_ipc_read_options read = {.decompressed_max = limit};
        assert_ok(elea_file_new_from_buffer(bytes, NULL, NULL, &file, &err));
        assert_ok(elea_ipc_stream_reader_new(file, &read, &stream, &err));
        if (limit == needed)
            assert_ok(elea_record_stream_next(stream, &found, &err));
        else
            assert_fails(ELEA_EINVAL, "declares 80000 bytes, expected at most 79999",
                         elea_record_stream_next(stream, &found, &err));
        if (limit == needed)
            elea_record_batch_unref(found);
        elea_record_stream_free(stream);
        elea_file_unref(file);
    }
    elea_buffer_unref(bytes);
    elea_record_batch_unref(batch);
    elea_array_unref(array);
    elea_type_unref(type);
}

// ---- failures

typedef struct round_trip {
    const elea_record_batch *const *batches;
    int64_t count;
    elea_ipc_write_options write;
} round_trip;

static elea_status write_and_read(elea_pool *pool, void *context, elea_error *err) {
    const round_trip *given = context;
    elea_status status = ELEA_OK;
    elea_output_stream *output = NULL;
    elea_ipc_stream_writer *writer = NULL;
    elea_buffer *bytes = NULL;
    elea_file *file = NULL;
    elea_record_stream *stream = NULL;
    elea_table *table = NULL;
    elea_ipc_write_options write = given->write;
    const elea_ipc_read_options read = {.pool = pool, .validation = ELEA_VALIDATE_FULL};

    write.pool = pool;
    ELEA_GOTO(done, elea_output_stream_new_memory(pool, &output, err));
    ELEA_GOTO(done, elea_ipc_stream_writer_new(output, elea_record_batch_schema(given->batches[0]),
                                               &write, &writer, err));
    for (int64_t i = 0; i < given->count; i++)
        ELEA_GOTO(done, elea_ipc_stream_writer_write_batch(writer, given->batches[i], NULL, err));
    ELEA_GOTO(done, elea_ipc_stream_writer_close(writer, err));
    ELEA_GOTO(done, elea_output_stream_take(output, &bytes, err));
    ELEA_GOTO(done, elea_file_new_from_buffer(bytes, NULL, pool, &file, err));
    ELEA_GOTO(done, elea_ipc_stream_reader_new(file, &read, &stream, err));
    status = elea_table_new_from_stream(pool, stream, &table, err);

done:
    elea_table_unref(table);
    elea_record_stream_free(stream);
    elea_file_unref(file);
    elea_buffer_unref(bytes);
    elea_ipc_stream_writer_free(writer);
    elea_output_stream_free(output);
    return status;
}

static void test_allocation_failures(void **state) {
    (void)state;
    elea_test_random random = {.state = 11, .with_dictionaries = true};
    elea_record_batch *batch = elea_test_random_batch(&random, 12, 20, 3);
    elea_record_batch *few = words(runners, 2), *more = words(runners, 3),
                      *other = words(others, 3);
    const elea_record_batch *const same[] = {batch, batch};
    const elea_record_batch *const changing[] = {few, more, other, few};
    for (int i = 0; i < OPTIONS_COUNT; i++) {
        round_trip given = {.batches = same, .count = 2, .write = write_options[i]};
        if (is_available(&given.write))
            assert_true(elea_test_fail_each_allocation(write_and_read, &given) > 50);
    }
    round_trip given = {.batches = changing, .count = 4, .write = {.dictionary_deltas = true}};
    assert_true(elea_test_fail_each_allocation(write_and_read, &given) > 50);
    elea_record_batch_unref(other);
    elea_record_batch_unref(more);
    elea_record_batch_unref(few);
    elea_record_batch_unref(batch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_batches),         cmocka_unit_test(test_table_from_disk),
        cmocka_unit_test(test_batch_metadata),         cmocka_unit_test(test_replaced_dictionaries),
        cmocka_unit_test(test_replaced_inside_others), cmocka_unit_test(test_missing_dictionary),
        cmocka_unit_test(test_cut_anywhere),           cmocka_unit_test(test_each_byte_altered),
        cmocka_unit_test(test_not_a_stream),           cmocka_unit_test(test_decompressed_max),
        cmocka_unit_test(test_allocation_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

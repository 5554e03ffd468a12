// SPDX-License-Identifier: Apache-2.0
//
// What writers can be told: versions, limits, sizes of batches, threads; what they count; single
// messages.
#include <elea/ipc.h>

#include <stdlib.h>
#include <string.h>

#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/ipc_file.h"
#include "support/random_data.h"

static const elea_equal_options equal_options = {.nans_equal = true, .with_metadata = true};

static bool is_available(elea_codec_id id) {
    return id == ELEA_CODEC_NONE || elea_codec_available(elea_codec_of(id));
}

static elea_table *read_back(elea_buffer *bytes) {
    elea_error err = {0};
    elea_file *file;
    elea_ipc_file_reader *reader;
    elea_table *table;
    const elea_ipc_read_options options = {.validation = ELEA_VALIDATE_FULL};
    assert_ok(elea_file_new_from_buffer(bytes, NULL, NULL, &file, &err));
    assert_ok(elea_ipc_file_reader_new(file, &options, &reader, &err));
    assert_ok(elea_ipc_file_reader_read_table(reader, &table, &err));
    elea_ipc_file_reader_free(reader);
    elea_file_unref(file);
    return table;
}

// A table as a file; `stats` may be NULL.
static elea_buffer *write_table(const elea_table *table, const elea_ipc_write_options *options,
                                elea_ipc_write_stats *stats) {
    elea_error err = {0};
    elea_output_stream *stream;
    elea_ipc_file_writer *writer;
    elea_buffer *bytes;
    assert_ok(elea_output_stream_new_memory(NULL, &stream, &err));
    assert_ok(
        elea_ipc_file_writer_new(stream, elea_table_schema(table), options, NULL, &writer, &err));
    assert_ok(elea_ipc_file_writer_write_table(writer, table, &err));
    assert_ok(elea_ipc_file_writer_close(writer, &err));
    if (stats)
        elea_ipc_file_writer_stats(writer, stats);
    elea_ipc_file_writer_free(writer);
    assert_ok(elea_output_stream_take(stream, &bytes, &err));
    elea_output_stream_free(stream);
    return bytes;
}

static elea_table *table_of(const elea_record_batch *const *batches, int64_t count) {
    elea_error err = {0};
    elea_table *table;
    assert_ok(elea_table_new_from_batches(NULL, elea_record_batch_schema(batches[0]), batches,
                                          count, &table, &err));
    return table;
}

static void assert_table_equal(const elea_table *found, const elea_table *expected) {
    elea_error err = {0};
    bool equal = false;
    assert_ok(elea_table_equal(found, expected, &equal_options, &equal, &err));
    assert_true(equal);
}

static elea_table *random_table(uint64_t seed, int64_t length) {
    elea_test_random random = {.state = seed, .with_dictionaries = true};
    elea_record_batch *batch = elea_test_random_batch(&random, 8, length, 3);
    const elea_record_batch *const batches[] = {batch};
    elea_table *table = table_of(batches, 1);
    elea_record_batch_unref(batch);
    return table;
}

// ---- every combination

static void check_options(const elea_table *table, const elea_ipc_write_options *options) {
    elea_buffer *bytes = write_table(table, options, NULL);
    elea_table *found = read_back(bytes);
    assert_table_equal(found, table);
    elea_table_unref(found);
    elea_buffer_unref(bytes);
}

static void test_combinations(void **state) {
    (void)state;
    static const int32_t alignments[] = {0, 8, 16, 512, 4096};
    static const double savings[] = {0, 0.25, 1};
    int64_t checked = 0;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        elea_table *whole = random_table(seed, seed == 1 ? 0 : 97), *table;
        elea_error err = {0};
        // Odd offsets into everything.
        int64_t offset = elea_table_length(whole) > 0 ? (int64_t)seed * 3 : 0;
        assert_ok(elea_table_slice(whole, offset, elea_table_length(whole) - offset, &table, &err));
        for (int id = ELEA_CODEC_NONE; id <= ELEA_CODEC_ZSTD; id++) {
            int32_t min = 0, max = 0;
            if (!is_available((elea_codec_id)id))
                continue;
            if (id != ELEA_CODEC_NONE)
                elea_codec_levels(elea_codec_of((elea_codec_id)id), &min, &max);
            const int32_t levels[] = {0, 1, max < 12 ? max : 12};
            for (int i = 0; i < 5 * 3 * 3 * 4; i++) {
                const elea_ipc_write_options options = {
                    .alignment = alignments[i % 5],
                    .compression = (elea_codec_id)id,
                    .compression_level = id == ELEA_CODEC_NONE ? 0 : levels[i / 5 % 3],
                    .space_savings_min = savings[i / 15 % 3],
                    .legacy_framing = i / 45 % 2,
                    .metadata_v4 = id == ELEA_CODEC_NONE && i / 90,
                    .batch_rows_max = i % 7 * 5};
                check_options(table, &options);
                checked++;
            }
        }
        elea_table_unref(table);
        elea_table_unref(whole);
    }
    assert_true(checked >= 5 * 180);
}

static void test_refused_options(void **state) {
    (void)state;
    static const struct {
        elea_ipc_write_options options;
        elea_status status;
        const char *message;
    } cases[] = {
        {{.depth_max = -1}, ELEA_EINVAL, "depth_max is -1, expected 0 to 64"},
        {{.depth_max = 65}, ELEA_EINVAL, "depth_max is 65, expected 0 to 64"},
        {{.batch_rows_max = -2}, ELEA_EINVAL, "batch_rows_max is -2, expected 0 or more"},
        {{.metadata_v4 = true, .compression = ELEA_CODEC_LZ4_FRAME},
         ELEA_EINVAL,
         "metadata of version 4 knows no compression"},
        {{.depth_max = 1}, ELEA_ECAPACITY, "types are nested 2 deep, expected at most 1"},
    };
    elea_error err = {0};
    elea_schema *schema;
    elea_output_stream *stream;
    assert_ok(elea_schema_parse(NULL, elea_bytes_of("deep: list<utf8>"), &schema, &err));
    assert_ok(elea_output_stream_new_memory(NULL, &stream, &err));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        elea_ipc_file_writer *writer = NULL;
        assert_fails(
            cases[i].status, cases[i].message,
            elea_ipc_file_writer_new(stream, schema, &cases[i].options, NULL, &writer, &err));
    }
    elea_output_stream_free(stream);
    elea_schema_unref(schema);
}

// More rows than 32 bits count; of nulls, which take no room.
static void test_long_arrays(void **state) {
    (void)state;
    elea_error err = {0};
    elea_array *array;
    assert_ok(elea_array_new_null(NULL, elea_type_of(ELEA_TYPE_NULL), (int64_t)INT32_MAX + 1,
                                  &array, &err));
    elea_record_batch *batch = elea_test_batch_of(array, "nothing");
    const elea_record_batch *const batches[] = {batch};
    elea_table *table = table_of(batches, 1);
    check_options(table, &(elea_ipc_write_options){.allow_64bit = true});
    check_options(table, &(elea_ipc_write_options){.batch_rows_max = INT32_MAX});
    elea_output_stream *stream;
    elea_ipc_stream_writer *writer;
    assert_ok(elea_output_stream_new_memory(NULL, &stream, &err));
    assert_ok(elea_ipc_stream_writer_new(stream, elea_table_schema(table), NULL, &writer, &err));
    assert_fails(ELEA_ECAPACITY, "an array of 2147483648 rows, expected at most 2147483647",
                 elea_ipc_stream_writer_write_batch(writer, batch, NULL, &err));
    elea_ipc_stream_writer_free(writer);
    elea_output_stream_free(stream);
    elea_table_unref(table);
    elea_record_batch_unref(batch);
    elea_array_unref(array);
}

// ---- threads

// Buffers large enough that they are compressed by several threads.
static elea_table *large_table(void) {
    elea_error err = {0};
    elea_array *arrays[6];
    elea_field *fields[6];
    elea_schema *schema;
    elea_record_batch *batch;
    for (int i = 0; i < 6; i++) {
        elea_builder *builder;
        char name[16];
        assert_ok(elea_builder_new(NULL, elea_type_of(ELEA_TYPE_INT64), &builder, &err));
        for (int64_t row = 0; row < 30000; row++)
            assert_ok(elea_builder_append_int(builder, row * row % (1000 * i + 7), &err));
        assert_ok(elea_builder_finish(builder, &arrays[i], &err));
        elea_builder_free(builder);
        snprintf(name, sizeof name, "c%d", i);
        assert_ok(elea_field_new(NULL, elea_bytes_of(name), elea_type_of(ELEA_TYPE_INT64), true,
                                 NULL, &fields[i], &err));
    }
    assert_ok(elea_schema_new(NULL, (const elea_field *const *)fields, 6, NULL, &schema, &err));
    assert_ok(elea_record_batch_new(NULL, schema, 30000, (const elea_array *const *)arrays, &batch,
                                    &err));
    const elea_record_batch *const batches[] = {batch, batch};
    elea_table *table = table_of(batches, 2);
    for (int i = 0; i < 6; i++) {
        elea_array_unref(arrays[i]);
        elea_field_unref(fields[i]);
    }
    elea_schema_unref(schema);
    elea_record_batch_unref(batch);
    return table;
}

static void test_threads_do_not_matter(void **state) {
    (void)state;
    elea_error err = {0};
    elea_table *table = large_table();
    for (int id = ELEA_CODEC_LZ4_FRAME; id <= ELEA_CODEC_ZSTD; id++) {
        elea_buffer *bytes[3];
        if (!is_available((elea_codec_id)id))
            continue;
        for (int i = 0; i < 3; i++) {
            elea_thread_pool *threads;
            assert_ok(elea_thread_pool_new(NULL, 1 + 2 * i, &threads, &err));
            const elea_ipc_write_options options = {.compression = (elea_codec_id)id,
                                                    .threads = threads};
            bytes[i] = write_table(table, &options, NULL);
            elea_thread_pool_free(threads);
            assert_int_equal(elea_buffer_size(bytes[i]), elea_buffer_size(bytes[0]));
            assert_memory_equal(elea_buffer_data(bytes[i]), elea_buffer_data(bytes[0]),
                                (size_t)elea_buffer_size(bytes[0]));
        }
        elea_table *found = read_back(bytes[2]);
        assert_table_equal(found, table);
        elea_table_unref(found);
        for (int i = 0; i < 3; i++)
            elea_buffer_unref(bytes[i]);
    }
    elea_table_unref(table);
}

// Buffers that hardly shrink stay as they are when that is asked for.
static void test_savings(void **state) {
    (void)state;
    elea_table *table = large_table();
    for (int id = ELEA_CODEC_LZ4_FRAME; id <= ELEA_CODEC_ZSTD; id++) {
        int64_t sizes[3];
        if (!is_available((elea_codec_id)id))
            continue;
        for (int i = 0; i < 3; i++) {
            const elea_ipc_write_options options = {.compression = (elea_codec_id)id,
                                                    .space_savings_min = 0.5 * i};
            elea_buffer *bytes = write_table(table, &options, NULL);
            sizes[i] = elea_buffer_size(bytes);
            elea_buffer_unref(bytes);
        }
        assert_true(sizes[0] <= sizes[1] && sizes[1] < sizes[2]);
        assert_true(sizes[2] > 2 * 6 * 30000 * 8);
    }
    elea_table_unref(table);
}

// ---- dictionaries

static elea_record_batch *words(const char *const *texts, elea_type_id index) {
    elea_error err = {0};
    elea_type *type;
    elea_builder *builder;
    elea_array *array;
    assert_ok(elea_type_new_dictionary(NULL, elea_type_of(index), elea_type_of(ELEA_TYPE_UTF8),
                                       false, &type, &err));
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

static const char *const runners[] = {"achilles", "tortoise", NULL};
static const char *const others[] = {"arrow", "tortoise", "stadium", "arrow", NULL};

static void test_unified_dictionaries(void **state) {
    (void)state;
    elea_error err = {0};
    elea_record_batch *a = words(runners, ELEA_TYPE_INT8), *b = words(others, ELEA_TYPE_INT8);
    const elea_record_batch *const batches[] = {a, b, a};
    elea_table *table = table_of(batches, 3);
    elea_ipc_write_stats stats;
    const elea_ipc_write_options unify = {.unify_dictionaries = true};
    elea_buffer *bytes = write_table(table, &unify, &stats);
    assert_int_equal(stats.messages, 5);
    assert_int_equal(stats.record_batches, 3);
    assert_int_equal(stats.dictionary_batches, 1);
    elea_table *found = read_back(bytes);
    assert_table_equal(found, table);
    assert_int_equal(elea_chunked_array_chunk_count(elea_table_column(found, 0)), 3);
    elea_table_unref(found);
    elea_buffer_unref(bytes);

    elea_output_stream *stream;
    elea_ipc_file_writer *writer;
    assert_ok(elea_output_stream_new_memory(NULL, &stream, &err));
    assert_ok(
        elea_ipc_file_writer_new(stream, elea_table_schema(table), NULL, NULL, &writer, &err));
    assert_fails(ELEA_EINVAL, "a file has one for all",
                 elea_ipc_file_writer_write_table(writer, table, &err));
    elea_ipc_file_writer_free(writer);
    elea_output_stream_free(stream);
    elea_table_unref(table);
    elea_record_batch_unref(b);
    elea_record_batch_unref(a);
}

static void test_statistics(void **state) {
    (void)state;
    elea_error err = {0};
    static const char *const longer[] = {"achilles", "tortoise", "hector", NULL};
    elea_record_batch *few = words(runners, ELEA_TYPE_INT8), *more = words(longer, ELEA_TYPE_INT8),
                      *other = words(others, ELEA_TYPE_INT8);
    const elea_record_batch *const batches[] = {few, few, more, other};
    elea_output_stream *stream;
    elea_ipc_stream_writer *writer;
    elea_ipc_write_stats stats;
    const elea_ipc_write_options options = {.dictionary_deltas = true, .alignment = 8};
    assert_ok(elea_output_stream_new_memory(NULL, &stream, &err));
    assert_ok(
        elea_ipc_stream_writer_new(stream, elea_record_batch_schema(few), &options, &writer, &err));
    for (int i = 0; i < 4; i++)
        assert_ok(elea_ipc_stream_writer_write_batch(writer, batches[i], NULL, &err));
    elea_ipc_stream_writer_stats(writer, &stats);
    assert_int_equal(stats.messages, 8);
    assert_int_equal(stats.record_batches, 4);
    assert_int_equal(stats.dictionary_batches, 3);
    assert_int_equal(stats.dictionary_deltas, 1);
    assert_int_equal(stats.replaced_dictionaries, 1);
    assert_int_equal(stats.raw_body_bytes, 2 + 2 + 3 + 4); // indices of one byte
    assert_int_equal(stats.body_bytes, 4 * 8);
    elea_ipc_stream_writer_free(writer);
    elea_output_stream_free(stream);
    elea_record_batch_unref(other);
    elea_record_batch_unref(more);
    elea_record_batch_unref(few);
}

// ---- single messages

static void test_sizes_and_messages(void **state) {
    (void)state;
    elea_error err = {0};
    for (uint64_t seed = 1; seed <= 30; seed++) {
        elea_test_random random = {.state = seed, .with_dictionaries = seed % 2};
        elea_record_batch *whole = elea_test_random_batch(&random, 4, 60, 3), *batch, *found;
        elea_buffer *bytes;
        elea_schema *schema;
        int64_t size = 0;
        elea_ipc_write_options options = {.alignment = 8 << seed % 4};
        if (is_available(ELEA_CODEC_ZSTD) && seed % 5 == 0)
            options.compression = ELEA_CODEC_ZSTD;
        else
            options.metadata_v4 = seed % 3 == 0;
        assert_ok(elea_record_batch_slice(whole, (int64_t)seed, 60 - (int64_t)seed, &batch, &err));
        assert_ok(elea_ipc_serialize_batch(batch, NULL, &options, &bytes, &err));
        assert_ok(elea_ipc_record_batch_size(batch, &options, &size, &err));
        if (seed % 2)
            assert_in_range(size, 1, elea_buffer_size(bytes)); // dictionaries come before it
        else
            assert_int_equal(size, elea_buffer_size(bytes));
        const elea_ipc_read_options read = {.validation = ELEA_VALIDATE_FULL};
        assert_ok(
            elea_ipc_parse_batch(bytes, elea_record_batch_schema(batch), &read, &found, &err));
        assert_true(elea_record_batch_equal(found, batch, &equal_options));
        elea_record_batch_unref(found);
        elea_buffer_unref(bytes);

        assert_ok(
            elea_ipc_serialize_schema(elea_record_batch_schema(batch), &options, &bytes, &err));
        assert_ok(elea_ipc_parse_schema(bytes, NULL, &schema, &err));
        assert_true(elea_schema_equal(schema, elea_record_batch_schema(batch), true));
        assert_fails(ELEA_EINVAL, "expected the message of a record batch",
                     elea_ipc_parse_batch(bytes, schema, NULL, &found, &err));
        elea_schema_unref(schema);
        elea_buffer_unref(bytes);
        elea_record_batch_unref(batch);
        elea_record_batch_unref(whole);
    }
}

// How many rows the children of an array have together.
static int64_t rows_of_children(const elea_array *array) {
    int64_t sum = 0;
    for (int64_t i = 0; i < elea_array_child_count(array); i++)
        sum += elea_array_length(elea_array_child(array, i));
    return sum;
}

// What builders make has no row of a child in two rows, and none between them.
static int64_t rows_used(const elea_array *array) {
    int64_t sum = 0;
    elea_span span;
    if (elea_type_id_of(elea_array_type(array)) == ELEA_TYPE_DENSE_UNION)
        return elea_array_length(array);
    elea_span_of(array, &span);
    for (int64_t i = 0; i < span.length; i++) {
        int64_t offset, size;
        elea_span_get_list(&span, i, &offset, &size);
        sum += size;
    }
    return sum;
}

static void check_part(const elea_array *array, int64_t start, int64_t count) {
    elea_error err = {0};
    elea_array *part;
    elea_buffer *bytes;
    elea_record_batch *found;
    int64_t size = 0;
    const elea_ipc_read_options read = {.validation = ELEA_VALIDATE_FULL};
    assert_ok(elea_array_slice(array, start, count, &part, &err));
    elea_record_batch *batch = elea_test_batch_of(part, "part");
    assert_ok(elea_ipc_serialize_batch(batch, NULL, NULL, &bytes, &err));
    assert_ok(elea_ipc_record_batch_size(batch, NULL, &size, &err));
    assert_int_equal(size, elea_buffer_size(bytes));
    assert_ok(elea_ipc_parse_batch(bytes, elea_record_batch_schema(batch), &read, &found, &err));
    assert_true(elea_record_batch_equal(found, batch, &equal_options));
    assert_int_equal(rows_of_children(elea_record_batch_column(found, 0)), rows_used(part));
    elea_record_batch_unref(found);
    elea_buffer_unref(bytes);
    elea_record_batch_unref(batch);
    elea_array_unref(part);
}

static const char *const parted_types[] = {
    "list_view<item: int32>", "large_list_view<item: utf8>",
    "dense_union<a: int8 = 3, b: list_view<item: utf8> = 7, c: bool = 0>"};

// Of the children of list views and dense unions no more is written than a slice uses.
static void test_parts_of_children(void **state) {
    (void)state;
    elea_error err = {0};
    static const int64_t parts[][2] = {{0, 90}, {0, 7}, {3, 20}, {89, 1}, {40, 0}, {65, 25}};
    for (int t = 0; t < 3; t++) {
        elea_test_random random = {.state = (uint64_t)t + 1};
        elea_type *type;
        assert_ok(elea_type_parse(NULL, elea_bytes_of(parted_types[t]), &type, &err));
        for (int time = 0; time < 10; time++) {
            elea_array *array = elea_test_random_array(&random, type, 90, time % 4);
            for (int i = 0; i < 6; i++)
                check_part(array, parts[i][0], parts[i][1]);
            elea_array_unref(array);
        }
        elea_type_unref(type);
    }
}

// Rows that reach outside of their children, in arrays that nobody validated.
static void test_wrong_children(void **state) {
    (void)state;
    elea_error err = {0};
    for (int t = 0; t < 3; t++) {
        elea_test_random random = {.state = 5};
        elea_type *type;
        elea_array *array, *wrong, *children[3] = {NULL};
        const elea_buffer *buffers[3];
        elea_buffer *bytes;
        assert_ok(elea_type_parse(NULL, elea_bytes_of(parted_types[t]), &type, &err));
        array = elea_test_random_array(&random, type, 30, 0);
        elea_array_parts parts = {.type = type,
                                  .length = 30,
                                  .offset = elea_array_offset(array),
                                  .buffers = buffers,
                                  .buffer_count = elea_array_buffer_count(array),
                                  .children = (const elea_array *const *)children,
                                  .child_count = elea_array_child_count(array)};
        for (int64_t i = 0; i < parts.buffer_count; i++)
            buffers[i] = elea_array_buffer(array, i);
        for (int64_t i = 0; i < parts.child_count; i++)
            assert_ok(elea_array_slice(elea_array_child(array, i), 0, 1, &children[i], &err));
        assert_ok(elea_array_new(NULL, &parts, &wrong, &err));
        elea_record_batch *batch = elea_test_batch_of(wrong, "wrong");
        assert_fails(ELEA_EINVAL, t < 2 ? "past the end of the child (1 rows)" : "has 1 rows",
                     elea_ipc_serialize_batch(batch, NULL, NULL, &bytes, &err));
        elea_record_batch_unref(batch);
        elea_array_unref(wrong);
        for (int64_t i = 0; i < parts.child_count; i++)
            elea_array_unref(children[i]);
        elea_array_unref(array);
        elea_type_unref(type);
    }
}

static void test_wrong_messages(void **state) {
    (void)state;
    elea_error err = {0};
    elea_record_batch *batch = words(runners, ELEA_TYPE_INT8), *found;
    elea_schema *schema;
    elea_buffer *bytes, *cut;
    assert_ok(elea_ipc_serialize_batch(batch, NULL, NULL, &bytes, &err));
    assert_fails(ELEA_EINVAL, "expected the message of a schema",
                 elea_ipc_parse_schema(bytes, NULL, &schema, &err));
    const elea_ipc_read_options read = {.validation = ELEA_VALIDATE_FULL};
    for (int64_t size = 0; size < elea_buffer_size(bytes); size++) {
        assert_ok(elea_buffer_slice(bytes, 0, size, &cut, &err));
        assert_int_not_equal(
            elea_ipc_parse_batch(cut, elea_record_batch_schema(batch), &read, &found, &err),
            ELEA_OK);
        elea_buffer_unref(cut);
    }
    elea_buffer_unref(bytes);
    elea_record_batch_unref(batch);
}

// ---- memory running out

static elea_status write_unified(elea_pool *pool, void *context, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_output_stream *stream = NULL;
    elea_ipc_file_writer *writer = NULL;
    const elea_ipc_write_options options = {
        .unify_dictionaries = true,
        .compression = is_available(ELEA_CODEC_LZ4_FRAME) ? ELEA_CODEC_LZ4_FRAME : ELEA_CODEC_NONE,
        .pool = pool};
    ELEA_GOTO(done, elea_output_stream_new_memory(pool, &stream, err));
    ELEA_GOTO(done, elea_ipc_file_writer_new(stream, elea_table_schema(context), &options, NULL,
                                             &writer, err));
    ELEA_GOTO(done, elea_ipc_file_writer_write_table(writer, context, err));
    status = elea_ipc_file_writer_close(writer, err);

done:
    elea_ipc_file_writer_free(writer);
    elea_output_stream_free(stream);
    return status;
}

static elea_status serialize_and_parse(elea_pool *pool, void *context, elea_error *err) {
    elea_status status = ELEA_OK;
    const elea_schema *schema = elea_record_batch_schema(context);
    const elea_ipc_write_options write = {.pool = pool};
    const elea_ipc_read_options read = {.pool = pool};
    elea_buffer *bytes = NULL;
    elea_record_batch *batch = NULL;
    int64_t size = 0;
    ELEA_GOTO(done, elea_ipc_record_batch_size(context, &write, &size, err));
    ELEA_GOTO(done, elea_ipc_serialize_batch(context, NULL, &write, &bytes, err));
    status = elea_ipc_parse_batch(bytes, schema, &read, &batch, err);

done:
    elea_record_batch_unref(batch);
    elea_buffer_unref(bytes);
    return status;
}

static void test_allocation_failures(void **state) {
    (void)state;
    elea_record_batch *a = words(runners, ELEA_TYPE_INT8), *b = words(others, ELEA_TYPE_INT8);
    const elea_record_batch *const batches[] = {a, b};
    elea_table *table = table_of(batches, 2);
    // The parts of the table are unified in their own pool, slices in that of the column.
    assert_true(elea_test_fail_each_allocation(write_unified, table) > 20);
    assert_true(elea_test_fail_each_allocation(serialize_and_parse, b) > 20);
    for (int t = 0; t < 3; t++) {
        elea_error err = {0};
        elea_test_random random = {.state = 3};
        elea_type *type;
        assert_ok(elea_type_parse(NULL, elea_bytes_of(parted_types[t]), &type, &err));
        elea_array *array = elea_test_random_array(&random, type, 40, 0);
        elea_array *part;
        assert_ok(elea_array_slice(array, 10, 20, &part, &err));
        elea_record_batch *batch = elea_test_batch_of(part, "part");
        assert_true(elea_test_fail_each_allocation(serialize_and_parse, batch) > 10);
        elea_record_batch_unref(batch);
        elea_array_unref(part);
        elea_array_unref(array);
        elea_type_unref(type);
    }
    elea_table_unref(table);
    elea_record_batch_unref(b);
    elea_record_batch_unref(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_combinations),      cmocka_unit_test(test_refused_options),
        cmocka_unit_test(test_long_arrays),       cmocka_unit_test(test_threads_do_not_matter),
        cmocka_unit_test(test_savings),           cmocka_unit_test(test_unified_dictionaries),
        cmocka_unit_test(test_statistics),        cmocka_unit_test(test_sizes_and_messages),
        cmocka_unit_test(test_parts_of_children), cmocka_unit_test(test_wrong_children),
        cmocka_unit_test(test_wrong_messages),    cmocka_unit_test(test_allocation_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

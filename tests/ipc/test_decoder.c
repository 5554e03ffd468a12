// SPDX-License-Identifier: Apache-2.0
//
// The push decoder: the same batches and the same errors however the bytes are cut, nothing copied
// where nothing need be, and not a byte taken that is not its own.
#include <elea/ipc.h>

#include <stdlib.h>

#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/ipc_decode.h"
#include "support/ipc_file.h"
#include "support/random_data.h"

static const elea_equal_options equal_options = {.nans_equal = true, .with_metadata = true};

static const elea_ipc_write_options write_options[] = {
    {.alignment = 8, .dictionary_deltas = true},
    {.alignment = 64, .legacy_framing = true},
    {.compression = ELEA_CODEC_LZ4_FRAME, .alignment = 8},
    {.compression = ELEA_CODEC_ZSTD, .legacy_framing = true, .alignment = 8},
    {.alignment = 8, .metadata_v4 = true},
};

#define OPTIONS_COUNT ((int)(sizeof write_options / sizeof *write_options))

static int64_t same_size(void *context) { return *(int64_t *)context; }

static int64_t random_size(void *context) {
    elea_test_random *random = context;
    return 1 + elea_test_random_below(random, elea_test_random_below(random, 2) ? 5 : 300);
}

// Three batches of different lengths: dictionaries change between them.
static elea_buffer *write_some(uint64_t seed, const elea_ipc_write_options *options) {
    elea_error err;
    elea_test_random random = {.state = seed, .with_dictionaries = true};
    elea_record_batch *whole = elea_test_random_batch(&random, 3, 40, 2), *parts[3];
    for (int64_t i = 0; i < 3; i++)
        assert_ok(elea_record_batch_slice(whole, 5 * i, 40 - 13 * i, &parts[i], &err));
    const elea_record_batch *const batches[] = {parts[0], parts[1], parts[2]};
    elea_buffer *bytes = elea_test_ipc_stream_bytes(batches, 3, options);
    for (int64_t i = 0; i < 3; i++)
        elea_record_batch_unref(parts[i]);
    elea_record_batch_unref(whole);
    return bytes;
}

static void check_cuts(const uint8_t *data, int64_t size, const elea_test_decoded *expected) {
    static int64_t sizes[] = {1, 3, 8, 61};
    elea_test_random random = {.state = (uint64_t)size};
    for (int i = 0; i < 10; i++) {
        elea_test_decoded found;
        elea_test_decode_options options = {.read = {.validation = ELEA_VALIDATE_FULL},
                                            .as_buffers = i % 2};
        options.cut = i < 8 ? same_size : random_size;
        options.context = i < 8 ? (void *)&sizes[i / 2] : (void *)&random;
        elea_test_decode(data, size, &options, &found);
        const char *difference = elea_test_decoded_difference(expected, &found);
        if (difference)
            fail_msg("%s differs: \"%s\" and \"%s\"", difference, expected->err.message,
                     found.err.message);
        elea_test_decoded_release(&found);
    }
}

static void test_any_cut(void **state) {
    (void)state;
    const elea_test_decode_options whole = {.read = {.validation = ELEA_VALIDATE_FULL}};
    for (uint64_t seed = 1; seed <= 25; seed++) {
        const elea_ipc_write_options *options = &write_options[seed % OPTIONS_COUNT];
        elea_test_decoded expected;
        if (!elea_test_ipc_can_write(options))
            continue;
        elea_buffer *bytes = write_some(seed, options);
        int64_t size = elea_buffer_size(bytes);
        elea_test_decode(elea_buffer_data(bytes), size, &whole, &expected);
        assert_int_equal(expected.err.status, ELEA_OK);
        assert_int_equal(expected.count, 3);
        assert_int_equal(expected.taken, size);
        assert_int_equal(expected.stats.record_batches, 3);
        assert_int_equal(expected.stats.messages, 4 + expected.stats.dictionary_batches);
        assert_in_range(expected.stats.metadata_bytes + expected.stats.body_bytes, size - 8, size);
        check_cuts(elea_buffer_data(bytes), size, &expected);
        elea_test_decoded_release(&expected);
        elea_buffer_unref(bytes);
    }
}

// What lies behind the end is not taken; where the stream is cut or damaged, the cuts do not
// matter.
static void test_same_errors(void **state) {
    (void)state;
    const elea_test_decode_options whole = {.read = {.validation = ELEA_VALIDATE_FULL}};
    for (int i = 0; i < OPTIONS_COUNT; i++) {
        elea_test_decoded expected;
        elea_test_random random = {.state = (uint64_t)i + 1};
        if (!elea_test_ipc_can_write(&write_options[i]))
            continue;
        elea_buffer *bytes = write_some((uint64_t)i + 100, &write_options[i]);
        int64_t size = elea_buffer_size(bytes), good = 0;
        uint8_t *copy = malloc((size_t)size + 100);
        memcpy(copy, elea_buffer_data(bytes), (size_t)size);
        memset(copy + size, 0x5a, 100);
        for (int64_t cut = 0; cut <= size; cut += cut % 7 ? 1 : 3) {
            elea_test_decode(copy, cut, &whole, &expected);
            assert_true(expected.count >= good); // those before the cut
            assert_true(expected.err.status == ELEA_OK || expected.err.status == ELEA_EINVAL);
            good = expected.count;
            if (cut % 5 == 0)
                check_cuts(copy, cut, &expected);
            elea_test_decoded_release(&expected);
        }
        elea_test_decode(copy, size + 100, &whole, &expected);
        assert_int_equal(expected.taken, size);
        assert_int_equal(expected.count, 3);
        check_cuts(copy, size + 100, &expected);
        elea_test_decoded_release(&expected);
        for (int k = 0; k < 150; k++) {
            int64_t at = elea_test_random_below(&random, size);
            copy[at] ^= (uint8_t)(1 + elea_test_random_below(&random, 255));
            elea_test_decode(copy, size, &whole, &expected);
            check_cuts(copy, size, &expected);
            elea_test_decoded_release(&expected);
            copy[at] = elea_buffer_data(bytes)[at];
        }
        free(copy);
        elea_buffer_unref(bytes);
    }
}

// ---- by hand

// Messages that say at which byte what was expected.
static void test_messages(void **state) {
    (void)state;
    elea_error err = {0};
    elea_ipc_decoder *decoder;
    elea_record_batch *batch = NULL;
    elea_buffer *bytes = write_some(4, &write_options[0]);
    const char *data = (const char *)elea_buffer_data(bytes);
    int64_t taken = -1;
    assert_ok(elea_ipc_decoder_new(NULL, &decoder, &err));
    assert_int_equal(elea_ipc_decoder_next_size(decoder), 4);
    assert_ok(elea_ipc_decoder_push(decoder, (elea_bytes){data, 10}, &taken, &err));
    assert_int_equal(taken, 10);
    assert_ok(elea_ipc_decoder_next(decoder, &batch, &err));
    assert_null(batch);
    assert_null(elea_ipc_decoder_schema(decoder));
    assert_false(elea_ipc_decoder_ended(decoder));
    elea_ipc_decoder_end_input(decoder);
    assert_fails(ELEA_EINVAL, "file offset 8: the metadata of a message ends after 2 bytes",
                 elea_ipc_decoder_next(decoder, &batch, &err));
    assert_ok(elea_ipc_decoder_push(decoder, (elea_bytes){data, 10}, &taken, &err));
    assert_int_equal(taken, 0);
    assert_int_equal(elea_ipc_decoder_next_size(decoder), 0);

    elea_ipc_decoder_reset(decoder);
    elea_ipc_decoder_end_input(decoder);
    assert_fails(ELEA_EINVAL, "it ends before a schema",
                 elea_ipc_decoder_next(decoder, &batch, &err));
    elea_ipc_decoder_reset(decoder);
    assert_ok(elea_ipc_decoder_push(decoder, elea_bytes_of("ARROW2........."), NULL, &err));
    assert_fails(ELEA_EINVAL, "it begins with \"ARROW2",
                 elea_ipc_decoder_next(decoder, &batch, &err));
    elea_ipc_decoder_reset(decoder);
    assert_ok(elea_ipc_decoder_push(decoder, elea_bytes_of("just some text"), NULL, &err));
    assert_fails(ELEA_ECAPACITY, "the limit is 268435456",
                 elea_ipc_decoder_next(decoder, &batch, &err));
    elea_ipc_decoder_free(decoder);
    elea_buffer_unref(bytes);
}

// Whether a buffer of the array lies inside `bytes`, or has nothing.
static bool lies_inside(const elea_array *array, const elea_buffer *bytes) {
    const uint8_t *begin = elea_buffer_data(bytes), *end = begin + elea_buffer_size(bytes);
    for (int64_t i = 0; i < elea_array_buffer_count(array); i++) {
        const elea_buffer *buffer = elea_array_buffer(array, i);
        const uint8_t *data = elea_buffer_data(buffer);
        if (elea_buffer_size(buffer) > 0 && (data < begin || data + elea_buffer_size(buffer) > end))
            return false;
    }
    for (int64_t i = 0; i < elea_array_child_count(array); i++)
        if (!lies_inside(elea_array_child(array, i), bytes))
            return false;
    return true;
}

static void test_views_of_a_buffer(void **state) {
    (void)state;
    elea_error err = {0};
    elea_ipc_decoder *decoder;
    elea_record_batch *batch;
    elea_test_random random = {.state = 8};
    elea_record_batch *given = elea_test_random_batch(&random, 4, 100, 2);
    const elea_record_batch *const batches[] = {given, given};
    elea_buffer *bytes = elea_test_ipc_stream_bytes(batches, 2, NULL);
    assert_ok(elea_ipc_decoder_new(NULL, &decoder, &err));
    int64_t copied = elea_copied_bytes();
    assert_ok(elea_ipc_decoder_push_buffer(decoder, bytes, NULL, &err));
    assert_int_equal(elea_ipc_decoder_next_size(decoder), 0);
    for (int i = 0; i < 2; i++) {
        assert_ok(elea_ipc_decoder_next(decoder, &batch, &err));
        for (int64_t c = 0; c < 4; c++)
            assert_true(lies_inside(elea_record_batch_column(batch, c), bytes));
        assert_int_equal(elea_copied_bytes(), copied);
        assert_true(elea_record_batch_equal(batch, given, &equal_options));
        elea_record_batch_unref(batch);
    }
    assert_ok(elea_ipc_decoder_next(decoder, &batch, &err));
    assert_null(batch);
    assert_true(elea_ipc_decoder_ended(decoder));
    elea_ipc_decoder_free(decoder);
    elea_buffer_unref(bytes);
    elea_record_batch_unref(given);
}

// A reader that reads what it is told to copies nothing, and comes to stand behind the end mark,
// where the next stream begins.
static void test_next_size(void **state) {
    (void)state;
    elea_error err = {0};
    elea_ipc_decoder *decoder;
    for (int i = 0; i < 2; i++) {
        elea_buffer *bytes = write_some(7, &write_options[i]);
        int64_t size = elea_buffer_size(bytes), position = 0, taken, batches = 0;
        assert_ok(elea_ipc_decoder_new(NULL, &decoder, &err));
        for (int stream = 0; stream < 3; stream++) {
            int64_t copied = elea_copied_bytes();
            for (position = 0; !elea_ipc_decoder_ended(decoder);) {
                elea_record_batch *batch = NULL;
                elea_buffer *part;
                int64_t wanted = elea_ipc_decoder_next_size(decoder);
                assert_in_range(wanted, 1, size - position);
                assert_ok(elea_buffer_slice(bytes, position, wanted, &part, &err));
                assert_ok(elea_ipc_decoder_push_buffer(decoder, part, &taken, &err));
                assert_int_equal(taken, wanted);
                elea_buffer_unref(part);
                position += wanted;
                assert_ok(elea_ipc_decoder_next(decoder, &batch, &err));
                batches += batch != NULL;
                elea_record_batch_unref(batch);
            }
            assert_int_equal(position, size);
            if (i == 0) // with deltas there is something to put together
                assert_true(elea_copied_bytes() >= copied);
            else
                assert_int_equal(elea_copied_bytes(), copied);
            elea_ipc_decoder_reset(decoder);
            assert_null(elea_ipc_decoder_schema(decoder));
        }
        assert_int_equal(batches, 9);
        elea_ipc_decoder_free(decoder);
        elea_buffer_unref(bytes);
    }
}

// The file format is a stream between its magic and its footer.
static void test_file(void **state) {
    (void)state;
    elea_test_random random = {.state = 8};
    elea_record_batch *given = elea_test_random_batch(&random, 4, 100, 2);
    elea_buffer *bytes = elea_test_ipc_bytes(given, NULL);
    const elea_test_decode_options whole = {.as_buffers = true};
    elea_test_decoded found;
    elea_test_decode(elea_buffer_data(bytes), elea_buffer_size(bytes), &whole, &found);
    assert_int_equal(found.err.status, ELEA_OK);
    assert_int_equal(found.count, 1);
    assert_true(elea_record_batch_equal(found.batches[0], given, &equal_options));
    assert_true(found.taken < elea_buffer_size(bytes)); // the footer
    check_cuts(elea_buffer_data(bytes), elea_buffer_size(bytes), &found);
    elea_test_decoded_release(&found);
    elea_buffer_unref(bytes);
    elea_record_batch_unref(given);
}

// Names of columns are the decoder's own.
static void test_columns(void **state) {
    (void)state;
    elea_error err = {0};
    elea_ipc_decoder *decoder;
    elea_record_batch *batch;
    elea_buffer *bytes = write_some(9, &write_options[0]);
    char name[] = "c2";
    const char *names[] = {name, NULL};
    const elea_ipc_read_options options = {.columns = names};
    assert_ok(elea_ipc_decoder_new(&options, &decoder, &err));
    memset(name, 'x', 2);
    names[0] = NULL;
    for (int i = 0; i < 2; i++) {
        assert_ok(elea_ipc_decoder_push_buffer(decoder, bytes, NULL, &err));
        assert_ok(elea_ipc_decoder_next(decoder, &batch, &err));
        assert_int_equal(elea_record_batch_column_count(batch), 1);
        assert_int_equal(elea_record_batch_length(batch), 40);
        assert_string_equal(elea_field_name(elea_schema_field(elea_ipc_decoder_schema(decoder), 0)),
                            "c2");
        elea_record_batch_unref(batch);
        elea_ipc_decoder_reset(decoder);
    }
    elea_ipc_decoder_free(decoder);

    int64_t indices[] = {2, 0};
    const elea_ipc_read_options by_number = {.column_indices = indices, .column_count = 2};
    assert_ok(elea_ipc_decoder_new(&by_number, &decoder, &err));
    indices[0] = indices[1] = 77;
    assert_ok(elea_ipc_decoder_push_buffer(decoder, bytes, NULL, &err));
    assert_ok(elea_ipc_decoder_next(decoder, &batch, &err));
    assert_int_equal(elea_record_batch_column_count(batch), 2);
    assert_string_equal(elea_field_name(elea_schema_field(elea_ipc_decoder_schema(decoder), 0)),
                        "c2");
    elea_record_batch_unref(batch);
    elea_ipc_decoder_free(decoder);
    elea_buffer_unref(bytes);
}

// ---- limits

static void check_limit(const elea_buffer *bytes, const elea_ipc_read_limits *limits,
                        const char *message) {
    elea_test_decoded found;
    const elea_test_decode_options options = {.read = {.limits = *limits}};
    elea_test_decode(elea_buffer_data(bytes), elea_buffer_size(bytes), &options, &found);
    if (message) {
        assert_int_equal(found.err.status, ELEA_ECAPACITY);
        if (!strstr(found.err.message, message))
            fail_msg("\"%s\" is not in \"%s\"", message, found.err.message);
    } else {
        assert_int_equal(found.err.status, ELEA_OK);
    }
    elea_test_decoded_release(&found);
}

static elea_record_batch *nested_batch(void) {
    elea_error err;
    elea_type *words, *list;
    elea_field *item, *column;
    elea_schema *schema;
    elea_builder *builder;
    elea_array *array;
    elea_record_batch *batch;
    elea_metadata *metadata;
    const elea_bytes key = elea_bytes_of("swift"), value = elea_bytes_of("achilles");
    assert_ok(elea_type_new_dictionary(NULL, elea_type_of(ELEA_TYPE_INT8),
                                       elea_type_of(ELEA_TYPE_UTF8), false, &words, &err));
    assert_ok(elea_field_new(NULL, elea_bytes_of("item"), words, true, NULL, &item, &err));
    assert_ok(elea_type_new_list(NULL, ELEA_TYPE_LIST, item, &list, &err));
    assert_ok(elea_metadata_new(NULL, &key, &value, 1, &metadata, &err));
    assert_ok(elea_field_new(NULL, elea_bytes_of("c"), list, true, metadata, &column, &err));
    const elea_field *const fields[] = {column, column};
    assert_ok(elea_schema_new(NULL, fields, 2, metadata, &schema, &err));
    assert_ok(elea_builder_new(NULL, list, &builder, &err));
    assert_ok(elea_builder_append_bytes(elea_builder_child(builder, 0), elea_bytes_of("x"), &err));
    assert_ok(elea_builder_append_row(builder, &err));
    assert_ok(elea_builder_finish(builder, &array, &err));
    const elea_array *const columns[] = {array, array};
    assert_ok(elea_record_batch_new(NULL, schema, 1, columns, &batch, &err));
    elea_array_unref(array);
    elea_builder_free(builder);
    elea_schema_unref(schema);
    elea_field_unref(column);
    elea_metadata_unref(metadata);
    elea_type_unref(list);
    elea_field_unref(item);
    elea_type_unref(words);
    return batch;
}

static void test_limits(void **state) {
    (void)state;
    elea_error err = {0};
    elea_ipc_decoder *decoder;
    elea_record_batch *batch = nested_batch();
    const elea_record_batch *const batches[] = {batch};
    elea_buffer *bytes = elea_test_ipc_stream_bytes(batches, 1, NULL);
    // Two columns, each a list of a dictionary: 4 nodes, 8 buffers.
    const elea_ipc_read_limits enough = {.metadata_size_max = 4096,
                                         .custom_size_max = 13,
                                         .field_count_max = 4,
                                         .node_count_max = 4,
                                         .buffer_count_max = 8,
                                         .dictionary_count_max = 2};
    check_limit(bytes, &enough, NULL);
    elea_ipc_read_limits limits = enough;
    limits.metadata_size_max = 100;
    check_limit(bytes, &limits, "file offset 0: a message with");
    limits = enough;
    limits.custom_size_max = 12;
    check_limit(bytes, &limits, "custom metadata of more than 12 bytes");
    limits = enough;
    limits.field_count_max = 3;
    check_limit(bytes, &limits, "more than 3 fields");
    limits = enough;
    limits.node_count_max = 3;
    check_limit(bytes, &limits, "4 field nodes, the limit is 3");
    limits = enough;
    limits.buffer_count_max = 7;
    check_limit(bytes, &limits, "8 buffers, the limit is 7");
    limits = enough;
    limits.dictionary_count_max = 1;
    check_limit(bytes, &limits, "more than 1 fields with dictionaries");
    const elea_ipc_read_options negative = {.limits = {.node_count_max = -1}};
    assert_fails(ELEA_EINVAL, "node_count_max is -1",
                 elea_ipc_decoder_new(&negative, &decoder, &err));
    elea_buffer_unref(bytes);
    elea_record_batch_unref(batch);
}

// A false size costs no memory.
static void test_false_sizes(void **state) {
    (void)state;
    elea_error err = {0};
    elea_pool *pool;
    elea_ipc_decoder *decoder;
    elea_record_batch *batch = NULL;
    assert_ok(elea_pool_new_capped(NULL, 1 << 20, &pool, &err));
    const elea_ipc_read_options options = {.pool = pool};
    assert_ok(elea_ipc_decoder_new(&options, &decoder, &err));
    static const char prefix[] = {-1, -1, -1, -1, 0, 0, 0, 15, 1, 2, 3, 4, 5};
    assert_ok(elea_ipc_decoder_push(decoder, (elea_bytes){prefix, 13}, NULL, &err));
    assert_int_equal(elea_ipc_decoder_next_size(decoder), (15 << 24) - 5);
    elea_ipc_decoder_end_input(decoder);
    assert_fails(ELEA_EINVAL, "ends after 5 bytes, expected 251658240",
                 elea_ipc_decoder_next(decoder, &batch, &err));
    elea_ipc_decoder_free(decoder);
    elea_pool_free(pool);
}

// ---- failures

typedef struct pieces {
    const elea_buffer *bytes;
    int64_t size;
} pieces;

static elea_status decode_in_pool(elea_pool *pool, void *context, elea_error *err) {
    const pieces *given = context;
    elea_status status = ELEA_OK;
    elea_ipc_decoder *decoder = NULL;
    elea_record_batch *batch = NULL;
    static const char *const names[] = {"c0", "c2", NULL};
    const elea_ipc_read_options options = {
        .pool = pool, .validation = ELEA_VALIDATE_FULL, .columns = names};
    ELEA_GOTO(done, elea_ipc_decoder_new(&options, &decoder, err));
    int64_t size = elea_buffer_size(given->bytes);
    for (int64_t at = 0; at < size; at += given->size) {
        int64_t part = given->size < size - at ? given->size : size - at;
        const elea_bytes piece = {(const char *)elea_buffer_data(given->bytes) + at, part};
        ELEA_GOTO(done, elea_ipc_decoder_push(decoder, piece, NULL, err));
        do {
            ELEA_GOTO(done, elea_ipc_decoder_next(decoder, &batch, err));
            elea_record_batch_unref(batch);
        } while (batch);
    }

done:
    elea_ipc_decoder_free(decoder);
    return status;
}

static void test_allocation_failures(void **state) {
    (void)state;
    for (int i = 0; i < OPTIONS_COUNT; i++) {
        if (!elea_test_ipc_can_write(&write_options[i]))
            continue;
        elea_buffer *bytes = write_some(11, &write_options[i]);
        pieces given = {.bytes = bytes, .size = i % 2 ? 100 : elea_buffer_size(bytes)};
        assert_true(elea_test_fail_each_allocation(decode_in_pool, &given) > 20);
        elea_buffer_unref(bytes);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_cut),     cmocka_unit_test(test_same_errors),
        cmocka_unit_test(test_messages),    cmocka_unit_test(test_views_of_a_buffer),
        cmocka_unit_test(test_next_size),   cmocka_unit_test(test_file),
        cmocka_unit_test(test_columns),     cmocka_unit_test(test_limits),
        cmocka_unit_test(test_false_sizes), cmocka_unit_test(test_allocation_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

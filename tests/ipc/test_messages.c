// SPDX-License-Identifier: Apache-2.0
//
// The messages of files and streams as tools see them: places and sizes that add up, and what is
// shown of damaged bytes.
#include <elea/ipc.h>

#include <stdlib.h>

#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/ipc_file.h"
#include "support/random_data.h"

static const elea_ipc_write_options write_options[] = {
    {.alignment = 8},
    {.alignment = 64, .legacy_framing = true},
    {.compression = ELEA_CODEC_LZ4_FRAME},
    {.compression = ELEA_CODEC_ZSTD, .alignment = 8},
};

#define OPTIONS_COUNT ((int)(sizeof write_options / sizeof *write_options))

// Several batches of one schema as a file or a stream.
static elea_buffer *write_bytes(uint64_t seed, bool is_file,
                                const elea_ipc_write_options *options) {
    elea_error err;
    elea_test_random random = {.state = seed, .with_dictionaries = true};
    elea_record_batch *batch = elea_test_random_batch(&random, 5, 60, 2);
    const elea_record_batch *const batches[] = {batch, batch, batch};
    elea_buffer *bytes;
    if (is_file) {
        elea_output_stream *stream;
        elea_ipc_file_writer *writer;
        assert_ok(elea_output_stream_new_memory(NULL, &stream, &err));
        assert_ok(elea_ipc_file_writer_new(stream, elea_record_batch_schema(batch), options, NULL,
                                           &writer, &err));
        for (int i = 0; i < 3; i++)
            assert_ok(elea_ipc_file_writer_write_batch(writer, batch, NULL, &err));
        assert_ok(elea_ipc_file_writer_close(writer, &err));
        elea_ipc_file_writer_free(writer);
        assert_ok(elea_output_stream_take(stream, &bytes, &err));
        elea_output_stream_free(stream);
    } else {
        bytes = elea_test_ipc_stream_bytes(batches, 3, options);
    }
    elea_record_batch_unref(batch);
    return bytes;
}

static elea_ipc_messages *open_bytes(elea_buffer *bytes) {
    elea_error err;
    elea_file *file;
    elea_ipc_messages *messages;
    assert_ok(elea_file_new_from_buffer(bytes, "bytes", NULL, &file, &err));
    assert_ok(elea_ipc_messages_new(file, NULL, &messages, &err));
    elea_file_unref(file);
    return messages;
}

static void check_columns(const elea_ipc_messages *messages, const elea_ipc_message_info *info) {
    elea_error err;
    int64_t stored = 0, plain = 0, nodes = 0, buffers = 0, length, nulls;
    elea_ipc_column_info column;
    for (int64_t i = 0; i < elea_schema_field_count(elea_ipc_messages_schema(messages)); i++) {
        assert_ok(elea_ipc_messages_column(messages, i, &column, &err));
        assert_int_equal(column.first_node, nodes);
        assert_int_equal(column.first_buffer, buffers);
        assert_ok(elea_ipc_messages_node(messages, nodes, &length, &nulls, &err));
        assert_int_equal(length, info->row_count);
        assert_in_range(nulls, 0, length);
        stored += column.stored_size;
        plain += column.plain_size;
        nodes += column.node_count;
        buffers += column.buffer_count;
    }
    assert_int_equal(nodes, info->node_count);
    assert_int_equal(buffers, info->buffer_count);
    assert_int_equal(stored, info->stored_size);
    assert_int_equal(plain, info->plain_size);
    assert_int_equal(elea_ipc_messages_column(messages, -1, &column, NULL), ELEA_EINDEX);
    assert_int_equal(elea_ipc_messages_column(messages, 5, &column, NULL), ELEA_EINDEX);
    assert_int_equal(elea_ipc_messages_node(messages, nodes, &length, &nulls, NULL), ELEA_EINDEX);
}

static void check_buffers(const elea_ipc_messages *messages, const elea_ipc_message_info *info) {
    elea_error err;
    elea_ipc_buffer_info buffer;
    int64_t body = info->offset + info->metadata_size;
    for (int64_t i = 0; i < info->buffer_count; i++) {
        assert_ok(elea_ipc_messages_buffer(messages, i, &buffer, &err));
        assert_in_range(buffer.offset, body, body + info->body_size - buffer.size);
        if (info->compression == ELEA_CODEC_NONE)
            assert_int_equal(buffer.size, buffer.plain_size);
        assert_true(!buffer.is_compressed || info->compression != ELEA_CODEC_NONE);
    }
    assert_int_equal(elea_ipc_messages_buffer(messages, info->buffer_count, &buffer, NULL),
                     ELEA_EINDEX);
}

static void check_walk(elea_buffer *bytes, bool is_file, const elea_ipc_write_options *options) {
    elea_error err;
    elea_ipc_messages *messages = open_bytes(bytes);
    const elea_ipc_message_info *info;
    elea_ipc_frame_info frame;
    int64_t counts[6] = {0};
    elea_ipc_messages_frame(messages, &frame);
    assert_int_equal(frame.is_file, is_file);
    assert_int_equal(frame.end_mark, -1);
    assert_null(frame.footer_damage);
    int64_t position = frame.messages_offset;
    for (;;) {
        assert_ok(elea_ipc_messages_next(messages, &info, &err));
        if (!info)
            break;
        assert_null(info->damage);
        assert_int_equal(info->offset, position);
        assert_int_equal(info->gap_size, 0);
        assert_int_equal(info->version, 5);
        assert_int_equal(info->legacy_framing, options->legacy_framing);
        assert_int_equal(info->compression,
                         info->type == ELEA_IPC_MESSAGE_SCHEMA ? 0 : options->compression);
        assert_int_equal(info->body_size, info->stored_size + info->padding_size);
        check_buffers(messages, info);
        if (info->type == ELEA_IPC_MESSAGE_RECORD_BATCH)
            check_columns(messages, info);
        assert_int_equal(info->footer_index, is_file && info->type != ELEA_IPC_MESSAGE_SCHEMA
                                                 ? counts[info->type]
                                                 : -1);
        counts[info->type]++;
        position += info->metadata_size + info->body_size;
    }
    elea_ipc_messages_frame(messages, &frame);
    assert_int_equal(counts[ELEA_IPC_MESSAGE_SCHEMA], 1);
    assert_int_equal(counts[ELEA_IPC_MESSAGE_RECORD_BATCH], 3);
    assert_int_equal(frame.footer_batch_count, is_file ? 3 : 0);
    assert_int_equal(frame.footer_dictionary_count,
                     is_file ? counts[ELEA_IPC_MESSAGE_DICTIONARY] : 0);
    assert_int_equal(frame.end_mark, position);
    assert_int_equal(frame.size, elea_buffer_size(bytes));
    elea_ipc_messages_free(messages);
}

static void test_places_and_sizes(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        for (int i = 0; i < OPTIONS_COUNT; i++) {
            if (!elea_test_ipc_can_write(&write_options[i]))
                continue;
            for (int is_file = 0; is_file < 2; is_file++) {
                elea_buffer *bytes = write_bytes(seed, is_file, &write_options[i]);
                check_walk(bytes, is_file, &write_options[i]);
                elea_buffer_unref(bytes);
            }
        }
    }
}

// Walks all there is; gives how many messages were sound.
static int64_t walk(const uint8_t *data, int64_t size, int64_t *damaged) {
    elea_error err;
    elea_buffer *bytes;
    const elea_ipc_message_info *info;
    int64_t sound = 0, previous = -1, length, nulls;
    *damaged = 0;
    assert_ok(elea_buffer_new_copy(NULL, data, size, &bytes, &err));
    elea_ipc_messages *messages = open_bytes(bytes);
    for (;;) {
        elea_ipc_column_info column;
        assert_ok(elea_ipc_messages_next(messages, &info, &err));
        if (!info)
            break;
        assert_true(info->offset > previous);
        previous = info->offset;
        sound += info->damage == NULL;
        *damaged += info->damage != NULL;
        for (int64_t i = 0; i < info->node_count; i++)
            assert_ok(elea_ipc_messages_node(messages, i, &length, &nulls, &err));
        for (int64_t i = 0; i < 5; i++)
            elea_status_failed(elea_ipc_messages_column(messages, i, &column, NULL));
    }
    elea_ipc_messages_free(messages);
    elea_buffer_unref(bytes);
    return sound;
}

static void test_cut_anywhere(void **state) {
    (void)state;
    for (int is_file = 0; is_file < 2; is_file++) {
        elea_buffer *bytes = write_bytes(3, is_file, &write_options[0]);
        const uint8_t *data = elea_buffer_data(bytes);
        int64_t size = elea_buffer_size(bytes), damaged, last = 0;
        for (int64_t cut = 0; cut <= size; cut++) {
            int64_t sound = walk(data, cut, &damaged);
            assert_true(sound >= last); // none is lost again
            // Without its end the footer of a file looks like a damaged message.
            assert_in_range(damaged, 0, 1);
            last = sound;
        }
        assert_true(last >= 4);
        assert_int_equal(damaged, 0);
        elea_buffer_unref(bytes);
    }
}

static void test_each_byte_altered(void **state) {
    (void)state;
    for (int is_file = 0; is_file < 2; is_file++) {
        elea_buffer *bytes = write_bytes(5, is_file, &write_options[0]);
        int64_t size = elea_buffer_size(bytes), damaged;
        uint8_t *copy = malloc((size_t)size);
        memcpy(copy, elea_buffer_data(bytes), (size_t)size);
        for (int64_t at = 0; at < size; at++) {
            uint8_t before = copy[at];
            static const uint8_t turned[] = {0x01, 0x40, 0x80, 0xff};
            for (int i = 0; i < 4; i++) {
                copy[at] = before ^ turned[i];
                walk(copy, size, &damaged);
            }
            copy[at] = before;
        }
        free(copy);
        elea_buffer_unref(bytes);
    }
}

// A file goes on behind a message that is lost; a stream cannot.
static void test_behind_damage(void **state) {
    (void)state;
    for (int is_file = 0; is_file < 2; is_file++) {
        elea_error err;
        elea_buffer *bytes = write_bytes(1, is_file, &write_options[0]);
        int64_t size = elea_buffer_size(bytes), damaged, offset = 0, before = 0;
        int64_t all = walk(elea_buffer_data(bytes), size, &damaged);
        const elea_ipc_message_info *info;
        elea_ipc_messages *messages = open_bytes(bytes);
        do {
            assert_ok(elea_ipc_messages_next(messages, &info, &err));
            before += info->type != ELEA_IPC_MESSAGE_RECORD_BATCH;
        } while (info->type != ELEA_IPC_MESSAGE_RECORD_BATCH);
        offset = info->offset;
        elea_ipc_messages_free(messages);
        uint8_t *copy = malloc((size_t)size);
        memcpy(copy, elea_buffer_data(bytes), (size_t)size);
        memset(copy + offset, 0x55, 16);
        assert_int_equal(walk(copy, size, &damaged), is_file ? all - 1 : before);
        assert_int_equal(damaged, 1);
        free(copy);
        elea_buffer_unref(bytes);
    }
}

static void test_not_arrow(void **state) {
    (void)state;
    int64_t damaged;
    assert_int_equal(walk((const uint8_t *)"", 0, &damaged), 0);
    assert_int_equal(damaged, 0);
    assert_int_equal(walk((const uint8_t *)"just some text", 14, &damaged), 0);
    assert_int_equal(damaged, 1);
    assert_string_equal(elea_ipc_message_type_name(ELEA_IPC_MESSAGE_RECORD_BATCH), "record batch");
    assert_string_equal(elea_ipc_message_type_name((elea_ipc_message_type)77), "unknown");
}

static elea_status walk_in_pool(elea_pool *pool, void *context, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_file *file = NULL;
    elea_ipc_messages *messages = NULL;
    const elea_ipc_message_info *info = NULL;
    const elea_ipc_read_options options = {.pool = pool};
    ELEA_GOTO(done, elea_file_new_from_buffer(context, NULL, pool, &file, err));
    ELEA_GOTO(done, elea_ipc_messages_new(file, &options, &messages, err));
    do
        ELEA_GOTO(done, elea_ipc_messages_next(messages, &info, err));
    while (info);

done:
    elea_ipc_messages_free(messages);
    elea_file_unref(file);
    return status;
}

static void test_allocation_failures(void **state) {
    (void)state;
    for (int is_file = 0; is_file < 2; is_file++) {
        elea_buffer *bytes = write_bytes(4, is_file, &write_options[0]);
        assert_true(elea_test_fail_each_allocation(walk_in_pool, bytes) > 10);
        elea_buffer_unref(bytes);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places_and_sizes),  cmocka_unit_test(test_cut_anywhere),
        cmocka_unit_test(test_each_byte_altered), cmocka_unit_test(test_behind_damage),
        cmocka_unit_test(test_not_arrow),         cmocka_unit_test(test_allocation_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

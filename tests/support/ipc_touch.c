// SPDX-License-Identifier: Apache-2.0
#include "support/ipc_touch.h"

#include <stdlib.h>

#define ROWS_MAX 1000 // null arrays can be of any length

static uint64_t touch_array(const elea_array *array) {
    uint64_t sum = (uint64_t)elea_array_null_count(array);
    // The sanitizers watch the ends of each buffer.
    for (int64_t i = 0; i < elea_array_buffer_count(array); i++) {
        const elea_buffer *buffer = elea_array_buffer(array, i);
        for (int64_t at = 0; at < elea_buffer_size(buffer); at += 61)
            sum += elea_buffer_data(buffer)[at];
    }
    elea_span span;
    elea_span_of(array, &span);
    for (int64_t i = 0; i < span.length && i < ROWS_MAX; i++) {
        int64_t offset, length;
        if (!elea_span_is_valid(&span, i))
            continue; // what lies under a null may be anything
        sum++;
        switch (elea_type_layout_of(span.type)) {
        case ELEA_LAYOUT_BINARY:
        case ELEA_LAYOUT_LARGE_BINARY:
        case ELEA_LAYOUT_BINARY_VIEW: {
            elea_bytes bytes = elea_span_get_bytes(&span, i);
            for (int64_t at = 0; at < bytes.size; at++)
                sum += (unsigned char)bytes.data[at];
            break;
        }
        case ELEA_LAYOUT_LIST:
        case ELEA_LAYOUT_LARGE_LIST:
        case ELEA_LAYOUT_LIST_VIEW:
        case ELEA_LAYOUT_LARGE_LIST_VIEW:
        case ELEA_LAYOUT_FIXED_SIZE_LIST:
            elea_span_get_list(&span, i, &offset, &length);
            if (offset < 0 || length < 0 ||
                offset > elea_array_length(elea_array_child(array, 0)) - length)
                abort();
            break;
        default:
            break;
        }
    }
    for (int64_t i = 0; i < elea_array_child_count(array); i++)
        sum += touch_array(elea_array_child(array, i));
    return elea_array_dictionary(array) ? sum + touch_array(elea_array_dictionary(array)) : sum;
}

static uint64_t touch_batch(const elea_record_batch *batch) {
    uint64_t sum = 0;
    for (int64_t c = 0; c < elea_record_batch_column_count(batch); c++)
        sum += touch_array(elea_record_batch_column(batch, c));
    return sum;
}

// A small limit: hostile bytes would fill the memory of the tests.
static const elea_ipc_read_options options = {.validation = ELEA_VALIDATE_FULL,
                                              .decompressed_max = 1 << 22};

int64_t elea_test_ipc_touch(const void *data, int64_t size, elea_error *err) {
    elea_buffer *buffer = NULL;
    elea_file *file = NULL;
    elea_ipc_file_reader *reader = NULL;
    int64_t good = -1;
    uint64_t sum = 0;
    if (elea_buffer_new_copy(NULL, data, size, &buffer, err) == ELEA_OK &&
        elea_file_new_from_buffer(buffer, "bytes", NULL, &file, err) == ELEA_OK &&
        elea_ipc_file_reader_new(file, &options, &reader, err) == ELEA_OK) {
        int64_t rows = 0;
        good = 0;
        for (int64_t i = 0; i < elea_ipc_file_reader_batch_count(reader) && i < ROWS_MAX; i++) {
            elea_record_batch *batch = NULL;
            elea_metadata *metadata = NULL;
            if (elea_ipc_file_reader_read_batch_metadata(reader, i, &metadata, err) == ELEA_OK)
                elea_metadata_unref(metadata);
            if (elea_ipc_file_reader_read_batch(reader, i, &batch, err) != ELEA_OK)
                continue;
            good++;
            sum += touch_batch(batch);
            elea_record_batch_unref(batch);
        }
        if (elea_ipc_file_reader_count_rows(reader, &rows, err) == ELEA_OK)
            sum += (uint64_t)rows;
    }
    elea_ipc_file_reader_free(reader);
    elea_file_unref(file);
    elea_buffer_unref(buffer);
    volatile uint64_t sink = sum; // the reads above are not to be optimised away
    (void)sink;
    return good;
}

int64_t elea_test_ipc_touch_stream(const void *data, int64_t size, elea_error *err) {
    elea_buffer *buffer = NULL;
    elea_file *file = NULL;
    elea_record_stream *stream = NULL;
    int64_t good = -1;
    uint64_t sum = 0;
    *err = (elea_error){.status = ELEA_OK};
    if (elea_buffer_new_copy(NULL, data, size, &buffer, err) == ELEA_OK &&
        elea_file_new_from_buffer(buffer, "bytes", NULL, &file, err) == ELEA_OK &&
        elea_ipc_stream_reader_new(file, &options, &stream, err) == ELEA_OK) {
        elea_record_batch *batch = NULL;
        good = 0;
        while (good < ROWS_MAX && elea_record_stream_next(stream, &batch, err) == ELEA_OK &&
               batch) {
            sum += touch_batch(batch);
            sum += (uint64_t)elea_metadata_count(elea_ipc_stream_reader_batch_metadata(stream));
            elea_record_batch_unref(batch);
            batch = NULL;
            good++;
        }
    }
    elea_record_stream_free(stream);
    elea_file_unref(file);
    elea_buffer_unref(buffer);
    volatile uint64_t sink = sum;
    (void)sink;
    return good;
}

int64_t elea_test_ipc_touch_messages(const void *data, int64_t size, elea_error *err) {
    elea_buffer *buffer = NULL;
    elea_file *file = NULL;
    elea_ipc_messages *messages = NULL;
    const elea_ipc_message_info *info = NULL;
    int64_t sound = 0, last = -1;
    uint64_t sum = 0;
    if (elea_buffer_new_copy(NULL, data, size, &buffer, err) == ELEA_OK &&
        elea_file_new_from_buffer(buffer, "bytes", NULL, &file, err) == ELEA_OK &&
        elea_ipc_messages_new(file, NULL, &messages, err) == ELEA_OK) {
        while (elea_ipc_messages_next(messages, &info, err) == ELEA_OK && info) {
            elea_ipc_column_info column;
            if (info->offset <= last || info->offset > size)
                abort();
            last = info->offset;
            sound += info->damage == NULL;
            sum += (uint64_t)elea_metadata_count(info->metadata);
            for (int64_t i = 0; elea_ipc_messages_column(messages, i, &column, err) == ELEA_OK; i++)
                sum += (uint64_t)column.plain_size;
        }
    }
    elea_ipc_messages_free(messages);
    elea_file_unref(file);
    elea_buffer_unref(buffer);
    volatile uint64_t sink = sum;
    (void)sink;
    return sound;
}

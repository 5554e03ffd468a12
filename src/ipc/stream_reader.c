// SPDX-License-Identifier: Apache-2.0
//
// A stream: schema, then dictionaries and record batches in the order in which they are needed.
#include <elea/ipc.h>

#include <string.h>

#include "ipc/format.h"
#include "ipc/message.h"
#include "ipc/source.h"

typedef struct stream_reader {
    elea_record_stream stream;
    elea__ipc_source source;
    int64_t position; // of the next message
    int64_t batch_count;
    elea_metadata *batch_metadata;
    bool ended; // or failed
} stream_reader;

// ---- messages

// Reads the prefix of the message at the position: *size becomes that of prefix and metadata, 0 at
// the end of the stream, which is marked or just where the bytes end. Through a view: what is read
// with elea_file_read_at() counts as payload that was copied.
static elea_status read_prefix(stream_reader *reader, int64_t *size, elea_error *err) {
    int64_t left = elea_file_size(reader->source.file) - reader->position;
    int64_t prefix = 4;
    elea_buffer *view = NULL;
    *size = 0;
    if (left == 0)
        return ELEA_OK;
    ELEA_TRY(elea_file_view_at(reader->source.file, reader->position,
                               left < ELEA__IPC_PREFIX_SIZE ? left : ELEA__IPC_PREFIX_SIZE, &view,
                               err));
    uint8_t bytes[ELEA__IPC_PREFIX_SIZE] = {0};
    memcpy(bytes, elea_buffer_data(view), (size_t)elea_buffer_size(view));
    elea_buffer_unref(view);
    int64_t metadata = elea__flat_load(bytes, 4);
    if (metadata == ELEA__IPC_CONTINUATION) {
        prefix = ELEA__IPC_PREFIX_SIZE;
        metadata = elea__flat_load(bytes + 4, 4);
    }
    if (left < prefix || metadata < 0 || metadata > left - prefix)
        return elea_error_set(err, ELEA_EINVAL,
                              "file offset %lld: a message with %lld bytes of metadata, expected 0 "
                              "to %lld before the end of the file",
                              (long long)reader->position, (long long)metadata,
                              (long long)(left < prefix ? 0 : left - prefix));
    *size = metadata == 0 ? 0 : prefix + metadata;
    return ELEA_OK;
}

// Reads the next message; *present is false at the end.
static elea_status read_message(stream_reader *reader, elea__ipc_message *out, bool *present,
                                elea_error *err) {
    elea__ipc_block block = {.offset = reader->position};
    *out = (elea__ipc_message){.metadata = NULL};
    ELEA_TRY(read_prefix(reader, &block.metadata_size, err));
    *present = block.metadata_size > 0;
    if (!*present)
        return ELEA_OK;
    ELEA_TRY(elea__ipc_message_read(reader->source.file, &block,
                                    elea_file_size(reader->source.file), out, err));
    reader->position = out->body_offset + out->body_size;
    elea__ipc_source_count(&reader->source, out);
    return ELEA_OK;
}

static elea_status read_schema(stream_reader *reader, elea_error *err) {
    elea__ipc_message message = {.metadata = NULL};
    elea_status status = ELEA_OK;
    bool present = false;
    ELEA_GOTO(done, read_message(reader, &message, &present, err));
    if (!present)
        status = elea_error_set(err, ELEA_EINVAL, "it ends before a schema");
    else if (message.header_type != ELEA__HEADER_SCHEMA)
        status = elea_error_set(err, ELEA_EINVAL,
                                "it begins with a message of type %lld, expected a schema (%d)",
                                (long long)message.header_type, ELEA__HEADER_SCHEMA);
    else
        status = elea__ipc_source_read_schema(&reader->source, &message.header, err);

done:
    elea__ipc_message_release(&message);
    return status;
}

// ---- the stream

static const elea_schema *stream_schema(elea_record_stream *stream) {
    return ((stream_reader *)stream)->source.schema.schema;
}

static elea_status read_batch(stream_reader *reader, const elea__ipc_message *message,
                              elea_record_batch **out, elea_error *err) {
    elea_metadata *metadata = NULL;
    ELEA_TRY(elea__ipc_metadata_read(reader->source.pool, &message->table, ELEA__MESSAGE_METADATA,
                                     reader->source.options.limits.custom_size_max, &metadata,
                                     err));
    elea_status status = elea__ipc_source_read_batch(&reader->source, message, out, err);
    if (status != ELEA_OK) {
        elea_metadata_unref(metadata);
        return status;
    }
    reader->batch_metadata = metadata;
    reader->batch_count++;
    return ELEA_OK;
}

// Takes one message; *out is set by a record batch, and *present is false at the end.
static elea_status step(stream_reader *reader, elea_record_batch **out, bool *present,
                        elea_error *err) {
    elea_status status = ELEA_OK;
    elea__ipc_message message = {.metadata = NULL};
    int64_t offset = reader->position;

    ELEA_GOTO(done, read_message(reader, &message, present, err));
    if (!*present)
        return ELEA_OK;
    if (message.header_type == ELEA__HEADER_RECORD_BATCH)
        status = read_batch(reader, &message, out, err);
    else if (message.header_type == ELEA__HEADER_DICTIONARY_BATCH)
        status = elea__ipc_dictionaries_add(&reader->source.dictionaries, &message, true, err);
    else
        status = elea_error_set(err, ELEA_EINVAL,
                                "file offset %lld: a message of type %lld, expected a dictionary "
                                "(%d) or a record batch (%d)",
                                (long long)offset, (long long)message.header_type,
                                ELEA__HEADER_DICTIONARY_BATCH, ELEA__HEADER_RECORD_BATCH);

done:
    elea__ipc_message_release(&message);
    return status;
}

static elea_status stream_next(elea_record_stream *stream, elea_record_batch **out,
                               elea_error *err) {
    stream_reader *reader = (stream_reader *)stream;
    elea_record_batch *batch = NULL;
    elea_metadata_unref(reader->batch_metadata);
    reader->batch_metadata = NULL;
    while (!reader->ended && !batch) {
        bool present = false;
        elea_status status = step(reader, &batch, &present, err);
        reader->ended = status != ELEA_OK || !present;
        if (status != ELEA_OK)
            return elea_error_prefix(err, status, "cannot read \"%s\": record batch %lld",
                                     elea_file_name(reader->source.file),
                                     (long long)reader->batch_count);
    }
    *out = batch;
    return ELEA_OK;
}

static void stream_free(elea_record_stream *stream) {
    stream_reader *reader = (stream_reader *)stream;
    elea_pool *pool = reader->source.pool;
    elea_metadata_unref(reader->batch_metadata);
    elea__ipc_source_release(&reader->source);
    elea_dealloc(pool, reader, sizeof *reader);
}

static const elea_record_stream_ops stream_ops = {
    .schema = stream_schema, .next = stream_next, .free = stream_free};

elea_status elea_ipc_stream_reader_new(elea_file *file, const elea_ipc_read_options *options,
                                       elea_record_stream **out, elea_error *err) {
    elea_ipc_read_options checked;
    void *memory = NULL;
    ELEA_TRY(elea__ipc_read_options_check(options, &checked, err));
    ELEA_TRY(elea_alloc_zero(checked.pool, sizeof(stream_reader), &memory, err));
    stream_reader *reader = memory;
    reader->stream.ops = &stream_ops;
    elea__ipc_source_init(&reader->source, file, &checked);
    elea_status status = read_schema(reader, err);
    if (status != ELEA_OK) {
        stream_free(&reader->stream);
        return elea_error_prefix(err, status, "cannot read \"%s\"", elea_file_name(file));
    }
    *out = &reader->stream;
    return ELEA_OK;
}

const elea_metadata *elea_ipc_stream_reader_batch_metadata(const elea_record_stream *stream) {
    return stream->ops == &stream_ops ? ((const stream_reader *)stream)->batch_metadata : NULL;
}

// SPDX-License-Identifier: Apache-2.0
#include "ipc/message.h"

#include <string.h>

#include "base/math_internal.h"
#include "ipc/format.h"
#include "ipc/schema.h"

static elea_status check_version(int64_t version, elea_error *err) {
    if (version == ELEA__IPC_V4 || version == ELEA__IPC_V5)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EUNSUPPORTED, "metadata version %lld, expected 4 or 5",
                          (long long)version + 1);
}

// ---- reading

// Takes the prefix off: gives where the metadata begins in the block, and its size.
static elea_status read_prefix(const elea__ipc_block *block, const uint8_t *data, int64_t *start,
                               int64_t *size, elea_error *err) {
    *start = 4;
    *size = elea__flat_load(data, 4);
    if (*size == ELEA__IPC_CONTINUATION) {
        *start = ELEA__IPC_PREFIX_SIZE;
        *size = elea__flat_load(data + 4, 4);
    }
    if (elea__range_inside(*start, *size, block->metadata_size) && *size > 0)
        return ELEA_OK;
    return elea_error_set(
        err, ELEA_EINVAL, "file offset %lld: message metadata of %lld bytes, expected 1 to %lld",
        (long long)block->offset, (long long)*size, (long long)(block->metadata_size - *start));
}

elea_status elea__ipc_message_open(elea__ipc_message *message, int64_t start, int64_t size,
                                   int64_t offset, elea_error *err) {
    bool present = false;
    elea__flat_init(&message->flat, elea_buffer_data(message->metadata) + start, size, offset);
    ELEA_TRY(elea__flat_root(&message->flat, &message->table, err));
    ELEA_TRY(
        elea__flat_get_int(&message->table, ELEA__MESSAGE_VERSION, 2, 0, &message->version, err));
    ELEA_TRY(check_version(message->version, err));
    ELEA_TRY(elea__flat_get_int(&message->table, ELEA__MESSAGE_HEADER_TYPE, 1, 0,
                                &message->header_type, err));
    ELEA_TRY(elea__flat_get_table(&message->table, ELEA__MESSAGE_HEADER, &message->header, &present,
                                  err));
    if (!present)
        return elea_error_set(err, ELEA_EINVAL, "file offset %lld: a message without a header",
                              (long long)offset);
    ELEA_TRY(elea__flat_get_int(&message->table, ELEA__MESSAGE_BODY_LENGTH, 8, 0,
                                &message->body_size, err));
    if (!elea__range_inside(message->body_offset, message->body_size, INT64_MAX))
        return elea_error_set(err, ELEA_EINVAL, "file offset %lld: a body of %lld bytes",
                              (long long)message->body_offset, (long long)message->body_size);
    return ELEA_OK;
}

static elea_status check_block(const elea__ipc_block *block, int64_t end, elea_error *err) {
    if (elea__range_inside(block->offset, block->metadata_size, end) &&
        block->metadata_size >= ELEA__IPC_PREFIX_SIZE)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL,
                          "file offset %lld: a message with %lld bytes of metadata does not fit "
                          "before %lld",
                          (long long)block->offset, (long long)block->metadata_size,
                          (long long)end);
}

elea_status elea__ipc_message_read(elea_file *file, const elea__ipc_block *block, int64_t end,
                                   elea__ipc_message *out, elea_error *err) {
    return elea__ipc_message_read_ahead(file, NULL, block, end, out, err);
}

elea_status elea__ipc_message_read_ahead(elea_file *file, elea_buffer *metadata,
                                         const elea__ipc_block *block, int64_t end,
                                         elea__ipc_message *out, elea_error *err) {
    int64_t start = 0, size = 0;
    *out = (elea__ipc_message){.metadata = elea_buffer_ref(metadata)};
    ELEA_TRY(check_block(block, end, err));
    if (!metadata)
        ELEA_TRY(elea_file_view_at(file, block->offset, block->metadata_size, &out->metadata, err));
    const uint8_t *data = elea_buffer_data(out->metadata);
    ELEA_TRY(read_prefix(block, data, &start, &size, err));
    out->offset = block->offset;
    out->body_offset = block->offset + block->metadata_size;
    ELEA_TRY(elea__ipc_message_open(out, start, size, block->offset + start, err));
    if (!elea__range_inside(out->body_offset, out->body_size, end))
        return elea_error_set(err, ELEA_EINVAL,
                              "file offset %lld: a body of %lld bytes, expected at most %lld",
                              (long long)out->body_offset, (long long)out->body_size,
                              (long long)(end - out->body_offset));
    return ELEA_OK;
}

void elea__ipc_message_release(elea__ipc_message *message) {
    elea_buffer_unref(message->metadata);
    elea_buffer_unref(message->body);
    message->metadata = NULL;
    message->body = NULL;
}

void elea__ipc_message_move(elea__ipc_message *source, elea__ipc_message *target) {
    *target = *source;
    target->table.flat = &target->flat;
    target->header.flat = &target->flat;
    source->metadata = NULL;
    source->body = NULL;
}

// SPDX-License-Identifier: Apache-2.0
#include "ipc/message_next.h"

#include <string.h>

#include "base/math_internal.h"
#include "ipc/format.h"

// Through a view: what is read with elea_file_read_at() counts as payload that was copied.
elea_status elea__ipc_prefix_read(elea_file *file, int64_t position, int64_t *prefix,
                                  int64_t *metadata, elea_error *err) {
    int64_t left = elea_file_size(file) - position;
    elea_buffer *view = NULL;
    *prefix = 4;
    *metadata = 0;
    if (left == 0)
        return ELEA_OK;
    ELEA_TRY(elea_file_view_at(file, position, elea__min(left, ELEA__IPC_PREFIX_SIZE), &view, err));
    uint8_t bytes[ELEA__IPC_PREFIX_SIZE] = {0};
    memcpy(bytes, elea_buffer_data(view), (size_t)elea_buffer_size(view));
    elea_buffer_unref(view);
    *metadata = elea__flat_load(bytes, 4);
    if (*metadata == ELEA__IPC_CONTINUATION) {
        *prefix = ELEA__IPC_PREFIX_SIZE;
        *metadata = elea__flat_load(bytes + 4, 4);
    }
    if (left >= *prefix && *metadata >= 0 && *metadata <= left - *prefix)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL,
                          "file offset %lld: a message with %lld bytes of metadata, expected 0 to "
                          "%lld before the end of the file",
                          (long long)position, (long long)*metadata,
                          (long long)elea__max(0, left - *prefix));
}

elea_status elea__ipc_message_next(elea_file *file, int64_t *position, elea__ipc_message *out,
                                   bool *present, elea_error *err) {
    int64_t prefix = 0, metadata = 0;
    *out = (elea__ipc_message){.metadata = NULL};
    ELEA_TRY(elea__ipc_prefix_read(file, *position, &prefix, &metadata, err));
    *present = metadata > 0;
    if (!*present)
        return ELEA_OK;
    const elea__ipc_block block = {.offset = *position, .metadata_size = prefix + metadata};
    ELEA_TRY(elea__ipc_message_read(file, &block, elea_file_size(file), out, err));
    *position = out->body_offset + out->body_size;
    return ELEA_OK;
}

// SPDX-License-Identifier: Apache-2.0
#include "ipc/footer.h"

#include <string.h>

#include "ipc/format.h"

// Reads a few bytes of the frame. Through a view: what is read with elea_file_read_at() counts as
// payload that was copied.
static elea_status read_frame(elea_file *file, int64_t offset, int64_t size, void *out,
                              elea_error *err) {
    elea_buffer *view = NULL;
    ELEA_TRY(elea_file_view_at(file, offset, size, &view, err));
    memcpy(out, elea_buffer_data(view), (size_t)size);
    elea_buffer_unref(view);
    return ELEA_OK;
}

static elea_status read_magic(elea_file *file, int64_t offset, const char *what, elea_error *err) {
    char magic[ELEA__IPC_MAGIC_SIZE + 1] = {0};
    ELEA_TRY(read_frame(file, offset, ELEA__IPC_MAGIC_SIZE, magic, err));
    if (memcmp(magic, ELEA__IPC_MAGIC, ELEA__IPC_MAGIC_SIZE) == 0)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL,
                          "file offset %lld: it %s \"%s\", expected \"%s\" of an Arrow file",
                          (long long)offset, what, magic, ELEA__IPC_MAGIC);
}

// Finds the footer and reads its bytes.
static elea_status read_bytes(elea_file *file, int64_t size_max, elea__ipc_footer *footer,
                              elea_error *err) {
    int64_t size = elea_file_size(file);
    int64_t tail = size - ELEA__IPC_TAIL_SIZE;
    uint8_t length[4];
    if (tail < ELEA__IPC_HEAD_SIZE)
        return elea_error_set(err, ELEA_EINVAL, "%lld bytes, expected at least %d of an Arrow file",
                              (long long)size, ELEA__IPC_HEAD_SIZE + ELEA__IPC_TAIL_SIZE);
    ELEA_TRY(read_magic(file, 0, "begins with", err));
    ELEA_TRY(read_magic(file, size - ELEA__IPC_MAGIC_SIZE, "ends with", err));
    ELEA_TRY(read_frame(file, tail, sizeof length, length, err));
    footer->size = elea__flat_load(length, 4);
    if (footer->size <= 0 || footer->size > tail - ELEA__IPC_HEAD_SIZE)
        return elea_error_set(
            err, ELEA_EINVAL, "file offset %lld: a footer of %lld bytes, expected 1 to %lld",
            (long long)tail, (long long)footer->size, (long long)(tail - ELEA__IPC_HEAD_SIZE));
    if (footer->size > size_max)
        return elea_error_set(err, ELEA_ECAPACITY,
                              "file offset %lld: a footer of %lld bytes, the limit is %lld",
                              (long long)tail, (long long)footer->size, (long long)size_max);
    footer->offset = tail - footer->size;
    return elea_file_view_at(file, footer->offset, footer->size, &footer->buffer, err);
}

elea_status elea__ipc_footer_read(elea_file *file, int64_t size_max, elea__ipc_footer *out,
                                  elea_error *err) {
    *out = (elea__ipc_footer){.buffer = NULL};
    ELEA_TRY(read_bytes(file, size_max, out, err));
    elea__flat_init(&out->flat, elea_buffer_data(out->buffer), out->size, out->offset);
    ELEA_TRY(elea__flat_root(&out->flat, &out->table, err));
    ELEA_TRY(elea__flat_get_vector(&out->table, ELEA__FOOTER_DICTIONARIES, ELEA__IPC_BLOCK_SIZE,
                                   &out->dictionary_blocks, err));
    return elea__flat_get_vector(&out->table, ELEA__FOOTER_RECORD_BATCHES, ELEA__IPC_BLOCK_SIZE,
                                 &out->blocks, err);
}

void elea__ipc_footer_release(elea__ipc_footer *footer) {
    elea_buffer_unref(footer->buffer);
    footer->buffer = NULL;
}

elea_status elea__ipc_footer_schema(elea__ipc_footer *footer, elea__flat_table *out,
                                    elea_error *err) {
    bool present = false;
    // The footer's version is not looked at: old writers left it out. That of each message counts.
    ELEA_TRY(elea__flat_get_table(&footer->table, ELEA__FOOTER_SCHEMA, out, &present, err));
    if (!present)
        return elea_error_set(err, ELEA_EINVAL, "file offset %lld: the footer has no schema",
                              (long long)footer->offset);
    return ELEA_OK;
}

elea__ipc_block elea__ipc_footer_block(const elea__flat_vector *blocks, int64_t index) {
    const uint8_t *entry = elea__flat_vector_data(blocks) + ELEA__IPC_BLOCK_SIZE * index;
    return (elea__ipc_block){.offset = elea__flat_load(entry, 8),
                             .metadata_size = elea__flat_load(entry + 8, 4),
                             .body_size = elea__flat_load(entry + 16, 8)};
}

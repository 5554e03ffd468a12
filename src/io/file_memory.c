// SPDX-License-Identifier: Apache-2.0
#include <elea/io.h>

#include "base/math_internal.h"

typedef struct memory_file {
    elea_file base;
    elea_buffer *buffer;
} memory_file;

static elea_status memory_read_at(elea_file *file, int64_t offset, int64_t size, void *out,
                                  elea_error *err) {
    (void)err;
    elea_copy_bytes(out, elea_buffer_data(((memory_file *)file)->buffer) + offset, size);
    return ELEA_OK;
}

static elea_status memory_view_at(elea_file *file, int64_t offset, int64_t size, elea_buffer **out,
                                  elea_error *err) {
    return elea_buffer_slice(((memory_file *)file)->buffer, offset, size, out, err);
}

static void memory_free(elea_file *file) {
    elea_buffer_unref(((memory_file *)file)->buffer);
    elea_dealloc(file->pool, file, sizeof(memory_file));
}

static const elea_file_ops memory_ops = {
    .read_at = memory_read_at, .view_at = memory_view_at, .free = memory_free};

elea_status elea_file_new_from_buffer(elea_buffer *buffer, const char *name, elea_pool *pool,
                                      elea_file **out, elea_error *err) {
    elea_status status = ELEA_OK;
    void *file = NULL;

    ELEA_GOTO(done, elea_alloc_zero(pool, sizeof(memory_file), &file, err));
    ELEA_GOTO(done, elea_file_init(file, &memory_ops, pool, name ? name : "memory",
                                   elea_buffer_size(buffer), err));
    ((memory_file *)file)->buffer = elea_buffer_ref(buffer);
    *out = file;
    file = NULL;

done:
    elea_dealloc(pool, file, sizeof(memory_file));
    return status;
}

// SPDX-License-Identifier: Apache-2.0
#include "base/os_internal.h"
#include "io/file.h"

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

static void mapping_advise(elea_file *file, int64_t offset, int64_t size, elea_advice advice) {
    elea__os_advise(elea_buffer_data(((memory_file *)file)->buffer) + offset, size,
                    elea__file_os_advice(advice));
}

static const elea_file_ops mapping_ops = {.read_at = memory_read_at,
                                          .view_at = memory_view_at,
                                          .advise = mapping_advise,
                                          .free = memory_free};

static elea_status file_new(const elea_file_ops *ops, elea_buffer *buffer, const char *name,
                            elea_pool *pool, elea_file **out, elea_error *err) {
    elea_status status = ELEA_OK;
    void *file = NULL;

    ELEA_GOTO(done, elea_alloc_zero(pool, sizeof(memory_file), &file, err));
    ELEA_GOTO(done, elea_file_init(file, ops, pool, name, elea_buffer_size(buffer), err));
    ((memory_file *)file)->buffer = elea_buffer_ref(buffer);
    *out = file;
    file = NULL;

done:
    elea_dealloc(pool, file, sizeof(memory_file));
    return status;
}

elea_status elea_file_new_from_buffer(elea_buffer *buffer, const char *name, elea_pool *pool,
                                      elea_file **out, elea_error *err) {
    return file_new(&memory_ops, buffer, name ? name : "memory", pool, out, err);
}

elea_status elea__file_new_from_mapping(elea_buffer *mapping, const char *name, elea_pool *pool,
                                        elea_file **out, elea_error *err) {
    return file_new(&mapping_ops, mapping, name, pool, out, err);
}

// SPDX-License-Identifier: Apache-2.0
#include "io/file.h"

typedef struct file_slice {
    elea_file base;
    elea_file *whole;
    int64_t begin;
} file_slice;

static elea_status slice_read_at(elea_file *file, int64_t offset, int64_t size, void *out,
                                 elea_error *err) {
    file_slice *slice = (file_slice *)file;
    return elea_file_read_at(slice->whole, slice->begin + offset, size, out, err);
}

static elea_status slice_view_at(elea_file *file, int64_t offset, int64_t size, elea_buffer **out,
                                 elea_error *err) {
    file_slice *slice = (file_slice *)file;
    return elea_file_view_at(slice->whole, slice->begin + offset, size, out, err);
}

static void slice_advise(elea_file *file, int64_t offset, int64_t size, elea_advice advice) {
    file_slice *slice = (file_slice *)file;
    elea_file_advise(slice->whole, slice->begin + offset, size, advice);
}

static void slice_free(elea_file *file) {
    elea_file_unref(((file_slice *)file)->whole);
    elea_dealloc(file->pool, file, sizeof(file_slice));
}

static const elea_file_ops read_ops = {
    .read_at = slice_read_at, .advise = slice_advise, .free = slice_free};
static const elea_file_ops view_ops = {
    .read_at = slice_read_at, .view_at = slice_view_at, .advise = slice_advise, .free = slice_free};

elea_status elea_file_slice(elea_file *file, int64_t offset, int64_t size, elea_pool *pool,
                            elea_file **out, elea_error *err) {
    ELEA_TRY(elea__file_check_range(file, offset, size, err));
    elea_status status = ELEA_OK;
    void *block = NULL;
    elea_text name;
    elea_text_init(&name, pool);

    ELEA_GOTO(done, elea_text_append_format(&name, err, "%s[%lld..%lld)", file->name,
                                            (long long)offset, (long long)(offset + size)));
    ELEA_GOTO(done, elea_alloc_zero(pool, sizeof(file_slice), &block, err));
    file_slice *slice = block;
    ELEA_GOTO(done, elea_file_init(&slice->base, elea_file_has_views(file) ? &view_ops : &read_ops,
                                   pool, name.data, size, err));
    slice->whole = elea_file_ref(file);
    slice->begin = offset;
    *out = &slice->base;
    block = NULL;

done:
    elea_dealloc(pool, block, sizeof(file_slice));
    elea_text_release(&name);
    return status;
}

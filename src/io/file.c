// SPDX-License-Identifier: Apache-2.0
#include "io/file.h"

#include <string.h>

#include "base/math_internal.h"

elea_status elea_file_init(elea_file *file, const elea_file_ops *ops, elea_pool *pool,
                           const char *name, int64_t size, elea_error *err) {
    int64_t name_size = (int64_t)strlen(name) + 1;
    void *copy = NULL;
    ELEA_TRY(elea_alloc(pool, name_size, &copy, err));
    memcpy(copy, name, (size_t)name_size);
    *file = (elea_file){.ops = ops, .pool = pool, .name = copy, .size = size, .reference_count = 1};
    return ELEA_OK;
}

elea_file *elea_file_ref(elea_file *file) {
    if (file)
        __atomic_add_fetch(&file->reference_count, 1, __ATOMIC_RELAXED);
    return file;
}

void elea_file_unref(elea_file *file) {
    if (!file || __atomic_sub_fetch(&file->reference_count, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    elea_dealloc(file->pool, file->name, (int64_t)strlen(file->name) + 1);
    file->ops->free(file);
}

const char *elea_file_name(const elea_file *file) { return file->name; }

int64_t elea_file_size(const elea_file *file) { return file->size; }

bool elea_file_has_views(const elea_file *file) { return file->ops->view_at != NULL; }

elea_status elea__file_check_range(const elea_file *file, int64_t offset, int64_t size,
                                   elea_error *err) {
    if (elea__range_inside(offset, size, file->size))
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINDEX,
                          "%lld bytes at offset %lld of \"%s\" are not inside it: it has %lld "
                          "bytes",
                          (long long)size, (long long)offset, file->name, (long long)file->size);
}

elea_status elea_file_read_at(elea_file *file, int64_t offset, int64_t size, void *out,
                              elea_error *err) {
    ELEA_TRY(elea__file_check_range(file, offset, size, err));
    return size == 0 ? ELEA_OK : file->ops->read_at(file, offset, size, out, err);
}

elea_status elea_file_view_at(elea_file *file, int64_t offset, int64_t size, elea_buffer **out,
                              elea_error *err) {
    elea_status status = ELEA_OK;
    elea_buffer *buffer = NULL;

    ELEA_GOTO(done, elea__file_check_range(file, offset, size, err));
    if (file->ops->view_at)
        return file->ops->view_at(file, offset, size, out, err);
    ELEA_GOTO(done, elea_buffer_new(file->pool, size, &buffer, err));
    ELEA_GOTO(done, elea_file_read_at(file, offset, size, elea_buffer_mutable_data(buffer), err));
    *out = buffer;
    buffer = NULL;

done:
    elea_buffer_unref(buffer);
    return status;
}

void elea_file_advise(elea_file *file, int64_t offset, int64_t size, elea_advice advice) {
    if (offset < 0 || offset >= file->size || size <= 0 || !file->ops->advise)
        return;
    file->ops->advise(file, offset, elea__min(size, file->size - offset), advice);
}

// SPDX-License-Identifier: Apache-2.0
//
// Room on the disk is taken before bytes are mapped, and a new mapping is made before the old one
// goes, so that a failure leaves the file as it was.
#include <elea/io.h>

#include <string.h>

#include "base/math_internal.h"
#include "base/os_internal.h"
#include "io/mapping.h"

struct elea_mapped_file {
    elea_pool *pool;
    char *name;
    int64_t name_size;
    int64_t size;
    int descriptor;
    elea__mapping *mapping; // NULL once closed
};

// Takes room for `size` bytes and maps them. What an earlier end left behind is cut off again when
// there is no room.
static elea_status map_longer(int descriptor, const char *path, int64_t size_old, int64_t size,
                              elea_pool *pool, elea__mapping **out, elea_error *err) {
    elea_status status = elea__os_allocate(descriptor, path, size, err);
    if (status == ELEA_OK)
        status = elea__mapping_new(descriptor, path, size, true, pool, out, err);
    if (status != ELEA_OK && size > size_old) {
        // The first failure is what is reported.
        elea_status ignored = elea__os_truncate(descriptor, path, size_old, NULL);
        (void)ignored;
    }
    return status;
}

// Takes the descriptor when it succeeds.
static elea_status mapped_file_new(int descriptor, const char *path, int64_t size_old, int64_t size,
                                   elea_pool *pool, elea_mapped_file **out, elea_error *err) {
    elea_status status = ELEA_OK;
    void *block = NULL, *name = NULL;
    int64_t name_size = (int64_t)strlen(path) + 1;

    ELEA_GOTO(done, elea_alloc_zero(pool, sizeof(elea_mapped_file), &block, err));
    ELEA_GOTO(done, elea_alloc(pool, name_size, &name, err));
    elea_mapped_file *file = block;
    ELEA_GOTO(done, map_longer(descriptor, path, size_old, size, pool, &file->mapping, err));
    memcpy(name, path, (size_t)name_size);
    file->pool = pool;
    file->name = name;
    file->name_size = name_size;
    file->size = size;
    file->descriptor = descriptor;
    *out = file;
    block = name = NULL;

done:
    elea_dealloc(pool, name, name_size);
    elea_dealloc(pool, block, sizeof(elea_mapped_file));
    return status;
}

elea_status elea_mapped_file_create(const char *path, int64_t size, elea_pool *pool,
                                    elea_mapped_file **out, elea_error *err) {
    int descriptor = -1;
    if (size < 0)
        return elea_error_set(err, ELEA_EINVAL, "\"%s\" is to be made with %lld bytes", path,
                              (long long)size);
    ELEA_TRY(elea__os_open(path, ELEA__OS_REPLACE_READ_WRITE, &descriptor, err));
    elea_status status = mapped_file_new(descriptor, path, 0, size, pool, out, err);
    if (status != ELEA_OK)
        elea__os_close_quietly(descriptor);
    return status;
}

elea_status elea_mapped_file_open(const char *path, elea_pool *pool, elea_mapped_file **out,
                                  elea_error *err) {
    elea_status status = ELEA_OK;
    elea__os_stat_info info;
    int descriptor = -1;

    ELEA_TRY(elea__os_stat(path, &info, err));
    if (info.kind == ELEA__OS_DIRECTORY || info.kind == ELEA__OS_OTHER)
        return elea_error_set(err, ELEA_EINVAL, "\"%s\" is not a regular file", path);
    ELEA_TRY(elea__os_open(path, ELEA__OS_READ_WRITE, &descriptor, err));
    ELEA_GOTO(done, elea__os_stat_file(descriptor, path, &info, err));
    ELEA_GOTO(done, mapped_file_new(descriptor, path, info.size, info.size, pool, out, err));
    descriptor = -1;

done:
    elea__os_close_quietly(descriptor);
    return status;
}

const char *elea_mapped_file_name(const elea_mapped_file *file) { return file->name; }

int64_t elea_mapped_file_size(const elea_mapped_file *file) { return file->size; }

uint8_t *elea_mapped_file_data(elea_mapped_file *file) {
    return file->mapping ? file->mapping->data : NULL;
}

static elea_status check_open(const elea_mapped_file *file, elea_error *err) {
    if (file->mapping)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL, "\"%s\" is closed", file->name);
}

static elea_status check_range(const elea_mapped_file *file, int64_t offset, int64_t size,
                               elea_error *err) {
    ELEA_TRY(check_open(file, err));
    if (elea__range_inside(offset, size, file->size))
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINDEX,
                          "%lld bytes at offset %lld of \"%s\" are not inside it: it has %lld "
                          "bytes",
                          (long long)size, (long long)offset, file->name, (long long)file->size);
}

elea_status elea_mapped_file_write_at(elea_mapped_file *file, int64_t offset, const void *data,
                                      int64_t size, elea_error *err) {
    ELEA_TRY(check_range(file, offset, size, err));
    if (size > 0)
        elea_copy_bytes(elea_mapped_file_data(file) + offset, data, size);
    return ELEA_OK;
}

elea_status elea_mapped_file_view(elea_mapped_file *file, int64_t offset, int64_t size,
                                  elea_buffer **out, elea_error *err) {
    ELEA_TRY(check_range(file, offset, size, err));
    return elea__mapping_view(file->mapping, offset, size, out, err);
}

// The same bytes in a mapping of another size; the old one is still there.
static elea_status map_again(elea_mapped_file *file, int64_t size, elea__mapping **out,
                             elea_error *err) {
    if (size > file->size)
        return map_longer(file->descriptor, file->name, file->size, size, file->pool, out, err);
    elea__mapping *shorter = NULL;
    ELEA_TRY(
        elea__mapping_new(file->descriptor, file->name, size, true, file->pool, &shorter, err));
    elea_status status = elea__os_truncate(file->descriptor, file->name, size, err);
    if (status == ELEA_OK)
        *out = shorter;
    else
        elea__mapping_unref(shorter);
    return status;
}

elea_status elea_mapped_file_resize(elea_mapped_file *file, int64_t size, elea_error *err) {
    ELEA_TRY(check_open(file, err));
    if (size < 0 || !elea__mapping_is_alone(file->mapping))
        return elea_error_set(err, ELEA_EINVAL, "\"%s\" cannot become %lld bytes long%s",
                              file->name, (long long)size, size < 0 ? "" : " while views are out");
    if (size == file->size)
        return ELEA_OK;
    elea__mapping *mapping = NULL;
    ELEA_TRY(map_again(file, size, &mapping, err));
    elea__mapping_unref(file->mapping);
    file->mapping = mapping;
    file->size = size;
    return ELEA_OK;
}

elea_status elea_mapped_file_sync(elea_mapped_file *file, elea_error *err) {
    ELEA_TRY(check_open(file, err));
    ELEA_TRY(elea__os_sync_map(file->mapping->data, file->name, file->size, err));
    return elea__os_sync(file->descriptor, file->name, err);
}

elea_status elea_mapped_file_close(elea_mapped_file *file, elea_error *err) {
    int descriptor = file->descriptor;
    elea__mapping_unref(file->mapping);
    file->mapping = NULL;
    file->descriptor = -1;
    return elea__os_close(descriptor, file->name, err);
}

void elea_mapped_file_free(elea_mapped_file *file) {
    if (!file)
        return;
    elea__mapping_unref(file->mapping);
    elea__os_close_quietly(file->descriptor);
    elea_dealloc(file->pool, file->name, file->name_size);
    elea_dealloc(file->pool, file, sizeof *file);
}

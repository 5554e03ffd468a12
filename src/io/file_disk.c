// SPDX-License-Identifier: Apache-2.0
//
// A file of the operating system, read call by call or mapped. The descriptor of a mapped file is
// closed at once: the mapping does not need it, and neither do its views.
#include "base/os_internal.h"
#include "io/file.h"
#include "io/mapping.h"

// ---- read with pread()

typedef struct disk_file {
    elea_file base;
    int descriptor;
    bool borrowed;
} disk_file;

static elea_status disk_read_at(elea_file *file, int64_t offset, int64_t size, void *out,
                                elea_error *err) {
    int64_t read = 0;
    ELEA_TRY(elea__os_read_at(((disk_file *)file)->descriptor, file->name, offset, out, size, &read,
                              err));
    if (read != size)
        return elea_error_set(err, ELEA_EIO,
                              "\"%s\" was shortened while it was open: it had %lld bytes and now "
                              "ends at %lld",
                              file->name, (long long)file->size, (long long)(offset + read));
    return ELEA_OK;
}

static void disk_free(elea_file *file) {
    if (!((disk_file *)file)->borrowed)
        elea__os_close_quietly(((disk_file *)file)->descriptor);
    elea_dealloc(file->pool, file, sizeof(disk_file));
}

static void disk_advise(elea_file *file, int64_t offset, int64_t size, elea_advice advice) {
    elea__os_advise_file(((disk_file *)file)->descriptor, offset, size,
                         elea__file_os_advice(advice));
}

static const elea_file_ops disk_ops = {
    .read_at = disk_read_at, .advise = disk_advise, .free = disk_free};

// Folders can be opened and even have a size.
static elea_status check_regular(const char *path, elea__os_kind kind, elea_error *err) {
    if (kind == ELEA__OS_DIRECTORY || kind == ELEA__OS_OTHER)
        return elea_error_set(err, ELEA_EINVAL, "\"%s\" is not a file but a %s", path,
                              kind == ELEA__OS_DIRECTORY ? "folder" : "pipe or device");
    return ELEA_OK;
}

// Opening a pipe would wait for its other end, so what it is gets looked at first.
static elea_status open_regular(const char *path, int *descriptor, int64_t *size, elea_error *err) {
    elea_status status = ELEA_OK;
    elea__os_stat_info info;
    int opened = -1;

    ELEA_TRY(elea__os_stat(path, &info, err));
    ELEA_TRY(check_regular(path, info.kind, err));
    ELEA_TRY(elea__os_open(path, ELEA__OS_READ, &opened, err));
    ELEA_GOTO(done, elea__os_file_size(opened, path, size, err));
    *descriptor = opened;
    opened = -1;

done:
    elea__os_close_quietly(opened);
    return status;
}

elea_status elea_file_new_from_descriptor(int descriptor, const char *name,
                                          const elea_descriptor_options *options, elea_pool *pool,
                                          elea_file **out, elea_error *err) {
    elea_status status = ELEA_OK;
    void *block = NULL;
    elea__os_stat_info info;

    ELEA_GOTO(done, elea__os_stat_file(descriptor, name, &info, err));
    ELEA_GOTO(done, check_regular(name, info.kind, err));
    ELEA_GOTO(done, elea_alloc_zero(pool, sizeof(disk_file), &block, err));
    disk_file *file = block;
    ELEA_GOTO(done, elea_file_init(&file->base, &disk_ops, pool, name, info.size, err));
    file->descriptor = descriptor;
    file->borrowed = options && options->borrowed;
    *out = &file->base;
    block = NULL;

done:
    elea_dealloc(pool, block, sizeof(disk_file));
    return status;
}

elea_status elea_file_open(const char *path, elea_pool *pool, elea_file **out, elea_error *err) {
    int descriptor = -1;
    int64_t size = 0;
    ELEA_TRY(open_regular(path, &descriptor, &size, err));
    elea_status status = elea_file_new_from_descriptor(descriptor, path, NULL, pool, out, err);
    if (status != ELEA_OK)
        elea__os_close_quietly(descriptor);
    return status;
}

// ---- mapped

// A buffer that is the whole mapping, and unmaps it with its last reference.
static elea_status map_buffer(int descriptor, const char *path, int64_t size, elea_pool *pool,
                              elea_buffer **out, elea_error *err) {
    elea__mapping *mapping = NULL;
    ELEA_TRY(elea__mapping_new(descriptor, path, size, false, pool, &mapping, err));
    elea_status status = elea__mapping_view(mapping, 0, size, out, err);
    elea__mapping_unref(mapping);
    return status;
}

elea_status elea_file_map(const char *path, elea_pool *pool, elea_file **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_buffer *buffer = NULL;
    int descriptor = -1;
    int64_t size = 0;

    ELEA_GOTO(done, open_regular(path, &descriptor, &size, err));
    ELEA_GOTO(done, map_buffer(descriptor, path, size, pool, &buffer, err));
    ELEA_GOTO(done, elea__file_new_from_mapping(buffer, path, pool, out, err));

done:
    elea_buffer_unref(buffer);
    elea__os_close_quietly(descriptor);
    return status;
}

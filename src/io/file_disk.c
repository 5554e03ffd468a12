// SPDX-License-Identifier: Apache-2.0
//
// A file of the operating system, read call by call or mapped. The descriptor of a mapped file is
// closed at once: the mapping does not need it, and neither do its views.
#include <elea/io.h>

#include "base/os_internal.h"

// ---- read with pread()

typedef struct disk_file {
    elea_file base;
    int descriptor;
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
    elea__os_close_quietly(((disk_file *)file)->descriptor);
    elea_dealloc(file->pool, file, sizeof(disk_file));
}

static const elea_file_ops disk_ops = {.read_at = disk_read_at, .free = disk_free};

// Opening a pipe would wait for its other end, so what it is gets looked at first.
static elea_status open_regular(const char *path, int *descriptor, int64_t *size, elea_error *err) {
    elea_status status = ELEA_OK;
    elea__os_stat_info info;
    int opened = -1;

    ELEA_TRY(elea__os_stat(path, &info, err));
    if (info.kind == ELEA__OS_DIRECTORY || info.kind == ELEA__OS_OTHER)
        return elea_error_set(err, ELEA_EINVAL, "\"%s\" is not a file but a %s", path,
                              info.kind == ELEA__OS_DIRECTORY ? "folder" : "pipe or device");
    ELEA_TRY(elea__os_open(path, ELEA__OS_READ, &opened, err));
    ELEA_GOTO(done, elea__os_file_size(opened, path, size, err));
    *descriptor = opened;
    opened = -1;

done:
    elea__os_close_quietly(opened);
    return status;
}

elea_status elea_file_open(const char *path, elea_pool *pool, elea_file **out, elea_error *err) {
    elea_status status = ELEA_OK;
    void *file = NULL;
    int descriptor = -1;
    int64_t size = 0;

    ELEA_GOTO(done, open_regular(path, &descriptor, &size, err));
    ELEA_GOTO(done, elea_alloc_zero(pool, sizeof(disk_file), &file, err));
    ELEA_GOTO(done, elea_file_init(file, &disk_ops, pool, path, size, err));
    ((disk_file *)file)->descriptor = descriptor;
    descriptor = -1;
    *out = file;
    file = NULL;

done:
    elea_dealloc(pool, file, sizeof(disk_file));
    elea__os_close_quietly(descriptor);
    return status;
}

// ---- mapped

typedef struct mapping {
    elea_pool *pool;
    const void *data;
    int64_t size;
} mapping;

static void mapping_release(void *context) {
    mapping *map = context;
    elea__os_unmap(map->data, map->size);
    elea_dealloc(map->pool, map, sizeof *map);
}

// A buffer that is the whole mapping, and unmaps it with its last reference.
static elea_status map_buffer(int descriptor, const char *path, int64_t size, elea_pool *pool,
                              elea_buffer **out, elea_error *err) {
    elea_status status = ELEA_OK;
    const void *data = NULL;
    void *map = NULL;

    ELEA_GOTO(done, elea_alloc(pool, sizeof(mapping), &map, err));
    ELEA_GOTO(done, elea__os_map(descriptor, path, size, &data, err));
    *(mapping *)map = (mapping){.pool = pool, .data = data, .size = size};
    status = elea_buffer_wrap(pool, data, size, mapping_release, map, out, err);
    if (status != ELEA_OK)
        elea__os_unmap(data, size);
    else
        map = NULL;

done:
    elea_dealloc(pool, map, sizeof(mapping));
    return status;
}

elea_status elea_file_map(const char *path, elea_pool *pool, elea_file **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_buffer *buffer = NULL;
    int descriptor = -1;
    int64_t size = 0;

    ELEA_GOTO(done, open_regular(path, &descriptor, &size, err));
    ELEA_GOTO(done, map_buffer(descriptor, path, size, pool, &buffer, err));
    ELEA_GOTO(done, elea_file_new_from_buffer(buffer, path, pool, out, err));

done:
    elea_buffer_unref(buffer);
    elea__os_close_quietly(descriptor);
    return status;
}

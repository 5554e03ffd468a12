// SPDX-License-Identifier: Apache-2.0
//
// Output to a file, in place or atomically. The atomic way: everything goes to a new file beside
// the path; close syncs it, renames it onto the path and syncs the folder, so that after a crash at
// any point the path holds the old file or the whole new one. What can be left behind is a file
// named ".elea-*.tmp".
#include <elea/io.h>

#include <stdio.h>
#include <string.h>

#include "base/os_internal.h"

typedef struct file_output {
    elea_output_stream base;
    int descriptor;
    bool sync;
    char *folder; // where the file is; NULL unless close syncs it
    int64_t folder_size;
    char *temporary; // the path written to; NULL when that is the stream's own
    int64_t temporary_size;
} file_output;

static elea_status file_write(elea_output_stream *stream, const elea_bytes *parts, int64_t count,
                              elea_error *err) {
    return elea__os_write_parts(((file_output *)stream)->descriptor, stream->name, parts, count,
                                err);
}

static elea_status file_sync(elea_output_stream *stream, elea_error *err) {
    return elea__os_sync(((file_output *)stream)->descriptor, stream->name, err);
}

static elea_status file_close(elea_output_stream *stream, elea_error *err) {
    file_output *output = (file_output *)stream;
    if (output->sync)
        ELEA_TRY(file_sync(stream, err));
    int descriptor = output->descriptor;
    output->descriptor = -1;
    ELEA_TRY(elea__os_close(descriptor, stream->name, err));
    if (output->temporary) {
        ELEA_TRY(elea__os_rename(output->temporary, stream->name, err));
        elea_dealloc(stream->pool, output->temporary, output->temporary_size);
        output->temporary = NULL;
    }
    return output->folder ? elea__os_sync_directory(output->folder, err) : ELEA_OK;
}

static void file_free(elea_output_stream *stream) {
    file_output *output = (file_output *)stream;
    elea__os_close_quietly(output->descriptor);
    if (output->temporary) {
        // When it does not go, nothing can be done: what is under the path is whole anyway.
        elea_status ignored = elea__os_unlink(output->temporary, NULL);
        (void)ignored;
    }
    elea_dealloc(stream->pool, output->temporary, output->temporary_size);
    elea_dealloc(stream->pool, output->folder, output->folder_size);
    elea_dealloc(stream->pool, output, sizeof *output);
}

static const elea_output_stream_ops file_ops = {
    .write = file_write, .sync = file_sync, .close = file_close, .free = file_free};

static elea_status set_folder(file_output *output, elea_error *err) {
    const char *path = output->base.name;
    const char *slash = strrchr(path, '/');
    int64_t length = !slash ? 1 : slash == path ? 1 : slash - path;
    void *folder = NULL;
    ELEA_TRY(elea_alloc(output->base.pool, length + 1, &folder, err));
    memcpy(folder, slash ? path : ".", (size_t)length);
    ((char *)folder)[length] = '\0';
    output->folder = folder;
    output->folder_size = length + 1;
    return ELEA_OK;
}

// Makes a file of a random name in the folder. A name that is taken is tried again, so that a
// clash, which nobody will see, is no failure.
static elea_status open_temporary(file_output *output, elea_error *err) {
    int64_t size = output->folder_size + 32;
    void *path = NULL;
    ELEA_TRY(elea_alloc(output->base.pool, size, &path, err));
    elea_status status = ELEA_OK;
    do {
        uint64_t number = 0;
        ELEA_GOTO(done, elea__os_entropy(&number, sizeof number, err));
        snprintf(path, (size_t)size, "%s/.elea-%016llx.tmp", output->folder,
                 (unsigned long long)number);
        status = elea__os_open(path, ELEA__OS_CREATE, &output->descriptor, err);
    } while (status == ELEA_EEXISTS);

done:
    if (status != ELEA_OK) {
        elea_dealloc(output->base.pool, path, size);
        return elea_error_prefix(err, status, "cannot make \"%s\"", output->base.name);
    }
    output->temporary = path;
    output->temporary_size = size;
    return ELEA_OK;
}

static elea_status open_output(file_output *output, const elea_output_options *options,
                               elea_error *err) {
    elea__os_stat_info info;
    output->sync = options->sync || options->atomic;
    if (output->sync)
        ELEA_TRY(set_folder(output, err));
    if (options->atomic) {
        ELEA_TRY(elea__os_stat(output->base.name, &info, err));
        if (info.kind == ELEA__OS_DIRECTORY)
            return elea_error_set(err, ELEA_EINVAL, "\"%s\" is a folder", output->base.name);
        return open_temporary(output, err);
    }
    ELEA_TRY(elea__os_open(output->base.name, options->append ? ELEA__OS_APPEND : ELEA__OS_REPLACE,
                           &output->descriptor, err));
    bool locked = false;
    if (options->lock)
        ELEA_TRY(elea__os_lock(output->descriptor, output->base.name, true, true, &locked, err));
    if (options->append)
        return elea__os_file_size(output->descriptor, output->base.name, &output->base.position,
                                  err);
    return ELEA_OK;
}

void elea_output_options_init(elea_output_options *options) { *options = (elea_output_options){0}; }

elea_status elea_output_stream_open(const char *path, const elea_output_options *options,
                                    elea_pool *pool, elea_output_stream **out, elea_error *err) {
    static const elea_output_options defaults = {0};
    if (!options)
        options = &defaults;
    if (options->atomic && options->append)
        return elea_error_set(err, ELEA_EINVAL,
                              "\"%s\" cannot be both appended to and written atomically", path);
    if (options->lock && !options->append)
        return elea_error_set(err, ELEA_EINVAL, "\"%s\" can be locked only to be appended to",
                              path);
    void *output = NULL;
    ELEA_TRY(elea_alloc_zero(pool, sizeof(file_output), &output, err));
    ((file_output *)output)->descriptor = -1;
    elea_status status = elea_output_stream_init(output, &file_ops, pool, path, err);
    if (status != ELEA_OK) {
        elea_dealloc(pool, output, sizeof(file_output));
        return status;
    }
    ((file_output *)output)->descriptor = -1;
    status = open_output(output, options, err);
    if (status == ELEA_OK)
        *out = output;
    else
        elea_output_stream_free(output);
    return status;
}

// SPDX-License-Identifier: Apache-2.0
#include <elea/io.h>

#include "base/math_internal.h"

#define SIZE_DEFAULT ((int64_t)1 << 20)

typedef struct mapped_output {
    elea_output_stream base;
    elea_mapped_file *file;
} mapped_output;

static elea_status reserve(mapped_output *output, int64_t size, elea_error *err) {
    int64_t capacity = elea_mapped_file_size(output->file);
    if (size <= capacity)
        return ELEA_OK;
    if (capacity <= INT64_MAX / 2)
        capacity *= 2;
    return elea_mapped_file_resize(output->file, elea__max(capacity, size), err);
}

static elea_status mapped_write(elea_output_stream *stream, const elea_bytes *parts, int64_t count,
                                elea_error *err) {
    mapped_output *output = (mapped_output *)stream;
    int64_t end = stream->position;
    for (int64_t i = 0; i < count; i++)
        end += parts[i].size; // the caller has checked the sum
    ELEA_TRY(reserve(output, end, err));
    int64_t offset = stream->position;
    for (int64_t i = 0; i < count; i++) {
        ELEA_TRY(
            elea_mapped_file_write_at(output->file, offset, parts[i].data, parts[i].size, err));
        offset += parts[i].size;
    }
    return ELEA_OK;
}

static elea_status mapped_sync(elea_output_stream *stream, elea_error *err) {
    return elea_mapped_file_sync(((mapped_output *)stream)->file, err);
}

static elea_status mapped_close(elea_output_stream *stream, elea_error *err) {
    mapped_output *output = (mapped_output *)stream;
    ELEA_TRY(elea_mapped_file_resize(output->file, stream->position, err));
    return elea_mapped_file_close(output->file, err);
}

static void mapped_free(elea_output_stream *stream) {
    mapped_output *output = (mapped_output *)stream;
    if (!stream->closed) {
        // Nobody can be told.
        elea_status ignored = elea_mapped_file_resize(output->file, stream->position, NULL);
        (void)ignored;
    }
    elea_mapped_file_free(output->file);
    elea_dealloc(stream->pool, output, sizeof *output);
}

static const elea_output_stream_ops mapped_ops = {
    .write = mapped_write, .sync = mapped_sync, .close = mapped_close, .free = mapped_free};

elea_status elea_output_stream_open_mapped(const char *path, int64_t size, elea_pool *pool,
                                           elea_output_stream **out, elea_error *err) {
    void *block = NULL;
    ELEA_TRY(elea_alloc_zero(pool, sizeof(mapped_output), &block, err));
    mapped_output *output = block;
    elea_status status = elea_output_stream_init(&output->base, &mapped_ops, pool, path, err);
    if (status != ELEA_OK) {
        elea_dealloc(pool, output, sizeof *output);
        return status;
    }
    status =
        elea_mapped_file_create(path, size == 0 ? SIZE_DEFAULT : size, pool, &output->file, err);
    if (status == ELEA_OK) {
        *out = &output->base;
        return ELEA_OK;
    }
    output->base.closed = true; // there is no file to cut
    elea_output_stream_free(&output->base);
    return status;
}

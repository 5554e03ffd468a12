// SPDX-License-Identifier: Apache-2.0
#include <elea/io.h>

#include "base/buffer_internal.h"
#include "base/copy_internal.h"
#include "base/math_internal.h"
#include "base/prefetch_internal.h"

// What is asked for of the next part before it is copied.
#define PART_AHEAD 1024

typedef struct memory_output {
    elea_output_stream base;
    void *data;
    int64_t capacity;
} memory_output;

static elea_status memory_reserve(memory_output *output, int64_t size, elea_error *err) {
    if (size <= output->capacity)
        return ELEA_OK;
    int64_t capacity = elea__max(size, 1024);
    if (output->capacity <= INT64_MAX / 2)
        capacity = elea__max(capacity, output->capacity * 2);
    ELEA_TRY(
        elea__payload_realloc(output->base.pool, output->capacity, capacity, &output->data, err));
    output->capacity = capacity;
    return ELEA_OK;
}

static elea_status memory_write(elea_output_stream *stream, const elea_bytes *parts, int64_t count,
                                elea_error *err) {
    memory_output *output = (memory_output *)stream;
    int64_t end = stream->position;
    for (int64_t i = 0; i < count; i++)
        end += parts[i].size; // the caller has checked the sum
    ELEA_TRY(memory_reserve(output, end, err));
    int64_t position = stream->position;
    for (int64_t i = 0; i < count; i++) {
        if (parts[i].size == 0)
            continue; // there may be no block yet
        if (i + 1 < count)
            elea__prefetch(parts[i + 1].data, elea__min(parts[i + 1].size, PART_AHEAD));
        // Of what is large only the end is still in the caches when somebody reads it.
        elea__copy_bytes_of((char *)output->data + position, parts[i].data, parts[i].size, end);
        position += parts[i].size;
    }
    return ELEA_OK;
}

static void memory_free(elea_output_stream *stream) {
    memory_output *output = (memory_output *)stream;
    elea_dealloc(stream->pool, output->data, output->capacity);
    elea_dealloc(stream->pool, output, sizeof *output);
}

static const elea_output_stream_ops memory_ops = {.write = memory_write, .free = memory_free};

elea_status elea_output_stream_new_memory(elea_pool *pool, elea_output_stream **out,
                                          elea_error *err) {
    void *output = NULL;
    ELEA_TRY(elea_alloc_zero(pool, sizeof(memory_output), &output, err));
    elea_status status = elea_output_stream_init(output, &memory_ops, pool, "memory", err);
    if (status == ELEA_OK)
        *out = output;
    else
        elea_dealloc(pool, output, sizeof(memory_output));
    return status;
}

elea_status elea_output_stream_take(elea_output_stream *stream, elea_buffer **out,
                                    elea_error *err) {
    if (stream->ops != &memory_ops)
        return elea_error_set(err, ELEA_EINVAL, "\"%s\" is not in memory: nothing to take",
                              stream->name);
    memory_output *output = (memory_output *)stream;
    ELEA_TRY(memory_reserve(output, 1, err)); // so that there is a block to hand over
    ELEA_TRY(elea__buffer_adopt(stream->pool, output->data, output->capacity, stream->position, out,
                                err));
    output->data = NULL;
    output->capacity = 0;
    stream->position = 0;
    stream->closed = false;
    stream->failed = false;
    return ELEA_OK;
}

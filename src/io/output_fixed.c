// SPDX-License-Identifier: Apache-2.0
#include <elea/io.h>

typedef struct fixed_output {
    elea_output_stream base;
    char *data;
    int64_t size;
} fixed_output;

static elea_status fixed_write(elea_output_stream *stream, const elea_bytes *parts, int64_t count,
                               elea_error *err) {
    fixed_output *output = (fixed_output *)stream;
    int64_t total = 0;
    for (int64_t i = 0; i < count; i++)
        total += parts[i].size; // the caller has checked the sum
    if (total > output->size - stream->position)
        return elea_error_set(
            err, ELEA_ECAPACITY, "%lld bytes do not fit at offset %lld of \"%s\": it has %lld",
            (long long)total, (long long)stream->position, stream->name, (long long)output->size);
    int64_t position = stream->position;
    for (int64_t i = 0; i < count; i++) {
        if (parts[i].size == 0)
            continue; // there may be no memory
        elea_copy_bytes(output->data + position, parts[i].data, parts[i].size);
        position += parts[i].size;
    }
    return ELEA_OK;
}

static void fixed_free(elea_output_stream *stream) {
    elea_dealloc(stream->pool, stream, sizeof(fixed_output));
}

static const elea_output_stream_ops fixed_ops = {.write = fixed_write, .free = fixed_free};

elea_status elea_output_stream_new_fixed(void *data, int64_t size, elea_pool *pool,
                                         elea_output_stream **out, elea_error *err) {
    if (size < 0)
        return elea_error_set(err, ELEA_EINVAL, "memory of %lld bytes is given to write to",
                              (long long)size);
    void *block = NULL;
    ELEA_TRY(elea_alloc_zero(pool, sizeof(fixed_output), &block, err));
    fixed_output *output = block;
    elea_status status = elea_output_stream_init(&output->base, &fixed_ops, pool, "memory", err);
    if (status != ELEA_OK) {
        elea_dealloc(pool, output, sizeof *output);
        return status;
    }
    output->data = data;
    output->size = size;
    *out = &output->base;
    return ELEA_OK;
}

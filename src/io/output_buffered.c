// SPDX-License-Identifier: Apache-2.0
#include <elea/io.h>

#define BUFFER_SIZE_DEFAULT ((int64_t)64 << 10)

// So many parts of one write go with the buffer in one call of the target.
#define PARTS_TOGETHER 15

typedef struct buffered_output {
    elea_output_stream base;
    elea_output_stream *target; // NULL once detached
    char *data;
    int64_t capacity;
    int64_t size;
} buffered_output;

static elea_status buffered_flush(elea_output_stream *stream, elea_error *err) {
    buffered_output *output = (buffered_output *)stream;
    if (output->size > 0) {
        ELEA_TRY(elea_output_stream_write(output->target, output->data, output->size, err));
        output->size = 0;
    }
    return elea_output_stream_flush(output->target, err);
}

// What is held back and what is new, in order, without putting it together.
static elea_status write_through(buffered_output *output, const elea_bytes *parts, int64_t count,
                                 elea_error *err) {
    elea_bytes all[PARTS_TOGETHER + 1];
    if (output->size > 0 && count <= PARTS_TOGETHER) {
        all[0] = (elea_bytes){.data = output->data, .size = output->size};
        for (int64_t i = 0; i < count; i++)
            all[i + 1] = parts[i];
        parts = all;
        count++;
    } else if (output->size > 0) {
        ELEA_TRY(elea_output_stream_write(output->target, output->data, output->size, err));
    }
    output->size = 0;
    return elea_output_stream_write_parts(output->target, parts, count, err);
}

static elea_status buffered_write(elea_output_stream *stream, const elea_bytes *parts,
                                  int64_t count, elea_error *err) {
    buffered_output *output = (buffered_output *)stream;
    int64_t total = 0;
    for (int64_t i = 0; i < count; i++)
        total += parts[i].size; // the caller has checked the sum
    if (total > output->capacity - output->size)
        return write_through(output, parts, count, err);
    for (int64_t i = 0; i < count; i++) {
        if (parts[i].size == 0)
            continue;
        elea_copy_bytes(output->data + output->size, parts[i].data, parts[i].size);
        output->size += parts[i].size;
    }
    return ELEA_OK;
}

static elea_status buffered_sync(elea_output_stream *stream, elea_error *err) {
    return elea_output_stream_sync(((buffered_output *)stream)->target, err);
}

static elea_status buffered_close(elea_output_stream *stream, elea_error *err) {
    ELEA_TRY(buffered_flush(stream, err));
    return elea_output_stream_close(((buffered_output *)stream)->target, err);
}

static void buffered_free(elea_output_stream *stream) {
    buffered_output *output = (buffered_output *)stream;
    elea_output_stream_free(output->target);
    elea_dealloc(stream->pool, output->data, output->capacity);
    elea_dealloc(stream->pool, output, sizeof *output);
}

static const elea_output_stream_ops buffered_ops = {.write = buffered_write,
                                                    .sync = buffered_sync,
                                                    .close = buffered_close,
                                                    .free = buffered_free,
                                                    .flush = buffered_flush};

elea_status elea_output_stream_new_buffered(elea_output_stream *target, int64_t buffer_size,
                                            elea_pool *pool, elea_output_stream **out,
                                            elea_error *err) {
    elea_status status = ELEA_OK;
    void *block = NULL, *data = NULL;
    if (buffer_size < 0)
        return elea_error_set(err, ELEA_EINVAL, "a buffer of %lld bytes for \"%s\"",
                              (long long)buffer_size, target->name);
    int64_t capacity = buffer_size == 0 ? BUFFER_SIZE_DEFAULT : buffer_size;

    ELEA_GOTO(done, elea_alloc(pool, capacity, &data, err));
    ELEA_GOTO(done, elea_alloc_zero(pool, sizeof(buffered_output), &block, err));
    buffered_output *output = block;
    ELEA_GOTO(done, elea_output_stream_init(&output->base, &buffered_ops, pool, target->name, err));
    output->base.position = target->position;
    output->target = target;
    output->data = data;
    output->capacity = capacity;
    *out = &output->base;
    data = block = NULL;

done:
    elea_dealloc(pool, block, sizeof(buffered_output));
    elea_dealloc(pool, data, capacity);
    return status;
}

elea_status elea_output_stream_detach(elea_output_stream *stream, elea_output_stream **target,
                                      elea_error *err) {
    if (stream->ops != &buffered_ops)
        return elea_error_set(err, ELEA_EINVAL, "\"%s\" is not buffered: nothing to detach",
                              stream->name);
    ELEA_TRY(elea_output_stream_flush(stream, err));
    *target = ((buffered_output *)stream)->target;
    ((buffered_output *)stream)->target = NULL;
    stream->closed = true;
    return ELEA_OK;
}

// SPDX-License-Identifier: Apache-2.0
#include <elea/io.h>

typedef struct tee_output {
    elea_output_stream base;
    elea_output_stream *target;
    elea_output_stream *copy; // borrowed
} tee_output;

static elea_status tee_write(elea_output_stream *stream, const elea_bytes *parts, int64_t count,
                             elea_error *err) {
    tee_output *output = (tee_output *)stream;
    ELEA_TRY(elea_output_stream_write_parts(output->target, parts, count, err));
    return elea_output_stream_write_parts(output->copy, parts, count, err);
}

static elea_status tee_flush(elea_output_stream *stream, elea_error *err) {
    tee_output *output = (tee_output *)stream;
    ELEA_TRY(elea_output_stream_flush(output->target, err));
    return elea_output_stream_flush(output->copy, err);
}

static elea_status tee_sync(elea_output_stream *stream, elea_error *err) {
    return elea_output_stream_sync(((tee_output *)stream)->target, err);
}

static elea_status tee_close(elea_output_stream *stream, elea_error *err) {
    tee_output *output = (tee_output *)stream;
    ELEA_TRY(elea_output_stream_flush(output->copy, err));
    return elea_output_stream_close(output->target, err);
}

static void tee_free(elea_output_stream *stream) {
    elea_output_stream_free(((tee_output *)stream)->target);
    elea_dealloc(stream->pool, stream, sizeof(tee_output));
}

static const elea_output_stream_ops tee_ops = {
    .write = tee_write, .sync = tee_sync, .close = tee_close, .free = tee_free, .flush = tee_flush};

elea_status elea_output_stream_new_tee(elea_output_stream *target, elea_output_stream *copy,
                                       elea_pool *pool, elea_output_stream **out, elea_error *err) {
    void *block = NULL;
    ELEA_TRY(elea_alloc_zero(pool, sizeof(tee_output), &block, err));
    tee_output *output = block;
    elea_status status = elea_output_stream_init(&output->base, &tee_ops, pool, target->name, err);
    if (status != ELEA_OK) {
        elea_dealloc(pool, output, sizeof *output);
        return status;
    }
    output->base.position = target->position;
    output->target = target;
    output->copy = copy;
    *out = &output->base;
    return ELEA_OK;
}

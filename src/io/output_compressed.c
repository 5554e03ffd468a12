// SPDX-License-Identifier: Apache-2.0
#include <elea/io/compressed.h>

#define BUFFER_SIZE ((int64_t)256 << 10)

typedef struct compressed_output {
    elea_output_stream base;
    elea_output_stream *target;
    elea_compressor *compressor;
    char *buffer; // compressed bytes on their way, BUFFER_SIZE
    int64_t size; // of them
} compressed_output;

static elea_status blame(const compressed_output *output, elea_status status, elea_error *err) {
    return elea_error_prefix(err, status, "\"%s\"", output->base.name);
}

static elea_status hand_on(compressed_output *output, elea_error *err) {
    if (output->size > 0)
        ELEA_TRY(elea_output_stream_write(output->target, output->buffer, output->size, err));
    output->size = 0;
    return ELEA_OK;
}

static elea_status compress(compressed_output *output, elea_bytes bytes, elea_error *err) {
    while (bytes.size > 0) {
        elea_codec_progress progress = {0};
        elea_status status =
            elea_compressor_run(output->compressor, bytes, output->buffer + output->size,
                                BUFFER_SIZE - output->size, &progress, err);
        if (status != ELEA_OK)
            return blame(output, status, err);
        bytes.data += progress.consumed;
        bytes.size -= progress.consumed;
        output->size += progress.produced;
        if (output->size == BUFFER_SIZE || bytes.size > 0)
            ELEA_TRY(hand_on(output, err));
    }
    return ELEA_OK;
}

static elea_status compressed_write(elea_output_stream *stream, const elea_bytes *parts,
                                    int64_t count, elea_error *err) {
    for (int64_t i = 0; i < count; i++)
        ELEA_TRY(compress((compressed_output *)stream, parts[i], err));
    return ELEA_OK;
}

// Gives out what the compressor holds, by a flush or with the end of the frame.
static elea_status drain(compressed_output *output, bool end, elea_error *err) {
    static const elea_bytes nothing = {.data = NULL, .size = 0};
    elea_codec_progress progress = {0};
    do {
        char *target = output->buffer + output->size;
        int64_t room = BUFFER_SIZE - output->size;
        elea_status status =
            end ? elea_compressor_end(output->compressor, nothing, target, room, &progress, err)
                : elea_compressor_flush(output->compressor, target, room, &progress, err);
        if (status != ELEA_OK)
            return blame(output, status, err);
        output->size += progress.produced;
        ELEA_TRY(hand_on(output, err));
    } while (!progress.finished);
    return ELEA_OK;
}

static elea_status compressed_flush(elea_output_stream *stream, elea_error *err) {
    compressed_output *output = (compressed_output *)stream;
    ELEA_TRY(drain(output, false, err));
    return elea_output_stream_flush(output->target, err);
}

static elea_status compressed_sync(elea_output_stream *stream, elea_error *err) {
    return elea_output_stream_sync(((compressed_output *)stream)->target, err);
}

static elea_status compressed_close(elea_output_stream *stream, elea_error *err) {
    compressed_output *output = (compressed_output *)stream;
    ELEA_TRY(drain(output, true, err));
    return elea_output_stream_close(output->target, err);
}

static void compressed_free(elea_output_stream *stream) {
    compressed_output *output = (compressed_output *)stream;
    elea_output_stream_free(output->target);
    elea_compressor_free(output->compressor);
    elea_dealloc(stream->pool, output->buffer, BUFFER_SIZE);
    elea_dealloc(stream->pool, output, sizeof *output);
}

static const elea_output_stream_ops compressed_ops = {.write = compressed_write,
                                                      .sync = compressed_sync,
                                                      .close = compressed_close,
                                                      .free = compressed_free,
                                                      .flush = compressed_flush};

elea_status elea_output_stream_new_compressed(elea_output_stream *target, const elea_codec *codec,
                                              const elea_compressor_options *options,
                                              elea_pool *pool, elea_output_stream **out,
                                              elea_error *err) {
    elea_status status = ELEA_OK;
    elea_compressor *compressor = NULL;
    void *block = NULL, *buffer = NULL;
    ELEA_GOTO(done, elea_compressor_new(codec, options, pool, &compressor, err));
    ELEA_GOTO(done, elea_alloc(pool, BUFFER_SIZE, &buffer, err));
    ELEA_GOTO(done, elea_alloc_zero(pool, sizeof(compressed_output), &block, err));
    compressed_output *output = block;
    ELEA_GOTO(done,
              elea_output_stream_init(&output->base, &compressed_ops, pool, target->name, err));
    output->target = target;
    output->compressor = compressor;
    output->buffer = buffer;
    *out = &output->base;
    return ELEA_OK;

done:
    elea_dealloc(pool, block, sizeof(compressed_output));
    elea_dealloc(pool, buffer, BUFFER_SIZE);
    elea_compressor_free(compressor);
    return status;
}

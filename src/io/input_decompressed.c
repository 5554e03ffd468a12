// SPDX-License-Identifier: Apache-2.0
#include <elea/io/compressed.h>

#include "base/math_internal.h"
#include "io/block_input.h"

// What comes out at once, and what goes in where the source has no views.
#define BLOCK_SIZE ((int64_t)256 << 10)

// What a codec is told by.
#define HEAD_SIZE 16

typedef struct decompressed_input {
    elea__block_input base;
    elea_input_stream *source;
    const elea_codec *codec; // NULL: not told yet, or none
    elea_decompressor_options options;
    elea_decompressor *decompressor; // NULL: not begun, or bytes pass as they are
    elea_buffer *packed;             // NULL, or what was read last, or is read into
    elea_bytes rest;                 // of what was read
    bool begun;
    bool ended; // the source
    bool full;  // there was no more room: more may come without input
} decompressed_input;

static elea_status blame(const decompressed_input *input, elea_status status, elea_error *err) {
    return elea_error_prefix(err, status, "\"%s\"", input->base.base.name);
}

static elea_bytes bytes_of(const elea_buffer *buffer) {
    return (elea_bytes){.data = (const char *)elea_buffer_data(buffer),
                        .size = elea_buffer_size(buffer)};
}

// Finds out which codec it is, if any.
static elea_status find_codec(decompressed_input *input, elea_error *err) {
    elea_bytes head = {.size = 0};
    if (input->source->ops->peek) {
        ELEA_TRY(elea_input_stream_peek(input->source, HEAD_SIZE, &head, err));
    } else {
        if (!input->packed)
            ELEA_TRY(elea_input_stream_view(input->source, HEAD_SIZE, &input->packed, err));
        head = input->rest = bytes_of(input->packed);
    }
    input->codec = elea_codec_of_magic(head);
    if (!input->codec)
        input->codec = elea_codec_of_path(input->base.base.name);
    return ELEA_OK;
}

static elea_status begin(decompressed_input *input, elea_error *err) {
    if (input->begun)
        return ELEA_OK;
    if (!input->codec)
        ELEA_TRY(find_codec(input, err));
    if (input->codec && !input->decompressor) {
        elea_status status = elea_decompressor_new(
            input->codec, &input->options, input->base.base.pool, &input->decompressor, err);
        if (status != ELEA_OK)
            return blame(input, status, err);
    }
    input->begun = true;
    return ELEA_OK;
}

static elea_status read_packed(decompressed_input *input, elea_error *err) {
    const bool has_views = elea_input_stream_has_views(input->source);
    input->rest.size = 0;
    if (has_views || elea_buffer_size(input->packed) != BLOCK_SIZE) {
        elea_buffer_unref(input->packed);
        input->packed = NULL;
    }
    if (has_views) {
        ELEA_TRY(elea_input_stream_view(input->source, BLOCK_SIZE, &input->packed, err));
        input->rest = bytes_of(input->packed);
    } else {
        if (!input->packed)
            ELEA_TRY(elea_buffer_new(input->base.base.pool, BLOCK_SIZE, &input->packed, err));
        input->rest.data = (const char *)elea_buffer_data(input->packed);
        ELEA_TRY(elea_input_stream_read_some(input->source, BLOCK_SIZE,
                                             elea_buffer_mutable_data(input->packed),
                                             &input->rest.size, err));
    }
    input->ended = input->rest.size == 0;
    return ELEA_OK;
}

// Gives at least one byte of what comes out; *count is 0 at the end.
static elea_status produce(decompressed_input *input, void *target, int64_t room, int64_t *count,
                           elea_error *err) {
    elea_codec_progress progress = {0};
    elea_status status = ELEA_OK;
    do {
        if (input->rest.size == 0 && !input->ended && !input->full)
            ELEA_TRY(read_packed(input, err));
        status =
            elea_decompressor_run(input->decompressor, input->rest, target, room, &progress, err);
        if (status != ELEA_OK)
            return blame(input, status, err);
        if (progress.consumed > 0)
            input->rest.data += progress.consumed;
        input->rest.size -= progress.consumed;
        input->full = progress.produced == room;
    } while (progress.produced == 0 && !(input->ended && input->rest.size == 0));
    *count = progress.produced;
    if (progress.produced > 0)
        return ELEA_OK;
    status = elea_decompressor_end(input->decompressor, err);
    return status == ELEA_OK ? ELEA_OK : blame(input, status, err);
}

// Bytes that pass as they are; those that a codec was looked for in come first.
static elea_status fill_plain(decompressed_input *input, elea_error *err) {
    elea__block_input *base = &input->base;
    elea_buffer *block = NULL;
    if (input->rest.size == 0 && elea_input_stream_has_views(input->source)) {
        ELEA_TRY(elea_input_stream_view(input->source, BLOCK_SIZE, &block, err));
        return elea__block_input_add(base, block, err);
    }
    ELEA_TRY(elea__block_input_reserve(base, HEAD_SIZE, BLOCK_SIZE, err));
    char *target = (char *)elea_buffer_mutable_data(base->block) + base->end;
    int64_t count = elea__min(input->rest.size, elea_buffer_size(base->block) - base->end);
    if (count > 0) {
        elea_copy_bytes(target, input->rest.data, count);
        input->rest.data += count;
        input->rest.size -= count;
    } else {
        ELEA_TRY(elea_input_stream_read_some(
            input->source, elea_buffer_size(base->block) - base->end, target, &count, err));
    }
    base->end += count;
    return ELEA_OK;
}

static elea_status decompressed_fill(elea__block_input *base, int64_t wanted, elea_error *err) {
    decompressed_input *input = (decompressed_input *)base;
    int64_t count = 0;
    ELEA_TRY(begin(input, err));
    if (!input->decompressor)
        return fill_plain(input, err);
    ELEA_TRY(elea__block_input_reserve(base, elea__min(wanted, BLOCK_SIZE), BLOCK_SIZE, err));
    ELEA_TRY(produce(input, elea_buffer_mutable_data(base->block) + base->end,
                     elea_buffer_size(base->block) - base->end, &count, err));
    base->end += count;
    return ELEA_OK;
}

static bool holds_nothing(const decompressed_input *input) {
    return input->base.begin == input->base.end;
}

// Large reads go past the block.
static elea_status decompressed_read(elea_input_stream *stream, int64_t size, void *out,
                                     int64_t *count, elea_error *err) {
    decompressed_input *input = (decompressed_input *)stream;
    ELEA_TRY(begin(input, err));
    if (input->decompressor && holds_nothing(input) && size >= BLOCK_SIZE)
        return produce(input, out, size, count, err);
    return elea__block_input_read(stream, size, out, count, err);
}

static elea_status decompressed_view(elea_input_stream *stream, int64_t size, elea_buffer **out,
                                     elea_error *err) {
    decompressed_input *input = (decompressed_input *)stream;
    ELEA_TRY(begin(input, err));
    if (!holds_nothing(input) || size < BLOCK_SIZE)
        return elea__block_input_view(stream, size, out, err);
    if (input->decompressor || input->rest.size > 0) {
        *out = NULL; // it is read
        return ELEA_OK;
    }
    return elea_input_stream_view(input->source, size, out, err);
}

static void decompressed_free(elea_input_stream *stream) {
    decompressed_input *input = (decompressed_input *)stream;
    elea__block_input_release(&input->base);
    elea_buffer_unref(input->packed);
    elea_decompressor_free(input->decompressor);
    elea_input_stream_free(input->source);
    elea_dealloc(stream->pool, input, sizeof *input);
}

static const elea_input_stream_ops decompressed_ops = {.read = decompressed_read,
                                                       .view = decompressed_view,
                                                       .skip = elea__block_input_skip,
                                                       .peek = elea__block_input_peek,
                                                       .has_views = elea__block_input_has_views,
                                                       .free = decompressed_free};

elea_status elea_input_stream_new_decompressed(elea_input_stream *source, const elea_codec *codec,
                                               const elea_decompressor_options *options,
                                               elea_pool *pool, elea_input_stream **out,
                                               elea_error *err) {
    elea_status status = ELEA_OK;
    elea_decompressor *decompressor = NULL;
    void *block = NULL;
    if (codec)
        ELEA_TRY(elea_decompressor_new(codec, options, pool, &decompressor, err));
    ELEA_GOTO(done, elea_alloc_zero(pool, sizeof(decompressed_input), &block, err));
    decompressed_input *input = block;
    ELEA_GOTO(done, elea_input_stream_init(&input->base.base, &decompressed_ops, pool, source->name,
                                           err));
    input->base.fill = decompressed_fill;
    input->source = source;
    input->codec = codec;
    input->decompressor = decompressor;
    if (options)
        input->options = *options;
    *out = &input->base.base;
    return ELEA_OK;

done:
    elea_decompressor_free(decompressor);
    elea_dealloc(pool, block, sizeof(decompressed_input));
    return status;
}

// SPDX-License-Identifier: Apache-2.0
#include "base/math_internal.h"
#include "io/block_input.h"

#define BUFFER_SIZE_DEFAULT ((int64_t)64 << 10)

typedef struct buffered_input {
    elea__block_input base;
    elea_input_stream *source; // NULL once detached
    int64_t buffer_size;
    int64_t left; // what may still be read from the source
} buffered_input;

static elea_status buffered_fill(elea__block_input *input, int64_t wanted, elea_error *err) {
    buffered_input *buffered = (buffered_input *)input;
    if (buffered->left == 0)
        return ELEA_OK;
    // Looking further ahead than the buffer reaches makes it larger, as bytes come.
    ELEA_TRY(elea__block_input_reserve(input, elea__min(wanted, buffered->buffer_size),
                                       buffered->buffer_size, err));
    int64_t room = elea_buffer_size(input->block) - input->end, count = 0;
    ELEA_TRY(elea_input_stream_read_some(buffered->source, elea__min(room, buffered->left),
                                         elea_buffer_mutable_data(input->block) + input->end,
                                         &count, err));
    input->end += count;
    buffered->left -= count;
    return ELEA_OK;
}

// Large reads go past the buffer.
static elea_status buffered_read(elea_input_stream *stream, int64_t size, void *out, int64_t *count,
                                 elea_error *err) {
    buffered_input *buffered = (buffered_input *)stream;
    if (buffered->base.begin < buffered->base.end || size < buffered->buffer_size)
        return elea__block_input_read(stream, size, out, count, err);
    int64_t part = 0;
    if (buffered->left > 0)
        ELEA_TRY(elea_input_stream_read_some(buffered->source, elea__min(size, buffered->left), out,
                                             &part, err));
    buffered->left -= part;
    *count = part;
    return ELEA_OK;
}

// A view that the buffer does not hold, and would not hold whole, is the source's business.
static elea_status buffered_view(elea_input_stream *stream, int64_t size, elea_buffer **out,
                                 elea_error *err) {
    buffered_input *buffered = (buffered_input *)stream;
    if (buffered->base.begin < buffered->base.end || size < buffered->buffer_size ||
        buffered->left == 0)
        return elea__block_input_view(stream, size, out, err);
    elea_buffer *view = NULL;
    ELEA_TRY(elea_input_stream_view(buffered->source, elea__min(size, buffered->left), &view, err));
    buffered->left -= elea_buffer_size(view);
    *out = view;
    return ELEA_OK;
}

static elea_status buffered_skip(elea_input_stream *stream, int64_t size, int64_t *count,
                                 elea_error *err) {
    buffered_input *buffered = (buffered_input *)stream;
    int64_t held = elea__min(size, buffered->base.end - buffered->base.begin), part = 0;
    int64_t further = elea__min(size - held, buffered->left);
    if (further > 0)
        ELEA_TRY(elea_input_stream_skip(buffered->source, further, &part, err));
    buffered->base.begin += held;
    buffered->left -= part;
    *count = held + part;
    return ELEA_OK;
}

static void buffered_free(elea_input_stream *stream) {
    buffered_input *buffered = (buffered_input *)stream;
    elea__block_input_release(&buffered->base);
    elea_input_stream_free(buffered->source);
    elea_dealloc(stream->pool, buffered, sizeof *buffered);
}

static const elea_input_stream_ops buffered_ops = {.read = buffered_read,
                                                   .view = buffered_view,
                                                   .skip = buffered_skip,
                                                   .peek = elea__block_input_peek,
                                                   .has_views = elea__block_input_has_views,
                                                   .free = buffered_free};

void elea_buffered_input_options_init(elea_buffered_input_options *options) {
    *options = (elea_buffered_input_options){0};
}

static elea_status check_buffer_size(const elea_input_stream *stream, int64_t size,
                                     elea_error *err) {
    if (size >= 0)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL, "a buffer of %lld bytes for \"%s\"", (long long)size,
                          stream->name);
}

elea_status elea_input_stream_new_buffered(elea_input_stream *source,
                                           const elea_buffered_input_options *options,
                                           elea_pool *pool, elea_input_stream **out,
                                           elea_error *err) {
    static const elea_buffered_input_options defaults = {0};
    if (!options)
        options = &defaults;
    ELEA_TRY(check_buffer_size(source, options->buffer_size, err));
    if (options->read_max < 0)
        return elea_error_set(err, ELEA_EINVAL, "at most %lld bytes of \"%s\" are to be read",
                              (long long)options->read_max, source->name);
    void *block = NULL;
    ELEA_TRY(elea_alloc_zero(pool, sizeof(buffered_input), &block, err));
    buffered_input *buffered = block;
    elea_status status =
        elea_input_stream_init(&buffered->base.base, &buffered_ops, pool, source->name, err);
    if (status != ELEA_OK) {
        elea_dealloc(pool, buffered, sizeof *buffered);
        return status;
    }
    buffered->base.base.position = source->position;
    buffered->base.fill = buffered_fill;
    buffered->source = source;
    buffered->buffer_size = options->buffer_size == 0 ? BUFFER_SIZE_DEFAULT : options->buffer_size;
    buffered->left = options->read_max == 0 ? INT64_MAX : options->read_max;
    *out = &buffered->base.base;
    return ELEA_OK;
}

static elea_status check_buffered(const elea_input_stream *stream, elea_error *err) {
    if (stream->ops == &buffered_ops && ((const buffered_input *)stream)->source)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL, "\"%s\" is not buffered", stream->name);
}

elea_status elea_input_stream_set_buffer_size(elea_input_stream *stream, int64_t size,
                                              elea_error *err) {
    ELEA_TRY(check_buffered(stream, err));
    ELEA_TRY(check_buffer_size(stream, size, err));
    buffered_input *buffered = (buffered_input *)stream;
    int64_t held = buffered->base.end - buffered->base.begin;
    size = size == 0 ? BUFFER_SIZE_DEFAULT : size;
    if (size < held)
        return elea_error_set(err, ELEA_EINVAL,
                              "a buffer of %lld bytes for \"%s\", which holds %lld unread ones",
                              (long long)size, stream->name, (long long)held);
    buffered->buffer_size = size;
    return ELEA_OK;
}

int64_t elea_input_stream_buffered_size(const elea_input_stream *stream) {
    if (stream->ops != &buffered_ops)
        return 0;
    const buffered_input *buffered = (const buffered_input *)stream;
    return buffered->base.end - buffered->base.begin;
}

elea_status elea_input_stream_detach(elea_input_stream *stream, elea_input_stream **source,
                                     elea_buffer **rest, elea_error *err) {
    ELEA_TRY(check_buffered(stream, err));
    buffered_input *buffered = (buffered_input *)stream;
    elea_buffer *held = NULL;
    int64_t size = buffered->base.end - buffered->base.begin;
    if (size == 0)
        ELEA_TRY(elea_buffer_new(stream->pool, 0, &held, err));
    else
        ELEA_TRY(elea_buffer_slice(buffered->base.block, buffered->base.begin, size, &held, err));
    elea__block_input_release(&buffered->base);
    *source = buffered->source;
    *rest = held;
    buffered->source = NULL;
    buffered->left = 0;
    return ELEA_OK;
}

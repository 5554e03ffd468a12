// SPDX-License-Identifier: Apache-2.0
#include "io/block_input.h"

#define BLOCK_SIZE ((int64_t)64 << 10)

typedef struct transform_input {
    elea__block_input base;
    elea_input_stream *source;
    elea_transform_fn transform;
    void *context;
    bool ended;
} transform_input;

// What the source gives next, at once; empty at its end.
static elea_status next_block(elea_input_stream *source, elea_pool *pool, elea_buffer **out,
                              elea_error *err) {
    elea_status status = ELEA_OK;
    elea_buffer *block = NULL;
    int64_t count = 0;
    if (elea_input_stream_has_views(source))
        return elea_input_stream_view(source, BLOCK_SIZE, out, err);
    ELEA_GOTO(done, elea_buffer_new(pool, BLOCK_SIZE, &block, err));
    ELEA_GOTO(done, elea_input_stream_read_some(source, BLOCK_SIZE, elea_buffer_mutable_data(block),
                                                &count, err));
    ELEA_GOTO(done, elea_buffer_slice(block, 0, count, out, err));

done:
    elea_buffer_unref(block);
    return status;
}

static elea_status transform_fill(elea__block_input *input, int64_t wanted, elea_error *err) {
    (void)wanted;
    transform_input *transform = (transform_input *)input;
    while (!transform->ended) {
        elea_buffer *block = NULL, *result = NULL;
        ELEA_TRY(next_block(transform->source, input->base.pool, &block, err));
        transform->ended = elea_buffer_size(block) == 0;
        elea_status status = transform->transform(transform->context, block, &result, err);
        elea_buffer_unref(block);
        ELEA_TRY(status);
        if (elea_buffer_size(result) > 0)
            return elea__block_input_add(input, result, err);
        elea_buffer_unref(result);
    }
    return ELEA_OK;
}

static void transform_free(elea_input_stream *stream) {
    transform_input *transform = (transform_input *)stream;
    elea__block_input_release(&transform->base);
    elea_input_stream_free(transform->source);
    elea_dealloc(stream->pool, transform, sizeof *transform);
}

static const elea_input_stream_ops transform_ops = {.read = elea__block_input_read,
                                                    .view = elea__block_input_view,
                                                    .skip = elea__block_input_skip,
                                                    .peek = elea__block_input_peek,
                                                    .has_views = elea__block_input_has_views,
                                                    .free = transform_free};

elea_status elea_input_stream_new_transform(elea_input_stream *source, elea_transform_fn transform,
                                            void *context, elea_pool *pool, elea_input_stream **out,
                                            elea_error *err) {
    void *block = NULL;
    ELEA_TRY(elea_alloc_zero(pool, sizeof(transform_input), &block, err));
    transform_input *input = block;
    elea_status status =
        elea_input_stream_init(&input->base.base, &transform_ops, pool, source->name, err);
    if (status != ELEA_OK) {
        elea_dealloc(pool, input, sizeof *input);
        return status;
    }
    input->base.fill = transform_fill;
    input->source = source;
    input->transform = transform;
    input->context = context;
    *out = &input->base.base;
    return ELEA_OK;
}

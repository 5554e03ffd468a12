// SPDX-License-Identifier: Apache-2.0
#include <elea/io.h>

typedef struct tee_input {
    elea_input_stream base;
    elea_input_stream *source;
    elea_output_stream *copy; // borrowed
} tee_input;

static elea_status tee_read(elea_input_stream *stream, int64_t size, void *out, int64_t *count,
                            elea_error *err) {
    tee_input *input = (tee_input *)stream;
    ELEA_TRY(elea_input_stream_read_some(input->source, size, out, count, err));
    return *count == 0 ? ELEA_OK : elea_output_stream_write(input->copy, out, *count, err);
}

static elea_status tee_view(elea_input_stream *stream, int64_t size, elea_buffer **out,
                            elea_error *err) {
    tee_input *input = (tee_input *)stream;
    elea_buffer *view = NULL;
    ELEA_TRY(elea_input_stream_view(input->source, size, &view, err));
    elea_status status =
        elea_output_stream_write(input->copy, elea_buffer_data(view), elea_buffer_size(view), err);
    if (status == ELEA_OK)
        *out = view;
    else
        elea_buffer_unref(view);
    return status;
}

static elea_status tee_peek(elea_input_stream *stream, int64_t size, elea_bytes *out,
                            elea_error *err) {
    return elea_input_stream_peek(((tee_input *)stream)->source, size, out, err);
}

static bool tee_has_views(const elea_input_stream *stream) {
    return elea_input_stream_has_views(((const tee_input *)stream)->source);
}

static void tee_free(elea_input_stream *stream) {
    elea_input_stream_free(((tee_input *)stream)->source);
    elea_dealloc(stream->pool, stream, sizeof(tee_input));
}

// Nothing is skipped: what goes by is to be copied.
static const elea_input_stream_ops tee_ops = {.read = tee_read,
                                              .view = tee_view,
                                              .peek = tee_peek,
                                              .has_views = tee_has_views,
                                              .free = tee_free};

elea_status elea_input_stream_new_tee(elea_input_stream *source, elea_output_stream *copy,
                                      elea_pool *pool, elea_input_stream **out, elea_error *err) {
    void *block = NULL;
    ELEA_TRY(elea_alloc_zero(pool, sizeof(tee_input), &block, err));
    tee_input *input = block;
    elea_status status = elea_input_stream_init(&input->base, &tee_ops, pool, source->name, err);
    if (status != ELEA_OK) {
        elea_dealloc(pool, input, sizeof *input);
        return status;
    }
    input->base.position = source->position;
    input->source = source;
    input->copy = copy;
    *out = &input->base;
    return ELEA_OK;
}

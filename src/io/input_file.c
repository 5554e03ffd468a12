// SPDX-License-Identifier: Apache-2.0
//
// A part of a random access file, read in order. Memory is such a file, too.
#include "base/math_internal.h"
#include "io/file.h"

typedef struct file_input {
    elea_input_stream base;
    elea_file *file;
    int64_t offset; // of the next byte
    int64_t end;
    elea_buffer *peeked; // what was looked at last, kept for the caller
} file_input;

static elea_status file_read(elea_input_stream *stream, int64_t size, void *out, int64_t *count,
                             elea_error *err) {
    file_input *input = (file_input *)stream;
    size = elea__min(size, input->end - input->offset);
    ELEA_TRY(elea_file_read_at(input->file, input->offset, size, out, err));
    input->offset += size;
    *count = size;
    return ELEA_OK;
}

static elea_status file_view(elea_input_stream *stream, int64_t size, elea_buffer **out,
                             elea_error *err) {
    file_input *input = (file_input *)stream;
    size = elea__min(size, input->end - input->offset);
    ELEA_TRY(elea_file_view_at(input->file, input->offset, size, out, err));
    input->offset += size;
    return ELEA_OK;
}

static elea_status file_skip(elea_input_stream *stream, int64_t size, int64_t *count,
                             elea_error *err) {
    (void)err;
    file_input *input = (file_input *)stream;
    *count = elea__min(size, input->end - input->offset);
    input->offset += *count;
    return ELEA_OK;
}

static elea_status file_peek(elea_input_stream *stream, int64_t size, elea_bytes *out,
                             elea_error *err) {
    file_input *input = (file_input *)stream;
    elea_buffer *buffer = NULL;
    size = elea__min(size, input->end - input->offset);
    ELEA_TRY(elea_file_view_at(input->file, input->offset, size, &buffer, err));
    elea_buffer_unref(input->peeked);
    input->peeked = buffer;
    *out = (elea_bytes){.data = (const char *)elea_buffer_data(buffer), .size = size};
    return ELEA_OK;
}

static void file_free(elea_input_stream *stream) {
    file_input *input = (file_input *)stream;
    elea_buffer_unref(input->peeked);
    elea_file_unref(input->file);
    elea_dealloc(stream->pool, input, sizeof *input);
}

static const elea_input_stream_ops read_ops = {
    .read = file_read, .skip = file_skip, .free = file_free};
static const elea_input_stream_ops view_ops = {
    .read = file_read, .view = file_view, .skip = file_skip, .peek = file_peek, .free = file_free};

elea_status elea_input_stream_new_from_file(elea_file *file, int64_t offset, int64_t size,
                                            elea_pool *pool, elea_input_stream **out,
                                            elea_error *err) {
    int64_t total = elea_file_size(file);
    if (size == -1 && offset >= 0 && offset <= total)
        size = total - offset;
    ELEA_TRY(elea__file_check_range(file, offset, size, err));
    void *block = NULL;
    ELEA_TRY(elea_alloc_zero(pool, sizeof(file_input), &block, err));
    file_input *input = block;
    elea_status status =
        elea_input_stream_init(&input->base, elea_file_has_views(file) ? &view_ops : &read_ops,
                               pool, elea_file_name(file), err);
    if (status != ELEA_OK) {
        elea_dealloc(pool, input, sizeof *input);
        return status;
    }
    input->base.position = offset;
    input->file = elea_file_ref(file);
    input->offset = offset;
    input->end = offset + size;
    *out = &input->base;
    return ELEA_OK;
}

elea_status elea_input_stream_new_from_buffer(elea_buffer *buffer, const char *name,
                                              elea_pool *pool, elea_input_stream **out,
                                              elea_error *err) {
    elea_file *file = NULL;
    ELEA_TRY(elea_file_new_from_buffer(buffer, name, pool, &file, err));
    elea_status status = elea_input_stream_new_from_file(file, 0, -1, pool, out, err);
    elea_file_unref(file);
    return status;
}

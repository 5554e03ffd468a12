// SPDX-License-Identifier: Apache-2.0
#include "io/block_input.h"

#include <string.h>

#include "base/copy_internal.h"
#include "base/math_internal.h"

static int64_t unread(const elea__block_input *input) { return input->end - input->begin; }

static const uint8_t *unread_data(const elea__block_input *input) {
    return elea_buffer_data(input->block) + input->begin;
}

// Fills when nothing is unread.
static elea_status fill_if_empty(elea__block_input *input, int64_t wanted, elea_error *err) {
    return unread(input) > 0 ? ELEA_OK : input->fill(input, wanted, err);
}

elea_status elea__block_input_read(elea_input_stream *stream, int64_t size, void *out,
                                   int64_t *count, elea_error *err) {
    elea__block_input *input = (elea__block_input *)stream;
    ELEA_TRY(fill_if_empty(input, size, err));
    int64_t part = elea__min(size, unread(input));
    if (part > 0)
        elea_copy_bytes(out, unread_data(input), part);
    input->begin += part;
    *count = part;
    return ELEA_OK;
}

elea_status elea__block_input_view(elea_input_stream *stream, int64_t size, elea_buffer **out,
                                   elea_error *err) {
    elea__block_input *input = (elea__block_input *)stream;
    ELEA_TRY(fill_if_empty(input, size, err));
    if (unread(input) == 0)
        return elea_buffer_new(stream->pool, 0, out, err);
    *out = NULL; // what lies in several blocks is read together
    if (size > unread(input))
        return ELEA_OK;
    ELEA_TRY(elea_buffer_slice(input->block, input->begin, size, out, err));
    input->begin += size;
    return ELEA_OK;
}

elea_status elea__block_input_skip(elea_input_stream *stream, int64_t size, int64_t *count,
                                   elea_error *err) {
    elea__block_input *input = (elea__block_input *)stream;
    int64_t done = 0;
    while (done < size) {
        ELEA_TRY(fill_if_empty(input, size - done, err));
        int64_t part = elea__min(size - done, unread(input));
        if (part == 0)
            break;
        input->begin += part;
        done += part;
    }
    *count = done;
    return ELEA_OK;
}

elea_status elea__block_input_peek(elea_input_stream *stream, int64_t size, elea_bytes *out,
                                   elea_error *err) {
    elea__block_input *input = (elea__block_input *)stream;
    while (unread(input) < size) {
        int64_t before = unread(input);
        ELEA_TRY(input->fill(input, size, err));
        if (unread(input) == before)
            break;
    }
    *out = (elea_bytes){.size = elea__min(size, unread(input))};
    if (out->size > 0)
        out->data = (const char *)unread_data(input);
    return ELEA_OK;
}

bool elea__block_input_has_views(const elea_input_stream *stream) {
    (void)stream;
    return false;
}

void elea__block_input_release(elea__block_input *input) {
    elea_buffer_unref(input->block);
    input->block = NULL;
    input->begin = input->end = 0;
}

static void set_block(elea__block_input *input, elea_buffer *block, int64_t size) {
    elea_buffer_unref(input->block);
    input->block = block;
    input->begin = 0;
    input->end = size;
}

elea_status elea__block_input_reserve(elea__block_input *input, int64_t wanted, int64_t capacity,
                                      elea_error *err) {
    uint8_t *data = elea_buffer_mutable_data(input->block);
    int64_t kept = unread(input), size = elea_buffer_size(input->block);
    if (kept == 0 && data)
        input->begin = input->end = 0;
    if (data && input->end < size && wanted <= size - input->begin)
        return ELEA_OK;
    if (data && kept < size && wanted <= size) {
        memmove(data, data + input->begin, (size_t)kept);
        elea__copy_count(kept);
        input->begin = 0;
        input->end = kept;
        return ELEA_OK;
    }
    // Twice of what is kept, so that looking far ahead step by step stays linear.
    elea_buffer *block = NULL;
    capacity = elea__max(capacity, kept == 0 ? 1 : kept * 2);
    ELEA_TRY(elea_buffer_new(input->base.pool, capacity, &block, err));
    if (kept > 0)
        elea_copy_bytes(elea_buffer_mutable_data(block), unread_data(input), kept);
    set_block(input, block, kept);
    return ELEA_OK;
}

elea_status elea__block_input_add(elea__block_input *input, elea_buffer *block, elea_error *err) {
    int64_t kept = unread(input), size = elea_buffer_size(block);
    if (kept == 0) {
        set_block(input, block, size);
        return ELEA_OK;
    }
    // Both are in memory, so that their sum is no number to fear.
    elea_status status = elea__block_input_reserve(input, kept + size, kept + size, err);
    if (status == ELEA_OK) {
        elea_copy_bytes(elea_buffer_mutable_data(input->block) + input->end,
                        elea_buffer_data(block), size);
        input->end += size;
    }
    elea_buffer_unref(block);
    return status;
}

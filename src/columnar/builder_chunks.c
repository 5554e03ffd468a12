// SPDX-License-Identifier: Apache-2.0
//
// Builders that go on where one array is full: what they have is cut off as a chunk.
#include "base/math_internal.h"
#include "columnar/builder_internal.h"

void elea__builder_drop_chunks(elea_builder *builder) {
    elea__chunks *chunks = &builder->chunks;
    for (int64_t i = 0; i < chunks->count; i++)
        elea_array_unref(chunks->arrays[i]);
    chunks->count = 0;
}

static elea_status chunk_room(elea_builder *builder, elea_error *err) {
    elea__chunks *chunks = &builder->chunks;
    int64_t width = (int64_t)sizeof(elea_array *);
    if (chunks->count < chunks->capacity)
        return ELEA_OK;
    int64_t more = elea__max(4, chunks->capacity * 2);
    void *block = chunks->arrays;
    ELEA_TRY(elea_realloc(builder->pool, chunks->capacity * width, more * width, &block, err));
    chunks->arrays = block;
    chunks->capacity = more;
    return ELEA_OK;
}

void elea_builder_set_chunked(elea_builder *builder, bool chunked) {
    builder->chunks.is_automatic = chunked;
}

elea_status elea_builder_end_chunk(elea_builder *builder, elea_error *err) {
    if (builder->length == 0)
        return elea__builder_check_closed(builder, err);
    ELEA_TRY(chunk_room(builder, err));
    ELEA_TRY(
        elea__builder_finish_rows(builder, &builder->chunks.arrays[builder->chunks.count], err));
    builder->chunks.count++;
    return ELEA_OK;
}

elea_status elea_builder_finish_chunked(elea_builder *builder, elea_chunked_array **out,
                                        elea_error *err) {
    ELEA_TRY(elea_builder_end_chunk(builder, err));
    ELEA_TRY(elea_chunked_array_new(builder->pool, builder->type,
                                    (const elea_array *const *)builder->chunks.arrays,
                                    builder->chunks.count, out, err));
    elea__builder_drop_chunks(builder);
    return ELEA_OK;
}

// SPDX-License-Identifier: Apache-2.0
//
// Building text and bytes: behind offsets, and as views.
#include <string.h>

#include "base/buffer_internal.h"
#include "base/copy_internal.h"
#include "base/math_internal.h"
#include "columnar/builder_internal.h"

static elea_status too_large(const elea_builder *builder, int64_t size, elea_error *err) {
    return elea_error_set(err, ELEA_ECAPACITY, "%lld bytes after %lld are more than a %s holds",
                          (long long)size, (long long)builder->byte_size,
                          elea_type_id_name(builder->type->id));
}

// ---- offsets

static elea_status reserve_bytes(elea_builder *builder, int64_t values, int64_t bytes,
                                 elea_error *err) {
    (void)values;
    int64_t size;
    if (elea__add_overflow(builder->byte_size, bytes, &size) ||
        size > elea__builder_offset_max(builder))
        return too_large(builder, bytes, err);
    return elea__block_grow(builder->pool, &builder->blocks[2], size, err);
}

static elea_status append_bytes_offset(elea_builder *builder, elea_bytes value, elea_error *err) {
    ELEA_TRY(elea__builder_room(builder, 1, err));
    if (__builtin_expect(value.size > builder->blocks[2].size - builder->byte_size, 0))
        ELEA_TRY(reserve_bytes(builder, 1, value.size, err));
    // A block that doubled may be larger than offsets reach.
    if (value.size > elea__builder_offset_max(builder) - builder->byte_size)
        return too_large(builder, value.size, err);
    if (value.size > 0)
        elea__copy_bytes_short(builder->blocks[2].data + builder->byte_size, value.data,
                               value.size);
    builder->byte_size += value.size;
    elea__builder_put_offset(builder, 1, builder->length + 1, builder->byte_size);
    elea__builder_put_valid(builder);
    return ELEA_OK;
}

static elea_status append_bulk_offset(elea_builder *builder, const elea__bulk *bulk,
                                      elea_error *err) {
    int64_t nulls = 0;
    int64_t first = elea__load_offset(bulk->offsets, 0, bulk->is_64);
    int64_t size = elea__load_offset(bulk->offsets, bulk->count, bulk->is_64) - first;
    ELEA_TRY(elea__builder_bulk_room(builder, bulk->validity, bulk->count, &nulls, err));
    ELEA_TRY(reserve_bytes(builder, bulk->count, size, err));
    if (size > 0)
        elea_copy_bytes(builder->blocks[2].data + builder->byte_size, bulk->data + first, size);
    for (int64_t i = 1; i <= bulk->count; i++)
        elea__builder_put_offset(builder, 1, builder->length + i,
                                 elea__load_offset(bulk->offsets, i, bulk->is_64) - first +
                                     builder->byte_size);
    builder->byte_size += size;
    elea__builder_put_rows(builder, bulk->validity, nulls, bulk->count);
    return ELEA_OK;
}

const elea__builder_ops elea__builder_binary_ops = {.append_bytes = append_bytes_offset,
                                                    .append_bulk = append_bulk_offset,
                                                    .reserve = reserve_bytes};

// ---- views

// Byte buffers begin small and double, so that few are made and none is ever moved.
#define VIEW_BLOCK_MIN ((int64_t)4 << 10)
#define VIEW_BLOCK_MAX ((int64_t)2 << 20)

static elea_status sealed_room(elea_builder *builder, elea_error *err) {
    elea__sealed *sealed = &builder->sealed;
    if (sealed->count < sealed->capacity)
        return ELEA_OK;
    int64_t capacity = elea__max(8, sealed->capacity * 2);
    int64_t width = (int64_t)sizeof(elea_buffer *);
    void *table = sealed->buffers;
    ELEA_TRY(elea_realloc(builder->pool, sealed->capacity * width, capacity * width, &table, err));
    sealed->buffers = table;
    sealed->capacity = capacity;
    return ELEA_OK;
}

elea_status elea__builder_seal(elea_builder *builder, elea_error *err) {
    elea__block *block = &builder->blocks[2];
    if (builder->byte_size == 0)
        return ELEA_OK;
    ELEA_TRY(sealed_room(builder, err));
    memset(block->data + builder->byte_size, 0,
           (size_t)(elea__min(elea__round_up_64(builder->byte_size), block->size) -
                    builder->byte_size));
    elea_buffer *buffer;
    ELEA_TRY(elea__buffer_adopt(builder->pool, block->data, block->size, builder->byte_size,
                                &buffer, err));
    builder->sealed.buffers[builder->sealed.count++] = buffer;
    *block = (elea__block){NULL, 0};
    builder->byte_size = 0;
    return ELEA_OK;
}

// A block with room for `bytes` more; the one before is sealed when it is too small.
static elea_status reserve_view_bytes(elea_builder *builder, int64_t values, int64_t bytes,
                                      elea_error *err) {
    (void)values;
    if (bytes <= builder->blocks[2].size - builder->byte_size || bytes == 0)
        return ELEA_OK;
    if (bytes > INT32_MAX)
        return too_large(builder, bytes, err);
    elea__block fresh = {NULL, 0};
    int64_t next =
        elea__min(elea__max(builder->sealed.block_size * 2, VIEW_BLOCK_MIN), VIEW_BLOCK_MAX);
    ELEA_TRY(elea__block_grow(builder->pool, &fresh, elea__max(next, bytes), err));
    elea_status status = elea__builder_seal(builder, err);
    if (status != ELEA_OK) {
        elea_dealloc(builder->pool, fresh.data, fresh.size);
        return status;
    }
    elea_dealloc(builder->pool, builder->blocks[2].data, builder->blocks[2].size);
    builder->blocks[2] = fresh;
    builder->sealed.block_size = next;
    return ELEA_OK;
}

static elea_status append_bytes_view(elea_builder *builder, elea_bytes value, elea_error *err) {
    uint8_t view[16] = {0};
    ELEA_TRY(elea__builder_room(builder, 1, err));
    if (value.size > INT32_MAX)
        return too_large(builder, value.size, err);
    if (value.size > ELEA__VIEW_INLINE_MAX)
        ELEA_TRY(reserve_view_bytes(builder, 1, value.size, err));
    int32_t size = (int32_t)value.size;
    memcpy(view, &size, 4);
    if (size > ELEA__VIEW_INLINE_MAX) {
        int32_t place[2] = {(int32_t)builder->sealed.count, (int32_t)builder->byte_size};
        memcpy(view + 4, value.data, 4);
        memcpy(view + 8, place, 8);
        elea_copy_bytes(builder->blocks[2].data + builder->byte_size, value.data, size);
        builder->byte_size += size;
    } else if (size > 0) {
        elea__copy_bytes_short(view + 4, value.data, size);
    }
    memcpy(builder->blocks[1].data + builder->length * 16, view, 16);
    elea__builder_put_valid(builder);
    return ELEA_OK;
}

// The bytes of forgotten rows are free again, where they are in the last block.
static void forget_views(elea_builder *builder, int64_t rows) {
    for (int64_t i = rows; i < builder->length; i++) {
        const uint8_t *view = builder->blocks[1].data + i * 16;
        if (elea__load_int32(view, 0) > ELEA__VIEW_INLINE_MAX &&
            elea__load_int32(view, 2) == builder->sealed.count) {
            builder->byte_size = elea__load_int32(view, 3);
            return;
        }
    }
}

const elea__builder_ops elea__builder_view_ops = {
    .forget = forget_views, .append_bytes = append_bytes_view, .reserve = reserve_view_bytes};

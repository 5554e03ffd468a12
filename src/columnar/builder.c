// SPDX-License-Identifier: Apache-2.0
//
// Builders: what all layouts share. See builder_internal.h for the plan.
#include <assert.h>
#include <string.h>

#include "base/buffer_internal.h"
#include "base/copy_internal.h"
#include "base/math_internal.h"
#include "columnar/builder_internal.h"
#include "columnar/ref_internal.h"
#include "columnar/validate_internal.h"

// ---- making and ending

static const elea__builder_ops *ops_of(const elea_type *type) {
    static const elea__builder_ops *const families[] = {
        [ELEA_LAYOUT_NULL] = &elea__builder_null_ops,
        [ELEA_LAYOUT_BINARY] = &elea__builder_binary_ops,
        [ELEA_LAYOUT_LARGE_BINARY] = &elea__builder_binary_ops,
        [ELEA_LAYOUT_BINARY_VIEW] = &elea__builder_view_ops,
        [ELEA_LAYOUT_LIST] = &elea__builder_list_ops,
        [ELEA_LAYOUT_LARGE_LIST] = &elea__builder_list_ops,
        [ELEA_LAYOUT_LIST_VIEW] = &elea__builder_list_view_ops,
        [ELEA_LAYOUT_LARGE_LIST_VIEW] = &elea__builder_list_view_ops,
        [ELEA_LAYOUT_FIXED_SIZE_LIST] = &elea__builder_fixed_size_list_ops,
        [ELEA_LAYOUT_STRUCT] = &elea__builder_struct_ops,
        [ELEA_LAYOUT_SPARSE_UNION] = &elea__builder_union_ops,
        [ELEA_LAYOUT_DENSE_UNION] = &elea__builder_union_ops,
        [ELEA_LAYOUT_DICTIONARY] = &elea__builder_dictionary_ops,
        [ELEA_LAYOUT_RUN_END_ENCODED] = &elea__builder_run_ops,
        [ELEA_LAYOUT_EXTENSION] = NULL,
    };
    if (type->layout == ELEA_LAYOUT_BIT || type->layout == ELEA_LAYOUT_FIXED)
        return elea__builder_fixed_ops(type);
    return families[type->layout];
}

// Bits of a row in a buffer, by its letter in the layout; 0 for bytes behind offsets.
static int32_t row_bits(const elea_type *type, char letter) {
    return letter == 'c' ? 0 : elea__buffer_bits(type, letter);
}

// Children have builders of their own, and so have the values of a dictionary.
static int64_t child_count_of(const elea_type *type) {
    return type->value_type ? 1 : type->child_count;
}

static const elea_type *child_type_of(const elea_type *type, int64_t index) {
    return type->value_type ? type->value_type : type->children[index]->type;
}

static elea_status builder_new(elea_pool *pool, const elea_type *type, elea_builder **out,
                               elea_error *err) {
    const elea__builder_ops *ops = ops_of(type);
    if (!ops) {
        (void)elea_error_set(err, ELEA_EUNSUPPORTED, "no builder for %s",
                             elea_type_id_name(type->id));
        return ELEA_EUNSUPPORTED;
    }
    void *block;
    int64_t child_count = child_count_of(type);
    int64_t size = (int64_t)sizeof(elea_builder) +
                   child_count * (int64_t)(sizeof(elea_builder *) + sizeof(int64_t));
    ELEA_TRY(elea_alloc_zero(pool, size, &block, err));
    elea_builder *builder = block;
    builder->ops = ops;
    builder->pool = pool;
    builder->allocated = size;
    builder->type = elea_type_ref(type);
    builder->children = (elea_builder **)(builder + 1);
    builder->closed = (int64_t *)(builder->children + child_count);
    builder->end_offset = elea__layout_has_end_offset(type->layout);
    const char *letters = elea_layout_buffers(type->layout);
    int shift = elea__layout_has_validity(type->layout) ? 0 : 1;
    for (int i = 0; letters[i]; i++)
        builder->row_bits[i + shift] = row_bits(type, letters[i]);
    *out = builder;
    return ELEA_OK;
}

elea_status elea_builder_new(elea_pool *pool, const elea_type *type, elea_builder **out,
                             elea_error *err) {
    elea_builder *builder;
    ELEA_TRY(builder_new(pool, type, &builder, err));
    for (int64_t i = 0; i < child_count_of(type); i++) {
        elea_status status =
            elea_builder_new(pool, child_type_of(type, i), &builder->children[i], err);
        if (status != ELEA_OK) {
            elea_builder_free(builder);
            return status;
        }
        builder->child_count++;
    }
    *out = builder;
    return ELEA_OK;
}

static void drop_sealed(elea_builder *builder) {
    for (int64_t i = 0; i < builder->sealed.count; i++)
        elea_buffer_unref(builder->sealed.buffers[i]);
    builder->sealed.count = 0;
}

void elea_builder_free(elea_builder *builder) {
    if (!builder)
        return;
    for (int64_t i = 0; i < builder->child_count; i++)
        elea_builder_free(builder->children[i]);
    for (int i = 0; i < 3; i++)
        elea_dealloc(builder->pool, builder->blocks[i].data, builder->blocks[i].size);
    drop_sealed(builder);
    elea_dealloc(builder->pool, builder->sealed.buffers,
                 builder->sealed.capacity * (int64_t)sizeof(elea_buffer *));
    elea_dealloc(builder->pool, builder->table.slots,
                 builder->table.capacity * (int64_t)sizeof(int64_t));
    elea__builder_drop_chunks(builder);
    elea_dealloc(builder->pool, builder->chunks.arrays,
                 builder->chunks.capacity * (int64_t)sizeof(elea_array *));
    elea_type_unref(builder->type);
    elea_dealloc(builder->pool, builder, builder->allocated);
}

const elea_type *elea_builder_type(const elea_builder *builder) { return builder->type; }

int64_t elea_builder_length(const elea_builder *builder) { return builder->length; }

elea_builder *elea_builder_child(elea_builder *builder, int64_t index) {
    return builder->children[index];
}

void elea__builder_truncate(elea_builder *builder, int64_t length) {
    int64_t removed = builder->length - length;
    if (builder->blocks[0].data)
        builder->null_count -=
            removed - elea_bitmap_count(builder->blocks[0].data, length, removed);
    if (builder->end_offset && builder->child_count == 0)
        builder->byte_size = elea__builder_end_offset(builder, length);
    if (builder->ops->forget)
        builder->ops->forget(builder, length);
    builder->length = length;
    for (int64_t i = 0; i < builder->child_count; i++)
        elea__builder_truncate(builder->children[i],
                               builder->ops->child_length(builder, i, length));
}

void elea_builder_discard_row(elea_builder *builder) {
    elea__builder_truncate(builder, builder->length);
}

void elea_builder_reset(elea_builder *builder) {
    elea__builder_truncate(builder, 0);
    drop_sealed(builder);
    elea__builder_drop_chunks(builder);
    builder->byte_size = 0;
}

// ---- growing

elea_status elea__block_grow(elea_pool *pool, elea__block *block, int64_t needed, elea_error *err) {
    if (needed <= block->size)
        return ELEA_OK;
    int64_t size = elea__max(elea__max(needed, ELEA_ALIGNMENT),
                             block->size > INT64_MAX / 2 ? needed : block->size * 2);
    void *data = block->data;
    elea_status status = elea__payload_realloc(pool, block->size, size, &data, err);
    // Doubling may ask for more than there is where the need itself would fit.
    if (status == ELEA_ENOMEM && size > needed) {
        size = needed;
        status = elea__payload_realloc(pool, block->size, size, &data, err);
    }
    ELEA_TRY(status);
    *block = (elea__block){data, size};
    return ELEA_OK;
}

// Bytes of one block for so many rows.
static elea_status block_size(const elea_builder *builder, int index, int64_t rows, int64_t *out,
                              elea_error *err) {
    int64_t bits;
    rows += index == 1 && builder->end_offset;
    if (elea__mul_overflow(rows, builder->row_bits[index], &bits)) {
        (void)elea_error_set(err, ELEA_ECAPACITY, "%lld rows of %s are more than memory holds",
                             (long long)rows, elea_type_id_name(builder->type->id));
        return ELEA_ECAPACITY;
    }
    *out = elea_bitmap_size(bits);
    return ELEA_OK;
}

// How many rows all blocks that are laid out by rows have room for.
static int64_t rows_in_blocks(const elea_builder *builder) {
    int64_t capacity = INT64_MAX / 4;
    for (int i = 0; i < 3; i++) {
        if (builder->row_bits[i] && builder->blocks[i].data)
            capacity = elea__min(capacity, builder->blocks[i].size * 8 / builder->row_bits[i] -
                                               (i == 1 && builder->end_offset));
    }
    return capacity;
}

elea_status elea__builder_grow(elea_builder *builder, int64_t count, elea_error *err) {
    int64_t rows;
    if (elea__add_overflow(builder->length, count, &rows) || rows >= INT64_MAX / 2)
        return elea_error_set(err, ELEA_ECAPACITY, "%lld rows and %lld more",
                              (long long)builder->length, (long long)count);
    rows = elea__max(rows, 64);
    for (int i = 0; i < 3; i++) {
        int64_t size;
        if (builder->row_bits[i] == 0 || (i == 0 && !builder->blocks[0].data))
            continue;
        bool is_first = !builder->blocks[i].data;
        ELEA_TRY(block_size(builder, i, rows, &size, err));
        ELEA_TRY(elea__block_grow(builder->pool, &builder->blocks[i], size, err));
        assert(builder->blocks[i].data);
        if (is_first && i == 1 && builder->end_offset)
            elea__builder_put_offset(builder, 1, 0, 0);
    }
    // All blocks grew at least that much.
    builder->capacity = rows_in_blocks(builder);
    return ELEA_OK;
}

elea_status elea__builder_begin_validity(elea_builder *builder, elea_error *err) {
    if (builder->blocks[0].data || builder->row_bits[0] == 0)
        return ELEA_OK;
    // Where other blocks lie by rows, cover their capacity, so that it stays one number for all.
    bool alone = builder->row_bits[1] == 0 && builder->row_bits[2] == 0;
    int64_t rows = elea__max(alone ? builder->length : builder->capacity, 64);
    elea__block block = {NULL, 0};
    ELEA_TRY(elea__block_grow(builder->pool, &block, elea_bitmap_size(rows), err));
    elea_bitmap_fill(block.data, 0, builder->length, true);
    builder->blocks[0] = block;
    if (alone)
        builder->capacity = block.size * 8;
    return ELEA_OK;
}

static elea_status check_count(int64_t count, elea_error *err) {
    if (count < 0)
        return elea_error_set(err, ELEA_EINVAL, "a count of %lld", (long long)count);
    return ELEA_OK;
}

elea_status elea_builder_reserve(elea_builder *builder, int64_t values, int64_t bytes,
                                 elea_error *err) {
    ELEA_TRY(check_count(values, err));
    ELEA_TRY(check_count(bytes, err));
    ELEA_TRY(elea__builder_room(builder, values, err));
    return builder->ops->reserve ? builder->ops->reserve(builder, values, bytes, err) : ELEA_OK;
}

// ---- nulls

elea_status elea__builder_check_closed(const elea_builder *builder, elea_error *err) {
    for (int64_t i = 0; i < builder->child_count; i++) {
        int64_t found = builder->children[i]->length;
        int64_t wanted = builder->ops->child_length(builder, i, builder->length);
        if (found != wanted)
            return elea_error_set(
                err, ELEA_EINVAL, "child \"%s\" of a %s has %lld values, but the rows hold %lld",
                builder->type->value_type ? "values" : builder->type->children[i]->name,
                elea_type_id_name(builder->type->id), (long long)found, (long long)wanted);
    }
    return ELEA_OK;
}

elea_status elea__builder_reserve_nulls(elea_builder *builder, int64_t count, elea_error *err) {
    ELEA_TRY(elea__builder_check_closed(builder, err));
    if (count == 0)
        return ELEA_OK;
    ELEA_TRY(elea__builder_begin_validity(builder, err));
    ELEA_TRY(elea__builder_room(builder, count, err));
    return builder->ops->reserve_nulls ? builder->ops->reserve_nulls(builder, count, err) : ELEA_OK;
}

void elea__builder_put_nulls(elea_builder *builder, int64_t count) {
    if (count == 0)
        return;
    if (builder->blocks[0].data)
        elea_bitmap_fill(builder->blocks[0].data, builder->length, count, false);
    for (int i = 1; i < 3; i++) {
        int32_t bits = builder->row_bits[i];
        if (bits == 1)
            elea_bitmap_fill(builder->blocks[i].data, builder->length, count, false);
        else if (bits > 0 && !(i == 1 && builder->end_offset))
            memset(builder->blocks[i].data + builder->length * (bits / 8), 0,
                   (size_t)(count * (bits / 8)));
    }
    if (builder->end_offset) {
        int64_t end = elea__builder_end_offset(builder, builder->length);
        for (int64_t i = 1; i <= count; i++)
            elea__builder_put_offset(builder, 1, builder->length + i, end);
    }
    if (builder->ops->put_nulls)
        builder->ops->put_nulls(builder, count);
    if (builder->row_bits[0])
        builder->null_count += count;
    builder->length += count;
}

elea_status elea_builder_append_nulls(elea_builder *builder, int64_t count, elea_error *err) {
    ELEA_TRY(check_count(count, err));
    ELEA_TRY(elea__builder_reserve_nulls(builder, count, err));
    elea__builder_put_nulls(builder, count);
    return ELEA_OK;
}

elea_status elea_builder_append_null(elea_builder *builder, elea_error *err) {
    return elea_builder_append_nulls(builder, 1, err);
}

// ---- appending

elea_status elea__builder_wrong_type(const elea_builder *builder, const char *what,
                                     elea_error *err) {
    return elea_error_set(err, ELEA_ETYPE, "cannot append %s to a builder of %s", what,
                          elea_type_id_name(builder->type->id));
}

elea_status elea_builder_append_int(elea_builder *builder, int64_t value, elea_error *err) {
    if (!builder->ops->append_int)
        return elea__builder_wrong_type(builder, "an integer", err);
    return builder->ops->append_int(builder, value, err);
}

elea_status elea_builder_append_uint(elea_builder *builder, uint64_t value, elea_error *err) {
    if (!builder->ops->append_uint)
        return elea__builder_wrong_type(builder, "an integer", err);
    return builder->ops->append_uint(builder, value, err);
}

elea_status elea_builder_append_double(elea_builder *builder, double value, elea_error *err) {
    if (!builder->ops->append_double)
        return elea__builder_wrong_type(builder, "a float", err);
    return builder->ops->append_double(builder, value, err);
}

elea_status elea_builder_append_bytes(elea_builder *builder, elea_bytes value, elea_error *err) {
    if (!builder->ops->append_bytes)
        return elea__builder_wrong_type(builder, "bytes", err);
    elea_status status = builder->ops->append_bytes(builder, value, err);
    if (status != ELEA_ECAPACITY || !builder->chunks.is_automatic || builder->length == 0)
        return status;
    ELEA_TRY(elea_builder_end_chunk(builder, err));
    return builder->ops->append_bytes(builder, value, err);
}

elea_status elea_builder_append_row(elea_builder *builder, elea_error *err) {
    if (!builder->ops->append_row)
        return elea__builder_wrong_type(builder, "a row of children", err);
    return builder->ops->append_row(builder, err);
}

// ---- finishing

// The bytes of a block that are used; 0 for one that rows and texts do not fill.
static elea_status used_size(const elea_builder *builder, int index, int64_t *out,
                             elea_error *err) {
    *out = builder->byte_size;
    return builder->row_bits[index] ? block_size(builder, index, builder->length, out, err)
                                    : ELEA_OK;
}

// Gives back the end of blocks of which more than a quarter is not used, where no byte has to move
// for that.
static elea_status shrink(elea_builder *builder, elea_error *err) {
    for (int i = 0; i < 3; i++) {
        elea__block *block = &builder->blocks[i];
        int64_t used;
        ELEA_TRY(used_size(builder, i, &used, err));
        if (!block->data || block->size - used <= block->size / 4 ||
            !elea__payload_shrinks_in_place(used))
            continue;
        void *data = block->data;
        ELEA_TRY(elea__payload_realloc(builder->pool, block->size, used, &data, err));
        *block = (elea__block){data, used};
        builder->capacity = rows_in_blocks(builder);
    }
    return ELEA_OK;
}

// The buffer of a block: its used bytes, with zeros behind them.
static elea_status finish_block(elea_builder *builder, int index, elea_buffer **out,
                                elea_error *err) {
    elea__block *block = &builder->blocks[index];
    int64_t used;
    ELEA_TRY(used_size(builder, index, &used, err));
    if (!block->data)
        return elea_buffer_new(builder->pool, 0, out, err);
    int64_t end = elea__min(elea__round_up_64(used), elea__round_up_64(block->size));
    memset(block->data + used, 0, (size_t)(end - used));
    if (builder->row_bits[index] == 1 && builder->length % 8 != 0)
        elea_bitmap_fill(block->data, builder->length, 8 - builder->length % 8, false);
    return elea__buffer_adopt(builder->pool, block->data, block->size, used, out, err);
}

// Makes buffers that share a block with a builder forget it, so that dropping them leaves it be.
static void disown_buffers(elea_buffer *const *buffers, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        elea_buffer *buffer = buffers[i];
        if (buffer && buffer->kind == ELEA__BUFFER_ADOPTED && buffer->references == 1) {
            buffer->kind = ELEA__BUFFER_WRAPPED;
            buffer->source.wrapped.release = NULL;
            buffer->source.wrapped.context = NULL;
        }
    }
}

static void disown_array(elea_array *array) {
    disown_buffers(array->buffers, array->buffer_count);
    for (int64_t i = 0; i < array->child_count; i++)
        disown_array(array->children[i]);
    if (array->dictionary)
        disown_array(array->dictionary);
}

static elea_status finish_array(elea_builder *builder, elea_array **out, elea_error *err);

// Fills `buffers` and `children`, as far as it comes; the caller ends with what is there.
static elea_status finish_parts(elea_builder *builder, elea_buffer **buffers, elea_array **children,
                                elea_error *err) {
    int shift = elea__layout_has_validity(builder->type->layout) ? 0 : 1;
    int64_t count = (int64_t)strlen(elea_layout_buffers(builder->type->layout));
    for (int64_t i = 0; i < builder->child_count; i++)
        ELEA_TRY(finish_array(builder->children[i], &children[i], err));
    for (int64_t i = 0; i < count; i++) {
        bool is_validity = i + shift == 0;
        if (!is_validity || builder->null_count > 0)
            ELEA_TRY(finish_block(builder, (int)i + shift, &buffers[i], err));
    }
    for (int64_t i = 0; i < builder->sealed.count; i++)
        buffers[count + i] = elea_buffer_ref(builder->sealed.buffers[i]);
    return ELEA_OK;
}

// The array of what was appended. The blocks belong to both, until all has succeeded.
static elea_status finish_array(elea_builder *builder, elea_array **out, elea_error *err) {
    elea_status status = ELEA_OK;
    int64_t buffer_count =
        (int64_t)strlen(elea_layout_buffers(builder->type->layout)) + builder->sealed.count;
    int64_t table_size = (buffer_count + builder->child_count) * (int64_t)sizeof(void *);
    void *table;
    ELEA_TRY(elea_alloc_zero(builder->pool, table_size, &table, err));
    elea_buffer **buffers = table;
    elea_array **children = (elea_array **)table + buffer_count;
    ELEA_GOTO(done, finish_parts(builder, buffers, children, err));
    elea_array_parts parts = {.type = builder->type,
                              .length = builder->length,
                              .null_count = elea__builder_null_count(builder),
                              .buffers = (const elea_buffer *const *)buffers,
                              .buffer_count = buffer_count,
                              .children = (const elea_array *const *)children,
                              .child_count = builder->type->child_count,
                              .dictionary = builder->type->value_type ? children[0] : NULL};
    ELEA_GOTO(done, elea__array_new_unchecked(builder->pool, &parts, out, err));

done:
    for (int64_t i = 0; i < builder->child_count; i++) {
        if (status != ELEA_OK && children[i])
            disown_array(children[i]);
        elea_array_unref(children[i]);
    }
    if (status != ELEA_OK)
        disown_buffers(buffers, buffer_count);
    for (int64_t i = 0; i < buffer_count; i++)
        elea_buffer_unref(buffers[i]);
    elea_dealloc(builder->pool, table, table_size);
    return status;
}

// Room for the offset of an array without rows, and a buffer for the last bytes of views; and no
// values outside of rows.
static elea_status prepare_finish(elea_builder *builder, elea_error *err) {
    ELEA_TRY(elea__builder_check_closed(builder, err));
    if (builder->end_offset && !builder->blocks[1].data)
        ELEA_TRY(elea__builder_grow(builder, 1, err));
    if (builder->type->layout == ELEA_LAYOUT_BINARY_VIEW)
        ELEA_TRY(elea__builder_seal(builder, err));
    ELEA_TRY(shrink(builder, err));
    for (int64_t i = 0; i < builder->child_count; i++)
        ELEA_TRY(prepare_finish(builder->children[i], err));
    return ELEA_OK;
}

// Lets go of blocks that an array has now: those that the layout names, but for a validity bitmap
// without nulls.
static void hand_over(elea_builder *builder) {
    int shift = elea__layout_has_validity(builder->type->layout) ? 0 : 1;
    int end = shift + (int)strlen(elea_layout_buffers(builder->type->layout));
    for (int64_t i = 0; i < builder->child_count; i++)
        hand_over(builder->children[i]);
    if (builder->ops->forget)
        builder->ops->forget(builder, 0);
    for (int i = builder->null_count > 0 ? 0 : 1; i < end; i++)
        builder->blocks[i] = (elea__block){NULL, 0};
    drop_sealed(builder);
    builder->length = 0;
    builder->capacity = 0;
    builder->null_count = 0;
    builder->byte_size = 0;
}

elea_status elea__builder_finish_rows(elea_builder *builder, elea_array **out, elea_error *err) {
    ELEA_TRY(prepare_finish(builder, err));
    ELEA_TRY(finish_array(builder, out, err));
    hand_over(builder);
    return ELEA_OK;
}

elea_status elea_builder_finish(elea_builder *builder, elea_array **out, elea_error *err) {
    if (builder->chunks.count > 0)
        return elea_error_set(err, ELEA_EINVAL,
                              "%lld chunks are no array: elea_builder_finish_chunked()",
                              (long long)builder->chunks.count);
    return elea__builder_finish_rows(builder, out, err);
}

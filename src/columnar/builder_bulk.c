// SPDX-License-Identifier: Apache-2.0
//
// Appending many rows at once, from C arrays: values of fixed width, bytes behind offsets, and rows
// around values that children hold already. A bulk is appended whole or not at all.
#include "base/copy_internal.h"
#include "base/math_internal.h"
#include "columnar/builder_internal.h"

elea_status elea__builder_bulk_room(elea_builder *builder, const uint8_t *validity, int64_t count,
                                    int64_t *nulls, elea_error *err) {
    if (count < 0)
        return elea_error_set(err, ELEA_EINVAL, "a count of %lld", (long long)count);
    *nulls = count - elea_bitmap_count(validity, 0, count);
    if (*nulls > 0)
        ELEA_TRY(elea__builder_begin_validity(builder, err));
    return elea__builder_room(builder, count, err);
}

void elea__builder_put_rows(elea_builder *builder, const uint8_t *validity, int64_t nulls,
                            int64_t count) {
    if (builder->blocks[0].data && count > 0)
        elea_bitmap_copy(validity, 0, count, builder->blocks[0].data, builder->length);
    builder->null_count += nulls;
    builder->length += count;
}

// ---- values

elea_bytes elea__bulk_value(const elea__bulk *bulk, int64_t index) {
    static const char bits[] = {0, 1};
    if (bulk->is_bits)
        return (elea_bytes){&bits[bulk->data[index] != 0], 1};
    if (!bulk->offsets)
        return (elea_bytes){bulk->width > 0 ? (const char *)bulk->data + index * bulk->width : bits,
                            bulk->width};
    int64_t begin = elea__load_offset(bulk->offsets, index, bulk->is_64);
    int64_t end = elea__load_offset(bulk->offsets, index + 1, bulk->is_64);
    return (elea_bytes){end > begin ? (const char *)bulk->data + begin : bits, end - begin};
}

elea_status elea__bulk_append_one(const elea__bulk *bulk, int64_t index, elea_builder *builder,
                                  elea_error *err) {
    elea_bytes value = elea__bulk_value(bulk, index);
    return bulk->offsets ? elea_builder_append_bytes(builder, value, err)
                         : elea_builder_append_values(builder, value.data, NULL, 1, err);
}

// C values one behind the other in bytes become bits.
static void pack_bits(uint8_t *bits, int64_t position, const uint8_t *values, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        elea_bit_put(bits, position + i, values[i] != 0);
    elea__copy_count(elea_bitmap_size(count));
}

static elea_status append_fixed(elea_builder *builder, const elea__bulk *bulk, elea_error *err) {
    int64_t nulls = 0;
    ELEA_TRY(elea__builder_bulk_room(builder, bulk->validity, bulk->count, &nulls, err));
    if (bulk->count == 0)
        return ELEA_OK;
    if (bulk->is_bits)
        pack_bits(builder->blocks[1].data, builder->length, bulk->data, bulk->count);
    else
        elea_copy_bytes(builder->blocks[1].data + builder->length * bulk->width, bulk->data,
                        bulk->count * bulk->width);
    elea__builder_put_rows(builder, bulk->validity, nulls, bulk->count);
    return ELEA_OK;
}

// One by one, as for layouts that have no better way.
static elea_status append_each(elea_builder *builder, const elea__bulk *bulk, elea_error *err) {
    elea_status status = ELEA_OK;
    int64_t rows = builder->length;
    for (int64_t i = 0; i < bulk->count && status == ELEA_OK; i++) {
        bool is_null = bulk->validity && !elea_bit_get(bulk->validity, i);
        status = is_null ? elea_builder_append_null(builder, err)
                         : builder->ops->append_bytes(builder, elea__bulk_value(bulk, i), err);
    }
    if (status != ELEA_OK)
        elea__builder_truncate(builder, rows);
    return status;
}

static elea_status append_bulk(elea_builder *builder, const elea__bulk *bulk, elea_error *err) {
    if (builder->ops->append_bulk)
        return builder->ops->append_bulk(builder, bulk, err);
    return bulk->offsets ? append_each(builder, bulk, err) : append_fixed(builder, bulk, err);
}

static elea_status append_or_cut(elea_builder *builder, const elea__bulk *bulk, elea_error *err) {
    if (bulk->count < 0)
        return elea_error_set(err, ELEA_EINVAL, "a count of %lld", (long long)bulk->count);
    elea_status status = append_bulk(builder, bulk, err);
    if (status != ELEA_ECAPACITY || !builder->chunks.is_automatic || builder->length == 0)
        return status;
    ELEA_TRY(elea_builder_end_chunk(builder, err));
    return append_bulk(builder, bulk, err);
}

// The builder that values go to: of encoded values, that of their type.
static const elea_builder *values_of(const elea_builder *builder) {
    if (builder->type->layout == ELEA_LAYOUT_DICTIONARY)
        return builder->children[0];
    return builder->type->layout == ELEA_LAYOUT_RUN_END_ENCODED ? builder->children[1] : builder;
}

elea_status elea_builder_append_values(elea_builder *builder, const void *values,
                                       const uint8_t *validity, int64_t count, elea_error *err) {
    const elea_builder *target = values_of(builder);
    elea_layout layout = target->type->layout;
    if (layout != ELEA_LAYOUT_FIXED && layout != ELEA_LAYOUT_BIT)
        return elea__builder_wrong_type(builder, "an array of C values", err);
    elea__bulk bulk = {.data = values,
                       .is_bits = layout == ELEA_LAYOUT_BIT,
                       .width = elea__type_width(target->type),
                       .validity = validity,
                       .count = count};
    return append_or_cut(builder, &bulk, err);
}

// ---- offsets

static elea_status check_offsets(const void *offsets, bool is_64, int64_t count, elea_error *err) {
    int64_t before = 0;
    if (count < 0)
        return elea_error_set(err, ELEA_EINVAL, "a count of %lld", (long long)count);
    for (int64_t i = 0; i <= count; i++) {
        int64_t offset = elea__load_offset(offsets, i, is_64);
        if (offset < before)
            return elea_error_set(err, ELEA_EINVAL, "offset %lld is %lld, after %lld", (long long)i,
                                  (long long)offset, (long long)before);
        before = offset;
    }
    return ELEA_OK;
}

static elea_status append_binaries(elea_builder *builder, const void *data, const void *offsets,
                                   bool is_64, const uint8_t *validity, int64_t count,
                                   elea_error *err) {
    const elea_builder *target = values_of(builder);
    if (!target->ops->append_bytes)
        return elea__builder_wrong_type(builder, "an array of bytes", err);
    ELEA_TRY(check_offsets(offsets, is_64, count, err));
    elea__bulk bulk = {
        .data = data, .offsets = offsets, .is_64 = is_64, .validity = validity, .count = count};
    return append_or_cut(builder, &bulk, err);
}

elea_status elea_builder_append_binaries(elea_builder *builder, const void *data,
                                         const int32_t *offsets, const uint8_t *validity,
                                         int64_t count, elea_error *err) {
    return append_binaries(builder, data, offsets, false, validity, count, err);
}

elea_status elea_builder_append_large_binaries(elea_builder *builder, const void *data,
                                               const int64_t *offsets, const uint8_t *validity,
                                               int64_t count, elea_error *err) {
    return append_binaries(builder, data, offsets, true, validity, count, err);
}

// ---- rows

static elea_status append_rows(elea_builder *builder, const void *offsets, bool is_64,
                               const uint8_t *validity, int64_t count, elea_error *err) {
    if (!builder->ops->append_rows)
        return elea__builder_wrong_type(builder, "rows of children", err);
    if (builder->ops->has_offsets != (offsets != NULL))
        return elea_error_set(err, ELEA_EINVAL, "rows of %s with%s offsets",
                              elea_type_id_name(builder->type->id), offsets ? "" : "out");
    if (offsets)
        ELEA_TRY(check_offsets(offsets, is_64, count, err));
    elea__bulk bulk = {.offsets = offsets, .is_64 = is_64, .validity = validity, .count = count};
    return builder->ops->append_rows(builder, &bulk, err);
}

elea_status elea_builder_append_rows(elea_builder *builder, const int32_t *offsets,
                                     const uint8_t *validity, int64_t count, elea_error *err) {
    return append_rows(builder, offsets, false, validity, count, err);
}

elea_status elea_builder_append_large_rows(elea_builder *builder, const int64_t *offsets,
                                           const uint8_t *validity, int64_t count,
                                           elea_error *err) {
    return append_rows(builder, offsets, true, validity, count, err);
}

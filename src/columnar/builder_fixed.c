// SPDX-License-Identifier: Apache-2.0
//
// Building values of fixed width: bits, numbers, and whatever else takes the same bytes in each
// row.
#include "columnar/builder_internal.h"

#define NUMBER_TEMPLATE "columnar/builder_number.inc.h"
#include "base/each_number_internal.h"

// ---- bits

static elea_status append_uint_bit(elea_builder *builder, uint64_t value, elea_error *err) {
    if (value > 1)
        return elea_error_set(err, ELEA_ECAPACITY, "%llu does not fit bool",
                              (unsigned long long)value);
    ELEA_TRY(elea__builder_room(builder, 1, err));
    elea_bit_put(builder->blocks[1].data, builder->length, value != 0);
    elea__builder_put_valid(builder);
    return ELEA_OK;
}

static elea_status append_int_bit(elea_builder *builder, int64_t value, elea_error *err) {
    if (value < 0 || value > 1)
        return elea_error_set(err, ELEA_ECAPACITY, "%lld does not fit bool", (long long)value);
    return append_uint_bit(builder, (uint64_t)value, err);
}

// ---- half precision

// Rounding twice, to a float and then to a half, could miss the nearest half when the float falls
// on a tie; setting the float's last bit whenever digits were cut ("round to odd") prevents it.
static uint16_t half_of_double(double value) {
    float near = (float)value;
    uint32_t bits;
    __builtin_memcpy(&bits, &near, sizeof bits);
    bool is_finite = (bits & 0x7F800000u) != 0x7F800000u;
    if (is_finite && (double)near != value && value == value) {
        double magnitude = value < 0 ? -value : value;
        double near_magnitude = near < 0 ? -(double)near : (double)near;
        // Towards zero first, then odd.
        if (near_magnitude > magnitude)
            bits--;
        bits |= 1;
        __builtin_memcpy(&near, &bits, sizeof near);
    }
    return elea_half_from_float(near);
}

static elea_status append_double_half(elea_builder *builder, double value, elea_error *err) {
    return put_UINT16(builder, half_of_double(value), err);
}

// Integers that a double does not hold are far beyond what a half holds.
static elea_status append_int_half(elea_builder *builder, int64_t value, elea_error *err) {
    return append_double_half(builder, (double)value, err);
}

static elea_status append_uint_half(elea_builder *builder, uint64_t value, elea_error *err) {
    return append_double_half(builder, (double)value, err);
}

// ---- bytes

static elea_status append_bytes_fixed(elea_builder *builder, elea_bytes value, elea_error *err) {
    int64_t width = elea__type_width(builder->type);
    if (value.size != width)
        return elea_error_set(err, ELEA_EINVAL, "%lld bytes for a value of %s, expected %lld",
                              (long long)value.size, elea_type_id_name(builder->type->id),
                              (long long)width);
    ELEA_TRY(elea__builder_room(builder, 1, err));
    if (width > 0)
        elea_copy_bytes(builder->blocks[1].data + builder->length * width, value.data, width);
    elea__builder_put_valid(builder);
    return ELEA_OK;
}

const elea__builder_ops *elea__builder_fixed_ops(const elea_type *type) {
    static const elea__builder_ops by_physical_type[ELEA__TYPE_ID_COUNT] = {
        [ELEA_TYPE_BOOL] = {.append_int = append_int_bit, .append_uint = append_uint_bit},
        [ELEA_TYPE_FLOAT16] = {.append_int = append_int_half,
                               .append_uint = append_uint_half,
                               .append_double = append_double_half},
#define INTEGER_OPS(name, c_type)                                                                  \
    [ELEA_TYPE_##name] = {.append_int = append_int_##name, .append_uint = append_uint_##name},
        ELEA_INTEGER_TYPE_LIST(INTEGER_OPS)
#undef INTEGER_OPS
#define FLOAT_OPS(name, c_type)                                                                    \
    [ELEA_TYPE_##name] = {.append_int = append_int_##name,                                         \
                          .append_uint = append_uint_##name,                                       \
                          .append_double = append_double_##name},
            ELEA_FLOAT_TYPE_LIST(FLOAT_OPS)
#undef FLOAT_OPS
    };
    static const elea__builder_ops bytes = {.append_bytes = append_bytes_fixed};
    return elea__type_has_number(type->id) ? &by_physical_type[elea__type_table[type->id].physical]
                                           : &bytes;
}

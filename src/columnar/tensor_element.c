// SPDX-License-Identifier: Apache-2.0
//
// Single elements of a tensor, at any address.
#include <string.h>

#include "columnar/equal_internal.h"
#include "columnar/tensor_internal.h"

static bool is_float(elea_type_id id) {
    return id == ELEA_TYPE_FLOAT16 || id == ELEA_TYPE_FLOAT32 || id == ELEA_TYPE_FLOAT64;
}

static inline uint64_t load_bits(const uint8_t *value, int32_t width) {
    uint16_t two = 0;
    uint32_t four = 0;
    uint64_t eight = 0;
    switch (width) {
    case 8:
        return value[0];
    case 16:
        memcpy(&two, value, sizeof two);
        return two;
    case 32:
        memcpy(&four, value, sizeof four);
        return four;
    default:
        memcpy(&eight, value, sizeof eight);
        return eight;
    }
}

// Zeros of floats have no bit but, maybe, the sign.
bool elea__element_is_nonzero(elea_type_id id, const uint8_t *value) {
    int32_t width = elea__type_table[id].bit_width;
    uint64_t bits = load_bits(value, width);
    return is_float(id) ? bits << (65 - width) != 0 : bits != 0;
}

// Plain loops, which compilers turn into vector code.
static int64_t count_64(const uint8_t *data, int64_t length, uint64_t mask) {
    int64_t count = 0;
    for (int64_t i = 0; i < length; i++)
        count += (load_bits(data + 8 * i, 64) & mask) != 0;
    return count;
}

static int64_t count_32(const uint8_t *data, int64_t length, uint64_t mask) {
    int64_t count = 0;
    for (int64_t i = 0; i < length; i++)
        count += (load_bits(data + 4 * i, 32) & mask) != 0;
    return count;
}

static int64_t count_16(const uint8_t *data, int64_t length, uint64_t mask) {
    int64_t count = 0;
    for (int64_t i = 0; i < length; i++)
        count += (load_bits(data + 2 * i, 16) & mask) != 0;
    return count;
}

static int64_t count_8(const uint8_t *data, int64_t length) {
    int64_t count = 0;
    for (int64_t i = 0; i < length; i++)
        count += data[i] != 0;
    return count;
}

int64_t elea__elements_count_nonzero(elea_type_id id, const uint8_t *data, int64_t length) {
    int32_t width = elea__type_table[id].bit_width;
    uint64_t mask = is_float(id) ? ~(UINT64_C(1) << (width - 1)) : UINT64_MAX;
    switch (width) {
    case 8:
        return count_8(data, length);
    case 16:
        return count_16(data, length, mask);
    case 32:
        return count_32(data, length, mask);
    default:
        return count_64(data, length, mask);
    }
}

// The element as the only one of an array.
static elea_span span_of(elea_type_id id, const uint8_t *value) {
    return (elea_span){.type = elea_type_of(id),
                       .id = id,
                       .length = 1,
                       .buffers = {NULL, value},
                       .sizes = {0, elea__type_table[id].bit_width / 8}};
}

// Towards 0, and to the nearest end for what is outside; NaN is 0.
static int64_t cut(double value) {
    if (!(value > -9223372036854775808.0))
        return value < 0 ? INT64_MIN : 0;
    return value < 9223372036854775808.0 ? (int64_t)value : INT64_MAX;
}

int64_t elea__element_get_int(elea_type_id id, const uint8_t *value) {
    const elea_span span = span_of(id, value);
    return is_float(id) ? cut(elea_span_get_double(&span, 0)) : elea_span_get_int(&span, 0);
}

double elea_tensor_get_double(const elea_tensor *tensor, const int64_t *indices) {
    const elea_span span = span_of(tensor->type->id, elea_tensor_value(tensor, indices));
    return elea_span_get_double(&span, 0);
}

bool elea__elements_equal(const elea_type *type, const uint8_t *a, const uint8_t *b, int64_t length,
                          const elea_equal_options *options) {
    elea_equal_options defaults;
    elea_equal_options_init(&defaults);
    if (length == 0)
        return true;
    if (is_float(type->id))
        return elea__floats_equal(type->id, a, b, length, options ? options : &defaults);
    return memcmp(a, b, (size_t)(length * (type->bit_width / 8))) == 0;
}

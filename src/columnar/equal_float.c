// SPDX-License-Identifier: Apache-2.0
//
// Equality of floats, exact or nearly so. Blocks of values that are plainly equal are recognised
// first, in loops that compilers turn into vector code; only the others are looked at one by one.
#include <string.h>

#include "base/math_internal.h"
#include "columnar/equal_internal.h"

#define BLOCK_LENGTH 256

// Numbers in the order of the floats with these bits, so that neighbours differ by one; both zeros
// are 0.
static int64_t order_of_double(double value) {
    int64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits < 0 ? INT64_MIN - bits : bits;
}

static int64_t order_of_float(float value) {
    int32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits < 0 ? (int64_t)INT32_MIN - bits : bits;
}

static int64_t order_of_half(uint16_t bits) {
    return bits & 0x8000 ? 0x8000 - (int64_t)bits : bits;
}

// How many steps from one value to the next lie between x and y, values of the type `id`.
static uint64_t ulps_between(elea_type_id id, double x, double y) {
    int64_t a = order_of_double(x);
    int64_t b = order_of_double(y);
    if (id == ELEA_TYPE_FLOAT32) {
        a = order_of_float((float)x);
        b = order_of_float((float)y);
    } else if (id == ELEA_TYPE_FLOAT16) {
        a = order_of_half(elea_half_from_float((float)x));
        b = order_of_half(elea_half_from_float((float)y));
    }
    return a < b ? (uint64_t)b - (uint64_t)a : (uint64_t)a - (uint64_t)b;
}

static bool value_equal(elea_type_id id, double x, double y, const elea_equal_options *options) {
    if (x != x || y != y)
        return x != x && y != y && options->nans_equal;
    if (x == y)
        return options->signed_zeros_equal || __builtin_signbit(x) == __builtin_signbit(y);
    // An infinity is near to nothing but itself.
    if (x - x != 0 || y - y != 0)
        return false;
    double distance = x < y ? y - x : x - y;
    return distance <= options->absolute_tolerance ||
           (options->ulps_max > 0 && ulps_between(id, x, y) <= (uint64_t)options->ulps_max);
}

// Whether no two values differ, where NaN differs from all.
static bool doubles_same(const uint8_t *a, const uint8_t *b, int64_t length) {
    uint64_t different = 0;
    for (int64_t i = 0; i < length; i++) {
        double x;
        double y;
        memcpy(&x, a + i * 8, sizeof x);
        memcpy(&y, b + i * 8, sizeof y);
        different |= x != y;
    }
    return different == 0;
}

static bool singles_same(const uint8_t *a, const uint8_t *b, int64_t length) {
    uint32_t different = 0;
    for (int64_t i = 0; i < length; i++) {
        float x;
        float y;
        memcpy(&x, a + i * 4, sizeof x);
        memcpy(&y, b + i * 4, sizeof y);
        different |= x != y;
    }
    return different == 0;
}

static double load(elea_type_id id, const uint8_t *values, int64_t index) {
    if (id == ELEA_TYPE_FLOAT64) {
        double value;
        memcpy(&value, values + index * 8, sizeof value);
        return value;
    }
    if (id == ELEA_TYPE_FLOAT32) {
        float value;
        memcpy(&value, values + index * 4, sizeof value);
        return (double)value;
    }
    uint16_t bits;
    memcpy(&bits, values + index * 2, sizeof bits);
    return (double)elea_half_to_float(bits);
}

// Every float converts to a double and back unchanged, but for the bits of NaN, which do not count.
bool elea__floats_equal(elea_type_id id, const uint8_t *a, const uint8_t *b, int64_t length,
                        const elea_equal_options *options) {
    for (int64_t begin = 0; begin < length; begin += BLOCK_LENGTH) {
        int64_t end = elea__min(begin + BLOCK_LENGTH, length);
        if (options->signed_zeros_equal && id == ELEA_TYPE_FLOAT64 &&
            doubles_same(a + begin * 8, b + begin * 8, end - begin))
            continue;
        if (options->signed_zeros_equal && id == ELEA_TYPE_FLOAT32 &&
            singles_same(a + begin * 4, b + begin * 4, end - begin))
            continue;
        for (int64_t i = begin; i < end; i++) {
            if (!value_equal(id, load(id, a, i), load(id, b, i), options))
                return false;
        }
    }
    return true;
}

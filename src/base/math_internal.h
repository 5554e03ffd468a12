// SPDX-License-Identifier: Apache-2.0
//
// Size arithmetic that cannot wrap, and small integer helpers. The `overflow` functions return true
// when the true result does not fit; *out is then not to be used.
#ifndef ELEA_BASE_MATH_INTERNAL_H
#define ELEA_BASE_MATH_INTERNAL_H

#include "elea/base.h"

static inline bool elea__add_overflow(int64_t a, int64_t b, int64_t *out) {
    return __builtin_add_overflow(a, b, out);
}
static inline bool elea__sub_overflow(int64_t a, int64_t b, int64_t *out) {
    return __builtin_sub_overflow(a, b, out);
}
static inline bool elea__mul_overflow(int64_t a, int64_t b, int64_t *out) {
    return __builtin_mul_overflow(a, b, out);
}

// Whether [offset, offset + size) lies inside [0, total). All may be hostile.
static inline bool elea__range_inside(int64_t offset, int64_t size, int64_t total) {
    return offset >= 0 && size >= 0 && offset <= total && size <= total - offset;
}

static inline int64_t elea__min(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t elea__max(int64_t a, int64_t b) { return a > b ? a : b; }

// The quotient rounded up; value is not negative, divisor is positive.
static inline int64_t elea__div_up(int64_t value, int64_t divisor) {
    return value / divisor + (value % divisor != 0);
}

// The next multiple of `unit`, a power of two; true when it does not fit.
static inline bool elea__round_up_overflow(int64_t value, int64_t unit, int64_t *out) {
    if (elea__add_overflow(value, unit - 1, out))
        return true;
    *out &= ~(unit - 1);
    return false;
}

// The next multiple of ELEA_ALIGNMENT of a size that is known to be below 2^62.
static inline int64_t elea__round_up_64(int64_t size) {
    return (size + (ELEA_ALIGNMENT - 1)) & ~(int64_t)(ELEA_ALIGNMENT - 1);
}

#endif // ELEA_BASE_MATH_INTERNAL_H

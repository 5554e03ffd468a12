// SPDX-License-Identifier: Apache-2.0
//
// Comparing parts of arrays.
#ifndef ELEA_COLUMNAR_EQUAL_INTERNAL_H
#define ELEA_COLUMNAR_EQUAL_INTERNAL_H

#include "elea/columnar.h"

// Whether `length` rows of two arrays of equal types, from `a_row` and `b_row` on, hold the same
// values. The rows must be inside, the arrays valid, the options given.
bool elea__range_equal(const elea_array *a, int64_t a_row, const elea_array *b, int64_t b_row,
                       int64_t length, const elea_equal_options *options);

// Whether two runs of floats, of any width and at any address, are equal value by value.
bool elea__floats_equal(elea_type_id id, const uint8_t *a, const uint8_t *b, int64_t length,
                        const elea_equal_options *options);

#endif // ELEA_COLUMNAR_EQUAL_INTERNAL_H

// SPDX-License-Identifier: Apache-2.0
//
// What the two halves of validation share: shape (validate.c) and values (validate_full.c).
#ifndef ELEA_COLUMNAR_VALIDATE_INTERNAL_H
#define ELEA_COLUMNAR_VALIDATE_INTERNAL_H

#include "columnar/array_internal.h"

// The bytes that a buffer (by its letter in the layout) needs for `count` values; 0 for bytes that
// offsets or views point into. False when that is more than memory holds.
bool elea__buffer_size_needed(const elea_type *type, char letter, int64_t count, int64_t *out);

// Checks the values of an array whose shape is right and whose children are wholly valid;
// `with_ranges`: those of dates, times and decimals, too.
ELEA_CHECKED elea_status elea__array_validate_values(const elea_array *array, bool with_ranges,
                                                     elea_error *err);

// Of text behind offsets that are checked, and of views.
ELEA_CHECKED elea_status elea__array_validate_text(const elea_array *array, elea_error *err);
ELEA_CHECKED elea_status elea__array_validate_views(const elea_array *array, elea_error *err);

#endif // ELEA_COLUMNAR_VALIDATE_INTERNAL_H

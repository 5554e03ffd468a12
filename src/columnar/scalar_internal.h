// SPDX-License-Identifier: Apache-2.0
//
// The order of single values.
#ifndef ELEA_COLUMNAR_SCALAR_INTERNAL_H
#define ELEA_COLUMNAR_SCALAR_INTERNAL_H

#include "columnar/array_internal.h"

// Follows dictionaries, run-end encoded values and unions from row `*index` of a span to the row
// that holds the value; a null index ends the way.
void elea__value_resolve(elea_span *span, int64_t *index);

// -1, 0 or 1 (see elea_scalar_compare()), for rows of two spans of equal types that have an order.
int elea__value_compare(const elea_span *a, int64_t a_row, const elea_span *b, int64_t b_row);

// Whether the values of a type have an order.
bool elea__type_has_order(const elea_type *type);

#endif // ELEA_COLUMNAR_SCALAR_INTERNAL_H

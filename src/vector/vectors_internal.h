// SPDX-License-Identifier: Apache-2.0
//
// What the files of this room know of a view of rows: whether it is sound, where a row lies, and
// lengths and cosines of rows that float32 sums cannot hold.
#ifndef ELEA_VECTOR_VECTORS_INTERNAL_H
#define ELEA_VECTOR_VECTORS_INTERNAL_H

#include <elea/vector.h>

// Whether a view can be used; `name` is what the message calls it.
ELEA_CHECKED elea_status elea__vectors_validate(const elea_vectors *vectors, const char *name,
                                                elea_error *err);

// Bytes of a row without what lies between rows.
static inline int64_t elea__vectors_row_size(const elea_vectors *vectors) {
    return (int64_t)vectors->dimension * (vectors->element == ELEA_VECTOR_FLOAT16 ? 2 : 4);
}

// Bytes from row to row.
static inline int64_t elea__vectors_stride(const elea_vectors *vectors) {
    return vectors->stride_bytes ? vectors->stride_bytes : elea__vectors_row_size(vectors);
}

static inline const uint8_t *elea__vectors_row(const elea_vectors *vectors, int64_t row) {
    return (const uint8_t *)vectors->values + row * elea__vectors_stride(vectors);
}

// Element `index` of the row at `row`.
float elea__vectors_get(const uint8_t *row, elea_vector_element element, int64_t index);

// A row as float32.
void elea__vectors_widen(const uint8_t *row, elea_vector_element element, int32_t dimension,
                         float *out);

// Outside of these bounds the square of a length, or sums on the way to it, may not fit a float32.
// No float16 row but zero and infinity is outside.
static inline bool elea__norm_is_plain(float norm) { return norm >= 0x1p-40f && norm <= 0x1p40f; }

// The length of a row whose squares sum to `square`, or, if that is not plain, summed in float64.
float elea__norm_of(const uint8_t *row, elea_vector_element element, int32_t dimension,
                    float square);

// The cosine of a row and a query, in float64, element by element.
float elea__cosine_careful(const uint8_t *row, elea_vector_element element, int32_t dimension,
                           const float *query, float query_norm);

#endif // ELEA_VECTOR_VECTORS_INTERNAL_H

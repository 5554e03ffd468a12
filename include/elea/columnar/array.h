// SPDX-License-Identifier: Apache-2.0
//
// Arrays and what reads them: validation, equality, spans. Part of elea/columnar.h.
#ifndef ELEA_COLUMNAR_ARRAY_H
#define ELEA_COLUMNAR_ARRAY_H

#include <elea/columnar/type.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- array

// Values of one type: buffers, children, and a window [offset, offset + length) on them.
typedef struct elea_array elea_array;

// What an array is made of. Buffers are in the order of the C data interface (validity first where
// the layout has one; NULL there means no nulls), with their references taken by the new array.
typedef struct elea_array_parts {
    const elea_type *type;
    int64_t length;
    int64_t offset;
    int64_t null_count; // -1: not known, counted when asked for
    const elea_buffer *const *buffers;
    int64_t buffer_count;
    const elea_array *const *children;
    int64_t child_count;
    const elea_array *dictionary;
} elea_array_parts;

// Puts an array together after quick validation (elea_array_validate()).
ELEA_API ELEA_CHECKED elea_status elea_array_new(elea_pool *pool, const elea_array_parts *parts,
                                                 elea_array **out, elea_error *err);
// `length` nulls.
ELEA_API ELEA_CHECKED elea_status elea_array_new_null(elea_pool *pool, const elea_type *type,
                                                      int64_t length, elea_array **out,
                                                      elea_error *err);
ELEA_API elea_array *elea_array_ref(const elea_array *array);
ELEA_API void elea_array_unref(elea_array *array);
ELEA_API const elea_type *elea_array_type(const elea_array *array);
ELEA_API int64_t elea_array_length(const elea_array *array);
ELEA_API int64_t elea_array_offset(const elea_array *array);
// Nulls by validity bitmap (or all, for the null type); counted once and remembered.
ELEA_API int64_t elea_array_null_count(const elea_array *array);
ELEA_API int64_t elea_array_buffer_count(const elea_array *array);
ELEA_API const elea_buffer *elea_array_buffer(const elea_array *array, int64_t index); // or NULL
ELEA_API int64_t elea_array_child_count(const elea_array *array);
// The child as it lies there: the parent's offset is not applied to it.
ELEA_API const elea_array *elea_array_child(const elea_array *array, int64_t index);
ELEA_API const elea_array *elea_array_dictionary(const elea_array *array); // or NULL
// Rows [offset, offset + length), a view. ELEA_EINDEX when they are not inside.
ELEA_API ELEA_CHECKED elea_status elea_array_slice(const elea_array *array, int64_t offset,
                                                   int64_t length, elea_array **out,
                                                   elea_error *err);

// The rows of all arrays, one after the other, in a new array; the type is that of the first, which
// the others must have, metadata aside. When only one has rows, that one is given and nothing is
// copied; the bytes behind views are always shared. Dictionaries that differ become one with each
// value once. ELEA_ECAPACITY when offsets, dictionary indices or run ends of the type cannot reach
// all values; ELEA_EINVAL for no arrays, or when ordered dictionaries do not continue each other.
ELEA_API ELEA_CHECKED elea_status elea_array_concat(elea_pool *pool,
                                                    const elea_array *const *arrays, int64_t count,
                                                    elea_array **out, elea_error *err);

typedef enum elea_validation {
    ELEA_VALIDATE_QUICK, // shape: counts, sizes against length, first and last offset; O(columns)
    ELEA_VALIDATE_SAFE,  // all that reading relies on: every offset, UTF-8, null counts; O(data)
    ELEA_VALIDATE_FULL,  // also what values mean: the ranges of dates, times and decimals
} elea_validation;

// Whether the array keeps the rules of the format. The message names the path of children.
ELEA_API ELEA_CHECKED elea_status elea_array_validate(const elea_array *array,
                                                      elea_validation validation, elea_error *err);

typedef struct elea_equal_options {
    bool nans_equal;         // default false: NaN differs from itself
    bool signed_zeros_equal; // default true
    bool with_metadata;      // default false: compare metadata of fields
    // Default 0: exact. Else floats, of any width and however nested, are equal as well when they
    // are no further apart than this, or by no more than so many values of their type.
    double absolute_tolerance;
    int64_t ulps_max;
} elea_equal_options;

ELEA_API void elea_equal_options_init(elea_equal_options *options);
// Same type, same length, same values; what lies under a null does not matter.
ELEA_API bool elea_array_equal(const elea_array *a, const elea_array *b,
                               const elea_equal_options *options);

// ---- span: a borrowed view

// The bare pointers of an array, for reading values. Valid while the array lives.
typedef struct elea_span {
    const elea_type *type;
    elea_type_id id;
    int64_t length;
    int64_t offset;            // of value 0, in values, into all buffers
    const uint8_t *buffers[3]; // [0] is always the validity, or NULL; then in the layout's order
    int64_t sizes[3];
    const elea_array *array;
} elea_span;

ELEA_API void elea_span_of(const elea_array *array, elea_span *out);
// The child's span as it lies there (see elea_array_child()).
ELEA_API void elea_span_child(const elea_span *span, int64_t index, elea_span *out);

static inline bool elea_span_is_valid(const elea_span *span, int64_t index) {
    return span->buffers[0] ? elea_bit_get(span->buffers[0], span->offset + index)
                            : span->id != ELEA_TYPE_NULL;
}

// Value `index` (below length, not checked) of a bool, integer, date, time, timestamp or duration.
ELEA_API int64_t elea_span_get_int(const elea_span *span, int64_t index);
// Of any number, converted.
ELEA_API double elea_span_get_double(const elea_span *span, int64_t index);
// Of a binary or utf8 (any layout) or fixed-size binary, borrowed.
ELEA_API elea_bytes elea_span_get_bytes(const elea_span *span, int64_t index);
// Where in the child the list (of any kind, or map) `index` lies.
ELEA_API void elea_span_get_list(const elea_span *span, int64_t index, int64_t *child_offset,
                                 int64_t *child_length);

#ifdef __cplusplus
}
#endif

#endif // ELEA_COLUMNAR_ARRAY_H

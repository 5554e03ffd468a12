// SPDX-License-Identifier: Apache-2.0
//
// One value of any type. Part of elea/columnar.h.
#ifndef ELEA_COLUMNAR_SCALAR_H
#define ELEA_COLUMNAR_SCALAR_H

#include <elea/columnar/array.h>

#ifdef __cplusplus
extern "C" {
#endif

// One value, or null, of any type: shared and immutable, as an array of one row.
typedef struct elea_scalar elea_scalar;

ELEA_API ELEA_CHECKED elea_status elea_scalar_new_null(elea_pool *pool, const elea_type *type,
                                                       elea_scalar **out, elea_error *err);
// Of type bool.
ELEA_API ELEA_CHECKED elea_status elea_scalar_new_bool(elea_pool *pool, bool value,
                                                       elea_scalar **out, elea_error *err);
// As a builder of `type` takes the value (elea_builder_append_int() and its like): ELEA_ECAPACITY
// when it does not fit, ELEA_ETYPE for another type.
ELEA_API ELEA_CHECKED elea_status elea_scalar_new_int(elea_pool *pool, const elea_type *type,
                                                      int64_t value, elea_scalar **out,
                                                      elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_scalar_new_uint(elea_pool *pool, const elea_type *type,
                                                       uint64_t value, elea_scalar **out,
                                                       elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_scalar_new_double(elea_pool *pool, const elea_type *type,
                                                         double value, elea_scalar **out,
                                                         elea_error *err);
// A copy of the bytes. ELEA_EINVAL when they are not what the type holds (UTF-8).
ELEA_API ELEA_CHECKED elea_status elea_scalar_new_bytes(elea_pool *pool, const elea_type *type,
                                                        elea_bytes value, elea_scalar **out,
                                                        elea_error *err);
// Row `index`, of any type. Nothing is copied: the scalar keeps the buffers of the array alive.
ELEA_API ELEA_CHECKED elea_status elea_scalar_new_from_array(elea_pool *pool,
                                                             const elea_array *array, int64_t index,
                                                             elea_scalar **out, elea_error *err);
ELEA_API elea_scalar *elea_scalar_ref(const elea_scalar *scalar);
ELEA_API void elea_scalar_unref(elea_scalar *scalar);
ELEA_API const elea_type *elea_scalar_type(const elea_scalar *scalar);
// The array of one row.
ELEA_API const elea_array *elea_scalar_array(const elea_scalar *scalar);
// Rows of unions, dictionaries and run-end encoded values are as valid as what they stand for.
ELEA_API bool elea_scalar_is_valid(const elea_scalar *scalar);
// The value, as elea_span_get_int() and its like give it; of dictionaries and run-end encoded
// values, what they stand for. 0 and no bytes for a null, and for a type that has no such value.
// The bytes live as long as the scalar.
ELEA_API int64_t elea_scalar_get_int(const elea_scalar *scalar);
ELEA_API double elea_scalar_get_double(const elea_scalar *scalar);
ELEA_API elea_bytes elea_scalar_get_bytes(const elea_scalar *scalar);
// As elea_array_equal().
ELEA_API bool elea_scalar_equal(const elea_scalar *a, const elea_scalar *b,
                                const elea_equal_options *options);
// Stores -1, 0 or 1 as `a` is before, at or behind `b` in the order of the type: of numbers,
// decimals and times by value (NaN behind all numbers), of texts by bytes, false before true; null
// is behind all values. ELEA_ETYPE for types that differ, and for those without an order: nested
// ones, unions, intervals of several units.
ELEA_API ELEA_CHECKED elea_status elea_scalar_compare(const elea_scalar *a, const elea_scalar *b,
                                                      int *out, elea_error *err);
// As elea_span_format().
ELEA_API ELEA_CHECKED elea_status elea_scalar_format(const elea_scalar *scalar, bool quoted,
                                                     elea_text *text, elea_error *err);
// `length` rows, all with this value.
ELEA_API ELEA_CHECKED elea_status elea_array_new_repeated(elea_pool *pool,
                                                          const elea_scalar *scalar, int64_t length,
                                                          elea_array **out, elea_error *err);

#ifdef __cplusplus
}
#endif

#endif // ELEA_COLUMNAR_SCALAR_H

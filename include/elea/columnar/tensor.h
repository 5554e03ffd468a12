// SPDX-License-Identifier: Apache-2.0
//
// Tensors: numbers of one type in any number of dimensions, over memory of any strides. Shared by
// reference count and immutable, as arrays. Part of elea/columnar.h.
#ifndef ELEA_COLUMNAR_TENSOR_H
#define ELEA_COLUMNAR_TENSOR_H

#include <elea/columnar/array.h>
#include <elea/columnar/extension.h>
#include <elea/columnar/table.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct elea_tensor elea_tensor;

// What a tensor is made of; the new tensor takes references and copies shape, strides and names.
typedef struct elea_tensor_parts {
    const elea_type *type;   // an integer or floating-point number
    const elea_buffer *data; // element (0, 0, ...) is its first
    int32_t dimension_count; // 0: a single number
    const int64_t *shape;
    // Bytes from one element to the next in each dimension, not negative; NULL: row-major, as C
    // has it.
    const int64_t *strides;
    const elea_bytes *dimension_names; // or NULL
} elea_tensor_parts;

// ELEA_ETYPE for a type that is no number; ELEA_EINVAL for a negative size or stride, for sizes
// whose product overflows, and when an element would lie outside the data; ELEA_ECAPACITY for more
// than ELEA_TENSOR_DIMENSIONS_MAX dimensions.
ELEA_API ELEA_CHECKED elea_status elea_tensor_new(elea_pool *pool, const elea_tensor_parts *parts,
                                                  elea_tensor **out, elea_error *err);
ELEA_API elea_tensor *elea_tensor_ref(const elea_tensor *tensor);
ELEA_API void elea_tensor_unref(elea_tensor *tensor);

ELEA_API const elea_type *elea_tensor_type(const elea_tensor *tensor);
ELEA_API const elea_buffer *elea_tensor_data(const elea_tensor *tensor);
ELEA_API int32_t elea_tensor_dimension_count(const elea_tensor *tensor);
// One for each dimension.
ELEA_API const int64_t *elea_tensor_shape(const elea_tensor *tensor);
ELEA_API const int64_t *elea_tensor_strides(const elea_tensor *tensor);
// NULL when they have no names.
ELEA_API const elea_bytes *elea_tensor_dimension_names(const elea_tensor *tensor);
// The number of elements: the product of the shape.
ELEA_API int64_t elea_tensor_length(const elea_tensor *tensor);

// Whether elements lie one behind the other with the last dimension, or the first, running fastest;
// contiguous is either.
ELEA_API bool elea_tensor_is_row_major(const elea_tensor *tensor);
ELEA_API bool elea_tensor_is_column_major(const elea_tensor *tensor);
ELEA_API bool elea_tensor_is_contiguous(const elea_tensor *tensor);

// Where the element with these indices (one for each dimension, below its size: not checked) lies;
// any address.
ELEA_API const void *elea_tensor_value(const elea_tensor *tensor, const int64_t *indices);
// It as a number: integers as they are (uint64 modulo 2^64), floats cut; and any as a double.
ELEA_API int64_t elea_tensor_get_int(const elea_tensor *tensor, const int64_t *indices);
ELEA_API double elea_tensor_get_double(const elea_tensor *tensor, const int64_t *indices);

// Same type and shape, same elements, however they lie; names do not count. NULL: the defaults.
ELEA_API bool elea_tensor_equal(const elea_tensor *a, const elea_tensor *b,
                                const elea_equal_options *options);
// Elements that are not 0; -0 is 0, NaN is not.
ELEA_API int64_t elea_tensor_count_nonzero(const elea_tensor *tensor);
// The same elements, row-major; a tensor that is so already is shared.
ELEA_API ELEA_CHECKED elea_status elea_tensor_to_row_major(elea_pool *pool,
                                                           const elea_tensor *tensor,
                                                           elea_tensor **out, elea_error *err);

// ---- from and to arrays

// Of an array of numbers, one dimension; of fixed-size lists, nested to any depth, one more for
// each. Nothing is copied. ELEA_ETYPE for other types, ELEA_EINVAL when there are nulls.
ELEA_API ELEA_CHECKED elea_status elea_tensor_new_from_array(elea_pool *pool,
                                                             const elea_array *array,
                                                             elea_tensor **out, elea_error *err);
// The way back, of a tensor of at least one dimension, whose size is the number of rows. Nothing is
// copied of a row-major one. ELEA_ECAPACITY for lists of more than 2^31 - 1 items.
ELEA_API ELEA_CHECKED elea_status elea_tensor_to_array(elea_pool *pool, const elea_tensor *tensor,
                                                       elea_array **out, elea_error *err);

typedef struct elea_tensor_batch_options {
    bool null_to_nan;  // nulls become NaN, and integers floats; else nulls give ELEA_ETYPE
    bool column_major; // default: row-major
} elea_tensor_batch_options;

// Rows and columns of a record batch as a tensor of two dimensions, of the type that schemas with
// such columns unify to when numbers may be promoted. ELEA_ETYPE for no columns, and for columns
// that are no numbers. NULL: the defaults.
ELEA_API ELEA_CHECKED elea_status elea_tensor_new_from_batch(
    elea_pool *pool, const elea_record_batch *batch, const elea_tensor_batch_options *options,
    elea_tensor **out, elea_error *err);

#ifdef __cplusplus
}
#endif

#endif // ELEA_COLUMNAR_TENSOR_H

// SPDX-License-Identifier: Apache-2.0
//
// What a tensor is made of, and how its elements are visited.
#ifndef ELEA_COLUMNAR_TENSOR_INTERNAL_H
#define ELEA_COLUMNAR_TENSOR_INTERNAL_H

#include "columnar/type_internal.h"

// One allocation holds the struct and all lists.
struct elea_tensor {
    int32_t refcount;
    elea_pool *pool;
    int64_t allocated;
    elea_type *type;
    elea_buffer *data;
    int64_t length;
    int32_t dimension_count;
    int64_t *shape;
    int64_t *strides;
    elea_bytes *names; // or NULL
};

// Whether values of the type can be elements.
bool elea__tensor_has_type(const elea_type *type);

// The product of the sizes, none of which is negative; ELEA_EINVAL otherwise, and when it overflows
// with the width.
ELEA_CHECKED elea_status elea__shape_check(const int64_t *shape, int32_t count, int64_t width,
                                           int64_t *length, elea_error *err);

// Room for lists of dimensions behind an object, in one block: sizes, then fills.
int64_t elea__names_size(const elea_bytes *names, int32_t count);
// Copies names to `target`, their bytes behind them.
void elea__names_copy(const elea_bytes *names, int32_t count, void *target);

// Visits elements in the order of an axis order (NULL: the dimensions as they are, the last
// fastest). Storage of the caller.
typedef struct elea__tensor_walk {
    const elea_tensor *tensor;
    int32_t dimension_count;
    const uint8_t *value; // of the element at hand
    int64_t left;         // elements, with that one
    int32_t axes[ELEA_TENSOR_DIMENSIONS_MAX];
    int64_t indices[ELEA_TENSOR_DIMENSIONS_MAX]; // by place in the axis order
} elea__tensor_walk;

void elea__tensor_walk_init(elea__tensor_walk *walk, const elea_tensor *tensor,
                            const int32_t *axis_order);
// To the next element; gives the place in the axis order of the first index that changed.
int32_t elea__tensor_walk_next(elea__tensor_walk *walk);

// Copies all elements to `target`, row-major.
void elea__tensor_pack(const elea_tensor *tensor, uint8_t *target);

// Whether one element is not 0.
bool elea__element_is_nonzero(elea_type_id id, const uint8_t *value);
// How many of a run are not, one behind the other.
int64_t elea__elements_count_nonzero(elea_type_id id, const uint8_t *data, int64_t length);
// A number at any address, as elea_tensor_get_int() has it.
int64_t elea__element_get_int(elea_type_id id, const uint8_t *value);
// Two runs of elements, one behind the other.
bool elea__elements_equal(const elea_type *type, const uint8_t *a, const uint8_t *b, int64_t length,
                          const elea_equal_options *options);

#endif // ELEA_COLUMNAR_TENSOR_INTERNAL_H

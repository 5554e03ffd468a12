// SPDX-License-Identifier: Apache-2.0
//
// What a sparse tensor is made of.
#ifndef ELEA_COLUMNAR_SPARSE_TENSOR_INTERNAL_H
#define ELEA_COLUMNAR_SPARSE_TENSOR_INTERNAL_H

#include "columnar/tensor_internal.h"

// One allocation holds the struct and all lists.
struct elea_sparse_tensor {
    int32_t refcount;
    elea_pool *pool;
    int64_t allocated;
    elea_sparse_format format;
    elea_type *type;
    elea_buffer *data;
    int64_t nonzero_count;
    int64_t length; // the product of the shape
    int32_t dimension_count;
    int32_t indices_count;
    int32_t offsets_count;
    bool is_canonical;
    int64_t *shape;
    elea_tensor **indices;
    elea_tensor **offsets;
    int32_t *axis_order; // or NULL
    elea_bytes *names;   // or NULL
};

// How many tensors of indices and of offsets a format has.
int32_t elea__sparse_indices_count(elea_sparse_format format, int32_t dimension_count);
int32_t elea__sparse_offsets_count(elea_sparse_format format, int32_t dimension_count);

// As elea_sparse_tensor_new(), for an index that is known to be right.
ELEA_CHECKED elea_status elea__sparse_new_unchecked(elea_pool *pool,
                                                    const elea_sparse_tensor_parts *parts,
                                                    elea_sparse_tensor **out, elea_error *err);

// Whether the index leads nowhere but into the tensor.
ELEA_CHECKED elea_status elea__sparse_validate(const elea_sparse_tensor *tensor, elea_error *err);

// Entry `index` of a tensor of one dimension, and of one of two.
static inline int64_t elea__tensor_entry(const elea_tensor *tensor, int64_t index) {
    return elea__element_get_int(tensor->type->id,
                                 elea_buffer_data(tensor->data) + index * tensor->strides[0]);
}
static inline int64_t elea__tensor_cell(const elea_tensor *tensor, int64_t row, int64_t column) {
    return elea__element_get_int(tensor->type->id, elea_buffer_data(tensor->data) +
                                                       row * tensor->strides[0] +
                                                       column * tensor->strides[1]);
}

#endif // ELEA_COLUMNAR_SPARSE_TENSOR_INTERNAL_H

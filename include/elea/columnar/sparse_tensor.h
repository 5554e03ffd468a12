// SPDX-License-Identifier: Apache-2.0
//
// Sparse tensors: the elements that are not 0, and an index that says where they are. Part of
// elea/columnar.h. Source of the formats: Arrow's SparseTensor.fbs.
#ifndef ELEA_COLUMNAR_SPARSE_TENSOR_H
#define ELEA_COLUMNAR_SPARSE_TENSOR_H

#include <elea/columnar/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum elea_sparse_format {
    ELEA_SPARSE_COO = 0, // the coordinates of each element
    ELEA_SPARSE_CSR = 1, // of a matrix: for each row, the columns of its elements
    ELEA_SPARSE_CSC = 2, // for each column, the rows
    ELEA_SPARSE_CSF = 3, // fibres: a tree, with a level for each dimension
} elea_sparse_format;

typedef struct elea_sparse_tensor elea_sparse_tensor;

// What a sparse tensor is made of; the new one takes references and copies the rest. Indices and
// offsets are tensors of any integer type, all indices of one, all offsets of one.
typedef struct elea_sparse_tensor_parts {
    elea_sparse_format format;
    const elea_type *type;   // an integer or floating-point number
    const elea_buffer *data; // the elements, one behind the other
    int64_t nonzero_count;
    int32_t dimension_count; // at least 1; 2 for CSR and CSC
    const int64_t *shape;
    const elea_bytes *dimension_names; // or NULL
    // COO: one tensor of shape (nonzero_count, dimension_count). CSR, CSC: one of (nonzero_count).
    // CSF: one of one dimension for each level.
    const elea_tensor *const *indices;
    // CSR, CSC: one, of (rows + 1) or (columns + 1): where in `indices` each begins. CSF: one for
    // each level but the last: where in the indices of the next level the children of a node begin.
    const elea_tensor *const *offsets;
    const int32_t *axis_order; // CSF: which dimension each level is
    bool is_canonical;         // COO: the coordinates are sorted, none is there twice
} elea_sparse_tensor_parts;

// Validates everything, each index and offset too, so that what comes from elsewhere is safe to use
// then. ELEA_ETYPE for wrong types, ELEA_EINVAL for the rest.
ELEA_API ELEA_CHECKED elea_status elea_sparse_tensor_new(elea_pool *pool,
                                                         const elea_sparse_tensor_parts *parts,
                                                         elea_sparse_tensor **out, elea_error *err);
ELEA_API elea_sparse_tensor *elea_sparse_tensor_ref(const elea_sparse_tensor *tensor);
ELEA_API void elea_sparse_tensor_unref(elea_sparse_tensor *tensor);

ELEA_API elea_sparse_format elea_sparse_tensor_format(const elea_sparse_tensor *tensor);
ELEA_API const elea_type *elea_sparse_tensor_type(const elea_sparse_tensor *tensor);
ELEA_API const elea_buffer *elea_sparse_tensor_data(const elea_sparse_tensor *tensor);
ELEA_API int64_t elea_sparse_tensor_nonzero_count(const elea_sparse_tensor *tensor);
ELEA_API int32_t elea_sparse_tensor_dimension_count(const elea_sparse_tensor *tensor);
ELEA_API const int64_t *elea_sparse_tensor_shape(const elea_sparse_tensor *tensor);
ELEA_API const elea_bytes *elea_sparse_tensor_dimension_names(const elea_sparse_tensor *tensor);
// Tensors of the index, borrowed, and how many there are.
ELEA_API int32_t elea_sparse_tensor_indices_count(const elea_sparse_tensor *tensor);
ELEA_API const elea_tensor *elea_sparse_tensor_indices(const elea_sparse_tensor *tensor,
                                                       int32_t index);
ELEA_API int32_t elea_sparse_tensor_offsets_count(const elea_sparse_tensor *tensor);
ELEA_API const elea_tensor *elea_sparse_tensor_offsets(const elea_sparse_tensor *tensor,
                                                       int32_t index);
// Of CSF; NULL of others.
ELEA_API const int32_t *elea_sparse_tensor_axis_order(const elea_sparse_tensor *tensor);
// Of COO; false of others.
ELEA_API bool elea_sparse_tensor_is_canonical(const elea_sparse_tensor *tensor);

// Same format, type, shape, index and elements, in the same order. NULL: the defaults.
ELEA_API bool elea_sparse_tensor_equal(const elea_sparse_tensor *a, const elea_sparse_tensor *b,
                                       const elea_equal_options *options);

// The elements of a tensor that are not 0. Coordinates of COO are canonical, levels of CSF go from
// the smallest dimension to the largest. `index_type`: an integer type for indices and offsets
// (ELEA_EINVAL when it cannot hold them); NULL: int64.
ELEA_API ELEA_CHECKED elea_status elea_sparse_tensor_new_from_tensor(
    elea_pool *pool, const elea_tensor *tensor, elea_sparse_format format,
    const elea_type *index_type, elea_sparse_tensor **out, elea_error *err);
// All elements, row-major; of coordinates that are there twice the last counts.
ELEA_API ELEA_CHECKED elea_status elea_sparse_tensor_to_tensor(elea_pool *pool,
                                                               const elea_sparse_tensor *tensor,
                                                               elea_tensor **out, elea_error *err);

#ifdef __cplusplus
}
#endif

#endif // ELEA_COLUMNAR_SPARSE_TENSOR_H

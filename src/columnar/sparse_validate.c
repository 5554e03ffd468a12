// SPDX-License-Identifier: Apache-2.0
//
// The index of a sparse tensor from outside: no entry may lead out of the tensor.
#include "columnar/sparse_tensor_internal.h"

static bool is_integer(const elea_tensor *tensor) {
    return elea__tensor_has_type(tensor->type) && tensor->type->id >= ELEA_TYPE_UINT8 &&
           tensor->type->id <= ELEA_TYPE_INT64;
}

// Whether all are of one integer type and have `dimensions` dimensions.
static elea_status check_kind(elea_tensor *const *tensors, int32_t count, int32_t dimensions,
                              const char *what, elea_error *err) {
    for (int32_t i = 0; i < count; i++) {
        if (!is_integer(tensors[i]) || tensors[i]->type->id != tensors[0]->type->id)
            return elea_error_set(err, ELEA_ETYPE, "%s %d are of %s, expected %s", what, i,
                                  elea_type_id_name(tensors[i]->type->id),
                                  i == 0 ? "an integer" : "the type of the others");
        if (tensors[i]->dimension_count != dimensions)
            return elea_error_set(err, ELEA_EINVAL, "%s %d have %d dimensions, expected %d", what,
                                  i, tensors[i]->dimension_count, dimensions);
    }
    return ELEA_OK;
}

static elea_status check_length(const elea_tensor *tensor, int64_t length, const char *what,
                                int32_t number, elea_error *err) {
    if (tensor->shape[0] == length)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL, "%s %d are %lld, expected %lld", what, number,
                          (long long)tensor->shape[0], (long long)length);
}

static elea_status fail_index(int64_t row, int32_t dimension, int64_t found, int64_t size,
                              elea_error *err) {
    return elea_error_set(err, ELEA_EINVAL,
                          "element %lld has the index %lld in dimension %d, expected 0 to %lld",
                          (long long)row, (long long)found, dimension, (long long)(size - 1));
}

// Entries of one dimension; those of a wide unsigned type that do not fit are negative here.
static elea_status check_indices(const elea_tensor *indices, int32_t dimension, int64_t size,
                                 elea_error *err) {
    for (int64_t i = 0; i < indices->shape[0]; i++) {
        int64_t found = elea__tensor_entry(indices, i);
        if (found < 0 || found >= size)
            return fail_index(i, dimension, found, size, err);
    }
    return ELEA_OK;
}

// From 0 to `end`, never down.
static elea_status check_offsets(const elea_tensor *offsets, int32_t number, int64_t end,
                                 elea_error *err) {
    int64_t before = 0, last = offsets->shape[0] - 1;
    for (int64_t i = 0; i <= last; i++) {
        int64_t found = elea__tensor_entry(offsets, i);
        if (found < before || found > end || (i == 0 && found != 0) || (i == last && found != end))
            return elea_error_set(err, ELEA_EINVAL,
                                  "offset %lld of level %d is %lld, expected them in order from 0 "
                                  "to %lld",
                                  (long long)i, number, (long long)found, (long long)end);
        before = found;
    }
    return ELEA_OK;
}

// -1, 0 or 1 as row `row` is before, at or behind the row before it.
static int compare_rows(const elea_tensor *indices, int64_t row) {
    for (int64_t k = 0; k < indices->shape[1]; k++) {
        int64_t before = elea__tensor_cell(indices, row - 1, k);
        int64_t found = elea__tensor_cell(indices, row, k);
        if (found != before)
            return found < before ? -1 : 1;
    }
    return 0;
}

static elea_status check_coo(const elea_sparse_tensor *tensor, elea_error *err) {
    const elea_tensor *indices = tensor->indices[0];
    ELEA_TRY(check_kind(tensor->indices, 1, 2, "indices", err));
    ELEA_TRY(check_length(indices, tensor->nonzero_count, "indices", 0, err));
    if (indices->shape[1] != tensor->dimension_count)
        return elea_error_set(err, ELEA_EINVAL, "coordinates of %lld indices, expected %d",
                              (long long)indices->shape[1], tensor->dimension_count);
    for (int64_t i = 0; i < tensor->nonzero_count; i++) {
        for (int32_t k = 0; k < tensor->dimension_count; k++) {
            int64_t found = elea__tensor_cell(indices, i, k);
            if (found < 0 || found >= tensor->shape[k])
                return fail_index(i, k, found, tensor->shape[k], err);
        }
        if (tensor->is_canonical && i > 0 && compare_rows(indices, i) <= 0)
            return elea_error_set(err, ELEA_EINVAL,
                                  "element %lld is not behind the one before it, as canonical "
                                  "coordinates are",
                                  (long long)i);
    }
    return ELEA_OK;
}

static elea_status check_matrix(const elea_sparse_tensor *tensor, elea_error *err) {
    int32_t major = tensor->format == ELEA_SPARSE_CSR ? 0 : 1;
    ELEA_TRY(check_kind(tensor->indices, 1, 1, "indices", err));
    ELEA_TRY(check_kind(tensor->offsets, 1, 1, "offsets", err));
    ELEA_TRY(check_length(tensor->indices[0], tensor->nonzero_count, "indices", 0, err));
    // Written so that no size overflows.
    if (tensor->offsets[0]->shape[0] == 0 ||
        tensor->offsets[0]->shape[0] - 1 != tensor->shape[major])
        return elea_error_set(err, ELEA_EINVAL, "%lld offsets, expected one more than %lld",
                              (long long)tensor->offsets[0]->shape[0],
                              (long long)tensor->shape[major]);
    ELEA_TRY(check_offsets(tensor->offsets[0], 0, tensor->nonzero_count, err));
    return check_indices(tensor->indices[0], 1 - major, tensor->shape[1 - major], err);
}

static elea_status check_axes(const elea_sparse_tensor *tensor, elea_error *err) {
    bool seen[ELEA_TENSOR_DIMENSIONS_MAX] = {false};
    for (int32_t i = 0; i < tensor->dimension_count; i++) {
        int32_t axis = tensor->axis_order[i];
        if (axis < 0 || axis >= tensor->dimension_count || seen[axis])
            return elea_error_set(err, ELEA_EINVAL,
                                  "level %d is of dimension %d, expected each of %d once", i, axis,
                                  tensor->dimension_count);
        seen[axis] = true;
    }
    return ELEA_OK;
}

static elea_status check_csf(const elea_sparse_tensor *tensor, elea_error *err) {
    int32_t count = tensor->dimension_count;
    ELEA_TRY(check_axes(tensor, err));
    ELEA_TRY(check_kind(tensor->indices, count, 1, "indices", err));
    ELEA_TRY(check_kind(tensor->offsets, count - 1, 1, "offsets", err));
    ELEA_TRY(
        check_length(tensor->indices[count - 1], tensor->nonzero_count, "indices", count - 1, err));
    for (int32_t i = 0; i < count; i++)
        ELEA_TRY(check_indices(tensor->indices[i], tensor->axis_order[i],
                               tensor->shape[tensor->axis_order[i]], err));
    for (int32_t i = 0; i < count - 1; i++) {
        ELEA_TRY(
            check_length(tensor->offsets[i], tensor->indices[i]->shape[0] + 1, "offsets", i, err));
        ELEA_TRY(check_offsets(tensor->offsets[i], i, tensor->indices[i + 1]->shape[0], err));
    }
    return ELEA_OK;
}

elea_status elea__sparse_validate(const elea_sparse_tensor *tensor, elea_error *err) {
    switch (tensor->format) {
    case ELEA_SPARSE_COO:
        return check_coo(tensor, err);
    case ELEA_SPARSE_CSF:
        return check_csf(tensor, err);
    default:
        return check_matrix(tensor, err);
    }
}

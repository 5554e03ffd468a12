// SPDX-License-Identifier: Apache-2.0
#include "columnar/sparse_tensor_internal.h"

#include <string.h>

#include "base/math_internal.h"
#include "columnar/ref_internal.h"

int32_t elea__sparse_indices_count(elea_sparse_format format, int32_t dimension_count) {
    return format == ELEA_SPARSE_CSF ? dimension_count : 1;
}

int32_t elea__sparse_offsets_count(elea_sparse_format format, int32_t dimension_count) {
    return format == ELEA_SPARSE_COO ? 0 : format == ELEA_SPARSE_CSF ? dimension_count - 1 : 1;
}

static elea_status check_parts(const elea_sparse_tensor_parts *parts, int64_t *length,
                               elea_error *err) {
    bool is_matrix = parts->format == ELEA_SPARSE_CSR || parts->format == ELEA_SPARSE_CSC;
    int64_t size = 0;
    if ((unsigned)parts->format > ELEA_SPARSE_CSF)
        return elea_error_set(err, ELEA_EINVAL, "there is no sparse format number %d",
                              (int)parts->format);
    if (!elea__tensor_has_type(parts->type))
        return elea_error_set(err, ELEA_ETYPE, "a sparse tensor of %s, expected a number",
                              elea_type_id_name(parts->type->id));
    if (parts->dimension_count < 1 || (is_matrix && parts->dimension_count != 2))
        return elea_error_set(err, ELEA_EINVAL, "a sparse tensor of %d dimensions, expected %s",
                              parts->dimension_count, is_matrix ? "2" : "at least 1");
    int64_t width = parts->type->bit_width / 8;
    ELEA_TRY(elea__shape_check(parts->shape, parts->dimension_count, width, length, err));
    if (parts->nonzero_count < 0 || elea__mul_overflow(parts->nonzero_count, width, &size) ||
        size > elea_buffer_size(parts->data))
        return elea_error_set(err, ELEA_EINVAL,
                              "%lld elements of %lld bytes, expected at most the %lld bytes of the "
                              "data",
                              (long long)parts->nonzero_count, (long long)width,
                              (long long)elea_buffer_size(parts->data));
    return ELEA_OK;
}

static elea_tensor **share(elea_tensor **target, const elea_tensor *const *source, int32_t count) {
    for (int32_t i = 0; i < count; i++)
        target[i] = elea_tensor_ref(source[i]);
    return target;
}

elea_status elea__sparse_new_unchecked(elea_pool *pool, const elea_sparse_tensor_parts *parts,
                                       elea_sparse_tensor **out, elea_error *err) {
    int64_t length = 0, count = parts->dimension_count;
    void *memory = NULL;
    ELEA_TRY(check_parts(parts, &length, err));
    int32_t indices = elea__sparse_indices_count(parts->format, parts->dimension_count);
    int32_t offsets = elea__sparse_offsets_count(parts->format, parts->dimension_count);
    // Each list is of 8 bytes an element, so that all are aligned.
    int64_t size = (int64_t)sizeof(elea_sparse_tensor) + 8 * (2 * count + indices + offsets) +
                   elea__names_size(parts->dimension_names, parts->dimension_count);
    ELEA_TRY(elea_alloc_zero(pool, size, &memory, err));
    elea_sparse_tensor *tensor = memory;
    *tensor = (elea_sparse_tensor){.refcount = 1,
                                   .pool = pool,
                                   .allocated = size,
                                   .format = parts->format,
                                   .type = elea_type_ref(parts->type),
                                   .data = elea_buffer_ref(parts->data),
                                   .nonzero_count = parts->nonzero_count,
                                   .length = length,
                                   .dimension_count = parts->dimension_count,
                                   .indices_count = indices,
                                   .offsets_count = offsets,
                                   .is_canonical = parts->is_canonical,
                                   .shape = (int64_t *)(tensor + 1)};
    memcpy(tensor->shape, parts->shape, (size_t)count * sizeof(int64_t));
    tensor->indices = share((elea_tensor **)(tensor->shape + count), parts->indices, indices);
    tensor->offsets = share(tensor->indices + indices, parts->offsets, offsets);
    if (parts->format == ELEA_SPARSE_CSF) {
        tensor->axis_order = (int32_t *)(tensor->offsets + offsets);
        memcpy(tensor->axis_order, parts->axis_order, (size_t)count * sizeof(int32_t));
    }
    if (parts->dimension_names) {
        tensor->names = (elea_bytes *)((int64_t *)(tensor->offsets + offsets) + count);
        elea__names_copy(parts->dimension_names, parts->dimension_count, tensor->names);
    }
    *out = tensor;
    return ELEA_OK;
}

elea_status elea_sparse_tensor_new(elea_pool *pool, const elea_sparse_tensor_parts *parts,
                                   elea_sparse_tensor **out, elea_error *err) {
    elea_sparse_tensor *tensor = NULL;
    ELEA_TRY(elea__sparse_new_unchecked(pool, parts, &tensor, err));
    elea_status status = elea__sparse_validate(tensor, err);
    if (status == ELEA_OK)
        *out = tensor;
    else
        elea_sparse_tensor_unref(tensor);
    return status;
}

elea_sparse_tensor *elea_sparse_tensor_ref(const elea_sparse_tensor *tensor) {
    elea_sparse_tensor *shared = elea__unconst(tensor);
    if (shared)
        elea__count_ref(&shared->refcount);
    return shared;
}

void elea_sparse_tensor_unref(elea_sparse_tensor *tensor) {
    if (!tensor || !elea__count_unref(&tensor->refcount))
        return;
    for (int32_t i = 0; i < tensor->indices_count; i++)
        elea_tensor_unref(tensor->indices[i]);
    for (int32_t i = 0; i < tensor->offsets_count; i++)
        elea_tensor_unref(tensor->offsets[i]);
    elea_type_unref(tensor->type);
    elea_buffer_unref(tensor->data);
    elea_dealloc(tensor->pool, tensor, tensor->allocated);
}

// ---- getters

elea_sparse_format elea_sparse_tensor_format(const elea_sparse_tensor *tensor) {
    return tensor->format;
}

const elea_type *elea_sparse_tensor_type(const elea_sparse_tensor *tensor) { return tensor->type; }

const elea_buffer *elea_sparse_tensor_data(const elea_sparse_tensor *tensor) {
    return tensor->data;
}

int64_t elea_sparse_tensor_nonzero_count(const elea_sparse_tensor *tensor) {
    return tensor->nonzero_count;
}

int32_t elea_sparse_tensor_dimension_count(const elea_sparse_tensor *tensor) {
    return tensor->dimension_count;
}

const int64_t *elea_sparse_tensor_shape(const elea_sparse_tensor *tensor) { return tensor->shape; }

const elea_bytes *elea_sparse_tensor_dimension_names(const elea_sparse_tensor *tensor) {
    return tensor->names;
}

int32_t elea_sparse_tensor_indices_count(const elea_sparse_tensor *tensor) {
    return tensor->indices_count;
}

const elea_tensor *elea_sparse_tensor_indices(const elea_sparse_tensor *tensor, int32_t index) {
    return tensor->indices[index];
}

int32_t elea_sparse_tensor_offsets_count(const elea_sparse_tensor *tensor) {
    return tensor->offsets_count;
}

const elea_tensor *elea_sparse_tensor_offsets(const elea_sparse_tensor *tensor, int32_t index) {
    return tensor->offsets[index];
}

const int32_t *elea_sparse_tensor_axis_order(const elea_sparse_tensor *tensor) {
    return tensor->axis_order;
}

bool elea_sparse_tensor_is_canonical(const elea_sparse_tensor *tensor) {
    return tensor->is_canonical;
}

// ---- equality

static bool all_equal(elea_tensor *const *a, elea_tensor *const *b, int32_t count) {
    for (int32_t i = 0; i < count; i++)
        if (!elea_tensor_equal(a[i], b[i], NULL))
            return false;
    return true;
}

bool elea_sparse_tensor_equal(const elea_sparse_tensor *a, const elea_sparse_tensor *b,
                              const elea_equal_options *options) {
    if (a->format != b->format || !elea_type_equal(a->type, b->type, false) ||
        a->dimension_count != b->dimension_count || a->nonzero_count != b->nonzero_count)
        return false;
    for (int32_t i = 0; i < a->dimension_count; i++)
        if (a->shape[i] != b->shape[i] || (a->axis_order && a->axis_order[i] != b->axis_order[i]))
            return false;
    return all_equal(a->indices, b->indices, a->indices_count) &&
           all_equal(a->offsets, b->offsets, a->offsets_count) &&
           elea__elements_equal(a->type, elea_buffer_data(a->data), elea_buffer_data(b->data),
                                a->nonzero_count, options);
}

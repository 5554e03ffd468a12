// SPDX-License-Identifier: Apache-2.0
#include "columnar/tensor_internal.h"

#include <assert.h>
#include <string.h>

#include "base/copy_internal.h"
#include "base/math_internal.h"
#include "columnar/ref_internal.h"

bool elea__tensor_has_type(const elea_type *type) {
    switch (elea_type_id_of(type)) {
#define NUMBER_CASE(name, ctype) case ELEA_TYPE_##name:
        ELEA_INTEGER_TYPE_LIST(NUMBER_CASE)
        ELEA_FLOAT_TYPE_LIST(NUMBER_CASE)
#undef NUMBER_CASE
    case ELEA_TYPE_FLOAT16:
        return true;
    default:
        return false;
    }
}

// ---- shapes

elea_status elea__shape_check(const int64_t *shape, int32_t count, int64_t width, int64_t *length,
                              elea_error *err) {
    int64_t size = width;
    bool is_empty = false, overflows = false;
    if (count < 0 || count > ELEA_TENSOR_DIMENSIONS_MAX)
        return elea_error_set(err, ELEA_ECAPACITY, "a tensor of %d dimensions, expected 0 to %d",
                              count, ELEA_TENSOR_DIMENSIONS_MAX);
    for (int32_t i = 0; i < count; i++) {
        if (shape[i] < 0)
            return elea_error_set(err, ELEA_EINVAL, "dimension %d has the size %lld", i,
                                  (long long)shape[i]);
        is_empty |= shape[i] == 0;
        overflows = overflows || elea__mul_overflow(size, shape[i], &size);
    }
    if (overflows && !is_empty)
        return elea_error_set(err, ELEA_EINVAL, "the shape has more elements than memory can hold");
    *length = is_empty ? 0 : size / width;
    return ELEA_OK;
}

// Bytes from element to element, with the last dimension fastest, or the first. Of an empty tensor
// the width in all, as Arrow C++ has it.
static int64_t expected_stride(const elea_tensor *tensor, int32_t dimension, bool row_major) {
    int64_t stride = tensor->type->bit_width / 8;
    int32_t begin = row_major ? dimension + 1 : 0;
    int32_t end = row_major ? tensor->dimension_count : dimension;
    for (int32_t i = begin; i < end && tensor->length > 0; i++)
        stride *= tensor->shape[i];
    return stride;
}

static bool has_strides(const elea_tensor *tensor, bool row_major) {
    for (int32_t i = 0; i < tensor->dimension_count; i++)
        if (tensor->strides[i] != expected_stride(tensor, i, row_major))
            return false;
    return true;
}

static elea_status check_strides(const elea_tensor *tensor, elea_error *err) {
    int64_t end = tensor->type->bit_width / 8, reach = 0;
    for (int32_t i = 0; i < tensor->dimension_count; i++) {
        if (tensor->strides[i] < 0)
            return elea_error_set(err, ELEA_EINVAL, "dimension %d has the stride %lld", i,
                                  (long long)tensor->strides[i]);
        if (tensor->length > 0 &&
            (elea__mul_overflow(tensor->shape[i] - 1, tensor->strides[i], &reach) ||
             elea__add_overflow(end, reach, &end)))
            return elea_error_set(err, ELEA_EINVAL, "dimension %d: the stride %lld overflows", i,
                                  (long long)tensor->strides[i]);
    }
    if (tensor->length > 0 && end > elea_buffer_size(tensor->data))
        return elea_error_set(err, ELEA_EINVAL,
                              "the elements take %lld bytes, expected at most the %lld of the data",
                              (long long)end, (long long)elea_buffer_size(tensor->data));
    return ELEA_OK;
}

// ---- names

int64_t elea__names_size(const elea_bytes *names, int32_t count) {
    int64_t size = 0;
    for (int32_t i = 0; names && i < count; i++)
        size += (int64_t)sizeof(elea_bytes) + names[i].size;
    return size;
}

void elea__names_copy(const elea_bytes *names, int32_t count, void *target) {
    elea_bytes *copies = target;
    char *text = (char *)(copies + count);
    for (int32_t i = 0; i < count; i++) {
        if (names[i].size > 0)
            memcpy(text, names[i].data, (size_t)names[i].size);
        copies[i] = (elea_bytes){.data = text, .size = names[i].size};
        text += names[i].size;
    }
}

// ---- the object

elea_status elea_tensor_new(elea_pool *pool, const elea_tensor_parts *parts, elea_tensor **out,
                            elea_error *err) {
    int64_t length = 0, count = parts->dimension_count;
    void *memory = NULL;
    if (!elea__tensor_has_type(parts->type))
        return elea_error_set(err, ELEA_ETYPE, "a tensor of %s, expected a number",
                              elea_type_id_name(elea_type_id_of(parts->type)));
    ELEA_TRY(elea__shape_check(parts->shape, parts->dimension_count, parts->type->bit_width / 8,
                               &length, err));
    int64_t lists = 2 * count * (int64_t)sizeof(int64_t);
    int64_t names = elea__names_size(parts->dimension_names, parts->dimension_count);
    int64_t size = (int64_t)sizeof(elea_tensor) + lists + names;
    ELEA_TRY(elea_alloc_zero(pool, size, &memory, err));
    elea_tensor *tensor = memory;
    *tensor = (elea_tensor){.refcount = 1,
                            .pool = pool,
                            .allocated = size,
                            .type = elea_type_ref(parts->type),
                            .data = elea_buffer_ref(parts->data),
                            .length = length,
                            .dimension_count = parts->dimension_count,
                            .shape = (int64_t *)(tensor + 1)};
    tensor->strides = tensor->shape + count;
    if (count > 0)
        memcpy(tensor->shape, parts->shape, (size_t)count * sizeof(int64_t));
    for (int32_t i = 0; i < count; i++)
        tensor->strides[i] = parts->strides ? parts->strides[i] : expected_stride(tensor, i, true);
    if (parts->dimension_names) {
        tensor->names = (elea_bytes *)(tensor->strides + count);
        elea__names_copy(parts->dimension_names, parts->dimension_count, tensor->names);
    }
    elea_status status = check_strides(tensor, err);
    if (status == ELEA_OK)
        *out = tensor;
    else
        elea_tensor_unref(tensor);
    return status;
}

elea_tensor *elea_tensor_ref(const elea_tensor *tensor) {
    elea_tensor *shared = elea__unconst(tensor);
    if (shared)
        elea__count_ref(&shared->refcount);
    return shared;
}

void elea_tensor_unref(elea_tensor *tensor) {
    if (!tensor || !elea__count_unref(&tensor->refcount))
        return;
    elea_type_unref(tensor->type);
    elea_buffer_unref(tensor->data);
    elea_dealloc(tensor->pool, tensor, tensor->allocated);
}

const elea_type *elea_tensor_type(const elea_tensor *tensor) { return tensor->type; }

const elea_buffer *elea_tensor_data(const elea_tensor *tensor) { return tensor->data; }

int32_t elea_tensor_dimension_count(const elea_tensor *tensor) { return tensor->dimension_count; }

const int64_t *elea_tensor_shape(const elea_tensor *tensor) { return tensor->shape; }

const int64_t *elea_tensor_strides(const elea_tensor *tensor) { return tensor->strides; }

const elea_bytes *elea_tensor_dimension_names(const elea_tensor *tensor) { return tensor->names; }

int64_t elea_tensor_length(const elea_tensor *tensor) { return tensor->length; }

bool elea_tensor_is_row_major(const elea_tensor *tensor) { return has_strides(tensor, true); }

bool elea_tensor_is_column_major(const elea_tensor *tensor) { return has_strides(tensor, false); }

bool elea_tensor_is_contiguous(const elea_tensor *tensor) {
    return elea_tensor_is_row_major(tensor) || elea_tensor_is_column_major(tensor);
}

// ---- visiting

void elea__tensor_walk_init(elea__tensor_walk *walk, const elea_tensor *tensor,
                            const int32_t *axis_order) {
    assert(tensor->dimension_count >= 0);
    walk->tensor = tensor;
    walk->dimension_count = tensor->dimension_count;
    walk->value = elea_buffer_data(tensor->data);
    walk->left = tensor->length;
    for (int32_t i = 0; i < walk->dimension_count; i++) {
        walk->axes[i] = axis_order ? axis_order[i] : i;
        walk->indices[i] = 0;
    }
}

int32_t elea__tensor_walk_next(elea__tensor_walk *walk) {
    const elea_tensor *tensor = walk->tensor;
    walk->left--;
    for (int32_t i = walk->dimension_count - 1; i >= 0; i--) {
        int32_t axis = walk->axes[i];
        if (++walk->indices[i] < tensor->shape[axis]) {
            walk->value += tensor->strides[axis];
            return i;
        }
        walk->value -= (tensor->shape[axis] - 1) * tensor->strides[axis];
        walk->indices[i] = 0;
    }
    return 0;
}

void elea__tensor_pack(const elea_tensor *tensor, uint8_t *target) {
    int64_t width = tensor->type->bit_width / 8;
    elea__tensor_walk walk;
    if (elea_tensor_is_row_major(tensor)) {
        if (tensor->length > 0)
            elea_copy_bytes(target, elea_buffer_data(tensor->data), tensor->length * width);
        return;
    }
    elea__tensor_walk_init(&walk, tensor, NULL);
    for (; walk.left > 0; elea__tensor_walk_next(&walk)) {
        memcpy(target, walk.value, (size_t)width);
        target += width;
    }
    elea__copy_count(tensor->length * width);
}

elea_status elea_tensor_to_row_major(elea_pool *pool, const elea_tensor *tensor, elea_tensor **out,
                                     elea_error *err) {
    elea_buffer *data = NULL;
    if (elea_tensor_is_row_major(tensor)) {
        *out = elea_tensor_ref(tensor);
        return ELEA_OK;
    }
    ELEA_TRY(elea_buffer_new(pool, tensor->length * tensor->type->bit_width / 8, &data, err));
    elea__tensor_pack(tensor, elea_buffer_mutable_data(data));
    const elea_tensor_parts parts = {.type = tensor->type,
                                     .data = data,
                                     .dimension_count = tensor->dimension_count,
                                     .shape = tensor->shape,
                                     .dimension_names = tensor->names};
    elea_status status = elea_tensor_new(pool, &parts, out, err);
    elea_buffer_unref(data);
    return status;
}

// ---- values

const void *elea_tensor_value(const elea_tensor *tensor, const int64_t *indices) {
    const uint8_t *value = elea_buffer_data(tensor->data);
    for (int32_t i = 0; i < tensor->dimension_count; i++)
        value += indices[i] * tensor->strides[i];
    return value;
}

int64_t elea_tensor_get_int(const elea_tensor *tensor, const int64_t *indices) {
    return elea__element_get_int(tensor->type->id, elea_tensor_value(tensor, indices));
}

bool elea_tensor_equal(const elea_tensor *a, const elea_tensor *b,
                       const elea_equal_options *options) {
    elea__tensor_walk walk, other;
    int64_t count = a->dimension_count;
    if (!elea_type_equal(a->type, b->type, false) || count != b->dimension_count)
        return false;
    for (int32_t i = 0; i < count; i++)
        if (a->shape[i] != b->shape[i])
            return false;
    if (elea_tensor_is_row_major(a) && elea_tensor_is_row_major(b))
        return elea__elements_equal(a->type, elea_buffer_data(a->data), elea_buffer_data(b->data),
                                    a->length, options);
    elea__tensor_walk_init(&walk, a, NULL);
    elea__tensor_walk_init(&other, b, NULL);
    for (; walk.left > 0; elea__tensor_walk_next(&walk), elea__tensor_walk_next(&other))
        if (!elea__elements_equal(a->type, walk.value, other.value, 1, options))
            return false;
    return true;
}

int64_t elea_tensor_count_nonzero(const elea_tensor *tensor) {
    int64_t count = 0;
    elea__tensor_walk walk;
    if (elea_tensor_is_contiguous(tensor))
        return elea__elements_count_nonzero(tensor->type->id, elea_buffer_data(tensor->data),
                                            tensor->length);
    elea__tensor_walk_init(&walk, tensor, NULL);
    for (; walk.left > 0; elea__tensor_walk_next(&walk))
        count += elea__element_is_nonzero(tensor->type->id, walk.value);
    return count;
}

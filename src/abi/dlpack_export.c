// SPDX-License-Identifier: Apache-2.0
//
// Arrays as DLPack tensors. A description of the values is made first, down through lists; then the
// struct, over the buffer or over a copy.
#include <string.h>

#include "abi/dlpack.h"
#include "base/copy_internal.h"
#include "base/math_internal.h"
#include "elea/abi.h"

// What hangs on `context`: both structs lie in one block with what they point to.
typedef struct export_node {
    union {
        struct DLManagedTensorVersioned versioned;
        struct DLManagedTensor legacy;
    } managed;
    int64_t shape[ELEA_DLPACK_DIMENSIONS_MAX];
    int64_t strides[ELEA_DLPACK_DIMENSIONS_MAX];
    elea_pool *pool;
    elea_array *array; // whose values are shared, or NULL
    void *copy;        // or the values
    int64_t copy_size;
} export_node;

static void export_free(export_node *node) {
    elea_array_unref(node->array);
    elea_dealloc(node->pool, node->copy, node->copy_size);
    elea_dealloc(node->pool, node, (int64_t)sizeof *node);
}

static void versioned_delete(struct DLManagedTensorVersioned *self) { export_free(self->context); }

static void legacy_delete(struct DLManagedTensor *self) { export_free(self->context); }

// ---- the description

// Rows [first, first + length) of `array`, as they lie in its buffers.
typedef struct descent {
    const elea_array *array;
    const elea_field *field; // of the array, or NULL
    int64_t first;
    int64_t length;
} descent;

static elea_status no_nulls(const descent *at, const char *what, elea_error *err) {
    const uint8_t *validity = elea_buffer_data(elea_array_buffer(at->array, 0));
    int64_t nulls = validity ? at->length - elea_bitmap_count(validity, at->first, at->length) : 0;
    if (nulls == 0)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL, "%lld %s are null, which DLPack cannot tell",
                          (long long)nulls, what);
}

static bool is_extension(const elea_field *field, const char *name, elea_extension *out) {
    if (!field || !elea_extension_of(field, out))
        return false;
    size_t size = strlen(name);
    return (size_t)out->name.size == size && memcmp(out->name.data, name, size) == 0;
}

static elea_status add_dimension(tensor_view *out, int64_t size, elea_error *err) {
    if (out->dimension_count == ELEA_DLPACK_DIMENSIONS_MAX)
        return elea_error_set(err, ELEA_EUNSUPPORTED, "a DLPack tensor of more than %d dimensions",
                              ELEA_DLPACK_DIMENSIONS_MAX);
    out->shape[out->dimension_count++] = size;
    return ELEA_OK;
}

// To the values of a list. The array holds them all, so that nothing overflows.
static void descend(descent *at) {
    int64_t size = elea_type_fixed_size(elea_array_type(at->array));
    const elea_array *values = elea_array_child(at->array, 0);
    at->field = elea_type_child(elea_array_type(at->array), 0);
    at->first = elea_array_offset(values) + at->first * size;
    at->length *= size;
    at->array = values;
}

static bool is_list(const descent *at) {
    return elea_type_id_of(elea_array_type(at->array)) == ELEA_TYPE_FIXED_SIZE_LIST;
}

// The sizes in memory of one row of a tensor column; the permutation is applied at the end.
static elea_status describe_tensor(descent *at, const elea_tensor_layout *layout, tensor_view *out,
                                   elea_error *err) {
    ELEA_TRY(no_nulls(at, "rows", err));
    for (int32_t i = 0; i < layout->dimension_count; i++)
        ELEA_TRY(add_dimension(out, layout->shape[i], err));
    descend(at);
    return ELEA_OK;
}

static elea_status describe_values(const descent *at, tensor_view *out, elea_error *err) {
    elea_extension extension;
    elea_type_id id = elea_type_id_of(elea_array_type(at->array));
    bool is_bool8 = id == ELEA_TYPE_INT8 && is_extension(at->field, "arrow.bool8", &extension);
    out->id = id;
    if (id == ELEA_TYPE_BOOL || is_bool8)
        out->type = (dlpack_type){DLPACK_BOOL, 8, 1};
    else if (!elea__dlpack_type_of(id, &out->type))
        return elea_error_set(err, ELEA_ETYPE,
                              "type %s as a DLPack tensor, expected integers, floats, bool, or "
                              "fixed_size_list of these",
                              elea_type_id_name(id));
    ELEA_TRY(no_nulls(at, "values", err));
    out->width = out->type.bits / 8;
    out->value_count = at->length;
    elea__tensor_set_row_major(out);
    if (at->length > 0 && id != ELEA_TYPE_BOOL)
        out->data = elea_buffer_data(elea_array_buffer(at->array, 1)) + at->first * out->width;
    return ELEA_OK;
}

// Dimension i of a row is dimension permutation[i] of its memory.
static void permute(const elea_tensor_layout *layout, tensor_view *out) {
    tensor_view memory = *out;
    for (int32_t i = 0; layout->permutation && i < layout->dimension_count; i++) {
        out->shape[1 + i] = memory.shape[1 + layout->permutation[i]];
        out->strides[1 + i] = memory.strides[1 + layout->permutation[i]];
    }
}

// `at` ends at the values.
static elea_status describe(descent *at, elea_pool *pool, tensor_view *out, elea_error *err) {
    elea_tensor_layout layout = {0};
    elea_extension extension;
    elea_status status = ELEA_OK;
    *out = (tensor_view){.dimension_count = 0};
    ELEA_TRY(add_dimension(out, at->length, err));
    if (is_extension(at->field, "arrow.fixed_shape_tensor", &extension)) {
        ELEA_TRY(elea_tensor_layout_read(&extension, pool, &layout, err));
        ELEA_GOTO(done, describe_tensor(at, &layout, out, err));
    }
    while (is_list(at)) {
        ELEA_GOTO(done, no_nulls(at, "rows", err));
        ELEA_GOTO(done, add_dimension(out, elea_type_fixed_size(elea_array_type(at->array)), err));
        descend(at);
    }
    ELEA_GOTO(done, describe_values(at, out, err));
    permute(&layout, out);

done:
    elea_tensor_layout_release(&layout);
    return status;
}

// ---- the values

// A byte for each bit.
static void copy_bits(const descent *at, uint8_t *target) {
    const uint8_t *bits = elea_buffer_data(elea_array_buffer(at->array, 1));
    for (int64_t i = 0; i < at->length; i++) {
        int64_t bit = at->first + i;
        target[i] = bits[bit / 8] >> (bit % 8) & 1;
    }
    elea__copy_count(at->length);
}

static elea_status copy_values(const descent *at, tensor_view *tensor, export_node *node,
                               elea_error *err) {
    int64_t size;
    if (elea__mul_overflow(tensor->value_count, tensor->width, &size))
        return elea_error_set(err, ELEA_ECAPACITY, "%lld values", (long long)tensor->value_count);
    ELEA_TRY(elea_alloc(node->pool, size, &node->copy, err));
    node->copy_size = size;
    if (tensor->id == ELEA_TYPE_BOOL)
        copy_bits(at, node->copy);
    else
        elea__dlpack_gather(tensor, node->copy);
    elea__tensor_set_row_major(tensor);
    tensor->data = size > 0 ? node->copy : NULL;
    return ELEA_OK;
}

static elea_status export_values(const elea_array *array, const elea_dlpack_options *options,
                                 export_node *node, dlpack_tensor *out, elea_error *err) {
    tensor_view tensor;
    descent at = {array, options->field, elea_array_offset(array), elea_array_length(array)};
    ELEA_TRY(describe(&at, node->pool, &tensor, err));
    bool is_bits = tensor.id == ELEA_TYPE_BOOL;
    if (is_bits && options->copy == ELEA_DLPACK_COPY_NEVER)
        return elea_error_set(err, ELEA_EUNSUPPORTED,
                              "bool as a DLPack tensor, whose values are bytes: allow a copy, or "
                              "use arrow.bool8");
    if (is_bits || options->copy == ELEA_DLPACK_COPY_ALWAYS)
        ELEA_TRY(copy_values(&at, &tensor, node, err));
    else
        node->array = elea_array_ref(array);
    memcpy(node->shape, tensor.shape, sizeof node->shape);
    memcpy(node->strides, tensor.strides, sizeof node->strides);
    // A tensor of nothing has no address, by the specification.
    *out = (dlpack_tensor){.data = (void *)(uintptr_t)tensor.data,
                           .device = {DLPACK_CPU, 0},
                           .dimension_count = tensor.dimension_count,
                           .type = tensor.type,
                           .shape = node->shape,
                           .strides = node->strides};
    return ELEA_OK;
}

static elea_status export_new(const elea_array *array, const elea_dlpack_options *options,
                              elea_pool *pool, dlpack_tensor *tensor, export_node **out,
                              elea_error *err) {
    static const elea_dlpack_options defaults = {ELEA_DLPACK_COPY_NEVER, NULL, {NULL, 0}};
    export_node *node;
    if (!options)
        options = &defaults;
    if (options->field &&
        !elea_type_equal(elea_field_type(options->field), elea_array_type(array), false))
        return elea_error_set(err, ELEA_ETYPE, "the field '%s' has another type than the array",
                              elea_field_name(options->field));
    ELEA_TRY(elea_alloc_zero(pool, (int64_t)sizeof *node, (void **)&node, err));
    node->pool = pool;
    elea_status status = export_values(array, options, node, tensor, err);
    if (status != ELEA_OK) {
        export_free(node);
        return status;
    }
    *out = node;
    return ELEA_OK;
}

elea_status elea_dlpack_export(const elea_array *array, const elea_dlpack_options *options,
                               elea_pool *pool, struct DLManagedTensorVersioned **out,
                               elea_error *err) {
    dlpack_tensor tensor;
    export_node *node = NULL;
    ELEA_TRY(export_new(array, options, pool, &tensor, &node, err));
    *out = &node->managed.versioned;
    **out = (struct DLManagedTensorVersioned){.version = {DLPACK_MAJOR, 0},
                                              .context = node,
                                              .deleter = versioned_delete,
                                              .flags =
                                                  node->array ? DLPACK_READ_ONLY : DLPACK_IS_COPIED,
                                              .tensor = tensor};
    return ELEA_OK;
}

elea_status elea_dlpack_export_legacy(const elea_array *array, const elea_dlpack_options *options,
                                      elea_pool *pool, struct DLManagedTensor **out,
                                      elea_error *err) {
    dlpack_tensor tensor;
    export_node *node = NULL;
    ELEA_TRY(export_new(array, options, pool, &tensor, &node, err));
    *out = &node->managed.legacy;
    **out = (struct DLManagedTensor){.tensor = tensor, .context = node, .deleter = legacy_delete};
    return ELEA_OK;
}

elea_status elea_array_export_dlpack(const elea_array *array, elea_pool *pool,
                                     struct DLManagedTensorVersioned **out, elea_error *err) {
    return elea_dlpack_export(array, NULL, pool, out, err);
}

elea_status elea_array_export_dlpack_legacy(const elea_array *array, elea_pool *pool,
                                            struct DLManagedTensor **out, elea_error *err) {
    return elea_dlpack_export_legacy(array, NULL, pool, out, err);
}

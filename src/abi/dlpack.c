// SPDX-License-Identifier: Apache-2.0
//
// DLPack: numbers in rows, and in rows of one length, as tensors of one and two dimensions.
#include "abi/dlpack.h"

#include <limits.h>

#include "base/math_internal.h"
#include "elea/abi.h"

static const struct {
    elea_type_id id;
    dlpack_type type;
} type_pairs[] = {
    {ELEA_TYPE_INT8, {DLPACK_INT, 8, 1}},       {ELEA_TYPE_INT16, {DLPACK_INT, 16, 1}},
    {ELEA_TYPE_INT32, {DLPACK_INT, 32, 1}},     {ELEA_TYPE_INT64, {DLPACK_INT, 64, 1}},
    {ELEA_TYPE_UINT8, {DLPACK_UINT, 8, 1}},     {ELEA_TYPE_UINT16, {DLPACK_UINT, 16, 1}},
    {ELEA_TYPE_UINT32, {DLPACK_UINT, 32, 1}},   {ELEA_TYPE_UINT64, {DLPACK_UINT, 64, 1}},
    {ELEA_TYPE_FLOAT16, {DLPACK_FLOAT, 16, 1}}, {ELEA_TYPE_FLOAT32, {DLPACK_FLOAT, 32, 1}},
    {ELEA_TYPE_FLOAT64, {DLPACK_FLOAT, 64, 1}},
};
#define TYPE_PAIR_COUNT (sizeof type_pairs / sizeof type_pairs[0])

// ---- export

// What hangs on `context`: both structs lie in one block with what they point to.
typedef struct export_node {
    union {
        struct DLManagedTensorVersioned versioned;
        struct DLManagedTensor legacy;
    } managed;
    int64_t shape[2];
    int64_t strides[2];
    elea_pool *pool;
    elea_array *array;
} export_node;

static void export_free(export_node *node) {
    elea_array_unref(node->array);
    elea_dealloc(node->pool, node, (int64_t)sizeof *node);
}

static void versioned_delete(struct DLManagedTensorVersioned *self) { export_free(self->context); }

static void legacy_delete(struct DLManagedTensor *self) { export_free(self->context); }

static elea_status export_type(const elea_type *type, dlpack_type *out, elea_error *err) {
    elea_type_id id = elea_type_id_of(type);
    for (size_t i = 0; i < TYPE_PAIR_COUNT; i++) {
        if (type_pairs[i].id == id) {
            *out = type_pairs[i].type;
            return ELEA_OK;
        }
    }
    return elea_error_set(err, ELEA_ETYPE,
                          "type %s as a DLPack tensor, expected integers, floats, or "
                          "fixed_size_list of these",
                          elea_type_id_name(id));
}

// Rows [offset, offset + length) as they lie in the buffers, the array's own offset included.
static elea_status no_nulls(const elea_array *array, int64_t offset, int64_t length,
                            const char *what, elea_error *err) {
    const uint8_t *validity = elea_buffer_data(elea_array_buffer(array, 0));
    int64_t nulls = validity ? length - elea_bitmap_count(validity, offset, length) : 0;
    if (nulls == 0)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL, "%lld %s are null, which DLPack cannot tell",
                          (long long)nulls, what);
}

// The tensor points into `node` and into the buffer of `array`.
static elea_status export_tensor(const elea_array *array, export_node *node, dlpack_tensor *out,
                                 elea_error *err) {
    const elea_type *type = elea_array_type(array);
    bool is_list = elea_type_id_of(type) == ELEA_TYPE_FIXED_SIZE_LIST;
    int64_t list_size = is_list ? elea_type_fixed_size(type) : 1;
    int64_t length = elea_array_length(array);
    int64_t first = elea_array_offset(array);
    *out = (dlpack_tensor){.device = {DLPACK_CPU, 0}, .dimension_count = is_list ? 2 : 1};
    if (is_list)
        ELEA_TRY(no_nulls(array, first, length, "rows", err));
    const elea_array *values = is_list ? elea_array_child(array, 0) : array;
    ELEA_TRY(export_type(elea_array_type(values), &out->type, err));
    if (is_list)
        first = elea_array_offset(values) + first * list_size;
    ELEA_TRY(no_nulls(values, first, length * list_size, "values", err));
    node->shape[0] = length;
    node->shape[1] = list_size;
    node->strides[0] = list_size;
    node->strides[1] = 1;
    out->shape = node->shape;
    out->strides = node->strides;
    // A tensor of nothing has no address, by the specification.
    const uint8_t *data = elea_buffer_data(elea_array_buffer(values, 1));
    if (length * list_size > 0)
        out->data = (void *)(uintptr_t)(data + first * (out->type.bits / 8));
    return ELEA_OK;
}

static elea_status export_new(const elea_array *array, elea_pool *pool, dlpack_tensor *tensor,
                              export_node **out, elea_error *err) {
    export_node *node;
    ELEA_TRY(elea_alloc_zero(pool, (int64_t)sizeof *node, (void **)&node, err));
    node->pool = pool;
    elea_status status = export_tensor(array, node, tensor, err);
    if (status != ELEA_OK) {
        elea_dealloc(pool, node, (int64_t)sizeof *node);
        return status;
    }
    node->array = elea_array_ref(array);
    *out = node;
    return ELEA_OK;
}

elea_status elea_array_export_dlpack(const elea_array *array, elea_pool *pool,
                                     struct DLManagedTensorVersioned **out, elea_error *err) {
    dlpack_tensor tensor = {.data = NULL};
    export_node *node = NULL;
    ELEA_TRY(export_new(array, pool, &tensor, &node, err));
    *out = &node->managed.versioned;
    **out = (struct DLManagedTensorVersioned){.version = {DLPACK_MAJOR, 0},
                                              .context = node,
                                              .deleter = versioned_delete,
                                              .flags = DLPACK_READ_ONLY,
                                              .tensor = tensor};
    return ELEA_OK;
}

elea_status elea_array_export_dlpack_legacy(const elea_array *array, elea_pool *pool,
                                            struct DLManagedTensor **out, elea_error *err) {
    dlpack_tensor tensor = {.data = NULL};
    export_node *node = NULL;
    ELEA_TRY(export_new(array, pool, &tensor, &node, err));
    *out = &node->managed.legacy;
    **out = (struct DLManagedTensor){.tensor = tensor, .context = node, .deleter = legacy_delete};
    return ELEA_OK;
}

// ---- import

// One of the two structs, and how to be rid of it: the context of the one buffer of an import.
typedef struct producer {
    elea_pool *pool;
    struct DLManagedTensorVersioned *versioned;
    struct DLManagedTensor *legacy;
} producer;

static void producer_delete(const producer *self) {
    if (self->versioned && self->versioned->deleter)
        self->versioned->deleter(self->versioned);
    if (self->legacy && self->legacy->deleter)
        self->legacy->deleter(self->legacy);
}

static void producer_release(void *context) {
    producer *self = context;
    producer_delete(self);
    elea_dealloc(self->pool, self, (int64_t)sizeof *self);
}

// What a tensor is to us.
typedef struct tensor_shape {
    elea_type_id id;
    int64_t length;
    int64_t list_size;
    int64_t value_count;
    int64_t width; // of a value, in bytes
    const uint8_t *data;
} tensor_shape;

static elea_status import_type(const dlpack_tensor *tensor, tensor_shape *out, elea_error *err) {
    dlpack_type type = tensor->type;
    for (size_t i = 0; i < TYPE_PAIR_COUNT; i++) {
        const dlpack_type *known = &type_pairs[i].type;
        if (known->code == type.code && known->bits == type.bits && known->lanes == type.lanes) {
            out->id = type_pairs[i].id;
            out->width = type.bits / 8;
            return ELEA_OK;
        }
    }
    return elea_error_set(err, ELEA_EUNSUPPORTED,
                          "a DLPack tensor of type code %u, %u bits, %u lanes, expected integers "
                          "(0, 1) or floats (2) of 8 to 64 bits and one lane",
                          type.code, type.bits, type.lanes);
}

static elea_status import_shape(const dlpack_tensor *tensor, tensor_shape *out, elea_error *err) {
    int32_t count = tensor->dimension_count;
    if (count != 1 && count != 2)
        return elea_error_set(err, ELEA_EUNSUPPORTED,
                              "a DLPack tensor of %d dimensions, expected 1 or 2", count);
    if (!tensor->shape)
        return elea_error_set(err, ELEA_EINVAL, "the shape of a DLPack tensor is NULL");
    out->length = tensor->shape[0];
    out->list_size = count == 2 ? tensor->shape[1] : 1;
    if (out->length < 0 || out->list_size < 0)
        return elea_error_set(err, ELEA_EINVAL, "a DLPack tensor of shape [%lld, %lld]",
                              (long long)out->length, (long long)out->list_size);
    int64_t size;
    if (out->list_size > INT32_MAX ||
        elea__mul_overflow(out->length, out->list_size, &out->value_count) ||
        elea__mul_overflow(out->value_count, out->width, &size))
        return elea_error_set(err, ELEA_ECAPACITY,
                              "a DLPack tensor of shape [%lld, %lld] is too large",
                              (long long)out->length, (long long)out->list_size);
    return ELEA_OK;
}

// Values must lie one behind the other, row by row; the stride of one row alone does not matter.
static elea_status import_strides(const dlpack_tensor *tensor, const tensor_shape *shape,
                                  elea_error *err) {
    if (!tensor->strides || shape->value_count <= 1)
        return ELEA_OK;
    int64_t row = tensor->strides[0];
    int64_t value = tensor->dimension_count == 2 ? tensor->strides[1] : 1;
    if ((shape->length == 1 || row == shape->list_size) && (shape->list_size == 1 || value == 1))
        return ELEA_OK;
    return elea_error_set(err, ELEA_EUNSUPPORTED,
                          "a DLPack tensor with strides [%lld, %lld], expected [%lld, 1]: copy it "
                          "to be contiguous",
                          (long long)row, (long long)value, (long long)shape->list_size);
}

static elea_status import_data(const dlpack_tensor *tensor, tensor_shape *out, elea_error *err) {
    uintptr_t address = (uintptr_t)tensor->data;
    uintptr_t size = (uintptr_t)(out->value_count * out->width);
    if (size == 0)
        return ELEA_OK;
    if (!tensor->data)
        return elea_error_set(err, ELEA_EINVAL, "the data of a DLPack tensor are NULL");
    if (__builtin_add_overflow(address, tensor->byte_offset, &address) ||
        address > UINTPTR_MAX - size)
        return elea_error_set(err, ELEA_EINVAL, "a DLPack tensor with a byte offset of %llu",
                              (unsigned long long)tensor->byte_offset);
    if (address % (uintptr_t)out->width != 0)
        return elea_error_set(err, ELEA_EUNSUPPORTED,
                              "the data of a DLPack tensor do not lie at a multiple of %lld bytes",
                              (long long)out->width);
    out->data = (const uint8_t *)tensor->data + tensor->byte_offset;
    return ELEA_OK;
}

static elea_status import_tensor(const dlpack_tensor *tensor, tensor_shape *out, elea_error *err) {
    if (tensor->device.type != DLPACK_CPU)
        return elea_error_set(err, ELEA_EUNSUPPORTED,
                              "a DLPack tensor on a device of type %d, expected 1, the CPU",
                              tensor->device.type);
    ELEA_TRY(import_type(tensor, out, err));
    ELEA_TRY(import_shape(tensor, out, err));
    ELEA_TRY(import_strides(tensor, out, err));
    return import_data(tensor, out, err);
}

// The buffer takes the producer over; when it cannot be made, the producer stays with the caller.
static elea_status import_buffer(const producer *from, const tensor_shape *shape, elea_pool *pool,
                                 elea_buffer **out, elea_error *err) {
    producer *kept;
    ELEA_TRY(elea_alloc(pool, (int64_t)sizeof *kept, (void **)&kept, err));
    *kept = *from;
    elea_status status = elea_buffer_wrap(pool, shape->data, shape->value_count * shape->width,
                                          producer_release, kept, out, err);
    if (status != ELEA_OK)
        elea_dealloc(pool, kept, (int64_t)sizeof *kept);
    return status;
}

static elea_status import_list(const elea_array *values, const tensor_shape *shape, elea_pool *pool,
                               elea_array **out, elea_error *err) {
    elea_status status;
    elea_field *item = NULL;
    elea_type *type = NULL;
    const elea_buffer *const buffers[] = {NULL};
    ELEA_GOTO(done, elea_field_new(pool, elea_bytes_of("item"), elea_array_type(values), true, NULL,
                                   &item, err));
    ELEA_GOTO(done,
              elea_type_new_fixed_size_list(pool, item, (int32_t)shape->list_size, &type, err));
    elea_array_parts parts = {.type = type,
                              .length = shape->length,
                              .buffers = buffers,
                              .buffer_count = 1,
                              .children = &values,
                              .child_count = 1};
    ELEA_GOTO(done, elea_array_new(pool, &parts, out, err));

done:
    elea_type_unref(type);
    elea_field_unref(item);
    return status;
}

static elea_status import_array(const dlpack_tensor *tensor, const producer *from, elea_pool *pool,
                                elea_array **out, elea_error *err) {
    tensor_shape shape = {.data = NULL};
    elea_buffer *data = NULL;
    elea_array *values = NULL;
    elea_status status = import_tensor(tensor, &shape, err);
    bool is_list = status == ELEA_OK && tensor->dimension_count == 2;
    if (status == ELEA_OK)
        status = import_buffer(from, &shape, pool, &data, err);
    if (status != ELEA_OK) {
        producer_delete(from);
        return status;
    }
    const elea_buffer *const buffers[] = {NULL, data};
    elea_array_parts parts = {.type = elea_type_of(shape.id),
                              .length = shape.value_count,
                              .buffers = buffers,
                              .buffer_count = 2};
    ELEA_GOTO(done, elea_array_new(pool, &parts, &values, err));
    if (is_list) {
        ELEA_GOTO(done, import_list(values, &shape, pool, out, err));
    } else {
        *out = elea_array_ref(values);
    }

done:
    elea_array_unref(values);
    elea_buffer_unref(data);
    return status;
}

elea_status elea_array_import_dlpack(struct DLManagedTensorVersioned *source, elea_pool *pool,
                                     elea_array **out, elea_error *err) {
    producer from = {.pool = pool, .versioned = source};
    if (!source)
        return elea_error_set(err, ELEA_EINVAL, "the DLPack tensor is NULL");
    if (source->version.major != DLPACK_MAJOR) {
        // Nothing but the version and the deleter may be looked at.
        elea_status status =
            elea_error_set(err, ELEA_EUNSUPPORTED, "a DLPack tensor of version %u.%u, expected %d",
                           source->version.major, source->version.minor, DLPACK_MAJOR);
        producer_delete(&from);
        return status;
    }
    return import_array(&source->tensor, &from, pool, out, err);
}

elea_status elea_array_import_dlpack_legacy(struct DLManagedTensor *source, elea_pool *pool,
                                            elea_array **out, elea_error *err) {
    producer from = {.pool = pool, .legacy = source};
    if (!source)
        return elea_error_set(err, ELEA_EINVAL, "the DLPack tensor is NULL");
    return import_array(&source->tensor, &from, pool, out, err);
}

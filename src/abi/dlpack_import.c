// SPDX-License-Identifier: Apache-2.0
//
// DLPack tensors as arrays. What the producer says is checked and becomes a description; that says
// whether the values can be shared as they lie; then the array is put together from the inside out.
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "abi/dlpack.h"
#include "base/copy_internal.h"
#include "base/math_internal.h"
#include "elea/abi.h"

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

// One import.
typedef struct import_job {
    const elea_dlpack_options *options;
    elea_pool *pool;
    const dlpack_tensor *source;
    tensor_view tensor;
    bool wants_field;
    bool is_bool;
    bool is_aligned;
    bool is_permuted; // rows whose dimensions lie in the order of `permutation`
    int32_t permutation[ELEA_DLPACK_DIMENSIONS_MAX];
    // How many rows each level of lists has: lengths[0] is that of the array.
    int64_t lengths[ELEA_DLPACK_DIMENSIONS_MAX];
} import_job;

// ---- what the producer says

// "[2, 3, 4]", or its beginning.
typedef struct dimensions_text {
    char text[120];
} dimensions_text;

static dimensions_text text_of(const int64_t *values, int32_t count) {
    dimensions_text result;
    size_t room = sizeof result.text, used = 0;
    for (int32_t i = 0; i < count && used + 32 < room; i++)
        used += (size_t)snprintf(result.text + used, room - used, "%s%lld", i == 0 ? "[" : ", ",
                                 (long long)values[i]);
    snprintf(result.text + used, room - used, used + 32 < room ? "]" : ", ...]");
    return result;
}

static elea_status import_type(import_job *job, elea_error *err) {
    dlpack_type type = job->source->type;
    static const char *const names[] = {[3] = "a handle", [4] = "bfloat16", [5] = "complex"};
    job->is_bool = type.code == DLPACK_BOOL && type.bits == 8 && type.lanes == 1;
    job->tensor.type = type;
    job->tensor.width = type.bits / 8;
    job->tensor.id = ELEA_TYPE_INT8;
    if (job->is_bool || elea__dlpack_type_id(type, &job->tensor.id))
        return ELEA_OK;
    bool has_name = type.code >= 3 && type.code <= 5;
    return elea_error_set(err, ELEA_EUNSUPPORTED,
                          "a DLPack tensor of type code %u%s%s%s, %u bits, %u lanes, expected "
                          "integers (0, 1) of 8 to 64 bits, floats (2) of 16 to 64, or bool (6) of "
                          "8, and one lane",
                          type.code, has_name ? " (" : "", has_name ? names[type.code] : "",
                          has_name ? ")" : "", type.bits, type.lanes);
}

static elea_status too_large(const import_job *job, elea_error *err) {
    return elea_error_set(err, ELEA_ECAPACITY, "a DLPack tensor of shape %s is too large",
                          text_of(job->source->shape, job->source->dimension_count).text);
}

static elea_status import_shape(import_job *job, elea_error *err) {
    const dlpack_tensor *source = job->source;
    tensor_view *tensor = &job->tensor;
    int32_t count = source->dimension_count;
    if (count < 1 || count > ELEA_DLPACK_DIMENSIONS_MAX)
        return elea_error_set(err, ELEA_EUNSUPPORTED,
                              "a DLPack tensor of %d dimensions, expected 1 to %d", count,
                              ELEA_DLPACK_DIMENSIONS_MAX);
    if (!source->shape)
        return elea_error_set(err, ELEA_EINVAL, "the shape of a DLPack tensor is NULL");
    tensor->dimension_count = count;
    tensor->value_count = 1;
    for (int32_t i = 0; i < count; i++) {
        tensor->shape[i] = source->shape[i];
        if (tensor->shape[i] < 0)
            return elea_error_set(err, ELEA_EINVAL, "a DLPack tensor of shape %s",
                                  text_of(source->shape, count).text);
        if (i > 0 && tensor->shape[i] > INT32_MAX)
            return too_large(job, err);
        if (elea__mul_overflow(tensor->value_count, tensor->shape[i], &tensor->value_count))
            return too_large(job, err);
        job->lengths[i] = tensor->value_count;
    }
    int64_t size;
    if (elea__mul_overflow(tensor->value_count, tensor->width, &size))
        return too_large(job, err);
    return ELEA_OK;
}

// The lowest and the highest value, in bytes from the one with all indices 0.
static bool extent(const tensor_view *tensor, int64_t *low, int64_t *high) {
    *low = 0;
    *high = tensor->width;
    for (int32_t i = 0; i < tensor->dimension_count; i++) {
        int64_t reach;
        if (elea__mul_overflow(tensor->shape[i] - 1, tensor->strides[i], &reach) ||
            elea__mul_overflow(reach, tensor->width, &reach))
            return false;
        int64_t *end = reach < 0 ? low : high;
        if (elea__add_overflow(*end, reach, end))
            return false;
    }
    return true;
}

static elea_status import_data(import_job *job, elea_error *err) {
    const dlpack_tensor *source = job->source;
    tensor_view *tensor = &job->tensor;
    if (!source->strides || tensor->value_count == 0)
        elea__tensor_set_row_major(tensor);
    else
        memcpy(tensor->strides, source->strides,
               (size_t)tensor->dimension_count * sizeof *source->strides);
    job->is_aligned = true;
    if (tensor->value_count == 0)
        return ELEA_OK;
    if (!source->data)
        return elea_error_set(err, ELEA_EINVAL, "the data of a DLPack tensor are NULL");
    int64_t low, high;
    uintptr_t address = (uintptr_t)source->data, begin, end;
    if (__builtin_add_overflow(address, source->byte_offset, &address))
        return elea_error_set(err, ELEA_EINVAL, "a DLPack tensor with a byte offset of %llu",
                              (unsigned long long)source->byte_offset);
    // The two ends are that of a signed and an unsigned number.
    if (!extent(tensor, &low, &high) || __builtin_add_overflow(address, low, &begin) ||
        __builtin_add_overflow(address, high, &end))
        return elea_error_set(err, ELEA_EINVAL,
                              "a DLPack tensor of shape %s, strides %s and a byte offset of %llu "
                              "leaves the address space",
                              text_of(tensor->shape, tensor->dimension_count).text,
                              text_of(tensor->strides, tensor->dimension_count).text,
                              (unsigned long long)source->byte_offset);
    tensor->data = (const uint8_t *)source->data + source->byte_offset;
    job->is_aligned = address % (uintptr_t)tensor->width == 0;
    return ELEA_OK;
}

static elea_status import_tensor(import_job *job, elea_error *err) {
    if (job->source->device.type != DLPACK_CPU)
        return elea_error_set(err, ELEA_EUNSUPPORTED,
                              "a DLPack tensor on a device of type %d, expected 1, the CPU",
                              job->source->device.type);
    ELEA_TRY(import_type(job, err));
    ELEA_TRY(import_shape(job, err));
    return import_data(job, err);
}

// ---- whether the values can be shared

// The dimensions of a row in the order in which they lie in memory, if they lie one behind the
// other in any order: then that is what the column says.
static bool find_permutation(import_job *job) {
    const tensor_view *tensor = &job->tensor;
    int32_t count = tensor->dimension_count - 1;
    int32_t order[ELEA_DLPACK_DIMENSIONS_MAX];
    tensor_view memory = *tensor;
    for (int32_t i = 0; i < count; i++) {
        // Those of one do not matter, and stay before what they stand before.
        int64_t stride = tensor->strides[1 + i];
        int32_t k = i;
        for (; k > 0 && tensor->strides[1 + order[k - 1]] < stride; k--)
            order[k] = order[k - 1];
        order[k] = i;
    }
    for (int32_t i = 0; i < count; i++) {
        memory.shape[1 + i] = tensor->shape[1 + order[i]];
        memory.strides[1 + i] = tensor->strides[1 + order[i]];
        job->permutation[order[i]] = i;
    }
    job->is_permuted = elea__tensor_is_row_major(&memory);
    return job->is_permuted;
}

static bool can_share(import_job *job) {
    if (job->is_bool && !job->wants_field)
        return false;
    if (!job->is_aligned)
        return false;
    return elea__tensor_is_row_major(&job->tensor) || (job->wants_field && find_permutation(job));
}

static elea_status must_share(const import_job *job, elea_error *err) {
    const tensor_view *tensor = &job->tensor;
    if (job->is_bool && !job->wants_field)
        return elea_error_set(err, ELEA_EUNSUPPORTED,
                              "a DLPack tensor of type code 6 (bool), whose values are bytes and "
                              "not bits: allow a copy, or ask for a field of arrow.bool8");
    if (!job->is_aligned)
        return elea_error_set(err, ELEA_EUNSUPPORTED,
                              "the data of a DLPack tensor do not lie at a multiple of %lld bytes: "
                              "allow a copy",
                              (long long)tensor->width);
    tensor_view expected = *tensor;
    elea__tensor_set_row_major(&expected);
    return elea_error_set(err, ELEA_EUNSUPPORTED,
                          "a DLPack tensor with strides %s, expected %s: copy it to be contiguous, "
                          "or allow a copy",
                          text_of(tensor->strides, tensor->dimension_count).text,
                          text_of(expected.strides, tensor->dimension_count).text);
}

// ---- the buffer

// The buffer takes the producer over; when it cannot be made, the producer stays with the caller.
static elea_status share_values(const import_job *job, const producer *from, elea_buffer **out,
                                elea_error *err) {
    producer *kept;
    ELEA_TRY(elea_alloc(job->pool, (int64_t)sizeof *kept, (void **)&kept, err));
    *kept = *from;
    elea_status status =
        elea_buffer_wrap(job->pool, job->tensor.data, job->tensor.value_count * job->tensor.width,
                         producer_release, kept, out, err);
    if (status != ELEA_OK)
        elea_dealloc(job->pool, kept, (int64_t)sizeof *kept);
    return status;
}

// Bits of bytes, of which any but 0 is true.
static elea_status pack_bits(const import_job *job, const uint8_t *bytes, elea_buffer **out,
                             elea_error *err) {
    int64_t count = job->tensor.value_count;
    elea_buffer *buffer;
    ELEA_TRY(elea_buffer_new(job->pool, elea_bitmap_size(count), &buffer, err));
    uint8_t *bits = elea_buffer_mutable_data(buffer);
    memset(bits, 0, (size_t)elea_bitmap_size(count));
    for (int64_t i = 0; i < count; i++)
        bits[i / 8] |= (uint8_t)((bytes[i] != 0) << (i % 8));
    elea__copy_count(elea_bitmap_size(count));
    *out = buffer;
    return ELEA_OK;
}

static elea_status copy_values(const import_job *job, elea_buffer **out, elea_error *err) {
    const tensor_view *tensor = &job->tensor;
    elea_buffer *buffer;
    ELEA_TRY(elea_buffer_new(job->pool, tensor->value_count * tensor->width, &buffer, err));
    elea__dlpack_gather(tensor, elea_buffer_mutable_data(buffer));
    if (!job->is_bool || job->wants_field) {
        *out = buffer;
        return ELEA_OK;
    }
    elea_status status = pack_bits(job, elea_buffer_data(buffer), out, err);
    elea_buffer_unref(buffer);
    return status;
}

// Either way the producer is not the caller's any more.
static elea_status import_values(import_job *job, const producer *from, elea_buffer **out,
                                 elea_error *err) {
    elea_dlpack_copy copy = job->options->copy;
    elea_status status = import_tensor(job, err);
    bool shares = status == ELEA_OK && copy != ELEA_DLPACK_COPY_ALWAYS && can_share(job);
    if (status == ELEA_OK && shares)
        status = share_values(job, from, out, err);
    else if (status == ELEA_OK)
        status = copy == ELEA_DLPACK_COPY_NEVER ? must_share(job, err) : copy_values(job, out, err);
    if (!shares || status != ELEA_OK)
        producer_delete(from);
    return status;
}

// ---- the array

static elea_status array_of(const import_job *job, const elea_type *type, int64_t length,
                            const elea_buffer *values, const elea_array *child, elea_array **out,
                            elea_error *err) {
    const elea_buffer *const buffers[] = {NULL, values};
    elea_array_parts parts = {.type = type,
                              .length = length,
                              .buffers = buffers,
                              .buffer_count = values ? 2 : 1,
                              .children = &child,
                              .child_count = child ? 1 : 0};
    return elea_array_new(job->pool, &parts, out, err);
}

// The field of values, or of the items of a list.
static elea_status field_of_values(const import_job *job, const char *name, elea_field **out,
                                   elea_error *err) {
    elea_type_id id = job->is_bool && !job->wants_field ? ELEA_TYPE_BOOL : job->tensor.id;
    elea_bytes bytes = name ? elea_bytes_of(name) : job->options->name;
    elea_extension bool8 = {.name = elea_bytes_of("arrow.bool8"), .storage = elea_type_of(id)};
    if (job->is_bool && job->wants_field)
        return elea_field_new_extension(job->pool, bytes, &bool8, true, NULL, out, err);
    return elea_field_new(job->pool, bytes, elea_type_of(id), true, NULL, out, err);
}

// Puts `*array` into lists of `size`, `length` of them, and `*field` with it.
static elea_status put_in_list(const import_job *job, int64_t size, int64_t length,
                               elea_field **field, elea_array **array, elea_error *err) {
    elea_type *type = NULL;
    elea_array *list = NULL;
    elea_field *outer = NULL;
    elea_status status;
    ELEA_GOTO(done, elea_type_new_fixed_size_list(job->pool, *field, (int32_t)size, &type, err));
    ELEA_GOTO(done, array_of(job, type, length, NULL, *array, &list, err));
    ELEA_GOTO(done,
              elea_field_new(job->pool, elea_bytes_of("item"), type, true, NULL, &outer, err));
    elea_array_unref(*array);
    elea_field_unref(*field);
    *array = list;
    *field = outer;
    list = NULL;

done:
    elea_array_unref(list);
    elea_type_unref(type);
    return status;
}

static elea_status put_in_lists(const import_job *job, elea_field **field, elea_array **array,
                                elea_error *err) {
    for (int32_t i = job->tensor.dimension_count - 1; i > 0; i--)
        ELEA_TRY(put_in_list(job, job->tensor.shape[i], job->lengths[i - 1], field, array, err));
    return ELEA_OK;
}

// The shape of a row as it lies, and where each dimension of the tensor is in it.
static elea_status tensor_field(const import_job *job, const elea_type *storage, elea_field **out,
                                elea_error *err) {
    int32_t count = job->tensor.dimension_count - 1;
    int64_t shape[ELEA_DLPACK_DIMENSIONS_MAX];
    bool is_plain = true;
    for (int32_t i = 0; i < count; i++) {
        int32_t place = job->is_permuted ? job->permutation[i] : i;
        shape[place] = job->tensor.shape[1 + i];
        is_plain = is_plain && place == i;
    }
    elea_tensor_layout layout = {.dimension_count = count,
                                 .is_fixed = true,
                                 .shape = shape,
                                 .permutation = is_plain ? NULL : job->permutation};
    elea_text text;
    elea_text_init(&text, job->pool);
    elea_status status = elea_tensor_layout_format(&layout, &text, err);
    elea_extension extension = {.name = elea_bytes_of("arrow.fixed_shape_tensor"),
                                .metadata = {text.data, text.size},
                                .storage = storage};
    if (status == ELEA_OK)
        status = elea_field_new_extension(job->pool, job->options->name, &extension, true, NULL,
                                          out, err);
    elea_text_release(&text);
    return status;
}

static elea_status put_in_tensor(const import_job *job, elea_field **field, elea_array **array,
                                 elea_error *err) {
    int64_t size = 1;
    for (int32_t i = 1; i < job->tensor.dimension_count; i++) {
        if (elea__mul_overflow(size, job->tensor.shape[i], &size) || size > INT32_MAX)
            return too_large(job, err);
    }
    ELEA_TRY(put_in_list(job, size, job->lengths[0], field, array, err));
    elea_field *outer = NULL;
    ELEA_TRY(tensor_field(job, elea_array_type(*array), &outer, err));
    elea_field_unref(*field);
    *field = outer;
    return ELEA_OK;
}

static elea_status import_array(const dlpack_tensor *source, const producer *from,
                                const elea_dlpack_options *options, elea_pool *pool,
                                elea_field **field, elea_array **out, elea_error *err) {
    static const elea_dlpack_options defaults = {ELEA_DLPACK_COPY_NEVER, NULL, {NULL, 0}};
    import_job job = {.options = options ? options : &defaults,
                      .pool = pool,
                      .source = source,
                      .wants_field = field != NULL};
    elea_status status = ELEA_OK;
    elea_buffer *values = NULL;
    elea_field *inner = NULL;
    elea_array *array = NULL;
    ELEA_GOTO(done, import_values(&job, from, &values, err));
    bool is_flat = job.tensor.dimension_count == 1;
    ELEA_GOTO(done, field_of_values(&job, is_flat ? NULL : "item", &inner, err));
    ELEA_GOTO(done, array_of(&job, elea_field_type(inner), job.tensor.value_count, values, NULL,
                             &array, err));
    if (!is_flat)
        ELEA_GOTO(done, job.wants_field ? put_in_tensor(&job, &inner, &array, err)
                                        : put_in_lists(&job, &inner, &array, err));
    *out = elea_array_ref(array);
    if (field)
        *field = elea_field_ref(inner);

done:
    elea_array_unref(array);
    elea_field_unref(inner);
    elea_buffer_unref(values);
    return status;
}

// ---- the two structs

elea_status elea_dlpack_import(struct DLManagedTensorVersioned *source,
                               const elea_dlpack_options *options, elea_pool *pool,
                               elea_field **field, elea_array **out, elea_error *err) {
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
    return import_array(&source->tensor, &from, options, pool, field, out, err);
}

elea_status elea_dlpack_import_legacy(struct DLManagedTensor *source,
                                      const elea_dlpack_options *options, elea_pool *pool,
                                      elea_field **field, elea_array **out, elea_error *err) {
    producer from = {.pool = pool, .legacy = source};
    if (!source)
        return elea_error_set(err, ELEA_EINVAL, "the DLPack tensor is NULL");
    return import_array(&source->tensor, &from, options, pool, field, out, err);
}

elea_status elea_array_import_dlpack(struct DLManagedTensorVersioned *source, elea_pool *pool,
                                     elea_array **out, elea_error *err) {
    return elea_dlpack_import(source, NULL, pool, NULL, out, err);
}

elea_status elea_array_import_dlpack_legacy(struct DLManagedTensor *source, elea_pool *pool,
                                            elea_array **out, elea_error *err) {
    return elea_dlpack_import_legacy(source, NULL, pool, NULL, out, err);
}

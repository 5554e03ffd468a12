// SPDX-License-Identifier: Apache-2.0
//
// Import of DLPack tensors. The input is a script from which one is made, by either struct, with
// any device, type, shape, strides and offset. What an importer cannot find out is whether the
// values are there: where they are not, nothing may be copied. What comes in goes out again, and
// each value must be where the producer said it is.
#include <stdlib.h>
#include <string.h>

#include "abi/dlpack.h"
#include "elea/abi.h"

#define MEMORY_SIZE 4096
#define DIMENSIONS 6

static _Alignas(64) uint8_t memory[MEMORY_SIZE];

typedef struct script {
    const uint8_t *data;
    size_t size;
} script;

static uint8_t take(script *input) {
    if (input->size == 0)
        return 0;
    input->size--;
    return *input->data++;
}

// Small numbers by preference, of either sign; any number now and then.
static int64_t take_number(script *input) {
    uint8_t choice = take(input);
    if (choice < 200)
        return choice % 8;
    if (choice < 230)
        return -(choice % 8);
    if (choice < 240)
        return INT64_C(1) << (choice * 3 % 64);
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value = value << 8 | take(input);
    return (int64_t)value;
}

typedef struct foreign {
    struct DLManagedTensorVersioned versioned;
    struct DLManagedTensor legacy;
    dlpack_tensor tensor; // as it was
    int64_t shape[ELEA_DLPACK_DIMENSIONS_MAX + 1];
    int64_t strides[ELEA_DLPACK_DIMENSIONS_MAX + 1];
    int deleted;
} foreign;

static void delete_versioned(struct DLManagedTensorVersioned *self) {
    ((foreign *)self->context)->deleted++;
}

static void delete_legacy(struct DLManagedTensor *self) { ((foreign *)self->context)->deleted++; }

static void take_tensor(script *input, foreign *out) {
    static const dlpack_type types[] = {{0, 8, 1},  {0, 16, 1}, {0, 32, 1}, {0, 64, 1}, {1, 8, 1},
                                        {1, 16, 1}, {1, 32, 1}, {1, 64, 1}, {2, 16, 1}, {2, 32, 1},
                                        {2, 64, 1}, {6, 8, 1},  {4, 16, 1}, {5, 64, 1}};
    uint8_t lie = take(input), type = take(input);
    dlpack_tensor *tensor = &out->tensor;
    *out = (foreign){.deleted = 0};
    tensor->data = memory + (lie % 4 == 1 ? MEMORY_SIZE / 2 : 0);
    tensor->device.type = lie == 255 ? take(input) : DLPACK_CPU;
    tensor->dimension_count = lie == 254 ? (int8_t)take(input) : take(input) % DIMENSIONS + 1;
    tensor->type = types[type % (sizeof types / sizeof types[0])];
    if (type > 240)
        tensor->type = (dlpack_type){take(input), take(input), take(input) % 3};
    tensor->shape = lie == 253 ? NULL : out->shape;
    tensor->strides = lie % 2 == 0 ? NULL : out->strides;
    for (int i = 0; i < tensor->dimension_count && i <= ELEA_DLPACK_DIMENSIONS_MAX; i++) {
        out->shape[i] = take_number(input);
        out->strides[i] = take_number(input);
    }
    tensor->byte_offset = (uint64_t)take_number(input) * (lie > 128 ? 1 : 8);
    if (lie == 252)
        tensor->data = NULL;
    out->versioned =
        (struct DLManagedTensorVersioned){.version = {lie == 251 ? take(input) : 1, take(input)},
                                          .context = out,
                                          .deleter = delete_versioned,
                                          .flags = take(input),
                                          .tensor = *tensor};
    out->legacy =
        (struct DLManagedTensor){.tensor = *tensor, .context = out, .deleter = delete_legacy};
}

// Whether all values lie in the memory there is.
static bool is_there(const dlpack_tensor *tensor) {
    int64_t low = (int64_t)((uintptr_t)tensor->data - (uintptr_t)memory);
    int64_t width = tensor->type.bits / 8, row = 1;
    if (tensor->byte_offset > MEMORY_SIZE)
        return false;
    low += (int64_t)tensor->byte_offset;
    int64_t high = low + width;
    for (int i = tensor->dimension_count - 1; i >= 0; i--) {
        int64_t count = tensor->shape[i], stride = tensor->strides ? tensor->strides[i] : row;
        if (count == 0)
            return true;
        if (count == 1)
            continue;
        // Nothing overflows below; repeated values may be many.
        if (count < 0 || count > 1 << 20 || stride < -MEMORY_SIZE || stride > MEMORY_SIZE)
            return false;
        int64_t reach = (count - 1) * stride * width;
        low += reach < 0 ? reach : 0;
        high += reach > 0 ? reach : 0;
        row = row > MEMORY_SIZE ? row : row * count;
    }
    return low >= 0 && high <= MEMORY_SIZE;
}

static const uint8_t *place(const dlpack_tensor *tensor, int64_t index) {
    int64_t at = 0, row = 1;
    for (int i = tensor->dimension_count - 1; i >= 0; i--) {
        at += index % tensor->shape[i] * (tensor->strides ? tensor->strides[i] : row);
        row *= tensor->shape[i];
        index /= tensor->shape[i];
    }
    return (const uint8_t *)tensor->data + tensor->byte_offset + at * (tensor->type.bits / 8);
}

static void compare(const dlpack_tensor *a, const dlpack_tensor *b) {
    int64_t count = 1;
    if (a->dimension_count != b->dimension_count || a->type.code != b->type.code ||
        a->type.bits != b->type.bits)
        abort();
    for (int i = 0; i < a->dimension_count; i++) {
        if (a->shape[i] != b->shape[i])
            abort();
        count *= a->shape[i];
    }
    for (int64_t i = 0; i < count; i++) {
        const uint8_t *x = place(a, i), *y = place(b, i);
        bool same = a->type.code == DLPACK_BOOL ? (*x != 0) == (*y != 0)
                                                : memcmp(x, y, a->type.bits / 8) == 0;
        if (!same)
            abort();
    }
}

static void send_back(const elea_array *array, const elea_field *field, elea_pool *pool,
                      const dlpack_tensor *source) {
    for (int copy = ELEA_DLPACK_COPY_IF_NEEDED; copy <= ELEA_DLPACK_COPY_ALWAYS; copy++) {
        elea_dlpack_options options = {.copy = (elea_dlpack_copy)copy, .field = field};
        struct DLManagedTensorVersioned *out = NULL;
        elea_status status = elea_dlpack_export(array, &options, pool, &out, NULL);
        if (status != ELEA_OK && status != ELEA_ENOMEM)
            abort();
        if (status == ELEA_OK) {
            compare(source, &out->tensor);
            out->deleter(out);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    script input = {data, size};
    foreign source;
    elea_pool *pool = NULL;
    elea_array *array = NULL;
    elea_field *field = NULL;
    elea_error err;
    // More than the values, should they be repeated without end.
    if (elea_pool_new_capped(NULL, 1 << 20, &pool, NULL) != ELEA_OK)
        abort();
    for (int i = 0; memory[MEMORY_SIZE - 1] == 0 && i < MEMORY_SIZE; i++)
        memory[i] = (uint8_t)(i * 37 >> 3);
    uint8_t way = take(&input);
    take_tensor(&input, &source);
    bool is_known = source.tensor.dimension_count >= 1 && source.tensor.shape &&
                    source.tensor.dimension_count <= ELEA_DLPACK_DIMENSIONS_MAX &&
                    source.tensor.data;
    bool there = is_known && is_there(&source.tensor);
    elea_dlpack_options options = {.copy = there ? (elea_dlpack_copy)(way / 4 % 3)
                                                 : ELEA_DLPACK_COPY_NEVER};
    elea_field **wish = way % 2 ? &field : NULL;
    elea_status status =
        way / 2 % 2 ? elea_dlpack_import(&source.versioned, &options, pool, wish, &array, &err)
                    : elea_dlpack_import_legacy(&source.legacy, &options, pool, wish, &array, &err);
    if (status == ELEA_OK) {
        if (elea_array_validate(array, ELEA_VALIDATE_FULL, &err) != ELEA_OK)
            abort();
        if (there)
            send_back(array, field, pool, &source.tensor);
    }
    elea_array_unref(array);
    elea_field_unref(field);
    if (source.deleted != 1)
        abort();
    elea_pool_free(pool);
    return 0;
}

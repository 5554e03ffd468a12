// SPDX-License-Identifier: Apache-2.0
//
// What both ways of DLPack share: types, strides, and copying along strides.
#include "abi/dlpack.h"

#include <string.h>

#include "base/copy_internal.h"

// ---- types

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

bool elea__dlpack_type_of(elea_type_id id, dlpack_type *out) {
    for (size_t i = 0; i < TYPE_PAIR_COUNT; i++) {
        if (type_pairs[i].id == id) {
            *out = type_pairs[i].type;
            return true;
        }
    }
    return false;
}

bool elea__dlpack_type_id(dlpack_type type, elea_type_id *out) {
    for (size_t i = 0; i < TYPE_PAIR_COUNT; i++) {
        const dlpack_type *known = &type_pairs[i].type;
        if (known->code == type.code && known->bits == type.bits && known->lanes == type.lanes) {
            *out = type_pairs[i].id;
            return true;
        }
    }
    return false;
}

// ---- strides

void elea__tensor_set_row_major(tensor_view *tensor) {
    int64_t stride = 1;
    for (int32_t i = tensor->dimension_count - 1; i >= 0; i--) {
        tensor->strides[i] = stride;
        // Of a tensor of nothing the sizes may be anything.
        stride = tensor->value_count == 0 ? 0 : stride * tensor->shape[i];
    }
}

// The first dimension of those at the end that lie one behind the other, and how many values they
// are.
static int32_t run_begin(const tensor_view *tensor, int64_t *run) {
    int32_t i = tensor->dimension_count;
    *run = 1;
    for (; i > 0; i--) {
        if (tensor->shape[i - 1] != 1 && tensor->strides[i - 1] != *run)
            break;
        *run *= tensor->shape[i - 1];
    }
    return i;
}

bool elea__tensor_is_row_major(const tensor_view *tensor) {
    int64_t run;
    return tensor->value_count == 0 || run_begin(tensor, &run) == 0;
}

// ---- copying

typedef struct gather_job {
    const tensor_view *tensor;
    int32_t run_begin;
    int64_t run_size; // in bytes
    uint8_t *target;  // where the next value goes
} gather_job;

static inline __attribute__((always_inline)) void
gather_width(const uint8_t *source, int64_t count, int64_t step, size_t width, uint8_t *target) {
    for (int64_t i = 0; i < count; i++)
        memcpy(target + i * (int64_t)width, source + i * step, width);
}

// A dimension whose values lie apart.
static void gather_values(const uint8_t *source, int64_t count, int64_t step, int64_t width,
                          uint8_t *target) {
    switch (width) {
    case 1:
        gather_width(source, count, step, 1, target);
        break;
    case 2:
        gather_width(source, count, step, 2, target);
        break;
    case 4:
        gather_width(source, count, step, 4, target);
        break;
    default:
        gather_width(source, count, step, 8, target);
        break;
    }
    elea__copy_count(count * width);
}

// Recursion ends after ELEA_DLPACK_DIMENSIONS_MAX levels.
static void gather(gather_job *job, int32_t dimension, const uint8_t *source) {
    const tensor_view *tensor = job->tensor;
    if (dimension == job->run_begin) {
        elea_copy_bytes(job->target, source, job->run_size);
        job->target += job->run_size;
        return;
    }
    int64_t count = tensor->shape[dimension];
    // The stride of one may be any number, and is nowhere used.
    int64_t step = count > 1 ? tensor->strides[dimension] * tensor->width : 0;
    if (dimension == tensor->dimension_count - 1) {
        gather_values(source, count, step, tensor->width, job->target);
        job->target += count * tensor->width;
        return;
    }
    for (int64_t i = 0; i < count; i++)
        gather(job, dimension + 1, source + i * step);
}

void elea__dlpack_gather(const tensor_view *tensor, uint8_t *target) {
    gather_job job = {.tensor = tensor, .target = target};
    if (tensor->value_count == 0)
        return;
    job.run_begin = run_begin(tensor, &job.run_size);
    job.run_size *= tensor->width;
    gather(&job, 0, tensor->data);
}

// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <string.h>

#include "vector/dot_internal.h"
#include "vector/vectors_internal.h"

void elea_vector_options_init(elea_vector_options *options) { *options = (elea_vector_options){0}; }

elea_status elea__vectors_validate(const elea_vectors *vectors, const char *name, elea_error *err) {
    if (vectors->count < 0)
        return elea_error_set(err, ELEA_EINVAL, "%s: negative count %lld", name,
                              (long long)vectors->count);
    if (vectors->count == 0)
        return ELEA_OK;
    if (!vectors->values)
        return elea_error_set(err, ELEA_EINVAL, "%s: %lld rows, but no values", name,
                              (long long)vectors->count);
    if (vectors->element != ELEA_VECTOR_FLOAT16 && vectors->element != ELEA_VECTOR_FLOAT32)
        return elea_error_set(err, ELEA_EINVAL, "%s: unknown element %d", name,
                              (int)vectors->element);
    if (vectors->dimension < 1)
        return elea_error_set(err, ELEA_EINVAL, "%s: dimension %d, expected at least 1", name,
                              (int)vectors->dimension);
    int64_t row_size = elea__vectors_row_size(vectors);
    if (vectors->stride_bytes != 0 && vectors->stride_bytes < row_size)
        return elea_error_set(err, ELEA_EINVAL,
                              "%s: stride of %lld bytes, but a row has %lld bytes", name,
                              (long long)vectors->stride_bytes, (long long)row_size);
    if (vectors->validity && vectors->validity_offset < 0)
        return elea_error_set(err, ELEA_EINVAL, "%s: negative validity offset %lld", name,
                              (long long)vectors->validity_offset);
    int64_t size;
    if (__builtin_mul_overflow(vectors->count, elea__vectors_stride(vectors), &size))
        return elea_error_set(err, ELEA_ECAPACITY, "%s: %lld rows of %lld bytes do not fit memory",
                              name, (long long)vectors->count,
                              (long long)elea__vectors_stride(vectors));
    return ELEA_OK;
}

float elea__vectors_get(const uint8_t *row, elea_vector_element element, int64_t index) {
    if (element == ELEA_VECTOR_FLOAT16) {
        uint16_t half;
        memcpy(&half, row + index * 2, sizeof(half));
        return elea_half_to_float(half);
    }
    float value;
    memcpy(&value, row + index * 4, sizeof(value));
    return value;
}

void elea__vectors_widen(const uint8_t *row, elea_vector_element element, int32_t dimension,
                         float *out) {
    if (element == ELEA_VECTOR_FLOAT32) {
        for (int32_t i = 0; i < dimension; i++)
            out[i] = elea__vectors_get(row, element, i);
        return;
    }
    uint16_t part[64]; // rows need not be aligned
    for (int32_t at = 0; at < dimension; at += 64) {
        int32_t count = dimension - at < 64 ? dimension - at : 64;
        memcpy(part, row + (int64_t)at * 2, (size_t)count * 2);
        elea_half_to_float_run(part, count, out + at);
    }
}

static double norm_careful(const uint8_t *row, elea_vector_element element, int32_t dimension) {
    double sum = 0;
    for (int32_t i = 0; i < dimension; i++) {
        double value = (double)elea__vectors_get(row, element, i);
        sum += value * value;
    }
    return sqrt(sum);
}

float elea__norm_of(const uint8_t *row, elea_vector_element element, int32_t dimension,
                    float square) {
    float norm = sqrtf(square);
    return elea__norm_is_plain(norm) ? norm : (float)norm_careful(row, element, dimension);
}

float elea__cosine_careful(const uint8_t *row, elea_vector_element element, int32_t dimension,
                           const float *query, float query_norm) {
    double sum = 0;
    for (int32_t i = 0; i < dimension; i++)
        sum += (double)elea__vectors_get(row, element, i) * (double)query[i];
    return (float)(sum / ((double)query_norm * norm_careful(row, element, dimension)));
}

// ---- the lengths of all rows

typedef struct norms_task {
    const elea_vectors *rows;
    const float *zeros; // a query: the kernels give squares only beside dot products
    float *norms;
} norms_task;

static elea_status norms_morsel(void *context, int64_t begin, int64_t end, int worker,
                                elea_error *err) {
    (void)worker;
    (void)err;
    const norms_task *task = context;
    const elea_vectors *rows = task->rows;
    elea__dot_fn kernel = elea__dot_kernels_get()->one[rows->element][1];
    for (int64_t at = begin; at < end; at += ELEA__DOT_ROWS_MAX) {
        const uint8_t *block[ELEA__DOT_ROWS_MAX];
        float dots[ELEA__DOT_ROWS_MAX];
        float squares[ELEA__DOT_ROWS_MAX];
        int64_t count = end - at < ELEA__DOT_ROWS_MAX ? end - at : ELEA__DOT_ROWS_MAX;
        for (int64_t i = 0; i < ELEA__DOT_ROWS_MAX; i++)
            block[i] = elea__vectors_row(rows, at + (i < count ? i : count - 1));
        elea__dot_rows dot_rows = {.rows = block,
                                   .count = ELEA__DOT_ROWS_MAX,
                                   .stride_bytes = elea__vectors_stride(rows),
                                   .dimension = rows->dimension};
        kernel(&dot_rows, task->zeros, dots, squares);
        for (int64_t i = 0; i < count; i++)
            task->norms[at + i] =
                elea__norm_of(block[i], rows->element, rows->dimension, squares[i]);
    }
    return ELEA_OK;
}

elea_status elea_vector_norms(const elea_vectors *rows, const elea_vector_options *options,
                              float *norms, elea_error *err) {
    elea_vector_options defaults;
    elea_vector_options_init(&defaults);
    options = options ? options : &defaults;
    ELEA_TRY(elea__vectors_validate(rows, "rows", err));
    if (rows->count == 0)
        return ELEA_OK;
    int64_t size = ((int64_t)rows->dimension + ELEA__DOT_LANES) * (int64_t)sizeof(float);
    void *zeros;
    ELEA_TRY(elea_alloc_zero(options->pool, size, &zeros, err));
    norms_task task = {.rows = rows, .zeros = zeros, .norms = norms};
    elea_status status = elea_thread_pool_for(options->threads, rows->count, 1024, norms_morsel,
                                              &task, options->cancel, err);
    elea_dealloc(options->pool, zeros, size);
    return status;
}

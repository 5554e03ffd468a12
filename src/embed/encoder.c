// SPDX-License-Identifier: Apache-2.0
#include "embed/encoder.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "embed/encoder_state.h"

double elea__encoder_operations(const elea__model_config *config, int64_t length) {
    double hidden = config->hidden;
    double dense = 2 * hidden * (4 * hidden + 2.0 * config->intermediate);
    double attention = 2 * 2 * hidden * (double)length;
    return config->layers * (double)length * (dense + attention);
}

// A step of the run: what the functions below share.
typedef struct encoder_run {
    const elea__encoder *encoder;
    elea__workspace *space;
    const elea__batch *batch;
    int64_t rows; // tokens, rounded up
    elea_error *err;
} encoder_run;

static uint8_t *row_of(const encoder_run *run, void *matrix, int64_t row) {
    return (uint8_t *)matrix + row * run->encoder->config.hidden * run->encoder->value_size;
}

static elea_status multiply(const encoder_run *run, const elea__product *product,
                            const elea__operands *operands) {
    ELEA_TRY(elea__workspace_scratch(run->space, product, run->err));
    elea__operands all = *operands;
    all.scratch = run->space->scratch;
    return elea__product_run(product, run->encoder->engine, run->space->stream, &all, run->err);
}

// Dense layer `kind` on `count` rows, a multiple of ELEA_TOKENS_STEP and at most a block.
static elea_status run_dense(const encoder_run *run, elea__dense_kind kind,
                             const elea__packed *weights, int64_t count, const void *source,
                             void *target) {
    const elea__product *product = NULL;
    ELEA_TRY(elea__encoder_dense(run->encoder, kind, count, &product, run->err));
    elea__operands operands = {source, weights->data, weights->bias, target, NULL};
    return multiply(run, product, &operands);
}

static float *stream_row(const encoder_run *run, int64_t row) {
    return run->space->stream_rows + row * run->encoder->config.hidden;
}

// The normalised residual stream, in place and as source of the next product.
static void norm_rows(const encoder_run *run, const elea__norm_weights *norm, int64_t row,
                      int64_t count) {
    const elea__encoder *encoder = run->encoder;
    uint16_t *halves =
        encoder->bfloat ? (uint16_t *)(void *)row_of(run, run->space->source, row) : NULL;
    encoder->ops->layer_norm(stream_row(run, row), count, encoder->config.hidden, norm->gain.data,
                             norm->shift.data, encoder->config.layer_norm_epsilon, halves);
}

static elea_status embed_text(const encoder_run *run, int32_t slot, int64_t row) {
    const elea__encoder *encoder = run->encoder;
    const elea__weights *weights = &encoder->weights;
    int64_t hidden = encoder->config.hidden;
    float *part = run->space->part;
    const int32_t *ids = run->batch->ids + slot * run->batch->stride;
    for (int32_t i = 0; i < run->batch->lengths[slot]; i++) {
        if (ids[i] < 0 || ids[i] >= encoder->config.vocabulary)
            return elea_error_set(run->err, ELEA_EINVAL,
                                  "token id %" PRId32 " is not below the model's vocabulary of "
                                  "%" PRId32,
                                  ids[i], encoder->config.vocabulary);
        float *target = stream_row(run, row + i);
        elea__tensor_widen(weights->words, ids[i] * hidden, hidden, target);
        elea__tensor_widen(weights->positions, i * hidden, hidden, part);
        encoder->ops->add(part, hidden, target);
        elea__tensor_widen(weights->types, 0, hidden, part);
        encoder->ops->add(part, hidden, target);
    }
    return ELEA_OK;
}

static elea_status embed(const encoder_run *run) {
    const elea__batch *batch = run->batch;
    int64_t row = 0;
    for (int64_t i = 0; i < batch->count; i++) {
        ELEA_TRY(embed_text(run, batch->slots[i], row));
        row += batch->lengths[batch->slots[i]];
    }
    // Rows of nothing must be numbers, as attention multiplies them with zero.
    memset(stream_row(run, row), 0,
           (size_t)((run->rows - row) * run->encoder->config.hidden) * sizeof(float));
    norm_rows(run, &run->encoder->weights.norm, 0, run->rows);
    return ELEA_OK;
}

static elea_status project(const encoder_run *run, const elea__packed_layer *layer) {
    elea__workspace *space = run->space;
    int64_t step = run->encoder->block_rows;
    const elea__packed *weights[3] = {&layer->query, &layer->key, &layer->value};
    void *targets[3] = {space->queries, space->keys, space->values};
    for (int64_t row = 0; row < run->rows; row += step) {
        int64_t count = run->rows - row < step ? run->rows - row : step;
        for (int i = 0; i < 3; i++)
            ELEA_TRY(run_dense(run, ELEA_DENSE_PROJECT, weights[i], count,
                               row_of(run, space->source, row), row_of(run, targets[i], row)));
    }
    return ELEA_OK;
}

// Attention works on whole steps of tokens: what follows the text in the matrix is a key that
// softmax leaves out, a value that is multiplied by zero, and a result that the next text, which
// comes later, overwrites.
static elea_status attend_text(const encoder_run *run, int64_t row, int64_t length) {
    const elea__encoder *encoder = run->encoder;
    elea__workspace *space = run->space;
    int64_t heads = encoder->config.heads;
    int64_t whole = elea__tokens_round(length);
    int64_t head_size = encoder->config.hidden / heads;
    float scale = 1.0f / sqrtf((float)head_size);
    const elea__product *scores = NULL;
    const elea__product *mix = NULL;
    ELEA_TRY(elea__encoder_attention(encoder, whole, &scores, &mix, run->err));
    elea__operands operands = {row_of(run, space->queries, row), row_of(run, space->keys, row),
                               NULL, space->scores, NULL};
    ELEA_TRY(multiply(run, scores, &operands));
    for (int64_t head = 0; head < heads; head++) {
        int64_t first = head * whole * whole;
        int64_t rest = first + length * whole;
        encoder->ops->softmax(space->scores + first, length, whole, length, scale,
                              encoder->bfloat ? (uint16_t *)space->shares + first : NULL);
        memset((uint8_t *)space->shares + rest * encoder->value_size, 0,
               (size_t)((whole - length) * whole * encoder->value_size));
    }
    operands = (elea__operands){space->shares, row_of(run, space->values, row), NULL,
                                row_of(run, space->mixed, row), NULL};
    return multiply(run, mix, &operands);
}

static elea_status attend(const encoder_run *run, const elea__packed_layer *layer,
                          const elea__norm_weights *norm) {
    const elea__batch *batch = run->batch;
    int64_t row = 0;
    for (int64_t i = 0; i < batch->count; i++) {
        int64_t length = batch->lengths[batch->slots[i]];
        ELEA_TRY(attend_text(run, row, length));
        row += length;
    }
    int64_t step = run->encoder->block_rows;
    for (row = 0; row < run->rows; row += step) {
        int64_t count = run->rows - row < step ? run->rows - row : step;
        ELEA_TRY(run_dense(run, ELEA_DENSE_MIX, &layer->mix, count,
                           row_of(run, run->space->mixed, row), stream_row(run, row)));
        norm_rows(run, norm, row, count);
    }
    return ELEA_OK;
}

// Block by block, so that the wide matrix inside stays in the cache.
static elea_status feed_forward(const encoder_run *run, const elea__packed_layer *layer,
                                const elea__norm_weights *norm) {
    const elea__encoder *encoder = run->encoder;
    elea__workspace *space = run->space;
    int64_t step = encoder->block_rows;
    for (int64_t row = 0; row < run->rows; row += step) {
        int64_t count = run->rows - row < step ? run->rows - row : step;
        ELEA_TRY(run_dense(run, ELEA_DENSE_UP, &layer->up, count, row_of(run, space->source, row),
                           space->inside));
        if (encoder->own_gelu)
            encoder->ops->gelu((uint16_t *)space->inside, count * encoder->config.intermediate);
        ELEA_TRY(run_dense(run, ELEA_DENSE_DOWN, &layer->down, count, space->inside,
                           stream_row(run, row)));
        norm_rows(run, norm, row, count);
    }
    return ELEA_OK;
}

// To unit length, so that the mean needs no division by the count. All zeros stay so.
static void pool_text(const encoder_run *run, int64_t row, int64_t length, uint16_t *out) {
    const elea__encoder *encoder = run->encoder;
    int64_t hidden = encoder->config.hidden;
    float *sum = run->space->part;
    memcpy(sum, stream_row(run, row), (size_t)hidden * sizeof(float));
    if (encoder->config.pooling == ELEA_POOLING_MEAN)
        for (int64_t i = 1; i < length; i++)
            encoder->ops->add(stream_row(run, row + i), hidden, sum);
    double squares = 0;
    for (int64_t i = 0; i < hidden; i++)
        squares += (double)sum[i] * sum[i];
    float factor = squares > 0 ? (float)(1 / sqrt(squares)) : 0;
    for (int64_t i = 0; i < hidden; i++)
        sum[i] *= factor;
    elea_half_from_float_run(sum, hidden, out);
}

static elea_status run_layers(const encoder_run *run) {
    const elea__encoder *encoder = run->encoder;
    ELEA_TRY(embed(run));
    for (int32_t i = 0; i < encoder->config.layers; i++) {
        const elea__packed_layer *packed = &encoder->layers[i];
        const elea__layer_weights *weights = &encoder->weights.layers[i];
        ELEA_TRY(project(run, packed));
        ELEA_TRY(attend(run, packed, &weights->mix_norm));
        ELEA_TRY(feed_forward(run, packed, &weights->down_norm));
    }
    return ELEA_OK;
}

elea_status elea__encoder_run(const elea__encoder *encoder, elea__workspace *workspace,
                              const elea__batch *batch, elea_error *err) {
    encoder_run run = {encoder, workspace, batch, elea__tokens_round(batch->tokens), err};
    int before = elea__one_thread_begin(&encoder->openmp);
    elea_status status = run_layers(&run);
    elea__one_thread_end(&encoder->openmp, before);
    ELEA_TRY(status);
    int64_t row = 0;
    for (int64_t i = 0; i < batch->count; i++) {
        int32_t slot = batch->slots[i];
        pool_text(&run, row, batch->lengths[slot], batch->out + slot * encoder->config.hidden);
        row += batch->lengths[slot];
    }
    return ELEA_OK;
}

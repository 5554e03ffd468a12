// SPDX-License-Identifier: Apache-2.0
//
// The transformer encoder: rows of token ids to unit vectors. Texts lie end to end in one matrix
// of tokens, without padding between them; only attention looks at one text at a time.
#ifndef ELEA_EMBED_ENCODER_H
#define ELEA_EMBED_ENCODER_H

#include "embed/model_config.h"
#include "embed/safetensors.h"

// Rows of a batch, and tokens of a text for attention, are rounded up to this, so that few shapes
// occur.
#define ELEA_TOKENS_STEP 16

static inline int64_t elea__tokens_round(int64_t tokens) {
    return (tokens + ELEA_TOKENS_STEP - 1) / ELEA_TOKENS_STEP * ELEA_TOKENS_STEP;
}

// Immutable for its users; safe from any thread.
typedef struct elea__encoder elea__encoder;

// Takes over nothing: `file` must outlive the encoder. Packs the weights on `threads`. `length_max`
// is the longest text it will be given.
ELEA_CHECKED elea_status elea__encoder_new(elea_pool *pool, const elea__safetensors *file,
                                           const elea__model_config *config, bool bfloat,
                                           int64_t length_max, elea_thread_pool *threads,
                                           elea__encoder **out, elea_error *err);
void elea__encoder_free(elea__encoder *encoder);

// Texts that go through the encoder together. Text slots[i] has lengths[slots[i]] ids at
// ids + slots[i] * stride, at least one each, and its vector goes to out + slots[i] * hidden.
typedef struct elea__batch {
    const int32_t *slots;
    int64_t count;
    const int32_t *ids;
    int64_t stride;
    const int32_t *lengths;
    int64_t tokens; // the sum of the lengths
    uint16_t *out;
} elea__batch;

// What one thread needs to run batches of up to `tokens_max` tokens with texts of up to
// `length_max`.
typedef struct elea__workspace elea__workspace;

ELEA_CHECKED elea_status elea__workspace_new(const elea__encoder *encoder, int64_t tokens_max,
                                             int64_t length_max, elea__workspace **out,
                                             elea_error *err);
void elea__workspace_free(elea__workspace *workspace);

ELEA_CHECKED elea_status elea__encoder_run(const elea__encoder *encoder, elea__workspace *workspace,
                                           const elea__batch *batch, elea_error *err);

// 2*m*n*k of all matrix products for one text of `length` tokens.
double elea__encoder_operations(const elea__model_config *config, int64_t length);

#endif // ELEA_EMBED_ENCODER_H

// SPDX-License-Identifier: Apache-2.0
//
// The tensors of a BERT-family encoder in a safetensors file, found by name and checked against the
// configuration.
#ifndef ELEA_EMBED_WEIGHTS_H
#define ELEA_EMBED_WEIGHTS_H

#include "embed/model_config.h"
#include "embed/safetensors.h"

// float32 values: in the file where they are stored so, else converted into memory of the pool.
typedef struct elea__floats {
    const float *data;
    void *owned; // or NULL
    int64_t count;
} elea__floats;

ELEA_CHECKED elea_status elea__floats_view(const elea__tensor *tensor, elea_pool *pool,
                                           elea__floats *out, elea_error *err);
void elea__floats_release(elea_pool *pool, elea__floats *floats);

// Converts values [offset, offset + count) of an F32, F16 or BF16 tensor.
void elea__tensor_widen(const elea__tensor *tensor, int64_t offset, int64_t count, float *out);

typedef struct elea__dense_weights {
    const elea__tensor *matrix; // [outer, inner]
    elea__floats bias;
} elea__dense_weights;

typedef struct elea__norm_weights {
    elea__floats gain;
    elea__floats shift;
} elea__norm_weights;

typedef struct elea__layer_weights {
    elea__dense_weights query;
    elea__dense_weights key;
    elea__dense_weights value;
    elea__dense_weights mix; // what attention gives, back into the residual stream
    elea__norm_weights mix_norm;
    elea__dense_weights up;
    elea__dense_weights down;
    elea__norm_weights down_norm;
} elea__layer_weights;

typedef struct elea__weights {
    elea_pool *pool;
    const elea__tensor *words;
    const elea__tensor *positions;
    const elea__tensor *types;
    elea__norm_weights norm;
    elea__layer_weights *layers;
    int64_t layer_count;
} elea__weights;

// Finds all tensors; they borrow from `file`. Names may have a prefix ("bert.", "0.auto_model.",
// "model.") before Hugging Face's own.
ELEA_CHECKED elea_status elea__weights_init(elea__weights *weights, const elea__safetensors *file,
                                            const elea__model_config *config, elea_pool *pool,
                                            elea_error *err);
void elea__weights_release(elea__weights *weights);

#endif // ELEA_EMBED_WEIGHTS_H

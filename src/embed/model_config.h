// SPDX-License-Identifier: Apache-2.0
//
// What a model folder's JSON files say about the encoder, checked: config.json, and where they are
// there sentence_bert_config.json, tokenizer_config.json, modules.json, 1_Pooling/config.json.
#ifndef ELEA_EMBED_MODEL_CONFIG_H
#define ELEA_EMBED_MODEL_CONFIG_H

#include <elea/base.h>

typedef enum elea__activation {
    ELEA_ACTIVATION_GELU,      // x * Phi(x), by the error function
    ELEA_ACTIVATION_GELU_TANH, // its approximation by tanh
    ELEA_ACTIVATION_RELU,
} elea__activation;

typedef enum elea__pooling {
    ELEA_POOLING_MEAN,
    ELEA_POOLING_CLS,
} elea__pooling;

typedef struct elea__model_config {
    int32_t hidden;       // width of the residual stream, and of the vector
    int32_t intermediate; // width inside the feed-forward part
    int32_t layers;
    int32_t heads; // divides `hidden`
    int32_t positions;
    int32_t vocabulary;
    int32_t token_types;
    int32_t length_max; // tokens of a text, by default
    float layer_norm_epsilon;
    elea__activation activation;
    elea__pooling pooling;
} elea__model_config;

// The longest text any model is run with: attention needs memory by its square.
#define ELEA_LENGTH_MAX 4096

ELEA_CHECKED elea_status elea__model_config_read(const char *directory, elea_pool *pool,
                                                 elea__model_config *out, elea_error *err);

#endif // ELEA_EMBED_MODEL_CONFIG_H

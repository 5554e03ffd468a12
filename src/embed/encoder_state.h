// SPDX-License-Identifier: Apache-2.0
//
// What the encoder is made of: packed weights, the products made so far, and a thread's workspace.
// For encoder.c and encoder_state.c alone.
#ifndef ELEA_EMBED_ENCODER_STATE_H
#define ELEA_EMBED_ENCODER_STATE_H

#include <stdatomic.h>

#include "embed/encoder.h"
#include "embed/one_thread.h"
#include "embed/product.h"
#include "embed/rows.h"
#include "embed/weights.h"

// Dense layers that share a shape, but for the rows.
typedef enum elea__dense_kind {
    ELEA_DENSE_PROJECT, // residual stream -> queries, keys or values
    ELEA_DENSE_MIX,     // attention's result -> added to the residual stream
    ELEA_DENSE_UP,      // residual stream -> the feed-forward part
    ELEA_DENSE_DOWN,    // the feed-forward part -> added to the residual stream
    ELEA_DENSE_KIND_COUNT,
} elea__dense_kind;

// Dense layers work on so many rows at a time: all that one block touches stays in the second
// level cache, and there are only so many shapes.
#define ELEA_BLOCK_ROWS 128

typedef struct elea__packed {
    void *data;
    int64_t size;
    const float *bias;
} elea__packed;

typedef struct elea__packed_layer {
    elea__packed query;
    elea__packed key;
    elea__packed value;
    elea__packed mix;
    elea__packed up;
    elea__packed down;
} elea__packed_layer;

// A place for a product that is made when first needed, by whichever thread comes first.
typedef _Atomic(elea__product *) elea__product_slot;

struct elea__encoder {
    elea_pool *pool;
    elea__model_config config;
    elea__weights weights;
    const elea__rows_ops *ops;
    elea__openmp openmp;
    dnnl_engine_t engine;
    bool bfloat;
    bool own_gelu;      // gelu is a pass of ours, not part of the product
    int64_t value_size; // of a value in products
    int64_t block_rows;
    elea__packed_layer *layers;
    dnnl_memory_desc_t layouts[ELEA_DENSE_KIND_COUNT]; // of packed weights
    // By rows / ELEA_TOKENS_STEP - 1, and by length / ELEA_TOKENS_STEP - 1.
    elea__product_slot *dense[ELEA_DENSE_KIND_COUNT];
    elea__product_slot *scores;
    elea__product_slot *mixes;
    int64_t dense_count;
    int64_t attention_count;
};

// The product for `rows`, which is made if it is not there.
ELEA_CHECKED elea_status elea__encoder_dense(const elea__encoder *encoder, elea__dense_kind kind,
                                             int64_t rows, const elea__product **out,
                                             elea_error *err);
ELEA_CHECKED elea_status elea__encoder_attention(const elea__encoder *encoder, int64_t length,
                                                 const elea__product **scores,
                                                 const elea__product **mix, elea_error *err);

// Matrices have a row for each token and, where attention reads past the last text, a step more.
struct elea__workspace {
    elea_pool *pool;
    dnnl_stream_t stream;
    void *memory; // all of the following but scratch
    int64_t memory_size;
    float *stream_rows; // the residual stream
    void *source;       // the same as products read it; in float32 the same matrix
    void *queries;
    void *keys;
    void *values;
    void *mixed;
    void *inside;  // of the feed-forward part, a block
    float *scores; // of one text
    void *shares;  // the scores after softmax; in float32 the same matrix
    float *part;   // one row
    void *scratch;
    int64_t scratch_size;
};

// Makes `scratch` large enough for a product.
ELEA_CHECKED elea_status elea__workspace_scratch(elea__workspace *workspace,
                                                 const elea__product *product, elea_error *err);

#endif // ELEA_EMBED_ENCODER_STATE_H

// SPDX-License-Identifier: Apache-2.0
//
// The matrix products of the encoder, made by oneDNN: each is a primitive for one shape, immutable
// once made, that any thread may run with memory of its own.
#ifndef ELEA_EMBED_PRODUCT_H
#define ELEA_EMBED_PRODUCT_H

#include <dnnl.h>
#include <elea/base.h>

// ELEA_OK, or what a oneDNN status means: ELEA_ENOMEM, ELEA_EUNSUPPORTED for "unimplemented", else
// ELEA_EFOREIGN. `what` was being done.
ELEA_CHECKED elea_status elea__dnnl_check(dnnl_status_t status, const char *what, elea_error *err);

typedef struct elea__product {
    dnnl_primitive_t primitive;
    dnnl_memory_desc_t source;
    dnnl_memory_desc_t weights; // the layout they must have
    dnnl_memory_desc_t bias;    // ndims 0: none
    dnnl_memory_desc_t target;
    dnnl_memory_desc_t scratch;
} elea__product;

// target = after(source * weights + bias), for `rows` rows of `inner` values.
typedef struct elea__dense_shape {
    int64_t rows;
    int64_t inner;
    int64_t outer;
    dnnl_data_type_t type;   // of source and weights
    dnnl_data_type_t target; // bias is float32
    bool adds;               // target += instead of =
    dnnl_alg_kind_t after;   // an element-wise function, or dnnl_undef
} elea__dense_shape;

// `layout` is that of weights packed before, or NULL: what oneDNN likes best for this shape.
ELEA_CHECKED elea_status elea__product_new_dense(elea_pool *pool, dnnl_engine_t engine,
                                                 const elea__dense_shape *shape,
                                                 const dnnl_memory_desc_t *layout,
                                                 elea__product **out, elea_error *err);

// The two products of attention for one text of `length` tokens, all heads at once. Queries, keys,
// values and results are matrices [length][heads][width]; scores are [heads][length][length].
typedef struct elea__attention_shape {
    int64_t length;
    int64_t heads;
    int64_t width;
    dnnl_data_type_t type; // of all but the scores, which are float32
} elea__attention_shape;

// scores = queries * keys, transposed, of each head.
ELEA_CHECKED elea_status elea__product_new_scores(elea_pool *pool, dnnl_engine_t engine,
                                                  const elea__attention_shape *shape,
                                                  elea__product **out, elea_error *err);
// result = weights (the scores after softmax, in `type`) * values of each head.
ELEA_CHECKED elea_status elea__product_new_mix(elea_pool *pool, dnnl_engine_t engine,
                                               const elea__attention_shape *shape,
                                               elea__product **out, elea_error *err);

void elea__product_free(elea_pool *pool, elea__product *product);

// What one run works on. `scratch` has at least the bytes of the product's scratch descriptor.
typedef struct elea__operands {
    const void *source;
    const void *weights;
    const float *bias; // or NULL
    void *target;
    void *scratch;
} elea__operands;

ELEA_CHECKED elea_status elea__product_run(const elea__product *product, dnnl_engine_t engine,
                                           dnnl_stream_t stream, const elea__operands *operands,
                                           elea_error *err);

// Packs a matrix [outer][inner] of float32, as the weights of a dense layer are stored, into
// `layout`: `target` has dnnl_memory_desc_get_size(layout) bytes.
ELEA_CHECKED elea_status elea__product_pack(dnnl_engine_t engine, dnnl_stream_t stream,
                                            const float *matrix, int64_t outer, int64_t inner,
                                            const dnnl_memory_desc_t *layout, void *target,
                                            elea_error *err);

#endif // ELEA_EMBED_PRODUCT_H

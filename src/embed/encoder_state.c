// SPDX-License-Identifier: Apache-2.0
#include "embed/encoder_state.h"

#include <string.h>

static dnnl_data_type_t value_type(const elea__encoder *encoder) {
    return encoder->bfloat ? dnnl_bf16 : dnnl_f32;
}

static dnnl_alg_kind_t activation_of(const elea__encoder *encoder) {
    if (encoder->own_gelu)
        return dnnl_alg_kind_undef;
    switch (encoder->config.activation) {
    case ELEA_ACTIVATION_GELU:
        return dnnl_eltwise_gelu_erf;
    case ELEA_ACTIVATION_GELU_TANH:
        return dnnl_eltwise_gelu_tanh;
    default:
        return dnnl_eltwise_relu;
    }
}

static elea__dense_shape shape_of(const elea__encoder *encoder, elea__dense_kind kind,
                                  int64_t rows) {
    int64_t hidden = encoder->config.hidden;
    int64_t inside = encoder->config.intermediate;
    bool adds = kind == ELEA_DENSE_MIX || kind == ELEA_DENSE_DOWN;
    return (elea__dense_shape){
        .rows = rows,
        .inner = kind == ELEA_DENSE_DOWN ? inside : hidden,
        .outer = kind == ELEA_DENSE_UP ? inside : hidden,
        .type = value_type(encoder),
        .target = adds ? dnnl_f32 : value_type(encoder),
        .adds = adds,
        .after = kind == ELEA_DENSE_UP ? activation_of(encoder) : dnnl_alg_kind_undef,
    };
}

// Two threads may make the same product; the second throws its own away.
static const elea__product *publish(const elea__encoder *encoder, elea__product_slot *slot,
                                    elea__product *product) {
    elea__product *before = NULL;
    if (atomic_compare_exchange_strong(slot, &before, product))
        return product;
    elea__product_free(encoder->pool, product);
    return before;
}

elea_status elea__encoder_dense(const elea__encoder *encoder, elea__dense_kind kind, int64_t rows,
                                const elea__product **out, elea_error *err) {
    elea__product_slot *slot = &encoder->dense[kind][rows / ELEA_TOKENS_STEP - 1];
    *out = atomic_load(slot);
    if (*out != NULL)
        return ELEA_OK;
    elea__dense_shape shape = shape_of(encoder, kind, rows);
    const dnnl_memory_desc_t *layout = &encoder->layouts[kind];
    elea__product *product = NULL;
    ELEA_TRY(elea__product_new_dense(encoder->pool, encoder->engine, &shape,
                                     layout->ndims ? layout : NULL, &product, err));
    *out = publish(encoder, slot, product);
    return ELEA_OK;
}

elea_status elea__encoder_attention(const elea__encoder *encoder, int64_t length,
                                    const elea__product **scores, const elea__product **mix,
                                    elea_error *err) {
    int64_t index = length / ELEA_TOKENS_STEP - 1;
    elea__attention_shape shape = {
        .length = length,
        .heads = encoder->config.heads,
        .width = encoder->config.hidden / encoder->config.heads,
        .type = value_type(encoder),
    };
    elea__product *product = NULL;
    *scores = atomic_load(&encoder->scores[index]);
    if (*scores == NULL) {
        ELEA_TRY(elea__product_new_scores(encoder->pool, encoder->engine, &shape, &product, err));
        *scores = publish(encoder, &encoder->scores[index], product);
    }
    *mix = atomic_load(&encoder->mixes[index]);
    if (*mix == NULL) {
        ELEA_TRY(elea__product_new_mix(encoder->pool, encoder->engine, &shape, &product, err));
        *mix = publish(encoder, &encoder->mixes[index], product);
    }
    return ELEA_OK;
}

static elea_status pack(const elea__encoder *encoder, elea__dense_kind kind, dnnl_stream_t stream,
                        const elea__dense_weights *weights, elea__packed *out, elea_error *err) {
    const elea__tensor *matrix = weights->matrix;
    const dnnl_memory_desc_t *layout = &encoder->layouts[kind];
    int64_t size = (int64_t)dnnl_memory_desc_get_size(layout);
    elea__floats floats = {0};
    out->bias = weights->bias.data;
    ELEA_TRY(elea_alloc(encoder->pool, size, &out->data, err));
    out->size = size;
    ELEA_TRY(elea__floats_view(matrix, encoder->pool, &floats, err));
    elea_status status = elea__product_pack(encoder->engine, stream, floats.data, matrix->shape[0],
                                            matrix->shape[1], layout, out->data, err);
    elea__floats_release(encoder->pool, &floats);
    return status;
}

static elea_status pack_layer(const elea__encoder *encoder, int64_t index, dnnl_stream_t stream,
                              elea_error *err) {
    const elea__layer_weights *from = &encoder->weights.layers[index];
    elea__packed_layer *to = &encoder->layers[index];
    ELEA_TRY(pack(encoder, ELEA_DENSE_PROJECT, stream, &from->query, &to->query, err));
    ELEA_TRY(pack(encoder, ELEA_DENSE_PROJECT, stream, &from->key, &to->key, err));
    ELEA_TRY(pack(encoder, ELEA_DENSE_PROJECT, stream, &from->value, &to->value, err));
    ELEA_TRY(pack(encoder, ELEA_DENSE_MIX, stream, &from->mix, &to->mix, err));
    ELEA_TRY(pack(encoder, ELEA_DENSE_UP, stream, &from->up, &to->up, err));
    return pack(encoder, ELEA_DENSE_DOWN, stream, &from->down, &to->down, err);
}

// A morsel of elea_thread_pool_for(): layers [begin, end).
static elea_status pack_morsel(void *context, int64_t begin, int64_t end, int worker,
                               elea_error *err) {
    (void)worker;
    const elea__encoder *encoder = (const elea__encoder *)context;
    dnnl_stream_t stream = NULL;
    int before = elea__one_thread_begin(&encoder->openmp);
    elea_status status = elea__dnnl_check(
        dnnl_stream_create(&stream, encoder->engine, dnnl_stream_default_flags), "start", err);
    for (int64_t i = begin; status == ELEA_OK && i < end; i++)
        status = pack_layer(encoder, i, stream, err);
    dnnl_stream_destroy(stream);
    elea__one_thread_end(&encoder->openmp, before);
    return status;
}

static elea_status make_slots(elea_pool *pool, int64_t count, elea__product_slot **out,
                              elea_error *err) {
    void *memory = NULL;
    ELEA_TRY(elea_alloc_zero(pool, count * (int64_t)sizeof(elea__product_slot), &memory, err));
    *out = (elea__product_slot *)memory;
    return ELEA_OK;
}

// Whole blocks decide how the weights are packed; other numbers of rows use them so.
static elea_status choose_layouts(elea__encoder *encoder, elea_error *err) {
    for (int kind = 0; kind < ELEA_DENSE_KIND_COUNT; kind++) {
        const elea__product *product = NULL;
        ELEA_TRY(make_slots(encoder->pool, encoder->dense_count, &encoder->dense[kind], err));
        ELEA_TRY(elea__encoder_dense(encoder, (elea__dense_kind)kind, encoder->block_rows, &product,
                                     err));
        encoder->layouts[kind] = product->weights;
    }
    return ELEA_OK;
}

static elea_status fill(elea__encoder *encoder, const elea__safetensors *file,
                        elea_thread_pool *threads, elea_error *err) {
    ELEA_TRY(elea__weights_init(&encoder->weights, file, &encoder->config, encoder->pool, err));
    ELEA_TRY(elea__dnnl_check(dnnl_engine_create(&encoder->engine, dnnl_cpu, 0), "start", err));
    ELEA_TRY(make_slots(encoder->pool, encoder->attention_count, &encoder->scores, err));
    ELEA_TRY(make_slots(encoder->pool, encoder->attention_count, &encoder->mixes, err));
    int before = elea__one_thread_begin(&encoder->openmp);
    elea_status status = choose_layouts(encoder, err);
    elea__one_thread_end(&encoder->openmp, before);
    ELEA_TRY(status);
    void *memory = NULL;
    ELEA_TRY(elea_alloc_zero(
        encoder->pool, encoder->config.layers * (int64_t)sizeof *encoder->layers, &memory, err));
    encoder->layers = (elea__packed_layer *)memory;
    return elea_thread_pool_for(threads, encoder->config.layers, 1, pack_morsel, encoder, NULL,
                                err);
}

elea_status elea__encoder_new(elea_pool *pool, const elea__safetensors *file,
                              const elea__model_config *config, bool bfloat, int64_t length_max,
                              elea_thread_pool *threads, elea__encoder **out, elea_error *err) {
    void *memory = NULL;
    ELEA_TRY(elea_alloc_zero(pool, sizeof(elea__encoder), &memory, err));
    elea__encoder *encoder = (elea__encoder *)memory;
    encoder->pool = pool;
    encoder->config = *config;
    encoder->bfloat = bfloat;
    encoder->value_size = bfloat ? 2 : 4;
    // In bfloat16 a pass of ours takes a third of the time that the product's own gelu adds.
    encoder->own_gelu = bfloat && config->activation == ELEA_ACTIVATION_GELU;
    encoder->block_rows = ELEA_BLOCK_ROWS;
    encoder->dense_count = ELEA_BLOCK_ROWS / ELEA_TOKENS_STEP;
    encoder->attention_count = elea__tokens_round(length_max) / ELEA_TOKENS_STEP;
    encoder->ops = elea__rows_ops_get();
    elea__openmp_find(&encoder->openmp);
    elea_status status = fill(encoder, file, threads, err);
    if (status == ELEA_OK)
        *out = encoder;
    else
        elea__encoder_free(encoder);
    return status;
}

static void free_slots(elea_pool *pool, elea__product_slot *slots, int64_t count) {
    if (slots == NULL)
        return;
    for (int64_t i = 0; i < count; i++)
        elea__product_free(pool, atomic_load(&slots[i]));
    elea_dealloc(pool, slots, count * (int64_t)sizeof *slots);
}

static void free_layers(elea__encoder *encoder) {
    if (encoder->layers == NULL)
        return;
    for (int32_t i = 0; i < encoder->config.layers; i++) {
        elea__packed_layer *layer = &encoder->layers[i];
        elea__packed *all[] = {&layer->query, &layer->key, &layer->value,
                               &layer->mix,   &layer->up,  &layer->down};
        for (size_t j = 0; j < sizeof all / sizeof all[0]; j++)
            elea_dealloc(encoder->pool, all[j]->data, all[j]->size);
    }
    elea_dealloc(encoder->pool, encoder->layers,
                 encoder->config.layers * (int64_t)sizeof *encoder->layers);
}

void elea__encoder_free(elea__encoder *encoder) {
    if (encoder == NULL)
        return;
    elea_pool *pool = encoder->pool;
    free_layers(encoder);
    for (int kind = 0; kind < ELEA_DENSE_KIND_COUNT; kind++)
        free_slots(pool, encoder->dense[kind], encoder->dense_count);
    free_slots(pool, encoder->scores, encoder->attention_count);
    free_slots(pool, encoder->mixes, encoder->attention_count);
    dnnl_engine_destroy(encoder->engine);
    elea__weights_release(&encoder->weights);
    elea_dealloc(pool, encoder, sizeof *encoder);
}

// Cuts one block of memory into matrices: with `base` NULL only adds up the sizes.
typedef struct carver {
    uint8_t *base;
    int64_t used;
} carver;

static void *carve(carver *from, int64_t size) {
    uint8_t *start = from->base ? from->base + from->used : NULL;
    from->used += (size + ELEA_ALIGNMENT - 1) / ELEA_ALIGNMENT * ELEA_ALIGNMENT;
    return start;
}

// Sizes stay far below 2^63: hidden and intermediate are at most 2^16, heads 2^10, and tokens
// 2^12 or the few of a batch.
static void carve_workspace(const elea__encoder *encoder, int64_t tokens_max, int64_t length_max,
                            carver *from, elea__workspace *space) {
    int64_t rows = elea__tokens_round(tokens_max) + ELEA_TOKENS_STEP;
    int64_t hidden = encoder->config.hidden;
    int64_t length = elea__tokens_round(length_max);
    int64_t values = rows * hidden * encoder->value_size;
    int64_t scores = encoder->config.heads * length * length;
    int64_t block = rows < encoder->block_rows ? rows : encoder->block_rows;
    space->stream_rows = (float *)carve(from, rows * hidden * (int64_t)sizeof(float));
    space->source = encoder->bfloat ? carve(from, values) : space->stream_rows;
    space->queries = carve(from, values);
    space->keys = carve(from, values);
    space->values = carve(from, values);
    space->mixed = carve(from, values);
    space->inside = carve(from, block * encoder->config.intermediate * encoder->value_size);
    space->scores = (float *)carve(from, scores * (int64_t)sizeof(float));
    space->shares = encoder->bfloat ? carve(from, scores * encoder->value_size) : space->scores;
    space->part = (float *)carve(from, hidden * (int64_t)sizeof(float));
}

elea_status elea__workspace_new(const elea__encoder *encoder, int64_t tokens_max,
                                int64_t length_max, elea__workspace **out, elea_error *err) {
    elea_status status = ELEA_OK;
    void *memory = NULL;
    carver sizes = {0};
    ELEA_TRY(elea_alloc_zero(encoder->pool, sizeof(elea__workspace), &memory, err));
    elea__workspace *space = (elea__workspace *)memory;
    space->pool = encoder->pool;
    carve_workspace(encoder, tokens_max, length_max, &sizes, space);
    // Zero, so that the step after the last row holds numbers.
    ELEA_GOTO(done, elea_alloc_zero(space->pool, sizes.used, &space->memory, err));
    space->memory_size = sizes.used;
    carver pieces = {(uint8_t *)space->memory, 0};
    carve_workspace(encoder, tokens_max, length_max, &pieces, space);
    ELEA_GOTO(done, elea__dnnl_check(dnnl_stream_create(&space->stream, encoder->engine,
                                                        dnnl_stream_default_flags),
                                     "start", err));
done:
    if (status == ELEA_OK)
        *out = space;
    else
        elea__workspace_free(space);
    return status;
}

void elea__workspace_free(elea__workspace *workspace) {
    if (workspace == NULL)
        return;
    dnnl_stream_destroy(workspace->stream);
    elea_dealloc(workspace->pool, workspace->scratch, workspace->scratch_size);
    elea_dealloc(workspace->pool, workspace->memory, workspace->memory_size);
    elea_dealloc(workspace->pool, workspace, sizeof *workspace);
}

elea_status elea__workspace_scratch(elea__workspace *workspace, const elea__product *product,
                                    elea_error *err) {
    int64_t size = (int64_t)dnnl_memory_desc_get_size(&product->scratch);
    if (size <= workspace->scratch_size)
        return ELEA_OK;
    elea_dealloc(workspace->pool, workspace->scratch, workspace->scratch_size);
    workspace->scratch = NULL;
    workspace->scratch_size = 0;
    ELEA_TRY(elea_alloc(workspace->pool, size, &workspace->scratch, err));
    workspace->scratch_size = size;
    return ELEA_OK;
}

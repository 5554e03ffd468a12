// SPDX-License-Identifier: Apache-2.0
#include "embed/weights.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "embed/rows.h"

static const char *const prefixes[] = {"", "bert.", "0.auto_model.", "model.", "model.bert."};
#define PREFIX_COUNT ((int)(sizeof prefixes / sizeof prefixes[0]))
#define NAME_SIZE 192

// Where tensors are looked for, and the first part of their names.
typedef struct name_scope {
    const elea__safetensors *file;
    elea_pool *pool;
    char base[NAME_SIZE];
} name_scope;

static elea_status check_tensor(const name_scope *scope, const elea__tensor *tensor, int32_t rank,
                                const int64_t *shape, elea_error *err) {
    const char *path = elea__safetensors_path(scope->file);
    bool equal = tensor->rank == rank;
    for (int32_t i = 0; equal && i < rank; i++)
        equal = tensor->shape[i] == shape[i];
    if (!equal) {
        char found[160];
        char expected[160];
        return elea_error_set(
            err, ELEA_EINVAL, "%s: tensor '%s' has shape %s, expected %s by config.json", path,
            tensor->name, elea__tensor_shape_text(tensor->shape, tensor->rank, found, 160),
            elea__tensor_shape_text(shape, rank, expected, 160));
    }
    if (tensor->type != ELEA_TENSOR_F32 && tensor->type != ELEA_TENSOR_F16 &&
        tensor->type != ELEA_TENSOR_BF16)
        return elea_error_set(err, ELEA_ETYPE, "%s: tensor '%s' is %s, expected F32, F16 or BF16",
                              path, tensor->name, elea__tensor_type_name(tensor->type));
    return ELEA_OK;
}

// `old_name` is what early checkpoints call it, or NULL.
static elea_status find_tensor(const name_scope *scope, const char *name, const char *old_name,
                               int32_t rank, const int64_t *shape, const elea__tensor **out,
                               elea_error *err) {
    char full[2 * NAME_SIZE];
    const elea__tensor *tensor = NULL;
    if (old_name != NULL) {
        snprintf(full, sizeof full, "%s%s", scope->base, old_name);
        tensor = elea__safetensors_find(scope->file, full);
    }
    if (tensor == NULL) {
        snprintf(full, sizeof full, "%s%s", scope->base, name);
        tensor = elea__safetensors_find(scope->file, full);
    }
    if (tensor == NULL) {
        char expected[160];
        return elea_error_set(err, ELEA_EINVAL,
                              "%s: tensor '%s' is missing, expected with shape %s",
                              elea__safetensors_path(scope->file), full,
                              elea__tensor_shape_text(shape, rank, expected, 160));
    }
    ELEA_TRY(check_tensor(scope, tensor, rank, shape, err));
    *out = tensor;
    return ELEA_OK;
}

static elea_status find_floats(const name_scope *scope, const char *name, const char *old_name,
                               int64_t count, elea__floats *out, elea_error *err) {
    const elea__tensor *tensor = NULL;
    ELEA_TRY(find_tensor(scope, name, old_name, 1, &count, &tensor, err));
    return elea__floats_view(tensor, scope->pool, out, err);
}

static elea_status find_norm(const name_scope *scope, const char *name, int64_t width,
                             elea__norm_weights *out, elea_error *err) {
    char names[4][NAME_SIZE];
    snprintf(names[0], NAME_SIZE, "%s.weight", name);
    snprintf(names[1], NAME_SIZE, "%s.gamma", name);
    snprintf(names[2], NAME_SIZE, "%s.bias", name);
    snprintf(names[3], NAME_SIZE, "%s.beta", name);
    ELEA_TRY(find_floats(scope, names[0], names[1], width, &out->gain, err));
    return find_floats(scope, names[2], names[3], width, &out->shift, err);
}

static elea_status find_dense(const name_scope *scope, const char *name, int64_t outer,
                              int64_t inner, elea__dense_weights *out, elea_error *err) {
    char full[NAME_SIZE];
    snprintf(full, sizeof full, "%s.weight", name);
    ELEA_TRY(find_tensor(scope, full, NULL, 2, (int64_t[]){outer, inner}, &out->matrix, err));
    snprintf(full, sizeof full, "%s.bias", name);
    return find_floats(scope, full, NULL, outer, &out->bias, err);
}

static elea_status find_layer(const name_scope *scope, const elea__model_config *config,
                              elea__layer_weights *out, elea_error *err) {
    int64_t hidden = config->hidden;
    int64_t inside = config->intermediate;
    ELEA_TRY(find_dense(scope, "attention.self.query", hidden, hidden, &out->query, err));
    ELEA_TRY(find_dense(scope, "attention.self.key", hidden, hidden, &out->key, err));
    ELEA_TRY(find_dense(scope, "attention.self.value", hidden, hidden, &out->value, err));
    ELEA_TRY(find_dense(scope, "attention.output.dense", hidden, hidden, &out->mix, err));
    ELEA_TRY(find_norm(scope, "attention.output.LayerNorm", hidden, &out->mix_norm, err));
    ELEA_TRY(find_dense(scope, "intermediate.dense", inside, hidden, &out->up, err));
    ELEA_TRY(find_dense(scope, "output.dense", hidden, inside, &out->down, err));
    return find_norm(scope, "output.LayerNorm", hidden, &out->down_norm, err);
}

static elea_status find_embeddings(const name_scope *scope, const elea__model_config *config,
                                   elea__weights *out, elea_error *err) {
    int64_t hidden = config->hidden;
    ELEA_TRY(find_tensor(scope, "embeddings.word_embeddings.weight", NULL, 2,
                         (int64_t[]){config->vocabulary, hidden}, &out->words, err));
    ELEA_TRY(find_tensor(scope, "embeddings.position_embeddings.weight", NULL, 2,
                         (int64_t[]){config->positions, hidden}, &out->positions, err));
    ELEA_TRY(find_tensor(scope, "embeddings.token_type_embeddings.weight", NULL, 2,
                         (int64_t[]){config->token_types, hidden}, &out->types, err));
    return find_norm(scope, "embeddings.LayerNorm", hidden, &out->norm, err);
}

static const char *find_prefix(const elea__safetensors *file) {
    for (int i = 0; i < PREFIX_COUNT; i++) {
        char name[NAME_SIZE];
        snprintf(name, sizeof name, "%sembeddings.word_embeddings.weight", prefixes[i]);
        if (elea__safetensors_find(file, name) != NULL)
            return prefixes[i];
    }
    return "";
}

static elea_status find_all(elea__weights *weights, const elea__safetensors *file,
                            const elea__model_config *config, elea_error *err) {
    name_scope scope = {.file = file, .pool = weights->pool};
    const char *prefix = find_prefix(file);
    snprintf(scope.base, sizeof scope.base, "%s", prefix);
    ELEA_TRY(find_embeddings(&scope, config, weights, err));
    void *memory = NULL;
    ELEA_TRY(elea_alloc_zero(weights->pool, config->layers * (int64_t)sizeof *weights->layers,
                             &memory, err));
    weights->layers = (elea__layer_weights *)memory;
    weights->layer_count = config->layers;
    for (int32_t i = 0; i < config->layers; i++) {
        snprintf(scope.base, sizeof scope.base, "%sencoder.layer.%d.", prefix, (int)i);
        ELEA_TRY(find_layer(&scope, config, &weights->layers[i], err));
    }
    return ELEA_OK;
}

elea_status elea__weights_init(elea__weights *weights, const elea__safetensors *file,
                               const elea__model_config *config, elea_pool *pool, elea_error *err) {
    *weights = (elea__weights){.pool = pool};
    elea_status status = find_all(weights, file, config, err);
    if (status != ELEA_OK)
        elea__weights_release(weights);
    return status;
}

static void release_norm(elea_pool *pool, elea__norm_weights *norm) {
    elea__floats_release(pool, &norm->gain);
    elea__floats_release(pool, &norm->shift);
}

void elea__weights_release(elea__weights *weights) {
    elea_pool *pool = weights->pool;
    release_norm(pool, &weights->norm);
    for (int64_t i = 0; i < weights->layer_count; i++) {
        elea__layer_weights *layer = &weights->layers[i];
        elea__floats_release(pool, &layer->query.bias);
        elea__floats_release(pool, &layer->key.bias);
        elea__floats_release(pool, &layer->value.bias);
        elea__floats_release(pool, &layer->mix.bias);
        elea__floats_release(pool, &layer->up.bias);
        elea__floats_release(pool, &layer->down.bias);
        release_norm(pool, &layer->mix_norm);
        release_norm(pool, &layer->down_norm);
    }
    elea_dealloc(pool, weights->layers, weights->layer_count * (int64_t)sizeof *weights->layers);
    *weights = (elea__weights){.pool = pool};
}

#define WIDEN_COUNT 512

void elea__tensor_widen(const elea__tensor *tensor, int64_t offset, int64_t count, float *out) {
    if (tensor->type == ELEA_TENSOR_F32) {
        memcpy(out, tensor->data + offset * 4, (size_t)count * 4);
        return;
    }
    // The file may have put them at an odd address.
    uint16_t halves[WIDEN_COUNT];
    for (int64_t done = 0; done < count; done += WIDEN_COUNT) {
        int64_t part = count - done < WIDEN_COUNT ? count - done : WIDEN_COUNT;
        memcpy(halves, tensor->data + (offset + done) * 2, (size_t)part * 2);
        if (tensor->type == ELEA_TENSOR_F16)
            elea_half_to_float_run(halves, part, out + done);
        else
            elea__rows_ops_get()->widen(halves, part, out + done);
    }
}

elea_status elea__floats_view(const elea__tensor *tensor, elea_pool *pool, elea__floats *out,
                              elea_error *err) {
    bool aligned = (uintptr_t)tensor->data % sizeof(float) == 0;
    if (tensor->type == ELEA_TENSOR_F32 && aligned) {
        *out = (elea__floats){(const float *)(const void *)tensor->data, NULL, tensor->count};
        return ELEA_OK;
    }
    void *memory = NULL;
    ELEA_TRY(elea_alloc(pool, tensor->count * (int64_t)sizeof(float), &memory, err));
    elea__tensor_widen(tensor, 0, tensor->count, (float *)memory);
    *out = (elea__floats){(const float *)memory, memory, tensor->count};
    return ELEA_OK;
}

void elea__floats_release(elea_pool *pool, elea__floats *floats) {
    elea_dealloc(pool, floats->owned, floats->count * (int64_t)sizeof(float));
    *floats = (elea__floats){0};
}

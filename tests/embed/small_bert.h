// SPDX-License-Identifier: Apache-2.0
//
// A BERT of random weights, written as a model folder, and the same computed in float64 from the
// definition.
#ifndef ELEA_TESTS_EMBED_SMALL_BERT_H
#define ELEA_TESTS_EMBED_SMALL_BERT_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "embed/safetensors.h"
#include "support/cmocka_all.h"
#include "support/random.h"
#include "support/scratch.h"

enum {
    SMALL_HIDDEN = 32,
    SMALL_INSIDE = 48,
    SMALL_HEADS = 4,
    SMALL_LAYERS = 2,
    SMALL_POSITIONS = 40,
    SMALL_WORDS = 14,
    SMALL_TENSORS = 5 + 16 * SMALL_LAYERS,
};

typedef struct small_tensor {
    char name[96];
    int rows; // 0: a vector
    int columns;
    float *values;
} small_tensor;

typedef struct small_bert {
    const char *prefix;
    const char *activation;
    const char *pooling; // "mean" or "cls"
    elea__tensor_type type;
    int padding;      // spaces after the header, so that tensors are aligned to nothing
    const char *skip; // the tensor to leave out, or NULL
    small_tensor tensors[SMALL_TENSORS];
    int count;
    uint64_t seed;
    elea_test_scratch scratch;
} small_bert;

// The value as it will be stored.
static float small_round(elea__tensor_type type, float value) {
    if (type == ELEA_TENSOR_F16)
        return elea_half_to_float(elea_half_from_float(value));
    if (type == ELEA_TENSOR_BF16) {
        uint32_t bits;
        memcpy(&bits, &value, 4);
        bits &= 0xffff0000;
        memcpy(&value, &bits, 4);
    }
    return value;
}

static void small_add(small_bert *bert, const char *name, int rows, int columns, float centre,
                      float spread) {
    small_tensor *tensor = &bert->tensors[bert->count++];
    snprintf(tensor->name, sizeof tensor->name, "%s", name);
    tensor->rows = rows;
    tensor->columns = columns;
    int64_t count = (int64_t)(rows ? rows : 1) * columns;
    tensor->values = (float *)malloc((size_t)count * sizeof(float));
    for (int64_t i = 0; i < count; i++) {
        float unit = (float)elea_test_random_below(&bert->seed, 20001) / 10000.0f - 1.0f;
        tensor->values[i] = small_round(bert->type, centre + spread * unit);
    }
}

static void small_add_dense(small_bert *bert, const char *base, const char *name, int outer,
                            int inner) {
    char full[96];
    snprintf(full, sizeof full, "%s%s.weight", base, name);
    small_add(bert, full, outer, inner, 0, 0.4f);
    snprintf(full, sizeof full, "%s%s.bias", base, name);
    small_add(bert, full, 0, outer, 0, 0.3f);
}

static void small_add_norm(small_bert *bert, const char *base, const char *name) {
    char full[96];
    snprintf(full, sizeof full, "%s%s.weight", base, name);
    small_add(bert, full, 0, SMALL_HIDDEN, 1, 0.3f);
    snprintf(full, sizeof full, "%s%s.bias", base, name);
    small_add(bert, full, 0, SMALL_HIDDEN, 0, 0.3f);
}

static void small_fill(small_bert *bert) {
    small_add(bert, "embeddings.word_embeddings.weight", SMALL_WORDS, SMALL_HIDDEN, 0, 1);
    small_add(bert, "embeddings.position_embeddings.weight", SMALL_POSITIONS, SMALL_HIDDEN, 0, 1);
    small_add(bert, "embeddings.token_type_embeddings.weight", 2, SMALL_HIDDEN, 0, 1);
    small_add_norm(bert, "embeddings.", "LayerNorm");
    for (int i = 0; i < SMALL_LAYERS; i++) {
        char base[48];
        snprintf(base, sizeof base, "encoder.layer.%d.", i);
        small_add_dense(bert, base, "attention.self.query", SMALL_HIDDEN, SMALL_HIDDEN);
        small_add_dense(bert, base, "attention.self.key", SMALL_HIDDEN, SMALL_HIDDEN);
        small_add_dense(bert, base, "attention.self.value", SMALL_HIDDEN, SMALL_HIDDEN);
        small_add_dense(bert, base, "attention.output.dense", SMALL_HIDDEN, SMALL_HIDDEN);
        small_add_norm(bert, base, "attention.output.LayerNorm");
        small_add_dense(bert, base, "intermediate.dense", SMALL_INSIDE, SMALL_HIDDEN);
        small_add_dense(bert, base, "output.dense", SMALL_HIDDEN, SMALL_INSIDE);
        small_add_norm(bert, base, "output.LayerNorm");
    }
    assert_int_equal(bert->count, SMALL_TENSORS);
}

static int64_t small_store(const small_bert *bert, float value, uint8_t *out) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    uint16_t half =
        bert->type == ELEA_TENSOR_F16 ? elea_half_from_float(value) : (uint16_t)(bits >> 16);
    if (bert->type == ELEA_TENSOR_F32) {
        memcpy(out, &bits, 4);
        return 4;
    }
    memcpy(out, &half, 2);
    return 2;
}

static void small_write_weights(small_bert *bert) {
    static char header[1 << 16];
    static uint8_t file[1 << 20];
    static uint8_t body[1 << 20];
    int64_t used = 0;
    int size = snprintf(header, sizeof header, "{");
    for (int i = 0; i < bert->count; i++) {
        const small_tensor *tensor = &bert->tensors[i];
        int64_t begin = used;
        if (bert->skip != NULL && strcmp(bert->skip, tensor->name) == 0)
            continue;
        for (int64_t j = 0; j < (int64_t)(tensor->rows ? tensor->rows : 1) * tensor->columns; j++)
            used += small_store(bert, tensor->values[j], body + used);
        char shape[40];
        if (tensor->rows)
            snprintf(shape, sizeof shape, "%d,%d", tensor->rows, tensor->columns);
        else
            snprintf(shape, sizeof shape, "%d", tensor->columns);
        size += snprintf(header + size, sizeof header - (size_t)size,
                         "%s\"%s%s\":{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[%d,%d]}",
                         size > 1 ? "," : "", bert->prefix, tensor->name,
                         elea__tensor_type_name(bert->type), shape, (int)begin, (int)used);
    }
    size += snprintf(header + size, sizeof header - (size_t)size, "}%*s", bert->padding, "");
    for (int i = 0; i < 8; i++)
        file[i] = (uint8_t)((uint64_t)size >> 8 * i);
    memcpy(file + 8, header, (size_t)size);
    memcpy(file + 8 + size, body, (size_t)used);
    elea_test_scratch_write(&bert->scratch, "model.safetensors", file, 8 + size + used);
}

static void small_write(small_bert *bert, const char *name, const char *text) {
    elea_test_scratch_write(&bert->scratch, name, text, (int64_t)strlen(text));
}

static const char small_vocabulary[] =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\narrow\nflies\nstands\nstill\nstone\n##s\nriver\na\nb\n";

static void small_write_config(small_bert *bert, const char *more) {
    char config[1024];
    snprintf(config, sizeof config,
             "{\"model_type\":\"bert\",\"hidden_size\":%d,\"intermediate_size\":%d,"
             "\"num_attention_heads\":%d,\"num_hidden_layers\":%d,\"max_position_embeddings\":%d,"
             "\"vocab_size\":%d,\"layer_norm_eps\":1e-12,\"hidden_act\":\"%s\"%s}",
             SMALL_HIDDEN, SMALL_INSIDE, SMALL_HEADS, SMALL_LAYERS, SMALL_POSITIONS, SMALL_WORDS,
             bert->activation, more);
    small_write(bert, "config.json", config);
}

// Fills the fields that are not set, and writes the folder bert->scratch.folder.
static void small_open(small_bert *bert) {
    bert->prefix = bert->prefix ? bert->prefix : "";
    bert->activation = bert->activation ? bert->activation : "gelu";
    bert->pooling = bert->pooling ? bert->pooling : "mean";
    bert->seed = 11;
    elea_test_scratch_init(&bert->scratch);
    small_fill(bert);
    small_write_weights(bert);
    small_write(bert, "vocab.txt", small_vocabulary);
    small_write_config(bert, "");
}

static void small_close(small_bert *bert) {
    for (int i = 0; i < bert->count; i++)
        free(bert->tensors[i].values);
    elea_test_scratch_release(&bert->scratch);
}

// ---- the definition

typedef double small_row[SMALL_INSIDE];

static const float *small_find(const small_bert *bert, const char *base, const char *name) {
    char full[160];
    snprintf(full, sizeof full, "%s%s", base, name);
    for (int i = 0; i < bert->count; i++) {
        if (strcmp(bert->tensors[i].name, full) == 0)
            return bert->tensors[i].values;
    }
    fail_msg("no tensor %s", full);
    return NULL;
}

static void small_dense(const small_bert *bert, const char *base, const char *name, int outer,
                        int inner, const double *x, double *out) {
    char part[64];
    snprintf(part, sizeof part, "%s.weight", name);
    const float *weights = small_find(bert, base, part);
    snprintf(part, sizeof part, "%s.bias", name);
    const float *bias = small_find(bert, base, part);
    for (int i = 0; i < outer; i++) {
        out[i] = bias[i];
        for (int j = 0; j < inner; j++)
            out[i] += (double)weights[i * inner + j] * x[j];
    }
}

static void small_norm(const small_bert *bert, const char *base, const char *name, double *x) {
    char part[64];
    snprintf(part, sizeof part, "%s.weight", name);
    const float *gain = small_find(bert, base, part);
    snprintf(part, sizeof part, "%s.bias", name);
    const float *shift = small_find(bert, base, part);
    double mean = 0;
    double variance = 0;
    for (int i = 0; i < SMALL_HIDDEN; i++)
        mean += x[i] / SMALL_HIDDEN;
    for (int i = 0; i < SMALL_HIDDEN; i++)
        variance += (x[i] - mean) * (x[i] - mean) / SMALL_HIDDEN;
    for (int i = 0; i < SMALL_HIDDEN; i++)
        x[i] = (x[i] - mean) / sqrt(variance + 1e-12) * gain[i] + shift[i];
}

static double small_activate(const small_bert *bert, double x) {
    if (strcmp(bert->activation, "relu") == 0)
        return x > 0 ? x : 0;
    if (strcmp(bert->activation, "gelu_new") == 0)
        return x / 2 * (1 + tanh(sqrt(2 / 3.14159265358979323846) * (x + 0.044715 * x * x * x)));
    return x / 2 * (1 + erf(x / sqrt(2)));
}

static void small_attend(const small_bert *bert, const char *base, int length, small_row *x) {
    static small_row parts[3][SMALL_POSITIONS];
    static const char *const names[] = {"query", "key", "value"};
    for (int part = 0; part < 3; part++) {
        char name[48];
        snprintf(name, sizeof name, "attention.self.%s", names[part]);
        for (int t = 0; t < length; t++)
            small_dense(bert, base, name, SMALL_HIDDEN, SMALL_HIDDEN, x[t], parts[part][t]);
    }
    int width = SMALL_HIDDEN / SMALL_HEADS;
    for (int t = 0; t < length; t++) {
        small_row mixed = {0};
        small_row result;
        for (int head = 0; head < SMALL_HEADS; head++) {
            double shares[SMALL_POSITIONS];
            double sum = 0;
            for (int u = 0; u < length; u++) {
                double score = 0;
                for (int i = head * width; i < (head + 1) * width; i++)
                    score += parts[0][t][i] * parts[1][u][i];
                shares[u] = exp(score / sqrt(width));
                sum += shares[u];
            }
            for (int u = 0; u < length; u++)
                for (int i = head * width; i < (head + 1) * width; i++)
                    mixed[i] += shares[u] / sum * parts[2][u][i];
        }
        small_dense(bert, base, "attention.output.dense", SMALL_HIDDEN, SMALL_HIDDEN, mixed,
                    result);
        for (int i = 0; i < SMALL_HIDDEN; i++)
            x[t][i] += result[i];
        small_norm(bert, base, "attention.output.LayerNorm", x[t]);
    }
}

static void small_feed(const small_bert *bert, const char *base, double *x) {
    small_row inside;
    small_row result;
    small_dense(bert, base, "intermediate.dense", SMALL_INSIDE, SMALL_HIDDEN, x, inside);
    for (int i = 0; i < SMALL_INSIDE; i++)
        inside[i] = small_activate(bert, inside[i]);
    small_dense(bert, base, "output.dense", SMALL_HIDDEN, SMALL_INSIDE, inside, result);
    for (int i = 0; i < SMALL_HIDDEN; i++)
        x[i] += result[i];
    small_norm(bert, base, "output.LayerNorm", x);
}

// The unit vector of a text.
static void small_encode(const small_bert *bert, const int32_t *ids, int length, double *out) {
    static small_row x[SMALL_POSITIONS];
    const float *words = small_find(bert, "", "embeddings.word_embeddings.weight");
    const float *positions = small_find(bert, "", "embeddings.position_embeddings.weight");
    const float *types = small_find(bert, "", "embeddings.token_type_embeddings.weight");
    for (int t = 0; t < length; t++) {
        for (int i = 0; i < SMALL_HIDDEN; i++)
            x[t][i] = (double)words[ids[t] * SMALL_HIDDEN + i] +
                      (double)positions[t * SMALL_HIDDEN + i] + (double)types[i];
        small_norm(bert, "embeddings.", "LayerNorm", x[t]);
    }
    for (int layer = 0; layer < SMALL_LAYERS; layer++) {
        char base[48];
        snprintf(base, sizeof base, "encoder.layer.%d.", layer);
        small_attend(bert, base, length, x);
        for (int t = 0; t < length; t++)
            small_feed(bert, base, x[t]);
    }
    double squares = 0;
    for (int i = 0; i < SMALL_HIDDEN; i++) {
        out[i] = 0;
        for (int t = 0; t < (strcmp(bert->pooling, "cls") == 0 ? 1 : length); t++)
            out[i] += x[t][i];
        squares += out[i] * out[i];
    }
    for (int i = 0; i < SMALL_HIDDEN; i++)
        out[i] /= sqrt(squares);
}

#endif // ELEA_TESTS_EMBED_SMALL_BERT_H

// SPDX-License-Identifier: Apache-2.0
#include "embed/model_config.h"

#include <inttypes.h>
#include <string.h>

#include "embed/model_folder.h"

static elea_status read_count(const json_t *object, const char *key, int32_t high, int32_t *out,
                              elea_error *err) {
    ELEA_TRY(elea__json_integer(object, key, 1, high, 0, out, err));
    return *out ? ELEA_OK : elea_error_set(err, ELEA_EINVAL, "'%s' is missing", key);
}

static elea_status read_activation(const json_t *object, elea__activation *out, elea_error *err) {
    static const struct {
        const char *name;
        elea__activation activation;
    } known[] = {
        {"gelu", ELEA_ACTIVATION_GELU},
        {"gelu_new", ELEA_ACTIVATION_GELU_TANH},
        {"gelu_pytorch_tanh", ELEA_ACTIVATION_GELU_TANH},
        {"relu", ELEA_ACTIVATION_RELU},
    };
    const char *name = NULL;
    ELEA_TRY(elea__json_string(object, "hidden_act", "gelu", &name, err));
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(name, known[i].name) == 0) {
            *out = known[i].activation;
            return ELEA_OK;
        }
    }
    return elea_error_set(err, ELEA_EUNSUPPORTED,
                          "'hidden_act' is '%s', expected gelu, gelu_new, gelu_pytorch_tanh or "
                          "relu",
                          name);
}

// Other families give their tensors other names, or other meanings to the same names.
static elea_status check_family(const json_t *object, elea_error *err) {
    const char *family = NULL;
    const char *positions = NULL;
    bool decoder = false;
    ELEA_TRY(elea__json_string(object, "model_type", "bert", &family, err));
    if (strcmp(family, "bert") != 0)
        return elea_error_set(err, ELEA_EUNSUPPORTED, "'model_type' is '%s', expected bert",
                              family);
    ELEA_TRY(elea__json_string(object, "position_embedding_type", "absolute", &positions, err));
    if (strcmp(positions, "absolute") != 0)
        return elea_error_set(err, ELEA_EUNSUPPORTED,
                              "'position_embedding_type' is '%s', expected absolute", positions);
    ELEA_TRY(elea__json_boolean(object, "is_decoder", false, &decoder, err));
    if (decoder)
        return elea_error_set(err, ELEA_EUNSUPPORTED, "'is_decoder' is true");
    return ELEA_OK;
}

static elea_status read_config(const json_t *object, elea__model_config *out, elea_error *err) {
    ELEA_TRY(check_family(object, err));
    ELEA_TRY(read_count(object, "hidden_size", 16384, &out->hidden, err));
    ELEA_TRY(read_count(object, "intermediate_size", 65536, &out->intermediate, err));
    ELEA_TRY(read_count(object, "num_hidden_layers", 1024, &out->layers, err));
    ELEA_TRY(read_count(object, "num_attention_heads", 1024, &out->heads, err));
    ELEA_TRY(read_count(object, "max_position_embeddings", 1 << 20, &out->positions, err));
    ELEA_TRY(read_count(object, "vocab_size", 1 << 24, &out->vocabulary, err));
    ELEA_TRY(elea__json_integer(object, "type_vocab_size", 1, 1024, 2, &out->token_types, err));
    ELEA_TRY(read_activation(object, &out->activation, err));
    if (out->hidden % out->heads != 0)
        return elea_error_set(err, ELEA_EINVAL,
                              "'hidden_size' %" PRId32
                              " is no multiple of 'num_attention_heads' %" PRId32,
                              out->hidden, out->heads);
    if (out->positions < 2)
        return elea_error_set(err, ELEA_EINVAL,
                              "'max_position_embeddings' is %" PRId32 ", expected at least 2",
                              out->positions);
    const json_t *epsilon = json_object_get(object, "layer_norm_eps");
    double value = epsilon ? json_number_value(epsilon) : 1e-12;
    if ((epsilon && !json_is_number(epsilon)) || !(value >= 0 && value <= 1))
        return elea_error_set(err, ELEA_EINVAL, "'layer_norm_eps' is not a number from 0 to 1");
    out->layer_norm_epsilon = (float)value;
    out->length_max = out->positions < ELEA_LENGTH_MAX ? out->positions : ELEA_LENGTH_MAX;
    return ELEA_OK;
}

static elea_status read_pooling(json_t *object, elea__model_config *out, elea_error *err) {
    bool mean = false;
    bool cls = false;
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value) {
        if (strncmp(key, "pooling_mode_", 13) != 0 || !json_is_true(value))
            continue;
        if (strcmp(key, "pooling_mode_mean_tokens") == 0)
            mean = true;
        else if (strcmp(key, "pooling_mode_cls_token") == 0)
            cls = true;
        else
            return elea_error_set(err, ELEA_EUNSUPPORTED,
                                  "'%s' is true, only mean and cls pooling are supported", key);
    }
    if (mean == cls)
        return elea_error_set(err, ELEA_EUNSUPPORTED,
                              "%s of 'pooling_mode_mean_tokens' and 'pooling_mode_cls_token' is "
                              "true, expected one",
                              mean ? "each" : "none");
    out->pooling = cls ? ELEA_POOLING_CLS : ELEA_POOLING_MEAN;
    return ELEA_OK;
}

// Numbers such as 1e30 stand for "no limit", so that one that is too large is none.
static void read_length(const json_t *object, const char *key, elea__model_config *out) {
    const json_t *value = json_object_get(object, key);
    double length = json_number_value(value);
    if (json_is_number(value) && length >= 2 && length < out->length_max)
        out->length_max = (int32_t)length;
}

static bool ends_with(const char *text, const char *end) {
    size_t size = strlen(text);
    size_t end_size = strlen(end);
    return size >= end_size && strcmp(text + size - end_size, end) == 0;
}

// A module that we would leave out silently (as a dense layer after pooling) is refused.
static elea_status check_modules(const json_t *modules, elea_error *err) {
    size_t index;
    json_t *module;
    json_array_foreach(modules, index, module) {
        const char *type = json_string_value(json_object_get(module, "type"));
        if (type == NULL || !(ends_with(type, ".Transformer") || ends_with(type, ".Pooling") ||
                              ends_with(type, ".Normalize")))
            return elea_error_set(err, ELEA_EUNSUPPORTED,
                                  "module %zu is '%s', expected Transformer, Pooling or Normalize",
                                  index, type ? type : "nothing");
    }
    return ELEA_OK;
}

static elea_status parse_modules(const elea_buffer *text, elea_error *err) {
    json_t *modules = NULL;
    ELEA_TRY(elea__json_parse_any(
        (elea_bytes){(const char *)elea_buffer_data(text), elea_buffer_size(text)}, &modules, err));
    elea_status status = check_modules(modules, err);
    json_decref(modules);
    return status;
}

// The one file whose root is an array.
static elea_status read_modules(const char *directory, elea_pool *pool, elea_error *err) {
    elea_buffer *text = NULL;
    elea_error own = {0};
    elea_error *used = err ? err : &own;
    elea_status status = elea__model_file_read(directory, "modules.json", pool, &text, used);
    if (status == ELEA_ENOTFOUND) {
        *used = (elea_error){0};
        return ELEA_OK;
    }
    ELEA_TRY(status);
    status = parse_modules(text, err);
    elea_buffer_unref(text);
    if (status != ELEA_OK)
        status = elea_error_prefix(err, status, "%s/modules.json", directory);
    return status;
}

typedef enum config_part { PART_CONFIG, PART_POOLING, PART_SENTENCE, PART_TOKENIZER } config_part;

static const char *const part_names[] = {
    [PART_CONFIG] = "config.json",
    [PART_POOLING] = "1_Pooling/config.json",
    [PART_SENTENCE] = "sentence_bert_config.json",
    [PART_TOKENIZER] = "tokenizer_config.json",
};

static elea_status read_part(config_part part, json_t *object, elea__model_config *out,
                             bool *has_length, elea_error *err) {
    switch (part) {
    case PART_CONFIG:
        return read_config(object, out, err);
    case PART_POOLING:
        return read_pooling(object, out, err);
    case PART_SENTENCE:
        *has_length = json_is_number(json_object_get(object, "max_seq_length"));
        read_length(object, "max_seq_length", out);
        return ELEA_OK;
    default:
        if (!*has_length)
            read_length(object, "model_max_length", out);
        return ELEA_OK;
    }
}

elea_status elea__model_config_read(const char *directory, elea_pool *pool, elea__model_config *out,
                                    elea_error *err) {
    elea__model_config config = {.pooling = ELEA_POOLING_MEAN};
    bool has_length = false;
    for (int part = PART_CONFIG; part <= PART_TOKENIZER; part++) {
        const char *name = part_names[part];
        json_t *object = NULL;
        if (part == PART_CONFIG)
            ELEA_TRY(elea__model_json_read(directory, name, pool, &object, err));
        else
            ELEA_TRY(elea__model_json_read_if_any(directory, name, pool, &object, err));
        if (object == NULL)
            continue;
        elea_status status = read_part((config_part)part, object, &config, &has_length, err);
        json_decref(object);
        if (status != ELEA_OK)
            return elea_error_prefix(err, status, "%s/%s", directory, name);
    }
    ELEA_TRY(read_modules(directory, pool, err));
    *out = config;
    return ELEA_OK;
}

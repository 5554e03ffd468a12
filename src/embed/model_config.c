// SPDX-License-Identifier: Apache-2.0
#include "embed/model_config.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

// A JSON file that is being read: its path is for messages.
typedef struct json_file {
    const char *path;
    const json_t *root;
} json_file;

elea_status elea__model_path(const char *directory, const char *name, elea_text *text,
                             elea_error *err) {
    elea_text_reset(text);
    return elea_text_append_format(text, err, "%s/%s", directory, name);
}

// *out stays NULL when the file is not there and need not be.
static elea_status load_json(const char *directory, const char *name, bool optional,
                             elea_text *path, json_t **out, elea_error *err) {
    ELEA_TRY(elea__model_path(directory, name, path, err));
    json_error_t error;
    errno = 0;
    json_t *root = json_load_file(path->data, JSON_REJECT_DUPLICATES, &error);
    int os_code = errno;
    if (root == NULL && json_error_code(&error) == json_error_out_of_memory)
        return elea_error_set(err, ELEA_ENOMEM, "%s: no memory for its JSON", path->data);
    if (root == NULL && json_error_code(&error) == json_error_cannot_open_file) {
        if (optional && (os_code == ENOENT || os_code == ENOTDIR))
            return ELEA_OK;
        return elea_error_set_os(err, os_code, "%s", path->data);
    }
    if (root == NULL)
        return elea_error_set(err, ELEA_EINVAL, "%s: no JSON: %s (line %d, column %d)", path->data,
                              error.text, error.line, error.column);
    *out = root;
    return ELEA_OK;
}

// An integer in [low, high]. A key that is missing or null gives `missing`, or is an error when
// that is negative.
static elea_status read_count(const json_file *file, const char *key, int32_t low, int32_t high,
                              int32_t missing, int32_t *out, elea_error *err) {
    const json_t *value = json_object_get(file->root, key);
    if ((value == NULL || json_is_null(value)) && missing >= 0) {
        *out = missing;
        return ELEA_OK;
    }
    if (!json_is_integer(value))
        return elea_error_set(err, ELEA_EINVAL, "%s: \"%s\" is %s, expected an integer", file->path,
                              key, value ? "of another type" : "missing");
    int64_t number = json_integer_value(value);
    if (number < low || number > high)
        return elea_error_set(err, ELEA_EINVAL,
                              "%s: \"%s\" is %" PRId64 ", expected %" PRId32 " to %" PRId32,
                              file->path, key, number, low, high);
    *out = (int32_t)number;
    return ELEA_OK;
}

// The text of a key, or `missing`.
static const char *read_text(const json_file *file, const char *key, const char *missing) {
    const char *text = json_string_value(json_object_get(file->root, key));
    return text ? text : missing;
}

static elea_status read_activation(const json_file *file, elea__activation *out, elea_error *err) {
    static const struct {
        const char *name;
        elea__activation activation;
    } known[] = {
        {"gelu", ELEA_ACTIVATION_GELU},
        {"gelu_new", ELEA_ACTIVATION_GELU_TANH},
        {"gelu_pytorch_tanh", ELEA_ACTIVATION_GELU_TANH},
        {"relu", ELEA_ACTIVATION_RELU},
    };
    const char *name = read_text(file, "hidden_act", "gelu");
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(name, known[i].name) == 0) {
            *out = known[i].activation;
            return ELEA_OK;
        }
    }
    return elea_error_set(err, ELEA_EUNSUPPORTED,
                          "%s: \"hidden_act\" is '%s', expected gelu, gelu_new, "
                          "gelu_pytorch_tanh or relu",
                          file->path, name);
}

static elea_status check_family(const json_file *file, elea_error *err) {
    const char *family = read_text(file, "model_type", "bert");
    if (strcmp(family, "bert") != 0)
        return elea_error_set(err, ELEA_EUNSUPPORTED, "%s: \"model_type\" is '%s', expected bert",
                              file->path, family);
    const char *positions = read_text(file, "position_embedding_type", "absolute");
    if (strcmp(positions, "absolute") != 0)
        return elea_error_set(err, ELEA_EUNSUPPORTED,
                              "%s: \"position_embedding_type\" is '%s', expected absolute",
                              file->path, positions);
    if (json_is_true(json_object_get(file->root, "is_decoder")))
        return elea_error_set(err, ELEA_EUNSUPPORTED, "%s: \"is_decoder\" is true", file->path);
    return ELEA_OK;
}

static elea_status read_config(const json_file *file, elea__model_config *out, elea_error *err) {
    if (!json_is_object(file->root))
        return elea_error_set(err, ELEA_EINVAL, "%s: no JSON object", file->path);
    ELEA_TRY(check_family(file, err));
    ELEA_TRY(read_count(file, "hidden_size", 1, 16384, -1, &out->hidden, err));
    ELEA_TRY(read_count(file, "intermediate_size", 1, 65536, -1, &out->intermediate, err));
    ELEA_TRY(read_count(file, "num_hidden_layers", 1, 1024, -1, &out->layers, err));
    ELEA_TRY(read_count(file, "num_attention_heads", 1, 1024, -1, &out->heads, err));
    ELEA_TRY(read_count(file, "max_position_embeddings", 2, 1 << 20, -1, &out->positions, err));
    ELEA_TRY(read_count(file, "vocab_size", 1, 1 << 24, -1, &out->vocabulary, err));
    ELEA_TRY(read_count(file, "type_vocab_size", 1, 1024, 2, &out->token_types, err));
    ELEA_TRY(read_activation(file, &out->activation, err));
    if (out->hidden % out->heads != 0)
        return elea_error_set(err, ELEA_EINVAL,
                              "%s: \"hidden_size\" %" PRId32
                              " is no multiple of \"num_attention_heads\" %" PRId32,
                              file->path, out->hidden, out->heads);
    const json_t *epsilon = json_object_get(file->root, "layer_norm_eps");
    double value = epsilon ? json_number_value(epsilon) : 1e-12;
    if ((epsilon && !json_is_number(epsilon)) || !(value >= 0 && value <= 1))
        return elea_error_set(err, ELEA_EINVAL,
                              "%s: \"layer_norm_eps\" is no number between 0 and 1", file->path);
    out->layer_norm_epsilon = (float)value;
    return ELEA_OK;
}

static elea_status read_pooling(const json_file *file, elea__model_config *out, elea_error *err) {
    bool mean = false;
    bool cls = false;
    const char *key;
    json_t *value;
    // The file's type of JSON is only handed out without const.
    json_object_foreach((json_t *)(uintptr_t)file->root, key, value) {
        if (strncmp(key, "pooling_mode_", 13) != 0 || !json_is_true(value))
            continue;
        if (strcmp(key, "pooling_mode_mean_tokens") == 0)
            mean = true;
        else if (strcmp(key, "pooling_mode_cls_token") == 0)
            cls = true;
        else
            return elea_error_set(err, ELEA_EUNSUPPORTED,
                                  "%s: \"%s\" is true, only mean and cls pooling are supported",
                                  file->path, key);
    }
    if (mean == cls)
        return elea_error_set(err, ELEA_EUNSUPPORTED,
                              "%s: %s of \"pooling_mode_mean_tokens\" and "
                              "\"pooling_mode_cls_token\" is true, expected one",
                              file->path, mean ? "each" : "none");
    out->pooling = cls ? ELEA_POOLING_CLS : ELEA_POOLING_MEAN;
    return ELEA_OK;
}

static bool ends_with(const char *text, const char *end) {
    size_t size = strlen(text);
    size_t end_size = strlen(end);
    return size >= end_size && strcmp(text + size - end_size, end) == 0;
}

// A module that we would leave out silently (as a dense layer after pooling) is refused.
static elea_status check_modules(const json_file *file, elea_error *err) {
    size_t index;
    json_t *module;
    json_array_foreach(file->root, index, module) {
        const char *type = json_string_value(json_object_get(module, "type"));
        if (type == NULL || !(ends_with(type, ".Transformer") || ends_with(type, ".Pooling") ||
                              ends_with(type, ".Normalize")))
            return elea_error_set(err, ELEA_EUNSUPPORTED,
                                  "%s: module %zu is '%s', expected Transformer, Pooling or "
                                  "Normalize",
                                  file->path, index, type ? type : "nothing");
    }
    return ELEA_OK;
}

// Numbers such as 1e30 stand for "no limit" here, so that too large a number is none.
static void read_length(const json_file *file, const char *key, elea__model_config *out) {
    const json_t *value = json_object_get(file->root, key);
    double length = json_number_value(value);
    if (json_is_number(value) && length >= 2 && length < out->length_max)
        out->length_max = (int32_t)length;
}

typedef struct config_part {
    const char *name;
    bool optional;
} config_part;

enum { PART_CONFIG, PART_MODULES, PART_POOLING, PART_SENTENCE, PART_TOKENIZER, PART_COUNT };

static const config_part config_parts[PART_COUNT] = {
    [PART_CONFIG] = {"config.json", false},
    [PART_MODULES] = {"modules.json", true},
    [PART_POOLING] = {"1_Pooling/config.json", true},
    [PART_SENTENCE] = {"sentence_bert_config.json", true},
    [PART_TOKENIZER] = {"tokenizer_config.json", true},
};

static elea_status read_part(int part, const json_file *file, elea__model_config *out,
                             bool *has_length, elea_error *err) {
    switch (part) {
    case PART_CONFIG:
        ELEA_TRY(read_config(file, out, err));
        out->length_max = out->positions < ELEA_LENGTH_MAX ? out->positions : ELEA_LENGTH_MAX;
        return ELEA_OK;
    case PART_MODULES:
        return check_modules(file, err);
    case PART_POOLING:
        return read_pooling(file, out, err);
    case PART_SENTENCE:
        *has_length = json_is_number(json_object_get(file->root, "max_seq_length"));
        read_length(file, "max_seq_length", out);
        return ELEA_OK;
    default:
        if (!*has_length)
            read_length(file, "model_max_length", out);
        return ELEA_OK;
    }
}

elea_status elea__model_config_read(const char *directory, elea_pool *pool, elea__model_config *out,
                                    elea_error *err) {
    elea_status status = ELEA_OK;
    elea__model_config config = {.pooling = ELEA_POOLING_MEAN};
    bool has_length = false;
    elea_text path;
    json_t *root = NULL;
    elea_text_init(&path, pool);
    for (int part = 0; part < PART_COUNT; part++) {
        ELEA_GOTO(done, load_json(directory, config_parts[part].name, config_parts[part].optional,
                                  &path, &root, err));
        if (root == NULL)
            continue;
        json_file file = {path.data, root};
        ELEA_GOTO(done, read_part(part, &file, &config, &has_length, err));
        json_decref(root);
        root = NULL;
    }
    *out = config;
done:
    json_decref(root);
    elea_text_release(&path);
    return status;
}

// SPDX-License-Identifier: Apache-2.0
#include "embed/model_folder.h"

#include <elea/io.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static elea_status read_path(const char *path, elea_pool *pool, elea_buffer **out,
                             elea_error *err) {
    elea_file *file = NULL;
    ELEA_TRY(elea_file_open(path, pool, &file, err));
    elea_status status = elea_file_view_at(file, 0, elea_file_size(file), out, err);
    elea_file_unref(file);
    return status;
}

elea_status elea__model_file_read(const char *directory, const char *name, elea_pool *pool,
                                  elea_buffer **out, elea_error *err) {
    void *path = NULL;
    int64_t size = (int64_t)strlen(directory) + (int64_t)strlen(name) + 2;
    ELEA_TRY(elea_alloc(pool, size, &path, err));
    snprintf(path, (size_t)size, "%s/%s", directory, name);
    elea_status status = read_path(path, pool, out, err);
    elea_dealloc(pool, path, size);
    return status;
}

elea_status elea__model_json_read(const char *directory, const char *name, elea_pool *pool,
                                  json_t **out, elea_error *err) {
    elea_buffer *text = NULL;
    ELEA_TRY(elea__model_file_read(directory, name, pool, &text, err));
    elea_bytes bytes = {(const char *)elea_buffer_data(text), elea_buffer_size(text)};
    elea_status status = elea__json_parse(bytes, out, err);
    if (status != ELEA_OK)
        status = elea_error_prefix(err, status, "%s/%s", directory, name);
    elea_buffer_unref(text);
    return status;
}

elea_status elea__model_json_read_if_any(const char *directory, const char *name, elea_pool *pool,
                                         json_t **out, elea_error *err) {
    elea_error own = {0};
    elea_error *used = err ? err : &own;
    elea_status status = elea__model_json_read(directory, name, pool, out, used);
    if (status != ELEA_ENOTFOUND)
        return status;
    *used = (elea_error){0};
    *out = NULL;
    return ELEA_OK;
}

elea_status elea__json_parse_any(elea_bytes text, json_t **out, elea_error *err) {
    json_error_t error;
    json_t *root = json_loadb(text.data, (size_t)text.size, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL && json_error_code(&error) == json_error_numeric_overflow)
        root = json_loadb(text.data, (size_t)text.size,
                          JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &error);
    if (root == NULL && json_error_code(&error) == json_error_out_of_memory)
        return elea_error_set(err, ELEA_ENOMEM, "no memory for %" PRId64 " bytes of JSON",
                              text.size);
    if (root == NULL)
        return elea_error_set(err, ELEA_EINVAL, "not JSON: line %d, column %d: %s", error.line,
                              error.column, error.text);
    *out = root;
    return ELEA_OK;
}

elea_status elea__json_parse(elea_bytes text, json_t **out, elea_error *err) {
    json_t *root = NULL;
    ELEA_TRY(elea__json_parse_any(text, &root, err));
    if (!json_is_object(root)) {
        json_decref(root);
        return elea_error_set(err, ELEA_EINVAL, "expected a JSON object");
    }
    *out = root;
    return ELEA_OK;
}

static elea_status wrong_type(const char *key, const char *expected, elea_error *err) {
    return elea_error_set(err, ELEA_EINVAL, "'%s' is not %s", key, expected);
}

static bool is_missing(const json_t *value) { return value == NULL || json_is_null(value); }

elea_status elea__json_boolean(const json_t *object, const char *key, bool missing, bool *out,
                               elea_error *err) {
    const json_t *value = json_object_get(object, key);
    if (!is_missing(value) && !json_is_boolean(value))
        return wrong_type(key, "true or false", err);
    *out = is_missing(value) ? missing : json_is_true(value);
    return ELEA_OK;
}

bool elea__json_whole(const json_t *value, int32_t low, int32_t high, int32_t *out) {
    // After a number that was too large for 64 bits all are real.
    double real = json_number_value(value);
    if (!json_is_number(value) || !(real >= low && real <= high) || real != (int32_t)real)
        return false;
    *out = (int32_t)real;
    return true;
}

elea_status elea__json_integer(const json_t *object, const char *key, int32_t low, int32_t high,
                               int32_t missing, int32_t *out, elea_error *err) {
    const json_t *value = json_object_get(object, key);
    if (is_missing(value))
        *out = missing;
    else if (!elea__json_whole(value, low, high, out))
        return elea_error_set(err, ELEA_EINVAL,
                              "'%s' is not a whole number from %" PRId32 " to %" PRId32, key, low,
                              high);
    return ELEA_OK;
}

elea_status elea__json_string(const json_t *object, const char *key, const char *missing,
                              const char **out, elea_error *err) {
    const json_t *value = json_object_get(object, key);
    if (!is_missing(value) && !json_is_string(value))
        return wrong_type(key, "a string", err);
    *out = is_missing(value) ? missing : json_string_value(value);
    return ELEA_OK;
}

// SPDX-License-Identifier: Apache-2.0
#include "ipc/integration_json.h"

elea_status elea__json_get_int(const json_t *object, const char *key, int64_t low, int64_t high,
                               int64_t *out, elea_error *err) {
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value))
        return elea_error_set(err, ELEA_EINVAL, "\"%s\" is missing or no integer", key);
    int64_t number = json_integer_value(value);
    if (number < low || number > high)
        return elea_error_set(err, ELEA_EINVAL, "\"%s\" is %lld, expected %lld to %lld", key,
                              (long long)number, (long long)low, (long long)high);
    *out = number;
    return ELEA_OK;
}

elea_status elea__json_get_bool(const json_t *object, const char *key, bool *out, elea_error *err) {
    const json_t *value = json_object_get(object, key);
    int64_t number = 0;
    if (json_is_boolean(value)) {
        *out = json_is_true(value);
        return ELEA_OK;
    }
    if (!json_is_integer(value))
        return elea_error_set(err, ELEA_EINVAL, "\"%s\" is missing or neither true nor false", key);
    ELEA_TRY(elea__json_get_int(object, key, 0, 1, &number, err));
    *out = number != 0;
    return ELEA_OK;
}

elea_status elea__json_get_string(const json_t *object, const char *key, elea_bytes *out,
                                  elea_error *err) {
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value))
        return elea_error_set(err, ELEA_EINVAL, "\"%s\" is missing or no string", key);
    *out = elea__json_bytes(value);
    return ELEA_OK;
}

elea_status elea__json_get_list(const json_t *object, const char *key, int64_t length,
                                const json_t **out, elea_error *err) {
    const json_t *value = json_object_get(object, key);
    if (!json_is_array(value))
        return elea_error_set(err, ELEA_EINVAL, "\"%s\" is missing or no list", key);
    int64_t found = (int64_t)json_array_size(value);
    if (length >= 0 && found != length)
        return elea_error_set(err, ELEA_EINVAL, "\"%s\" has %lld items, expected %lld", key,
                              (long long)found, (long long)length);
    *out = value;
    return ELEA_OK;
}

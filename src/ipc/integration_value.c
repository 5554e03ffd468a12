// SPDX-License-Identifier: Apache-2.0
#include "ipc/integration_value.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "columnar/type_internal.h"
#include "ipc/integration_integer.h"
#include "ipc/integration_json.h"

elea_status elea__integration_integer_read(const json_t *item, int width, bool is_signed,
                                           uint8_t *target, elea_error *err) {
    char printed[24];
    elea_bytes text = elea__json_bytes(item);
    if (json_is_integer(item)) {
        (void)snprintf(printed, sizeof printed, "%lld", (long long)json_integer_value(item));
        text = elea_bytes_of(printed);
    } else if (!json_is_string(item)) {
        return elea_error_set(err, ELEA_EINVAL, "no integer");
    }
    if (!elea__integer_parse(text, width, is_signed, target))
        return elea_error_set(err, ELEA_EINVAL, "\"%.*s\" is no %s integer of %d bits",
                              (int)(text.size < 100 ? text.size : 100), text.data,
                              is_signed ? "signed" : "unsigned", width * 8);
    return ELEA_OK;
}

static int hex_digit(char digit) {
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    char letter = (char)(digit | 0x20);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

elea_status elea__integration_hex_read(elea_bytes text, uint8_t *target, elea_error *err) {
    for (int64_t i = 0; i + 1 < text.size; i += 2) {
        int high = hex_digit(text.data[i]);
        int low = hex_digit(text.data[i + 1]);
        if (high < 0 || low < 0)
            return elea_error_set(err, ELEA_EINVAL, "\"%.2s\" at %lld is no hexadecimal byte",
                                  text.data + i, (long long)i);
        target[i / 2] = (uint8_t)(high << 4 | low);
    }
    return ELEA_OK;
}

// JSON has no NaN and no infinities: they are written as strings.
static elea_status read_double(const json_t *item, double *out, elea_error *err) {
    static const struct {
        const char *name;
        double value;
    } words[] = {{"NaN", NAN}, {"Infinity", INFINITY}, {"-Infinity", -INFINITY}};
    if (json_is_number(item)) {
        *out = json_number_value(item);
        return ELEA_OK;
    }
    const char *text = json_string_value(item);
    for (int i = 0; text && i < 3; i++) {
        if (strcmp(text, words[i].name) == 0) {
            *out = words[i].value;
            return ELEA_OK;
        }
    }
    return elea_error_set(err, ELEA_EINVAL, "no number");
}

static elea_status read_float(const json_t *item, elea_type_id id, uint8_t *target,
                              elea_error *err) {
    double value = 0, stored;
    ELEA_TRY(read_double(item, &value, err));
    stored = value;
    if (id == ELEA_TYPE_FLOAT64) {
        memcpy(target, &value, sizeof value);
    } else if (id == ELEA_TYPE_FLOAT32) {
        float single = (float)value;
        stored = single;
        memcpy(target, &single, sizeof single);
    } else {
        uint16_t half = elea_half_from_float((float)value);
        stored = elea_half_to_float(half);
        memcpy(target, &half, sizeof half);
    }
    if (isfinite(value) && !isfinite(stored))
        return elea_error_set(err, ELEA_EINVAL, "%g is too large for %s", value,
                              elea_type_id_name(id));
    return ELEA_OK;
}

// A signed integer of `width` bytes that is a member of an object.
static elea_status read_member(const json_t *item, const char *key, int width, uint8_t *target,
                               elea_error *err) {
    elea_status status =
        elea__integration_integer_read(json_object_get(item, key), width, true, target, err);
    return status == ELEA_OK ? status : elea_error_prefix(err, status, "\"%s\"", key);
}

static elea_status read_bytes(const json_t *item, const elea_type *type, bool is_null,
                              uint8_t *target, elea_error *err) {
    int64_t width = elea__type_width(type);
    if (!json_is_string(item))
        return elea_error_set(err, ELEA_EINVAL, "no string");
    elea_bytes text = elea__json_bytes(item);
    if (is_null && text.size == 0)
        return ELEA_OK;
    if (text.size != width * 2)
        return elea_error_set(err, ELEA_EINVAL, "%lld digits, expected %lld", (long long)text.size,
                              (long long)width * 2);
    return elea__integration_hex_read(text, target, err);
}

elea_status elea__integration_value_read(const json_t *item, const elea_type *type, bool is_null,
                                         uint8_t *target, elea_error *err) {
    elea_type_id id = elea_type_id_of(type);
    elea_type_id physical = elea_type_physical(type);
    switch (id) {
    case ELEA_TYPE_FLOAT16:
    case ELEA_TYPE_FLOAT32:
    case ELEA_TYPE_FLOAT64:
        return read_float(item, id, target, err);
    case ELEA_TYPE_FIXED_SIZE_BINARY:
        return read_bytes(item, type, is_null, target, err);
    case ELEA_TYPE_INTERVAL_DAY_TIME:
        ELEA_TRY(read_member(item, "days", 4, target, err));
        return read_member(item, "milliseconds", 4, target + 4, err);
    case ELEA_TYPE_INTERVAL_MONTH_DAY_NANO:
        ELEA_TRY(read_member(item, "months", 4, target, err));
        ELEA_TRY(read_member(item, "days", 4, target + 4, err));
        return read_member(item, "nanoseconds", 8, target + 8, err);
    default: {
        bool is_unsigned = physical == ELEA_TYPE_UINT8 || physical == ELEA_TYPE_UINT16 ||
                           physical == ELEA_TYPE_UINT32 || physical == ELEA_TYPE_UINT64;
        return elea__integration_integer_read(item, (int)elea__type_width(type), !is_unsigned,
                                              target, err);
    }
    }
}

// SPDX-License-Identifier: Apache-2.0
#include "abi/format_internal.h"

#include <string.h>

#include "columnar/type_internal.h"

static const char unit_letters[] = "smun"; // in the order of elea_time_unit

#define UNION_CODE_COUNT_MAX 128

// ---- the parameters of a type, behind the fixed beginning of its format

static elea_status append_nothing(const elea_type *type, elea_text *text, elea_error *err) {
    (void)type, (void)text, (void)err;
    return ELEA_OK;
}

static elea_status append_unit(const elea_type *type, elea_text *text, elea_error *err) {
    return elea_text_append_format(text, err, "%c", unit_letters[elea_type_time_unit(type)]);
}

static elea_status append_timestamp(const elea_type *type, elea_text *text, elea_error *err) {
    ELEA_TRY(append_unit(type, text, err));
    return elea_text_append_format(text, err, ":%s", elea_type_time_zone(type));
}

static elea_status append_fixed_size(const elea_type *type, elea_text *text, elea_error *err) {
    return elea_text_append_format(text, err, "%d", (int)elea_type_fixed_size(type));
}

static elea_status append_decimal(const elea_type *type, elea_text *text, elea_error *err) {
    int width = elea_type_bit_width(type);
    ELEA_TRY(elea_text_append_format(text, err, "%d,%d", (int)elea_type_precision(type),
                                     (int)elea_type_scale(type)));
    return width == 128 ? ELEA_OK : elea_text_append_format(text, err, ",%d", width);
}

static elea_status append_union(const elea_type *type, elea_text *text, elea_error *err) {
    const int8_t *codes = elea_type_union_codes(type);
    for (int64_t i = 0; i < elea_type_child_count(type); i++)
        ELEA_TRY(elea_text_append_format(text, err, i == 0 ? "%d" : ",%d", (int)codes[i]));
    return ELEA_OK;
}

static elea_status parameters_bad(const char *parameters, const char *expected, elea_error *err) {
    return elea_error_set(err, ELEA_EINVAL, "parameters '%s', expected %s", parameters, expected);
}

// Decimal numbers with commas between them that fill the string and each fit int32_t; at least one
// and at most `count_max`. Gives how many, or 0 where the string is something else.
static int parse_numbers(const char *string, int count_max, int32_t *out) {
    for (int count = 0; count < count_max; string++) {
        bool negative = *string == '-';
        const char *digit = string + negative;
        int64_t value = 0;
        for (string = digit; *string >= '0' && *string <= '9' && value <= INT32_MAX; string++)
            value = value * 10 + (*string - '0');
        if (string == digit || value > INT32_MAX)
            return 0;
        out[count++] = (int32_t)(negative ? -value : value);
        if (*string == '\0')
            return count;
        if (*string != ',')
            return 0;
    }
    return 0;
}

static bool parse_unit(char letter, elea_time_unit *out) {
    const char *found = letter == '\0' ? NULL : strchr(unit_letters, letter);
    if (found != NULL)
        *out = (elea_time_unit)(found - unit_letters);
    return found != NULL;
}

static elea_status parse_timestamp(elea_type_id id, const char *parameters,
                                   const elea__format_context *context, elea_type **out,
                                   elea_error *err) {
    (void)id;
    elea_time_unit unit;
    if (!parse_unit(parameters[0], &unit) || parameters[1] != ':')
        return parameters_bad(parameters, "one of s, m, u, n and a colon", err);
    const char *zone = parameters + 2;
    int64_t size = (int64_t)strlen(zone);
    int64_t bad = elea_utf8_check(zone, size);
    if (bad != size)
        return elea_error_set(err, ELEA_EINVAL, "the time zone '%s' is not UTF-8 at byte %lld",
                              zone, (long long)bad);
    return elea_type_new_timestamp(context->pool, unit, zone, out, err);
}

// Times of both widths have the same letters; the unit tells them apart.
static elea_status parse_time(elea_type_id id, const char *parameters,
                              const elea__format_context *context, elea_type **out,
                              elea_error *err) {
    elea_time_unit unit;
    if (!parse_unit(parameters[0], &unit) || parameters[1] != '\0')
        return parameters_bad(parameters, "one of s, m, u, n", err);
    if (id != ELEA_TYPE_DURATION)
        id = unit <= ELEA_TIME_MILLI ? ELEA_TYPE_TIME32 : ELEA_TYPE_TIME64;
    return elea_type_new_time(context->pool, id, unit, out, err);
}

static elea_status parse_decimal(elea_type_id id, const char *parameters,
                                 const elea__format_context *context, elea_type **out,
                                 elea_error *err) {
    int32_t numbers[3] = {0, 0, 128};
    if (parse_numbers(parameters, 3, numbers) < 2)
        return parameters_bad(parameters, "precision, scale and perhaps bits", err);
    switch (numbers[2]) {
    case 32:
        id = ELEA_TYPE_DECIMAL32;
        break;
    case 64:
        id = ELEA_TYPE_DECIMAL64;
        break;
    case 128:
        id = ELEA_TYPE_DECIMAL128;
        break;
    case 256:
        id = ELEA_TYPE_DECIMAL256;
        break;
    default:
        return elea_error_set(err, ELEA_EUNSUPPORTED, "no such type here");
    }
    return elea_type_new_decimal(context->pool, id, numbers[0], numbers[1], out, err);
}

static elea_status parse_fixed_size_binary(elea_type_id id, const char *parameters,
                                           const elea__format_context *context, elea_type **out,
                                           elea_error *err) {
    (void)id;
    int32_t width;
    if (parse_numbers(parameters, 1, &width) == 0)
        return parameters_bad(parameters, "a width", err);
    return elea_type_new_fixed_size_binary(context->pool, width, out, err);
}

static elea_status parse_list(elea_type_id id, const char *parameters,
                              const elea__format_context *context, elea_type **out,
                              elea_error *err) {
    (void)parameters;
    return elea_type_new_list(context->pool, id, context->children[0], out, err);
}

static elea_status parse_fixed_size_list(elea_type_id id, const char *parameters,
                                         const elea__format_context *context, elea_type **out,
                                         elea_error *err) {
    (void)id;
    int32_t list_size;
    if (parse_numbers(parameters, 1, &list_size) == 0)
        return parameters_bad(parameters, "a list size", err);
    return elea_type_new_fixed_size_list(context->pool, context->children[0], list_size, out, err);
}

static elea_status parse_struct(elea_type_id id, const char *parameters,
                                const elea__format_context *context, elea_type **out,
                                elea_error *err) {
    (void)id, (void)parameters;
    return elea_type_new_struct(context->pool, context->children, context->child_count, out, err);
}

static elea_status parse_map(elea_type_id id, const char *parameters,
                             const elea__format_context *context, elea_type **out,
                             elea_error *err) {
    (void)id, (void)parameters;
    return elea_type_new_map_of_entries(context->pool, context->children[0], context->keys_sorted,
                                        out, err);
}

static elea_status parse_union(elea_type_id id, const char *parameters,
                               const elea__format_context *context, elea_type **out,
                               elea_error *err) {
    int32_t numbers[UNION_CODE_COUNT_MAX];
    int8_t codes[UNION_CODE_COUNT_MAX];
    int count = parse_numbers(parameters, UNION_CODE_COUNT_MAX, numbers);
    if (count == 0 && *parameters != '\0')
        return parameters_bad(parameters, "type codes", err);
    if (count != context->child_count)
        return elea_error_set(err, ELEA_EINVAL, "%d type codes for %lld children", count,
                              (long long)context->child_count);
    for (int i = 0; i < count; i++) {
        if (numbers[i] < 0 || numbers[i] > INT8_MAX)
            return elea_error_set(err, ELEA_EINVAL, "type code %d", (int)numbers[i]);
        codes[i] = (int8_t)numbers[i];
    }
    return elea_type_new_union(context->pool, id, context->children, codes, count, out, err);
}

static elea_status parse_run_end_encoded(elea_type_id id, const char *parameters,
                                         const elea__format_context *context, elea_type **out,
                                         elea_error *err) {
    (void)id, (void)parameters;
    return elea_type_new_run_end_encoded(context->pool, context->children[0], context->children[1],
                                         out, err);
}

// ---- the table

#define CHILDREN_ANY (-1)

typedef struct parametric_type {
    elea_type_id id;
    bool has_parameters; // behind the format of the type list
    int64_t child_count;
    elea_status (*append)(const elea_type *type, elea_text *text, elea_error *err);
    elea_status (*parse)(elea_type_id id, const char *parameters,
                         const elea__format_context *context, elea_type **out, elea_error *err);
} parametric_type;

// Where types share a format, the first of them parses for all.
static const parametric_type parametric_types[] = {
    {ELEA_TYPE_TIMESTAMP, true, 0, append_timestamp, parse_timestamp},
    {ELEA_TYPE_TIME32, true, 0, append_unit, parse_time},
    {ELEA_TYPE_TIME64, true, 0, append_unit, parse_time},
    {ELEA_TYPE_DURATION, true, 0, append_unit, parse_time},
    {ELEA_TYPE_DECIMAL32, true, 0, append_decimal, parse_decimal},
    {ELEA_TYPE_DECIMAL64, true, 0, append_decimal, parse_decimal},
    {ELEA_TYPE_DECIMAL128, true, 0, append_decimal, parse_decimal},
    {ELEA_TYPE_DECIMAL256, true, 0, append_decimal, parse_decimal},
    {ELEA_TYPE_FIXED_SIZE_BINARY, true, 0, append_fixed_size, parse_fixed_size_binary},
    {ELEA_TYPE_LIST, false, 1, append_nothing, parse_list},
    {ELEA_TYPE_LARGE_LIST, false, 1, append_nothing, parse_list},
    {ELEA_TYPE_LIST_VIEW, false, 1, append_nothing, parse_list},
    {ELEA_TYPE_LARGE_LIST_VIEW, false, 1, append_nothing, parse_list},
    {ELEA_TYPE_FIXED_SIZE_LIST, true, 1, append_fixed_size, parse_fixed_size_list},
    {ELEA_TYPE_STRUCT, false, CHILDREN_ANY, append_nothing, parse_struct},
    {ELEA_TYPE_MAP, false, 1, append_nothing, parse_map},
    {ELEA_TYPE_SPARSE_UNION, true, CHILDREN_ANY, append_union, parse_union},
    {ELEA_TYPE_DENSE_UNION, true, CHILDREN_ANY, append_union, parse_union},
    {ELEA_TYPE_RUN_END_ENCODED, false, 2, append_nothing, parse_run_end_encoded},
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const parametric_type *parametric_by_id(elea_type_id id) {
    for (size_t i = 0; i < COUNT_OF(parametric_types); i++) {
        if (parametric_types[i].id == id)
            return &parametric_types[i];
    }
    return NULL;
}

// The type without parameters that has this format, or NULL.
static const elea_type *plain_by_format(const char *string) {
    for (int id = 0; id < ELEA__TYPE_ID_COUNT; id++) {
        const char *format = elea__type_table[id].format;
        // The first letter tells nearly all apart, and that without a call.
        if (format[0] == string[0] && strcmp(format, string) == 0)
            return elea_type_of((elea_type_id)id);
    }
    return NULL;
}

// The row whose format begins the string, and where its parameters begin.
static const parametric_type *parametric_by_format(const char *string, const char **parameters) {
    for (size_t i = 0; i < COUNT_OF(parametric_types); i++) {
        const parametric_type *row = &parametric_types[i];
        const char *format = elea_type_id_format(row->id);
        size_t size = strlen(format);
        if (strncmp(string, format, size) == 0 && (row->has_parameters || string[size] == '\0')) {
            *parameters = string + size;
            return row;
        }
    }
    return NULL;
}

// What the format of a type is taken from: of a dictionary its indices.
static const elea_type *formatted(const elea_type *type) {
    return elea_type_id_of(type) == ELEA_TYPE_DICTIONARY ? elea_type_index_type(type) : type;
}

const char *elea__format_fixed(const elea_type *type) {
    elea_type_id id = elea_type_id_of(formatted(type));
    const parametric_type *row = parametric_by_id(id);
    return row != NULL && row->has_parameters ? NULL : elea_type_id_format(id);
}

elea_status elea__format_append(const elea_type *type, elea_text *text, elea_error *err) {
    type = formatted(type);
    elea_type_id id = elea_type_id_of(type);
    ELEA_TRY(elea_text_append(text, elea_bytes_of(elea_type_id_format(id)), err));
    const parametric_type *row = parametric_by_id(id);
    return row == NULL ? ELEA_OK : row->append(type, text, err);
}

static elea_status children_check(int64_t expected, int64_t found, elea_error *err) {
    if (expected != CHILDREN_ANY && found != expected)
        return elea_error_set(err, ELEA_EINVAL, "%lld children, expected %lld", (long long)found,
                              (long long)expected);
    return ELEA_OK;
}

static elea_status parse(const char *format, const elea__format_context *context, elea_type **out,
                         elea_error *err) {
    const elea_type *plain = plain_by_format(format);
    if (plain != NULL) {
        ELEA_TRY(children_check(0, context->child_count, err));
        *out = elea_type_ref(plain);
        return ELEA_OK;
    }
    const char *parameters;
    const parametric_type *row = parametric_by_format(format, &parameters);
    if (row == NULL)
        return elea_error_set(err, ELEA_EUNSUPPORTED, "no such type here");
    ELEA_TRY(children_check(row->child_count, context->child_count, err));
    return row->parse(row->id, parameters, context, out, err);
}

elea_status elea__format_parse(const char *format, const elea__format_context *context,
                               elea_type **out, elea_error *err) {
    elea_status status = parse(format, context, out, err);
    return status == ELEA_OK ? status : elea_error_prefix(err, status, "format '%s'", format);
}

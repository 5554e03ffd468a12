// SPDX-License-Identifier: Apache-2.0
//
// Types, fields and schemas in the form that people read and write.
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "columnar/format_internal.h"
#include "columnar/type_internal.h"

static const char *const unit_names[] = {"s", "ms", "us", "ns"};

const char *elea__time_unit_name(elea_time_unit unit) { return unit_names[unit]; }

bool elea__ends_name(char byte) {
    return (unsigned char)byte <= ' ' || strchr(":,<>[]()={}\"'", byte) || byte == 0x7F;
}

// A name that could be taken for something else is quoted.
static bool needs_quotes(const char *name) {
    if (name[0] == '\0')
        return true;
    for (const char *at = name; *at; at++) {
        if (elea__ends_name(*at))
            return true;
    }
    return false;
}

elea_status elea__name_format(const char *name, elea_text *text, elea_error *err) {
    return needs_quotes(name) ? elea_text_append_json(text, elea_bytes_of(name), err)
                              : elea_text_append(text, elea_bytes_of(name), err);
}

static elea_status put(elea_text *text, const char *string, elea_error *err) {
    return elea_text_append(text, elea_bytes_of(string), err);
}

// "int32 not null", without the name.
static elea_status put_field_type(const elea_field *field, elea_text *text, elea_error *err) {
    ELEA_TRY(elea_type_format(field->type, text, err));
    return field->nullable ? ELEA_OK : put(text, " not null", err);
}

// "[us, +05:30]". Zones have no spaces and brackets; one that has is quoted.
static elea_status put_zone(const elea_type *type, elea_text *text, elea_error *err) {
    bool is_plain = true;
    for (const char *at = type->zone; *at; at++)
        is_plain = is_plain && (unsigned char)*at > ' ' && *at != ']' && *at != '"';
    ELEA_TRY(elea_text_append_format(text, err, "[%s, ", unit_names[type->unit]));
    if (is_plain)
        ELEA_TRY(put(text, type->zone, err));
    else
        ELEA_TRY(elea_text_append_json(text, elea_bytes_of(type->zone), err));
    return put(text, "]", err);
}

static elea_status put_parameters(const elea_type *type, elea_text *text, elea_error *err) {
    if (type->id == ELEA_TYPE_TIMESTAMP && type->zone[0])
        return put_zone(type, text, err);
    // The times that need a unit are those whose format it completes.
    const char *format = elea__type_table[type->id].format;
    if (format[0] == 't' && format[2] == '\0')
        return elea_text_append_format(text, err, "[%s]", unit_names[type->unit]);
    if (type->precision > 0)
        return elea_text_append_format(text, err, "(%d, %d)", type->precision, type->scale);
    if (type->id == ELEA_TYPE_FIXED_SIZE_BINARY)
        return elea_text_append_format(text, err, "[%d]", type->fixed_size);
    return ELEA_OK;
}

// Of a map only key and value are told; the rest is fixed.
static elea_status put_map(const elea_type *type, elea_text *text, elea_error *err) {
    const elea_type *entries = type->children[0]->type;
    ELEA_TRY(put(text, "<", err));
    ELEA_TRY(elea_type_format(entries->children[0]->type, text, err));
    ELEA_TRY(put(text, ", ", err));
    ELEA_TRY(put_field_type(entries->children[1], text, err));
    return put(text, type->ordered ? ", keys sorted>" : ">", err);
}

static elea_status put_dictionary(const elea_type *type, elea_text *text, elea_error *err) {
    ELEA_TRY(put(text, "<values: ", err));
    ELEA_TRY(elea_type_format(type->value_type, text, err));
    ELEA_TRY(put(text, ", indices: ", err));
    ELEA_TRY(elea_type_format(type->index_type, text, err));
    return put(text, type->ordered ? ", ordered>" : ">", err);
}

static elea_status put_children(const elea_type *type, elea_text *text, elea_error *err) {
    ELEA_TRY(put(text, "<", err));
    for (int64_t i = 0; i < type->child_count; i++) {
        if (i > 0)
            ELEA_TRY(put(text, ", ", err));
        ELEA_TRY(elea_field_format(type->children[i], text, err));
        if (type->codes)
            ELEA_TRY(elea_text_append_format(text, err, "=%d", type->codes[i]));
    }
    ELEA_TRY(put(text, ">", err));
    if (type->id == ELEA_TYPE_FIXED_SIZE_LIST)
        return elea_text_append_format(text, err, "[%d]", type->fixed_size);
    return ELEA_OK;
}

elea_status elea_type_format(const elea_type *type, elea_text *text, elea_error *err) {
    ELEA_TRY(put(text, elea__type_table[type->id].name, err));
    if (type->id == ELEA_TYPE_MAP)
        return put_map(type, text, err);
    if (type->layout == ELEA_LAYOUT_DICTIONARY)
        return put_dictionary(type, text, err);
    if (elea__type_table[type->id].format[0] == '+')
        return put_children(type, text, err);
    return put_parameters(type, text, err);
}

elea_status elea_field_format(const elea_field *field, elea_text *text, elea_error *err) {
    ELEA_TRY(elea__name_format(field->name, text, err));
    ELEA_TRY(put(text, ": ", err));
    return put_field_type(field, text, err);
}

// Metadata may be pages long (a whole schema in base64); so much of each value is shown.
#define METADATA_SHOWN 72

static elea_status put_metadata(const elea_metadata *metadata, elea_text *text, elea_error *err) {
    for (int64_t i = 0; i < elea_metadata_count(metadata); i++) {
        elea_bytes value = elea_metadata_value(metadata, i);
        bool is_cut = value.size > METADATA_SHOWN;
        ELEA_TRY(put(text, "    ", err));
        ELEA_TRY(elea_text_append_json(text, elea_metadata_key(metadata, i), err));
        ELEA_TRY(put(text, " = ", err));
        ELEA_TRY(elea_text_append_json(
            text, (elea_bytes){value.data, is_cut ? METADATA_SHOWN : value.size}, err));
        if (is_cut)
            ELEA_TRY(elea_text_append_format(text, err, "... (%lld bytes)", (long long)value.size));
        ELEA_TRY(put(text, "\n", err));
    }
    return ELEA_OK;
}

elea_status elea_schema_format(const elea_schema *schema, elea_text *text, elea_error *err) {
    for (int64_t i = 0; i < elea_schema_field_count(schema); i++) {
        const elea_field *field = elea_schema_field(schema, i);
        ELEA_TRY(elea_field_format(field, text, err));
        ELEA_TRY(put(text, "\n", err));
        ELEA_TRY(put_metadata(field->metadata, text, err));
    }
    if (elea_metadata_count(elea_schema_metadata(schema)) == 0)
        return ELEA_OK;
    ELEA_TRY(put(text, "metadata:\n", err));
    return put_metadata(elea_schema_metadata(schema), text, err);
}

elea_status elea__type_mismatch(elea_error *err, const elea_type *found, const elea_type *expected,
                                const char *subject, ...) {
    char name[200];
    elea_text found_text, expected_text;
    va_list arguments;
    va_start(arguments, subject);
    vsnprintf(name, sizeof(name), subject, arguments);
    va_end(arguments);

    // Where memory has run out, the bare names do.
    elea_text_init(&found_text, NULL);
    elea_text_init(&expected_text, NULL);
    bool in_full = elea_type_format(found, &found_text, NULL) == ELEA_OK &&
                   elea_type_format(expected, &expected_text, NULL) == ELEA_OK;
    elea_error_set(err, ELEA_ETYPE, "%s is %s, expected %s", name,
                   in_full ? found_text.data : elea_type_id_name(found->id),
                   in_full ? expected_text.data : elea_type_id_name(expected->id));
    elea_text_release(&found_text);
    elea_text_release(&expected_text);
    return ELEA_ETYPE;
}

elea_status elea_schema_format_line(const elea_schema *schema, elea_text *text, elea_error *err) {
    for (int64_t i = 0; i < elea_schema_field_count(schema); i++) {
        if (i > 0)
            ELEA_TRY(put(text, ", ", err));
        ELEA_TRY(elea_field_format(elea_schema_field(schema, i), text, err));
    }
    return ELEA_OK;
}

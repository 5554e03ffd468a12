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

// Of metadata that may be pages long (a whole schema in base64), people are shown so many bytes of
// each value.
#define METADATA_SHOWN 72

// Where the text must hold all there is, what it cannot hold is an error.
static elea_status check_text(elea_bytes bytes, int64_t shown, elea_error *err) {
    int64_t good = shown == INT64_MAX ? elea_utf8_check(bytes.data, bytes.size) : bytes.size;
    if (good < bytes.size)
        return elea_error_set(err, ELEA_EINVAL,
                              "a name, key or value that is not UTF-8 at byte %lld has no form in "
                              "text",
                              (long long)good);
    return ELEA_OK;
}

// "key" = "value", with at most `shown` bytes of the value.
static elea_status put_pair(const elea_metadata *metadata, int64_t index, int64_t shown,
                            elea_text *text, elea_error *err) {
    elea_bytes key = elea_metadata_key(metadata, index);
    elea_bytes value = elea_metadata_value(metadata, index);
    ELEA_TRY(check_text(key, shown, err));
    ELEA_TRY(check_text(value, shown, err));
    ELEA_TRY(elea_text_append_json(text, key, err));
    ELEA_TRY(put(text, " = ", err));
    ELEA_TRY(elea_text_append_json(
        text, (elea_bytes){value.data, value.size > shown ? shown : value.size}, err));
    if (value.size > shown)
        return elea_text_append_format(text, err, "... (%lld bytes)", (long long)value.size);
    return ELEA_OK;
}

// ` {"key" = "value", "key" = "value"}`
static elea_status put_braces(const elea_metadata *metadata, int64_t shown, elea_text *text,
                              elea_error *err) {
    for (int64_t i = 0; i < elea_metadata_count(metadata); i++) {
        ELEA_TRY(put(text, i == 0 ? " {" : ", ", err));
        ELEA_TRY(put_pair(metadata, i, shown, text, err));
    }
    return elea_metadata_count(metadata) > 0 ? put(text, "}", err) : ELEA_OK;
}

// "int32 not null", without the name.
static elea_status put_field_type(const elea_field *field, int64_t shown, elea_text *text,
                                  elea_error *err) {
    ELEA_TRY(elea__type_format(field->type, shown, text, err));
    return field->nullable ? ELEA_OK : put(text, " not null", err);
}

// A field inside a type: its metadata follow it, in braces.
static elea_status put_child(const elea_field *field, int64_t shown, elea_text *text,
                             elea_error *err) {
    ELEA_TRY(check_text(elea_bytes_of(field->name), shown, err));
    ELEA_TRY(elea__name_format(field->name, text, err));
    ELEA_TRY(put(text, ": ", err));
    ELEA_TRY(put_field_type(field, shown, text, err));
    return shown > 0 ? put_braces(field->metadata, shown, text, err) : ELEA_OK;
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

// Whether a map is told by the types of its key and value, its fields being what
// elea_type_new_map() makes of them.
static bool is_plain_map(const elea_type *type, int64_t shown) {
    const elea_field *entries = type->children[0];
    const elea_field *key = entries->type->children[0];
    const elea_field *value = entries->type->children[1];
    bool has_metadata = elea_metadata_count(entries->metadata) > 0 ||
                        elea_metadata_count(key->metadata) > 0 ||
                        elea_metadata_count(value->metadata) > 0;
    return !entries->nullable && strcmp(entries->name, "entries") == 0 &&
           strcmp(key->name, "key") == 0 && strcmp(value->name, "value") == 0 &&
           (shown == 0 || !has_metadata);
}

static elea_status put_map(const elea_type *type, int64_t shown, elea_text *text, elea_error *err) {
    const elea_type *entries = type->children[0]->type;
    ELEA_TRY(put(text, "<", err));
    if (is_plain_map(type, shown)) {
        ELEA_TRY(elea__type_format(entries->children[0]->type, shown, text, err));
        ELEA_TRY(put(text, ", ", err));
        ELEA_TRY(put_field_type(entries->children[1], shown, text, err));
    } else {
        ELEA_TRY(put_child(type->children[0], shown, text, err));
    }
    return put(text, type->ordered ? ", keys sorted>" : ">", err);
}

static elea_status put_dictionary(const elea_type *type, int64_t shown, elea_text *text,
                                  elea_error *err) {
    ELEA_TRY(put(text, "<values: ", err));
    ELEA_TRY(elea__type_format(type->value_type, shown, text, err));
    ELEA_TRY(put(text, ", indices: ", err));
    ELEA_TRY(elea__type_format(type->index_type, shown, text, err));
    return put(text, type->ordered ? ", ordered>" : ">", err);
}

static elea_status put_children(const elea_type *type, int64_t shown, elea_text *text,
                                elea_error *err) {
    ELEA_TRY(put(text, "<", err));
    for (int64_t i = 0; i < type->child_count; i++) {
        if (i > 0)
            ELEA_TRY(put(text, ", ", err));
        ELEA_TRY(put_child(type->children[i], shown, text, err));
        if (type->codes)
            ELEA_TRY(elea_text_append_format(text, err, "=%d", type->codes[i]));
    }
    ELEA_TRY(put(text, ">", err));
    if (type->id == ELEA_TYPE_FIXED_SIZE_LIST)
        return elea_text_append_format(text, err, "[%d]", type->fixed_size);
    return ELEA_OK;
}

elea_status elea__type_format(const elea_type *type, int64_t shown, elea_text *text,
                              elea_error *err) {
    ELEA_TRY(put(text, elea__type_table[type->id].name, err));
    if (type->id == ELEA_TYPE_MAP)
        return put_map(type, shown, text, err);
    if (type->layout == ELEA_LAYOUT_DICTIONARY)
        return put_dictionary(type, shown, text, err);
    if (elea__type_table[type->id].format[0] == '+')
        return put_children(type, shown, text, err);
    return put_parameters(type, text, err);
}

elea_status elea_type_format(const elea_type *type, elea_text *text, elea_error *err) {
    return elea__type_format(type, 0, text, err);
}

elea_status elea_field_format(const elea_field *field, elea_text *text, elea_error *err) {
    return put_child(field, 0, text, err);
}

// A line for each pair.
static elea_status put_metadata(const elea_metadata *metadata, elea_text *text, elea_error *err) {
    for (int64_t i = 0; i < elea_metadata_count(metadata); i++) {
        ELEA_TRY(put(text, "    ", err));
        ELEA_TRY(put_pair(metadata, i, METADATA_SHOWN, text, err));
        ELEA_TRY(put(text, "\n", err));
    }
    return ELEA_OK;
}

elea_status elea_schema_format(const elea_schema *schema, elea_text *text, elea_error *err) {
    for (int64_t i = 0; i < elea_schema_field_count(schema); i++) {
        const elea_field *field = elea_schema_field(schema, i);
        ELEA_TRY(elea__name_format(field->name, text, err));
        ELEA_TRY(put(text, ": ", err));
        ELEA_TRY(put_field_type(field, METADATA_SHOWN, text, err));
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

// SPDX-License-Identifier: Apache-2.0
//
// The text of schemas, fields and types. What parses is printed, and what is printed must parse to
// the same.
#include <stdlib.h>

#include "elea/columnar.h"

static elea_bytes bytes_of(const elea_text *text) { return (elea_bytes){text->data, text->size}; }

static void must(bool condition) {
    if (!condition)
        abort();
}

static void schema_text(elea_bytes source) {
    elea_schema *schema = NULL;
    elea_schema *back = NULL;
    elea_text text;
    if (elea_schema_parse(NULL, source, &schema, NULL) != ELEA_OK)
        return;
    elea_text_init(&text, NULL);
    must(elea_schema_format_line(schema, &text, NULL) == ELEA_OK);
    must(elea_schema_parse(NULL, bytes_of(&text), &back, NULL) == ELEA_OK);
    must(elea_schema_equal(schema, back, false));
    elea_schema_unref(back);
    elea_text_reset(&text);
    must(elea_schema_format(schema, &text, NULL) == ELEA_OK);
    // Long values of metadata are shortened and then do not parse.
    if (elea_schema_parse(NULL, bytes_of(&text), &back, NULL) == ELEA_OK) {
        must(elea_schema_equal(schema, back, true));
        elea_schema_unref(back);
    }
    elea_text_release(&text);
    elea_schema_unref(schema);
}

static void field_text(elea_bytes source) {
    elea_field *field = NULL;
    elea_field *back = NULL;
    elea_text text;
    if (elea_field_parse(NULL, source, &field, NULL) != ELEA_OK)
        return;
    elea_text_init(&text, NULL);
    must(elea_field_format(field, &text, NULL) == ELEA_OK);
    must(elea_field_parse(NULL, bytes_of(&text), &back, NULL) == ELEA_OK);
    must(elea_field_equal(field, back, false));
    elea_text_release(&text);
    elea_field_unref(back);
    elea_field_unref(field);
}

static void type_text(elea_bytes source) {
    elea_type *type = NULL;
    elea_type *back = NULL;
    elea_text text;
    if (elea_type_parse(NULL, source, &type, NULL) != ELEA_OK)
        return;
    elea_text_init(&text, NULL);
    must(elea_type_format(type, &text, NULL) == ELEA_OK);
    must(elea_type_parse(NULL, bytes_of(&text), &back, NULL) == ELEA_OK);
    must(elea_type_equal(type, back, false));
    elea_text_release(&text);
    elea_type_unref(back);
    elea_type_unref(type);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    elea_bytes source = {(const char *)data, (int64_t)size};
    schema_text(source);
    field_text(source);
    type_text(source);
    return 0;
}

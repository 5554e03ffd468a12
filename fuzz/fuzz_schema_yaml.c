// SPDX-License-Identifier: Apache-2.0
//
// Schemas as YAML. What parses is written, and what is written must parse to the same.
#include <stdlib.h>

#include "elea/columnar.h"

static void must(bool condition) {
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    elea_schema *schema = NULL;
    elea_schema *back = NULL;
    elea_text text;
    elea_bytes source = {(const char *)data, (int64_t)size};
    if (elea_schema_parse_yaml(NULL, source, &schema, NULL) != ELEA_OK)
        return 0;
    elea_text_init(&text, NULL);
    must(elea_schema_format_yaml(schema, &text, NULL) == ELEA_OK);
    must(elea_schema_parse_yaml(NULL, (elea_bytes){text.data, text.size}, &back, NULL) == ELEA_OK);
    must(elea_schema_equal(schema, back, true));
    elea_schema_unref(back);
    elea_text_release(&text);
    elea_schema_unref(schema);
    return 0;
}

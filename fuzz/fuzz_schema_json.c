// SPDX-License-Identifier: Apache-2.0
//
// Bytes as the JSON of a schema: what is read is written and read again, which must give the same.
#include <stdlib.h>

#include <elea/ipc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition) {
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    elea_schema *schema = NULL;
    elea_schema *back = NULL;
    elea_text text;
    if (elea_schema_parse_json(NULL, (elea_bytes){(const char *)data, (int64_t)size}, &schema,
                               NULL) != ELEA_OK)
        return 0;
    elea_text_init(&text, NULL);
    must(elea_schema_format_json(schema, &text, NULL) == ELEA_OK);
    must(elea_schema_parse_json(NULL, (elea_bytes){text.data, text.size}, &back, NULL) == ELEA_OK);
    must(elea_schema_equal(schema, back, true));
    elea_schema_unref(back);
    elea_text_release(&text);
    elea_schema_unref(schema);
    return 0;
}

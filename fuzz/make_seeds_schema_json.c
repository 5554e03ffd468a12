// SPDX-License-Identifier: Apache-2.0
//
// The schema of a column for each type.
#include <elea/ipc.h>

#include "ipc_seeds.h"

int main(int argc, char **argv) {
    elea_type *types[SEED_TYPES_MAX];
    elea_error err = {0};
    if (argc != 2)
        return 2;
    int count = seed_types(types);
    for (int i = 0; i < count; i++) {
        elea_schema *schema;
        elea_text text;
        elea_field *field = seed_field("c", types[i], i % 2);
        elea_text_init(&text, NULL);
        seed_check(elea_schema_new(NULL, (const elea_field *const *)&field, 1, NULL, &schema, &err),
                   &err);
        seed_check(elea_schema_format_json(schema, &text, &err), &err);
        seed_write(argv[1], "schema", i, (const uint8_t *)text.data, text.size);
        elea_text_release(&text);
        elea_schema_unref(schema);
        elea_field_unref(field);
        elea_type_unref(types[i]);
    }
    return 0;
}

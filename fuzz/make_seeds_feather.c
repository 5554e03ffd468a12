// SPDX-License-Identifier: Apache-2.0
#include <elea/ipc.h>

#include "../tests/support/feather_bytes.h"
#include "ipc_seeds.h"

static bool is_known(const elea_type *type) {
    elea_type_id id = elea_type_id_of(type);
    if (id == ELEA_TYPE_DICTIONARY)
        return elea_type_id_of(elea_type_value_type(type)) == ELEA_TYPE_UTF8;
    return id == ELEA_TYPE_TIMESTAMP || id == ELEA_TYPE_TIME32 || id == ELEA_TYPE_DATE32 ||
           id == ELEA_TYPE_UTF8 || id == ELEA_TYPE_BINARY || id == ELEA_TYPE_LARGE_UTF8 ||
           id == ELEA_TYPE_LARGE_BINARY || id == ELEA_TYPE_BOOL ||
           (id >= ELEA_TYPE_UINT8 && id <= ELEA_TYPE_INT64) || id == ELEA_TYPE_FLOAT32 ||
           id == ELEA_TYPE_FLOAT64;
}

int main(int argc, char **argv) {
    elea_type *types[SEED_TYPES_MAX];
    elea_error err = {0};
    if (argc != 2)
        return 2;
    int count = seed_types(types);
    for (int i = 0; i < count; i++) {
        if (is_known(types[i])) {
            elea_schema *schema;
            elea_record_batch *batch;
            elea_text text;
            elea_array *array = seed_array(types[i], 6);
            elea_field *field = seed_field("c", types[i], true);
            const elea_field *const fields[] = {field, field};
            const elea_array *const arrays[] = {array, array};
            seed_check(elea_schema_new(NULL, fields, 1 + i % 2, NULL, &schema, &err), &err);
            seed_check(elea_record_batch_new(NULL, schema, 6, arrays, &batch, &err), &err);
            elea_text_init(&text, NULL);
            feather_write(batch, &text);
            seed_write(argv[1], "feather", i, text.data, text.size);
            elea_text_release(&text);
            elea_record_batch_unref(batch);
            elea_schema_unref(schema);
            elea_field_unref(field);
            elea_array_unref(array);
        }
        elea_type_unref(types[i]);
    }
    return 0;
}

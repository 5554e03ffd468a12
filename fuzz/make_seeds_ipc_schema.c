// SPDX-License-Identifier: Apache-2.0
#include "ipc/schema.h"
#include "ipc_seeds.h"

int main(int argc, char **argv) {
    elea_type *types[SEED_TYPES_MAX];
    elea_error err = {0};
    if (argc != 2)
        return 2;
    elea_metadata *metadata;
    const elea_bytes key = elea_bytes_of("key"), value = elea_bytes_of("value");
    seed_check(elea_metadata_new(NULL, &key, &value, 1, &metadata, &err), &err);
    int count = seed_types(types);
    for (int i = 0; i < count; i++) {
        elea_field *field;
        elea_schema *schema;
        elea__flat_builder builder;
        seed_check(elea_field_new(NULL, elea_bytes_of("c"), types[i], true, i % 3 ? NULL : metadata,
                                  &field, &err),
                   &err);
        const elea_field *const fields[] = {field, field};
        seed_check(elea_schema_new(NULL, fields, 1 + i % 2, i % 4 ? NULL : metadata, &schema, &err),
                   &err);
        elea__flat_builder_init(&builder, NULL);
        seed_check(elea__ipc_schema_write(&builder, ELEA__FLAT_ROOT, schema, NULL, &err), &err);
        seed_check(elea__flat_finish(&builder, &err), &err);
        seed_write(argv[1], "schema", i, builder.data, builder.size);
        elea__flat_builder_release(&builder);
        elea_schema_unref(schema);
        elea_field_unref(field);
        elea_type_unref(types[i]);
    }
    elea_metadata_unref(metadata);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
//
// Bytes as a flatbuffer whose root is a Schema table. What is read is written again and must read
// back equal.
#include <stdlib.h>

#include "ipc/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const elea_ipc_read_limits limits = {
    .custom_size_max = 1 << 20, .field_count_max = 1 << 12, .dictionary_count_max = 1 << 10};
static const elea__ipc_schema_options options = {.depth_max = 64, .limits = &limits};

static void check_round_trip(const elea_schema *schema) {
    elea_error err;
    elea__flat_builder builder;
    elea__flat flat;
    elea__flat_table table;
    elea__ipc_schema again;
    elea__flat_builder_init(&builder, NULL);
    if (elea__ipc_schema_write(&builder, ELEA__FLAT_ROOT, schema, NULL, &err) != ELEA_OK ||
        elea__flat_finish(&builder, &err) != ELEA_OK)
        abort();
    elea__flat_init(&flat, builder.data, builder.size, 0);
    if (elea__flat_root(&flat, &table, &err) != ELEA_OK ||
        elea__ipc_schema_read(NULL, &table, &options, &again, &err) != ELEA_OK ||
        !elea_schema_equal(again.schema, schema, true))
        abort();
    elea__ipc_schema_release(&again);
    elea__flat_builder_release(&builder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    elea_error err;
    elea__flat flat;
    elea__flat_table table;
    elea__ipc_schema schema;
    elea__flat_init(&flat, data, (int64_t)size, 0);
    if (elea__flat_root(&flat, &table, &err) == ELEA_OK &&
        elea__ipc_schema_read(NULL, &table, &options, &schema, &err) == ELEA_OK) {
        check_round_trip(schema.schema);
        elea__ipc_schema_release(&schema);
    }
    return 0;
}

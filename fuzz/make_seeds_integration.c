// SPDX-License-Identifier: Apache-2.0
//
// A document for each type, and one packed by gzip.
#include <string.h>

#include <elea/io.h>
#include <elea/ipc.h>

#include "ipc_seeds.h"

// Nothing, in a build without zlib.
static void write_packed(const char *folder, int number, elea_bytes text) {
    const elea_codec *gzip = elea_codec_of(ELEA_CODEC_GZIP);
    elea_error err = {0};
    elea_buffer *packed = NULL;
    int64_t bound = 0, size = 0;
    if (!elea_codec_available(gzip))
        return;
    seed_check(elea_codec_compress_bound(gzip, text.size, &bound, &err), &err);
    seed_check(elea_buffer_new(NULL, bound, &packed, &err), &err);
    seed_check(
        elea_codec_compress(gzip, 0, text, elea_buffer_mutable_data(packed), bound, &size, &err),
        &err);
    seed_write(folder, "packed", number, elea_buffer_data(packed), size);
    elea_buffer_unref(packed);
}

static void write_seed(const char *folder, int number, const elea_array *array) {
    elea_error err = {0};
    elea_schema *schema;
    elea_record_batch *batch;
    elea_text text;
    elea_field *field = seed_field("c", elea_array_type(array), true);
    const elea_field *const fields[] = {field};
    elea_text_init(&text, NULL);
    seed_check(elea_schema_new(NULL, fields, 1, NULL, &schema, &err), &err);
    seed_check(elea_record_batch_new(NULL, schema, elea_array_length(array), &array, &batch, &err),
               &err);
    const elea_record_batch *const batches[] = {batch};
    seed_check(elea_integration_format(schema, batches, 1, NULL, &text, &err), &err);
    seed_write(folder, "document", number, (const uint8_t *)text.data, text.size);
    if (number == 0)
        write_packed(folder, number, (elea_bytes){text.data, text.size});
    elea_text_release(&text);
    elea_record_batch_unref(batch);
    elea_schema_unref(schema);
    elea_field_unref(field);
}

int main(int argc, char **argv) {
    elea_type *types[SEED_TYPES_MAX];
    elea_error err = {0};
    if (argc != 2)
        return 2;
    int count = seed_types(types);
    for (int i = 0; i < count; i++) {
        elea_array *array = NULL;
        seed_check(elea_array_new_null(NULL, types[i], 2, &array, &err), &err);
        write_seed(argv[1], i, array);
        elea_array_unref(array);
        elea_type_unref(types[i]);
    }
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include <elea/ipc.h>

#include "ipc_seeds.h"

static void write_seed(const char *folder, int number, const elea_array *array,
                       elea_codec_id compression) {
    elea_error err = {0};
    elea_schema *schema;
    elea_record_batch *batch;
    elea_output_stream *stream;
    elea_ipc_file_writer *writer;
    elea_buffer *bytes;
    elea_field *field = seed_field("c", elea_array_type(array), true);
    const elea_field *const fields[] = {field};
    seed_check(elea_schema_new(NULL, fields, 1, NULL, &schema, &err), &err);
    seed_check(elea_record_batch_new(NULL, schema, elea_array_length(array), &array, &batch, &err),
               &err);
    seed_check(elea_output_stream_new_memory(NULL, &stream, &err), &err);
    const elea_ipc_write_options options = {.alignment = 8, .compression = compression};
    seed_check(elea_ipc_file_writer_new(stream, schema, &options, NULL, &writer, &err), &err);
    seed_check(elea_ipc_file_writer_write_batch(writer, batch, NULL, &err), &err);
    seed_check(elea_ipc_file_writer_close(writer, &err), &err);
    elea_ipc_file_writer_free(writer);
    seed_check(elea_output_stream_take(stream, &bytes, &err), &err);
    seed_write(folder, "file", number, elea_buffer_data(bytes), elea_buffer_size(bytes));
    elea_buffer_unref(bytes);
    elea_output_stream_free(stream);
    elea_record_batch_unref(batch);
    elea_schema_unref(schema);
    elea_field_unref(field);
}

int main(int argc, char **argv) {
    elea_type *types[SEED_TYPES_MAX];
    if (argc != 2)
        return 2;
    int count = seed_types(types);
    for (int i = 0; i < count; i++) {
        elea_array *array = seed_array(types[i], 5);
        write_seed(argv[1], i, array, ELEA_CODEC_NONE);
        elea_codec_id compression = i % 2 ? ELEA_CODEC_LZ4_FRAME : ELEA_CODEC_ZSTD;
        if (elea_codec_available(elea_codec_of(compression)))
            write_seed(argv[1], count + i, array, compression);
        elea_array_unref(array);
        elea_type_unref(types[i]);
    }
    return 0;
}

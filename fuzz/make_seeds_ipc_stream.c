// SPDX-License-Identifier: Apache-2.0
#include <elea/ipc.h>

#include "ipc_seeds.h"

// Two batches, the second longer: dictionaries grow, as a delta, or are written again.
static void write_seed(const char *folder, int number, const elea_type *type,
                       const elea_ipc_write_options *options) {
    elea_error err = {0};
    elea_schema *schema;
    elea_output_stream *stream;
    elea_ipc_stream_writer *writer;
    elea_buffer *bytes;
    elea_field *field = seed_field("c", type, true);
    const elea_field *const fields[] = {field};
    seed_check(elea_schema_new(NULL, fields, 1, NULL, &schema, &err), &err);
    seed_check(elea_output_stream_new_memory(NULL, &stream, &err), &err);
    seed_check(elea_ipc_stream_writer_new(stream, schema, options, &writer, &err), &err);
    for (int rows = 3; rows < 10; rows += 4) {
        elea_record_batch *batch;
        elea_array *array = seed_array(type, rows);
        const elea_array *const columns[] = {array};
        seed_check(elea_record_batch_new(NULL, schema, rows, columns, &batch, &err), &err);
        seed_check(elea_ipc_stream_writer_write_batch(writer, batch, NULL, &err), &err);
        elea_record_batch_unref(batch);
        elea_array_unref(array);
    }
    seed_check(elea_ipc_stream_writer_close(writer, &err), &err);
    elea_ipc_stream_writer_free(writer);
    seed_check(elea_output_stream_take(stream, &bytes, &err), &err);
    seed_write(folder, "stream", number, elea_buffer_data(bytes), elea_buffer_size(bytes));
    elea_buffer_unref(bytes);
    elea_output_stream_free(stream);
    elea_schema_unref(schema);
    elea_field_unref(field);
}

int main(int argc, char **argv) {
    static const elea_ipc_write_options options[] = {
        {.alignment = 8, .dictionary_deltas = true},
        {.alignment = 8, .legacy_framing = true},
        {.alignment = 8, .compression = ELEA_CODEC_LZ4_FRAME},
        {.alignment = 8, .compression = ELEA_CODEC_ZSTD},
    };
    elea_type *types[SEED_TYPES_MAX];
    if (argc != 2)
        return 2;
    int count = seed_types(types);
    for (int i = 0; i < count; i++) {
        for (int o = 0; o < 4; o++) {
            const elea_codec *codec = elea_codec_of(options[o].compression);
            if (!codec || elea_codec_available(codec))
                write_seed(argv[1], 4 * i + o, types[i], &options[o]);
        }
        elea_type_unref(types[i]);
    }
    return 0;
}

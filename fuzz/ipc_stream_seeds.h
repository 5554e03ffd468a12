// SPDX-License-Identifier: Apache-2.0
//
// Streams of every type, in both framings and versions, plain and compressed, for the seeds of the
// fuzzers of streams. A failure ends the program.
#ifndef ELEA_FUZZ_IPC_STREAM_SEEDS_H
#define ELEA_FUZZ_IPC_STREAM_SEEDS_H

#include <string.h>

#include <elea/ipc.h>

#include "ipc_seeds.h"

// Two batches, the second longer: dictionaries grow, as a delta, or are written again. `head` are
// bytes to put before the stream.
static inline void seed_stream(const char *folder, int number, const elea_type *type,
                               const elea_ipc_write_options *options, elea_bytes head) {
    elea_error err = {0};
    elea_schema *schema;
    elea_output_stream *stream;
    elea_ipc_stream_writer *writer;
    elea_buffer *bytes;
    elea_field *field = seed_field("c", type, true), *plain = seed_field("d", type, true);
    const elea_field *const fields[] = {field, plain};
    int columns_count = number % 3 == 0 ? 2 : 1;
    seed_check(elea_schema_new(NULL, fields, columns_count, NULL, &schema, &err), &err);
    seed_check(elea_output_stream_new_memory(NULL, &stream, &err), &err);
    seed_check(elea_output_stream_write(stream, head.data, head.size, &err), &err);
    seed_check(elea_ipc_stream_writer_new(stream, schema, options, &writer, &err), &err);
    for (int rows = 3; rows < 10; rows += 4) {
        elea_record_batch *batch;
        elea_array *array = seed_array(type, rows);
        const elea_array *const columns[] = {array, array};
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
    elea_field_unref(plain);
    elea_field_unref(field);
}

static inline void seed_streams(const char *folder, elea_bytes head) {
    static const elea_ipc_write_options options[] = {
        {.alignment = 8, .dictionary_deltas = true},
        {.alignment = 8, .legacy_framing = true},
        {.alignment = 8, .compression = ELEA_CODEC_LZ4_FRAME},
        {.alignment = 8, .compression = ELEA_CODEC_ZSTD},
        {.alignment = 8, .metadata_v4 = true},
    };
    enum { OPTIONS_COUNT = sizeof options / sizeof *options };
    elea_type *types[SEED_TYPES_MAX];
    int count = seed_types(types);
    for (int i = 0; i < count; i++) {
        for (int o = 0; o < OPTIONS_COUNT; o++) {
            const elea_codec *codec = elea_codec_of(options[o].compression);
            if (!codec || elea_codec_available(codec))
                seed_stream(folder, OPTIONS_COUNT * i + o, types[i], &options[o], head);
        }
        elea_type_unref(types[i]);
    }
}

#endif // ELEA_FUZZ_IPC_STREAM_SEEDS_H

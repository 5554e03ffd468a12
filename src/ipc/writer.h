// SPDX-License-Identifier: Apache-2.0
//
// What the writers of files and of streams share: schema, dictionaries and record batches as
// messages. A dictionary is written before the first batch that needs it, and again or as a delta
// when it has changed.
#ifndef ELEA__IPC_WRITER_H
#define ELEA__IPC_WRITER_H

#include <elea/ipc.h>

#include "ipc/array_write.h"
#include "ipc/flatbuffer_builder.h"
#include "ipc/list.h"

typedef struct elea__ipc_writer {
    elea_pool *pool;
    elea_output_stream *stream; // borrowed
    int64_t origin;             // of the output in the stream
    elea_schema *schema;
    elea_ipc_write_options options;
    elea__ipc_body body;
    elea__flat_builder builder;
    elea__ipc_list slots;   // struct slot: the dictionaries of the batch at hand
    elea__ipc_list written; // elea_array *: of each slot, the dictionary that readers have
    elea_ipc_write_stats stats;
    bool closed;
    // Only in a file: where its messages are (elea__ipc_block), and dictionaries are not replaced.
    bool is_file;
    elea__ipc_list ids; // int64_t: of each slot, in a file that was there; else empty
    elea__ipc_list dictionary_blocks;
    elea__ipc_list batch_blocks;
} elea__ipc_writer;

// Checks the options (NULL: the defaults) and puts the defaults in place of zeros.
ELEA_CHECKED elea_status elea__ipc_write_options_check(const elea_ipc_write_options *options,
                                                       elea_ipc_write_options *out,
                                                       elea_error *err);

// Checks the options and takes references; writes nothing. The storage is all zero and stays where
// it is. Release also after a failure.
ELEA_CHECKED elea_status elea__ipc_writer_init(elea__ipc_writer *writer, elea_output_stream *stream,
                                               const elea_schema *schema,
                                               const elea_ipc_write_options *options, bool is_file,
                                               elea_error *err);
void elea__ipc_writer_release(elea__ipc_writer *writer);
// Of the metadata it writes: ELEA__IPC_V4 or ELEA__IPC_V5.
int64_t elea__ipc_writer_version(const elea__ipc_writer *writer);

ELEA_CHECKED elea_status elea__ipc_writer_write_schema(elea__ipc_writer *writer, elea_error *err);
// Writes a batch and what it needs of dictionaries. ELEA_ETYPE when its schema is another one. The
// message names the output and the batch.
ELEA_CHECKED elea_status elea__ipc_writer_write_batch(elea__ipc_writer *writer,
                                                      const elea_record_batch *batch,
                                                      const elea_metadata *metadata,
                                                      elea_error *err);
// A batch for each run of rows that no column's chunks divide, or for a part of one.
ELEA_CHECKED elea_status elea__ipc_writer_write_table(elea__ipc_writer *writer,
                                                      const elea_table *table, elea_error *err);

// A table whose columns have one dictionary for all chunks.
ELEA_CHECKED elea_status elea__ipc_table_unify(elea_pool *pool, const elea_table *table,
                                               elea_table **out, elea_error *err);

#endif // ELEA__IPC_WRITER_H

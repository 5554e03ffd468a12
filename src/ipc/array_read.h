// SPDX-License-Identifier: Apache-2.0
//
// Arrays out of the body of a record batch.
#ifndef ELEA_IPC_ARRAY_READ_H
#define ELEA_IPC_ARRAY_READ_H

#include <elea/ipc.h>

#include "ipc/message.h"
#include "ipc/schema.h"
#include "ipc/source.h"

// A record batch message, taken apart. Nodes and buffers are read from the metadata as needed.
typedef struct elea__ipc_batch_reader {
    elea__ipc_source *source;
    const elea__ipc_message *message;
    const elea_codec *codec;   // of the buffers; NULL: not compressed
    int64_t decompressed_left; // bytes that the buffers may still declare
    elea_buffer *body;         // the whole, or NULL: each buffer is read by itself
    int64_t length;
    elea__flat_vector nodes;
    elea__flat_vector buffers;
    elea__flat_vector variadic_counts;
    int64_t next_node; // what the column at hand takes next
    int64_t next_buffer;
    int64_t next_variadic;
    int64_t next_slot;
    int64_t column_offset; // file offset of the column's first buffer, or -1
} elea__ipc_batch_reader;

// Reads the RecordBatch table `header` of a message and checks its counts against `total`, what all
// columns take. `whole_body`: all of it will be used, so that it is read in one go. Release also
// after a failure.
ELEA_CHECKED elea_status elea__ipc_batch_reader_init(elea__ipc_batch_reader *reader,
                                                     elea__ipc_source *source,
                                                     const elea__ipc_message *message,
                                                     const elea__flat_table *header,
                                                     const elea__ipc_extent *total, bool whole_body,
                                                     elea_error *err);
void elea__ipc_batch_reader_release(elea__ipc_batch_reader *reader);

// Reads one column, whose parts begin at `start`, after quick validation.
ELEA_CHECKED elea_status elea__ipc_read_column(elea__ipc_batch_reader *reader,
                                               const elea_type *type, const elea__ipc_extent *start,
                                               elea_array **out, elea_error *err);

#endif // ELEA_IPC_ARRAY_READ_H

// SPDX-License-Identifier: Apache-2.0
//
// What the readers of files and of streams share: where bytes come from, the schema, the
// dictionaries, and how a message becomes a record batch.
#ifndef ELEA_IPC_SOURCE_H
#define ELEA_IPC_SOURCE_H

#include <elea/ipc.h>

#include "base/arena_internal.h"
#include "ipc/dictionaries.h"
#include "ipc/message.h"
#include "ipc/schema.h"

struct elea__ipc_plan;

typedef struct elea__ipc_source {
    elea_pool *pool;
    elea_file *file;               // one reference; NULL: messages bring their bodies
    elea_buffer *whole;            // a view of all of it, once it was asked for
    elea_ipc_read_options options; // its columns are not used after the schema was read
    elea__ipc_schema schema;
    elea__ipc_dictionaries dictionaries;
    elea_ipc_read_stats stats;   // but for what the dictionaries count
    int64_t column_count;        // of the file, wanted or not
    struct elea__ipc_plan *plan; // of the batch that is read: its memory is used again
    elea__shelf shelf;           // for the arenas of batches
} elea__ipc_source;

// Checks the options (NULL: the defaults).
ELEA_CHECKED elea_status elea__ipc_read_options_check(const elea_ipc_read_options *options,
                                                      elea_ipc_read_options *out, elea_error *err);
// The storage is all zero or released; `options` were checked; `file` may be NULL.
void elea__ipc_source_init(elea__ipc_source *source, elea_file *file,
                           const elea_ipc_read_options *options);
void elea__ipc_source_release(elea__ipc_source *source);

// Takes the view of the whole file, where it has views, unless that was done.
ELEA_CHECKED elea_status elea__ipc_source_view(elea__ipc_source *source, elea_error *err);

// Reads a Schema table and makes room for its dictionaries.
ELEA_CHECKED elea_status elea__ipc_source_read_schema(elea__ipc_source *source,
                                                      const elea__flat_table *table,
                                                      elea_error *err);
// Counts a message that was read.
void elea__ipc_source_count(elea__ipc_source *source, const elea__ipc_message *message);
void elea__ipc_source_stats(const elea__ipc_source *source, elea_ipc_read_stats *out);
// Reads the wanted columns of a record batch message (batch_read.c).
ELEA_CHECKED elea_status elea__ipc_source_read_batch(elea__ipc_source *source,
                                                     const elea__ipc_message *message,
                                                     elea_record_batch **out, elea_error *err);

#endif // ELEA_IPC_SOURCE_H

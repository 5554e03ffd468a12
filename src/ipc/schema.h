// SPDX-License-Identifier: Apache-2.0
//
// Schemas in the format's metadata: Schema tables to elea_schema and back, custom metadata alike.
#ifndef ELEA_IPC_SCHEMA_H
#define ELEA_IPC_SCHEMA_H

#include <elea/columnar.h>

#include "ipc/flatbuffer_builder.h"
#include "ipc/flatbuffer_reader.h"

// A record batch lists the parts of all its columns one after the other; this counts them.
typedef struct elea__ipc_extent {
    int64_t nodes;
    int64_t buffers;      // without those of the next two
    int64_t variadic;     // arrays with a variadic number of buffers
    int64_t old_validity; // buffers that were there only before version 5
} elea__ipc_extent;

// A schema that was read, of the columns that were asked for.
typedef struct elea__ipc_schema {
    elea_pool *pool;
    elea_schema *schema;
    int64_t count;
    elea__ipc_extent *starts; // of each column, where its parts begin
    elea__ipc_extent total;   // of all columns of the file
} elea__ipc_schema;

typedef struct elea__ipc_schema_options {
    const char *const *columns; // names, ended by NULL; NULL: all
    int32_t depth_max;
} elea__ipc_schema_options;

// Before version 5 of the metadata all arrays but nulls came with a validity bitmap, also those of
// the types that have none, where it says nothing.
bool elea__ipc_has_old_validity(elea_layout layout);

// Strings and numbers are copied out of the metadata.
ELEA_CHECKED elea_status elea__ipc_schema_read(elea_pool *pool, const elea__flat_table *table,
                                               const elea__ipc_schema_options *options,
                                               elea__ipc_schema *out, elea_error *err);
void elea__ipc_schema_release(elea__ipc_schema *schema);

// The pairs in `slot` of a table; *out is NULL when there are none.
ELEA_CHECKED elea_status elea__ipc_metadata_read(elea_pool *pool, const elea__flat_table *table,
                                                 int slot, elea_metadata **out, elea_error *err);

// Writes a Schema table for the offset at `location`. Fails only for types that cannot be written;
// the builder tells about memory.
ELEA_CHECKED elea_status elea__ipc_schema_write(elea__flat_builder *builder, int64_t location,
                                                const elea_schema *schema, elea_error *err);

// Writes a vector of pairs for the offset at `location`.
void elea__ipc_metadata_write(elea__flat_builder *builder, int64_t location,
                              const elea_metadata *metadata);

#endif // ELEA_IPC_SCHEMA_H

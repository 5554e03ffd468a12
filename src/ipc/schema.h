// SPDX-License-Identifier: Apache-2.0
//
// Schemas in the format's metadata: Schema tables to elea_schema and back, custom metadata alike.
#ifndef ELEA_IPC_SCHEMA_H
#define ELEA_IPC_SCHEMA_H

#include <elea/ipc.h>

#include "ipc/flatbuffer_builder.h"
#include "ipc/flatbuffer_reader.h"
#include "ipc/list.h"

// A record batch lists the parts of all its columns one after the other; this counts them.
typedef struct elea__ipc_extent {
    int64_t nodes;
    int64_t buffers;      // without those of the next two
    int64_t variadic;     // arrays with a variadic number of buffers
    int64_t old_validity; // buffers that were there only before version 5
    int64_t slots;        // dictionaries of the columns that were asked for
} elea__ipc_extent;

// A place in a type that takes its values from a dictionary. Slots are listed in the order of the
// fields, depth first; those inside the values of a dictionary come right behind it.
typedef struct elea__ipc_slot {
    int64_t id;            // of the dictionary in the file; several slots may share one
    elea_type *value_type; // one reference
    int64_t nested;        // how many slots the values have
} elea__ipc_slot;

// A schema that was read, of the columns that were asked for.
typedef struct elea__ipc_schema {
    elea_pool *pool;
    elea_schema *schema;
    int64_t count;
    elea__ipc_extent *starts; // of each column, where its parts begin
    elea__ipc_extent total;   // of all columns of the file
    elea__ipc_extent wanted;  // of those that were asked for; its slots are not counted
    bool is_foreign;          // the bodies are not in the byte order of the machine
    elea__ipc_list slots;     // elea__ipc_slot
} elea__ipc_schema;

typedef struct elea__ipc_schema_options {
    const char *const *columns; // names, ended by NULL; NULL: all
    const int64_t *indices;     // or numbers
    int64_t index_count;
    int32_t depth_max;
    const elea_ipc_read_limits *limits;
} elea__ipc_schema_options;

// Before version 5 of the metadata all arrays but nulls came with a validity bitmap, also those of
// the types that have none, where it says nothing.
bool elea__ipc_has_old_validity(elea_layout layout);

// Adds what arrays of a type take in a record batch.
void elea__ipc_extent_add(elea__ipc_extent *extent, const elea_type *type);

// Strings and numbers are copied out of the metadata.
ELEA_CHECKED elea_status elea__ipc_schema_read(elea_pool *pool, const elea__flat_table *table,
                                               const elea__ipc_schema_options *options,
                                               elea__ipc_schema *out, elea_error *err);
void elea__ipc_schema_release(elea__ipc_schema *schema);

// The pairs in `slot` of a table; *out is NULL when there are none. ELEA_ECAPACITY when keys and
// values have more than `size_max` bytes.
ELEA_CHECKED elea_status elea__ipc_metadata_read(elea_pool *pool, const elea__flat_table *table,
                                                 int slot, int64_t size_max, elea_metadata **out,
                                                 elea_error *err);

// Writes a Schema table for the offset at `location`; its slots get these ids in their order, or,
// for NULL, 0, 1, ... Fails only for types that cannot be written; the builder tells about memory.
ELEA_CHECKED elea_status elea__ipc_schema_write(elea__flat_builder *builder, int64_t location,
                                                const elea_schema *schema, const int64_t *ids,
                                                elea_error *err);

// Writes the table of a type (not a dictionary) for the offset at `location`.
void elea__ipc_type_write(elea__flat_builder *builder, int64_t location, const elea_type *type);

// Writes a vector of pairs for the offset at `location`.
void elea__ipc_metadata_write(elea__flat_builder *builder, int64_t location,
                              const elea_metadata *metadata);

#endif // ELEA_IPC_SCHEMA_H

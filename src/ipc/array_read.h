// SPDX-License-Identifier: Apache-2.0
//
// Arrays out of the body of a record batch or dictionary. A plan lists the arrays and the buffers
// that the metadata tells of; the buffers are made one by one (body_read.h), then the arrays,
// column by column.
#ifndef ELEA_IPC_ARRAY_READ_H
#define ELEA_IPC_ARRAY_READ_H

#include <elea/ipc.h>

#include "ipc/body_read.h"
#include "ipc/message.h"
#include "ipc/schema.h"
#include "ipc/source.h"

// What columns a plan is for.
typedef struct elea__ipc_shape {
    const elea_schema *schema; // NULL: the values of a dictionary
    const elea_type *type;     // of these
    int64_t count;
    const elea__ipc_extent *starts; // of each column
    const elea__ipc_extent *total;  // of all in the message
    const elea__ipc_extent *wanted; // of the columns together
} elea__ipc_shape;

// An array of the plan; those inside follow it.
typedef struct elea__ipc_node {
    const elea_type *type;
    int64_t length;
    int64_t null_count;
    int64_t first_part;
    int64_t part_count;
    elea_array *dictionary; // one reference
    elea_array *array;      // storage in the arena; pointers to buffers and children follow
} elea__ipc_node;

// A record batch or dictionary that is read. All zero before the first plan; each plan uses the
// memory of the one before.
typedef struct elea__ipc_plan {
    elea__ipc_source *source;
    const elea__ipc_message *message;
    int64_t number; // of the record batch, for messages; -1: none
    elea__ipc_shape shape;
    int64_t length;
    int64_t limit; // bytes that the buffers may declare
    elea__flat_vector nodes_in;
    elea__flat_vector buffers_in;
    elea__flat_vector variadic_in;
    int64_t next_node; // what the column at hand takes next
    int64_t next_buffer;
    int64_t next_variadic;
    int64_t next_slot;
    elea__ipc_parts body;
    elea__ipc_node *nodes;
    int64_t node_count;
    void *batch;          // storage in the arena for the record batch
    elea_array **results; // of each column: one reference, or NULL
    int64_t *columns;     // the first node of each, and the count behind the last
    int64_t column_count; // that were listed
    elea_status status;   // why no more were
    elea_error error;
    void *memory;
    int64_t memory_size;
} elea__ipc_plan;

// Lists the columns of the RecordBatch table `header` of a message, which stays where it is, and
// takes their dictionaries from the source. Fails when the message as a whole is not sound; a
// column that is not ends the list, and fails when it is its turn.
ELEA_CHECKED elea_status elea__ipc_plan_make(elea__ipc_plan *plan, elea__ipc_source *source,
                                             const elea__ipc_message *message,
                                             const elea__flat_table *header,
                                             const elea__ipc_shape *shape, elea_error *err);
// Makes room for the arrays; the body was fetched.
ELEA_CHECKED elea_status elea__ipc_plan_prepare(elea__ipc_plan *plan, elea_error *err);
// Makes the array of column `index` of the shape and those inside, with what is missing of their
// buffers, and validates it. Safe from any thread that is alone with the column.
ELEA_CHECKED elea_status elea__ipc_plan_column(elea__ipc_plan *plan, int64_t index,
                                               elea_error *err);
// Drops what the plan refers to and keeps the memory.
void elea__ipc_plan_clear(elea__ipc_plan *plan);
void elea__ipc_plan_release(elea__ipc_plan *plan);

#endif // ELEA_IPC_ARRAY_READ_H

// SPDX-License-Identifier: Apache-2.0
//
// Which table of the format stands for which data type. One row for each type of the type list:
// the member of the format's union, and the numbers in its table that select the type (the width
// and sign of an integer). Reader and writer both go by these rows.
#ifndef ELEA_IPC_TYPE_MAP_H
#define ELEA_IPC_TYPE_MAP_H

#include <elea/columnar.h>

#include "ipc/flatbuffer_reader.h"

// A number that helps to select a type.
typedef struct elea__ipc_key {
    int slot;
    int width; // bytes; 0: not used
    int64_t missing;
} elea__ipc_key;

typedef struct elea__ipc_tag {
    const char *name;
    elea__ipc_key keys[2];
} elea__ipc_tag;

typedef struct elea__ipc_type_row {
    int tag; // 0: the type is not written as a table of its own
    int64_t keys[2];
} elea__ipc_type_row;

const elea__ipc_tag *elea__ipc_tag_of(int tag);
const elea__ipc_type_row *elea__ipc_type_row_of(elea_type_id id);

// The type a Field table names, and the table with the type's parameters, from the field's type
// alone: for a dictionary that of its values.
ELEA_CHECKED elea_status elea__ipc_type_find(const elea__flat_table *field, elea_type_id *id,
                                             elea__flat_table *parameters, elea_error *err);

// The type that the parameters in a table of union member `tag` (below ELEA__TAG_COUNT) select.
ELEA_CHECKED elea_status elea__ipc_type_select(int64_t tag, const elea__flat_table *parameters,
                                               elea_type_id *id, elea_error *err);

#endif // ELEA_IPC_TYPE_MAP_H

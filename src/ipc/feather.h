// SPDX-License-Identifier: Apache-2.0
//
// A Feather file of version 1 that is being read.
#ifndef ELEA_IPC_FEATHER_FILE_H
#define ELEA_IPC_FEATHER_FILE_H

#include <elea/ipc.h>

#include "ipc/flatbuffer_reader.h"

// Tables refer to `flat` in it, so it stays where it is.
typedef struct elea__feather {
    elea_pool *pool;
    elea_file *file; // borrowed
    elea_ipc_read_options options;
    elea_buffer *metadata;
    elea__flat flat;
    elea__flat_vector columns;
    int64_t row_count;
    int64_t version;  // of the metadata
    int64_t data_end; // in the file: where the metadata begin
} elea__feather;

// The values of a Column table and their type.
ELEA_CHECKED elea_status elea__feather_read_column(const elea__feather *feather,
                                                   const elea__flat_table *column, elea_array **out,
                                                   elea_error *err);

#endif // ELEA_IPC_FEATHER_FILE_H

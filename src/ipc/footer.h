// SPDX-License-Identifier: Apache-2.0
//
// The footer of a file: where its messages are.
#ifndef ELEA_IPC_FOOTER_H
#define ELEA_IPC_FOOTER_H

#include <elea/ipc.h>

#include "ipc/flatbuffer_reader.h"
#include "ipc/message.h"

// Tables refer to `flat` in it, so it stays where it is.
typedef struct elea__ipc_footer {
    elea_buffer *buffer;
    elea__flat flat;
    elea__flat_table table;
    elea__flat_vector blocks;            // of record batches
    elea__flat_vector dictionary_blocks; // alike
    int64_t offset;                      // in the file, where the messages end
    int64_t size;
} elea__ipc_footer;

// Reads the footer of a whole file, after checking the magic at both ends. Release also after a
// failure.
ELEA_CHECKED elea_status elea__ipc_footer_read(elea_file *file, int64_t size_max,
                                               elea__ipc_footer *out, elea_error *err);
void elea__ipc_footer_release(elea__ipc_footer *footer);
// Its Schema table; a file must have one.
ELEA_CHECKED elea_status elea__ipc_footer_schema(elea__ipc_footer *footer, elea__flat_table *out,
                                                 elea_error *err);
// Block `index`, below count, of one of the vectors: as it is there, not checked.
elea__ipc_block elea__ipc_footer_block(const elea__flat_vector *blocks, int64_t index);

#endif // ELEA_IPC_FOOTER_H

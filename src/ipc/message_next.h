// SPDX-License-Identifier: Apache-2.0
//
// Messages one behind the other in a file.
#ifndef ELEA_IPC_MESSAGE_NEXT_H
#define ELEA_IPC_MESSAGE_NEXT_H

#include "ipc/message.h"

// The prefix at `position`: *prefix becomes its size, *metadata that of the metadata behind it (0
// for an end marker, or where the bytes end).
ELEA_CHECKED elea_status elea__ipc_prefix_read(elea_file *file, int64_t position, int64_t *prefix,
                                               int64_t *metadata, elea_error *err);

// Reads the message at *position and steps behind it; *present is false at the end, which is marked
// or just where the bytes end. Release the message also after a failure.
ELEA_CHECKED elea_status elea__ipc_message_next(elea_file *file, int64_t *position,
                                                elea__ipc_message *out, bool *present,
                                                elea_error *err);

#endif // ELEA_IPC_MESSAGE_NEXT_H

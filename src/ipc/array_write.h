// SPDX-License-Identifier: Apache-2.0
//
// The body of a record batch: which bytes of which arrays go where. Nothing is copied here but what
// cannot be written as it lies: bitmaps that begin inside a byte, offsets that do not begin at 0,
// run ends of a slice.
#ifndef ELEA_IPC_ARRAY_WRITE_H
#define ELEA_IPC_ARRAY_WRITE_H

#include <elea/columnar.h>
#include <elea/io.h>

#include "ipc/list.h"

// Two numbers, as the format has them: a node's length and null count, a buffer's offset and size.
typedef struct elea__ipc_pair {
    int64_t first;
    int64_t second;
} elea__ipc_pair;

// Storage of the caller, used again for each batch.
typedef struct elea__ipc_body {
    elea_pool *pool;
    int64_t alignment;
    const elea_codec *codec; // NULL: buffers are written as they are
    int32_t level;
    double savings_min; // the part of its size that compressing must save
    int64_t size;
    elea__ipc_list nodes;           // elea__ipc_pair
    elea__ipc_list buffers;         // elea__ipc_pair
    elea__ipc_list variadic_counts; // int64_t
    elea__ipc_list parts;           // elea_bytes: the body from begin to end, with padding
    elea__ipc_list rebuilt;         // elea_buffer *: memory that parts refer to
} elea__ipc_body;

void elea__ipc_body_init(elea__ipc_body *body, elea_pool *pool, int64_t alignment);
void elea__ipc_body_release(elea__ipc_body *body);
// Empties it and keeps the memory.
void elea__ipc_body_reset(elea__ipc_body *body);

// Adds all rows of a column. Its buffers are borrowed until the next reset. ELEA_EINVAL when the
// offsets of an array point outside (arrays that were not fully validated).
ELEA_CHECKED elea_status elea__ipc_body_add(elea__ipc_body *body, const elea_array *array,
                                            elea_error *err);

#endif // ELEA_IPC_ARRAY_WRITE_H

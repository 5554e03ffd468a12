// SPDX-License-Identifier: Apache-2.0
//
// The body of a record batch: which bytes of which arrays go where. Nothing is copied here but what
// cannot be written as it lies: bitmaps that begin inside a byte, offsets that do not begin at 0,
// run ends of a slice.
#ifndef ELEA_IPC_ARRAY_WRITE_H
#define ELEA_IPC_ARRAY_WRITE_H

#include <elea/ipc.h>

#include "base/arena_internal.h"
#include "ipc/list.h"

// Two numbers, as the format has them: a node's length and null count, a buffer's offset and size.
typedef struct elea__ipc_pair {
    int64_t first;
    int64_t second;
} elea__ipc_pair;

// The bytes of a buffer: as they are in memory, and what compressing made of them.
typedef struct elea__ipc_raw {
    elea_bytes bytes;
    uint8_t *target; // in the scratch memory: a prefix, then what was compressed
    int64_t bound;
    int64_t target_size; // with the prefix; of the prefix alone: `bytes` come behind it
} elea__ipc_raw;

// Storage of the caller, used again for each batch.
typedef struct elea__ipc_body {
    elea_pool *pool;
    const elea_ipc_write_options *options; // checked, borrowed
    const elea_codec *codec;               // NULL: buffers are written as they are
    bool measures;                         // only sizes are wanted: nothing is rebuilt
    int64_t size;
    int64_t raw_size;               // of the buffers, without padding
    elea__ipc_list raws;            // elea__ipc_raw
    elea__ipc_list nodes;           // elea__ipc_pair
    elea__ipc_list buffers;         // elea__ipc_pair
    elea__ipc_list variadic_counts; // int64_t
    elea__ipc_list parts;           // elea_bytes: room for the head, then the body with padding
    elea__ipc_list rebuilt;         // elea__arena *: memory that parts refer to
    elea__shelf shelf;              // for it
    void *scratch;                  // of compressing, kept for the next batch
    int64_t scratch_size;
} elea__ipc_body;

// `options` were checked and outlive the body.
void elea__ipc_body_init(elea__ipc_body *body, const elea_ipc_write_options *options);
void elea__ipc_body_release(elea__ipc_body *body);
// Empties it and keeps the memory.
void elea__ipc_body_reset(elea__ipc_body *body);

// Adds all rows of a column. Its buffers are borrowed until the next reset. ELEA_EINVAL when the
// offsets of an array point outside (arrays that were not fully validated).
ELEA_CHECKED elea_status elea__ipc_body_add(elea__ipc_body *body, const elea_array *array,
                                            elea_error *err);
// After the last column: compresses, in parallel where that pays, and lays the buffers out. The
// bytes do not depend on the number of threads.
ELEA_CHECKED elea_status elea__ipc_body_finish(elea__ipc_body *body, elea_error *err);

#endif // ELEA_IPC_ARRAY_WRITE_H

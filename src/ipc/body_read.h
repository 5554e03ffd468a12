// SPDX-License-Identifier: Apache-2.0
//
// The buffers of a body: where they lie, what is to be done with them, and the buffers of arrays
// that this makes of them. Each can be made by itself, in any thread.
#ifndef ELEA_IPC_BODY_READ_H
#define ELEA_IPC_BODY_READ_H

#include <elea/ipc.h>

#include "base/buffer_internal.h"
#include "ipc/byte_swap.h"
#include "ipc/message.h"

// A buffer of a body, which becomes one of an array.
typedef struct elea__ipc_part {
    int64_t offset;       // in the body
    int64_t size;         // there
    int64_t plain_size;   // what it stands for, once it was measured
    int64_t limit;        // the most it may stand for
    elea_buffer *raw;     // its bytes, when they were read by themselves: one reference
    elea_buffer *buffer;  // what was made of it: one reference
    elea_buffer *storage; // for that, in the arena
    uint8_t *room;        // memory for it that the arena keeps; NULL: it takes some by itself
    int64_t alignment;    // that its values need in memory
    elea__ipc_swap swap;
    bool is_used; // false: nothing is read, and `buffer` stays NULL
} elea__ipc_part;

// What the parts of one body share.
typedef struct elea__ipc_parts {
    elea_pool *pool;
    const elea_codec *codec; // NULL: not compressed
    elea_ipc_misaligned misaligned;
    int64_t file_offset;
    int64_t size;
    elea_buffer *whole; // one reference; NULL: the parts are read by themselves
    int64_t start;      // of the body in it
    elea__arena *arena; // borrowed; keeps `whole`
    elea__ipc_part *parts;
    int64_t part_count;
    bool is_measured;
} elea__ipc_parts;

// Finds out what the parts stand for, of which there may be `limit` bytes in all, when they are
// compressed. A part that is not sound fails when it is made.
void elea__ipc_parts_measure(elea__ipc_parts *body, int64_t limit);
// The memory that making the parts takes, each rounded up so that the next is aligned.
int64_t elea__ipc_parts_room(const elea__ipc_parts *body);
// Shares out so much memory at `room`, which the arena keeps.
void elea__ipc_parts_give_room(elea__ipc_parts *body, uint8_t *room);
// The bytes of a part, which were read.
const uint8_t *elea__ipc_part_data(const elea__ipc_parts *body, const elea__ipc_part *part);
// Whether making a part is more than taking a view.
bool elea__ipc_part_is_work(const elea__ipc_parts *body, const elea__ipc_part *part);
// Makes the buffer of part `index`, unless it was made. Safe from any thread that is alone with the
// part.
ELEA_CHECKED elea_status elea__ipc_part_make(elea__ipc_parts *body, int64_t index, elea_error *err);
// Drops the parts' references.
void elea__ipc_parts_release(elea__ipc_parts *body);

#endif // ELEA_IPC_BODY_READ_H

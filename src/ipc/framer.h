// SPDX-License-Identifier: Apache-2.0
//
// Messages out of bytes that come in pieces of any size: the framing of a stream. A part of a
// message (metadata, body) that one piece holds whole becomes a slice of it; one that comes in
// several pieces is put together.
//
// What a stream is made of does not depend on how it is cut, and no error does: damage is kept
// until the messages before it were taken.
#ifndef ELEA_IPC_FRAMER_H
#define ELEA_IPC_FRAMER_H

#include "ipc/list.h"
#include "ipc/message.h"

typedef enum elea__ipc_framer_state {
    ELEA__FRAMER_PREFIX, // the size of the next message, or the continuation
    ELEA__FRAMER_SIZE,   // the size behind a continuation
    ELEA__FRAMER_MAGIC,  // the rest of the magic of a file
    ELEA__FRAMER_METADATA,
    ELEA__FRAMER_BODY,
    ELEA__FRAMER_ENDED, // or failed
} elea__ipc_framer_state;

typedef struct elea__ipc_framer {
    elea_pool *pool;
    int64_t metadata_size_max;
    elea__ipc_framer_state state;
    int64_t position; // of the next byte, counted from the origin
    int64_t needed;   // the size of the part at hand, and how much of it is there
    int64_t filled;
    uint8_t prefix[4]; // a part that is not metadata or body
    void *block;       // of a part that is put together
    int64_t capacity;
    elea__ipc_message message; // at hand
    elea__ipc_list messages;   // elea__ipc_message: whole ones, whose tables refer to nothing
    int64_t next;              // of those, the first that was not taken
    bool begun;
    elea_error failure; // once it failed, why
} elea__ipc_framer;

// `origin` is the position of the first byte, for messages.
void elea__ipc_framer_init(elea__ipc_framer *framer, elea_pool *pool, int64_t metadata_size_max,
                           int64_t origin);
void elea__ipc_framer_release(elea__ipc_framer *framer);

// Takes bytes up to the mark at the end of the stream; *taken is how many. `buffer` is what holds
// them, or NULL: they are copied. Fails only when memory runs out, for good.
ELEA_CHECKED elea_status elea__ipc_framer_push(elea__ipc_framer *framer, const uint8_t *data,
                                               int64_t size, const elea_buffer *buffer,
                                               int64_t *taken, elea_error *err);
// Whether a body comes next, none of it yet; `next_size` is how long it is. To leave it where it is
// and go on behind it: its message has no body then.
bool elea__ipc_framer_before_body(const elea__ipc_framer *framer);
ELEA_CHECKED elea_status elea__ipc_framer_skip_body(elea__ipc_framer *framer, elea_error *err);
// No more bytes come, but for `rest` of the part at hand, which are not enough for it and were not
// pushed: an error unless they ended behind a message.
void elea__ipc_framer_end(elea__ipc_framer *framer, int64_t rest);

// How many bytes are missing until there is something new; 0 when messages wait, and at the end.
int64_t elea__ipc_framer_next_size(const elea__ipc_framer *framer);
// Moves the next whole message out, to storage that holds nothing; false when there is none.
bool elea__ipc_framer_take(elea__ipc_framer *framer, elea__ipc_message *out);

#endif // ELEA_IPC_FRAMER_H

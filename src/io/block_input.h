// SPDX-License-Identifier: Apache-2.0
//
// Input streams that hold their next bytes in memory, block by block. A kind fills the block; what
// is here gives it out, as views of the block where it can.
#ifndef ELEA_IO_BLOCK_INPUT_H
#define ELEA_IO_BLOCK_INPUT_H

#include "elea/io.h"

typedef struct elea__block_input elea__block_input;

// Makes the unread bytes at least one more, towards `wanted`, or leaves them as they are at the
// end. They may move to another block.
typedef elea_status (*elea__block_fill)(elea__block_input *input, int64_t wanted, elea_error *err);

struct elea__block_input {
    elea_input_stream base;
    elea__block_fill fill;
    elea_buffer *block; // NULL: none yet
    int64_t begin;      // of the unread bytes in it
    int64_t end;
};

// The operations of such a stream; its `free` calls elea__block_input_release().
elea_status elea__block_input_read(elea_input_stream *stream, int64_t size, void *out,
                                   int64_t *count, elea_error *err);
elea_status elea__block_input_view(elea_input_stream *stream, int64_t size, elea_buffer **out,
                                   elea_error *err);
elea_status elea__block_input_skip(elea_input_stream *stream, int64_t size, int64_t *count,
                                   elea_error *err);
elea_status elea__block_input_peek(elea_input_stream *stream, int64_t size, elea_bytes *out,
                                   elea_error *err);
bool elea__block_input_has_views(const elea_input_stream *stream); // false: views may cost a copy
void elea__block_input_release(elea__block_input *input);

// For filling: takes `block`, bytes (at least one) that come after the unread ones, also when it
// fails.
ELEA_CHECKED elea_status elea__block_input_add(elea__block_input *input, elea_buffer *block,
                                               elea_error *err);
// Makes room for at least one byte behind the unread ones, in a block of its own with `capacity`
// bytes or more; they are moved when they must be.
ELEA_CHECKED elea_status elea__block_input_reserve(elea__block_input *input, int64_t wanted,
                                                   int64_t capacity, elea_error *err);

#endif // ELEA_IO_BLOCK_INPUT_H

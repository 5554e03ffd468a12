// SPDX-License-Identifier: Apache-2.0
//
// What a buffer is inside, for rooms that read data and size in tight loops or build memory that
// becomes a buffer.
#ifndef ELEA_BASE_BUFFER_INTERNAL_H
#define ELEA_BASE_BUFFER_INTERNAL_H

#include "base/arena_internal.h"

typedef enum elea__buffer_kind {
    ELEA__BUFFER_OWNED,   // the bytes follow this struct, in the same block of the pool
    ELEA__BUFFER_ADOPTED, // the bytes are a block of the pool of their own
    ELEA__BUFFER_WRAPPED, // somebody else's bytes
    ELEA__BUFFER_SLICE,   // inside the parent's bytes
    ELEA__BUFFER_ARENA,   // bytes that the arena keeps which this struct lies in
} elea__buffer_kind;

// One cache line; the bytes of an owned buffer begin right behind it, aligned.
struct elea_buffer {
    const uint8_t *data;
    int64_t size;
    int64_t references; // atomic
    elea_pool *pool;    // of this struct, and of the bytes if they are owned or adopted
    elea__buffer_kind kind;
    union {
        int64_t adopted_size;
        elea_buffer *parent; // a reference; never itself a slice
        elea__arena *arena;  // a reference
        struct {
            void (*release)(void *context);
            void *context;
        } wrapped;
    } source;
} __attribute__((aligned(ELEA_ALIGNMENT)));

// Turns a block of `pool` that was asked for with `block_size` into a buffer of its first `size`
// bytes. Takes the block; on failure it stays the caller's.
ELEA_CHECKED elea_status elea__buffer_adopt(elea_pool *pool, void *block, int64_t block_size,
                                            int64_t size, elea_buffer **out, elea_error *err);

// Makes the storage at `buffer`, inside `arena`, a buffer with one reference: a view of bytes that
// the arena keeps.
static inline void elea__buffer_init_in_arena(elea_buffer *buffer, elea__arena *arena,
                                              const uint8_t *data, int64_t size) {
    *buffer = (elea_buffer){.data = data,
                            .size = size,
                            .references = 1,
                            .pool = arena->pool,
                            .kind = ELEA__BUFFER_ARENA,
                            .source.arena = elea__arena_ref(arena)};
}

#endif // ELEA_BASE_BUFFER_INTERNAL_H

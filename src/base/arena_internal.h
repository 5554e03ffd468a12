// SPDX-License-Identifier: Apache-2.0
//
// Storage that many small shared objects lie in, so that they are allocated at once. Each of them
// holds a reference. Arenas that one owner makes in a row lie behind each other on a shelf.
#ifndef ELEA_BASE_ARENA_INTERNAL_H
#define ELEA_BASE_ARENA_INTERNAL_H

#include "elea/base.h"

// Memory that arenas lie in, one behind the other.
typedef struct elea__shelf_block {
    int64_t references; // atomic: the shelf's, and one of each arena
    int64_t size;       // with this struct
    elea_pool *pool;
} __attribute__((aligned(ELEA_ALIGNMENT))) elea__shelf_block;

// The storage follows this struct.
typedef struct elea__arena elea__arena;
struct elea__arena {
    int64_t references; // atomic
    elea_pool *pool;
    int64_t size;             // of the storage
    elea_buffer *kept[2];     // a reference each; what the views among the objects look at, or NULL
    elea__shelf_block *block; // a reference; NULL: an allocation of its own
    void (*release)(elea__arena *arena); // lets go of what else is kept, at the end; or NULL
} __attribute__((aligned(ELEA_ALIGNMENT)));

// Of one thread. All zero: empty. Blocks grow as long as arenas stay; when those on a block are
// gone, it is begun anew. So who drops each batch before the next has one small block, and who
// keeps many has few large ones, of which one arena that stays keeps the whole.
typedef struct elea__shelf {
    elea__shelf_block *block; // a reference
    int64_t used;             // of the block, with its struct
    int64_t arena_count;      // that lie on it, or did
} elea__shelf;

// An arena with one reference, room for `size` bytes and nothing to keep. `shelf` may be NULL; it
// and all its arenas are of the same pool.
ELEA_CHECKED elea_status elea__arena_new(elea_pool *pool, elea__shelf *shelf, int64_t size,
                                         elea__arena **out, elea_error *err);
void elea__arena_unref(elea__arena *arena); // NULL is allowed

static inline elea__arena *elea__arena_ref(elea__arena *arena) {
    __atomic_add_fetch(&arena->references, 1, __ATOMIC_RELAXED);
    return arena;
}

// The shelf is empty then; arenas stay as long as they are referred to.
void elea__shelf_release(elea__shelf *shelf);

// Takes a reference off an atomic count; true when it was the last. Who has the only one shares the
// count with nobody, and needs no exchange, which costs more than most of what is done to a small
// object.
static inline bool elea__references_drop(int64_t *references) {
    return __atomic_load_n(references, __ATOMIC_ACQUIRE) == 1 ||
           __atomic_sub_fetch(references, 1, __ATOMIC_ACQ_REL) == 0;
}

#endif // ELEA_BASE_ARENA_INTERNAL_H

// SPDX-License-Identifier: Apache-2.0
#include "base/arena_internal.h"

#include "base/math_internal.h"
#include "base/pool_internal.h"

_Static_assert(sizeof(elea__arena) == ELEA_ALIGNMENT, "the storage of an arena must be aligned");
_Static_assert(sizeof(elea__shelf_block) == ELEA_ALIGNMENT, "the first arena must be aligned");

// The largest block is one that the pool keeps when it is freed. An arena that fills much of one
// saves nothing by lying there.
#define BLOCK_MIN ((int64_t)4 << 10)
#define BLOCK_MAX ((int64_t)4 << 20)
#define ARENA_MAX (BLOCK_MAX / 16)

// The address sanitizer watches allocations; of what is cut out of one it has to be told.
#if defined(ELEA__POOL_SANITIZED)
#include <sanitizer/asan_interface.h>
static void forbid(void *data, int64_t size) { ASAN_POISON_MEMORY_REGION(data, (size_t)size); }
static void allow(void *data, int64_t size) { ASAN_UNPOISON_MEMORY_REGION(data, (size_t)size); }
#else
static void forbid(void *data, int64_t size) { (void)data, (void)size; }
static void allow(void *data, int64_t size) { (void)data, (void)size; }
#endif

static elea_pool *pool_or_default(elea_pool *pool) {
    return pool == NULL ? elea_pool_default() : pool;
}

// ---- shelves

static void block_unref(elea__shelf_block *block) {
    if (!elea__references_drop(&block->references))
        return;
    allow(block, block->size);
    elea_dealloc(block->pool, block, block->size);
}

void elea__shelf_release(elea__shelf *shelf) {
    if (shelf->block != NULL)
        block_unref(shelf->block);
    *shelf = (elea__shelf){.block = NULL};
}

// How large the next block is: larger where most arenas of the last one stay.
static int64_t next_block_size(const elea__shelf *shelf, int64_t size_arena) {
    int64_t size = BLOCK_MIN;
    if (shelf->block != NULL) {
        int64_t living = __atomic_load_n(&shelf->block->references, __ATOMIC_RELAXED) - 1;
        size = shelf->block->size;
        if (living * 2 > shelf->arena_count)
            size = elea__min(size * 4, BLOCK_MAX);
    }
    int64_t needed = (int64_t)sizeof(elea__shelf_block) + size_arena;
    while (size < needed)
        size *= 2;
    return size;
}

// Makes room for `size` bytes. False when there is no memory for a block.
static bool shelf_reserve(elea_pool *pool, elea__shelf *shelf, int64_t size) {
    elea__shelf_block *block = shelf->block;
    // Acquire: whoever used the arenas has done with them.
    if (block != NULL && __atomic_load_n(&block->references, __ATOMIC_ACQUIRE) == 1) {
        shelf->used = (int64_t)sizeof *block;
        shelf->arena_count = 0;
    }
    if (block != NULL && size <= block->size - shelf->used)
        return true;
    void *memory;
    int64_t size_block = next_block_size(shelf, size);
    if (elea_alloc(pool, size_block, &memory, NULL) != ELEA_OK)
        return false;
    elea__shelf_release(shelf);
    shelf->block = memory;
    *shelf->block = (elea__shelf_block){.references = 1, .size = size_block, .pool = pool};
    shelf->used = (int64_t)sizeof *shelf->block;
    forbid(shelf->block + 1, size_block - shelf->used);
    return true;
}

static elea__arena *shelf_take(elea__shelf *shelf, int64_t size) {
    elea__arena *arena = (elea__arena *)((char *)shelf->block + shelf->used);
    allow(arena, size);
    shelf->used += size;
    shelf->arena_count++;
    __atomic_add_fetch(&shelf->block->references, 1, __ATOMIC_RELAXED);
    return arena;
}

// ---- arenas

elea_status elea__arena_new(elea_pool *pool, elea__shelf *shelf, int64_t size, elea__arena **out,
                            elea_error *err) {
    int64_t whole;
    if (elea__add_overflow((int64_t)sizeof(elea__arena), size, &whole))
        return elea_error_set(err, ELEA_ECAPACITY, "an arena of %lld bytes is too large",
                              (long long)size);
    void *memory = NULL;
    elea__shelf_block *block = NULL;
    pool = pool_or_default(pool);
    if (shelf != NULL && whole <= ARENA_MAX &&
        shelf_reserve(pool, shelf, elea__round_up_64(whole))) {
        memory = shelf_take(shelf, elea__round_up_64(whole));
        block = shelf->block;
    } else {
        ELEA_TRY(elea_alloc(pool, whole, &memory, err));
    }
    elea__arena *arena = memory;
    *arena = (elea__arena){.references = 1, .pool = pool, .size = size, .block = block};
    *out = arena;
    return ELEA_OK;
}

void elea__arena_unref(elea__arena *arena) {
    if (arena == NULL || !elea__references_drop(&arena->references))
        return;
    elea_buffer_unref(arena->kept[0]);
    elea_buffer_unref(arena->kept[1]);
    if (arena->release != NULL)
        arena->release(arena);
    int64_t size = (int64_t)sizeof *arena + arena->size;
    elea__shelf_block *block = arena->block;
    if (block == NULL) {
        elea_dealloc(arena->pool, arena, size);
        return;
    }
    forbid(arena, elea__round_up_64(size));
    block_unref(block);
}

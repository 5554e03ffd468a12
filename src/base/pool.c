// SPDX-License-Identifier: Apache-2.0
#include "elea/base.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/copy_internal.h"
#include "base/math_internal.h"
#include "base/pool_internal.h"

// No machine has so much; a larger request is a bug or a hostile length.
#define SIZE_ABSURD ((int64_t)1 << 56)

// What a size of 0 gives: a place that is never written.
static char nothing[ELEA_ALIGNMENT] __attribute__((aligned(ELEA_ALIGNMENT)));

static bool is_mapped(int64_t size) { return size >= ELEA__POOL_SIZE_MAPPED; }

static bool is_small(int64_t size) { return size <= ELEA__POOL_SIZE_SMALL; }

// A small block begins at the first aligned address behind what malloc() gave, whose own address is
// kept in between.
static void *small_alloc(int64_t size) {
    char *start = malloc((size_t)(size + ELEA_ALIGNMENT));
    if (start == NULL)
        return NULL;
    void **block = (void **)(start + ELEA_ALIGNMENT - (uintptr_t)start % ELEA_ALIGNMENT);
    block[-1] = start;
    return block;
}

static void *heap_alloc(int64_t size) {
    return is_small(size) ? small_alloc(size) : aligned_alloc(ELEA_ALIGNMENT, (size_t)size);
}

static void *system_alloc(elea_pool *pool, int64_t size) {
    (void)pool;
    if (is_mapped(size))
        return elea__pool_pages_new(size);
    void *block = heap_alloc(size);
    if (block == NULL && elea__pool_trim() > 0)
        block = heap_alloc(size);
    return block;
}

static void system_free(elea_pool *pool, void *block, int64_t size) {
    (void)pool;
    if (is_mapped(size))
        elea__pool_pages_free(block, size);
    else
        free(is_small(size) ? ((void **)block)[-1] : block);
}

static void *system_realloc(elea_pool *pool, void *block, int64_t size_old, int64_t size_new) {
    if (is_mapped(size_old) && is_mapped(size_new))
        return elea__pool_pages_resize(block, size_old, size_new);
    // The C library's realloc() does not keep an alignment of 64.
    void *moved = system_alloc(pool, size_new);
    if (moved == NULL)
        return NULL;
    memcpy(moved, block, (size_t)elea__min(size_old, size_new));
    system_free(pool, block, size_old);
    return moved;
}

static const elea_pool_ops system_ops = {system_alloc, system_realloc, system_free, "system"};
static elea_pool system_pool = {.ops = &system_ops};

bool elea__payload_shrinks_in_place(int64_t size_new) { return is_mapped(size_new); }

elea_pool *elea_pool_default(void) { return &system_pool; }

static void pool_count(elea_pool *pool, int64_t size_more) {
    int64_t now = __atomic_add_fetch(&pool->bytes_allocated, size_more, __ATOMIC_RELAXED);
    int64_t peak = __atomic_load_n(&pool->bytes_peak, __ATOMIC_RELAXED);
    while (now > peak && !__atomic_compare_exchange_n(&pool->bytes_peak, &peak, now, true,
                                                      __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
}

// The three below take rounded, positive sizes: what the operations of a pool see.
static void *pool_take(elea_pool *pool, int64_t size) {
    void *block = pool->ops->alloc(pool, size);
    if (block == NULL)
        return NULL;
    assert(((uintptr_t)block & (ELEA_ALIGNMENT - 1)) == 0);
    pool_count(pool, size);
    __atomic_add_fetch(&pool->allocation_count, 1, __ATOMIC_RELAXED);
    return block;
}

static void *pool_retake(elea_pool *pool, void *block, int64_t size_old, int64_t size_new) {
    // What gets less is counted before the operation, as in pool_give().
    int64_t size_less = elea__max(size_old - size_new, 0);
    pool_count(pool, -size_less);
    void *moved = pool->ops->realloc(pool, block, size_old, size_new);
    if (moved == NULL) {
        pool_count(pool, size_less);
        return NULL;
    }
    assert(((uintptr_t)moved & (ELEA_ALIGNMENT - 1)) == 0);
    pool_count(pool, elea__max(size_new - size_old, 0));
    __atomic_add_fetch(&pool->allocation_count, size_new > size_old, __ATOMIC_RELAXED);
    return moved;
}

static void pool_give(elea_pool *pool, void *block, int64_t size) {
    // Counted first: once the block is back another thread may have it, and the count would be
    // more than the pool ever gave at a time.
    pool_count(pool, -size);
    pool->ops->free(pool, block, size);
}

static elea_pool *pool_or_default(elea_pool *pool) {
    return pool == NULL ? elea_pool_default() : pool;
}

static elea_status size_check(int64_t size, elea_error *err) {
    if (size < 0)
        return elea_error_set(err, ELEA_ECAPACITY, "cannot allocate a negative size, %lld bytes",
                              (long long)size);
    if (size > SIZE_ABSURD)
        return elea_error_set(err, ELEA_ECAPACITY, "cannot allocate %lld bytes, at most %lld",
                              (long long)size, (long long)SIZE_ABSURD);
    return ELEA_OK;
}

static elea_status no_memory(const elea_pool *pool, int64_t size, elea_error *err) {
    int64_t now = __atomic_load_n(&pool->bytes_allocated, __ATOMIC_RELAXED);
    return elea_error_set(err, ELEA_ENOMEM,
                          "cannot allocate %lld bytes from the %s pool, which has given %lld",
                          (long long)size, pool->ops->name, (long long)now);
}

static void zero_padding(void *block, int64_t size) {
    memset((char *)block + size, 0, (size_t)(elea__round_up_64(size) - size));
}

elea_status elea_alloc(elea_pool *pool, int64_t size, void **out, elea_error *err) {
    pool = pool_or_default(pool);
    ELEA_TRY(size_check(size, err));
    if (size == 0) {
        *out = nothing;
        return ELEA_OK;
    }
    void *block = pool_take(pool, elea__round_up_64(size));
    if (block == NULL)
        return no_memory(pool, size, err);
    zero_padding(block, size);
    *out = block;
    return ELEA_OK;
}

elea_status elea_alloc_zero(elea_pool *pool, int64_t size, void **out, elea_error *err) {
    void *block;
    ELEA_TRY(elea_alloc(pool, size, &block, err));
    memset(block, 0, (size_t)size);
    *out = block;
    return ELEA_OK;
}

elea_status elea_realloc(elea_pool *pool, int64_t size_old, int64_t size_new, void **block,
                         elea_error *err) {
    pool = pool_or_default(pool);
    assert(size_old >= 0);
    ELEA_TRY(size_check(size_new, err));
    if (size_old == 0)
        return elea_alloc(pool, size_new, block, err);
    if (size_new == 0) {
        elea_dealloc(pool, *block, size_old);
        *block = nothing;
        return ELEA_OK;
    }
    int64_t rounded_old = elea__round_up_64(size_old);
    int64_t rounded_new = elea__round_up_64(size_new);
    if (rounded_old != rounded_new) {
        void *moved = pool_retake(pool, *block, rounded_old, rounded_new);
        if (moved == NULL)
            return no_memory(pool, size_new, err);
        *block = moved;
    }
    zero_padding(*block, size_new);
    return ELEA_OK;
}

void elea_dealloc(elea_pool *pool, void *block, int64_t size) {
    if (block == NULL || size == 0)
        return;
    pool_give(pool_or_default(pool), block, elea__round_up_64(size));
}

typedef struct capped_pool {
    elea_pool base;
    elea_pool *parent;
    int64_t limit;
    int64_t reserved; // what is allocated, or about to be: never above the limit
} capped_pool;

static bool capped_reserve(capped_pool *capped, int64_t size) {
    int64_t reserved = __atomic_load_n(&capped->reserved, __ATOMIC_RELAXED);
    do {
        if (size > capped->limit - reserved)
            return false;
    } while (!__atomic_compare_exchange_n(&capped->reserved, &reserved, reserved + size, true,
                                          __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
    return true;
}

static void capped_unreserve(capped_pool *capped, int64_t size) {
    // Release, for the acquire in capped_reserve(): the count was lowered before.
    __atomic_sub_fetch(&capped->reserved, size, __ATOMIC_RELEASE);
}

static void *capped_alloc(elea_pool *pool, int64_t size) {
    capped_pool *capped = (capped_pool *)pool;
    if (!capped_reserve(capped, size))
        return NULL;
    void *block = pool_take(capped->parent, size);
    if (block == NULL)
        capped_unreserve(capped, size);
    return block;
}

static void *capped_realloc(elea_pool *pool, void *block, int64_t size_old, int64_t size_new) {
    capped_pool *capped = (capped_pool *)pool;
    int64_t size_more = elea__max(size_new - size_old, 0);
    if (!capped_reserve(capped, size_more))
        return NULL;
    void *moved = pool_retake(capped->parent, block, size_old, size_new);
    if (moved == NULL)
        capped_unreserve(capped, size_more);
    else if (size_new < size_old)
        capped_unreserve(capped, size_old - size_new);
    return moved;
}

static void capped_free(elea_pool *pool, void *block, int64_t size) {
    capped_pool *capped = (capped_pool *)pool;
    pool_give(capped->parent, block, size);
    capped_unreserve(capped, size);
}

static const elea_pool_ops capped_ops = {capped_alloc, capped_realloc, capped_free, "capped"};

elea_status elea_pool_new_capped(elea_pool *parent, int64_t limit, elea_pool **out,
                                 elea_error *err) {
    if (limit < 0)
        return elea_error_set(err, ELEA_EINVAL, "the limit of a pool is negative, %lld bytes",
                              (long long)limit);
    void *block;
    ELEA_TRY(elea_alloc_zero(parent, sizeof(capped_pool), &block, err));
    capped_pool *capped = block;
    capped->base.ops = &capped_ops;
    capped->parent = pool_or_default(parent);
    capped->limit = limit;
    *out = &capped->base;
    return ELEA_OK;
}

typedef struct failing_pool {
    elea_pool base;
    elea_pool *parent;
    int64_t nth;
    int64_t asked; // allocations asked for so far
    bool forever;
} failing_pool;

static bool failing_fails(failing_pool *failing) {
    int64_t asked = __atomic_add_fetch(&failing->asked, 1, __ATOMIC_RELAXED);
    return failing->nth > 0 && (failing->forever ? asked >= failing->nth : asked == failing->nth);
}

static void *failing_alloc(elea_pool *pool, int64_t size) {
    failing_pool *failing = (failing_pool *)pool;
    return failing_fails(failing) ? NULL : pool_take(failing->parent, size);
}

static void *failing_realloc(elea_pool *pool, void *block, int64_t size_old, int64_t size_new) {
    failing_pool *failing = (failing_pool *)pool;
    if (size_new > size_old && failing_fails(failing))
        return NULL;
    return pool_retake(failing->parent, block, size_old, size_new);
}

static void failing_free(elea_pool *pool, void *block, int64_t size) {
    pool_give(((failing_pool *)pool)->parent, block, size);
}

static const elea_pool_ops failing_ops = {failing_alloc, failing_realloc, failing_free, "failing"};

elea_status elea_pool_new_failing(elea_pool *parent, int64_t nth, bool forever, elea_pool **out,
                                  elea_error *err) {
    if (nth < 0)
        return elea_error_set(err, ELEA_EINVAL,
                              "allocation number %lld cannot fail, they begin "
                              "at 1",
                              (long long)nth);
    void *block;
    ELEA_TRY(elea_alloc_zero(parent, sizeof(failing_pool), &block, err));
    failing_pool *failing = block;
    failing->base.ops = &failing_ops;
    failing->parent = pool_or_default(parent);
    failing->nth = nth;
    failing->forever = forever;
    *out = &failing->base;
    return ELEA_OK;
}

void elea_pool_free(elea_pool *pool) {
    if (pool == NULL)
        return;
    assert(pool->ops == &capped_ops || pool->ops == &failing_ops);
    assert(pool->bytes_allocated == 0);
    if (pool->ops == &capped_ops)
        elea_dealloc(((capped_pool *)pool)->parent, pool, sizeof(capped_pool));
    else if (pool->ops == &failing_ops)
        elea_dealloc(((failing_pool *)pool)->parent, pool, sizeof(failing_pool));
}

// ---- kept memory

// The pool that memory comes from in the end.
static const elea_pool *pool_root(const elea_pool *pool) {
    while (pool != NULL && (pool->ops == &capped_ops || pool->ops == &failing_ops))
        pool = pool->ops == &capped_ops ? ((const capped_pool *)pool)->parent
                                        : ((const failing_pool *)pool)->parent;
    return pool == NULL ? &system_pool : pool;
}

int64_t elea_pool_bytes_kept(const elea_pool *pool) {
    return pool_root(pool) == &system_pool ? elea__pool_kept() : 0;
}

int64_t elea_pool_trim(elea_pool *pool) {
    return pool_root(pool) == &system_pool ? elea__pool_trim() : 0;
}

elea_status elea_pool_kept_max_set(elea_pool *pool, int64_t size, elea_error *err) {
    if (size < 0)
        return elea_error_set(err, ELEA_EINVAL, "a pool cannot keep %lld bytes", (long long)size);
    const elea_pool *root = pool_root(pool);
    if (root != &system_pool)
        return elea_error_set(err, ELEA_EUNSUPPORTED, "the %s pool keeps no memory",
                              root->ops->name);
    elea__pool_kept_max_set(size);
    return ELEA_OK;
}

// SPDX-License-Identifier: Apache-2.0
#include "base/pool_internal.h"

#include <stdlib.h>

#include "base/math_internal.h"
#include "base/os_internal.h"

// Mappings are multiples of this, which is a multiple of every page size, so that they can be cut;
// and that of a large page, which a cut elsewhere would break into small ones.
#define GRAIN ((int64_t)2 << 20)
#define KEPT_MAX_DEFAULT ((int64_t)256 << 20)
#define NOT_ASKED (-1)

typedef enum slot_state { SLOT_EMPTY, SLOT_BUSY, SLOT_FULL } slot_state;

// `size` may be looked at by anyone, to choose; `pages` only by who has made the slot busy.
typedef struct slot {
    int state;    // atomic
    int64_t size; // atomic
    void *pages;
} slot;

#define SLOT_COUNT 32
static slot slots[SLOT_COUNT];
static int64_t kept;                 // atomic: what lies in the slots, or is on its way there
static int64_t kept_max = NOT_ASKED; // atomic

static int64_t mapped_size(int64_t size) { return (size + (GRAIN - 1)) & ~(GRAIN - 1); }

// ---- how much

static int64_t kept_max_by_environment(void) {
    const char *wish = getenv("ELEA_POOL_KEPT_MAX");
    if (wish != NULL) {
        char *end;
        long long size = strtoll(wish, &end, 10);
        if (end != wish && *end == '\0' && size >= 0)
            return size;
    }
    return KEPT_MAX_DEFAULT;
}

static int64_t kept_max_get(void) {
    int64_t size = __atomic_load_n(&kept_max, __ATOMIC_RELAXED);
    if (size != NOT_ASKED)
        return size;
    // Who sets it meanwhile is right.
    int64_t wish = kept_max_by_environment();
    if (__atomic_compare_exchange_n(&kept_max, &size, wish, false, __ATOMIC_RELAXED,
                                    __ATOMIC_RELAXED))
        return wish;
    return size;
}

static bool kept_reserve(int64_t size) {
    int64_t now = __atomic_load_n(&kept, __ATOMIC_RELAXED);
    do {
        if (size > kept_max_get() - now)
            return false;
    } while (!__atomic_compare_exchange_n(&kept, &now, now + size, true, __ATOMIC_RELAXED,
                                          __ATOMIC_RELAXED));
    return true;
}

static void kept_unreserve(int64_t size) { __atomic_sub_fetch(&kept, size, __ATOMIC_RELAXED); }

// ---- slots

static bool slot_claim(slot *one, slot_state expected) {
    int state = (int)expected;
    // Acquire: what its last user did with the pages happens before what the next one does.
    return __atomic_compare_exchange_n(&one->state, &state, SLOT_BUSY, false, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED);
}

static void slot_leave(slot *one, slot_state state) {
    __atomic_store_n(&one->state, (int)state, __ATOMIC_RELEASE);
}

static bool slot_is_full(const slot *one) {
    return __atomic_load_n(&one->state, __ATOMIC_RELAXED) == SLOT_FULL;
}

// Gives pages back: to a slot, else to the system.
static void pages_put(void *pages, int64_t size) {
    if (size < ELEA__POOL_SIZE_MAPPED || !kept_reserve(size)) {
        elea__os_pages_free(pages, size);
        return;
    }
    for (int i = 0; i < SLOT_COUNT; i++) {
        slot *one = &slots[i];
        if (!slot_claim(one, SLOT_EMPTY))
            continue;
        elea__os_pages_offer(pages, size);
        one->pages = pages;
        __atomic_store_n(&one->size, size, __ATOMIC_RELAXED);
        slot_leave(one, SLOT_FULL);
        return;
    }
    kept_unreserve(size);
    elea__os_pages_free(pages, size);
}

// The smallest that suffices, else the largest; NULL when there is none.
static slot *slot_choose(int64_t size) {
    slot *best = NULL;
    int64_t best_size = 0;
    for (int i = 0; i < SLOT_COUNT; i++) {
        if (!slot_is_full(&slots[i]))
            continue;
        int64_t there = __atomic_load_n(&slots[i].size, __ATOMIC_RELAXED);
        bool is_better = best_size < size ? there > best_size : there >= size && there < best_size;
        if (is_better) {
            best = &slots[i];
            best_size = there;
        }
    }
    return best;
}

// Empties a slot that is full. Another thread may have been faster: then NULL.
static void *slot_take(slot *one, int64_t *size) {
    if (!slot_claim(one, SLOT_FULL))
        return NULL;
    void *pages = one->pages;
    *size = __atomic_load_n(&one->size, __ATOMIC_RELAXED);
    slot_leave(one, SLOT_EMPTY);
    kept_unreserve(*size);
    return pages;
}

// Of the wanted size, made from what a slot had.
static void *pages_take(int64_t size) {
    for (int tries = 0; tries < SLOT_COUNT; tries++) {
        slot *one = slot_choose(size);
        if (one == NULL)
            return NULL;
        int64_t there;
        char *pages = slot_take(one, &there);
        if (pages == NULL)
            continue;
        if (there >= size) {
            if (there > size)
                pages_put(pages + size, there - size);
            return pages;
        }
        void *grown = elea__os_pages_resize(pages, there, size);
        if (grown == NULL)
            elea__os_pages_free(pages, there);
        return grown;
    }
    return NULL;
}

// ---- blocks

void *elea__pool_pages_new(int64_t size) {
    size = mapped_size(size);
    void *pages = pages_take(size);
    if (pages == NULL)
        pages = elea__os_pages_new(size);
    if (pages == NULL && elea__pool_trim() > 0)
        pages = elea__os_pages_new(size);
    return pages;
}

void *elea__pool_pages_resize(void *pages, int64_t size_old, int64_t size_new) {
    size_old = mapped_size(size_old);
    size_new = mapped_size(size_new);
    if (size_new == size_old)
        return pages;
    if (size_new < size_old) {
        pages_put((char *)pages + size_new, size_old - size_new);
        return pages;
    }
    return elea__os_pages_resize(pages, size_old, size_new);
}

void elea__pool_pages_free(void *pages, int64_t size) { pages_put(pages, mapped_size(size)); }

// ---- for pool.c

int64_t elea__pool_kept(void) { return __atomic_load_n(&kept, __ATOMIC_RELAXED); }

static int64_t trim_to(int64_t size) {
    int64_t given = 0;
    for (int i = 0; i < SLOT_COUNT && elea__pool_kept() > size; i++) {
        int64_t there;
        void *pages = slot_take(&slots[i], &there);
        if (pages == NULL)
            continue;
        elea__os_pages_free(pages, there);
        given += there;
    }
    return given;
}

int64_t elea__pool_trim(void) { return trim_to(0); }

void elea__pool_kept_max_set(int64_t size) {
    __atomic_store_n(&kept_max, size, __ATOMIC_RELAXED);
    (void)trim_to(size);
}

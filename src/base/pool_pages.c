// SPDX-License-Identifier: Apache-2.0
#include "base/pool_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/math_internal.h"
#include "base/os_internal.h"

// Blocks are multiples of this, which is a multiple of every page size.
#define GRAIN ((int64_t)256 << 10)
// What the system is asked for is a multiple of this, of which it makes large pages where it can. A
// part of one that is given back, or moved to where it lies otherwise, breaks it into small ones.
#define LARGE ((int64_t)2 << 20)
// What is kept unless somebody says otherwise: a part of the machine's memory, within bounds.
#define KEPT_PART 8
#define KEPT_DEFAULT_MIN ((int64_t)256 << 20)
#define KEPT_DEFAULT_MAX ((int64_t)4 << 30)
#define NOT_ASKED (-1)

typedef enum slot_state { SLOT_EMPTY, SLOT_BUSY, SLOT_FULL } slot_state;

// A range of kept pages. Where and how large it is may be looked at by anyone, to choose; it holds
// for who has made the slot busy.
typedef struct slot {
    int state;    // atomic
    char *pages;  // atomic
    int64_t size; // atomic
} slot;

#define SLOT_COUNT 1024
static slot slots[SLOT_COUNT];
static int slots_used;               // atomic: those from here on were never filled
static int64_t kept;                 // atomic: what lies in the slots, or is on its way there
static int64_t kept_max = NOT_ASKED; // atomic

static int64_t mapped_size(int64_t size) { return (size + (GRAIN - 1)) & ~(GRAIN - 1); }

static int64_t large_size(int64_t size) { return (size + (LARGE - 1)) & ~(LARGE - 1); }

// How far it is to the next large page.
static int64_t before_large(const char *pages) {
    return (int64_t)(-(uintptr_t)pages & (LARGE - 1));
}

// ---- how much

static int64_t kept_max_default(void) {
    int64_t part = elea__os_memory_size() / KEPT_PART;
    return elea__min(elea__max(part, KEPT_DEFAULT_MIN), KEPT_DEFAULT_MAX);
}

static int64_t kept_max_by_environment(void) {
    const char *wish = getenv("ELEA_POOL_KEPT_MAX");
    if (wish != NULL) {
        char *end;
        long long size = strtoll(wish, &end, 10);
        if (end != wish && *end == '\0' && size >= 0)
            return size;
    }
    return kept_max_default();
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

int64_t elea__pool_kept(void) { return __atomic_load_n(&kept, __ATOMIC_RELAXED); }

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

static int slots_seen(void) { return __atomic_load_n(&slots_used, __ATOMIC_RELAXED); }

static char *slot_pages(const slot *one) { return __atomic_load_n(&one->pages, __ATOMIC_RELAXED); }

static int64_t slot_size(const slot *one) { return __atomic_load_n(&one->size, __ATOMIC_RELAXED); }

// A range that the slots should have: of at least `size` bytes; where `begin` or `end` are given,
// one that begins or ends there.
typedef struct wish {
    int64_t size;
    const char *begin;
    const char *end;
    bool grows; // the largest, else the smallest that fits
} wish;

static bool slot_fits(const slot *one, const wish *wanted) {
    const char *pages = slot_pages(one);
    int64_t size = slot_size(one);
    if (wanted->begin == NULL && wanted->end == NULL)
        return size >= wanted->size;
    return size >= wanted->size && (pages == wanted->begin || pages + size == wanted->end);
}

static bool slot_is_better(const slot *one, const slot *other, const wish *wanted) {
    return wanted->grows ? slot_size(one) > slot_size(other) : slot_size(one) < slot_size(other);
}

// Makes the full slot that fits best busy; NULL when there is none.
static slot *slots_find(const wish *wanted) {
    for (int tries = 0; tries < SLOT_COUNT; tries++) {
        slot *best = NULL;
        for (int i = 0, count = slots_seen(); i < count; i++) {
            slot *one = &slots[i];
            if (__atomic_load_n(&one->state, __ATOMIC_RELAXED) == SLOT_FULL &&
                slot_fits(one, wanted) && (best == NULL || slot_is_better(one, best, wanted)))
                best = one;
        }
        if (best == NULL)
            return NULL;
        if (!slot_claim(best, SLOT_FULL))
            continue;
        // It may have been emptied and filled again since it was looked at.
        if (slot_fits(best, wanted))
            return best;
        slot_leave(best, SLOT_FULL);
    }
    return NULL;
}

static bool slots_store(char *pages, int64_t size) {
    for (int i = 0; i < SLOT_COUNT; i++) {
        slot *one = &slots[i];
        if (!slot_claim(one, SLOT_EMPTY))
            continue;
        __atomic_store_n(&one->pages, pages, __ATOMIC_RELAXED);
        __atomic_store_n(&one->size, size, __ATOMIC_RELAXED);
        slot_leave(one, SLOT_FULL);
        int used = slots_seen();
        while (used <= i && !__atomic_compare_exchange_n(&slots_used, &used, i + 1, true,
                                                         __ATOMIC_RELAXED, __ATOMIC_RELAXED))
            ;
        return true;
    }
    return false;
}

// ---- pages

// Cuts off up to `size` bytes of kept pages, for the system. Returns how many; 0: none are kept.
static int64_t pages_drop(int64_t size) {
    slot *one = slots_find(&(wish){.size = size});
    if (one == NULL)
        one = slots_find(&(wish){.size = 0});
    if (one == NULL)
        return 0;
    char *pages = slot_pages(one);
    int64_t there = slot_size(one), rest = elea__max(there - size, 0);
    __atomic_store_n(&one->size, rest, __ATOMIC_RELAXED);
    slot_leave(one, rest > 0 ? SLOT_FULL : SLOT_EMPTY);
    kept_unreserve(there - rest);
    elea__os_pages_free(pages + rest, there - rest);
    return there - rest;
}

// What was freed last is kept, in the place of others.
static bool kept_make_room(int64_t size) {
    while (size <= kept_max_get()) {
        if (kept_reserve(size))
            return true;
        int64_t excess = elea__pool_kept() + size - kept_max_get();
        if (excess > 0 && pages_drop(large_size(excess)) == 0)
            break;
    }
    return false;
}

// Keeps pages that are reserved for, as one range with the kept ones beside them.
static void pages_keep(char *pages, int64_t size) {
    for (;;) {
        slot *one = slots_find(&(wish){.begin = pages + size, .end = pages});
        if (one == NULL)
            break;
        if (slot_pages(one) < pages)
            pages = slot_pages(one);
        size += slot_size(one);
        slot_leave(one, SLOT_EMPTY);
    }
    if (slots_store(pages, size))
        return;
    kept_unreserve(size);
    elea__os_pages_free(pages, size);
}

// Gives pages back: to a slot, else to the system.
static void pages_put(char *pages, int64_t size) {
    if (!kept_make_room(size)) {
        elea__os_pages_free(pages, size);
        return;
    }
    // Whole large pages; the system would break others.
    int64_t lead = before_large(pages), whole = (size - lead) & ~(LARGE - 1);
    if (whole > 0)
        elea__os_pages_offer(pages + lead, whole);
    pages_keep(pages, size);
}

// Takes the first `size` bytes of what fits; NULL when nothing does.
static char *pages_take(const wish *wanted) {
    slot *one = slots_find(wanted);
    if (one == NULL)
        return NULL;
    char *pages = slot_pages(one);
    int64_t size = slot_size(one);
    slot_leave(one, SLOT_EMPTY);
    kept_unreserve(wanted->size);
    if (size > wanted->size)
        pages_keep(pages + wanted->size, size - wanted->size);
    return pages;
}

// ---- blocks

// From the system; what is more than was asked for is kept.
static char *pages_map(int64_t size) {
    int64_t mapped = large_size(size);
    char *pages = elea__os_pages_new(mapped);
    if (pages == NULL && elea__pool_trim() > 0)
        pages = elea__os_pages_new(mapped);
    if (pages != NULL && mapped > size)
        pages_put(pages + size, mapped - size);
    return pages;
}

void *elea__pool_pages_new(int64_t size) {
    size = mapped_size(size);
    char *pages = pages_take(&(wish){.size = size});
    return pages != NULL ? pages : pages_map(size);
}

// Into the kept pages behind, else to others that are kept: their first touch is behind them, which
// costs more than to copy what lies in half of them. Else the system moves them to more, where that
// breaks no large pages.
static void *pages_grow(char *pages, int64_t size_old, int64_t size_new) {
    if (pages_take(&(wish){.begin = pages + size_old, .size = size_new - size_old}) != NULL)
        return pages;
    // What has grown will go on growing.
    char *moved = pages_take(&(wish){.size = size_new, .grows = true});
    if (moved == NULL && before_large(pages) == 0)
        return elea__os_pages_resize(pages, size_old, size_new);
    if (moved == NULL)
        moved = pages_map(size_new);
    if (moved == NULL)
        return NULL;
    memcpy(moved, pages, (size_t)size_old);
    pages_put(pages, size_old);
    return moved;
}

void *elea__pool_pages_resize(void *pages, int64_t size_old, int64_t size_new) {
    size_old = mapped_size(size_old);
    size_new = mapped_size(size_new);
    if (size_new > size_old)
        return pages_grow(pages, size_old, size_new);
    if (size_new < size_old)
        pages_put((char *)pages + size_new, size_old - size_new);
    return pages;
}

void elea__pool_pages_free(void *pages, int64_t size) { pages_put(pages, mapped_size(size)); }

// ---- for pool.c

static int64_t trim_to(int64_t size) {
    int64_t given = 0, more;
    do {
        int64_t excess = elea__pool_kept() - size;
        more = excess > 0 ? pages_drop(large_size(excess)) : 0;
        given += more;
    } while (more > 0);
    return given;
}

int64_t elea__pool_trim(void) { return trim_to(0); }

void elea__pool_kept_max_set(int64_t size) {
    __atomic_store_n(&kept_max, size, __ATOMIC_RELAXED);
    (void)trim_to(size);
}

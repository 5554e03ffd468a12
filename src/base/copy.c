// SPDX-License-Identifier: Apache-2.0
#include "base/copy_internal.h"

#include <string.h>

#include "base/math_internal.h"

// Each of the first threads that copy has a counter of its own, on its own cache line, which it
// alone writes: counting is then a load, an addition and a store. The threads that come after
// SHARED of them share the last counter and add to it atomically. Nothing is lost when a thread
// ends, as counters are never given back.
#define COUNTERS 256
#define SHARED (COUNTERS - 1)

typedef struct counter {
    int64_t bytes;
} __attribute__((aligned(64))) counter;

static counter counters[COUNTERS];
static int counters_taken;
// Initial-exec: found without a call, also in the shared library.
static _Thread_local int own_counter __attribute__((tls_model("initial-exec"))) = -1;

static int counter_take(void) {
    int taken = __atomic_load_n(&counters_taken, __ATOMIC_RELAXED);
    // The number taken stays at SHARED, so that it cannot overflow.
    while (taken < SHARED && !__atomic_compare_exchange_n(&counters_taken, &taken, taken + 1, true,
                                                          __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
    own_counter = taken;
    return taken;
}

void elea__copy_count(int64_t size) {
    int index = own_counter;
    if (__builtin_expect(index < 0, 0))
        index = counter_take();
    int64_t *bytes = &counters[index].bytes;
    if (index == SHARED)
        __atomic_fetch_add(bytes, size, __ATOMIC_RELAXED);
    else
        __atomic_store_n(bytes, __atomic_load_n(bytes, __ATOMIC_RELAXED) + size, __ATOMIC_RELAXED);
}

void elea_copy_bytes(void *target, const void *source, int64_t size) {
    if (size <= 0)
        return;
    memcpy(target, source, (size_t)size);
    elea__copy_count(size);
}

int64_t elea_copied_bytes(void) {
    int64_t sum = 0;
    for (int i = 0; i < COUNTERS; i++)
        sum += __atomic_load_n(&counters[i].bytes, __ATOMIC_RELAXED);
    return sum;
}

elea_status elea__payload_realloc(elea_pool *pool, int64_t size_old, int64_t size_new, void **block,
                                  elea_error *err) {
    uintptr_t before = (uintptr_t)*block;
    ELEA_TRY(elea_realloc(pool, size_old, size_new, block, err));
    if ((uintptr_t)*block != before)
        elea__copy_count(elea__min(size_old, size_new));
    return ELEA_OK;
}

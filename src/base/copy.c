// SPDX-License-Identifier: Apache-2.0
#include "base/copy_internal.h"

#include <string.h>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

#include "base/copy.h"
#include "base/cpu_internal.h"
#include "base/math_internal.h"

// Each of the first threads that copy has a counter of its own, on its own cache line, which it
// alone writes: counting is then a load, an addition and a store. The threads that come after
// SHARED of them share the last counter and add to it atomically. Nothing is lost when a thread
// ends, as counters are never given back.
#define COUNTERS 256
#define SHARED (COUNTERS - 1)

// Smaller parts are not worth the way past the caches.
#define RUN_MIN 256

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

// ---- past the caches

// A store that allocates no line of the cache saves the read of that line: a third of all traffic
// of a copy.
#if defined(__x86_64__)

static int64_t store_lines(uint8_t *target, const uint8_t *source, int64_t size) {
    int64_t i = 0;
    for (; i + ELEA__STORE_LINE <= size; i += ELEA__STORE_LINE) {
        const __m128i *from = (const __m128i *)(const void *)(source + i);
        __m128i *to = (__m128i *)(void *)(target + i);
        __builtin_prefetch(source + i + ELEA__STORE_AHEAD);
        __m128i a = _mm_loadu_si128(from), b = _mm_loadu_si128(from + 1);
        __m128i c = _mm_loadu_si128(from + 2), d = _mm_loadu_si128(from + 3);
        _mm_stream_si128(to, a);
        _mm_stream_si128(to + 1, b);
        _mm_stream_si128(to + 2, c);
        _mm_stream_si128(to + 3, d);
    }
    // These stores are not ordered with later ones, such as the one that hands the result over.
    _mm_sfence();
    return i;
}

// By lines of the target.
void elea__store_far(void *target, const void *source, int64_t size) {
    uint8_t *to = target;
    const uint8_t *from = source;
    int64_t lead = elea__min(size, (int64_t)(-(uintptr_t)to & (ELEA__STORE_LINE - 1)));
    memcpy(to, from, (size_t)lead);
    int64_t done = lead;
    switch (elea_cpu_level_get()) {
    case ELEA_CPU_AVX512:
    case ELEA_CPU_AVX2:
        done += elea__store_lines_avx2(to + lead, from + lead, size - lead);
        break;
    default:
        done += store_lines(to + lead, from + lead, size - lead);
    }
    memcpy(to + done, from + done, (size_t)(size - done));
}

#else

void elea__store_far(void *target, const void *source, int64_t size) {
    memcpy(target, source, (size_t)size);
}

#endif

void elea__copy_bytes_of(void *target, const void *source, int64_t size, int64_t size_whole) {
    if (size_whole < ELEA__SIZE_FAR || size < RUN_MIN) {
        elea_copy_bytes(target, source, size);
        return;
    }
    elea__store_far(target, source, size);
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

// SPDX-License-Identifier: Apache-2.0
//
// The speed of what all rooms stand on, as a ratio to reading the same bytes. Three sizes: within
// the first cache, within the second, and beyond the caches one core has to itself.
#include <elea/base.h>

#include "bench_support.h"

typedef struct work {
    const uint8_t *source;
    const uint8_t *other;
    uint8_t *target;
    int64_t size; // of source
} work;

static void run_count(void *context) {
    const work *w = context;
    bench_sink = (uint64_t)elea_bitmap_count(w->source, 0, w->size * 8);
}

static void run_count_odd(void *context) {
    const work *w = context;
    bench_sink = (uint64_t)elea_bitmap_count(w->source, 3, w->size * 8 - 5);
}

static void run_and(void *context) {
    const work *w = context;
    elea_bitmap_and(w->source, 0, w->other, 0, w->size * 8, w->target, 0);
}

static void run_and_odd(void *context) {
    const work *w = context;
    elea_bitmap_and(w->source, 3, w->other, 5, w->size * 8 - 8, w->target, 1);
}

static void run_bitmap_copy_odd(void *context) {
    const work *w = context;
    elea_bitmap_copy(w->source, 3, w->size * 8 - 8, w->target, 1);
}

static void run_equal_odd(void *context) {
    const work *w = context;
    bench_sink = elea_bitmap_equal(w->source, 3, w->source, 3, w->size * 8 - 8);
}

static void run_utf8(void *context) {
    const work *w = context;
    bench_sink = (uint64_t)elea_utf8_check(w->source, w->size);
}

static void run_crc(void *context) {
    const work *w = context;
    bench_sink = elea_crc32c(0, w->source, w->size);
}

static void run_hash(void *context) {
    const work *w = context;
    bench_sink = elea_hash64(w->source, w->size, 0);
}

static void run_from_half(void *context) {
    const work *w = context;
    elea_half_to_float_run((const uint16_t *)(const void *)w->source, w->size / 2,
                           (float *)(void *)w->target);
}

static void run_to_half(void *context) {
    const work *w = context;
    elea_half_from_float_run((const float *)(const void *)w->source, w->size / 4,
                             (uint16_t *)(void *)w->target);
}

static void run_copy(void *context) {
    const work *w = context;
    elea_copy_bytes(w->target, w->source, w->size);
}

static void run_memcpy(void *context) {
    const work *w = context;
    memcpy(w->target, w->source, (size_t)w->size);
    bench_sink = w->target[0];
}

typedef struct bench_case {
    const char *name;
    bench_fn run;
    int text; // 0 random bytes, 1 ASCII, 2 Latin with accents, 3 Greek, Chinese and emoji
} bench_case;

static const bench_case cases[] = {
    {"bitmap count", run_count, 0},
    {"bitmap count, odd offset", run_count_odd, 0},
    {"bitmap and", run_and, 0},
    {"bitmap and, odd offsets", run_and_odd, 0},
    {"bitmap copy, odd offsets", run_bitmap_copy_odd, 0},
    {"bitmap equal, odd offset", run_equal_odd, 0},
    {"UTF-8 check, ASCII", run_utf8, 1},
    {"UTF-8 check, Latin", run_utf8, 2},
    {"UTF-8 check, mixed scripts", run_utf8, 3},
    {"CRC-32C", run_crc, 0},
    {"XXH64", run_hash, 0},
    {"float16 to float32", run_from_half, 0},
    {"float32 to float16", run_to_half, 0},
};

static void fill(uint8_t *target, int64_t size, int text) {
    static const char *const units[] = {NULL, "an arrow ", "l'été à Élée ",
                                        "Ἐλέα 飞矢不动 \xF0\x9F\x8F\xB9 "};
    uint64_t seed = 1;
    for (int64_t i = 0; i < size && text == 0; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        target[i] = (uint8_t)(seed >> 56) & 0x3F; // as floats and halves: no NaN
    }
    if (text == 0)
        return;
    int64_t unit = (int64_t)strlen(units[text]);
    memset(target, ' ', (size_t)size);
    for (int64_t at = 0; at + unit <= size; at += unit)
        memcpy(target + at, units[text], (size_t)unit);
}

static void bench_size(int64_t size, const char *title) {
    void *blocks[3];
    for (int i = 0; i < 3; i++) {
        if (elea_alloc_zero(NULL, 4 * size, &blocks[i], NULL) != ELEA_OK)
            exit(1);
    }
    work w = {blocks[0], blocks[1], blocks[2], size};
    bench_bytes read = {w.source, size};
    fill(blocks[1], size, 0);
    bench_head(title);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fill(blocks[0], size, cases[i].text);
        bench_row(cases[i].name, size, bench_compare(cases[i].run, &w, bench_read, &read));
    }
    for (int i = 0; i < 3; i++)
        elea_dealloc(NULL, blocks[i], 4 * size);
}

static void bench_ledger(void) {
    static uint8_t bytes[4096], target[4096];
    static const int64_t sizes[] = {8, 64, 512, 4096};
    bench_head("elea_copy_bytes, against memcpy");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char name[40];
        work w = {bytes, NULL, target, sizes[i]};
        snprintf(name, sizeof name, "%lld bytes", (long long)sizes[i]);
        bench_row(name, sizes[i], bench_compare(run_copy, &w, run_memcpy, &w));
    }
}

static elea_status no_work(void *context, int64_t begin, int64_t end, int worker, elea_error *err) {
    (void)context;
    (void)worker;
    (void)err;
    bench_sink = (uint64_t)(end - begin);
    return ELEA_OK;
}

static void run_loop(void *context) {
    if (elea_thread_pool_for(context, 64, 1, no_work, NULL, NULL, NULL) != ELEA_OK)
        exit(1);
}

static void bench_threads(void) {
    bench_head("thread pool, a loop of 64 empty morsels");
    for (int workers = 1; workers <= 2; workers++) {
        char name[40];
        elea_thread_pool *threads;
        if (elea_thread_pool_new(NULL, workers, &threads, NULL) != ELEA_OK)
            exit(1);
        snprintf(name, sizeof name, "%d worker%s", workers, workers == 1 ? "" : "s");
        bench_row(name, 0, bench_compare(run_loop, threads, NULL, NULL));
        elea_thread_pool_free(threads);
    }
}

int main(void) {
    printf("base, on %s (set ELEA_CPU for another level); \"x ref\" is the time over that of\n"
           "reading the same bytes once\n",
           elea_cpu_level_name(elea_cpu_level_get()));
    bench_size(16 << 10, "16 KiB");
    bench_size(512 << 10, "512 KiB");
    bench_size(64 << 20, "64 MiB");
    bench_ledger();
    bench_threads();
    return 0;
}

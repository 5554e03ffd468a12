// SPDX-License-Identifier: Apache-2.0
//
// What the benchmarks share: a measured run beside a reference, and aligned rows.
//
// Machines are noisy, so a figure here is a ratio: the code and its reference run in turns in the
// same process, and the ratio is that of their fastest runs, with that of the medians beside it.
// The usual reference is reading the same bytes once, which nothing that must look at them beats.
//
//     static void count(void *context) { ... }
//     bench_head("bitmaps");
//     bench_row("count 1 MiB", size, bench_compare(count, &c, bench_read, &(bench_bytes){p,
//     size}));
#ifndef ELEA_BENCH_SUPPORT_H
#define ELEA_BENCH_SUPPORT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef void (*bench_fn)(void *context);

typedef struct bench_result {
    double ns_min, ns_median;                     // of one run
    double reference_ns_min, reference_ns_median; // 0 without a reference
    int runs;
} bench_result;

#define BENCH_RUNS_MIN 15
#define BENCH_RUNS_MAX 2000
#define BENCH_SECONDS 0.25

// Results go here, so that no compiler drops the work.
static volatile uint64_t bench_sink __attribute__((unused));

static inline double bench_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static inline int bench_compare_double(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// So many calls in one timed run that it lasts at least 20 microseconds.
static inline int64_t bench_calls(bench_fn run, void *context) {
    for (int64_t calls = 1;; calls *= 2) {
        double begin = bench_now_ns();
        for (int64_t i = 0; i < calls; i++)
            run(context);
        if (bench_now_ns() - begin > 2e4 || calls > 1 << 20)
            return calls;
    }
}

static inline double bench_time(bench_fn run, void *context, int64_t calls) {
    double begin = bench_now_ns();
    for (int64_t i = 0; i < calls; i++)
        run(context);
    return (bench_now_ns() - begin) / (double)calls;
}

// Runs both in turns for about BENCH_SECONDS; `reference` may be NULL.
static inline bench_result bench_compare(bench_fn run, void *context, bench_fn reference,
                                         void *reference_context) {
    static double times[2][BENCH_RUNS_MAX];
    bench_result result = {.runs = 0};
    int64_t calls = bench_calls(run, context);
    int64_t reference_calls = reference == NULL ? 0 : bench_calls(reference, reference_context);
    double begin = bench_now_ns();
    while (result.runs < BENCH_RUNS_MAX &&
           (result.runs < BENCH_RUNS_MIN || bench_now_ns() - begin < BENCH_SECONDS * 1e9)) {
        times[0][result.runs] = bench_time(run, context, calls);
        if (reference != NULL)
            times[1][result.runs] = bench_time(reference, reference_context, reference_calls);
        result.runs++;
    }
    for (int i = 0; i < 2; i++)
        qsort(times[i], (size_t)result.runs, sizeof(double), bench_compare_double);
    result.ns_min = times[0][0];
    result.ns_median = times[0][result.runs / 2];
    if (reference != NULL) {
        result.reference_ns_min = times[1][0];
        result.reference_ns_median = times[1][result.runs / 2];
    }
    return result;
}

static inline void bench_head(const char *title) {
    printf("\n%-44s %12s %10s %10s %10s\n", title, "best", "GB/s", "x ref", "x median");
}

// One line: the time of the best run, the gigabytes of `bytes` a second (unless 0), and how many
// times longer it took than the reference, by the best and by the median run.
static inline void bench_row(const char *name, int64_t bytes, bench_result result) {
    const char *unit = result.ns_min < 1e4 ? "ns" : result.ns_min < 1e7 ? "us" : "ms";
    double scale = result.ns_min < 1e4 ? 1 : result.ns_min < 1e7 ? 1e3 : 1e6;
    printf("  %-42s %9.1f %s", name, result.ns_min / scale, unit);
    if (bytes > 0)
        printf(" %10.2f", (double)bytes / result.ns_min);
    else
        printf(" %10s", "");
    if (result.reference_ns_min > 0)
        printf(" %10.2f %10.2f", result.ns_min / result.reference_ns_min,
               result.ns_median / result.reference_ns_median);
    printf("\n");
    fflush(stdout);
}

typedef struct bench_bytes {
    const void *data;
    int64_t size; // read in whole blocks of 256 bytes; the rest is left out
} bench_bytes;

#if defined(__x86_64__)
__attribute__((target("avx512f"))) static inline uint64_t bench_read_avx512(const char *data,
                                                                            int64_t size) {
    __m512i sums[4] = {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512(),
                       _mm512_setzero_si512()};
    for (int64_t i = 0; i + 256 <= size; i += 256) {
        for (int j = 0; j < 4; j++)
            sums[j] = _mm512_xor_si512(sums[j], _mm512_loadu_si512(data + i + 64 * j));
    }
    __m512i sum =
        _mm512_xor_si512(_mm512_xor_si512(sums[0], sums[1]), _mm512_xor_si512(sums[2], sums[3]));
    return (uint64_t)_mm512_reduce_add_epi64(sum);
}
#endif

static inline uint64_t bench_read_plain(const char *data, int64_t size) {
    uint64_t sums[32] = {0};
    for (int64_t i = 0; i + 256 <= size; i += 256) {
        for (int j = 0; j < 32; j++) {
            uint64_t word;
            memcpy(&word, data + i + 8 * j, sizeof word);
            sums[j] ^= word;
        }
    }
    for (int j = 1; j < 32; j++)
        sums[0] ^= sums[j];
    return sums[0];
}

// The reference: reads each byte once and does nothing with it. `context` is a bench_bytes.
static inline void bench_read(void *context) {
    const bench_bytes *bytes = context;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) {
        bench_sink = bench_read_avx512(bytes->data, bytes->size);
        return;
    }
#endif
    bench_sink = bench_read_plain(bytes->data, bytes->size);
}

#endif // ELEA_BENCH_SUPPORT_H

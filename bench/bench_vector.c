// SPDX-License-Identifier: Apache-2.0
// bench-library: memory
//
// How close the exact search comes to just reading the rows. Every figure is a ratio to the fastest
// of three loops that only read the same bytes, all measured in turn in this run, on one thread.
//
//     bench_vector [rows...]        default: 10000 1000000
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <elea/vector.h>

#define DIMENSION 384
#define K 10
#define BLOCK 8 // queries in a block

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void check(elea_status status, const elea_error *err) {
    if (status == ELEA_OK)
        return;
    fprintf(stderr, "bench_vector: %s\n", elea_error_message(err));
    exit(1);
}

// ---- reading and nothing else

// Sizes are multiples of 512. `ahead` bytes further on are asked for; 0 leaves that to the machine.
#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((noinline, target("avx512f"))) static uint64_t
read_avx512(const uint8_t *bytes, int64_t size, int64_t ahead) {
    __m512i seen[8];
    for (int i = 0; i < 8; i++)
        seen[i] = _mm512_setzero_si512();
    for (int64_t at = 0; at < size; at += 512) {
        if (ahead > 0) {
#pragma GCC unroll 8
            for (int i = 0; i < 8; i++)
                __builtin_prefetch(bytes + at + ahead + 64 * i, 0, 3);
        }
#pragma GCC unroll 8
        for (int i = 0; i < 8; i++)
            seen[i] = _mm512_or_si512(seen[i], _mm512_load_si512(bytes + at + 64 * i));
    }
    for (int i = 1; i < 8; i++)
        seen[0] = _mm512_or_si512(seen[0], seen[i]);
    return (uint64_t)_mm512_reduce_or_epi64(seen[0]);
}
#endif

__attribute__((noinline)) static uint64_t read_plain(const uint8_t *bytes, int64_t size,
                                                     int64_t ahead) {
    uint64_t seen[8] = {0};
    for (int64_t at = 0; at < size; at += 64) {
        uint64_t line[8];
        memcpy(line, bytes + at, 64);
        __builtin_prefetch(bytes + at + ahead, 0, 3);
        for (int i = 0; i < 8; i++)
            seen[i] |= line[i];
    }
    return seen[0] | seen[1] | seen[2] | seen[3] | seen[4] | seen[5] | seen[6] | seen[7];
}

static uint64_t read_bytes(const uint8_t *bytes, int64_t size, int64_t ahead) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f"))
        return read_avx512(bytes, size, ahead);
#endif
    return read_plain(bytes, size, ahead);
}

// ---- what is measured

typedef struct bench_data {
    int64_t count;
    uint16_t *rows;
    float *norms;
    uint8_t *most; // all rows but every 64th
    uint8_t *some; // a random eighth
    uint16_t queries[BLOCK * DIMENSION];
    elea_thread_pool *one;
    uint64_t seen;
    elea_vector_hit hits[BLOCK * K];
} bench_data;

typedef struct bench_case {
    const char *name;
    double goal_small, goal_large; // 0: none
    int64_t ahead;                 // of a read; -1: a search
    int64_t query_count;
    bool unit_length, cached, most, some, threads;
    double best;
} bench_case;

static void case_run(const bench_case *what, bench_data *bench) {
    if (what->ahead >= 0) {
        int64_t size = bench->count * DIMENSION * 2 / 512 * 512;
        bench->seen |= read_bytes((const uint8_t *)bench->rows, size, what->ahead);
        return;
    }
    elea_error err = {0};
    elea_vectors rows = {.values = bench->rows,
                         .count = bench->count,
                         .dimension = DIMENSION,
                         .norms = what->cached ? bench->norms : NULL,
                         .unit_length = what->unit_length};
    elea_vectors queries = {
        .values = bench->queries, .count = what->query_count, .dimension = DIMENSION};
    elea_vector_options options;
    elea_vector_options_init(&options);
    options.threads = what->threads ? NULL : bench->one;
    options.filter = what->most ? bench->most : what->some ? bench->some : NULL;
    int64_t hit_counts[BLOCK];
    check(elea_vector_top_k(&rows, 1, &queries, K, ELEA_VECTOR_COSINE, &options, bench->hits,
                            hit_counts, &err),
          &err);
}

static uint32_t random_next(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

// Rows of about unit length.
static void fill(uint16_t *halves, int64_t count, uint64_t *state) {
    float row[DIMENSION];
    for (int64_t i = 0; i < count; i++) {
        for (int j = 0; j < DIMENSION; j++)
            row[j] = ((float)random_next(state) * 0x1p-30f - 1) * 0.0884f;
        elea_half_from_float_run(row, DIMENSION, halves + i * DIMENSION);
    }
}

static void run_all(bench_data *bench, bench_case *cases, int case_count) {
    int rounds = bench->count > 100000 ? 7 : 200;
    for (int i = 0; i < case_count; i++)
        cases[i].best = 1e30;
    for (int round = 0; round < rounds; round++)
        for (int i = 0; i < case_count; i++) {
            double start = seconds_now();
            case_run(&cases[i], bench);
            double took = seconds_now() - start;
            cases[i].best = took < cases[i].best ? took : cases[i].best;
        }
}

static void report(const bench_data *bench, const bench_case *cases, int case_count) {
    double read = 1e30;
    for (int i = 0; i < case_count; i++)
        if (cases[i].ahead >= 0 && cases[i].best < read)
            read = cases[i].best;
    int64_t size = bench->count * DIMENSION * 2;
    printf("vector: cosine top-%d over %lld x %d float16 (%.1f MB), one thread, %s; the fastest "
           "read takes %.1f us (%.1f GB/s)\n",
           K, (long long)bench->count, DIMENSION, (double)size * 1e-6,
           elea_cpu_level_name(elea_cpu_level_get()), read * 1e6, (double)size / read * 1e-9);
    for (int i = 0; i < case_count; i++) {
        double goal = bench->count > 100000 ? cases[i].goal_large : cases[i].goal_small;
        double ratio = cases[i].best / read;
        printf("  %-34s %10.1f us  %6.3f of the read", cases[i].name, cases[i].best * 1e6, ratio);
        if (cases[i].query_count > 1)
            printf("  %6.3f a query", ratio / (double)cases[i].query_count);
        if (goal > 0)
            printf("  (goal %.2f: %s)", goal, ratio <= goal ? "met" : "MISSED");
        printf("\n");
    }
}

static void measure(int64_t count) {
    bench_case cases[] = {
        {.name = "read"},
        {.name = "read, 4 KiB ahead", .ahead = 4096},
        {.name = "read, 8 KiB ahead", .ahead = 8192},
        {.name = "unit length",
         .goal_small = 1.5,
         .goal_large = 1.15,
         .ahead = -1,
         .query_count = 1,
         .unit_length = true},
        {.name = "any length",
         .goal_small = 1.5,
         .goal_large = 1.15,
         .ahead = -1,
         .query_count = 1},
        {.name = "any length, norms cached", .ahead = -1, .query_count = 1, .cached = true},
        {.name = "all rows but every 64th",
         .ahead = -1,
         .query_count = 1,
         .unit_length = true,
         .most = true},
        {.name = "a random eighth of the rows",
         .ahead = -1,
         .query_count = 1,
         .unit_length = true,
         .some = true},
        {.name = "8 queries", .ahead = -1, .query_count = BLOCK, .unit_length = true},
        {.name = "all threads",
         .ahead = -1,
         .query_count = 1,
         .unit_length = true,
         .threads = true},
    };
    int case_count = (int)(sizeof(cases) / sizeof(cases[0]));
    elea_error err = {0};
    bench_data bench = {.count = count};
    uint64_t state = 42;
    check(elea_alloc(NULL, count * DIMENSION * 2, (void **)&bench.rows, &err), &err);
    check(elea_alloc(NULL, count * 4, (void **)&bench.norms, &err), &err);
    check(elea_alloc_zero(NULL, elea_bitmap_size(count), (void **)&bench.most, &err), &err);
    check(elea_alloc_zero(NULL, elea_bitmap_size(count), (void **)&bench.some, &err), &err);
    check(elea_thread_pool_new(NULL, 1, &bench.one, &err), &err);
    fill(bench.rows, count, &state);
    fill(bench.queries, BLOCK, &state);
    for (int64_t i = 0; i < count; i++) {
        elea_bit_put(bench.most, i, i % 64 != 5);
        elea_bit_put(bench.some, i, random_next(&state) % 8 == 0);
    }
    elea_vectors rows = {.values = bench.rows, .count = count, .dimension = DIMENSION};
    check(elea_vector_norms(&rows, NULL, bench.norms, &err), &err);
    int64_t copied = elea_copied_bytes();
    run_all(&bench, cases, case_count);
    report(&bench, cases, case_count);
    printf("  payload bytes copied: %lld%s\n", (long long)(elea_copied_bytes() - copied),
           bench.seen == 1 ? " " : "");
    elea_thread_pool_free(bench.one);
    elea_dealloc(NULL, bench.rows, count * DIMENSION * 2);
    elea_dealloc(NULL, bench.norms, count * 4);
    elea_dealloc(NULL, bench.most, elea_bitmap_size(count));
    elea_dealloc(NULL, bench.some, elea_bitmap_size(count));
}

int main(int argument_count, char **arguments) {
    for (int i = 1; i < argument_count; i++)
        measure(strtoll(arguments[i], NULL, 10));
    if (argument_count == 1) {
        measure(10000);
        measure(1000000);
    }
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include <elea/vector.h>

#include <math.h>

#include "reference.h"
#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/levels.h"

// A search and its parts, in memory of their own.
typedef struct search_case {
    elea_vectors chunks[8];
    int64_t chunk_count;
    int64_t row_count;
    elea_vectors queries;
    elea_vector_metric metric;
    elea_vector_options options;
    elea_vector_hit *defined; // query_count x row_count, see search_define()
    int64_t *defined_counts;
    uint8_t *memory[40];
    int memory_count;
} search_case;

static void *search_alloc(search_case *search, int64_t size) {
    uint8_t *block = calloc(1, (size_t)size + 1);
    assert_non_null(block);
    assert_in_range(search->memory_count, 0, 39);
    search->memory[search->memory_count++] = block;
    return block;
}

static void search_free(search_case *search) {
    for (int i = 0; i < search->memory_count; i++)
        free(search->memory[i]);
}

static elea_vectors make_vectors(search_case *search, int64_t count, int32_t dimension,
                                 elea_vector_element element, uint64_t *seed) {
    int64_t stride = dimension * (element == ELEA_VECTOR_FLOAT16 ? 2 : 4);
    int64_t extra = elea_test_random_below(seed, 3);
    elea_vectors out = {.count = count,
                        .dimension = dimension,
                        .element = element,
                        .stride_bytes = extra ? stride + extra : 0};
    uint8_t *bytes = search_alloc(search, (stride + extra) * count + 1);
    bytes += elea_test_random_below(seed, 2);
    for (int64_t i = 0; i < count; i++)
        for (int32_t j = 0; j < dimension; j++)
            reference_put(bytes + i * (stride + extra), element, j, reference_random(seed));
    out.values = bytes;
    return out;
}

static uint8_t *make_bitmap(search_case *search, int64_t bits, int per_cent, uint64_t *seed) {
    uint8_t *bitmap = search_alloc(search, elea_bitmap_size(bits));
    for (int64_t i = 0; i < bits; i++)
        elea_bit_put(bitmap, i, elea_test_random_below(seed, 100) < per_cent);
    return bitmap;
}

static int64_t stride_of(const elea_vectors *vectors) {
    return vectors->stride_bytes
               ? vectors->stride_bytes
               : vectors->dimension * (vectors->element == ELEA_VECTOR_FLOAT16 ? 2 : 4);
}

static const uint8_t *row_of(const elea_vectors *vectors, int64_t row) {
    return (const uint8_t *)vectors->values + row * stride_of(vectors);
}

static bool is_valid(const elea_vectors *vectors, int64_t row) {
    return !vectors->validity || elea_bit_get(vectors->validity, vectors->validity_offset + row);
}

// The score by its definition; NaN where nothing can match.
static float defined_score(const search_case *search, int64_t query, int64_t row) {
    const elea_vector_options *options = &search->options;
    if (!is_valid(&search->queries, query) ||
        (options->filter && !elea_bit_get(options->filter, options->filter_offset + row)))
        return NAN;
    const elea_vectors *chunk = search->chunks;
    for (; row >= chunk->count; chunk++)
        row -= chunk->count;
    if (!is_valid(chunk, row))
        return NAN;
    const void *a = row_of(chunk, row);
    const void *b = row_of(&search->queries, query);
    elea_vector_element of_a = chunk->element;
    elea_vector_element of_b = search->queries.element;
    int32_t dimension = chunk->dimension;
    float dot = reference_dot(a, of_a, b, of_b, dimension);
    if (search->metric == ELEA_VECTOR_INNER_PRODUCT)
        return dot;
    float row_norm = chunk->unit_length ? 1 : sqrtf(reference_dot(a, of_a, a, of_a, dimension));
    float query_norm =
        search->queries.unit_length ? 1 : sqrtf(reference_dot(b, of_b, b, of_b, dimension));
    return dot / (query_norm * row_norm);
}

static int compare_hits(const void *left, const void *right) {
    const elea_vector_hit *a = left;
    const elea_vector_hit *b = right;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

// All hits of each query in order, found by sorting the scores of the definition.
static void search_define(search_case *search) {
    search->defined = search_alloc(search, search->queries.count * search->row_count *
                                               (int64_t)sizeof(elea_vector_hit));
    search->defined_counts = search_alloc(search, search->queries.count * 8);
    for (int64_t query = 0; query < search->queries.count; query++) {
        elea_vector_hit *hits = search->defined + query * search->row_count;
        int64_t count = 0;
        for (int64_t row = 0; row < search->row_count; row++) {
            float score = defined_score(search, query, row);
            if (!isnan(score))
                hits[count++] = (elea_vector_hit){.row = row, .score = score};
        }
        qsort(hits, (size_t)count, sizeof(*hits), compare_hits);
        search->defined_counts[query] = count;
    }
}

static void check_search(search_case *search, int64_t k) {
    elea_error err;
    int64_t query_count = search->queries.count;
    size_t hits_size = sizeof(elea_vector_hit) * (size_t)(query_count * k + 1);
    elea_vector_hit *hits = malloc(hits_size);
    int64_t *counts = malloc(sizeof(int64_t) * (size_t)(query_count + 1));
    memset(hits, 0x55, hits_size);
    counts[query_count] = 4711;
    int64_t copied = elea_copied_bytes();
    assert_ok(elea_vector_top_k(search->chunks, search->chunk_count, &search->queries, k,
                                search->metric, &search->options, hits, counts, &err));
    assert_int_equal(elea_copied_bytes(), copied);
    assert_int_equal(counts[query_count], 4711);
    for (int64_t query = 0; query < query_count; query++) {
        const elea_vector_hit *expected = search->defined + query * search->row_count;
        int64_t all = search->defined_counts[query];
        assert_int_equal(counts[query], all < k ? all : k);
        for (int64_t i = 0; i < counts[query]; i++) {
            const elea_vector_hit *hit = &hits[query * k + i];
            assert_int_equal(hit->row, expected[i].row);
            assert_true(reference_same_bits(hit->score, expected[i].score));
        }
    }
    free(counts);
    free(hits);
}

static void check_all_k(search_case *search) {
    const int64_t n = search->row_count;
    const int64_t all_k[] = {0, 1, 2, 10, 64, 65, n, n + 5};
    elea_thread_pool *four;
    elea_error err;
    assert_ok(elea_thread_pool_new(NULL, 4, &four, &err));
    elea_thread_pool *one;
    assert_ok(elea_thread_pool_new(NULL, 1, &one, &err));
    search_define(search);
    for (size_t i = 0; i < sizeof all_k / sizeof *all_k; i++) {
        search->options.threads = one;
        check_search(search, all_k[i]);
        search->options.threads = four;
        check_search(search, all_k[i]);
    }
    elea_thread_pool_free(one);
    elea_thread_pool_free(four);
}

// Some chunks, some of them empty, with and without nulls, filters, cached norms.
static void check_random_search(uint64_t *seed) {
    search_case search = {.chunk_count = 1 + elea_test_random_below(seed, 6)};
    int32_t dimension = (int32_t)(1 + elea_test_random_below(seed, 70));
    search.metric = (elea_vector_metric)elea_test_random_below(seed, 2);
    elea_error err;
    for (int64_t i = 0; i < search.chunk_count; i++) {
        int64_t count = elea_test_random_below(seed, 3) * elea_test_random_below(seed, 150);
        elea_vectors *chunk = &search.chunks[i];
        *chunk = make_vectors(&search, count, dimension,
                              (elea_vector_element)elea_test_random_below(seed, 2), seed);
        chunk->unit_length = elea_test_random_below(seed, 3) == 0;
        chunk->validity_offset = elea_test_random_below(seed, 70);
        if (elea_test_random_below(seed, 2))
            chunk->validity = make_bitmap(&search, chunk->validity_offset + count,
                                          (int)elea_test_random_below(seed, 101), seed);
        if (elea_test_random_below(seed, 2)) {
            float *norms = search_alloc(&search, count * 4);
            assert_ok(elea_vector_norms(chunk, NULL, norms, &err));
            chunk->norms = norms;
        }
        search.row_count += count;
    }
    search.queries = make_vectors(&search, elea_test_random_below(seed, 20), dimension,
                                  (elea_vector_element)elea_test_random_below(seed, 2), seed);
    search.queries.unit_length = elea_test_random_below(seed, 3) == 0;
    if (elea_test_random_below(seed, 3) == 0) {
        search.queries.validity_offset = 3;
        search.queries.validity = make_bitmap(&search, 23, 70, seed);
    }
    search.options.filter_offset = elea_test_random_below(seed, 70);
    if (elea_test_random_below(seed, 2))
        search.options.filter =
            make_bitmap(&search, search.options.filter_offset + search.row_count,
                        (int)elea_test_random_below(seed, 101), seed);
    check_all_k(&search);
    search_free(&search);
}

static void check_random(void **state) {
    (void)state;
    uint64_t seed = 7;
    for (int i = 0; i < 40; i++)
        check_random_search(&seed);
}

static void test_random(void **state) { elea_test_each_level(check_random, state); }

// Many morsels, and rows of which many are the same: ties go to the lower row, whatever thread saw
// it first.
static void check_ties(void **state) {
    (void)state;
    uint64_t seed = 9;
    search_case search = {.chunk_count = 3, .row_count = 3 * 1500};
    for (int i = 0; i < 3; i++)
        search.chunks[i] = make_vectors(&search, 1500, 500, ELEA_VECTOR_FLOAT16, &seed);
    search.queries = make_vectors(&search, 2, 500, ELEA_VECTOR_FLOAT32, &seed);
    for (int i = 0; i < 3; i++)
        for (int64_t row = 7; row < 1500; row++)
            memcpy((uint8_t *)(uintptr_t)row_of(&search.chunks[i], row),
                   row_of(&search.chunks[0], elea_test_random_below(&seed, 7)), 1000);
    elea_error err;
    elea_thread_pool *four;
    assert_ok(elea_thread_pool_new(NULL, 4, &four, &err));
    search.options.threads = four;
    search_define(&search);
    check_search(&search, 100);
    check_search(&search, 4000);
    elea_thread_pool_free(four);
    search_free(&search);
}

static void test_ties(void **state) { elea_test_each_level(check_ties, state); }

// What is no number, or has no direction, never matches.
static void check_specials(void **state) {
    (void)state;
    const float values[] = {1,     -1,     0,     -0.0f, NAN,    INFINITY, -INFINITY,
                            6e-8f, -6e-8f, 2e-5f, 65504, -65504, 0.5f,     NAN};
    enum { COUNT = sizeof values / sizeof *values };
    for (int element = 0; element < 2; element++)
        for (int metric = 0; metric < 2; metric++) {
            search_case search = {
                .chunk_count = 1, .row_count = COUNT, .metric = (elea_vector_metric)metric};
            elea_vector_element type = (elea_vector_element)element;
            uint8_t *rows = search_alloc(&search, COUNT * 4 * 19);
            uint8_t *queries = search_alloc(&search, 4 * 4 * 19);
            for (int i = 0; i < COUNT; i++) // lane 17 varies, lane 3 is 1 in every third row
                for (int lane = 0; lane < 19; lane++)
                    reference_put(rows + i * 19 * (element ? 4 : 2), type, lane,
                                  lane == 17 ? values[i] : lane == 3 && i % 3 == 0);
            for (int lane = 0; lane < 19; lane++) {
                reference_put(queries, ELEA_VECTOR_FLOAT32, lane, 1);
                reference_put(queries + 76, ELEA_VECTOR_FLOAT32, lane, lane == 17 ? NAN : 1);
                reference_put(queries + 152, ELEA_VECTOR_FLOAT32, lane, 0);
                reference_put(queries + 228, ELEA_VECTOR_FLOAT32, lane, lane == 5 ? INFINITY : 1);
            }
            search.chunks[0] =
                (elea_vectors){.values = rows, .count = COUNT, .dimension = 19, .element = type};
            search.queries = (elea_vectors){
                .values = queries, .count = 4, .dimension = 19, .element = ELEA_VECTOR_FLOAT32};
            search_define(&search);
            check_search(&search, 5);
            check_search(&search, COUNT);
            search.chunks[0].unit_length = true;
            search_define(&search);
            check_search(&search, COUNT);
            search_free(&search);
        }
}

static void test_specials(void **state) { elea_test_each_level(check_specials, state); }

static void test_zero_has_no_direction(void **state) {
    (void)state;
    elea_error err;
    const float rows[] = {0, 0, 1, 0, -0.0f, 0, -3, 0};
    const float query[] = {2, 0};
    elea_vectors view = {
        .values = rows, .count = 4, .dimension = 2, .element = ELEA_VECTOR_FLOAT32};
    elea_vectors queries = view;
    queries.values = query;
    queries.count = 1;
    elea_vector_hit hits[4];
    int64_t count;
    assert_ok(
        elea_vector_top_k(&view, 1, &queries, 4, ELEA_VECTOR_COSINE, NULL, hits, &count, &err));
    assert_int_equal(count, 2);
    assert_int_equal(hits[0].row, 1);
    assert_true(hits[0].score == 1);
    assert_int_equal(hits[1].row, 3);
    assert_true(hits[1].score == -1);
    // -0 and +0 are one score: rows 0 and 2 tie, behind row 1.
    assert_ok(elea_vector_top_k(&view, 1, &queries, 4, ELEA_VECTOR_INNER_PRODUCT, NULL, hits,
                                &count, &err));
    assert_int_equal(count, 4);
    assert_int_equal(hits[0].row, 1);
    assert_int_equal(hits[1].row, 0);
    assert_int_equal(hits[2].row, 2);
    assert_int_equal(hits[3].row, 3);
}

// Rows and queries whose squares no float32 can hold still have a direction.
static void check_extremes(void **state) {
    (void)state;
    elea_error err;
    const float scales[] = {1, 1e-30f, 1e30f, 3e38f, 1e-38f, 1e-42f, 0x1p-40f, 0x1p41f, 0x1p39f};
    enum { COUNT = sizeof scales / sizeof *scales, DIMENSION = 21 };
    float rows[COUNT][DIMENSION];
    uint64_t seed = 12;
    float shape[DIMENSION];
    for (int i = 0; i < DIMENSION; i++)
        shape[i] = reference_random(&seed) * 0.9f;
    for (int i = 0; i < COUNT; i++)
        for (int j = 0; j < DIMENSION; j++)
            rows[i][j] = shape[j] * scales[i];
    elea_vectors view = {
        .values = rows, .count = COUNT, .dimension = DIMENSION, .element = ELEA_VECTOR_FLOAT32};
    float norms[COUNT];
    float plain[COUNT * COUNT], cached[COUNT * COUNT];
    assert_ok(elea_vector_scores(&view, 1, &view, ELEA_VECTOR_COSINE, NULL, plain, &err));
    assert_ok(elea_vector_norms(&view, NULL, norms, &err));
    view.norms = norms;
    assert_ok(elea_vector_scores(&view, 1, &view, ELEA_VECTOR_COSINE, NULL, cached, &err));
    assert_memory_equal(plain, cached, sizeof(plain));
    for (int query = 0; query < COUNT; query++)
        for (int row = 0; row < COUNT; row++) {
            double rough = scales[query] < 1e-40f || scales[row] < 1e-40f ? 3e-2 : 1e-6;
            double score = (double)plain[query * COUNT + row];
            if (!(fabs(score - 1) < rough))
                fail_msg("scales %g and %g: %.9g", (double)scales[query], (double)scales[row],
                         score);
        }
}

static void test_extremes(void **state) { elea_test_each_level(check_extremes, state); }

static void check_exact_cosine(void **state) {
    (void)state;
    uint64_t seed = 13;
    const int32_t dimensions[] = {1, 16, 100, 384, 1023};
    for (size_t i = 0; i < sizeof dimensions / sizeof *dimensions; i++) {
        search_case search = {.chunk_count = 1, .row_count = 100};
        int32_t dimension = dimensions[i];
        search.chunks[0] = make_vectors(&search, 100, dimension, ELEA_VECTOR_FLOAT16, &seed);
        search.queries = make_vectors(&search, 9, dimension, ELEA_VECTOR_FLOAT16, &seed);
        float scores[900];
        elea_error err;
        assert_ok(elea_vector_scores(search.chunks, 1, &search.queries, ELEA_VECTOR_COSINE, NULL,
                                     scores, &err));
        for (int64_t query = 0; query < 9; query++)
            for (int64_t row = 0; row < 100; row++) {
                const void *a = row_of(&search.chunks[0], row);
                const void *b = row_of(&search.queries, query);
                double absolute;
                elea_vector_element half = ELEA_VECTOR_FLOAT16;
                double dot = reference_exact(a, half, b, half, dimension, &absolute);
                double exact = dot / sqrt(reference_exact(a, half, a, half, dimension, &absolute) *
                                          reference_exact(b, half, b, half, dimension, &absolute));
                double bound = (2 * ((dimension + 15) / 16) + 12) * 0x1p-24;
                assert_true(fabs((double)scores[query * 100 + row] - exact) <= bound);
            }
        search_free(&search);
    }
}

static void test_exact_cosine(void **state) { elea_test_each_level(check_exact_cosine, state); }

static void check_scores(void **state) {
    (void)state;
    uint64_t seed = 14;
    search_case search = {.chunk_count = 4, .row_count = 70 + 0 + 1 + 500};
    search.chunks[0] = make_vectors(&search, 70, 33, ELEA_VECTOR_FLOAT16, &seed);
    search.chunks[2] = make_vectors(&search, 1, 33, ELEA_VECTOR_FLOAT32, &seed);
    search.chunks[3] = make_vectors(&search, 500, 33, ELEA_VECTOR_FLOAT16, &seed);
    search.chunks[3].validity = make_bitmap(&search, 500, 90, &seed);
    search.options.filter = make_bitmap(&search, 571 + 5, 30, &seed);
    search.options.filter_offset = 5;
    search.queries = make_vectors(&search, 11, 33, ELEA_VECTOR_FLOAT16, &seed);
    search.queries.validity = make_bitmap(&search, 11, 80, &seed);
    float *scores = search_alloc(&search, 11 * 571 * 4);
    elea_error err;
    assert_ok(elea_vector_scores(search.chunks, 4, &search.queries, ELEA_VECTOR_COSINE,
                                 &search.options, scores, &err));
    for (int64_t query = 0; query < 11; query++)
        for (int64_t row = 0; row < 571; row++)
            assert_true(
                reference_same_bits(scores[query * 571 + row], defined_score(&search, query, row)));
    search_free(&search);
}

static void test_scores(void **state) { elea_test_each_level(check_scores, state); }

static void test_nothing_to_search(void **state) {
    (void)state;
    elea_error err;
    const float one[] = {1, 2};
    elea_vectors query = {
        .values = one, .count = 1, .dimension = 2, .element = ELEA_VECTOR_FLOAT32};
    elea_vectors empty[3] = {{.dimension = 7}, {0}, {0}};
    elea_vector_hit hits[5];
    int64_t count = 99;
    assert_ok(elea_vector_top_k(empty, 3, &query, 5, ELEA_VECTOR_COSINE, NULL, hits, &count, &err));
    assert_int_equal(count, 0);
    count = 99;
    assert_ok(elea_vector_top_k(NULL, 0, &query, 5, ELEA_VECTOR_COSINE, NULL, hits, &count, &err));
    assert_int_equal(count, 0);
    assert_ok(
        elea_vector_top_k(&query, 1, &empty[1], 5, ELEA_VECTOR_COSINE, NULL, hits, NULL, &err));
    assert_ok(elea_vector_scores(empty, 3, &query, ELEA_VECTOR_COSINE, NULL, NULL, &err));
    assert_ok(elea_vector_norms(&empty[1], NULL, NULL, &err));
    uint8_t none = 0;
    elea_vectors all_null = query;
    all_null.validity = &none;
    count = 99;
    assert_ok(
        elea_vector_top_k(&all_null, 1, &query, 5, ELEA_VECTOR_COSINE, NULL, hits, &count, &err));
    assert_int_equal(count, 0);
}

static void test_refusals(void **state) {
    (void)state;
    elea_error err;
    const float values[12] = {1, 2, 3};
    elea_vectors good = {
        .values = values, .count = 2, .dimension = 3, .element = ELEA_VECTOR_FLOAT32};
    elea_vectors query = good;
    query.count = 1;
    elea_vector_hit hits[4];
    int64_t count;
    elea_vectors chunks[2];
#define REFUSED(expected, message, change)                                                         \
    do {                                                                                           \
        chunks[0] = good;                                                                          \
        chunks[1] = good;                                                                          \
        elea_vectors *bad = &chunks[1];                                                            \
        change;                                                                                    \
        assert_fails(expected, message,                                                            \
                     elea_vector_top_k(chunks, 2, &query, 2, ELEA_VECTOR_COSINE, NULL, hits,       \
                                       &count, &err));                                             \
    } while (0)
    REFUSED(ELEA_EINVAL, "chunk 1: rows have dimension 2, but the queries have 3",
            bad->dimension = 2);
    REFUSED(ELEA_EINVAL, "chunk 1: rows: dimension 0, expected at least 1", bad->dimension = 0);
    REFUSED(ELEA_EINVAL, "negative count -2", bad->count = -2);
    REFUSED(ELEA_EINVAL, "2 rows, but no values", bad->values = NULL);
    REFUSED(ELEA_EINVAL, "unknown element 7", bad->element = (elea_vector_element)7);
    REFUSED(ELEA_EINVAL, "stride of 11 bytes, but a row has 12 bytes", bad->stride_bytes = 11);
    REFUSED(ELEA_EINVAL, "stride of -12 bytes", bad->stride_bytes = -12);
    REFUSED(ELEA_EINVAL, "negative validity offset -1",
            (bad->validity = (const uint8_t *)values, bad->validity_offset = -1));
    REFUSED(ELEA_ECAPACITY, "do not fit memory", bad->count = INT64_MAX / 4);
#undef REFUSED
    assert_fails(
        ELEA_EINVAL, "k is -1",
        elea_vector_top_k(&good, 1, &query, -1, ELEA_VECTOR_COSINE, NULL, hits, &count, &err));
    assert_fails(ELEA_ECAPACITY, "too many hits",
                 elea_vector_top_k(&good, 1, &query, INT64_MAX / 4, ELEA_VECTOR_COSINE, NULL, hits,
                                   &count, &err));
    assert_fails(
        ELEA_EINVAL, "unknown metric 5",
        elea_vector_top_k(&good, 1, &query, 1, (elea_vector_metric)5, NULL, hits, &count, &err));
    assert_fails(
        ELEA_EINVAL, "negative chunk count",
        elea_vector_top_k(&good, -1, &query, 1, ELEA_VECTOR_COSINE, NULL, hits, &count, &err));
    elea_vector_options options;
    elea_vector_options_init(&options);
    options.filter = (const uint8_t *)values;
    options.filter_offset = -8;
    assert_fails(
        ELEA_EINVAL, "negative filter offset -8",
        elea_vector_top_k(&good, 1, &query, 1, ELEA_VECTOR_COSINE, &options, hits, &count, &err));
    elea_cancel cancel = {0};
    elea_cancel_request(&cancel);
    elea_vector_options_init(&options);
    options.cancel = &cancel;
    assert_fails(
        ELEA_ECANCELLED, "",
        elea_vector_top_k(&good, 1, &query, 1, ELEA_VECTOR_COSINE, &options, hits, &count, &err));
}

static elea_status search_with_pool(elea_pool *pool, void *context, elea_error *err) {
    search_case *search = context;
    elea_vector_hit hits[3 * 700];
    int64_t counts[3];
    elea_vector_options options = search->options;
    options.pool = pool;
    float norms[700];
    ELEA_TRY(elea_vector_norms(&search->chunks[0], &options, norms, err));
    return elea_vector_top_k(search->chunks, 1, &search->queries, 700, ELEA_VECTOR_COSINE, &options,
                             hits, counts, err);
}

static void test_allocation_failures(void **state) {
    (void)state;
    uint64_t seed = 15;
    elea_error err;
    search_case search = {.chunk_count = 1, .row_count = 700};
    // Few rows fit a morsel, so that the heaps of all workers grow.
    search.chunks[0] = make_vectors(&search, 700, 6000, ELEA_VECTOR_FLOAT16, &seed);
    search.queries = make_vectors(&search, 3, 6000, ELEA_VECTOR_FLOAT16, &seed);
    for (int workers = 1; workers <= 4; workers += 3) {
        assert_ok(elea_thread_pool_new(NULL, workers, &search.options.threads, &err));
        elea_test_fail_each_allocation(search_with_pool, &search);
        elea_thread_pool_free(search.options.threads);
    }
    search_free(&search);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),   cmocka_unit_test(test_ties),
        cmocka_unit_test(test_specials), cmocka_unit_test(test_zero_has_no_direction),
        cmocka_unit_test(test_extremes), cmocka_unit_test(test_exact_cosine),
        cmocka_unit_test(test_scores),   cmocka_unit_test(test_nothing_to_search),
        cmocka_unit_test(test_refusals), cmocka_unit_test(test_allocation_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

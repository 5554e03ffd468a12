// SPDX-License-Identifier: Apache-2.0
#include "memories.h"

#include <math.h>
#include <stdlib.h>

#include "support/cmocka_all.h"
#include "support/scratch.h"

static elea_status open_store(const char *path, elea_store **out, elea_error *err) {
    return elea_store_open(path, &(elea_store_options){.dimension = MEMORY_DIMENSION}, out, err);
}

static elea_span column_of(const elea_table *table, const char *name) {
    elea_span span;
    elea_span_of(elea_chunked_array_chunk(elea_table_column_named(table, name), 0), &span);
    return span;
}

// ---- against a plain search

typedef struct naive_hit {
    int64_t row;
    double score;
} naive_hit;

static int by_score(const void *a, const void *b) {
    const naive_hit *x = a, *y = b;
    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return (x->row > y->row) - (x->row < y->row);
}

static double naive_cosine(const float *a, const float *b) {
    double dot = 0, aa = 0, bb = 0;
    for (int i = 0; i < MEMORY_DIMENSION; i++) {
        double x = elea_half_to_float(elea_half_from_float(a[i])), y = b[i];
        dot += x * y, aa += x * x, bb += y * y;
    }
    return dot / sqrt(aa * bb);
}

enum { ROWS = 3000 };

// Rows lie in segments of uneven size and two categories; ids say which row it is.
static void fill(elea_store *store, const float *vectors, elea_error *error) {
    elea_error err = {0};
    static const int64_t sizes[] = {1, 700, 63, 64, 1, 1171, 1000};
    int64_t first = 0;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); first += sizes[i++])
        assert_ok(add_memories(store, NULL, i % 2 ? "notes" : "experiences",
                               vectors + first * MEMORY_DIMENSION, first, sizes[i], &err));
    assert_int_equal(first, ROWS);
    *error = err;
}

static void test_against_naive(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_scratch scratch;
    elea_store *store = NULL;
    static float vectors[ROWS * MEMORY_DIMENSION];
    static naive_hit expected[ROWS];
    uint64_t seed = 1;
    for (int i = 0; i < ROWS * MEMORY_DIMENSION; i++)
        vectors[i] = random_float(&seed);
    elea_test_scratch_init(&scratch);
    assert_ok(open_store(scratch.folder, &store, &err));
    fill(store, vectors, &err);

    for (int query = 0; query < 20; query++) {
        float vector[MEMORY_DIMENSION];
        elea_table *table = NULL;
        elea_recall_figures figures;
        int64_t k = query == 0 ? ROWS + 5 : 1 + query * 7;
        for (int i = 0; i < MEMORY_DIMENSION; i++)
            vector[i] = random_float(&seed);
        for (int row = 0; row < ROWS; row++)
            expected[row] =
                (naive_hit){row, naive_cosine(vectors + row * MEMORY_DIMENSION, vector)};
        qsort(expected, ROWS, sizeof(expected[0]), by_score);
        assert_ok(elea_recall_vector(store, vector, MEMORY_DIMENSION,
                                     &(elea_recall_options){.k = k, .figures = &figures}, &table,
                                     &err));
        assert_int_equal(elea_table_length(table), k < ROWS ? k : ROWS);
        assert_int_equal(figures.rows, ROWS);
        assert_ok(elea_table_validate(table, ELEA_VALIDATE_FULL, &err));
        elea_span ids = column_of(table, "memory_id"), scores = column_of(table, "similarity");
        elea_span texts = column_of(table, "text");
        for (int64_t i = 0; i < elea_table_length(table); i++) {
            char id[40], text[40];
            assert_float_equal(elea_span_get_double(&scores, i), expected[i].score, 1e-5);
            // Neighbours closer than the rounding may change places.
            if ((i > 0 && expected[i - 1].score - expected[i].score < 1e-5) ||
                (i + 1 < ROWS && expected[i].score - expected[i + 1].score < 1e-5))
                continue;
            int size = snprintf(id, sizeof(id), "memory-id-%d", (int)expected[i].row);
            elea_bytes found = elea_span_get_bytes(&ids, i);
            assert_int_equal(found.size, size);
            assert_memory_equal(found.data, id, (size_t)size);
            size = snprintf(text, sizeof(text), "the text of number %d", (int)expected[i].row);
            found = elea_span_get_bytes(&texts, i);
            assert_int_equal(found.size, size);
            assert_memory_equal(found.data, text, (size_t)size);
        }
        elea_table_unref(table);
    }
    elea_store_free(store);
    elea_test_scratch_release(&scratch);
}

// ---- zero copy

// Whether `data` lies in the values of column "text" of some chunk of the table.
static bool lies_in(const elea_table *table, const char *data) {
    const elea_chunked_array *column = elea_table_column_named(table, "text");
    for (int64_t i = 0; i < elea_chunked_array_chunk_count(column); i++) {
        elea_span span;
        elea_span_of(elea_chunked_array_chunk(column, i), &span);
        if ((const uint8_t *)data >= span.buffers[2] &&
            (const uint8_t *)data < span.buffers[2] + span.sizes[2])
            return true;
    }
    return false;
}

static void test_nothing_is_copied(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_scratch scratch;
    elea_store *store = NULL;
    elea_table *hits = NULL, *mapped = NULL;
    static float vectors[ROWS * MEMORY_DIMENSION];
    uint64_t seed = 2;
    for (int i = 0; i < ROWS * MEMORY_DIMENSION; i++)
        vectors[i] = random_float(&seed);
    elea_test_scratch_init(&scratch);
    assert_ok(open_store(scratch.folder, &store, &err));
    fill(store, vectors, &err);
    elea_store_free(store);

    // From the file to the result: opening, mapping, scanning, the best rows.
    int64_t copied = elea_copied_bytes();
    elea_recall_figures figures = {.copied_bytes = -1};
    assert_ok(open_store(scratch.folder, &store, &err));
    assert_ok(elea_recall_vector(
        store, vectors, MEMORY_DIMENSION,
        &(elea_recall_options){.k = 50, .category = "notes", .figures = &figures}, &hits, &err));
    assert_int_equal(elea_copied_bytes(), copied);
    assert_int_equal(figures.copied_bytes, 0);

    // The strings of the result are the mapped bytes themselves.
    assert_ok(elea_store_table(store, "notes", (const char *const[]){"text", NULL}, &mapped, &err));
    assert_int_equal(elea_copied_bytes(), copied);
    elea_span texts = column_of(hits, "text");
    for (int64_t i = 0; i < texts.length; i++)
        assert_true(lies_in(mapped, elea_span_get_bytes(&texts, i).data));
    assert_false(lies_in(mapped, (const char *)&texts));

    // They stay when store and mapping are let go.
    elea_table_unref(mapped);
    elea_store_free(store);
    assert_ok(elea_table_validate(hits, ELEA_VALIDATE_FULL, &err));
    elea_table_unref(hits);
    elea_test_scratch_release(&scratch);
}

// ---- edges

static void test_empty(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_scratch scratch;
    elea_store *store = NULL;
    elea_table *table = NULL;
    static const float vector[MEMORY_DIMENSION] = {1};
    elea_test_scratch_init(&scratch);
    assert_ok(open_store(scratch.folder, &store, &err));
    assert_ok(elea_recall_vector(store, vector, MEMORY_DIMENSION, NULL, &table, &err));
    assert_int_equal(elea_table_length(table), 0);
    assert_int_equal(elea_table_column_count(table), 4);
    elea_table_unref(table);
    assert_fails(ELEA_EINVAL, "dimension 7, the store 8",
                 elea_recall_vector(store, vector, 7, NULL, &table, &err));
    assert_fails(ELEA_EINVAL, "k is -1",
                 elea_recall_vector(store, vector, MEMORY_DIMENSION,
                                    &(elea_recall_options){.k = -1}, &table, &err));
    assert_fails(ELEA_EINVAL, "without an embedder",
                 elea_recall(store, "anything", NULL, &table, &err));
    elea_store_free(store);
    elea_test_scratch_release(&scratch);
}

static void test_nan_and_ties(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_scratch scratch;
    elea_store *store = NULL;
    elea_table *table = NULL;
    static const float vectors[5 * MEMORY_DIMENSION] = {
        NAN, 1, 0, 0, 0, 0, 0, 0, //
        0,   3, 0, 0, 0, 0, 0, 0, //
        0,   1, 0, 0, 0, 0, 0, 0, //
        0,   0, 0, 0, 0, 0, 0, 0, //
        0,   1, 0, 0, 0, 0, 0, 0, //
    };
    static const float query[MEMORY_DIMENSION] = {0, 1};
    elea_test_scratch_init(&scratch);
    assert_ok(open_store(scratch.folder, &store, &err));
    assert_ok(add_memories(store, NULL, "experiences", vectors, 0, 5, &err));
    assert_ok(elea_recall_vector(store, query, MEMORY_DIMENSION, &(elea_recall_options){.k = 10},
                                 &table, &err));
    // NaN and the vector without direction never match; equals stand by age.
    assert_int_equal(elea_table_length(table), 3);
    elea_span ids = column_of(table, "memory_id"), scores = column_of(table, "similarity");
    static const char *const expected[] = {"memory-id-1", "memory-id-2", "memory-id-4"};
    for (int64_t i = 0; i < 3; i++) {
        assert_memory_equal(elea_span_get_bytes(&ids, i).data, expected[i], 11);
        assert_float_equal(elea_span_get_double(&scores, i), 1, 1e-6);
    }
    elea_table_unref(table);
    elea_store_free(store);
    elea_test_scratch_release(&scratch);
}

static void test_categories(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_scratch scratch;
    elea_store *store = NULL;
    elea_table *table = NULL;
    static const float vectors[2 * MEMORY_DIMENSION] = {1, 0, 0, 0, 0, 0, 0, 0, 1, 1};
    elea_test_scratch_init(&scratch);
    assert_ok(open_store(scratch.folder, &store, &err));
    assert_ok(add_memories(store, NULL, "experiences", vectors, 0, 1, &err));
    assert_ok(add_memories(store, NULL, "notes", vectors + MEMORY_DIMENSION, 1, 1, &err));
    assert_ok(elea_recall_vector(store, vectors, MEMORY_DIMENSION, NULL, &table, &err));
    assert_int_equal(elea_table_length(table), 2);
    elea_table_unref(table);
    assert_ok(elea_recall_vector(store, vectors, MEMORY_DIMENSION,
                                 &(elea_recall_options){.category = "notes"}, &table, &err));
    assert_int_equal(elea_table_length(table), 1);
    elea_span ids = column_of(table, "memory_id");
    assert_memory_equal(elea_span_get_bytes(&ids, 0).data, "memory-id-1", 11);
    elea_table_unref(table);
    assert_ok(elea_recall_vector(store, vectors, MEMORY_DIMENSION,
                                 &(elea_recall_options){.category = "empty"}, &table, &err));
    assert_int_equal(elea_table_length(table), 0);
    elea_table_unref(table);
    elea_store_free(store);
    elea_test_scratch_release(&scratch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_naive), cmocka_unit_test(test_nothing_is_copied),
        cmocka_unit_test(test_empty),         cmocka_unit_test(test_nan_and_ties),
        cmocka_unit_test(test_categories),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

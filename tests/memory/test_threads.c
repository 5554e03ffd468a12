// SPDX-License-Identifier: Apache-2.0
//
// One open store, used by several threads at a time. ThreadSanitizer runs this.
#include "memories.h"

#include <pthread.h>

#include "support/cmocka_all.h"
#include "support/scratch.h"

enum { READERS = 3, ADDS = 12, RECALLS = 60 };

static const float vectors[2 * MEMORY_DIMENSION] = {1, 0, 0, 0, 0, 0, 0, 0, 0, 1};

static void *read_often(void *context) {
    elea_store *store = context;
    elea_error err = {0};
    int64_t last = 0;
    for (int i = 0; i < RECALLS; i++) {
        elea_table *table = NULL, *all = NULL;
        elea_recall_figures figures = {0};
        elea_recall_options options = {.k = 1000, .figures = &figures};
        if (elea_recall_vector(store, vectors, MEMORY_DIMENSION, &options, &table, &err) !=
                ELEA_OK ||
            elea_store_table(store, "experiences", NULL, &all, &err) != ELEA_OK)
            return (void *)1;
        // Versions only rise, and each is whole: pairs of rows.
        if (elea_table_length(table) < last || elea_table_length(table) % 2 != 0 ||
            figures.rows != elea_table_length(table))
            return (void *)1;
        last = elea_table_length(table);
        elea_table_unref(table);
        elea_table_unref(all);
    }
    return NULL;
}

static void *add_often(void *context) {
    elea_store *store = context;
    elea_error err = {0};
    for (int i = 0; i < ADDS; i++) {
        if (add_memories(store, NULL, "experiences", vectors, 2 * i, 2, &err) != ELEA_OK ||
            elea_store_refresh(store, &err) != ELEA_OK)
            return (void *)1;
    }
    return NULL;
}

static void test_readers_and_a_writer(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_scratch scratch;
    elea_store *store = NULL;
    pthread_t threads[READERS + 1];
    elea_test_scratch_init(&scratch);
    assert_ok(elea_store_open(scratch.folder, &(elea_store_options){.dimension = MEMORY_DIMENSION},
                              &store, &err));
    assert_int_equal(pthread_create(&threads[0], NULL, add_often, store), 0);
    for (int i = 1; i <= READERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_often, store), 0);
    for (int i = 0; i <= READERS; i++) {
        void *failed = NULL;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    assert_int_equal(elea_store_row_count(store, NULL), 2 * ADDS);
    elea_store_free(store);
    elea_test_scratch_release(&scratch);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_readers_and_a_writer)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

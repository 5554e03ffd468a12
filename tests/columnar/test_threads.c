// SPDX-License-Identifier: Apache-2.0
//
// Shared objects in many threads: references come and go, null counts are found by whoever asks.
#include "support/cmocka_all.h"

#include "columnar/array_internal.h"
#include "columnar/ref_internal.h"
#include "support/random_data.h"

typedef struct shared_case {
    const elea_record_batch *batch;
    const int64_t *null_counts;
} shared_case;

static elea_status share(void *context, int64_t begin, int64_t end, int worker, elea_error *err) {
    const shared_case *c = context;
    int64_t column_count = elea_record_batch_column_count(c->batch);
    (void)worker;
    for (int64_t i = begin; i < end; i++) {
        const elea_array *column = elea_record_batch_column(c->batch, i % column_count);
        elea_array *slice = NULL;
        elea_record_batch *own = elea_record_batch_ref(c->batch);
        elea_type *type = elea_type_ref(elea_array_type(column));
        ELEA_TRY(elea_array_slice(column, i % 50, 30, &slice, err));
        int64_t nulls = elea_array_null_count(column);
        bool is_good =
            nulls == c->null_counts[i % column_count] && elea_array_null_count(slice) <= nulls;
        elea_array_unref(slice);
        elea_type_unref(type);
        elea_record_batch_unref(own);
        if (!is_good)
            return elea_error_set(err, ELEA_EINVAL, "%lld nulls", (long long)nulls);
    }
    return ELEA_OK;
}

static void arrays_are_shared_by_threads(void **state) {
    (void)state;
    elea_error err = {0};
    elea_thread_pool *threads = NULL;
    elea_test_random random = {71, .with_dictionaries = true};
    assert_ok(elea_thread_pool_new(NULL, 4, &threads, &err));
    for (int round = 0; round < 20; round++) {
        elea_record_batch *batch = elea_test_random_batch(&random, 8, 100, 2);
        int64_t null_counts[8];
        for (int64_t i = 0; i < 8; i++) {
            elea_array *column = elea__unconst(elea_record_batch_column(batch, i));
            null_counts[i] = elea_array_null_count(column);
            column->null_count = -1;
        }
        shared_case c = {batch, null_counts};
        assert_ok(elea_thread_pool_for(threads, 400, 7, share, &c, NULL, &err));
        elea_record_batch_unref(batch);
    }
    elea_thread_pool_free(threads);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(arrays_are_shared_by_threads)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

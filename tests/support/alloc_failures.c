// SPDX-License-Identifier: Apache-2.0
#include "support/alloc_failures.h"

#include "support/cmocka_all.h"

// One run; returns whether the body succeeded. `*made` is the number of allocations that worked.
static bool run_once(elea_test_alloc_body body, void *context, int64_t nth, bool forever,
                     int64_t *made) {
    elea_error err = {0};
    elea_pool *pool;
    assert_ok(elea_pool_new_failing(NULL, nth, forever, &pool, &err));
    err = (elea_error){0};
    elea_status status = body(pool, context, &err);
    *made = pool->allocation_count;
    if (status != ELEA_OK &&
        (status != ELEA_ENOMEM || err.status != ELEA_ENOMEM || err.message[0] == '\0'))
        fail_msg("with allocation %lld failing: %s, error %s \"%s\"", (long long)nth,
                 elea_status_name(status), elea_status_name(err.status), err.message);
    if (pool->bytes_allocated != 0)
        fail_msg("with allocation %lld failing%s: %lld bytes are left", (long long)nth,
                 forever ? " and all after it" : "", (long long)pool->bytes_allocated);
    elea_pool_free(pool);
    return status == ELEA_OK;
}

int64_t elea_test_fail_each_allocation(elea_test_alloc_body body, void *context) {
    int64_t total;
    if (!run_once(body, context, 0, false, &total))
        fail_msg("the body fails when no allocation does");
    for (int64_t nth = 1;; nth++) {
        int64_t made;
        bool ok = run_once(body, context, nth, true, &made);
        if (ok && made < nth)
            return total;
        if (ok)
            fail_msg("with allocation %lld and all after it failing, the body succeeds",
                     (long long)nth);
        run_once(body, context, nth, false, &made);
    }
}

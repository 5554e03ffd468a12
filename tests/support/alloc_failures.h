// SPDX-License-Identifier: Apache-2.0
//
// Proof that code survives memory running out at every place where it allocates.
//
//     static elea_status build_and_drop(elea_pool *pool, void *context, elea_error *err) {
//         elea_buffer *buffer;
//         ELEA_TRY(elea_buffer_new(pool, 100, &buffer, err));
//         elea_buffer_unref(buffer);
//         return ELEA_OK;
//     }
//     ...
//     elea_test_fail_each_allocation(build_and_drop, NULL);
//
// The body runs with a pool whose first allocation fails, then with one whose second fails, and so
// on until it succeeds with nothing having failed; for each number once with all later allocations
// failing, too, and once with that one alone. The body must use only `pool`, give back everything
// it made before it returns (after success as well), and return what the failed call returned.
// Asserted: a failure is ELEA_ENOMEM with a message in `err`, and nothing stays allocated.
#ifndef ELEA_TESTS_SUPPORT_ALLOC_FAILURES_H
#define ELEA_TESTS_SUPPORT_ALLOC_FAILURES_H

#include <elea/base.h>

typedef elea_status (*elea_test_alloc_body)(elea_pool *pool, void *context, elea_error *err);

// Fails the running cmocka test when the body does not behave. Returns how many allocations the
// body makes when all goes well.
int64_t elea_test_fail_each_allocation(elea_test_alloc_body body, void *context);

#endif // ELEA_TESTS_SUPPORT_ALLOC_FAILURES_H

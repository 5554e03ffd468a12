// SPDX-License-Identifier: Apache-2.0
#include "support/busy_thread.h"

#include <sched.h>

#include "support/cmocka_all.h"

enum { POSTED, HELD, LET_GO };

static void await_state(const int *state, int wanted) {
    while (__atomic_load_n(state, __ATOMIC_ACQUIRE) != wanted)
        sched_yield();
}

static void hold(elea__task *task) {
    elea_test_busy_thread *busy = (elea_test_busy_thread *)task;
    __atomic_store_n(&busy->state, HELD, __ATOMIC_RELEASE);
    await_state(&busy->state, LET_GO);
}

elea_thread_pool *elea_test_busy_thread_init(elea_test_busy_thread *busy) {
    elea_error err;
    *busy = (elea_test_busy_thread){.task.run = hold, .state = POSTED};
    assert_ok(elea_thread_pool_new(NULL, 2, &busy->threads, &err));
    assert_true(elea__thread_pool_post(busy->threads, &busy->task));
    await_state(&busy->state, HELD);
    return busy->threads;
}

void elea_test_busy_thread_release(elea_test_busy_thread *busy) {
    __atomic_store_n(&busy->state, LET_GO, __ATOMIC_RELEASE);
    elea_thread_pool_free(busy->threads);
}

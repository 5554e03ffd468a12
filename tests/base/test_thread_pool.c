// SPDX-License-Identifier: Apache-2.0
#include <elea/base.h>

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/os_internal.h"
#include "base/thread_pool_internal.h"
#include "support/alloc_failures.h"
#include "support/cmocka_all.h"

#define ITEMS 10000

typedef struct marks {
    int count[ITEMS];
    int64_t morsel;
    int worker_count;
} marks;

static elea_status mark(void *context, int64_t begin, int64_t end, int worker, elea_error *err) {
    (void)err;
    marks *m = context;
    bool is_good = begin < end && worker >= 0 && worker < m->worker_count;
    if (m->morsel > 0)
        is_good = is_good && begin % m->morsel == 0 && end - begin <= m->morsel;
    for (int64_t i = begin; i < end; i++)
        __atomic_add_fetch(&m->count[i], is_good ? 1 : 100, __ATOMIC_RELAXED);
    return ELEA_OK;
}

static void check_each_once(elea_thread_pool *threads) {
    elea_error err;
    static marks m;
    const int64_t counts[] = {0, 1, 2, 63, 64, 65, 1000, ITEMS};
    const int64_t morsels[] = {0, 1, 2, 7, 64, 9999, 10000, INT64_MAX};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        for (size_t s = 0; s < sizeof morsels / sizeof *morsels; s++) {
            memset(&m, 0, sizeof m);
            m.morsel = morsels[s];
            m.worker_count = elea_thread_pool_worker_count(threads);
            assert_ok(elea_thread_pool_for(threads, counts[c], morsels[s], mark, &m, NULL, &err));
            for (int64_t i = 0; i < ITEMS; i++)
                assert_int_equal(m.count[i], i < counts[c]);
        }
    }
}

static void test_each_item_once(void **state) {
    (void)state;
    elea_error err;
    const int worker_counts[] = {1, 2, 3, 8};
    for (size_t i = 0; i < sizeof worker_counts / sizeof *worker_counts; i++) {
        elea_thread_pool *threads;
        assert_ok(elea_thread_pool_new(NULL, worker_counts[i], &threads, &err));
        assert_int_equal(elea_thread_pool_worker_count(threads), worker_counts[i]);
        check_each_once(threads);
        elea_thread_pool_free(threads);
    }
    check_each_once(NULL);
    check_each_once(elea_thread_pool_default());
    elea_thread_pool_free(NULL);
}

static void test_arguments(void **state) {
    (void)state;
    elea_error err;
    elea_thread_pool *threads;
    assert_fails(ELEA_EINVAL, "-1", elea_thread_pool_new(NULL, -1, &threads, &err));
    assert_fails(ELEA_EINVAL, "100000", elea_thread_pool_new(NULL, 100000, &threads, &err));
    assert_fails(ELEA_EINVAL, "-3", elea_thread_pool_for(NULL, -3, 1, mark, NULL, NULL, &err));
    assert_fails(ELEA_EINVAL, "-4", elea_thread_pool_for(NULL, 3, -4, mark, NULL, NULL, &err));
    assert_ok(elea_thread_pool_new(NULL, 0, &threads, &err));
    assert_int_equal(elea_thread_pool_worker_count(threads), elea_cpu_count());
    elea_thread_pool_free(threads);
}

static elea_status same_thread(void *context, int64_t begin, int64_t end, int worker,
                               elea_error *err) {
    (void)begin;
    (void)end;
    (void)err;
    assert_int_equal(worker, 0);
    assert_true(pthread_equal(*(pthread_t *)context, pthread_self()));
    return ELEA_OK;
}

static void test_one_worker_starts_nothing(void **state) {
    (void)state;
    elea_error err;
    elea_thread_pool *threads;
    pthread_t self = pthread_self();
    assert_ok(elea_thread_pool_new(NULL, 1, &threads, &err));
    assert_ok(elea_thread_pool_for(threads, 1000, 1, same_thread, &self, NULL, &err));
    elea_thread_pool_free(threads);
    assert_ok(elea_thread_pool_new(NULL, 8, &threads, &err));
    assert_ok(elea_thread_pool_for(threads, 1000, 1000, same_thread, &self, NULL, &err));
    elea_thread_pool_free(threads);
}

typedef struct failing_loop {
    int64_t fails_from;
    int64_t run;
    int64_t lowest_failed;
} failing_loop;

static elea_status fail_late(void *context, int64_t begin, int64_t end, int worker,
                             elea_error *err) {
    (void)end;
    (void)worker;
    failing_loop *loop = context;
    __atomic_add_fetch(&loop->run, 1, __ATOMIC_RELAXED);
    if (begin < loop->fails_from)
        return ELEA_OK;
    int64_t lowest = __atomic_load_n(&loop->lowest_failed, __ATOMIC_RELAXED);
    while (begin < lowest && !__atomic_compare_exchange_n(&loop->lowest_failed, &lowest, begin,
                                                          true, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
    return elea_error_set(err, ELEA_EINDEX, "morsel %lld is bad", (long long)begin);
}

static void test_failure(void **state) {
    (void)state;
    elea_error err;
    const int worker_counts[] = {1, 2, 4};
    for (size_t i = 0; i < sizeof worker_counts / sizeof *worker_counts; i++) {
        elea_thread_pool *threads;
        assert_ok(elea_thread_pool_new(NULL, worker_counts[i], &threads, &err));
        for (int round = 0; round < 100; round++) {
            failing_loop loop = {.fails_from = 50, .lowest_failed = INT64_MAX};
            char part[40];
            err = (elea_error){0};
            assert_int_equal(elea_thread_pool_for(threads, 100000, 1, fail_late, &loop, NULL, &err),
                             ELEA_EINDEX);
            snprintf(part, sizeof part, "morsel %lld is bad", (long long)loop.lowest_failed);
            assert_string_equal(err.message, part);
            assert_true(loop.run < 100000);
            assert_int_equal(elea_thread_pool_for(threads, 100000, 1, fail_late, &loop, NULL, NULL),
                             ELEA_EINDEX);
        }
        elea_thread_pool_free(threads);
    }
}

// Morsel 0 fails after morsel 1 has; its error is returned nevertheless.
static elea_status fail_in_turn(void *context, int64_t begin, int64_t end, int worker,
                                elea_error *err) {
    (void)end;
    (void)worker;
    int *other_fails = context;
    int64_t give_up = elea__os_clock_monotonic_ns() + INT64_C(20000000000);
    while (begin == 0 && __atomic_load_n(other_fails, __ATOMIC_ACQUIRE) == 0 &&
           elea__os_clock_monotonic_ns() < give_up)
        sched_yield();
    if (begin == 0)
        usleep(5000);
    else
        __atomic_store_n(other_fails, 1, __ATOMIC_RELEASE);
    return elea_error_set(err, ELEA_EINDEX, "morsel %lld", (long long)begin);
}

static void test_lowest_failure(void **state) {
    (void)state;
    elea_error err;
    elea_thread_pool *threads;
    int other_fails = 0;
    assert_ok(elea_thread_pool_new(NULL, 2, &threads, &err));
    assert_fails(ELEA_EINDEX, "morsel 0",
                 elea_thread_pool_for(threads, 2, 1, fail_in_turn, &other_fails, NULL, &err));
    assert_int_equal(other_fails, 1);
    elea_thread_pool_free(threads);
}

typedef struct cancelled_loop {
    elea_cancel cancel;
    int64_t run;
} cancelled_loop;

static elea_status cancel_at_ten(void *context, int64_t begin, int64_t end, int worker,
                                 elea_error *err) {
    (void)begin;
    (void)end;
    (void)worker;
    (void)err;
    cancelled_loop *loop = context;
    if (__atomic_add_fetch(&loop->run, 1, __ATOMIC_RELAXED) == 10)
        elea_cancel_request(&loop->cancel);
    return ELEA_OK;
}

static void test_cancel(void **state) {
    (void)state;
    elea_error err;
    assert_false(elea_cancel_requested(NULL));
    for (int workers = 1; workers <= 4; workers++) {
        elea_thread_pool *threads;
        assert_ok(elea_thread_pool_new(NULL, workers, &threads, &err));
        cancelled_loop loop = {0};
        assert_false(elea_cancel_requested(&loop.cancel));
        assert_fails(
            ELEA_ECANCELLED, "cancelled",
            elea_thread_pool_for(threads, 1000000, 1, cancel_at_ten, &loop, &loop.cancel, &err));
        assert_in_range(loop.run, 10, 10 + workers);
        assert_true(elea_cancel_requested(&loop.cancel));
        // Cancelled by the last morsel: everything is done.
        loop = (cancelled_loop){0};
        assert_ok(elea_thread_pool_for(threads, 10, 1, cancel_at_ten, &loop, &loop.cancel, &err));
        elea_thread_pool_free(threads);
    }
}

typedef struct nested_loop {
    elea_thread_pool *threads;
    int64_t sum;
    int in_use[8]; // scratch of a worker, used by one thread at a time
} nested_loop;

static elea_status inner(void *context, int64_t begin, int64_t end, int worker, elea_error *err) {
    (void)err;
    nested_loop *loop = context;
    if (__atomic_exchange_n(&loop->in_use[worker], 1, __ATOMIC_ACQUIRE) != 0)
        return elea_error_set(err, ELEA_EINVAL, "two threads are worker %d", worker);
    __atomic_add_fetch(&loop->sum, end - begin, __ATOMIC_RELAXED);
    sched_yield();
    __atomic_store_n(&loop->in_use[worker], 0, __ATOMIC_RELEASE);
    return ELEA_OK;
}

static elea_status outer(void *context, int64_t begin, int64_t end, int worker, elea_error *err) {
    (void)worker;
    nested_loop *loop = context;
    for (int64_t i = begin; i < end; i++)
        ELEA_TRY(elea_thread_pool_for(loop->threads, 100, 3, inner, loop, NULL, err));
    return ELEA_OK;
}

static void test_nested(void **state) {
    (void)state;
    elea_error err;
    nested_loop loop = {0};
    assert_ok(elea_thread_pool_new(NULL, 4, &loop.threads, &err));
    assert_ok(elea_thread_pool_for(loop.threads, 200, 1, outer, &loop, NULL, &err));
    assert_int_equal(loop.sum, 200 * 100);
    elea_thread_pool_free(loop.threads);
    loop = (nested_loop){0};
    assert_ok(elea_thread_pool_for(NULL, 200, 1, outer, &loop, NULL, &err));
    assert_int_equal(loop.sum, 200 * 100);
}

static void caller(void *context) {
    elea_thread_pool *threads = context;
    for (int round = 0; round < 50; round++) {
        nested_loop loop = {.threads = threads};
        if (elea_thread_pool_for(threads, 1000, 10, inner, &loop, NULL, NULL) != ELEA_OK ||
            loop.sum != 1000)
            abort();
    }
}

static void test_several_callers(void **state) {
    (void)state;
    elea_error err;
    elea_thread_pool *threads[2] = {NULL, NULL};
    assert_ok(elea_thread_pool_new(NULL, 3, &threads[0], &err));
    for (int which = 0; which < 2; which++) { // the second is the default pool
        elea__os_thread callers[6];
        for (int i = 0; i < 6; i++)
            assert_ok(elea__os_thread_start(caller, threads[which], &callers[i], &err));
        for (int i = 0; i < 6; i++)
            elea__os_thread_join(callers[i]);
    }
    elea_thread_pool_free(threads[0]);
}

#if !defined(__SANITIZE_THREAD__) // which does not support threads after fork
static void test_default_after_fork(void **state) {
    (void)state;
    elea_error err;
    check_each_once(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        nested_loop loop = {0};
        elea_status status = elea_thread_pool_for(NULL, 1000, 1, inner, &loop, NULL, &err);
        _exit(status == ELEA_OK && loop.sum == 1000 ? 7 : 1);
    }
    int result;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_true(WIFEXITED(result));
    assert_int_equal(WEXITSTATUS(result), 7);
    check_each_once(NULL);
}
#endif

static elea_status new_and_use(elea_pool *pool, void *context, elea_error *err) {
    (void)context;
    elea_thread_pool *threads;
    ELEA_TRY(elea_thread_pool_new(pool, 3, &threads, err));
    nested_loop loop = {.threads = threads};
    elea_status status = elea_thread_pool_for(threads, 100, 1, inner, &loop, NULL, err);
    elea_thread_pool_free(threads);
    return status;
}

static void test_without_memory(void **state) {
    (void)state;
    assert_int_equal(elea_test_fail_each_allocation(new_and_use, NULL), 1);
}

// ---- tasks

typedef struct counted_task {
    elea__task task;
    elea_thread_pool *threads;
    int *sum;   // atomic
    int repeat; // posts itself so often
    int value;
} counted_task;

static void add_value(elea__task *task) {
    counted_task *counted = (counted_task *)task;
    bool again = counted->repeat-- > 0;
    int *sum = counted->sum;
    int value = counted->value;
    if (again && !elea__thread_pool_post(counted->threads, task))
        value = -1000000;
    __atomic_add_fetch(sum, value, __ATOMIC_ACQ_REL); // then the task may be gone
}

static void wait_for(const int *sum, int value) {
    while (__atomic_load_n(sum, __ATOMIC_ACQUIRE) != value)
        sched_yield();
}

// Each task runs once, beside loops that go on at the same time.
static void test_tasks(void **state) {
    (void)state;
    elea_error err;
    for (int workers = 2; workers <= 4; workers++) {
        elea_thread_pool *threads;
        counted_task tasks[100];
        int sum = 0, wanted = 0;
        assert_ok(elea_thread_pool_new(NULL, workers, &threads, &err));
        for (int i = 0; i < 100; i++) {
            tasks[i] = (counted_task){.task.run = add_value,
                                      .threads = threads,
                                      .sum = &sum,
                                      .value = i,
                                      .repeat = i % 3};
            wanted += i * (1 + i % 3);
            assert_true(elea__thread_pool_post(threads, &tasks[i].task));
            if (i % 50 == 0)
                check_each_once(threads);
        }
        wait_for(&sum, wanted);
        elea_thread_pool_free(threads);
    }
}

// A task that holds the only thread until it is told to go.
typedef struct gate {
    elea__task task;
    int entered; // atomic
    int open;    // atomic
    int left;    // atomic
} gate;

static void stand_in_the_gate(elea__task *task) {
    gate *held = (gate *)task;
    __atomic_store_n(&held->entered, 1, __ATOMIC_RELEASE);
    wait_for(&held->open, 1);
    __atomic_store_n(&held->left, 1, __ATOMIC_RELEASE);
}

static void test_withdraw(void **state) {
    (void)state;
    elea_error err;
    elea_thread_pool *threads;
    int sum = 0;
    gate held = {.task.run = stand_in_the_gate};
    counted_task first = {.task.run = add_value, .sum = &sum, .value = 1};
    counted_task second = {.task.run = add_value, .sum = &sum, .value = 10};
    counted_task third = {.task.run = add_value, .sum = &sum, .value = 100};
    assert_ok(elea_thread_pool_new(NULL, 2, &threads, &err));
    assert_true(elea__thread_pool_post(threads, &held.task));
    wait_for(&held.entered, 1);
    assert_false(elea__thread_pool_withdraw(threads, &held.task));
    assert_true(elea__thread_pool_post(threads, &first.task));
    assert_true(elea__thread_pool_post(threads, &second.task));
    assert_true(elea__thread_pool_post(threads, &third.task));
    assert_true(elea__thread_pool_withdraw(threads, &second.task));
    assert_false(elea__thread_pool_withdraw(threads, &second.task));
    __atomic_store_n(&held.open, 1, __ATOMIC_RELEASE);
    wait_for(&sum, 101);
    wait_for(&held.left, 1);
    assert_false(elea__thread_pool_withdraw(threads, &first.task));
    elea_thread_pool_free(threads);

    assert_ok(elea_thread_pool_new(NULL, 1, &threads, &err));
    assert_false(elea__thread_pool_post(threads, &first.task));
    assert_false(elea__thread_pool_withdraw(threads, &first.task));
    elea_thread_pool_free(threads);
}

int main(void) {
    setenv("ELEA_NUM_THREADS", "3", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_item_once),
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_one_worker_starts_nothing),
        cmocka_unit_test(test_failure),
        cmocka_unit_test(test_lowest_failure),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_nested),
        cmocka_unit_test(test_several_callers),
#if !defined(__SANITIZE_THREAD__)
        cmocka_unit_test(test_default_after_fork),
#endif
        cmocka_unit_test(test_tasks),
        cmocka_unit_test(test_withdraw),
        cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

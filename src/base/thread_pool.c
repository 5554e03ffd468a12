// SPDX-License-Identifier: Apache-2.0
//
// A loop is a job on the stack of its caller, hung into the pool's list while it runs. The caller
// takes morsels of its own job by an atomic counter until there are none; a thread of the pool
// takes morsels of the first job in the list that has some. So any number of callers may use a pool
// at the same time: each makes progress by itself, and threads help whom they can. A caller leaves
// when its job has no morsels left and no thread is inside it.
//
// A task is posted work that nobody waits in a loop for. Tasks stand in a line; a thread takes one
// when no loop has morsels for it.
#include "base/thread_pool_internal.h"

#include <assert.h>
#include <stdlib.h>

#include "base/math_internal.h"
#include "base/os_internal.h"

#define WORKER_MAX 1024

// With a morsel size of our choice each worker gets about so many, to even out their speeds.
#define MORSELS_PER_WORKER 8

typedef struct job {
    struct job *following; // in the pool's list
    elea_morsel_fn work;
    void *context;
    const elea_cancel *cancel;
    int64_t count;
    int64_t morsel;
    int64_t morsel_count;
    int64_t next; // atomic: the morsel that is taken next
    int is_over;  // atomic: after a failure or a cancellation
    // Under `result_mutex`:
    elea__os_mutex result_mutex;
    bool is_cancelled;
    int64_t failed_begin;
    elea_status status;
    elea_error *err;
    // Under the pool's mutex: threads inside (the caller not counted).
    int helper_count;
} job;

struct elea_thread_pool {
    elea_pool *pool;
    int worker_count; // atomic in the default pool, where 0 is "not known yet"
    // Under `mutex`:
    elea__os_mutex mutex;
    elea__os_condition has_work;
    elea__os_condition helper_left;
    job *jobs;
    elea__task *tasks;
    int task_count;
    int idle;    // threads that wait for work
    int started; // threads that were started
    int named;   // of these, how many have taken their worker number
    bool is_ending;
    elea__os_thread *threads; // room for worker_count - 1; NULL in the default pool
};

// The loop this thread is inside of, if any.
static _Thread_local struct {
    const elea_thread_pool *threads;
    int worker;
} inside;

static elea_thread_pool default_pool = {
    .mutex = ELEA__OS_MUTEX_INIT,
    .has_work = ELEA__OS_CONDITION_INIT,
    .helper_left = ELEA__OS_CONDITION_INIT,
};
static int default_knows_fork; // atomic

void elea_cancel_request(elea_cancel *cancel) {
    __atomic_store_n(&cancel->requested, 1, __ATOMIC_RELEASE);
}

bool elea_cancel_requested(const elea_cancel *cancel) {
    return cancel != NULL && __atomic_load_n(&cancel->requested, __ATOMIC_ACQUIRE) != 0;
}

// ELEA_NUM_THREADS if it is a sensible number, else the processors.
static int default_worker_count(void) {
    const char *wish = getenv("ELEA_NUM_THREADS");
    if (wish != NULL) {
        char *end;
        long count = strtol(wish, &end, 10);
        if (end != wish && *end == '\0' && count >= 1 && count <= WORKER_MAX)
            return (int)count;
    }
    return (int)elea__min(elea_cpu_count(), WORKER_MAX);
}

// A child has only the thread that forked; locks may have been held by others.
static void default_pool_after_fork(void) {
    elea__os_mutex_init(&default_pool.mutex);
    elea__os_condition_init(&default_pool.has_work);
    elea__os_condition_init(&default_pool.helper_left);
    default_pool.jobs = NULL;
    default_pool.tasks = NULL;
    default_pool.task_count = 0;
    default_pool.idle = 0;
    default_pool.started = 0;
    default_pool.named = 0;
}

elea_thread_pool *elea_thread_pool_default(void) {
    // Two threads that come here at once do the same, which does no harm.
    if (__atomic_load_n(&default_pool.worker_count, __ATOMIC_ACQUIRE) == 0)
        __atomic_store_n(&default_pool.worker_count, default_worker_count(), __ATOMIC_RELEASE);
    return &default_pool;
}

int elea_thread_pool_worker_count(const elea_thread_pool *threads) {
    if (threads == NULL)
        threads = elea_thread_pool_default();
    return __atomic_load_n(&threads->worker_count, __ATOMIC_ACQUIRE);
}

elea_status elea_thread_pool_new(elea_pool *pool, int worker_count, elea_thread_pool **out,
                                 elea_error *err) {
    if (worker_count < 0 || worker_count > WORKER_MAX)
        return elea_error_set(err, ELEA_EINVAL,
                              "%d workers are asked for, a thread pool has 0 (one for each "
                              "processor) to %d",
                              worker_count, WORKER_MAX);
    if (worker_count == 0)
        worker_count = (int)elea__min(elea_cpu_count(), WORKER_MAX);
    int64_t size =
        (int64_t)sizeof(elea_thread_pool) + (worker_count - 1) * (int64_t)sizeof(elea__os_thread);
    void *block;
    ELEA_TRY(elea_alloc_zero(pool, size, &block, err));
    elea_thread_pool *threads = block;
    threads->pool = pool;
    threads->worker_count = worker_count;
    threads->threads = (elea__os_thread *)(threads + 1);
    elea__os_mutex_init(&threads->mutex);
    elea__os_condition_init(&threads->has_work);
    elea__os_condition_init(&threads->helper_left);
    *out = threads;
    return ELEA_OK;
}

void elea_thread_pool_free(elea_thread_pool *threads) {
    if (threads == NULL)
        return;
    assert(threads != &default_pool);
    elea__os_mutex_lock(&threads->mutex);
    assert(threads->jobs == NULL && threads->tasks == NULL);
    threads->is_ending = true;
    elea__os_condition_broadcast(&threads->has_work);
    elea__os_mutex_unlock(&threads->mutex);
    for (int i = 0; i < threads->started; i++)
        elea__os_thread_join(threads->threads[i]);
    elea__os_condition_release(&threads->helper_left);
    elea__os_condition_release(&threads->has_work);
    elea__os_mutex_release(&threads->mutex);
    elea_dealloc(threads->pool, threads,
                 (int64_t)sizeof *threads +
                     (threads->worker_count - 1) * (int64_t)sizeof(elea__os_thread));
}

static void job_fail(job *job_, int64_t begin, elea_status status, const elea_error *error) {
    elea__os_mutex_lock(&job_->result_mutex);
    if (job_->status == ELEA_OK || begin < job_->failed_begin) {
        job_->status = status;
        job_->failed_begin = begin;
        if (job_->err != NULL)
            *job_->err = *error;
    }
    elea__os_mutex_unlock(&job_->result_mutex);
    __atomic_store_n(&job_->is_over, 1, __ATOMIC_RELAXED);
}

static void job_cancel(job *job_) {
    elea__os_mutex_lock(&job_->result_mutex);
    job_->is_cancelled = true;
    elea__os_mutex_unlock(&job_->result_mutex);
    __atomic_store_n(&job_->is_over, 1, __ATOMIC_RELAXED);
}

static bool job_has_morsels(const job *job_) {
    return __atomic_load_n(&job_->is_over, __ATOMIC_RELAXED) == 0 &&
           __atomic_load_n(&job_->next, __ATOMIC_RELAXED) < job_->morsel_count;
}

// Does morsels until there are none or the job is over.
static void job_run(job *job_, int worker) {
    while (job_has_morsels(job_)) {
        int64_t index = __atomic_fetch_add(&job_->next, 1, __ATOMIC_RELAXED);
        if (index >= job_->morsel_count)
            return;
        if (elea_cancel_requested(job_->cancel)) {
            job_cancel(job_);
            return;
        }
        int64_t begin = index * job_->morsel;
        int64_t end = index + 1 == job_->morsel_count ? job_->count : begin + job_->morsel;
        elea_error error;
        error.status = ELEA_OK;
        error.os_code = 0;
        error.message[0] = '\0';
        elea_status status =
            job_->work(job_->context, begin, end, worker, job_->err == NULL ? NULL : &error);
        if (status != ELEA_OK)
            job_fail(job_, begin, status, &error);
    }
}

static job *pool_find_job(const elea_thread_pool *threads) {
    job *found = threads->jobs;
    while (found != NULL && !job_has_morsels(found))
        found = found->following;
    return found;
}

// The pool's mutex is held, but not while the task runs.
static void run_task_or_wait(elea_thread_pool *threads) {
    elea__task *task = threads->tasks;
    if (task == NULL) {
        threads->idle++;
        elea__os_condition_wait(&threads->has_work, &threads->mutex);
        threads->idle--;
        return;
    }
    threads->tasks = task->following;
    threads->task_count--;
    elea__os_mutex_unlock(&threads->mutex);
    task->run(task);
    elea__os_mutex_lock(&threads->mutex);
}

static void thread_main(void *context) {
    elea_thread_pool *threads = context;
    elea__os_mutex_lock(&threads->mutex);
    int worker = ++threads->named;
    inside.threads = threads;
    inside.worker = worker;
    while (!threads->is_ending) {
        job *found = pool_find_job(threads);
        if (found == NULL) {
            run_task_or_wait(threads);
            continue;
        }
        found->helper_count++;
        elea__os_mutex_unlock(&threads->mutex);
        job_run(found, worker);
        elea__os_mutex_lock(&threads->mutex);
        if (--found->helper_count == 0)
            elea__os_condition_broadcast(&threads->helper_left);
    }
    elea__os_mutex_unlock(&threads->mutex);
}

// Starts threads until there are `wanted`. When the system gives no more, the loop has fewer
// workers; the caller alone is enough. The pool's mutex is held.
static void pool_start_threads(elea_thread_pool *threads, int wanted) {
    while (threads->started < wanted) {
        elea__os_thread *thread =
            threads->threads == NULL ? NULL : &threads->threads[threads->started];
        if (elea__os_thread_start(thread_main, threads, thread, NULL) != ELEA_OK)
            return;
        threads->started++;
    }
}

// Lets the pool's threads help with a job while the caller runs it.
static void pool_run(elea_thread_pool *threads, job *job_) {
    int wanted = (int)elea__min(elea_thread_pool_worker_count(threads), job_->morsel_count) - 1;
    elea__os_mutex_lock(&threads->mutex);
    pool_start_threads(threads, wanted);
    job **place = &threads->jobs;
    while (*place != NULL)
        place = &(*place)->following;
    *place = job_;
    for (int i = 0; i < wanted; i++)
        elea__os_condition_signal(&threads->has_work);
    elea__os_mutex_unlock(&threads->mutex);

    job_run(job_, 0);

    elea__os_mutex_lock(&threads->mutex);
    place = &threads->jobs;
    while (*place != job_)
        place = &(*place)->following;
    *place = job_->following;
    while (job_->helper_count > 0)
        elea__os_condition_wait(&threads->helper_left, &threads->mutex);
    elea__os_mutex_unlock(&threads->mutex);
}

// Without this no thread of the default pool is started.
static bool default_pool_knows_fork(void) {
    if (__atomic_load_n(&default_knows_fork, __ATOMIC_ACQUIRE) == 0) {
        if (elea__os_at_fork(default_pool_after_fork, NULL) != ELEA_OK)
            return false;
        __atomic_store_n(&default_knows_fork, 1, __ATOMIC_RELEASE);
    }
    return true;
}

static bool may_use_threads(const elea_thread_pool *threads, int64_t morsel_count) {
    if (elea_thread_pool_worker_count(threads) == 1 || morsel_count == 1 || inside.threads != NULL)
        return false;
    return threads != &default_pool || default_pool_knows_fork();
}

elea_status elea_thread_pool_for(elea_thread_pool *threads, int64_t count, int64_t morsel,
                                 elea_morsel_fn work, void *context, const elea_cancel *cancel,
                                 elea_error *err) {
    if (count < 0 || morsel < 0)
        return elea_error_set(err, ELEA_EINVAL, "a loop over %lld items in morsels of %lld",
                              (long long)count, (long long)morsel);
    if (count == 0)
        return ELEA_OK;
    if (threads == NULL)
        threads = elea_thread_pool_default();
    if (morsel == 0)
        morsel = elea__div_up(count, elea_thread_pool_worker_count(threads) * MORSELS_PER_WORKER);
    job job_ = {.work = work,
                .context = context,
                .cancel = cancel,
                .count = count,
                .morsel = morsel,
                .morsel_count = elea__div_up(count, morsel),
                .err = err};
    elea__os_mutex_init(&job_.result_mutex);
    if (may_use_threads(threads, job_.morsel_count)) {
        inside.threads = threads;
        inside.worker = 0;
        pool_run(threads, &job_);
        inside.threads = NULL;
    } else {
        // An inner loop of the same pool keeps its worker, whose scratch space is its own.
        const elea_thread_pool *outer = inside.threads;
        int worker = inside.worker;
        inside.threads = threads;
        inside.worker = outer == threads ? worker : 0;
        job_run(&job_, inside.worker);
        inside.threads = outer;
        inside.worker = worker;
    }
    elea__os_mutex_release(&job_.result_mutex);
    if (job_.status == ELEA_OK && job_.is_cancelled)
        return elea_error_set(err, ELEA_ECANCELLED, "cancelled before the end");
    return job_.status;
}

bool elea__thread_pool_post(elea_thread_pool *threads, elea__task *task) {
    if (threads == NULL)
        threads = elea_thread_pool_default();
    int thread_max = elea_thread_pool_worker_count(threads) - 1;
    if (thread_max == 0 || (threads == &default_pool && !default_pool_knows_fork()))
        return false;
    elea__os_mutex_lock(&threads->mutex);
    if (threads->task_count >= threads->idle && threads->started < thread_max)
        pool_start_threads(threads, threads->started + 1);
    bool has_thread = threads->started > 0;
    if (has_thread) {
        elea__task **place = &threads->tasks;
        while (*place != NULL)
            place = &(*place)->following;
        task->following = NULL;
        *place = task;
        threads->task_count++;
        elea__os_condition_signal(&threads->has_work);
    }
    elea__os_mutex_unlock(&threads->mutex);
    return has_thread;
}

bool elea__thread_pool_withdraw(elea_thread_pool *threads, elea__task *task) {
    if (threads == NULL)
        threads = elea_thread_pool_default();
    elea__os_mutex_lock(&threads->mutex);
    elea__task **place = &threads->tasks;
    while (*place != NULL && *place != task)
        place = &(*place)->following;
    bool found = *place != NULL;
    if (found) {
        *place = task->following;
        threads->task_count--;
    }
    elea__os_mutex_unlock(&threads->mutex);
    return found;
}

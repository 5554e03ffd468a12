// SPDX-License-Identifier: Apache-2.0
//
// The other half of the seam: what a process has, clocks, entropy, processors and threads.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "base/os_internal.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

static int64_t clock_ns(clockid_t clock) {
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t elea__os_clock_monotonic_ns(void) { return clock_ns(CLOCK_MONOTONIC); }

int64_t elea__os_clock_wall_ns(void) { return clock_ns(CLOCK_REALTIME); }

void elea__os_sleep_ns(int64_t duration) {
    struct timespec left = {.tv_sec = duration / 1000000000, .tv_nsec = duration % 1000000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

elea_status elea__os_entropy(void *target, int64_t size, elea_error *err) {
    int64_t done = 0;
    while (done < size) {
        ssize_t part = getrandom((char *)target + done, (size_t)(size - done), 0);
        if (part < 0 && errno == EINTR)
            continue;
        if (part < 0)
            return elea_error_set_os(err, errno, "cannot get %lld random bytes", (long long)size);
        done += part;
    }
    return ELEA_OK;
}

int elea__os_cpu_count(void) {
    long count = 0;
#if defined(__linux__)
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0)
        count = CPU_COUNT(&allowed);
#endif
    if (count <= 0) // more processors than a cpu_set_t holds, or another system
        count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (int)count : 1;
}

int64_t elea__os_memory_size(void) {
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    return pages > 0 && size > 0 ? (int64_t)pages * size : 0;
}

// The calls below fail only when they are used wrongly; going on would corrupt data.
static void must(int os_code) {
    if (os_code != 0)
        abort();
}

void elea__os_mutex_init(elea__os_mutex *mutex) { must(pthread_mutex_init(&mutex->native, NULL)); }
void elea__os_mutex_release(elea__os_mutex *mutex) { must(pthread_mutex_destroy(&mutex->native)); }
void elea__os_mutex_lock(elea__os_mutex *mutex) { must(pthread_mutex_lock(&mutex->native)); }
void elea__os_mutex_unlock(elea__os_mutex *mutex) { must(pthread_mutex_unlock(&mutex->native)); }

void elea__os_condition_init(elea__os_condition *condition) {
    must(pthread_cond_init(&condition->native, NULL));
}
void elea__os_condition_release(elea__os_condition *condition) {
    must(pthread_cond_destroy(&condition->native));
}
void elea__os_condition_wait(elea__os_condition *condition, elea__os_mutex *mutex) {
    must(pthread_cond_wait(&condition->native, &mutex->native));
}
void elea__os_condition_signal(elea__os_condition *condition) {
    must(pthread_cond_signal(&condition->native));
}
void elea__os_condition_broadcast(elea__os_condition *condition) {
    must(pthread_cond_broadcast(&condition->native));
}

// What a new thread is to do; it frees this.
typedef struct thread_task {
    void (*run)(void *context);
    void *context;
} thread_task;

static void *thread_main(void *argument) {
    thread_task task = *(thread_task *)argument;
    free(argument);
    task.run(task.context);
    return NULL;
}

elea_status elea__os_thread_start(void (*run)(void *context), void *context, elea__os_thread *out,
                                  elea_error *err) {
    thread_task *task = malloc(sizeof *task);
    if (task == NULL)
        return elea_error_set(err, ELEA_ENOMEM, "no memory for a thread");
    *task = (thread_task){run, context};
    // A thread inherits the mask of its starter: signals go to the threads of the application.
    sigset_t all, before;
    sigfillset(&all);
    must(pthread_sigmask(SIG_SETMASK, &all, &before));
    pthread_t thread;
    int os_code = pthread_create(&thread, NULL, thread_main, task);
    must(pthread_sigmask(SIG_SETMASK, &before, NULL));
    if (os_code != 0) {
        free(task);
        return elea_error_set_os(err, os_code, "cannot start a thread");
    }
    if (out == NULL)
        must(pthread_detach(thread));
    else
        out->native = thread;
    return ELEA_OK;
}

void elea__os_thread_join(elea__os_thread thread) { must(pthread_join(thread.native, NULL)); }

elea_status elea__os_at_fork(void (*child)(void), elea_error *err) {
    int os_code = pthread_atfork(NULL, NULL, child);
    if (os_code != 0)
        return elea_error_set_os(err, os_code, "cannot prepare for fork");
    return ELEA_OK;
}

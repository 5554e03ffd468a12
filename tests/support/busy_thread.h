// SPDX-License-Identifier: Apache-2.0
//
// A thread pool whose only thread has no time, for code that must not depend on it.
#ifndef ELEA_TESTS_SUPPORT_BUSY_THREAD_H
#define ELEA_TESTS_SUPPORT_BUSY_THREAD_H

#include <elea/base.h>

#include "base/thread_pool_internal.h"

typedef struct elea_test_busy_thread {
    elea__task task; // private
    elea_thread_pool *threads;
    int state;
} elea_test_busy_thread;

// Makes a pool of two workers and keeps its thread busy; returns when it is.
elea_thread_pool *elea_test_busy_thread_init(elea_test_busy_thread *busy);
// Lets the thread go, and frees the pool.
void elea_test_busy_thread_release(elea_test_busy_thread *busy);

#endif // ELEA_TESTS_SUPPORT_BUSY_THREAD_H

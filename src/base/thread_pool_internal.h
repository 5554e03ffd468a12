// SPDX-License-Identifier: Apache-2.0
//
// Work in the background: tasks that a thread of a pool does when no loop has morsels for it. There
// may be no such thread, or none that has time; who posts a task must be able to do its work
// itself.
#ifndef ELEA_BASE_THREAD_POOL_INTERNAL_H
#define ELEA_BASE_THREAD_POOL_INTERNAL_H

#include "elea/base.h"

// Storage of the poster, which keeps it until the task has run or was withdrawn.
typedef struct elea__task {
    void (*run)(struct elea__task *task); // may post again; the pool touches the task no more
    struct elea__task *following;         // private
} elea__task;

// Puts a task at the end of the line; `threads` NULL: the default pool. False when the pool has no
// thread that could ever run it: nothing happens then. A pool with one worker never has one.
bool elea__thread_pool_post(elea_thread_pool *threads, elea__task *task);
// Takes a posted task out of the line. False when it is not there any more: it runs, or has run.
bool elea__thread_pool_withdraw(elea_thread_pool *threads, elea__task *task);

#endif // ELEA_BASE_THREAD_POOL_INTERNAL_H

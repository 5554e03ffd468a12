// SPDX-License-Identifier: Apache-2.0
//
// Keeps oneDNN to the calling thread. Debian's oneDNN divides each primitive among OpenMP threads,
// which on small matrices, and beside the workers of our own pool, costs far more than it gains.
// The number of OpenMP threads is a property of the calling thread, so that the host program's own
// loops never see the change.
#ifndef ELEA_EMBED_ONE_THREAD_H
#define ELEA_EMBED_ONE_THREAD_H

// The OpenMP runtime that the process has, if any.
typedef struct elea__openmp {
    int (*get_max_threads)(void);
    void (*set_num_threads)(int count);
} elea__openmp;

void elea__openmp_find(elea__openmp *out);
// Gives what elea__one_thread_end() needs.
int elea__one_thread_begin(const elea__openmp *openmp);
void elea__one_thread_end(const elea__openmp *openmp, int before);

#endif // ELEA_EMBED_ONE_THREAD_H

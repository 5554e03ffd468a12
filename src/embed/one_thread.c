// SPDX-License-Identifier: Apache-2.0
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "embed/one_thread.h"

#include <dlfcn.h>
#include <string.h>

// Found by name, among the libraries that came with oneDNN: which OpenMP it is (GNU's, LLVM's,
// none) is that library's affair, and linking one of our own might add a second to the process.
void elea__openmp_find(elea__openmp *out) {
    void *get = dlsym(RTLD_DEFAULT, "omp_get_max_threads");
    void *set = dlsym(RTLD_DEFAULT, "omp_set_num_threads");
    *out = (elea__openmp){0};
    if (get == NULL || set == NULL)
        return;
    memcpy(&out->get_max_threads, &get, sizeof get);
    memcpy(&out->set_num_threads, &set, sizeof set);
}

int elea__one_thread_begin(const elea__openmp *openmp) {
    if (openmp->set_num_threads == NULL)
        return 0;
    int before = openmp->get_max_threads();
    openmp->set_num_threads(1);
    return before;
}

void elea__one_thread_end(const elea__openmp *openmp, int before) {
    if (openmp->set_num_threads != NULL)
        openmp->set_num_threads(before);
}

// SPDX-License-Identifier: Apache-2.0
//
// Asking for memory before it is read, so that work goes on while it comes. A hint: addresses need
// not be valid.
#ifndef ELEA_BASE_PREFETCH_INTERNAL_H
#define ELEA_BASE_PREFETCH_INTERNAL_H

#include "elea/base.h"

static inline void elea__prefetch(const void *data, int64_t size) {
    for (int64_t i = 0; i < size; i += ELEA_ALIGNMENT)
        __builtin_prefetch((const char *)data + i);
}

#endif // ELEA_BASE_PREFETCH_INTERNAL_H

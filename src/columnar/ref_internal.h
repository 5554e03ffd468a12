// SPDX-License-Identifier: Apache-2.0
//
// Counting of references to shared, immutable objects. A negative count marks an object in static
// storage: it is never written and never freed.
#ifndef ELEA_COLUMNAR_REF_INTERNAL_H
#define ELEA_COLUMNAR_REF_INTERNAL_H

#include "elea/base.h"

// The count inside a shared object is the only thing that is written after it was made, which is
// why objects travel as const and lose it only here.
static inline void *elea__unconst(const void *object) {
    union {
        const void *constant;
        void *mutable;
    } pointer = {.constant = object};
    return pointer.mutable;
}

static inline void elea__count_ref(int32_t *count) {
    if (__atomic_load_n(count, __ATOMIC_RELAXED) >= 0)
        __atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
}

// True when the last reference is gone and the object is to be freed.
static inline bool elea__count_unref(int32_t *count) {
    int32_t now = __atomic_load_n(count, __ATOMIC_ACQUIRE);
    if (now < 0)
        return false;
    // Who has the only reference shares the count with nobody: the dear exchange is not needed.
    if (now == 1)
        return true;
    return __atomic_fetch_sub(count, 1, __ATOMIC_ACQ_REL) == 1;
}

#endif // ELEA_COLUMNAR_REF_INTERNAL_H

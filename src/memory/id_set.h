// SPDX-License-Identifier: Apache-2.0
//
// A set of memory ids: tells whether one was there before. Borrows the bytes.
#ifndef ELEA_MEMORY_ID_SET_H
#define ELEA_MEMORY_ID_SET_H

#include <elea/base.h>

typedef struct elea__id_set {
    elea_pool *pool;
    elea_bytes *slots; // open addressing; data NULL is free
    int64_t capacity;  // a power of two, at least twice `count_max`
} elea__id_set;

// Room for `count_max` ids.
elea_status elea__id_set_init(elea__id_set *set, elea_pool *pool, int64_t count_max,
                              elea_error *err);
void elea__id_set_release(elea__id_set *set);
bool elea__id_set_has(const elea__id_set *set, elea_bytes id);
// False when it was there already. The id must have bytes.
bool elea__id_set_add(elea__id_set *set, elea_bytes id);

#endif // ELEA_MEMORY_ID_SET_H

// SPDX-License-Identifier: Apache-2.0
#include "memory/id_set.h"

#include <string.h>

elea_status elea__id_set_init(elea__id_set *set, elea_pool *pool, int64_t count_max,
                              elea_error *err) {
    int64_t capacity = 16;
    void *block = NULL;
    while (capacity / 2 < count_max)
        capacity *= 2;
    ELEA_TRY(elea_alloc_zero(pool, capacity * (int64_t)sizeof(elea_bytes), &block, err));
    *set = (elea__id_set){.pool = pool, .slots = block, .capacity = capacity};
    return ELEA_OK;
}

void elea__id_set_release(elea__id_set *set) {
    elea_dealloc(set->pool, set->slots, set->capacity * (int64_t)sizeof(elea_bytes));
    *set = (elea__id_set){0};
}

// The slot that holds the id, or the free one where it belongs.
static elea_bytes *find(const elea__id_set *set, elea_bytes id) {
    uint64_t mask = (uint64_t)set->capacity - 1;
    uint64_t slot = elea_hash64(id.data, id.size, 0) & mask;
    for (;; slot = (slot + 1) & mask) {
        elea_bytes *found = &set->slots[slot];
        if (!found->data ||
            (found->size == id.size && memcmp(found->data, id.data, (size_t)id.size) == 0))
            return found;
    }
}

bool elea__id_set_has(const elea__id_set *set, elea_bytes id) {
    return find(set, id)->data != NULL;
}

bool elea__id_set_add(elea__id_set *set, elea_bytes id) {
    elea_bytes *slot = find(set, id);
    if (slot->data)
        return false;
    *slot = id;
    return true;
}

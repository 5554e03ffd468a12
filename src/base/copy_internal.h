// SPDX-License-Identifier: Apache-2.0
//
// For the few places where payload moves without elea_copy_bytes(): they tell the ledger. And the
// way to move what is part of a large whole.
#ifndef ELEA_BASE_COPY_INTERNAL_H
#define ELEA_BASE_COPY_INTERNAL_H

#include <string.h>

#include "elea/base.h"

// Counts payload bytes that something else than elea_copy_bytes() copied.
void elea__copy_count(int64_t size);

// elea_copy_bytes() where most sizes are those of words: without a call for the copy itself.
static inline void elea__copy_bytes_short(void *target, const void *source, int64_t size) {
    uint8_t *to = (uint8_t *)target;
    const uint8_t *from = (const uint8_t *)source;
    if (size > 32) {
        elea_copy_bytes(target, source, size);
        return;
    }
    // Two words of one size, which overlap where there are not so many bytes.
    if (size >= 16) {
        memcpy(to, from, 16);
        memcpy(to + size - 16, from + size - 16, 16);
    } else if (size >= 8) {
        memcpy(to, from, 8);
        memcpy(to + size - 8, from + size - 8, 8);
    } else if (size >= 4) {
        memcpy(to, from, 4);
        memcpy(to + size - 4, from + size - 4, 4);
    } else if (size > 0) {
        to[0] = from[0];
        to[size / 2] = from[size / 2];
        to[size - 1] = from[size - 1];
    } else {
        return;
    }
    elea__copy_count(size);
}

// As memcpy(), of bytes that nobody reads soon: where the machine can, they go past the caches to
// memory, which need not be read before. Not counted.
void elea__store_far(void *target, const void *source, int64_t size);
// elea_copy_bytes() of a part of a whole of `size_whole` bytes, which decides the way.
void elea__copy_bytes_of(void *target, const void *source, int64_t size, int64_t size_whole);
// From this size on a whole does not stay in the caches of a core anyway.
#define ELEA__SIZE_FAR ((int64_t)16 << 20)

// elea_realloc() of a block that holds payload: counts it when it had to be moved. The memory of a
// builder grows through this.
ELEA_CHECKED elea_status elea__payload_realloc(elea_pool *pool, int64_t size_old, int64_t size_new,
                                               void **block, elea_error *err);

// Whether making a block of the default pool (or of one on top of it) smaller, to this size, leaves
// its bytes where they are.
bool elea__payload_shrinks_in_place(int64_t size_new);

#endif // ELEA_BASE_COPY_INTERNAL_H

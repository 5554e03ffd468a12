// SPDX-License-Identifier: Apache-2.0
//
// For the few places where payload moves without elea_copy_bytes(): they tell the ledger. And the
// way to move what is part of a large whole.
#ifndef ELEA_BASE_COPY_INTERNAL_H
#define ELEA_BASE_COPY_INTERNAL_H

#include "elea/base.h"

// Counts payload bytes that something else than elea_copy_bytes() copied.
void elea__copy_count(int64_t size);

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

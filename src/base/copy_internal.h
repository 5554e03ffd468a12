// SPDX-License-Identifier: Apache-2.0
//
// For the few places where payload moves without elea_copy_bytes(): they tell the ledger.
#ifndef ELEA_BASE_COPY_INTERNAL_H
#define ELEA_BASE_COPY_INTERNAL_H

#include "elea/base.h"

// Counts payload bytes that something else than elea_copy_bytes() copied.
void elea__copy_count(int64_t size);

// elea_realloc() of a block that holds payload: counts it when it had to be moved. The memory of a
// builder grows through this.
ELEA_CHECKED elea_status elea__payload_realloc(elea_pool *pool, int64_t size_old, int64_t size_new,
                                               void **block, elea_error *err);

// Whether making a block of the default pool (or of one on top of it) smaller, to this size, leaves
// its bytes where they are.
bool elea__payload_shrinks_in_place(int64_t size_new);

#endif // ELEA_BASE_COPY_INTERNAL_H

// SPDX-License-Identifier: Apache-2.0
//
// Which texts go through the encoder together: batches of about as many tokens each, as full as can
// be. Depends on the lengths alone.
#ifndef ELEA_EMBED_PACKING_H
#define ELEA_EMBED_PACKING_H

#include <elea/base.h>

// Tokens of a batch, at most (but for one text that is longer by itself). The residual stream and
// what attention works on then fit the second level cache, nearly, and there are batches enough for
// many workers.
#define ELEA_BATCH_TOKENS 512

typedef struct elea__pack {
    int64_t first; // of slots
    int64_t count;
    int64_t tokens;
} elea__pack;

// Storage of the caller; reused by each elea__packing_make().
typedef struct elea__packing {
    elea_pool *pool;
    int64_t capacity;
    int64_t length_max;
    void *memory;
    int64_t memory_size;
    int32_t *slots;   // text numbers in batch order
    int32_t *sorted;  // the same by length
    int64_t *cursors; // by length: the next text of it in `sorted`
    int64_t *ends;
    elea__pack *packs;
    int64_t count;      // of packs
    int64_t tokens_max; // of a pack
} elea__packing;

// For up to `capacity` texts of up to `length_max` tokens.
ELEA_CHECKED elea_status elea__packing_init(elea__packing *packing, elea_pool *pool,
                                            int64_t capacity, int64_t length_max, elea_error *err);
void elea__packing_release(elea__packing *packing);

// Packs texts 0 .. count - 1; one of length 0 is left out. The longest texts come first.
void elea__packing_make(elea__packing *packing, const int32_t *lengths, int64_t count);

#endif // ELEA_EMBED_PACKING_H

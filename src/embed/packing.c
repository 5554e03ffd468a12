// SPDX-License-Identifier: Apache-2.0
#include "embed/packing.h"

#include <string.h>

#include "embed/encoder.h"

// Fewer than this many batches leave workers idle, so that small jobs get smaller ones; those
// still fill a block of rows.
#define BATCHES_WANTED 16
#define BATCH_TOKENS_MIN 128

elea_status elea__packing_init(elea__packing *packing, elea_pool *pool, int64_t capacity,
                               int64_t length_max, elea_error *err) {
    int64_t packs = capacity * (int64_t)sizeof(elea__pack);
    int64_t lengths = (length_max + 1) * (int64_t)sizeof(int64_t);
    int64_t slots = capacity * (int64_t)sizeof(int32_t);
    int64_t size = packs + 2 * lengths + 2 * slots;
    void *memory = NULL;
    ELEA_TRY(elea_alloc(pool, size, &memory, err));
    uint8_t *next = (uint8_t *)memory;
    *packing = (elea__packing){
        .pool = pool,
        .capacity = capacity,
        .length_max = length_max,
        .memory = memory,
        .memory_size = size,
    };
    packing->packs = (elea__pack *)memory;
    packing->cursors = (int64_t *)(void *)(next + packs);
    packing->ends = (int64_t *)(void *)(next + packs + lengths);
    packing->slots = (int32_t *)(void *)(next + packs + 2 * lengths);
    packing->sorted = packing->slots + capacity;
    return ELEA_OK;
}

void elea__packing_release(elea__packing *packing) {
    elea_dealloc(packing->pool, packing->memory, packing->memory_size);
    *packing = (elea__packing){0};
}

// Counting sort; gives the sum of the lengths.
static int64_t sort_by_length(elea__packing *packing, const int32_t *lengths, int64_t count) {
    int64_t tokens = 0;
    memset(packing->ends, 0, (size_t)(packing->length_max + 1) * sizeof *packing->ends);
    for (int64_t i = 0; i < count; i++)
        packing->ends[lengths[i]]++;
    int64_t start = 0;
    for (int64_t length = 0; length <= packing->length_max; length++) {
        packing->cursors[length] = start;
        start += packing->ends[length];
        packing->ends[length] = start;
    }
    for (int64_t i = 0; i < count; i++) {
        packing->sorted[packing->cursors[lengths[i]]++] = (int32_t)i;
        tokens += lengths[i];
    }
    for (int64_t length = packing->length_max; length > 0; length--)
        packing->cursors[length] = packing->ends[length - 1];
    packing->cursors[0] = 0;
    return tokens;
}

static int64_t choose_room(int64_t tokens) {
    int64_t room = elea__tokens_round(tokens / BATCHES_WANTED);
    if (room < BATCH_TOKENS_MIN)
        return BATCH_TOKENS_MIN;
    return room < ELEA_BATCH_TOKENS ? room : ELEA_BATCH_TOKENS;
}

// The greatest length of at most `limit` of which a text is left, or 0.
static int64_t longest_left(const elea__packing *packing, int64_t limit) {
    while (limit > 0 && packing->cursors[limit] == packing->ends[limit])
        limit--;
    return limit;
}

// Best fit: the longest text that is left opens a batch, and the longest that still fit fill it.
void elea__packing_make(elea__packing *packing, const int32_t *lengths, int64_t count) {
    int64_t room = choose_room(sort_by_length(packing, lengths, count));
    int64_t used = 0;
    packing->count = 0;
    packing->tokens_max = 0;
    int64_t length = longest_left(packing, packing->length_max);
    while (length > 0) {
        elea__pack *pack = &packing->packs[packing->count++];
        *pack = (elea__pack){.first = used};
        for (int64_t next = length; next > 0;) {
            packing->slots[used++] = packing->sorted[packing->cursors[next]++];
            pack->count++;
            pack->tokens += next;
            int64_t left = room > pack->tokens ? room - pack->tokens : 0;
            next = longest_left(packing, left < next ? left : next);
        }
        if (pack->tokens > packing->tokens_max)
            packing->tokens_max = pack->tokens;
        length = longest_left(packing, length);
    }
}

// SPDX-License-Identifier: Apache-2.0
//
// A vocabulary: tokens by id, and ids by token through a hash table with open addressing. The hash
// is taken byte by byte, so that one pass over a word gives the hashes of all its prefixes. Texts,
// table and tags are one allocation.
#ifndef ELEA_EMBED_VOCABULARY_H
#define ELEA_EMBED_VOCABULARY_H

#include <string.h>

#include "elea/base.h"

#define ELEA__VOCABULARY_COUNT_MAX (1 << 24)

typedef struct elea__vocabulary {
    elea_pool *pool;
    void *block;
    int64_t block_size;
    int32_t count;           // ids are 0 .. count - 1
    const uint32_t *offsets; // of each token in `text`, count + 1 of them
    const uint8_t *text;
    // Slot s holds id slots[s] where tags[s] is not 0; a tag is 8 bits of the hash.
    uint32_t slot_mask;
    const int32_t *slots;
    const uint8_t *tags;
    int32_t token_size_max; // bytes, of the tokens in the table
    // What WordPiece puts before a piece that goes on with a word, and the hash state after it.
    elea_bytes prefix;
    uint64_t prefix_state;
} elea__vocabulary;

// The hash: a state goes through elea__hash_byte() for each byte, and ends in elea__hash_end().
#define ELEA__HASH_START 0x51ED270B9F4A7C15u

static inline uint64_t elea__hash_byte(uint64_t state, uint8_t byte) {
    return (state ^ byte) * 0x9E3779B97F4A7C15u;
}
static inline uint32_t elea__hash_end(uint64_t state) { return (uint32_t)(state >> 32); }

// tokens[id] is the token of an id; its bytes are copied. Those of ids below `hashed_count`, which
// are not empty, can be found; of equal ones, the last. `prefix` is copied, too. On failure
// `vocabulary` stays empty.
ELEA_CHECKED elea_status elea__vocabulary_init(elea__vocabulary *vocabulary, elea_pool *pool,
                                               const elea_bytes *tokens, int32_t count,
                                               int32_t hashed_count, elea_bytes prefix,
                                               elea_error *err);
void elea__vocabulary_release(elea__vocabulary *vocabulary);

// The id of a token, or -1.
int32_t elea__vocabulary_id(const elea__vocabulary *vocabulary, elea_bytes token);

static inline elea_bytes elea__vocabulary_token(const elea__vocabulary *vocabulary, int32_t id) {
    uint32_t begin = vocabulary->offsets[id];
    return (elea_bytes){(const char *)vocabulary->text + begin,
                        vocabulary->offsets[id + 1] - begin};
}

// The id of the token that is `prefix` (as hashed into `hash` before it) and then `size` bytes at
// `piece`, or -1.
static inline int32_t elea__vocabulary_find(const elea__vocabulary *vocabulary, uint32_t hash,
                                            elea_bytes prefix, const uint8_t *piece, int64_t size) {
    uint8_t tag = (uint8_t)(hash >> 24 | 1);
    for (uint32_t slot = hash & vocabulary->slot_mask;; slot = (slot + 1) & vocabulary->slot_mask) {
        if (vocabulary->tags[slot] == 0)
            return -1;
        if (vocabulary->tags[slot] != tag)
            continue;
        int32_t id = vocabulary->slots[slot];
        elea_bytes token = elea__vocabulary_token(vocabulary, id);
        if (token.size == prefix.size + size &&
            memcmp(token.data + prefix.size, piece, (size_t)size) == 0 &&
            (prefix.size == 0 || memcmp(token.data, prefix.data, (size_t)prefix.size) == 0))
            return id;
    }
}

#endif // ELEA_EMBED_VOCABULARY_H

// SPDX-License-Identifier: Apache-2.0
#include "embed/vocabulary.h"

#include "base/math_internal.h"

// Where the parts of the one block begin.
typedef struct layout {
    int64_t slot_count;
    int64_t slots;
    int64_t tags;
    int64_t text;
    int64_t size;
} layout;

static elea_status plan(const elea_bytes *tokens, int32_t count, elea_bytes prefix, layout *out,
                        elea_error *err) {
    int64_t text_size = prefix.size;
    for (int32_t id = 0; id < count; id++)
        text_size += tokens[id].size;
    if (count > ELEA__VOCABULARY_COUNT_MAX || text_size > UINT32_MAX)
        return elea_error_set(err, ELEA_ECAPACITY,
                              "a vocabulary of %d tokens and %lld bytes is too large (limits %d, "
                              "%lld)",
                              count, (long long)text_size, ELEA__VOCABULARY_COUNT_MAX,
                              (long long)UINT32_MAX);
    // At most half full, so that a search for what is not there is short.
    out->slot_count = 16;
    while (out->slot_count < 2 * (int64_t)count)
        out->slot_count *= 2;
    out->slots = elea__round_up_64(((int64_t)count + 1) * (int64_t)sizeof(uint32_t));
    out->tags = out->slots + out->slot_count * (int64_t)sizeof(int32_t);
    out->text = out->tags + out->slot_count;
    out->size = out->text + text_size;
    return ELEA_OK;
}

static uint64_t hash_bytes(uint64_t state, elea_bytes bytes) {
    for (int64_t i = 0; i < bytes.size; i++)
        state = elea__hash_byte(state, (uint8_t)bytes.data[i]);
    return state;
}

static void insert(const elea__vocabulary *vocabulary, int32_t *slots, uint8_t *tags, int32_t id) {
    elea_bytes token = elea__vocabulary_token(vocabulary, id);
    uint32_t hash = elea__hash_end(hash_bytes(ELEA__HASH_START, token));
    uint8_t tag = (uint8_t)(hash >> 24 | 1);
    uint32_t slot = hash & vocabulary->slot_mask;
    for (; tags[slot] != 0; slot = (slot + 1) & vocabulary->slot_mask) {
        if (tags[slot] != tag)
            continue;
        elea_bytes other = elea__vocabulary_token(vocabulary, slots[slot]);
        if (other.size == token.size && memcmp(other.data, token.data, (size_t)token.size) == 0)
            break;
    }
    tags[slot] = tag;
    slots[slot] = id;
}

elea_status elea__vocabulary_init(elea__vocabulary *vocabulary, elea_pool *pool,
                                  const elea_bytes *tokens, int32_t count, int32_t hashed_count,
                                  elea_bytes prefix, elea_error *err) {
    layout parts;
    void *block = NULL;
    ELEA_TRY(plan(tokens, count, prefix, &parts, err));
    ELEA_TRY(elea_alloc_zero(pool, parts.size, &block, err));

    uint32_t *offsets = block;
    int32_t *slots = (int32_t *)((char *)block + parts.slots);
    uint8_t *tags = (uint8_t *)block + parts.tags;
    uint8_t *text = (uint8_t *)block + parts.text;
    *vocabulary = (elea__vocabulary){.pool = pool,
                                     .block = block,
                                     .block_size = parts.size,
                                     .count = count,
                                     .offsets = offsets,
                                     .text = text,
                                     .slot_mask = (uint32_t)(parts.slot_count - 1),
                                     .slots = slots,
                                     .tags = tags};
    for (int32_t id = 0; id < count; id++) {
        if (tokens[id].size > 0)
            memcpy(text + offsets[id], tokens[id].data, (size_t)tokens[id].size);
        offsets[id + 1] = offsets[id] + (uint32_t)tokens[id].size;
        if (id < hashed_count && tokens[id].size > 0) {
            insert(vocabulary, slots, tags, id);
            vocabulary->token_size_max =
                (int32_t)elea__max(vocabulary->token_size_max, tokens[id].size);
        }
    }
    uint8_t *prefix_text = text + offsets[count];
    if (prefix.size > 0)
        memcpy(prefix_text, prefix.data, (size_t)prefix.size);
    vocabulary->prefix = (elea_bytes){(const char *)prefix_text, prefix.size};
    vocabulary->prefix_state = hash_bytes(ELEA__HASH_START, prefix);
    return ELEA_OK;
}

void elea__vocabulary_release(elea__vocabulary *vocabulary) {
    elea_dealloc(vocabulary->pool, vocabulary->block, vocabulary->block_size);
    *vocabulary = (elea__vocabulary){0};
}

int32_t elea__vocabulary_id(const elea__vocabulary *vocabulary, elea_bytes token) {
    if (token.size == 0)
        return -1;
    uint32_t hash = elea__hash_end(hash_bytes(ELEA__HASH_START, token));
    return elea__vocabulary_find(vocabulary, hash, (elea_bytes){0}, (const uint8_t *)token.data,
                                 token.size);
}

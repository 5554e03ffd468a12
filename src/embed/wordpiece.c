// SPDX-License-Identifier: Apache-2.0
#include "embed/wordpiece.h"

static bool begins_character(uint8_t byte) { return (byte & 0xC0) != 0x80; }

// The longest piece at `word` (of `size` bytes) that is in the vocabulary: its id and its size.
// False when there is none.
static bool longest_piece(const elea__vocabulary *vocabulary, elea_bytes prefix, uint64_t state,
                          const uint8_t *word, int32_t size, int32_t *id, int32_t *piece_size) {
    uint32_t hashes[ELEA__WORD_SIZE_MAX + 1];
    int64_t limit = vocabulary->token_size_max - prefix.size;
    int32_t longest = size < limit ? size : (int32_t)limit;
    for (int32_t end = 1; end <= longest; end++) {
        state = elea__hash_byte(state, word[end - 1]);
        hashes[end] = elea__hash_end(state);
    }
    for (int32_t end = longest; end > 0; end--) {
        if (end < size && !begins_character(word[end]))
            continue;
        *id = elea__vocabulary_find(vocabulary, hashes[end], prefix, word, end);
        if (*id >= 0) {
            *piece_size = end;
            return true;
        }
    }
    return false;
}

int32_t elea__wordpiece_cut(const elea__vocabulary *vocabulary, const uint8_t *word, int32_t size,
                            int32_t unknown, int32_t *ids, int32_t capacity, bool *left) {
    int32_t count = 0;
    int32_t start = 0;
    elea_bytes prefix = {0};
    uint64_t state = ELEA__HASH_START;
    while (start < size) {
        int32_t id = -1;
        int32_t piece_size = 0;
        if (!longest_piece(vocabulary, prefix, state, word + start, size - start, &id,
                           &piece_size)) {
            ids[0] = unknown;
            return 1;
        }
        if (count < capacity)
            ids[count] = id;
        count++;
        start += piece_size;
        prefix = vocabulary->prefix;
        state = vocabulary->prefix_state;
    }
    if (count <= capacity)
        return count;
    *left = true;
    return capacity;
}

// SPDX-License-Identifier: Apache-2.0
//
// Added tokens, such as [MASK]: they are found in the text as it was given, before normalization,
// and what is between them is tokenized. Of several at one place the longest wins.
#ifndef ELEA_EMBED_ADDED_TOKENS_H
#define ELEA_EMBED_ADDED_TOKENS_H

#include "elea/base.h"

typedef struct elea__added_token {
    elea_bytes content; // not empty
    int32_t id;
} elea__added_token;

typedef struct elea__added_tokens {
    elea_pool *pool;
    void *block; // the tokens and their contents
    int64_t block_size;
    int32_t count;
    elea__added_token *tokens; // in the order of their first byte, then the longest first
    uint32_t begins[257];      // tokens[begins[b] .. begins[b + 1]) begin with byte b
    int lead;                  // the byte that all begin with, or -1 when they differ
} elea__added_tokens;

// Copies the tokens. On failure `added` stays as it was.
ELEA_CHECKED elea_status elea__added_tokens_init(elea__added_tokens *added, elea_pool *pool,
                                                 const elea__added_token *tokens, int32_t count,
                                                 elea_error *err);
void elea__added_tokens_release(elea__added_tokens *added);

// The first added token in [text, end): where it begins, or `end` when there is none.
const uint8_t *elea__added_tokens_search(const elea__added_tokens *added, const uint8_t *text,
                                         const uint8_t *end, const elea__added_token **found);

// The id of an added token, or -1.
int32_t elea__added_tokens_id(const elea__added_tokens *added, elea_bytes content);

#endif // ELEA_EMBED_ADDED_TOKENS_H

// SPDX-License-Identifier: Apache-2.0
//
// What a tokenizer is made of, and how it is made of a tokenizer.json or a vocab.txt.
#ifndef ELEA_EMBED_TOKENIZER_H
#define ELEA_EMBED_TOKENIZER_H

#include <elea/embed.h>
#include <jansson.h>

#include "embed/added_tokens.h"
#include "embed/normalizer.h"
#include "embed/vocabulary.h"

// The most ids on each side of the text.
#define ELEA__TEMPLATE_COUNT_MAX 8

typedef struct elea__template {
    int32_t opening_count;
    int32_t closing_count;
    int32_t opening[ELEA__TEMPLATE_COUNT_MAX];
    int32_t closing[ELEA__TEMPLATE_COUNT_MAX];
} elea__template;

struct elea_tokenizer {
    elea_pool *pool;
    elea__normalizer normalizer;
    elea__vocabulary vocabulary;
    elea__added_tokens added;
    elea__template around;
    int32_t unknown;
    int32_t word_chars_max; // a longer word is unknown
};

// What the files say, before it is checked and copied. Everything is borrowed.
typedef struct elea__tokenizer_recipe {
    bool clean_text;
    bool separate_cjk;
    bool strip_accents;
    bool lowercase;
    int32_t word_chars_max;
    elea_bytes prefix;  // of pieces that go on with a word
    elea_bytes unknown; // a token
    // The token of each id; those below model_count are WordPiece's, the rest are only added.
    const elea_bytes *tokens;
    int32_t count;
    int32_t model_count;
    const elea__added_token *added; // with ids below count
    int32_t added_count;
    elea__template around;
} elea__tokenizer_recipe;

// ELEA_EINVAL when the unknown token is not in the vocabulary, when an id of the template is out of
// range, or when an added token has another id in the vocabulary, or its id another token.
ELEA_CHECKED elea_status elea__tokenizer_new(const elea__tokenizer_recipe *recipe, elea_pool *pool,
                                             elea_tokenizer **out, elea_error *err);

// From the text of a tokenizer.json. `lowercase` makes letters lower case even if that says not to.
ELEA_CHECKED elea_status elea__tokenizer_new_from_json(elea_bytes text, bool lowercase,
                                                       elea_pool *pool, elea_tokenizer **out,
                                                       elea_error *err);

// From the text of a vocab.txt, and the object of a tokenizer_config.json (NULL: an empty one).
ELEA_CHECKED elea_status elea__tokenizer_new_from_lines(elea_bytes lines, const json_t *config,
                                                        bool lowercase, elea_pool *pool,
                                                        elea_tokenizer **out, elea_error *err);

#endif // ELEA_EMBED_TOKENIZER_H

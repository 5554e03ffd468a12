// SPDX-License-Identifier: Apache-2.0
//
// WordPiece: cuts a word into the tokens of a vocabulary, the longest first, from left to right.
#ifndef ELEA_EMBED_WORDPIECE_H
#define ELEA_EMBED_WORDPIECE_H

#include "embed/vocabulary.h"

// The longest word that is cut, in characters, and in bytes of UTF-8.
#define ELEA__WORD_CHARS_MAX 1024
#define ELEA__WORD_SIZE_MAX (4 * ELEA__WORD_CHARS_MAX)

// Writes the ids of a word of 1 to ELEA__WORD_SIZE_MAX bytes of valid UTF-8, `unknown` when it
// cannot be cut, but no more than `capacity` > 0 of them; returns how many were written, and sets
// *left when there were more.
int32_t elea__wordpiece_cut(const elea__vocabulary *vocabulary, const uint8_t *word, int32_t size,
                            int32_t unknown, int32_t *ids, int32_t capacity, bool *left);

#endif // ELEA_EMBED_WORDPIECE_H

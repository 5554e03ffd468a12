// SPDX-License-Identifier: Apache-2.0
//
// What a character is for BERT's normalizer and pre-tokenizer.
//
// The `tokenizers` package knows the categories of Unicode 8.0, for ever: a mark or punctuation
// sign added to Unicode later is a letter for it, and so it is here, whatever the version of
// utf8proc. Its tables for decomposition and case are those of its time; characters that only newer
// tables know are in no vocabulary, so that the ids are the same.
#ifndef ELEA_EMBED_CHAR_CLASS_H
#define ELEA_EMBED_CHAR_CLASS_H

#include <stdbool.h>
#include <stdint.h>

typedef enum elea__char_class {
    ELEA__CHAR_LETTER, // everything else: digits, symbols, unassigned code points, too
    ELEA__CHAR_SPACE,
    ELEA__CHAR_PUNCTUATION, // ASCII's, and the categories P*
    ELEA__CHAR_MARK,        // Mn, which stripping accents removes
    ELEA__CHAR_CONTROL,     // Cc, Cf, Co, NUL, U+FFFD: cleaning removes them, else they are letters
    ELEA__CHAR_CONTROL_SPACE, // cleaning removes it, else it is a space
} elea__char_class;

elea__char_class elea__char_class_of(uint32_t code_point);

// Whether the character is an ideograph that is a word of its own: the blocks that
// BertNormalizer lists, which leave out Japanese and Korean letters and extensions after E.
bool elea__char_is_ideograph(uint32_t code_point);

#endif // ELEA_EMBED_CHAR_CLASS_H

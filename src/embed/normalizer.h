// SPDX-License-Identifier: Apache-2.0
//
// BertNormalizer and BertPreTokenizer, one character at a time: a character of the text becomes
// zero, one or a few units, each a letter of a word, a word by itself, or a break between words.
#ifndef ELEA_EMBED_NORMALIZER_H
#define ELEA_EMBED_NORMALIZER_H

#include <stdbool.h>
#include <stdint.h>

typedef enum elea__unit_kind {
    ELEA__UNIT_LETTER,  // goes on with the word
    ELEA__UNIT_ALONE,   // a word by itself: punctuation
    ELEA__UNIT_BREAK,   // ends the word: white space, both sides of an ideograph
    ELEA__UNIT_BARRIER, // nothing, but marks are not reordered across it
    ELEA__UNIT_NOTHING, // only in the tables: no unit at all
    ELEA__UNIT_SEVERAL, // only in the tables: ask elea__normalizer_map()
} elea__unit_kind;

typedef struct elea__unit {
    uint32_t code_point;
    uint8_t kind;
    // Canonical combining class of a letter: within a run of letters where it is not 0, they are
    // sorted by it (stably). Always 0 when accents are not stripped, as nothing is decomposed then.
    uint8_t combining;
} elea__unit;

// The most units that one character becomes: a break on both sides, a canonical decomposition of at
// most 4 code points, each in lower case of at most 2.
#define ELEA__UNIT_COUNT_MAX 10

// Code points below this are in a table: those of two bytes in UTF-8.
#define ELEA__NORMALIZER_TABLE_SIZE 0x800

typedef struct elea__normalizer {
    bool clean_text;    // removes control characters
    bool separate_cjk;  // makes each ideograph a word
    bool strip_accents; // decomposes, and removes nonspacing marks
    bool lowercase;
    // Made of the above by elea__normalizer_init(): for each code point its unit's code point, and
    // its kind << 24. Letters here all have combining class 0.
    uint32_t table[ELEA__NORMALIZER_TABLE_SIZE];
} elea__normalizer;

// Fills the table from the four options, which the caller has set.
void elea__normalizer_init(elea__normalizer *normalizer);

// The units of a code point, in order; returns how many.
int elea__normalizer_map(const elea__normalizer *normalizer, uint32_t code_point,
                         elea__unit units[ELEA__UNIT_COUNT_MAX]);

// The canonical combining class of a code point.
uint8_t elea__combining_class(uint32_t code_point);

#endif // ELEA_EMBED_NORMALIZER_H

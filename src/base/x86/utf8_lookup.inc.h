// SPDX-License-Identifier: Apache-2.0
//
// UTF-8 checked by three table lookups a byte, after Keiser and Lemire, "Validating UTF-8 in less
// than one instruction per byte" (2021). Included once for each vector width, with these defined:
//
//   BLOCK                    the vector type, holding BLOCK_SIZE bytes
//   BLOCK_SIZE
//   SKIP_NAME                the name of the function to make
//   block_load(p)            BLOCK_SIZE bytes at p
//   block_table(p)           16 bytes at p in every 128-bit lane
//   block_fill(b)            all bytes b
//   block_zero()
//   block_and, _or, _xor(a, b)
//   block_look_up(t, i)      the bytes of table t at the low nibbles of i (whose bit 7 is 0)
//   block_high_nibble(a)     each byte shifted right by 4
//   block_subtract(a, b)     unsigned, saturating at 0
//   block_before(in, last, n)  the byte n places before each byte of `in`, which follows `last`
//   block_is_ascii(a)
//   block_any(a)             whether a bit is set
//
// An error shows in two neighbouring bytes or in the number of continuation bytes. For a pair, the
// high and the low nibble of the first byte and the high nibble of the second each give the set of
// errors that they allow; what all three allow is an error. One member of the set, TWO_CONTINUE, is
// no error as such: it must be there exactly where a three or four byte character demands it.

// The first byte of the pair begins a character...
#define TOO_SHORT 0x01u  // and the second does not continue it
#define TOO_LONG 0x02u   // of one byte, and the second would continue it
#define OVERLONG_3 0x04u // E0 with 80..9F
#define TOO_LARGE 0x08u  // F4 with 90..BF, F5..FF with 90..BF
#define SURROGATE 0x10u  // ED with A0..BF
#define OVERLONG_2 0x20u // C0 or C1
// F0 with 80..8F is overlong, F5..FF with 80..8F too large: the low nibble tells which.
#define FOUR_LOW 0x40u
#define TWO_CONTINUE 0x80u
// What does not depend on the low nibble of the first byte.
#define ANY_LOW (TOO_SHORT | TOO_LONG | TWO_CONTINUE)

static const uint8_t first_high[16] = {
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TWO_CONTINUE,
    TWO_CONTINUE,
    TWO_CONTINUE,
    TWO_CONTINUE,
    TOO_SHORT | OVERLONG_2,
    TOO_SHORT,
    TOO_SHORT | OVERLONG_3 | SURROGATE,
    TOO_SHORT | TOO_LARGE | FOUR_LOW,
};
static const uint8_t first_low[16] = {
    ANY_LOW | OVERLONG_2 | OVERLONG_3 | FOUR_LOW,
    ANY_LOW | OVERLONG_2,
    ANY_LOW,
    ANY_LOW,
    ANY_LOW | TOO_LARGE,
    ANY_LOW | TOO_LARGE | FOUR_LOW,
    ANY_LOW | TOO_LARGE | FOUR_LOW,
    ANY_LOW | TOO_LARGE | FOUR_LOW,
    ANY_LOW | TOO_LARGE | FOUR_LOW,
    ANY_LOW | TOO_LARGE | FOUR_LOW,
    ANY_LOW | TOO_LARGE | FOUR_LOW,
    ANY_LOW | TOO_LARGE | FOUR_LOW,
    ANY_LOW | TOO_LARGE | FOUR_LOW,
    ANY_LOW | TOO_LARGE | FOUR_LOW | SURROGATE,
    ANY_LOW | TOO_LARGE | FOUR_LOW,
    ANY_LOW | TOO_LARGE | FOUR_LOW,
};
#define IF_CONTINUES (TOO_LONG | OVERLONG_2 | TWO_CONTINUE)
static const uint8_t second_high[16] = {
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
    IF_CONTINUES | OVERLONG_3 | FOUR_LOW,
    IF_CONTINUES | OVERLONG_3 | TOO_LARGE,
    IF_CONTINUES | SURROGATE | TOO_LARGE,
    IF_CONTINUES | SURROGATE | TOO_LARGE,
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
};

// The errors of a block, given the block before it.
static inline BLOCK block_errors(BLOCK in, BLOCK last) {
    BLOCK before = block_before(in, last, 1);
    BLOCK nibbles = block_fill(0x0F);
    BLOCK pairs =
        block_and(block_and(block_look_up(block_table(first_high), block_high_nibble(before)),
                            block_look_up(block_table(first_low), block_and(before, nibbles))),
                  block_look_up(block_table(second_high), block_high_nibble(in)));
    // Bit 7 where a byte is the third of three or four, or the fourth of four.
    BLOCK is_third = block_subtract(block_before(in, last, 2), block_fill(0xE0 - 0x80));
    BLOCK is_fourth = block_subtract(block_before(in, last, 3), block_fill(0xF0 - 0x80));
    BLOCK must_continue = block_and(block_or(is_third, is_fourth), block_fill(0x80));
    return block_xor(must_continue, pairs);
}

// Where the character begins that goes on across `at`; `at` if none does. What is before is
// well-formed but for that character.
static int64_t character_start(const uint8_t *text, int64_t at) {
    for (int64_t back = 1; back <= 3 && back <= at; back++) {
        uint8_t byte = text[at - back];
        if (byte >= 0xC0) {
            int64_t length = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
            return length > back ? at - back : at;
        }
    }
    return at;
}

#define ASCII_AHEAD 4096

int64_t SKIP_NAME(const uint8_t *text, int64_t size) {
    BLOCK last = block_zero();
    bool is_open = false; // a character may go on into the next block
    int64_t at = 0;
    for (; at + BLOCK_SIZE <= size; at += BLOCK_SIZE) {
        BLOCK in = block_load(text + at);
        bool is_ascii = block_is_ascii(in);
        if (!is_ascii || is_open) {
            if (block_any(block_errors(in, last)))
                return character_start(text, at);
            is_open = !is_ascii;
        }
        last = in;
    }
    if (at == size)
        return character_start(text, at);
    // The rest with zeros behind it, which also end a character that was begun.
    uint8_t rest[BLOCK_SIZE] = {0};
    memcpy(rest, text + at, (size_t)(size - at));
    BLOCK in = block_load(rest);
    if ((is_open || !block_is_ascii(in)) && block_any(block_errors(in, last)))
        return character_start(text, at);
    return character_start(text, size);
}

// The end of the run of ASCII that begins at the text, or a place up to four blocks before it.
// Memory is asked for ahead of the reads: a core alone does not wait for enough of it at once
// otherwise.
int64_t ASCII_NAME(const uint8_t *text, int64_t size) {
    int64_t at = 0;
    for (; at + 4 * BLOCK_SIZE <= size; at += 4 * BLOCK_SIZE) {
        for (int i = 0; i < 4 * BLOCK_SIZE; i += 64)
            __builtin_prefetch(text + at + ASCII_AHEAD + i);
        BLOCK low = block_or(block_load(text + at), block_load(text + at + BLOCK_SIZE));
        BLOCK high = block_or(block_load(text + at + 2 * BLOCK_SIZE),
                              block_load(text + at + 3 * BLOCK_SIZE));
        if (!block_is_ascii(block_or(low, high)))
            break;
    }
    return at;
}

#undef ASCII_AHEAD
#undef ASCII_NAME
#undef TOO_SHORT
#undef TOO_LONG
#undef OVERLONG_3
#undef TOO_LARGE
#undef SURROGATE
#undef OVERLONG_2
#undef FOUR_LOW
#undef TWO_CONTINUE
#undef ANY_LOW
#undef IF_CONTINUES
#undef BLOCK
#undef BLOCK_SIZE
#undef SKIP_NAME

// SPDX-License-Identifier: Apache-2.0
//
// Bitmaps are worked on in words of 64 bits, read at any bit offset by combining neighbours. No
// byte is read that holds no bit of the range, and none is written.
#include "base/bitmap.h"

#include <string.h>

#include "base/copy_internal.h"
#include "base/math_internal.h"

// How many words are compared before it is seen whether they differ.
#define WORDS_AT_ONCE 64

static uint64_t little_endian(uint64_t word) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return __builtin_bswap64(word);
#else
    return word;
#endif
}

static uint64_t load_word(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return little_endian(word);
}

static void store_word(uint8_t *bytes, uint64_t word) {
    word = little_endian(word);
    memcpy(bytes, &word, sizeof word);
}

static uint64_t low_mask(int64_t count) {
    return count >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << count) - 1;
}

// 64 bits from bit `offset` on; all are there.
static inline uint64_t load_full(const uint8_t *bits, int64_t offset) {
    const uint8_t *bytes = bits + (offset >> 3);
    unsigned shift = (unsigned)offset & 7;
    uint64_t word = load_word(bytes) >> shift;
    return shift == 0 ? word : word | (uint64_t)bytes[8] << (64 - shift);
}

// `count` (1 to 64) bits from bit `offset` on, the others zero.
static uint64_t load_part(const uint8_t *bits, int64_t offset, int64_t count) {
    if (count == 64)
        return load_full(bits, offset);
    const uint8_t *bytes = bits + (offset >> 3);
    unsigned shift = (unsigned)offset & 7;
    int64_t byte_count = ((int64_t)shift + count + 7) >> 3;
    uint64_t word = 0;
    for (int64_t i = 0; i < byte_count && i < 8; i++)
        word |= (uint64_t)bytes[i] << (8 * i);
    word >>= shift;
    if (byte_count == 9)
        word |= (uint64_t)bytes[8] << (64 - shift);
    return word & low_mask(count);
}

// Writes `count` (1 to 64) bits at bit `offset` and leaves those around them.
static void store_part(uint8_t *bits, int64_t offset, int64_t count, uint64_t word) {
    while (count > 0) {
        uint8_t *byte = bits + (offset >> 3);
        int64_t shift = offset & 7;
        int64_t here = elea__min(8 - shift, count);
        unsigned mask = (unsigned)low_mask(here) << shift;
        *byte = (uint8_t)((*byte & ~mask) | ((unsigned)(word << shift) & mask));
        word >>= here;
        offset += here;
        count -= here;
    }
}

static int64_t count_bytes_plain(const uint8_t *bytes, int64_t size) {
    int64_t count = 0;
    int64_t i = 0;
    for (; i + 8 <= size; i += 8)
        count += __builtin_popcountll(load_word(bytes + i));
    for (; i < size; i++)
        count += __builtin_popcount(bytes[i]);
    return count;
}

static int64_t count_bytes(const uint8_t *bytes, int64_t size) {
    switch (elea_cpu_level_get()) {
#if defined(__x86_64__)
    case ELEA_CPU_AVX512:
        return elea__count_ones_avx512(bytes, size);
    case ELEA_CPU_AVX2:
        return elea__count_ones_avx2(bytes, size);
#endif
    default:
        return count_bytes_plain(bytes, size);
    }
}

int64_t elea_bitmap_count(const uint8_t *bits, int64_t offset, int64_t length) {
    if (bits == NULL || length <= 0)
        return elea__max(length, 0);
    if (length <= 64)
        return __builtin_popcountll(load_part(bits, offset, length));
    // The bits up to the first whole byte, the whole bytes, and the bits behind them.
    int64_t head = -offset & 7;
    int64_t whole = (length - head) >> 3;
    int64_t tail = (length - head) & 7;
    int64_t begin = (offset + head) >> 3;
    int64_t count = count_bytes(bits + begin, whole);
    if (head > 0)
        count += __builtin_popcountll(load_part(bits, offset, head));
    if (tail > 0)
        count += __builtin_popcountll(load_part(bits, (begin + whole) << 3, tail));
    return count;
}

void elea_bitmap_fill(uint8_t *bits, int64_t offset, int64_t length, bool value) {
    if (length <= 0)
        return;
    uint64_t ones = value ? ~UINT64_C(0) : 0;
    int64_t head = elea__min(-offset & 7, length);
    int64_t whole = (length - head) >> 3;
    int64_t tail = (length - head) & 7;
    store_part(bits, offset, head, ones);
    memset(bits + ((offset + head) >> 3), (int)(ones & 0xFF), (size_t)whole);
    store_part(bits, offset + length - tail, tail, ones);
}

typedef enum operation { OPERATION_COPY, OPERATION_NOT, OPERATION_AND, OPERATION_OR } operation;

typedef struct source {
    const uint8_t *bits;
    int64_t offset;
} source;

// Words at any bit offset: two words that begin in neighbouring bytes, shifted against each other,
// together have all bits. At a byte boundary both are the same one, as the byte behind the last
// word may not be there.
typedef struct word_source {
    const uint8_t *low;
    const uint8_t *high;
    unsigned right;
    unsigned left;
} word_source;

static word_source words_at(const uint8_t *bits, int64_t offset) {
    const uint8_t *low = bits + (offset >> 3);
    unsigned shift = (unsigned)offset & 7;
    if (shift == 0)
        return (word_source){low, low, 0, 0};
    return (word_source){low, low + 1, shift, 8 - shift};
}

static inline uint64_t word_of(word_source from, int64_t index) {
    return load_word(from.low + 8 * index) >> from.right | load_word(from.high + 8 * index)
                                                               << from.left;
}

static inline uint64_t apply(operation op, uint64_t a, uint64_t b) {
    switch (op) {
    case OPERATION_COPY:
        return a;
    case OPERATION_NOT:
        return ~a;
    case OPERATION_AND:
        return a & b;
    case OPERATION_OR:
        return a | b;
    }
    return 0;
}

// Inlined with a constant operation, so that each gets a loop of its own. Copy and not make no
// use of `b`, which they give as `a` again.
static inline __attribute__((always_inline)) void
combine(operation op, source a, source b, int64_t length, uint8_t *target, int64_t target_offset) {
    // The target's words are written at its byte boundaries.
    int64_t at = elea__min(-target_offset & 7, length);
    if (at > 0)
        store_part(
            target, target_offset, at,
            apply(op, load_part(a.bits, a.offset + 0, at), load_part(b.bits, b.offset + 0, at)));
    uint8_t *words = target + ((target_offset + at) >> 3);
    int64_t word_count = (length - at) >> 6;
    word_source words_a = words_at(a.bits, a.offset + at);
    word_source words_b = words_at(b.bits, b.offset + at);
    if ((words_a.right | words_b.right) == 0) {
        for (int64_t i = 0; i < word_count; i++)
            store_word(words + 8 * i,
                       apply(op, load_word(words_a.low + 8 * i), load_word(words_b.low + 8 * i)));
    } else {
        for (int64_t i = 0; i < word_count; i++)
            store_word(words + 8 * i, apply(op, word_of(words_a, i), word_of(words_b, i)));
    }
    at += word_count << 6;
    if (at < length) {
        int64_t left = length - at;
        store_part(target, target_offset + at, left,
                   apply(op, load_part(a.bits, a.offset + at, left),
                         load_part(b.bits, b.offset + at, left)));
    }
}

void elea_bitmap_copy(const uint8_t *bits, int64_t source_offset, int64_t length, uint8_t *target,
                      int64_t target_offset) {
    if (length <= 0)
        return;
    if (bits == NULL) {
        elea_bitmap_fill(target, target_offset, length, true);
    } else {
        source a = {bits, source_offset};
        combine(OPERATION_COPY, a, a, length, target, target_offset);
    }
    elea__copy_count(elea_bitmap_size(length));
}

void elea_bitmap_and(const uint8_t *a, int64_t a_offset, const uint8_t *b, int64_t b_offset,
                     int64_t length, uint8_t *target, int64_t target_offset) {
    if (length <= 0)
        return;
    source from_a = {a, a_offset}, from_b = {b, b_offset};
    if (a != NULL && b != NULL)
        combine(OPERATION_AND, from_a, from_b, length, target, target_offset);
    else if (a != NULL)
        combine(OPERATION_COPY, from_a, from_a, length, target, target_offset);
    else if (b != NULL)
        combine(OPERATION_COPY, from_b, from_b, length, target, target_offset);
    else
        elea_bitmap_fill(target, target_offset, length, true);
}

void elea_bitmap_or(const uint8_t *a, int64_t a_offset, const uint8_t *b, int64_t b_offset,
                    int64_t length, uint8_t *target, int64_t target_offset) {
    if (length <= 0)
        return;
    source from_a = {a, a_offset}, from_b = {b, b_offset};
    if (a != NULL && b != NULL)
        combine(OPERATION_OR, from_a, from_b, length, target, target_offset);
    else
        elea_bitmap_fill(target, target_offset, length, true);
}

void elea_bitmap_not(const uint8_t *a, int64_t a_offset, int64_t length, uint8_t *target,
                     int64_t target_offset) {
    if (length <= 0)
        return;
    source from_a = {a, a_offset};
    combine(OPERATION_NOT, from_a, from_a, length, target, target_offset);
}

bool elea_bitmap_equal(const uint8_t *a, int64_t a_offset, const uint8_t *b, int64_t b_offset,
                       int64_t length) {
    if (a == NULL || b == NULL) {
        const uint8_t *other = a == NULL ? b : a;
        return elea_bitmap_count(other, a == NULL ? b_offset : a_offset, length) == length;
    }
    int64_t word_count = length >> 6;
    word_source words_a = words_at(a, a_offset);
    word_source words_b = words_at(b, b_offset);
    for (int64_t begin = 0; begin < word_count; begin += WORDS_AT_ONCE) {
        int64_t end = elea__min(begin + WORDS_AT_ONCE, word_count);
        uint64_t differing = 0;
        for (int64_t i = begin; i < end; i++)
            differing |= word_of(words_a, i) ^ word_of(words_b, i);
        if (differing != 0)
            return false;
    }
    int64_t at = word_count << 6;
    return at >= length ||
           load_part(a, a_offset + at, length - at) == load_part(b, b_offset + at, length - at);
}

void elea_bitmap_runs_init(elea_bitmap_runs *runs, const uint8_t *bits, int64_t offset,
                           int64_t length) {
    *runs = (elea_bitmap_runs){.bits = bits, .offset = offset, .length = length};
}

// The first place from runs->position on whose bit is not `skipped`; the length if there is none.
static int64_t skip_equal(const elea_bitmap_runs *runs, bool skipped) {
    uint64_t flip = skipped ? ~UINT64_C(0) : 0;
    int64_t count;
    for (int64_t at = runs->position; at < runs->length; at += count) {
        count = elea__min(64, runs->length - at);
        uint64_t other = (load_part(runs->bits, runs->offset + at, count) ^ flip) & low_mask(count);
        if (other != 0)
            return at + __builtin_ctzll(other);
    }
    return runs->length;
}

bool elea_bitmap_runs_next(elea_bitmap_runs *runs, elea_bitmap_run *run) {
    bool is_all_ones = runs->bits == NULL;
    if (!is_all_ones)
        runs->position = skip_equal(runs, false);
    if (runs->position >= runs->length)
        return false;
    run->start = runs->position;
    runs->position = is_all_ones ? runs->length : skip_equal(runs, true);
    run->length = runs->position - run->start;
    return true;
}

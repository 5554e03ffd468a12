// SPDX-License-Identifier: Apache-2.0
#include <elea/base.h>

#include <stdlib.h>

#include "base/utf8_internal.h"
#include "support/cmocka_all.h"
#include "support/levels.h"
#include "support/random.h"

// Unicode 15, table 3-7, row by row.
static const struct {
    uint8_t first[2];
    uint8_t others[3][2];
    int length;
} rows[] = {
    {{0x00, 0x7F}, {{0, 0}}, 1},
    {{0xC2, 0xDF}, {{0x80, 0xBF}}, 2},
    {{0xE0, 0xE0}, {{0xA0, 0xBF}, {0x80, 0xBF}}, 3},
    {{0xE1, 0xEC}, {{0x80, 0xBF}, {0x80, 0xBF}}, 3},
    {{0xED, 0xED}, {{0x80, 0x9F}, {0x80, 0xBF}}, 3},
    {{0xEE, 0xEF}, {{0x80, 0xBF}, {0x80, 0xBF}}, 3},
    {{0xF0, 0xF0}, {{0x90, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}}, 4},
    {{0xF1, 0xF3}, {{0x80, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}}, 4},
    {{0xF4, 0xF4}, {{0x80, 0x8F}, {0x80, 0xBF}, {0x80, 0xBF}}, 4},
};

static int naive_length(const uint8_t *text, int64_t size) {
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        if (text[0] < rows[r].first[0] || text[0] > rows[r].first[1])
            continue;
        if (size < rows[r].length)
            return 0;
        for (int i = 1; i < rows[r].length; i++) {
            if (text[i] < rows[r].others[i - 1][0] || text[i] > rows[r].others[i - 1][1])
                return 0;
        }
        return rows[r].length;
    }
    return 0;
}

static int64_t naive_check(const uint8_t *text, int64_t size) {
    int64_t at = 0;
    while (at < size) {
        int length = naive_length(text + at, size - at);
        if (length == 0)
            return at;
        at += length;
    }
    return size;
}

// The text is put at the very end of a block, so that the address sanitizer sees reads beyond it.
static void compare(const uint8_t *text, int64_t size) {
    uint8_t *exact = malloc((size_t)size + (size == 0));
    memcpy(exact, text, (size_t)size);
    int64_t found = elea_utf8_check(exact, size);
    int64_t expected = naive_check(text, size);
    if (found != expected)
        fail_msg("%lld bytes: %lld instead of %lld", (long long)size, (long long)found,
                 (long long)expected);
    free(exact);
}

// `tail` bytes that matter, with `before` and `behind` bytes of ASCII around them.
static void check_at(uint8_t *scratch, int64_t before, const uint8_t *tail, int64_t tail_size,
                     int64_t behind) {
    int64_t size = before + tail_size + behind;
    memcpy(scratch + before, tail, (size_t)tail_size);
    int64_t found = elea_utf8_check(scratch, size);
    int64_t expected = before + naive_check(tail, tail_size);
    if (expected == before + tail_size)
        expected = size;
    if (found != expected)
        fail_msg("%02X %02X %02X behind %lld bytes: %lld instead of %lld", tail[0], tail[1],
                 tail[2], (long long)before, (long long)found, (long long)expected);
    memset(scratch + before, 'a', (size_t)tail_size);
}

// All sequences of one to three bytes, around the ends of blocks.
static void check_short_sequences(void **state) {
    (void)state;
    static const int64_t befores[] = {0, 31, 62, 63, 64, 126};
    static const int64_t behinds[] = {0, 1, 70};
    uint8_t scratch[300];
    memset(scratch, 'a', sizeof scratch);
    for (uint32_t code = 0; code < 1u << 24; code++) {
        uint8_t tail[3] = {(uint8_t)(code >> 16), (uint8_t)(code >> 8), (uint8_t)code};
        // Bytes that begin no longer character say little about what follows: 1 in 16 is enough.
        if (tail[0] < 0xC0 && (tail[0] & 15) != 0)
            continue;
        int64_t before = befores[code % 6], behind = behinds[code / 7 % 3];
        check_at(scratch, before, tail, 3, behind);
        if (tail[2] == 0)
            check_at(scratch, before, tail, 2, behind);
        if ((code & 0xFFFF) == 0)
            check_at(scratch, before, tail, 1, behind);
    }
}

static int64_t append_random_character(uint64_t *seed, uint8_t *target, int kind) {
    static const uint32_t begins[] = {0, 0x80, 0x800, 0x10000};
    static const uint32_t ends[] = {0x80, 0x800, 0x10000, 0x110000};
    uint32_t code;
    do
        code = begins[kind] +
               (uint32_t)elea_test_random_below(seed, (int64_t)ends[kind] - begins[kind]);
    while (code >= 0xD800 && code < 0xE000);
    return elea__utf8_encode(code, target);
}

static int64_t random_text(uint64_t *seed, uint8_t *target, int64_t size, int ascii_in_eight) {
    int64_t at = 0;
    while (at + 4 <= size) {
        bool is_ascii = elea_test_random_below(seed, 8) < ascii_in_eight;
        at += append_random_character(seed, target + at,
                                      is_ascii ? 0 : (int)elea_test_random_below(seed, 4));
    }
    return at;
}

static void check_random(void **state) {
    (void)state;
    uint64_t seed = 11;
    uint8_t text[700];
    for (int round = 0; round < 20000; round++) {
        int64_t size = random_text(&seed, text, elea_test_random_below(&seed, (int64_t)sizeof text),
                                   round % 9);
        compare(text, size);
        // Damage a byte, or cut.
        if (size == 0)
            continue;
        int64_t at = elea_test_random_below(&seed, size);
        uint8_t kept = text[at];
        text[at] = (uint8_t)elea_test_random(&seed);
        compare(text, size);
        text[at] = kept;
        compare(text, at);
    }
}

// Four bytes of which the last two are mostly continuations, so that errors lie close to what is
// right.
static void check_four_bytes(void **state) {
    (void)state;
    uint64_t seed = 5;
    uint8_t text[200];
    memset(text, 'z', sizeof text);
    for (int round = 0; round < 300000; round++) {
        uint64_t random = elea_test_random(&seed);
        int64_t at = (int64_t)(random >> 40) % 150;
        text[at] = (uint8_t)(0xEC | (random & 0x1F));
        text[at + 1] = (uint8_t)(random >> 8);
        text[at + 2] = (uint8_t)(0x80 | (random >> 16 & 0x3F));
        text[at + 3] = (uint8_t)(0x80 | (random >> 24 & 0x7F));
        int64_t size = at + 1 + (int64_t)(random >> 60) * 3;
        if (size > (int64_t)sizeof text)
            size = sizeof text;
        assert_int_equal(elea_utf8_check(text, size), naive_check(text, size));
        memset(text + at, 'z', 4);
    }
}

static void check_long(void **state) {
    (void)state;
    uint64_t seed = 8;
    int64_t room = (1 << 16) + 100;
    uint8_t *text = malloc((size_t)room);
    int64_t size = random_text(&seed, text, room, 6);
    for (int64_t end = size - 140; end <= size; end++)
        assert_int_equal(elea_utf8_check(text, end), naive_check(text, end));
    memset(text, 'x', (size_t)room);
    assert_int_equal(elea_utf8_check(text, 1 << 16), 1 << 16);
    text[65535] = 0xFF;
    assert_int_equal(elea_utf8_check(text, 1 << 16), 65535);
    free(text);
    assert_int_equal(elea_utf8_check(NULL, 0), 0);
}

static void check_ascii(void **state) {
    (void)state;
    uint8_t text[1200];
    memset(text, 0x7F, sizeof text);
    for (int64_t size = 0; size <= 1200; size += size < 40 || size > 1150 ? 1 : 37) {
        assert_true(elea__utf8_is_ascii(text, size));
        for (int64_t at = 0; at < size; at += at % 50 == 0 ? 1 : 7) {
            text[at] = 0x80;
            assert_false(elea__utf8_is_ascii(text, size));
            assert_true(elea__utf8_is_ascii(text, at));
            text[at] = 0x7F;
        }
    }
    assert_true(elea__utf8_is_ascii(NULL, 0));
}

static void test_ascii(void **state) { elea_test_each_level(check_ascii, state); }
static void test_short_sequences(void **state) {
    elea_test_each_level(check_short_sequences, state);
}
static void test_random(void **state) { elea_test_each_level(check_random, state); }
static void test_four_bytes(void **state) { elea_test_each_level(check_four_bytes, state); }
static void test_long(void **state) { elea_test_each_level(check_long, state); }

static void test_decode_and_encode(void **state) {
    (void)state;
    for (uint32_t code = 0; code < 0x110000; code++) {
        if (code >= 0xD800 && code < 0xE000)
            continue;
        uint8_t bytes[4];
        uint32_t decoded;
        int length = elea__utf8_encode(code, bytes);
        assert_int_equal(naive_length(bytes, length), length);
        assert_int_equal(elea__utf8_decode(bytes, length, &decoded), length);
        assert_int_equal(decoded, code);
        if (length > 1)
            assert_int_equal(elea__utf8_decode(bytes, length - 1, &decoded), 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_short_sequences),   cmocka_unit_test(test_random),
        cmocka_unit_test(test_four_bytes),        cmocka_unit_test(test_long),
        cmocka_unit_test(test_decode_and_encode), cmocka_unit_test(test_ascii),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

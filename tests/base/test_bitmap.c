// SPDX-License-Identifier: Apache-2.0
#include <elea/base.h>

#include <stdlib.h>

#include "support/cmocka_all.h"
#include "support/levels.h"
#include "support/random.h"

#define OFFSETS 71

// Bits in a block of exactly the bytes that hold `offset + length` bits, so that the address
// sanitizer sees a read or write beyond them.
static uint8_t *random_bits(uint64_t *seed, int64_t offset, int64_t length) {
    int64_t size = elea_bitmap_size(offset + length);
    uint8_t *bits = malloc((size_t)size + (size == 0));
    elea_test_random_fill(seed, bits, size);
    if (elea_test_random_below(seed, 4) == 0)
        memset(bits, 0xFF, (size_t)size);
    return bits;
}

static bool bit_or_one(const uint8_t *bits, int64_t index) {
    return bits == NULL || elea_bit_get(bits, index);
}

static void test_single_bits(void **state) {
    (void)state;
    uint8_t bits[3] = {0};
    elea_bit_set(bits, 0);
    elea_bit_set(bits, 9);
    elea_bit_put(bits, 23, true);
    assert_int_equal(bits[0] | bits[1] << 8 | bits[2] << 16, 0x800201);
    elea_bit_clear(bits, 9);
    elea_bit_put(bits, 0, false);
    assert_int_equal(bits[0] | bits[1] << 8 | bits[2] << 16, 0x800000);
    assert_true(elea_bit_get(bits, 23));
    assert_false(elea_bit_get(bits, 22));
    assert_int_equal(elea_bitmap_size(0), 0);
    assert_int_equal(elea_bitmap_size(1), 1);
    assert_int_equal(elea_bitmap_size(8), 1);
    assert_int_equal(elea_bitmap_size(9), 2);
    assert_int_equal(elea_bitmap_size(INT64_MAX), INT64_MAX / 8 + 1);
}

static void check_count_at(uint64_t *seed, int64_t offset, int64_t length) {
    uint8_t *bits = random_bits(seed, offset, length);
    int64_t expected = 0;
    for (int64_t i = 0; i < length; i++)
        expected += elea_bit_get(bits, offset + i);
    int64_t found = elea_bitmap_count(bits, offset, length);
    if (found != expected)
        fail_msg("count of %lld bits at %lld: %lld instead of %lld", (long long)length,
                 (long long)offset, (long long)found, (long long)expected);
    free(bits);
}

static void check_count(void **state) {
    (void)state;
    uint64_t seed = 1;
    for (int64_t offset = 0; offset < OFFSETS; offset++) {
        for (int64_t length = 0; length < 200; length++)
            check_count_at(&seed, offset, length);
    }
    for (int round = 0; round < 100; round++)
        check_count_at(&seed, elea_test_random_below(&seed, OFFSETS),
                       65536 - 70 + elea_test_random_below(&seed, 140));
    for (int round = 0; round < 300; round++)
        check_count_at(&seed, elea_test_random_below(&seed, OFFSETS),
                       elea_test_random_below(&seed, 20000));
    assert_int_equal(elea_bitmap_count(NULL, 5, 100), 100);
    assert_int_equal(elea_bitmap_count(NULL, 5, 0), 0);
}

static void test_count(void **state) { elea_test_each_level(check_count, state); }

static void test_fill(void **state) {
    (void)state;
    uint64_t seed = 2;
    for (int64_t offset = 0; offset < OFFSETS; offset++) {
        for (int64_t length = 0; length < 150; length++) {
            bool value = (length & 1) != 0;
            int64_t total = offset + length + elea_test_random_below(&seed, 20);
            uint8_t *bits = random_bits(&seed, 0, total);
            uint8_t *before = calloc(1, (size_t)elea_bitmap_size(total) + 1);
            memcpy(before, bits, (size_t)elea_bitmap_size(total));
            elea_bitmap_fill(bits, offset, length, value);
            for (int64_t i = 0; i < total; i++)
                assert_int_equal(elea_bit_get(bits, i), i >= offset && i < offset + length
                                                            ? value
                                                            : elea_bit_get(before, i));
            free(before);
            free(bits);
        }
    }
}

typedef enum op { COPY, NOT, AND, OR, OP_COUNT } op;

static bool expected_bit(op operation, bool a, bool b) {
    switch (operation) {
    case COPY:
        return a;
    case NOT:
        return !a;
    case AND:
        return a && b;
    case OR:
        return a || b;
    default:
        return false;
    }
}

static void run(op operation, const uint8_t *a, int64_t a_offset, const uint8_t *b,
                int64_t b_offset, int64_t length, uint8_t *target, int64_t target_offset) {
    switch (operation) {
    case COPY:
        elea_bitmap_copy(a, a_offset, length, target, target_offset);
        break;
    case NOT:
        elea_bitmap_not(a, a_offset, length, target, target_offset);
        break;
    case AND:
        elea_bitmap_and(a, a_offset, b, b_offset, length, target, target_offset);
        break;
    case OR:
        elea_bitmap_or(a, a_offset, b, b_offset, length, target, target_offset);
        break;
    default:
        break;
    }
}

static void check_operation(uint64_t *seed, op operation, int64_t a_offset, int64_t b_offset,
                            int64_t target_offset, int64_t length) {
    uint8_t *a = random_bits(seed, a_offset, length);
    uint8_t *b = random_bits(seed, b_offset, length);
    int64_t total = target_offset + length + elea_test_random_below(seed, 20);
    uint8_t *target = random_bits(seed, 0, total);
    uint8_t *before = calloc(1, (size_t)elea_bitmap_size(total) + 1);
    memcpy(before, target, (size_t)elea_bitmap_size(total));
    const uint8_t *use_a = operation != NOT && elea_test_random_below(seed, 8) == 0 ? NULL : a;
    const uint8_t *use_b = elea_test_random_below(seed, 8) == 0 ? NULL : b;
    run(operation, use_a, a_offset, use_b, b_offset, length, target, target_offset);
    for (int64_t i = 0; i < total; i++) {
        int64_t at = i - target_offset;
        bool expected = elea_bit_get(before, i);
        if (at >= 0 && at < length)
            expected = expected_bit(operation, bit_or_one(use_a, a_offset + at),
                                    bit_or_one(use_b, b_offset + at));
        if (elea_bit_get(target, i) != expected)
            fail_msg("operation %d of %lld bits at %lld, %lld to %lld: bit %lld is wrong",
                     (int)operation, (long long)length, (long long)a_offset, (long long)b_offset,
                     (long long)target_offset, (long long)at);
    }
    free(before);
    free(target);
    free(b);
    free(a);
}

static void test_operations(void **state) {
    (void)state;
    uint64_t seed = 3;
    static const int64_t lengths[] = {0, 1, 7, 8, 9, 63, 64, 65, 127, 128, 129, 200};
    for (int operation = 0; operation < OP_COUNT; operation++) {
        for (int64_t a = 0; a < OFFSETS; a++) {
            for (int64_t target = 0; target < OFFSETS; target++) {
                int64_t length = lengths[(a * OFFSETS + target) % 12];
                check_operation(&seed, (op)operation, a, elea_test_random_below(&seed, OFFSETS),
                                target, length);
            }
        }
        for (int round = 0; round < 3000; round++)
            check_operation(&seed, (op)operation, elea_test_random_below(&seed, OFFSETS),
                            elea_test_random_below(&seed, OFFSETS),
                            elea_test_random_below(&seed, OFFSETS),
                            elea_test_random_below(&seed, 400));
        for (int round = 0; round < 8; round++)
            check_operation(&seed, (op)operation, elea_test_random_below(&seed, 9),
                            elea_test_random_below(&seed, 9), elea_test_random_below(&seed, 9),
                            65500 + elea_test_random_below(&seed, 100));
    }
}

static void test_in_place(void **state) {
    (void)state;
    uint64_t seed = 4;
    for (int64_t offset = 0; offset < OFFSETS; offset++) {
        int64_t length = 300;
        uint8_t *a = random_bits(&seed, offset, length), *b = random_bits(&seed, 0, length);
        uint8_t *separate = random_bits(&seed, 0, length);
        elea_bitmap_and(a, offset, b, 0, length, separate, 0);
        elea_bitmap_and(a, offset, b, 0, length, a, offset);
        assert_true(elea_bitmap_equal(a, offset, separate, 0, length));
        elea_bitmap_not(a, offset, length, separate, 0);
        elea_bitmap_not(a, offset, length, a, offset);
        assert_true(elea_bitmap_equal(a, offset, separate, 0, length));
        free(separate);
        free(b);
        free(a);
    }
}

static void test_copy_is_counted(void **state) {
    (void)state;
    uint8_t source[20] = {0}, target[20];
    int64_t before = elea_copied_bytes();
    elea_bitmap_copy(source, 3, 0, target, 5);
    assert_int_equal(elea_copied_bytes() - before, 0);
    elea_bitmap_copy(source, 3, 65, target, 5);
    assert_int_equal(elea_copied_bytes() - before, 9);
}

static void test_equal(void **state) {
    (void)state;
    uint64_t seed = 5;
    for (int64_t a_offset = 0; a_offset < OFFSETS; a_offset++) {
        for (int64_t length = 0; length < 200; length += 1 + elea_test_random_below(&seed, 9)) {
            int64_t b_offset = elea_test_random_below(&seed, OFFSETS);
            uint8_t *a = random_bits(&seed, a_offset, length);
            uint8_t *b = random_bits(&seed, b_offset, length);
            elea_bitmap_copy(a, a_offset, length, b, b_offset);
            assert_true(elea_bitmap_equal(a, a_offset, b, b_offset, length));
            assert_int_equal(elea_bitmap_equal(NULL, 0, b, b_offset, length),
                             elea_bitmap_count(b, b_offset, length) == length);
            assert_int_equal(elea_bitmap_equal(a, a_offset, NULL, 7, length),
                             elea_bitmap_count(a, a_offset, length) == length);
            if (length > 0) {
                int64_t at = b_offset + elea_test_random_below(&seed, length);
                elea_bit_put(b, at, !elea_bit_get(b, at));
                assert_false(elea_bitmap_equal(a, a_offset, b, b_offset, length));
            }
            free(b);
            free(a);
        }
    }
    assert_true(elea_bitmap_equal(NULL, 0, NULL, 9, 1000));
}

static void check_runs(const uint8_t *bits, int64_t offset, int64_t length) {
    elea_bitmap_runs runs;
    elea_bitmap_run run_;
    int64_t at = 0;
    elea_bitmap_runs_init(&runs, bits, offset, length);
    while (elea_bitmap_runs_next(&runs, &run_)) {
        assert_true(run_.length > 0 && run_.start >= at && run_.start + run_.length <= length);
        for (; at < run_.start; at++)
            assert_false(bit_or_one(bits, offset + at));
        for (; at < run_.start + run_.length; at++)
            assert_true(bit_or_one(bits, offset + at));
        // The run ends where it must.
        assert_true(at == length || !bit_or_one(bits, offset + at));
    }
    for (; at < length; at++)
        assert_false(bit_or_one(bits, offset + at));
    assert_false(elea_bitmap_runs_next(&runs, &run_));
}

static void test_runs(void **state) {
    (void)state;
    uint64_t seed = 6;
    for (int64_t offset = 0; offset < OFFSETS; offset++) {
        for (int64_t length = 0; length < 300; length += 1 + elea_test_random_below(&seed, 5)) {
            uint8_t *bits = random_bits(&seed, offset, length);
            check_runs(bits, offset, length);
            // Long runs.
            for (int i = 0; i < 3 && length > 0; i++) {
                int64_t start = elea_test_random_below(&seed, length);
                elea_bitmap_fill(bits, offset + start,
                                 elea_test_random_below(&seed, length - start + 1), i != 1);
                check_runs(bits, offset, length);
            }
            free(bits);
        }
    }
    check_runs(NULL, 3, 1000);
    check_runs(NULL, 3, 0);
    uint8_t *bits = random_bits(&seed, 5, 70000);
    elea_bitmap_fill(bits, 100, 66000, true);
    check_runs(bits, 5, 70000);
    free(bits);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single_bits), cmocka_unit_test(test_count),
        cmocka_unit_test(test_fill),        cmocka_unit_test(test_operations),
        cmocka_unit_test(test_in_place),    cmocka_unit_test(test_copy_is_counted),
        cmocka_unit_test(test_equal),       cmocka_unit_test(test_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

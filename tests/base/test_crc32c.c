// SPDX-License-Identifier: Apache-2.0
#include <elea/base.h>

#include "support/cmocka_all.h"
#include "support/levels.h"
#include "support/random.h"

// The definition, bit by bit.
static uint32_t naive(uint32_t crc, const uint8_t *data, int64_t size) {
    crc = ~crc;
    for (int64_t i = 0; i < size; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78 : 0);
    }
    return ~crc;
}

// RFC 3720, appendix B.4, and the check value of the catalogues.
static void check_known(void **state) {
    (void)state;
    uint8_t bytes[32] = {0};
    assert_int_equal(elea_crc32c(0, "", 0), 0);
    assert_int_equal(elea_crc32c(0, NULL, 0), 0);
    assert_int_equal(elea_crc32c(0, "123456789", 9), 0xE3069283);
    assert_int_equal(elea_crc32c(0, bytes, 32), 0x8A9136AA);
    memset(bytes, 0xFF, 32);
    assert_int_equal(elea_crc32c(0, bytes, 32), 0x62A8AB43);
    for (int i = 0; i < 32; i++)
        bytes[i] = (uint8_t)i;
    assert_int_equal(elea_crc32c(0, bytes, 32), 0x46DD794E);
    for (int i = 0; i < 32; i++)
        bytes[i] = (uint8_t)(31 - i);
    assert_int_equal(elea_crc32c(0, bytes, 32), 0x113FDB5C);
}

static void check_random(void **state) {
    (void)state;
    enum { SIZE = 1 << 16 };
    static uint8_t bytes[SIZE + 70];
    uint64_t seed = 3;
    elea_test_random_fill(&seed, bytes, sizeof bytes);
    for (int64_t offset = 0; offset < 9; offset++) {
        for (int64_t size = 0; size < 300; size++)
            assert_int_equal(elea_crc32c(0, bytes + offset, size), naive(0, bytes + offset, size));
    }
    const int64_t sizes[] = {1023, 1024, 3071, 3072, 3073, 3072 + 192, 6144 + 191, 65535, 65536};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        int64_t offset = elea_test_random_below(&seed, 70);
        assert_int_equal(elea_crc32c(77, bytes + offset, sizes[i]),
                         naive(77, bytes + offset, sizes[i]));
    }
    // In pieces.
    for (int round = 0; round < 200; round++) {
        int64_t size = elea_test_random_below(&seed, 10000);
        int64_t cut = elea_test_random_below(&seed, size + 1);
        assert_int_equal(elea_crc32c(elea_crc32c(0, bytes, cut), bytes + cut, size - cut),
                         elea_crc32c(0, bytes, size));
    }
}

static void test_known(void **state) { elea_test_each_level(check_known, state); }
static void test_random(void **state) { elea_test_each_level(check_random, state); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

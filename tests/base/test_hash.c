// SPDX-License-Identifier: Apache-2.0
#include <elea/base.h>

#include "base/hash_internal.h"
#include "support/cmocka_all.h"
#include "support/random.h"

// As the reference implementation gives them.
static void test_known(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint64_t seed, hash;
    } rows[] = {
        {"", 0, UINT64_C(0xEF46DB3751D8E999)},
        {"a", 0, UINT64_C(0xD24EC4F1A98C6E5B)},
        {"abc", 0, UINT64_C(0x44BC2CF5AD770999)},
        {"Nobody inspects the spammish repetition", 0, UINT64_C(0xFBCEA83C8A378BF1)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t size = (int64_t)strlen(rows[i].text);
        assert_true(elea_hash64(rows[i].text, size, rows[i].seed) == rows[i].hash);
        assert_true(elea__hash64_plain(rows[i].text, size, rows[i].seed) == rows[i].hash);
    }
    assert_true(elea_hash64(NULL, 0, 0) == UINT64_C(0xEF46DB3751D8E999));
}

static void test_both_agree(void **state) {
    (void)state;
    uint64_t seed = 7;
    uint8_t bytes[1100];
    elea_test_random_fill(&seed, bytes, sizeof bytes);
    for (int64_t offset = 0; offset < 9; offset++) {
        for (int64_t size = 0; size < 1000; size++) {
            uint64_t start = size % 3 == 0 ? 0 : elea_test_random(&seed);
            assert_true(elea_hash64(bytes + offset, size, start) ==
                        elea__hash64_plain(bytes + offset, size, start));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_both_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

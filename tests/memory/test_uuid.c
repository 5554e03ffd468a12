// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "memory/uuid.h"
#include "support/cmocka_all.h"

static void test_form(void **state) {
    (void)state;
    elea_error err = {0};
    elea__uuid_maker maker;
    char text[ELEA__UUID_TEXT_SIZE];
    assert_ok(elea__uuid_maker_init(&maker, &err));
    elea__uuid_maker_next(&maker, text);
    for (int i = 0; i < ELEA__UUID_TEXT_SIZE; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        assert_int_equal(text[i] == '-', dash);
        assert_true(dash || memchr("0123456789abcdef", text[i], 16));
    }
    assert_int_equal(text[14], '7');
    assert_true(memchr("89ab", text[19], 4));

    // The first 48 bits are the time in milliseconds.
    unsigned long long time_high = 0, time_low = 0;
    assert_int_equal(sscanf(text, "%8llx-%4llx", &time_high, &time_low), 2);
    long long seconds = (long long)((time_high << 16 | time_low) / 1000);
    assert_true(llabs(seconds - (long long)time(NULL)) <= 2);
}

static void test_rises(void **state) {
    (void)state;
    elea_error err = {0};
    elea__uuid_maker maker;
    char last[ELEA__UUID_TEXT_SIZE], next[ELEA__UUID_TEXT_SIZE];
    assert_ok(elea__uuid_maker_init(&maker, &err));
    elea__uuid_maker_next(&maker, last);
    for (int i = 0; i < 100000; i++) {
        elea__uuid_maker_next(&maker, next);
        assert_true(memcmp(last, next, sizeof(next)) < 0);
        memcpy(last, next, sizeof(next));
    }
}

static void test_rises_past_the_counter(void **state) {
    (void)state;
    elea__uuid_maker maker = {.time_ms = 1000, .high = 0xfff, .low = (UINT64_C(1) << 62) - 2};
    char texts[4][ELEA__UUID_TEXT_SIZE];
    for (int i = 0; i < 4; i++) {
        elea__uuid_maker_next(&maker, texts[i]);
        assert_true(i == 0 || memcmp(texts[i - 1], texts[i], sizeof(texts[i])) < 0);
    }
    assert_memory_equal(texts[1], "00000000-03e8-7fff-bfff-ffffffffffff", 36);
    assert_memory_equal(texts[2], "00000000-03e9-7000-8000-000000000000", 36);
}

static void test_makers_differ(void **state) {
    (void)state;
    elea_error err = {0};
    elea__uuid_maker a, b;
    char text_a[ELEA__UUID_TEXT_SIZE], text_b[ELEA__UUID_TEXT_SIZE];
    assert_ok(elea__uuid_maker_init(&a, &err));
    assert_ok(elea__uuid_maker_init(&b, &err));
    elea__uuid_maker_next(&a, text_a);
    elea__uuid_maker_next(&b, text_b);
    assert_memory_not_equal(text_a + 14, text_b + 14, 22);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_form),
        cmocka_unit_test(test_rises),
        cmocka_unit_test(test_rises_past_the_counter),
        cmocka_unit_test(test_makers_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

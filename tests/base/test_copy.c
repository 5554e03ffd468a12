// SPDX-License-Identifier: Apache-2.0
#include <elea/base.h>

#include "base/copy_internal.h"
#include "base/os_internal.h"
#include "support/cmocka_all.h"

static void test_copies_and_counts(void **state) {
    (void)state;
    char target[100] = {0};
    int64_t before = elea_copied_bytes();
    elea_copy_bytes(target, "arrow", 5);
    assert_string_equal(target, "arrow");
    elea_copy_bytes(target, NULL, 0);
    elea_copy_bytes(NULL, target, 0);
    assert_int_equal(elea_copied_bytes() - before, 5);
}

static void test_payload_realloc(void **state) {
    (void)state;
    elea_error err;
    void *block = NULL;
    int64_t before = elea_copied_bytes();
    assert_ok(elea__payload_realloc(NULL, 0, 100, &block, &err));
    assert_int_equal(elea_copied_bytes() - before, 0);
    memset(block, 9, 100);
    void *first = block;
    assert_ok(elea__payload_realloc(NULL, 100, 128, &block, &err)); // inside its padding
    assert_ptr_equal(block, first);
    assert_int_equal(elea_copied_bytes() - before, 0);
    assert_ok(elea__payload_realloc(NULL, 128, 100000, &block, &err));
    assert_int_equal(elea_copied_bytes() - before, block == first ? 0 : 128);
    elea_dealloc(NULL, block, 100000);
}

static void copy_much(void *context) {
    char bytes[64], target[64];
    (void)context;
    memset(bytes, 1, sizeof bytes);
    for (int i = 0; i < 1000; i++)
        elea_copy_bytes(target, bytes, 1 + i % 64);
}

static void test_short_copies(void **state) {
    (void)state;
    uint8_t source[64], target[64];
    for (int i = 0; i < 64; i++)
        source[i] = (uint8_t)(i + 1);
    for (int64_t size = 0; size <= 40; size++) {
        int64_t before = elea_copied_bytes();
        memset(target, 0xEE, sizeof target);
        elea__copy_bytes_short(target + 3, source + 5, size);
        assert_memory_equal(target + 3, source + 5, (size_t)size);
        assert_int_equal(target[2], 0xEE);
        assert_int_equal(target[3 + size], 0xEE);
        assert_int_equal(elea_copied_bytes() - before, size);
    }
    elea__copy_bytes_short(target, NULL, 0);
}

// Every alignment of both sides, and sizes around lines and runs: all bytes, and no others.
static void test_store_far(void **state) {
    (void)state;
    static const int64_t sizes[] = {0,    1,    63,    64,    65,    255,   4095,
                                    4096, 4160, 16383, 16384, 16448, 40000, 70000};
    enum { ROOM = 80000 };
    static uint8_t source[ROOM], target[ROOM];
    for (int64_t i = 0; i < ROOM; i++)
        source[i] = (uint8_t)(i * 31 + i / 251);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (int64_t lead = 0; lead < 64; lead += 7) {
            int64_t from = (lead * 5 + (int64_t)i) % 64;
            memset(target, 0xEE, sizeof target);
            elea__store_far(target + lead, source + from, sizes[i]);
            assert_memory_equal(target + lead, source + from, (size_t)sizes[i]);
            for (int64_t k = 0; k < lead; k++)
                assert_int_equal(target[k], 0xEE);
            for (int64_t k = lead + sizes[i]; k < ROOM; k++) {
                if (target[k] != 0xEE)
                    fail_msg("byte %lld behind %lld is written", (long long)k, (long long)sizes[i]);
            }
        }
    }
    int64_t before = elea_copied_bytes();
    elea__copy_bytes_of(target, source, 1000, ELEA__SIZE_FAR);
    elea__copy_bytes_of(target + 1000, source + 1000, 100, ELEA__SIZE_FAR);
    elea__copy_bytes_of(target + 1100, source + 1100, 1000, 5000);
    elea__copy_bytes_of(target, NULL, 0, ELEA__SIZE_FAR);
    assert_memory_equal(target, source, 2100);
    assert_int_equal(elea_copied_bytes() - before, 2100);
}

// More threads than there are counters of their own; each is joined before it is counted on.
static void test_sum_over_threads(void **state) {
    (void)state;
    elea_error err;
    enum { THREADS = 600, AT_ONCE = 6 };
    int64_t one = 0;
    for (int i = 0; i < 1000; i++)
        one += 1 + i % 64;
    int64_t before = elea_copied_bytes();
    for (int i = 0; i < THREADS; i += AT_ONCE) {
        elea__os_thread threads[AT_ONCE];
        for (int j = 0; j < AT_ONCE; j++)
            assert_ok(elea__os_thread_start(copy_much, NULL, &threads[j], &err));
        for (int j = 0; j < AT_ONCE; j++)
            elea__os_thread_join(threads[j]);
        assert_int_equal(elea_copied_bytes() - before, one * (i + AT_ONCE));
    }
}

static void copy_bytes_one_by_one(void *context) {
    int *start = context;
    char byte = 1, target;
    while (__atomic_load_n(start, __ATOMIC_ACQUIRE) == 0)
        ;
    for (int i = 0; i < 200000; i++)
        elea_copy_bytes(&target, &byte, 1);
}

// After the threads above there are only threads that share a counter.
static void test_shared_counter(void **state) {
    (void)state;
    elea_error err;
    enum { THREADS = 4 };
    elea__os_thread threads[THREADS];
    int start = 0;
    int64_t before = elea_copied_bytes();
    for (int i = 0; i < THREADS; i++)
        assert_ok(elea__os_thread_start(copy_bytes_one_by_one, &start, &threads[i], &err));
    __atomic_store_n(&start, 1, __ATOMIC_RELEASE);
    for (int i = 0; i < THREADS; i++)
        elea__os_thread_join(threads[i]);
    assert_int_equal(elea_copied_bytes() - before, THREADS * 200000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copies_and_counts), cmocka_unit_test(test_payload_realloc),
        cmocka_unit_test(test_store_far),         cmocka_unit_test(test_short_copies),
        cmocka_unit_test(test_sum_over_threads),  cmocka_unit_test(test_shared_counter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

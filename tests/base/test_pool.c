// SPDX-License-Identifier: Apache-2.0
#include <elea/base.h>

#include <stdlib.h>

#include "base/os_internal.h"
#include "support/alloc_failures.h"
#include "support/cmocka_all.h"

static void test_alignment_and_padding(void **state) {
    (void)state;
    elea_error err;
    const int64_t sizes[] = {1,   63,  64,   65,   127,   896,   897,
                             960, 961, 1000, 4096, 65536, 65537, (8 << 20) + 1};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        void *block;
        int64_t before = elea_pool_default()->bytes_allocated;
        assert_ok(elea_alloc(NULL, sizes[i], &block, &err));
        int64_t rounded = (sizes[i] + 63) / 64 * 64;
        assert_int_equal((uintptr_t)block % ELEA_ALIGNMENT, 0);
        assert_int_equal(elea_pool_default()->bytes_allocated - before, rounded);
        for (int64_t at = sizes[i]; at < rounded; at++)
            assert_int_equal(((uint8_t *)block)[at], 0);
        memset(block, 0xFF, (size_t)sizes[i]);
        elea_dealloc(NULL, block, sizes[i]);
        assert_int_equal(elea_pool_default()->bytes_allocated, before);
    }
}

static void test_size_zero_and_absurd(void **state) {
    (void)state;
    elea_error err;
    void *block = NULL;
    assert_ok(elea_alloc(NULL, 0, &block, &err));
    assert_non_null(block);
    assert_ok(elea_realloc(NULL, 0, 100, &block, &err));
    memset(block, 7, 100);
    assert_ok(elea_realloc(NULL, 100, 0, &block, &err));
    assert_non_null(block);
    elea_dealloc(NULL, block, 0);
    elea_dealloc(NULL, NULL, 0);
    assert_fails(ELEA_ECAPACITY, "-1", elea_alloc(NULL, -1, &block, &err));
    assert_fails(ELEA_ECAPACITY, "9223372036854775807", elea_alloc(NULL, INT64_MAX, &block, &err));
    assert_fails(ELEA_ENOMEM, "system pool", elea_alloc(NULL, (int64_t)1 << 55, &block, &err));
}

static void test_realloc_keeps_bytes(void **state) {
    (void)state;
    elea_error err;
    // Up and down through blocks of the C library and mapped ones.
    const int64_t sizes[] = {1,        64,       100,   960,   961,  70000, 9 << 20,
                             20 << 20, 10 << 20, 16385, 16384, 5000, 3};
    uint8_t *bytes = NULL;
    int64_t size = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        void *block = bytes;
        assert_ok(elea_realloc(NULL, size, sizes[i], &block, &err));
        bytes = block;
        int64_t kept = size < sizes[i] ? size : sizes[i];
        for (int64_t at = 0; at < kept; at++) {
            if (bytes[at] != (uint8_t)(at * 7))
                fail_msg("byte %lld lost", (long long)at);
        }
        size = sizes[i];
        for (int64_t at = size; at < (size + 63) / 64 * 64; at++)
            assert_int_equal(bytes[at], 0);
        for (int64_t at = 0; at < size; at++)
            bytes[at] = (uint8_t)(at * 7);
        assert_int_equal((uintptr_t)bytes % ELEA_ALIGNMENT, 0);
    }
    elea_dealloc(NULL, bytes, size);
}

static void test_counters(void **state) {
    (void)state;
    elea_error err;
    elea_pool *pool;
    assert_ok(elea_pool_new_capped(NULL, 1 << 20, &pool, &err));
    void *a, *b;
    assert_ok(elea_alloc(pool, 100, &a, &err));
    assert_ok(elea_alloc_zero(pool, 1000, &b, &err));
    for (int i = 0; i < 1000; i++)
        assert_int_equal(((uint8_t *)b)[i], 0);
    assert_int_equal(pool->bytes_allocated, 128 + 1024);
    assert_int_equal(pool->allocation_count, 2);
    elea_dealloc(pool, b, 1000);
    assert_int_equal(pool->bytes_allocated, 128);
    assert_int_equal(pool->bytes_peak, 128 + 1024);
    assert_ok(elea_realloc(pool, 100, 200, &a, &err));
    assert_int_equal(pool->allocation_count, 3);
    assert_ok(elea_realloc(pool, 200, 60, &a, &err));
    assert_int_equal(pool->allocation_count, 3);
    elea_dealloc(pool, a, 60);
    assert_int_equal(pool->bytes_allocated, 0);
    elea_pool_free(pool);
    elea_pool_free(NULL);
}

static void test_capped(void **state) {
    (void)state;
    elea_error err;
    elea_pool *pool, *inner;
    void *a, *b;
    assert_fails(ELEA_EINVAL, "-1", elea_pool_new_capped(NULL, -1, &pool, &err));
    assert_ok(elea_pool_new_capped(NULL, 256, &pool, &err));
    assert_ok(elea_alloc(pool, 128, &a, &err));
    assert_fails(ELEA_ENOMEM, "129 bytes from the capped pool", elea_alloc(pool, 129, &b, &err));
    assert_ok(elea_alloc(pool, 128, &b, &err));
    assert_fails(ELEA_ENOMEM, "129", elea_realloc(pool, 128, 129, &a, &err));
    elea_dealloc(pool, b, 128);
    memset(a, 5, 128);
    assert_ok(elea_realloc(pool, 128, 256, &a, &err));
    assert_int_equal(((uint8_t *)a)[127], 5);
    assert_ok(elea_realloc(pool, 256, 64, &a, &err));
    assert_ok(elea_alloc(pool, 192, &b, &err));
    elea_dealloc(pool, b, 192);
    elea_dealloc(pool, a, 64);
    // A larger promise inside a smaller one.
    assert_ok(elea_pool_new_capped(pool, 1000, &inner, &err));
    assert_fails(ELEA_ENOMEM, "capped", elea_alloc(inner, 256, &a, &err));
    elea_pool_free(inner);
    assert_int_equal(pool->bytes_allocated, 0);
    elea_pool_free(pool);
}

static void test_failing(void **state) {
    (void)state;
    elea_error err;
    elea_pool *pool;
    void *a, *b;
    assert_fails(ELEA_EINVAL, "-2", elea_pool_new_failing(NULL, -2, false, &pool, &err));
    assert_ok(elea_pool_new_failing(NULL, 2, false, &pool, &err));
    assert_ok(elea_alloc(pool, 1, &a, &err));
    assert_fails(ELEA_ENOMEM, "failing pool", elea_alloc(pool, 1, &b, &err));
    assert_ok(elea_alloc(pool, 1, &b, &err));
    elea_dealloc(pool, b, 1);
    elea_dealloc(pool, a, 1);
    elea_pool_free(pool);
    assert_ok(elea_pool_new_failing(NULL, 2, true, &pool, &err));
    assert_ok(elea_alloc(pool, 100, &a, &err));
    assert_ok(elea_realloc(pool, 100, 10, &a, &err));
    assert_fails(ELEA_ENOMEM, "failing pool", elea_realloc(pool, 10, 1000, &a, &err));
    assert_fails(ELEA_ENOMEM, "failing pool", elea_alloc(pool, 1, &b, &err));
    elea_dealloc(pool, a, 10);
    elea_pool_free(pool);
}

// A pool of a caller: counts its own way and takes memory from the C library.
typedef struct own_pool {
    elea_pool base;
    int calls;
} own_pool;

static void *own_alloc(elea_pool *pool, int64_t size) {
    ((own_pool *)pool)->calls++;
    return aligned_alloc(64, (size_t)size);
}
static void *own_realloc(elea_pool *pool, void *block, int64_t size_old, int64_t size_new) {
    void *moved = own_alloc(pool, size_new);
    memcpy(moved, block, (size_t)(size_old < size_new ? size_old : size_new));
    free(block);
    return moved;
}
static void own_free(elea_pool *pool, void *block, int64_t size) {
    (void)pool;
    (void)size;
    free(block);
}

static void test_pool_of_a_caller(void **state) {
    (void)state;
    static const elea_pool_ops ops = {own_alloc, own_realloc, own_free, "own"};
    elea_error err;
    own_pool own = {.base = {.ops = &ops}};
    elea_buffer *buffer;
    assert_ok(elea_buffer_new(&own.base, 1000, &buffer, &err));
    assert_int_equal(own.calls, 1);
    assert_int_equal(own.base.bytes_allocated, 64 + 1024);
    elea_buffer_unref(buffer);
    void *block = NULL;
    assert_ok(elea_realloc(&own.base, 0, 10, &block, &err));
    assert_ok(elea_realloc(&own.base, 10, 20, &block, &err));
    assert_int_equal(own.calls, 2);
    assert_ok(elea_realloc(&own.base, 20, 200, &block, &err));
    elea_dealloc(&own.base, block, 200);
    assert_int_equal(own.base.bytes_allocated, 0);
}

typedef struct contest {
    elea_pool *pool;
    int start;
    int64_t limit;
    int64_t held;   // by all threads together, as they know it
    int64_t beyond; // how often they held more than the limit
} contest;

static void take_and_give(void *context) {
    contest *c = context;
    void *blocks[8] = {0};
    while (__atomic_load_n(&c->start, __ATOMIC_ACQUIRE) == 0)
        ;
    for (int i = 0; i < 200000; i++) {
        int slot = i % 8;
        if (blocks[slot] != NULL) {
            __atomic_sub_fetch(&c->held, 128, __ATOMIC_SEQ_CST);
            elea_dealloc(c->pool, blocks[slot], 128);
            blocks[slot] = NULL;
        }
        if (elea_alloc(c->pool, 128, &blocks[slot], NULL) == ELEA_OK &&
            __atomic_add_fetch(&c->held, 128, __ATOMIC_SEQ_CST) > c->limit)
            __atomic_add_fetch(&c->beyond, 1, __ATOMIC_SEQ_CST);
    }
    for (int slot = 0; slot < 8; slot++) {
        if (blocks[slot] != NULL)
            __atomic_sub_fetch(&c->held, 128, __ATOMIC_SEQ_CST);
        elea_dealloc(c->pool, blocks[slot], 128);
    }
}

static void test_capped_by_many_threads(void **state) {
    (void)state;
    elea_error err;
    enum { THREADS = 4, LIMIT = 20 * 128 }; // of the 32 blocks that the threads ask for
    elea__os_thread threads[THREADS];
    contest c = {.limit = LIMIT};
    assert_ok(elea_pool_new_capped(NULL, LIMIT, &c.pool, &err));
    for (int i = 0; i < THREADS; i++)
        assert_ok(elea__os_thread_start(take_and_give, &c, &threads[i], &err));
    __atomic_store_n(&c.start, 1, __ATOMIC_RELEASE);
    for (int i = 0; i < THREADS; i++)
        elea__os_thread_join(threads[i]);
    assert_int_equal(c.beyond, 0);
    assert_int_equal(c.held, 0);
    assert_int_equal(c.pool->bytes_allocated, 0);
    assert_in_range(c.pool->bytes_peak, 8 * 128, LIMIT);
    void *block;
    assert_ok(elea_alloc(c.pool, LIMIT, &block, &err)); // all of it is there again
    elea_dealloc(c.pool, block, LIMIT);
    elea_pool_free(c.pool);
}

static elea_status three_allocations(elea_pool *pool, void *context, elea_error *err) {
    void *blocks[3] = {0};
    elea_status status = ELEA_OK;
    for (int i = 0; i < 3; i++)
        ELEA_GOTO(done, elea_alloc(pool, 10, &blocks[i], err));
    ++*(int *)context;
done:
    for (int i = 0; i < 3; i++)
        elea_dealloc(pool, blocks[i], 10);
    return status;
}

static void test_fail_each_allocation(void **state) {
    (void)state;
    int successes = 0;
    assert_int_equal(elea_test_fail_each_allocation(three_allocations, &successes), 3);
    assert_int_equal(successes, 2); // with nothing failing: at the beginning and at the end
}

static elea_status new_pools(elea_pool *pool, void *context, elea_error *err) {
    (void)context;
    elea_pool *capped = NULL, *failing = NULL;
    elea_status status;
    ELEA_GOTO(done, elea_pool_new_capped(pool, 10, &capped, err));
    ELEA_GOTO(done, elea_pool_new_failing(pool, 1, true, &failing, err));
done:
    elea_pool_free(capped);
    elea_pool_free(failing);
    return status;
}

static void test_new_pools_without_memory(void **state) {
    (void)state;
    assert_int_equal(elea_test_fail_each_allocation(new_pools, NULL), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alignment_and_padding),
        cmocka_unit_test(test_size_zero_and_absurd),
        cmocka_unit_test(test_realloc_keeps_bytes),
        cmocka_unit_test(test_counters),
        cmocka_unit_test(test_capped),
        cmocka_unit_test(test_capped_by_many_threads),
        cmocka_unit_test(test_failing),
        cmocka_unit_test(test_pool_of_a_caller),
        cmocka_unit_test(test_fail_each_allocation),
        cmocka_unit_test(test_new_pools_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

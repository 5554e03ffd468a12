// SPDX-License-Identifier: Apache-2.0
//
// What the system's pool keeps of large blocks: how much, for whom, and that threads which take
// and give at the same time never get the same pages.
#include <elea/base.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/os_internal.h"
#include "base/pool_internal.h"
#include "support/cmocka_all.h"

#define MIB ((int64_t)1 << 20)

static bool keeps(void) { return ELEA__POOL_SIZE_MAPPED != INT64_MAX; }

// What should be kept in this build.
static int64_t kept_if_any(int64_t size) { return keeps() ? size : 0; }

static int begin(void **state) {
    (void)state;
    elea_error err;
    assert_ok(elea_pool_kept_max_set(NULL, 256 * MIB, &err));
    (void)elea_pool_trim(NULL);
    return elea_pool_bytes_kept(NULL) != 0;
}

static void *taken(int64_t size) {
    elea_error err;
    void *block;
    assert_ok(elea_alloc(NULL, size, &block, &err));
    memset(block, 0xA5, (size_t)size);
    return block;
}

static void freed_blocks_come_again(void **state) {
    (void)state;
    int64_t before = elea_pool_default()->bytes_allocated;
    void *block = taken(16 * MIB);
    assert_int_equal(elea_pool_bytes_kept(NULL), 0);
    elea_dealloc(NULL, block, 16 * MIB);
    assert_int_equal(elea_pool_default()->bytes_allocated, before);
    assert_int_equal(elea_pool_bytes_kept(NULL), kept_if_any(16 * MIB));
    void *again = taken(16 * MIB);
    assert_int_equal(elea_pool_bytes_kept(NULL), 0);
    if (keeps())
        assert_ptr_equal(again, block);
    elea_dealloc(NULL, again, 16 * MIB);
    assert_int_equal(elea_pool_trim(NULL), kept_if_any(16 * MIB));
    assert_int_equal(elea_pool_bytes_kept(NULL), 0);
    assert_int_equal(elea_pool_trim(NULL), 0);
    // Below the size of whole pages nothing is kept.
    elea_dealloc(NULL, taken(1 * MIB - 64), 1 * MIB - 64);
    assert_int_equal(elea_pool_bytes_kept(NULL), 0);
}

static void blocks_are_cut_and_grow(void **state) {
    (void)state;
    elea_dealloc(NULL, taken(64 * MIB), 64 * MIB);
    void *front = taken(16 * MIB);
    assert_int_equal(elea_pool_bytes_kept(NULL), kept_if_any(48 * MIB));
    // The smallest that suffices is taken: not what was kept of the first.
    void *other = taken(48 * MIB), *small = taken(8 * MIB);
    elea_dealloc(NULL, other, 48 * MIB);
    elea_dealloc(NULL, small, 8 * MIB);
    void *again = taken(8 * MIB);
    if (keeps())
        assert_ptr_equal(again, small);
    elea_dealloc(NULL, again, 8 * MIB);
    elea_dealloc(NULL, front, 16 * MIB);
    // Too small ones stay where they are; the system gives large pages, of which the rest is kept.
    int64_t kept = elea_pool_bytes_kept(NULL);
    void *large = taken(100 * MIB + 1);
    assert_int_equal(elea_pool_bytes_kept(NULL), kept + kept_if_any(2 * MIB - MIB / 4));
    elea_dealloc(NULL, large, 100 * MIB + 1);
    assert_true(elea_pool_bytes_kept(NULL) >= kept_if_any(100 * MIB + 1));
}

static void assert_bytes(const uint8_t *block, int64_t begin, int64_t end, uint8_t value) {
    for (int64_t i = begin; i < end; i += 4096)
        assert_int_equal(block[i], value);
    assert_int_equal(block[end - 1], value);
}

static void blocks_grow_into_what_is_kept_behind(void **state) {
    (void)state;
    elea_error err;
    elea_dealloc(NULL, taken(64 * MIB), 64 * MIB);
    void *block = taken(8 * MIB), *before = block;
    for (int64_t size = 8 * MIB; size < 64 * MIB; size *= 2) {
        assert_ok(elea_realloc(NULL, size, size * 2, &block, &err));
        if (keeps())
            assert_ptr_equal(block, before);
        assert_bytes(block, 0, size, 0xA5);
        memset(block, 0xA5, (size_t)(size * 2));
        assert_int_equal(elea_pool_bytes_kept(NULL), kept_if_any(64 * MIB - size * 2));
    }
    elea_dealloc(NULL, block, 64 * MIB);
}

static void blocks_grow_into_what_is_kept_elsewhere(void **state) {
    (void)state;
    elea_error err;
    void *block = taken(8 * MIB), *large = taken(40 * MIB);
    memset(block, 7, (size_t)(8 * MIB));
    elea_dealloc(NULL, large, 40 * MIB);
    assert_ok(elea_realloc(NULL, 8 * MIB, 24 * MIB, &block, &err));
    if (keeps())
        assert_ptr_equal(block, large);
    assert_bytes(block, 0, 8 * MIB, 7);
    assert_bytes(block, 8 * MIB, 24 * MIB, keeps() ? 0xA5 : ((uint8_t *)block)[8 * MIB]);
    assert_int_equal(elea_pool_bytes_kept(NULL), kept_if_any(24 * MIB));
    // Nothing that is kept suffices: the system finds more.
    assert_ok(elea_realloc(NULL, 24 * MIB, 90 * MIB, &block, &err));
    assert_bytes(block, 0, 8 * MIB, 7);
    memset(block, 8, (size_t)(90 * MIB));
    elea_dealloc(NULL, block, 90 * MIB);
}

static void kept_neighbours_are_one(void **state) {
    (void)state;
    enum { COUNT = 6 };
    static const int order[COUNT] = {1, 4, 0, 5, 3, 2};
    elea_dealloc(NULL, taken(COUNT * 8 * MIB), COUNT * 8 * MIB);
    void *parts[COUNT];
    for (int i = 0; i < COUNT; i++)
        parts[i] = taken(8 * MIB);
    assert_int_equal(elea_pool_bytes_kept(NULL), 0);
    for (int i = 0; i < COUNT; i++)
        elea_dealloc(NULL, parts[order[i]], 8 * MIB);
    void *whole = taken(COUNT * 8 * MIB);
    assert_int_equal(elea_pool_bytes_kept(NULL), 0);
    if (keeps())
        assert_ptr_equal(whole, parts[0]);
    elea_dealloc(NULL, whole, COUNT * 8 * MIB);
}

// Pages that the system gave in parts, one beside the other or not, are moved as one.
static void parts_of_the_system_grow_together(void **state) {
    (void)state;
    enum { COUNT = 4 };
    elea_error err;
    uint8_t *parts[COUNT];
    for (int i = 0; i < COUNT; i++)
        parts[i] = taken(8 * MIB);
    for (int i = 0; i < COUNT; i++)
        elea_dealloc(NULL, parts[i], 8 * MIB);
    void *block = taken(16 * MIB), *wall = taken(16 * MIB);
    memset(block, 3, (size_t)(16 * MIB));
    assert_ok(elea_realloc(NULL, 16 * MIB, 72 * MIB, &block, &err));
    assert_bytes(block, 0, 16 * MIB, 3);
    memset(block, 4, (size_t)(72 * MIB));
    elea_dealloc(NULL, wall, 16 * MIB);
    elea_dealloc(NULL, block, 72 * MIB);
}

static void the_end_of_a_block_is_kept(void **state) {
    (void)state;
    elea_error err;
    void *block = taken(64 * MIB);
    assert_ok(elea_realloc(NULL, 64 * MIB, 20 * MIB, &block, &err));
    assert_int_equal(elea_pool_bytes_kept(NULL), kept_if_any(44 * MIB));
    void *other = taken(44 * MIB);
    for (int64_t i = 0; i < 20 * MIB; i += 4096)
        assert_int_equal(((uint8_t *)block)[i], 0xA5);
    memset(block, 1, (size_t)(20 * MIB));
    assert_int_equal(((uint8_t *)other)[0], 0xA5);
    elea_dealloc(NULL, other, 44 * MIB);
    elea_dealloc(NULL, block, 20 * MIB);
}

static void how_much_is_kept_can_be_said(void **state) {
    (void)state;
    elea_error err;
    void *blocks[3] = {taken(16 * MIB), taken(16 * MIB), taken(16 * MIB)};
    assert_fails(ELEA_EINVAL, "cannot keep -1 bytes", elea_pool_kept_max_set(NULL, -1, &err));
    assert_ok(elea_pool_kept_max_set(NULL, 40 * MIB, &err));
    for (int i = 0; i < 3; i++)
        elea_dealloc(NULL, blocks[i], 16 * MIB);
    assert_int_equal(elea_pool_bytes_kept(NULL), kept_if_any(40 * MIB));
    // What was freed last takes the place of the others.
    void *last = taken(40 * MIB - 1);
    elea_dealloc(NULL, last, 40 * MIB - 1);
    assert_int_equal(elea_pool_bytes_kept(NULL), kept_if_any(40 * MIB));
    void *again = taken(40 * MIB);
    if (keeps())
        assert_ptr_equal(again, last);
    elea_dealloc(NULL, again, 40 * MIB);
    assert_ok(elea_pool_kept_max_set(NULL, 20 * MIB + 1, &err));
    assert_int_equal(elea_pool_bytes_kept(NULL), kept_if_any(20 * MIB));
    elea_dealloc(NULL, taken(40 * MIB), 40 * MIB);
    assert_int_equal(elea_pool_bytes_kept(NULL), kept_if_any(20 * MIB));
    assert_ok(elea_pool_kept_max_set(NULL, 0, &err));
    assert_int_equal(elea_pool_bytes_kept(NULL), 0);
    elea_dealloc(NULL, taken(16 * MIB), 16 * MIB);
    assert_int_equal(elea_pool_bytes_kept(NULL), 0);
}

static void more_blocks_than_places(void **state) {
    (void)state;
    enum { COUNT = 2400 };
    elea_error err;
    void *blocks[COUNT];
    assert_ok(elea_pool_kept_max_set(NULL, COUNT * 2 * MIB, &err));
    for (int i = 0; i < COUNT; i++)
        assert_ok(elea_alloc(NULL, 1 * MIB, &blocks[i], &err));
    // Every other one first: none has a neighbour.
    for (int i = 0; i < COUNT; i++)
        elea_dealloc(NULL, blocks[(2 * i) % COUNT + (2 * i) / COUNT], 1 * MIB);
    int64_t kept = elea_pool_bytes_kept(NULL);
    assert_true(kept > 0 || !keeps());
    assert_true(kept <= COUNT * 2 * MIB);
    assert_int_equal(elea_pool_trim(NULL), kept);
    assert_int_equal(elea_pool_bytes_kept(NULL), 0);
}

// Blocks of any size lie in large pages, and none in another; growing moves their bytes.
static void blocks_of_all_sizes(void **state) {
    (void)state;
    enum { COUNT = 24, ROUNDS = 400 };
    elea_error err;
    void *blocks[COUNT] = {NULL};
    int64_t sizes[COUNT] = {0};
    uint32_t random = 1;
    for (int round = 0; round < ROUNDS; round++) {
        random = random * 1664525 + 1013904223;
        int i = (int)(random >> 8) % COUNT;
        int64_t size = (int64_t)(random >> 12) % (5 * MIB);
        assert_ok(elea_realloc(NULL, sizes[i], size, &blocks[i], &err));
        int64_t same = size < sizes[i] ? size : sizes[i];
        if (same > 0)
            assert_bytes(blocks[i], 0, same, (uint8_t)i);
        if (size > 0)
            memset(blocks[i], i, (size_t)size);
        sizes[i] = size;
    }
    for (int i = 0; i < COUNT; i++) {
        if (sizes[i] > 0)
            assert_bytes(blocks[i], 0, sizes[i], (uint8_t)i);
        elea_dealloc(NULL, blocks[i], sizes[i]);
    }
    int64_t kept = elea_pool_bytes_kept(NULL);
    assert_true(kept <= 256 * MIB);
    assert_int_equal(elea_pool_trim(NULL), kept);
}

static void *own_alloc(elea_pool *pool, int64_t size) {
    (void)pool;
    return aligned_alloc(64, (size_t)size);
}
static void own_free(elea_pool *pool, void *block, int64_t size) {
    (void)pool;
    (void)size;
    free(block);
}

static void other_pools(void **state) {
    (void)state;
    static const elea_pool_ops ops = {own_alloc, NULL, own_free, "own"};
    elea_error err;
    elea_pool own = {.ops = &ops};
    elea_pool *capped, *failing;
    void *block;
    // A cap counts what is given, not what is kept.
    assert_ok(elea_pool_new_capped(NULL, 20 * MIB, &capped, &err));
    assert_ok(elea_pool_new_failing(capped, 0, false, &failing, &err));
    for (int i = 0; i < 3; i++) {
        assert_ok(elea_alloc(failing, 20 * MIB - 4096, &block, &err));
        assert_in_range(capped->bytes_allocated, 20 * MIB - 4096, 20 * MIB);
        elea_dealloc(failing, block, 20 * MIB - 4096);
    }
    assert_int_equal(elea_pool_bytes_kept(failing), kept_if_any(20 * MIB));
    assert_ok(elea_pool_kept_max_set(failing, 0, &err));
    assert_int_equal(elea_pool_trim(failing), 0);
    elea_pool_free(failing);
    elea_pool_free(capped);
    assert_int_equal(elea_pool_bytes_kept(&own), 0);
    assert_int_equal(elea_pool_trim(&own), 0);
    assert_fails(ELEA_EUNSUPPORTED, "the own pool keeps no memory",
                 elea_pool_kept_max_set(&own, 1, &err));
}

// ---- threads

typedef struct contest {
    int seed;
    int broken;
} contest;

// Marks each page with its owner and looks again before giving it back.
static void take_mark_give(void *context) {
    contest *self = context;
    uint32_t state = (uint32_t)self->seed;
    for (int round = 0; round < 150; round++) {
        state = state * 1664525u + 1013904223u;
        int64_t size = 8 * MIB + (int64_t)(state >> 8) % (24 * MIB);
        void *block = NULL;
        if (elea_alloc(NULL, size, &block, NULL) != ELEA_OK)
            continue;
        int *marks = block;
        int64_t count = size / (int64_t)sizeof(int);
        int64_t step = MIB / (int64_t)sizeof(int) / 2;
        for (int64_t i = 0; i < count; i += step)
            marks[i] = self->seed;
        if (round % 3 == 0 &&
            elea_realloc(NULL, size, size / 2 + 4 * MIB, &block, NULL) == ELEA_OK) {
            size = size / 2 + 4 * MIB;
            marks = block;
            count = size / (int64_t)sizeof(int);
        }
        for (int64_t i = 0; i < count; i += step)
            self->broken += marks[i] != self->seed;
        elea_dealloc(NULL, block, size);
        if (round % 50 == 49)
            (void)elea_pool_trim(NULL);
    }
}

static void threads_take_and_give(void **state) {
    (void)state;
    enum { THREADS = 4 };
    elea_error err;
    elea__os_thread threads[THREADS];
    contest contests[THREADS];
    int64_t before = elea_pool_default()->bytes_allocated;
    assert_ok(elea_pool_kept_max_set(NULL, 64 * MIB, &err));
    for (int i = 0; i < THREADS; i++) {
        contests[i] = (contest){.seed = i + 1};
        assert_ok(elea__os_thread_start(take_mark_give, &contests[i], &threads[i], &err));
    }
    for (int i = 0; i < THREADS; i++) {
        elea__os_thread_join(threads[i]);
        assert_int_equal(contests[i].broken, 0);
    }
    assert_int_equal(elea_pool_default()->bytes_allocated, before);
    assert_in_range(elea_pool_bytes_kept(NULL), 0, 64 * MIB);
    (void)elea_pool_trim(NULL);
    assert_int_equal(elea_pool_bytes_kept(NULL), 0);
}

// ---- the environment, which is read once: in a process of its own

static int print_kept(void) {
    elea_dealloc(NULL, taken(32 * MIB), 32 * MIB);
    elea_dealloc(NULL, taken(32 * MIB), 32 * MIB);
    printf("%lld", (long long)elea_pool_bytes_kept(NULL));
    return 0;
}

static int64_t kept_with(const char *program, const char *value) {
    char command[4096];
    char line[64] = "";
    snprintf(command, sizeof command, "ELEA_POOL_KEPT_MAX='%s' '%s' kept", value, program);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    assert_non_null(fgets(line, sizeof line, pipe));
    assert_int_equal(pclose(pipe), 0);
    return strtoll(line, NULL, 10);
}

static void the_environment_is_heard(void **state) {
    const char *program = *state;
    assert_int_equal(kept_with(program, "0"), 0);
    assert_int_equal(kept_with(program, "33554432"), kept_if_any(32 * MIB));
    assert_int_equal(kept_with(program, "1000"), 0);
    // What is no number counts for nothing.
    assert_int_equal(kept_with(program, "-1"), kept_if_any(32 * MIB));
    assert_int_equal(kept_with(program, "much"), kept_if_any(32 * MIB));
    assert_int_equal(kept_with(program, ""), kept_if_any(32 * MIB));
}

int main(int argc, char **argv) {
    if (argc > 1)
        return print_kept();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(freed_blocks_come_again, begin),
        cmocka_unit_test_setup(blocks_are_cut_and_grow, begin),
        cmocka_unit_test_setup(blocks_grow_into_what_is_kept_behind, begin),
        cmocka_unit_test_setup(blocks_grow_into_what_is_kept_elsewhere, begin),
        cmocka_unit_test_setup(kept_neighbours_are_one, begin),
        cmocka_unit_test_setup(parts_of_the_system_grow_together, begin),
        cmocka_unit_test_setup(the_end_of_a_block_is_kept, begin),
        cmocka_unit_test_setup(how_much_is_kept_can_be_said, begin),
        cmocka_unit_test_setup(more_blocks_than_places, begin),
        cmocka_unit_test_setup(blocks_of_all_sizes, begin),
        cmocka_unit_test_setup(other_pools, begin),
        cmocka_unit_test_setup(threads_take_and_give, begin),
        cmocka_unit_test_prestate(the_environment_is_heard, argv[0]),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
//
// Arenas by themselves and on shelves: what they keep, when blocks go, how blocks grow.
#include "base/arena_internal.h"

#include <string.h>

#include "base/buffer_internal.h"
#include "base/pool_internal.h"
#include "support/cmocka_all.h"

#if defined(ELEA__POOL_SANITIZED)
#include <sanitizer/asan_interface.h>
#endif

static int64_t allocated(void) { return elea_pool_default()->bytes_allocated; }

static elea__arena *arena_of(elea__shelf *shelf, int64_t size) {
    elea_error err;
    elea__arena *arena = NULL;
    assert_ok(elea__arena_new(NULL, shelf, size, &arena, &err));
    assert_int_equal((uintptr_t)arena % ELEA_ALIGNMENT, 0);
    assert_int_equal(arena->size, size);
    assert_null(arena->kept[0]);
    assert_null(arena->kept[1]);
    memset(arena + 1, 0x5A, (size_t)size);
    return arena;
}

static void an_arena_keeps_and_lets_go(void **state) {
    (void)state;
    elea_error err;
    int64_t before = allocated();
    elea__arena_unref(NULL);
    elea__arena *arena = arena_of(NULL, 100);
    assert_ok(elea_buffer_new(NULL, 10, &arena->kept[0], &err));
    elea_buffer *view = (elea_buffer *)(arena + 1);
    elea__buffer_init_in_arena(view, arena, elea_buffer_data(arena->kept[0]), 10);
    elea__arena_unref(arena);
    assert_true(allocated() > before);
    assert_int_equal(elea_buffer_size(view), 10);
    elea_buffer_unref(view);
    assert_int_equal(allocated(), before);
    assert_fails(ELEA_ECAPACITY, "too large", elea__arena_new(NULL, NULL, INT64_MAX, &arena, &err));
}

static void arenas_lie_behind_each_other(void **state) {
    (void)state;
    int64_t before = allocated();
    elea__shelf shelf = {.block = NULL};
    elea__arena *first = arena_of(&shelf, 100);
    int64_t with_one = allocated();
    elea__arena *second = arena_of(&shelf, 1);
    elea__arena *third = arena_of(&shelf, 0);
    assert_int_equal(allocated(), with_one);
    assert_ptr_equal((char *)second, (char *)first + 3 * ELEA_ALIGNMENT);
    assert_ptr_equal((char *)third, (char *)second + 2 * ELEA_ALIGNMENT);
    for (int i = 0; i < 100; i++)
        assert_int_equal(((uint8_t *)(first + 1))[i], 0x5A);
    // The shelf may go before its arenas.
    elea__shelf_release(&shelf);
    assert_null(shelf.block);
    elea__arena_unref(second);
    elea__arena_unref(first);
    assert_int_equal(allocated(), with_one);
    elea__arena_unref(third);
    assert_int_equal(allocated(), before);
    elea__shelf_release(&shelf);
}

// Who drops each before the next, or keeps a few, has one small block.
static void a_block_is_begun_anew(void **state) {
    (void)state;
    elea__shelf shelf = {.block = NULL};
    elea__arena *first = arena_of(&shelf, 1000);
    int64_t with_one = allocated();
    elea__arena_unref(first);
    for (int i = 0; i < 100; i++) {
        elea__arena *next = arena_of(&shelf, 1000);
        assert_ptr_equal(next, first);
        assert_int_equal(allocated(), with_one);
        elea__arena_unref(next);
    }
    elea__arena *last = arena_of(&shelf, 1000);
    int64_t most = 0;
    for (int i = 0; i < 1000; i++) {
        elea__arena *next = arena_of(&shelf, 1000);
        elea__arena_unref(last);
        last = next;
        most = most < allocated() ? allocated() : most;
    }
    assert_in_range(most - with_one, 0, 64 << 10);
    elea__arena_unref(last);
    elea__shelf_release(&shelf);
}

static void blocks_grow_where_arenas_stay(void **state) {
    (void)state;
    enum { COUNT = 5000, SIZE = 1000 };
    static elea__arena *arenas[COUNT];
    int64_t before = allocated(), count = elea_pool_default()->allocation_count;
    elea__shelf shelf = {.block = NULL};
    for (int i = 0; i < COUNT; i++)
        arenas[i] = arena_of(&shelf, SIZE);
    assert_in_range(elea_pool_default()->allocation_count - count, 1, 20);
    assert_in_range(allocated() - before, COUNT * SIZE, 4 * COUNT * SIZE);
    // Every other first: none of the memory is given to two.
    for (int i = 0; i < COUNT; i++) {
        elea__arena *arena = arenas[(2 * i) % COUNT + (2 * i) / COUNT];
        assert_int_equal(((uint8_t *)(arena + 1))[SIZE - 1], 0x5A);
        elea__arena_unref(arena);
    }
    elea__shelf_release(&shelf);
    assert_int_equal(allocated(), before);
}

static void large_arenas_lie_by_themselves(void **state) {
    (void)state;
    int64_t before = allocated();
    elea__shelf shelf = {.block = NULL};
    elea__arena *large = arena_of(&shelf, 1 << 20);
    assert_null(shelf.block);
    elea__arena *middle = arena_of(&shelf, 200000);
    assert_non_null(shelf.block);
    elea__arena_unref(large);
    elea__arena_unref(middle);
    elea__shelf_release(&shelf);
    assert_int_equal(allocated(), before);
}

// There is memory for an arena, and none for a block with room to spare.
static void an_arena_does_without_a_shelf(void **state) {
    (void)state;
    elea_error err;
    elea_pool *pool = NULL;
    elea__shelf shelf = {.block = NULL};
    elea__arena *arena = NULL, *other = NULL;
    assert_ok(elea_pool_new_capped(NULL, 1024, &pool, &err));
    assert_ok(elea__arena_new(pool, &shelf, 500, &arena, &err));
    assert_null(shelf.block);
    assert_fails(ELEA_ENOMEM, "cannot allocate", elea__arena_new(pool, &shelf, 500, &other, &err));
    elea__arena_unref(arena);
    elea__shelf_release(&shelf);
    elea_pool_free(pool);
}

#if defined(ELEA__POOL_SANITIZED)
// The sanitizer is told of what may not be touched.
static void what_is_not_given_is_forbidden(void **state) {
    (void)state;
    elea__shelf shelf = {.block = NULL};
    elea__arena *first = arena_of(&shelf, 100), *second = arena_of(&shelf, 100);
    assert_null(__asan_region_is_poisoned(second, 64 + 100));
    assert_non_null(__asan_region_is_poisoned(second + 3, 64));
    elea__arena_unref(first);
    assert_ptr_equal(__asan_region_is_poisoned(first, 64), first);
    assert_null(__asan_region_is_poisoned(second, 64 + 100));
    elea__arena_unref(second);
    assert_ptr_equal(__asan_region_is_poisoned(second, 64), second);
    first = arena_of(&shelf, 100);
    assert_null(__asan_region_is_poisoned(first, 64 + 100));
    elea__arena_unref(first);
    elea__shelf_release(&shelf);
}
#endif

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_arena_keeps_and_lets_go),
        cmocka_unit_test(arenas_lie_behind_each_other),
        cmocka_unit_test(a_block_is_begun_anew),
        cmocka_unit_test(blocks_grow_where_arenas_stay),
        cmocka_unit_test(large_arenas_lie_by_themselves),
        cmocka_unit_test(an_arena_does_without_a_shelf),
#if defined(ELEA__POOL_SANITIZED)
        cmocka_unit_test(what_is_not_given_is_forbidden),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

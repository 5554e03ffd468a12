// SPDX-License-Identifier: Apache-2.0
//
// Ranges read in the background by threads, on a file that keeps a list of its reads.
#include <elea/io.h>

#include <sched.h>
#include <stdlib.h>

#include "base/os_internal.h"
#include "support/alloc_failures.h"
#include "support/busy_thread.h"
#include "support/cmocka_all.h"
#include "support/random.h"

#define SIZE 200000

static uint8_t bytes[SIZE];

static int set_up(void **state) {
    (void)state;
    uint64_t seed = 77;
    elea_test_random_fill(&seed, bytes, SIZE);
    return 0;
}

// ---- a file that counts its reads, and fails where it is told to

typedef struct counted {
    elea_file base;
    int reads;        // atomic
    int64_t fails_at; // -1: nowhere
} counted;

static elea_status counted_read_at(elea_file *file, int64_t offset, int64_t size, void *out,
                                   elea_error *err) {
    counted *self = (counted *)file;
    __atomic_add_fetch(&self->reads, 1, __ATOMIC_ACQ_REL);
    if (self->fails_at >= offset && self->fails_at < offset + size)
        return elea_error_set(err, ELEA_EIO, "a scratch at %lld", (long long)self->fails_at);
    memcpy(out, bytes + offset, (size_t)size);
    return ELEA_OK;
}

static void counted_free(elea_file *file) { elea_dealloc(file->pool, file, sizeof(counted)); }

static elea_status counted_new(int64_t fails_at, elea_pool *pool, counted **out, elea_error *err) {
    static const elea_file_ops ops = {.read_at = counted_read_at, .free = counted_free};
    void *block;
    ELEA_TRY(elea_alloc_zero(pool, sizeof(counted), &block, err));
    counted *self = block;
    elea_status status = elea_file_init(&self->base, &ops, pool, "counted", SIZE, err);
    if (status != ELEA_OK) {
        elea_dealloc(pool, self, sizeof *self);
        return status;
    }
    self->fails_at = fails_at;
    *out = self;
    return ELEA_OK;
}

static int reads_of(const counted *file) { return __atomic_load_n(&file->reads, __ATOMIC_ACQUIRE); }

typedef struct fixture {
    counted *file;
    elea_thread_pool *threads;
    elea_range_cache *cache;
} fixture;

static fixture fixture_new(int workers, int64_t fails_at, elea_range_cache_options options) {
    elea_error err;
    fixture made = {0};
    assert_ok(elea_thread_pool_new(NULL, workers, &made.threads, &err));
    assert_ok(counted_new(fails_at, NULL, &made.file, &err));
    options.threads = made.threads;
    assert_ok(elea_range_cache_new(&made.file->base, &options, NULL, &made.cache, &err));
    return made;
}

static void fixture_free(fixture *made) {
    elea_range_cache_free(made->cache);
    elea_file_unref(&made->file->base);
    elea_thread_pool_free(made->threads);
}

static void check_read(elea_range_cache *cache, int64_t offset, int64_t size) {
    elea_error err;
    elea_buffer *buffer;
    assert_ok(elea_range_cache_read(cache, (elea_file_range){offset, size}, &buffer, &err));
    assert_int_equal(elea_buffer_size(buffer), size);
    if (size > 0)
        assert_memory_equal(elea_buffer_data(buffer), bytes + offset, size);
    elea_buffer_unref(buffer);
}

static void test_reads_once(void **state) {
    (void)state;
    elea_error err;
    const elea_file_range first[] = {{100, 50}, {150, 10}, {20000, 100}, {7, 0}};
    const elea_file_range second[] = {{120000, 500}, {60000, 5}};
    for (int workers = 1; workers <= 4; workers++) {
        fixture made = fixture_new(workers, -1, (elea_range_cache_options){0});
        elea_file_range outside = {SIZE - 1, 2};
        assert_fails(ELEA_EINDEX, "it has 200000",
                     elea_range_cache_add(made.cache, &outside, 1, &err));
        assert_ok(elea_range_cache_add(made.cache, first, 4, &err));
        check_read(made.cache, 20000, 100);
        assert_ok(elea_range_cache_add(made.cache, second, 2, &err));
        assert_ok(elea_range_cache_add(made.cache, second, 0, &err));
        check_read(made.cache, 120499, 1);
        check_read(made.cache, 100, 60);
        check_read(made.cache, 7, 0);
        assert_ok(elea_range_cache_wait(made.cache, &err));
        assert_int_equal(reads_of(made.file), 4);
        int64_t before = elea_copied_bytes();
        check_read(made.cache, 140, 20);
        check_read(made.cache, 60000, 5);
        assert_int_equal(elea_copied_bytes(), before);
        assert_int_equal(reads_of(made.file), 4);
        elea_buffer *none = NULL;
        const elea_file_range unknown[] = {{90, 20}, {150, 11}, {0, 1}, {SIZE - 1, 1}};
        for (int i = 0; i < 4; i++)
            assert_fails(ELEA_EINVAL, "not announced",
                         elea_range_cache_read(made.cache, unknown[i], &none, &err));
        assert_fails(ELEA_EINDEX, "it has 200000",
                     elea_range_cache_read(made.cache, outside, &none, &err));
        fixture_free(&made);
    }
}

// Threads read without being asked; with one worker nothing is read before.
static void test_background(void **state) {
    (void)state;
    elea_error err;
    const elea_file_range ranges[] = {{0, 10}, {50000, 10}, {100000, 10}};
    for (int workers = 1; workers <= 2; workers++) {
        fixture made = fixture_new(workers, -1, (elea_range_cache_options){0});
        assert_ok(elea_range_cache_add(made.cache, ranges, 3, &err));
        while (workers == 2 && reads_of(made.file) < 3)
            sched_yield();
        for (int i = 0; i < 3; i++)
            check_read(made.cache, ranges[i].offset, ranges[i].size);
        assert_int_equal(reads_of(made.file), 3);
        fixture_free(&made);
    }
}

// A thread that has no time delays nothing.
static void test_without_time(void **state) {
    (void)state;
    elea_error err;
    elea_test_busy_thread busy;
    elea_range_cache *cache;
    counted *file = NULL;
    const elea_file_range ranges[] = {{0, 10}, {50000, 10}, {100000, 10}};
    const elea_range_cache_options options = {.threads = elea_test_busy_thread_init(&busy)};
    assert_ok(counted_new(-1, NULL, &file, &err));
    for (int round = 0; round < 3; round++) {
        assert_ok(elea_range_cache_new(&file->base, &options, NULL, &cache, &err));
        assert_ok(elea_range_cache_add(cache, ranges, 3, &err));
        check_read(cache, 50000, 10);
        if (round > 0)
            assert_ok(elea_range_cache_wait(cache, &err));
        elea_range_cache_free(cache);
    }
    assert_int_equal(reads_of(file), 1 + 3 + 3);
    elea_file_unref(&file->base);
    elea_test_busy_thread_release(&busy);
}

static void test_lazy(void **state) {
    (void)state;
    elea_error err;
    elea_file_range ranges[10];
    for (int i = 0; i < 10; i++)
        ranges[i] = (elea_file_range){i * 20000, 10};
    fixture made = fixture_new(2, -1, (elea_range_cache_options){.lazy = true});
    assert_ok(elea_range_cache_add(made.cache, ranges, 10, &err));
    for (int i = 0; i < 1000; i++)
        sched_yield();
    assert_int_equal(reads_of(made.file), 0);
    check_read(made.cache, 60000, 10);
    assert_int_equal(reads_of(made.file), 1);
    assert_ok(elea_range_cache_wait(made.cache, &err));
    assert_int_equal(reads_of(made.file), 10);
    fixture_free(&made);

    made = fixture_new(2, -1, (elea_range_cache_options){.lazy = true, .prefetch_max = 3});
    assert_ok(elea_range_cache_add(made.cache, ranges, 10, &err));
    check_read(made.cache, 20000, 10);
    while (reads_of(made.file) < 4)
        sched_yield();
    check_read(made.cache, 80000, 10); // the last of the three
    while (reads_of(made.file) < 7)
        sched_yield();
    for (int i = 0; i < 1000; i++)
        sched_yield();
    assert_int_equal(reads_of(made.file), 7);
    check_read(made.cache, 180000, 10); // nothing follows
    assert_int_equal(reads_of(made.file), 8);
    fixture_free(&made);
}

static void test_failure(void **state) {
    (void)state;
    elea_error err;
    const elea_file_range ranges[] = {{0, 10}, {50000, 10}, {100000, 10}};
    for (int workers = 1; workers <= 3; workers++) {
        elea_buffer *none = NULL;
        fixture made = fixture_new(workers, 50005, (elea_range_cache_options){0});
        assert_ok(elea_range_cache_add(made.cache, ranges, 3, &err));
        assert_fails(ELEA_EIO, "a scratch at 50005", elea_range_cache_wait(made.cache, &err));
        for (int i = 0; i < 2; i++)
            assert_fails(ELEA_EIO, "a scratch at 50005",
                         elea_range_cache_read(made.cache, ranges[1], &none, &err));
        assert_null(none);
        check_read(made.cache, 0, 10);
        check_read(made.cache, 100000, 10);
        fixture_free(&made);
    }
}

static void test_refused(void **state) {
    (void)state;
    elea_error err;
    counted *file = NULL;
    elea_range_cache *cache = NULL;
    const elea_range_cache_options wrong[] = {
        {.hole_max = -2}, {.range_max = -1}, {.prefetch_max = -1}};
    assert_ok(counted_new(-1, NULL, &file, &err));
    for (int i = 0; i < 3; i++)
        assert_fails(ELEA_EINVAL, "counted",
                     elea_range_cache_new(&file->base, &wrong[i], NULL, &cache, &err));
    elea_range_cache_options options;
    elea_range_cache_options_init(&options);
    assert_ok(elea_range_cache_new(&file->base, &options, NULL, &cache, &err));
    assert_ok(elea_range_cache_wait(cache, &err));
    elea_range_cache_free(cache);
    assert_ok(elea_range_cache_new(&file->base, NULL, NULL, &cache, &err));
    assert_ok(elea_range_cache_add(cache, &(elea_file_range){5, 5}, 1, &err));
    check_read(cache, 6, 4);
    elea_range_cache_free(cache);
    elea_range_cache_free(NULL);
    elea_file_unref(&file->base);
}

// Freed while threads are at it, or before they begin; the file is slow, so that they are.
static void test_freed_early(void **state) {
    (void)state;
    elea_error err;
    elea_thread_pool *threads;
    counted *file = NULL;
    elea_file *slow;
    elea_file_range ranges[50];
    assert_ok(elea_thread_pool_new(NULL, 3, &threads, &err));
    assert_ok(counted_new(-1, NULL, &file, &err));
    assert_ok(elea_file_new_slow(&file->base, &(elea_slow_options){.latency_ns = 50000}, NULL,
                                 &slow, &err));
    for (int i = 0; i < 50; i++)
        ranges[i] = (elea_file_range){i * 4000, 100};
    for (int round = 0; round < 50; round++) {
        elea_range_cache *cache;
        const elea_range_cache_options options = {
            .hole_max = -1, .threads = threads, .lazy = round % 3 == 0, .prefetch_max = round % 5};
        assert_ok(elea_range_cache_new(slow, &options, NULL, &cache, &err));
        assert_ok(elea_range_cache_add(cache, ranges, 50, &err));
        for (int i = 0; i < round % 7; i++)
            check_read(cache, ranges[(i * 17 + round) % 50].offset, 100);
        elea_range_cache_free(cache);
    }
    elea_file_unref(slow);
    elea_file_unref(&file->base);
    elea_thread_pool_free(threads);
}

// Several threads ask one cache, one that is filled meanwhile.
typedef struct crowd {
    elea_range_cache *cache;
    int wrong; // atomic
} crowd;

static elea_status ask(void *context, int64_t begin, int64_t end, int worker, elea_error *err) {
    (void)worker;
    crowd *all = context;
    for (int64_t i = begin; i < end; i++) {
        elea_buffer *buffer = NULL;
        elea_file_range range = {i % 100 * 2000, 1500};
        ELEA_TRY(elea_range_cache_add(all->cache, &range, 1, err));
        range.offset += i % 7;
        range.size -= 7;
        ELEA_TRY(elea_range_cache_read(all->cache, range, &buffer, err));
        if (memcmp(elea_buffer_data(buffer), bytes + range.offset, (size_t)range.size) != 0)
            __atomic_add_fetch(&all->wrong, 1, __ATOMIC_RELAXED);
        elea_buffer_unref(buffer);
        if (i % 50 == 0)
            ELEA_TRY(elea_range_cache_wait(all->cache, err));
    }
    return ELEA_OK;
}

static void test_from_threads(void **state) {
    (void)state;
    elea_error err;
    elea_thread_pool *askers;
    assert_ok(elea_thread_pool_new(NULL, 3, &askers, &err));
    fixture made = fixture_new(3, -1, (elea_range_cache_options){0});
    crowd all = {.cache = made.cache};
    assert_ok(elea_thread_pool_for(askers, 400, 1, ask, &all, NULL, &err));
    assert_int_equal(all.wrong, 0);
    fixture_free(&made);
    elea_thread_pool_free(askers);
}

// ---- slow files and streams

static void test_slow(void **state) {
    (void)state;
    elea_error err;
    elea_file *slow;
    elea_input_stream *stream;
    elea_buffer *buffer, *view;
    uint8_t out[100];
    const elea_slow_options options = {.latency_ns = 4000000, .seed = 3};
    assert_ok(elea_buffer_wrap(NULL, bytes, SIZE, NULL, NULL, &buffer, &err));
    elea_file *file;
    assert_ok(elea_file_new_from_buffer(buffer, "quick", NULL, &file, &err));
    assert_ok(elea_file_new_slow(file, &options, NULL, &slow, &err));
    assert_false(elea_file_has_views(slow));
    assert_string_equal(elea_file_name(slow), "quick");
    int64_t begin = elea__os_clock_monotonic_ns();
    for (int i = 0; i < 5; i++)
        assert_ok(elea_file_read_at(slow, i * 100, 100, out, &err));
    assert_true(elea__os_clock_monotonic_ns() - begin >= 5 * 2000000);
    assert_memory_equal(out, bytes + 400, 100);
    assert_ok(elea_input_stream_new_from_file(slow, 0, -1, NULL, &stream, &err));
    assert_ok(elea_input_stream_new_slow(stream, &options, NULL, &stream, &err));
    begin = elea__os_clock_monotonic_ns();
    assert_ok(elea_input_stream_skip(stream, 1000, NULL, &err));
    assert_ok(elea_input_stream_view_exactly(stream, SIZE - 1000, &view, &err));
    assert_true(elea__os_clock_monotonic_ns() - begin >= 3 * 2000000);
    assert_memory_equal(elea_buffer_data(view), bytes + 1000, SIZE - 1000);
    assert_fails(
        ELEA_EINVAL, "-1 ns",
        elea_file_new_slow(file, &(elea_slow_options){.latency_ns = -1}, NULL, &slow, &err));
    assert_fails(ELEA_EINVAL, "-1 ns",
                 elea_input_stream_new_slow(stream, &(elea_slow_options){.latency_ns = -1}, NULL,
                                            &stream, &err));
    elea_input_stream_free(stream);
    elea_file_unref(slow);
    elea_slow_options none;
    elea_slow_options_init(&none);
    assert_ok(elea_file_new_slow(file, &none, NULL, &slow, &err));
    assert_ok(elea_file_read_at(slow, 0, 100, out, &err));
    elea_file_unref(slow);
    elea_file_unref(file);
    elea_buffer_unref(view);
    elea_buffer_unref(buffer);
}

static elea_status fill_cache(elea_pool *pool, void *context, elea_error *err) {
    elea_status status = ELEA_OK;
    counted *file = NULL;
    elea_file *slow = NULL;
    elea_input_stream *stream = NULL;
    elea_range_cache *cache = NULL;
    elea_buffer *buffer = NULL;
    const elea_file_range ranges[] = {{50000, 10}, {0, 10}, {3, 3}, {100000, 10}};
    const elea_range_cache_options options = {.threads = context};
    ELEA_GOTO(done, counted_new(-1, pool, &file, err));
    ELEA_GOTO(done, elea_file_new_slow(&file->base, NULL, pool, &slow, err));
    ELEA_GOTO(done, elea_input_stream_new_from_file(slow, 0, -1, pool, &stream, err));
    elea_input_stream *next = NULL;
    ELEA_GOTO(done, elea_input_stream_new_slow(stream, NULL, pool, &next, err));
    stream = next;
    ELEA_GOTO(done, elea_range_cache_new(slow, &options, pool, &cache, err));
    ELEA_GOTO(done, elea_range_cache_add(cache, ranges, 2, err));
    ELEA_GOTO(done, elea_range_cache_add(cache, ranges + 2, 2, err));
    ELEA_GOTO(done, elea_range_cache_read(cache, ranges[2], &buffer, err));
    elea_buffer_unref(buffer);
    buffer = NULL;
    ELEA_GOTO(done, elea_range_cache_wait(cache, err));
    ELEA_GOTO(done, elea_range_cache_read(cache, (elea_file_range){7, 0}, &buffer, err));

done:
    elea_buffer_unref(buffer);
    elea_range_cache_free(cache);
    elea_input_stream_free(stream);
    elea_file_unref(slow);
    if (file)
        elea_file_unref(&file->base);
    return status;
}

static void test_allocation_failures(void **state) {
    (void)state;
    elea_error err;
    for (int workers = 1; workers <= 2; workers++) {
        elea_thread_pool *threads;
        assert_ok(elea_thread_pool_new(NULL, workers, &threads, &err));
        assert_true(elea_test_fail_each_allocation(fill_cache, threads) >= 15);
        elea_thread_pool_free(threads);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_reads_once, set_up),
        cmocka_unit_test_setup(test_background, set_up),
        cmocka_unit_test_setup(test_without_time, set_up),
        cmocka_unit_test_setup(test_lazy, set_up),
        cmocka_unit_test_setup(test_failure, set_up),
        cmocka_unit_test_setup(test_refused, set_up),
        cmocka_unit_test_setup(test_freed_early, set_up),
        cmocka_unit_test_setup(test_from_threads, set_up),
        cmocka_unit_test_setup(test_slow, set_up),
        cmocka_unit_test_setup(test_allocation_failures, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
//
// Any ranges of a file, read in any way by any number of threads, are the same bytes as direct
// reads give.
#include <elea/io.h>

#include <stdlib.h>

#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/random.h"
#include "support/scratch.h"

#define SIZE 300000

static uint8_t bytes[SIZE];

static int set_up(void **state) {
    uint64_t seed = 21;
    elea_test_random_fill(&seed, bytes, SIZE);
    return elea_test_folder_make(state);
}

// ---- a file of a user's own, that keeps a list of what is read

#define READ_MAX 1000

typedef struct recorded {
    elea_file base;
    int64_t count; // atomic
    elea_file_range reads[READ_MAX];
    int64_t fails_at; // a read that has this byte fails; -1: none
    int64_t *frees;
} recorded;

static elea_status recorded_read_at(elea_file *file, int64_t offset, int64_t size, void *out,
                                    elea_error *err) {
    recorded *record = (recorded *)file;
    if (record->fails_at >= offset && record->fails_at < offset + size)
        return elea_error_set(err, ELEA_EIO, "a hole in the disk at %lld",
                              (long long)record->fails_at);
    int64_t index = __atomic_fetch_add(&record->count, 1, __ATOMIC_RELAXED);
    if (index < READ_MAX)
        record->reads[index] = (elea_file_range){offset, size};
    memcpy(out, bytes + offset, (size_t)size);
    return ELEA_OK;
}

static void recorded_free(elea_file *file) {
    ++*((recorded *)file)->frees;
    elea_dealloc(file->pool, file, sizeof(recorded));
}

static int64_t frees;

static elea_status recorded_new(elea_pool *pool, recorded **out, elea_error *err) {
    static const elea_file_ops ops = {.read_at = recorded_read_at, .free = recorded_free};
    void *block;
    ELEA_TRY(elea_alloc_zero(pool, sizeof(recorded), &block, err));
    recorded *record = block;
    elea_status status = elea_file_init(&record->base, &ops, pool, "recorded", SIZE, err);
    if (status != ELEA_OK) {
        elea_dealloc(pool, record, sizeof *record);
        return status;
    }
    record->fails_at = -1;
    record->frees = &frees;
    frees = 0;
    *out = record;
    return ELEA_OK;
}

static int compare_reads(const void *left, const void *right) {
    const elea_file_range *a = left, *b = right;
    return (a->offset > b->offset) - (a->offset < b->offset);
}

// Reads the ranges, compares them with the bytes, and gives what reads were made, in order.
static void check_ranges(recorded *record, const elea_file_range *ranges, int64_t count,
                         const elea_read_ranges_options *options) {
    elea_error err;
    elea_buffer **out = calloc((size_t)count + 1, sizeof(elea_buffer *));
    record->count = 0;
    assert_ok(elea_file_read_ranges(&record->base, ranges, count, options, out, &err));
    for (int64_t i = 0; i < count; i++) {
        assert_int_equal(elea_buffer_size(out[i]), ranges[i].size);
        if (ranges[i].size > 0)
            assert_memory_equal(elea_buffer_data(out[i]), bytes + ranges[i].offset, ranges[i].size);
        elea_buffer_unref(out[i]);
    }
    free(out);
    int64_t reads = record->count < READ_MAX ? record->count : READ_MAX;
    qsort(record->reads, (size_t)reads, sizeof record->reads[0], compare_reads);
}

static void assert_reads(const recorded *record, const elea_file_range *expected, int64_t count) {
    assert_int_equal(record->count, count);
    for (int64_t i = 0; i < count; i++) {
        assert_int_equal(record->reads[i].offset, expected[i].offset);
        assert_int_equal(record->reads[i].size, expected[i].size);
    }
}

static void test_what_is_merged(void **state) {
    (void)state;
    elea_error err;
    recorded *record = NULL;
    assert_ok(recorded_new(NULL, &record, &err));
    const elea_file_range ranges[] = {{5000, 10}, {100, 50}, {0, 0},     {160, 10}, {150, 5},
                                      {110, 20},  {SIZE, 0}, {5000, 10}, {4990, 15}};
    const elea_read_ranges_options near = {.hole_max = 9, .range_max = 1000};
    check_ranges(record, ranges, 9, &near);
    assert_reads(record, (elea_file_range[]){{100, 70}, {4990, 20}}, 2);
    check_ranges(record, ranges, 9, &(elea_read_ranges_options){.hole_max = 4});
    assert_reads(record, (elea_file_range[]){{100, 55}, {160, 10}, {4990, 20}}, 3);
    check_ranges(record, ranges, 9, &(elea_read_ranges_options){.hole_max = -1});
    assert_reads(record, (elea_file_range[]){{100, 55}, {160, 10}, {4990, 20}}, 3);
    check_ranges(record, ranges, 9, NULL);
    assert_reads(record, (elea_file_range[]){{100, 4910}}, 1);
    check_ranges(record, ranges, 9, &(elea_read_ranges_options){.range_max = 60});
    assert_reads(record, (elea_file_range[]){{100, 55}, {160, 10}, {4990, 20}}, 3);
    check_ranges(record, ranges, 0, NULL);
    assert_int_equal(record->count, 0);
    check_ranges(record, ranges + 2, 1, NULL);
    assert_int_equal(record->count, 0);
    // One that is larger than a read may be is read whole.
    check_ranges(record, &(elea_file_range){7, SIZE - 7}, 1,
                 &(elea_read_ranges_options){.range_max = 100});
    assert_reads(record, (elea_file_range[]){{7, SIZE - 7}}, 1);
    elea_file_unref(&record->base);
    assert_int_equal(frees, 1);
}

static int64_t make_ranges(uint64_t *seed, elea_file_range *ranges) {
    int64_t count = elea_test_random_below(seed, 60);
    for (int64_t i = 0; i < count; i++) {
        int64_t size_max = elea_test_random_below(seed, 4) ? 500 : 20000;
        ranges[i].offset = elea_test_random_below(seed, SIZE + 1);
        ranges[i].size =
            elea_test_random_below(seed, 10) ? elea_test_random_below(seed, size_max) : 0;
        if (ranges[i].size > SIZE - ranges[i].offset)
            ranges[i].size = SIZE - ranges[i].offset;
    }
    return count;
}

// What holds for every plan: no read is longer than allowed unless a single range is; a byte is
// read twice only where reads may not be longer.
static void check_plan(const recorded *record, const elea_file_range *ranges, int64_t count,
                       int64_t range_max) {
    for (int64_t i = 0; i < record->count; i++) {
        bool is_range = record->reads[i].size <= range_max;
        for (int64_t k = 0; k < count; k++)
            is_range = is_range || (ranges[k].offset == record->reads[i].offset &&
                                    ranges[k].size == record->reads[i].size);
        assert_true(is_range);
        int64_t end = record->reads[i].offset + record->reads[i].size;
        if (i + 1 < record->count && range_max >= SIZE)
            assert_true(record->reads[i + 1].offset > end);
    }
}

static void test_random_ranges(void **state) {
    (void)state;
    elea_error err;
    recorded *record = NULL;
    elea_thread_pool *threads;
    elea_file_range ranges[60];
    uint64_t seed = 5;
    assert_ok(recorded_new(NULL, &record, &err));
    for (int workers = 1; workers <= 3; workers++) {
        assert_ok(elea_thread_pool_new(NULL, workers, &threads, &err));
        for (int run = 0; run < 200; run++) {
            int64_t count = make_ranges(&seed, ranges);
            const elea_read_ranges_options options = {
                .hole_max = elea_test_random_below(&seed, 5000) - 1,
                .range_max = run % 2 ? 1 + elea_test_random_below(&seed, 50000) : 0,
                .threads = threads};
            check_ranges(record, ranges, count, &options);
            check_plan(record, ranges, count, options.range_max ? options.range_max : SIZE);
        }
        elea_thread_pool_free(threads);
    }
    elea_file_unref(&record->base);
}

static void test_kinds_of_files(void **state) {
    (void)state;
    elea_error err;
    elea_file_range ranges[60];
    elea_buffer *out[60];
    uint64_t seed = 6;
    const char *path = elea_test_scratch_write(&elea_test_folder, "in", bytes, SIZE);
    for (int mapped = 0; mapped < 2; mapped++) {
        elea_file *file;
        assert_ok(mapped ? elea_file_map(path, NULL, &file, &err)
                         : elea_file_open(path, NULL, &file, &err));
        for (int run = 0; run < 20; run++) {
            int64_t count = make_ranges(&seed, ranges);
            int64_t before = elea_copied_bytes();
            assert_ok(elea_file_read_ranges(file, ranges, count, NULL, out, &err));
            assert_int_equal(elea_copied_bytes(), before);
            for (int64_t i = 0; i < count; i++) {
                assert_int_equal(elea_buffer_size(out[i]), ranges[i].size);
                if (ranges[i].size > 0)
                    assert_memory_equal(elea_buffer_data(out[i]), bytes + ranges[i].offset,
                                        ranges[i].size);
                elea_buffer_unref(out[i]);
            }
        }
        elea_file_unref(file);
    }
}

static void test_refused(void **state) {
    (void)state;
    elea_error err;
    recorded *record = NULL;
    elea_buffer *out[3] = {NULL};
    assert_ok(recorded_new(NULL, &record, &err));
    const elea_file_range outside[] = {{0, 5}, {SIZE - 1, 2}};
    assert_fails(ELEA_EINDEX, "2 bytes at offset 299999",
                 elea_file_read_ranges(&record->base, outside, 2, NULL, out, &err));
    const elea_read_ranges_options wrong[] = {{.hole_max = -2}, {.range_max = -1}};
    for (int i = 0; i < 2; i++)
        assert_fails(ELEA_EINVAL, "holes",
                     elea_file_read_ranges(&record->base, outside, 1, &wrong[i], out, &err));
    const elea_file_range three[] = {{0, 5}, {100000, 5}, {200000, 5}};
    record->fails_at = 100002;
    assert_fails(ELEA_EIO, "a hole in the disk",
                 elea_file_read_ranges(&record->base, three, 3, NULL, out, &err));
    record->fails_at = -1;
    elea_cancel cancel = {0};
    elea_cancel_request(&cancel);
    assert_fails(ELEA_ECANCELLED, "cancelled",
                 elea_file_read_ranges(&record->base, three, 3,
                                       &(elea_read_ranges_options){.cancel = &cancel}, out, &err));
    for (int i = 0; i < 3; i++)
        assert_null(out[i]);
    elea_file_unref(&record->base);
}

static void test_network(void **state) {
    (void)state;
    elea_error err;
    elea_read_ranges_options options;
    elea_read_ranges_options_init(&options);
    assert_int_equal(options.hole_max, 0);
    // 100 ms at 5 MiB/s: half a MiB in the time of waiting; nine times as much for 90 %.
    assert_ok(elea_read_ranges_options_init_network(&options, 100, 5, 0, 0, &err));
    assert_int_equal(options.hole_max, 524288);
    assert_int_equal(options.range_max, 4718592);
    assert_ok(elea_read_ranges_options_init_network(&options, 1000, 1000, 0.5, 0, &err));
    assert_int_equal(options.range_max, 64 << 20);
    assert_ok(elea_read_ranges_options_init_network(&options, 1000, 1000, 0.5, 3, &err));
    assert_int_equal(options.range_max, 3 << 20);
    assert_ok(elea_read_ranges_options_init_network(&options, INT64_MAX, INT64_MAX, 0, 0, &err));
    assert_int_equal(options.hole_max, INT64_MAX);
    const double utilisations[] = {-0.1, 1, 2, 0.0 / 0.0};
    for (int i = 0; i < 4; i++)
        assert_fails(
            ELEA_EINVAL, "network",
            elea_read_ranges_options_init_network(&options, 1, 1, utilisations[i], 0, &err));
    assert_fails(ELEA_EINVAL, "0 ms",
                 elea_read_ranges_options_init_network(&options, 0, 1, 0, 0, &err));
    assert_fails(ELEA_EINVAL, "-1 MiB/s",
                 elea_read_ranges_options_init_network(&options, 1, -1, 0, 0, &err));
    assert_fails(ELEA_EINVAL, "network",
                 elea_read_ranges_options_init_network(&options, 1, 1, 0, INT64_MAX, &err));
}

static elea_status read_some_ranges(elea_pool *pool, void *context, elea_error *err) {
    elea_buffer *out[4] = {NULL};
    recorded *record = NULL;
    const elea_file_range ranges[] = {{9000, 5}, {0, 5}, {3, 20}, {50, 0}};
    const elea_read_ranges_options options = {.hole_max = 10, .threads = context};
    ELEA_TRY(recorded_new(pool, &record, err));
    elea_status status = elea_file_read_ranges(&record->base, ranges, 4, &options, out, err);
    for (int i = 0; i < 4; i++)
        elea_buffer_unref(out[i]);
    elea_file_unref(&record->base);
    return status;
}

static void test_allocation_failures(void **state) {
    (void)state;
    elea_error err;
    for (int workers = 1; workers <= 2; workers++) {
        elea_thread_pool *threads;
        assert_ok(elea_thread_pool_new(NULL, workers, &threads, &err));
        assert_true(elea_test_fail_each_allocation(read_some_ranges, threads) >= 8);
        elea_thread_pool_free(threads);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_merged, set_up, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_random_ranges, set_up, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_kinds_of_files, set_up, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_refused, set_up, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_network, set_up, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_allocation_failures, set_up, elea_test_folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
//
// Streams on streams: buffered, teed, transformed, read ahead in threads.
#include <elea/io.h>

#include <sched.h>

#include "support/alloc_failures.h"
#include "support/busy_thread.h"
#include "support/cmocka_all.h"
#include "support/input.h"
#include "support/random.h"

#define SIZE 60000

static uint8_t bytes[SIZE];

static int set_up(void **state) {
    (void)state;
    uint64_t seed = 14;
    elea_test_random_fill(&seed, bytes, SIZE);
    return 0;
}

static elea_status memory_new(int64_t size, elea_pool *pool, elea_input_stream **out,
                              elea_error *err) {
    elea_buffer *buffer = NULL;
    ELEA_TRY(elea_buffer_wrap(pool, bytes, size, NULL, NULL, &buffer, err));
    elea_status status = elea_input_stream_new_from_buffer(buffer, NULL, pool, out, err);
    elea_buffer_unref(buffer);
    return status;
}

// The sources under test: one that gives views, one that gives little at a time.
static elea_input_stream *source_new(bool has_views, int64_t size) {
    elea_error err;
    elea_input_stream *source = NULL;
    if (has_views)
        assert_ok(memory_new(size, NULL, &source, &err));
    else
        assert_ok(elea_test_trickle_new(bytes, size, -1, NULL, &source, &err));
    return source;
}

// ---- buffered

static elea_input_stream *buffered_new(elea_input_stream *source,
                                       const elea_buffered_input_options *options) {
    elea_error err;
    elea_input_stream *stream = NULL;
    assert_ok(elea_input_stream_new_buffered(source, options, NULL, &stream, &err));
    return stream;
}

static void test_buffered_walk(void **state) {
    (void)state;
    const int64_t sizes[] = {0, 1, 2, 63, 64, 65, 1000, 8000, 65536, 1000000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (uint64_t seed = 0; seed < 4; seed++) {
            const elea_buffered_input_options options = {.buffer_size = sizes[i]};
            elea_input_stream *stream = buffered_new(source_new(seed % 2, SIZE), &options);
            elea_test_walk_input(stream, bytes, SIZE, seed);
            elea_input_stream_free(stream);
        }
}

static void test_buffered_read_max(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 6; seed++) {
        const elea_buffered_input_options options = {.buffer_size = 1000, .read_max = 12345};
        elea_input_stream *source = source_new(seed % 2, SIZE);
        elea_input_stream *stream = buffered_new(source, &options);
        elea_test_walk_input(stream, bytes, 12345, seed);
        assert_int_equal(elea_input_stream_position(source), 12345);
        elea_input_stream_free(stream);
    }
}

static void test_buffered_peek_far(void **state) {
    (void)state;
    elea_error err;
    elea_bytes peeked;
    uint8_t out[10];
    elea_input_stream *stream =
        buffered_new(source_new(false, SIZE), &(elea_buffered_input_options){.buffer_size = 16});
    assert_ok(elea_input_stream_read_exactly(stream, 10, out, &err));
    int64_t before = elea_copied_bytes();
    assert_ok(elea_input_stream_peek(stream, 40000, &peeked, &err));
    assert_int_equal(peeked.size, 40000);
    assert_memory_equal(peeked.data, bytes + 10, 40000);
    assert_true(elea_copied_bytes() - before < 200000); // linear, although bytes come by sevens
    assert_ok(elea_input_stream_peek(stream, INT64_MAX, &peeked, &err));
    assert_int_equal(peeked.size, SIZE - 10);
    assert_ok(elea_input_stream_peek(stream, 0, &peeked, &err));
    assert_int_equal(peeked.size, 0);
    elea_test_check_view(stream, SIZE, bytes, SIZE, 10);
    elea_input_stream_free(stream);
}

static void test_buffered_views(void **state) {
    (void)state;
    elea_error err;
    elea_buffer *first, *second, *large;
    elea_input_stream *stream =
        buffered_new(source_new(false, SIZE), &(elea_buffered_input_options){.buffer_size = 4096});
    elea_bytes peeked;
    assert_false(elea_input_stream_has_views(stream));
    assert_ok(elea_input_stream_peek(stream, 4096, &peeked, &err));
    assert_int_equal(elea_input_stream_buffered_size(stream), 4096);
    int64_t before = elea_copied_bytes();
    assert_ok(elea_input_stream_view(stream, 1000, &first, &err));
    assert_ok(elea_input_stream_view(stream, 3096, &second, &err));
    assert_int_equal(elea_copied_bytes(), before);
    assert_ptr_equal(elea_buffer_data(first) + 1000, elea_buffer_data(second));
    // More than the buffer, with nothing in it: read straight into what is given.
    assert_ok(elea_input_stream_view(stream, 20000, &large, &err));
    assert_int_equal(elea_copied_bytes(), before);
    elea_test_check_view(stream, 100, bytes, SIZE, 24096); // the block in use is not written over
    elea_input_stream_free(stream);
    assert_memory_equal(elea_buffer_data(first), bytes, 1000);
    assert_memory_equal(elea_buffer_data(second), bytes + 1000, 3096);
    assert_memory_equal(elea_buffer_data(large), bytes + 4096, 20000);
    elea_buffer_unref(first);
    elea_buffer_unref(second);
    elea_buffer_unref(large);
}

static void test_buffer_size_and_detach(void **state) {
    (void)state;
    elea_error err;
    elea_input_stream *source = source_new(true, SIZE), *back = NULL;
    elea_input_stream *stream = buffered_new(source, NULL);
    elea_buffer *rest = NULL;
    elea_bytes peeked;
    uint8_t out[10];
    int64_t count;
    assert_int_equal(elea_input_stream_buffered_size(stream), 0);
    assert_ok(elea_input_stream_set_buffer_size(stream, 100, &err));
    assert_ok(elea_input_stream_read_exactly(stream, 10, out, &err));
    assert_int_equal(elea_input_stream_buffered_size(stream), 90);
    assert_fails(ELEA_EINVAL, "holds 90 unread",
                 elea_input_stream_set_buffer_size(stream, 89, &err));
    assert_fails(ELEA_EINVAL, "-1 bytes", elea_input_stream_set_buffer_size(stream, -1, &err));
    assert_ok(elea_input_stream_set_buffer_size(stream, 200, &err));
    assert_ok(elea_input_stream_peek(stream, 150, &peeked, &err));
    assert_memory_equal(peeked.data, bytes + 10, 150);
    int64_t held = elea_input_stream_buffered_size(stream);
    assert_ok(elea_input_stream_detach(stream, &back, &rest, &err));
    assert_ptr_equal(back, source);
    assert_int_equal(elea_buffer_size(rest), held);
    assert_memory_equal(elea_buffer_data(rest), bytes + 10, held);
    assert_int_equal(elea_input_stream_position(source), 10 + held);
    assert_ok(elea_input_stream_read(stream, 10, out, &count, &err));
    assert_int_equal(count, 0);
    assert_fails(ELEA_EINVAL, "not buffered", elea_input_stream_detach(stream, &back, &rest, &err));
    elea_input_stream_free(stream);
    elea_test_check_view(source, 100, bytes, SIZE, 10 + held);
    assert_fails(ELEA_EINVAL, "not buffered", elea_input_stream_set_buffer_size(source, 5, &err));
    assert_int_equal(elea_input_stream_buffered_size(source), 0);

    stream = buffered_new(source, NULL);
    elea_buffer_unref(rest);
    assert_ok(elea_input_stream_detach(stream, &back, &rest, &err));
    assert_int_equal(elea_buffer_size(rest), 0);
    elea_buffer_unref(rest);
    elea_input_stream_free(stream);
    const elea_buffered_input_options wrong[] = {{.buffer_size = -1}, {.read_max = -1}};
    for (int i = 0; i < 2; i++)
        assert_fails(ELEA_EINVAL, "-1 bytes",
                     elea_input_stream_new_buffered(source, &wrong[i], NULL, &stream, &err));
    elea_input_stream_free(source);
}

// ---- tee

static void test_tee(void **state) {
    (void)state;
    elea_error err;
    for (uint64_t seed = 0; seed < 8; seed++) {
        elea_input_stream *stream = source_new(seed % 2, SIZE);
        elea_output_stream *counter, *copy;
        elea_buffer *copied;
        uint32_t crc;
        assert_ok(elea_output_stream_new_counting(NULL, &counter, &err));
        assert_ok(elea_output_stream_new_memory(NULL, &copy, &err));
        assert_ok(elea_input_stream_new_tee(stream, counter, NULL, &stream, &err));
        assert_ok(elea_input_stream_new_tee(stream, copy, NULL, &stream, &err));
        assert_int_equal(elea_input_stream_has_views(stream), seed % 2);
        elea_test_walk_input(stream, bytes, SIZE, seed);
        elea_input_stream_free(stream);
        assert_ok(elea_output_stream_crc32c(counter, &crc, &err));
        assert_int_equal(crc, elea_crc32c(0, bytes, SIZE));
        assert_ok(elea_output_stream_take(copy, &copied, &err));
        assert_int_equal(elea_buffer_size(copied), SIZE);
        assert_memory_equal(elea_buffer_data(copied), bytes, SIZE);
        elea_buffer_unref(copied);
        elea_output_stream_free(counter);
        elea_output_stream_free(copy);
    }
}

static void test_tee_failure(void **state) {
    (void)state;
    elea_error err;
    elea_output_stream *copy;
    elea_buffer *buffer = NULL;
    char memory[10];
    uint8_t out[20];
    for (int use_view = 0; use_view < 2; use_view++) {
        elea_input_stream *stream = source_new(true, SIZE);
        assert_ok(elea_output_stream_new_fixed(memory, 10, NULL, &copy, &err));
        assert_ok(elea_input_stream_new_tee(stream, copy, NULL, &stream, &err));
        if (use_view)
            assert_fails(ELEA_ECAPACITY, "do not fit",
                         elea_input_stream_view(stream, 20, &buffer, &err));
        else
            assert_fails(ELEA_ECAPACITY, "do not fit",
                         elea_input_stream_read_exactly(stream, 20, out, &err));
        assert_fails(ELEA_EIO, "after a failure", elea_input_stream_skip(stream, 1, NULL, &err));
        elea_input_stream_free(stream);
        elea_output_stream_free(copy);
    }
    assert_null(buffer);
}

// ---- transform

typedef struct joiner {
    elea_pool *pool;
    int calls, ends;
    uint8_t key;
    uint8_t held; // the last byte, held back
    bool has_held;
} joiner;

// Changes each byte, and gives it one byte late; nothing at all for a block of one byte at the
// start.
static elea_status join(void *context, elea_buffer *block, elea_buffer **out, elea_error *err) {
    joiner *state = context;
    int64_t size = elea_buffer_size(block);
    state->calls++;
    state->ends += size == 0;
    int64_t result_size = size == 0 ? (state->has_held ? 1 : 0) : size - 1 + state->has_held;
    elea_buffer *result;
    ELEA_TRY(elea_buffer_new(state->pool, result_size, &result, err));
    uint8_t *target = elea_buffer_mutable_data(result);
    const uint8_t *source = elea_buffer_data(block);
    if (state->has_held && result_size > 0)
        *target++ = state->held ^ state->key;
    for (int64_t i = 0; i + 1 < size; i++)
        *target++ = source[i] ^ state->key;
    if (size > 0)
        state->held = source[size - 1];
    state->has_held = size > 0;
    *out = result;
    return ELEA_OK;
}

static elea_status pass_on(void *context, elea_buffer *block, elea_buffer **out, elea_error *err) {
    (void)err;
    ++*(int *)context;
    *out = elea_buffer_ref(block);
    return ELEA_OK;
}

static elea_status refuse(void *context, elea_buffer *block, elea_buffer **out, elea_error *err) {
    (void)block;
    (void)out;
    return elea_error_set(err, ELEA_EINVAL, "refused: %s", (const char *)context);
}

static void test_transform(void **state) {
    (void)state;
    elea_error err;
    static uint8_t expected[SIZE];
    for (int i = 0; i < SIZE; i++)
        expected[i] = bytes[i] ^ 0x5A;
    for (uint64_t seed = 0; seed < 8; seed++) {
        elea_input_stream *stream = source_new(seed % 2, SIZE);
        joiner how = {.key = 0x5A};
        assert_ok(elea_input_stream_new_transform(stream, join, &how, NULL, &stream, &err));
        elea_test_walk_input(stream, expected, SIZE, seed);
        assert_int_equal(how.ends, 1);
        elea_input_stream_free(stream);
    }
    // Nothing copied when nothing is changed.
    int calls = 0;
    elea_buffer *view;
    elea_input_stream *stream = source_new(true, SIZE);
    assert_ok(elea_input_stream_new_transform(stream, pass_on, &calls, NULL, &stream, &err));
    int64_t before = elea_copied_bytes();
    assert_ok(elea_input_stream_view(stream, 50000, &view, &err));
    assert_int_equal(elea_copied_bytes(), before);
    assert_ptr_equal(elea_buffer_data(view), bytes);
    elea_buffer_unref(view);
    elea_test_check_view(stream, 20000, bytes, SIZE, 50000);
    assert_int_equal(calls, 2);
    elea_input_stream_free(stream);

    stream = source_new(true, 0);
    assert_ok(elea_input_stream_new_transform(stream, pass_on, &calls, NULL, &stream, &err));
    elea_test_check_view(stream, 1, bytes, 0, 0);
    elea_test_check_view(stream, 1, bytes, 0, 0);
    assert_int_equal(calls, 3);
    elea_input_stream_free(stream);

    char reason[] = "by principle";
    stream = source_new(true, 10);
    assert_ok(elea_input_stream_new_transform(stream, refuse, reason, NULL, &stream, &err));
    assert_fails(ELEA_EINVAL, reason, elea_input_stream_view(stream, 1, &view, &err));
    assert_fails(ELEA_EIO, "after a failure", elea_input_stream_view(stream, 1, &view, &err));
    elea_input_stream_free(stream);
}

// ---- read ahead

static elea_input_stream *ahead_new(elea_input_stream *source,
                                    const elea_read_ahead_options *options) {
    elea_error err;
    elea_input_stream *stream = NULL;
    assert_ok(elea_input_stream_new_read_ahead(source, options, NULL, &stream, &err));
    return stream;
}

static void test_read_ahead_walk(void **state) {
    (void)state;
    elea_error err;
    const int64_t sizes[] = {1, 64, 1000, 4096, 0};
    for (int workers = 1; workers <= 3; workers++) {
        elea_thread_pool *threads;
        assert_ok(elea_thread_pool_new(NULL, workers, &threads, &err));
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
            for (uint64_t seed = 0; seed < 4; seed++) {
                const elea_read_ahead_options options = {
                    .block_size = sizes[i], .block_count = (int32_t)seed, .threads = threads};
                int64_t size = sizes[i] == 1 ? 5000 : SIZE;
                elea_input_stream *stream = ahead_new(source_new(seed % 2, size), &options);
                elea_test_walk_input(stream, bytes, size, seed);
                elea_input_stream_free(stream);
            }
        elea_thread_pool_free(threads);
    }
    elea_input_stream *stream = ahead_new(source_new(false, SIZE), NULL);
    elea_test_walk_input(stream, bytes, SIZE, 1);
    elea_input_stream_free(stream);
}

// A loop over whole blocks copies nothing, and keeps each.
static void test_read_ahead_blocks(void **state) {
    (void)state;
    elea_error err;
    elea_buffer *blocks[SIZE / 1000];
    elea_input_stream *stream =
        ahead_new(source_new(false, SIZE), &(elea_read_ahead_options){.block_size = 1000});
    int64_t before = elea_copied_bytes();
    for (int i = 0; i < SIZE / 1000; i++)
        assert_ok(elea_input_stream_view_exactly(stream, 1000, &blocks[i], &err));
    elea_test_check_view(stream, 1000, bytes, SIZE, SIZE);
    assert_int_equal(elea_copied_bytes(), before);
    elea_input_stream_free(stream);
    for (int i = 0; i < SIZE / 1000; i++) {
        assert_memory_equal(elea_buffer_data(blocks[i]), bytes + i * 1000, 1000);
        elea_buffer_unref(blocks[i]);
    }
}

// A source that tells how far it was read.
typedef struct gauge {
    elea_input_stream base;
    int *blocks; // atomic
} gauge;

static elea_status gauge_read(elea_input_stream *stream, int64_t size, void *out, int64_t *count,
                              elea_error *err) {
    (void)err;
    memset(out, 7, (size_t)size);
    *count = size;
    __atomic_add_fetch(((gauge *)stream)->blocks, 1, __ATOMIC_ACQ_REL);
    return ELEA_OK;
}

static void gauge_free(elea_input_stream *stream) {
    elea_dealloc(stream->pool, stream, sizeof(gauge));
}

static elea_input_stream *gauge_new(int *blocks) {
    static const elea_input_stream_ops ops = {.read = gauge_read, .free = gauge_free};
    elea_error err;
    void *block = NULL;
    assert_ok(elea_alloc_zero(NULL, sizeof(gauge), &block, &err));
    gauge *stream = block;
    assert_ok(elea_input_stream_init(&stream->base, &ops, NULL, "gauge", &err));
    stream->blocks = blocks;
    return &stream->base;
}

// Another thread reads ahead, so many blocks and no more; with one worker none does.
static void test_read_ahead_is_bounded(void **state) {
    (void)state;
    elea_error err;
    for (int workers = 1; workers <= 2; workers++) {
        elea_thread_pool *threads;
        int blocks = 0;
        uint8_t out[100];
        assert_ok(elea_thread_pool_new(NULL, workers, &threads, &err));
        const elea_read_ahead_options options = {
            .block_size = 100, .block_count = 3, .threads = threads};
        elea_input_stream *stream = ahead_new(gauge_new(&blocks), &options);
        assert_int_equal(blocks, 0);
        assert_ok(elea_input_stream_read_exactly(stream, 10, out, &err));
        // The block in hand and three more.
        while (workers == 2 && __atomic_load_n(&blocks, __ATOMIC_ACQUIRE) < 4)
            sched_yield();
        for (int i = 0; i < 1000; i++)
            sched_yield();
        assert_int_equal(__atomic_load_n(&blocks, __ATOMIC_ACQUIRE), workers == 2 ? 4 : 1);
        assert_ok(elea_input_stream_read_exactly(stream, 100, out, &err));
        elea_input_stream_free(stream);
        elea_thread_pool_free(threads);
    }
}

// A thread that has no time delays nothing.
static void test_read_ahead_without_time(void **state) {
    (void)state;
    elea_test_busy_thread busy;
    const elea_read_ahead_options options = {.block_size = 1000,
                                             .threads = elea_test_busy_thread_init(&busy)};
    for (uint64_t seed = 0; seed < 4; seed++) {
        elea_input_stream *stream = ahead_new(source_new(seed % 2, SIZE), &options);
        elea_test_walk_input(stream, bytes, SIZE, seed);
        elea_input_stream_free(stream);
    }
    elea_test_busy_thread_release(&busy);
}

// What is before the failure arrives; then the failure does, and stays.
static void test_read_ahead_failure(void **state) {
    (void)state;
    elea_error err;
    for (int workers = 1; workers <= 3; workers++) {
        elea_thread_pool *threads;
        elea_input_stream *source = NULL;
        uint8_t out[1000];
        int64_t count;
        assert_ok(elea_thread_pool_new(NULL, workers, &threads, &err));
        const elea_read_ahead_options options = {.block_size = 100, .threads = threads};
        assert_ok(elea_test_trickle_new(bytes, SIZE, 500, NULL, &source, &err));
        elea_input_stream *stream = ahead_new(source, &options);
        assert_ok(elea_input_stream_read_exactly(stream, 500, out, &err));
        assert_memory_equal(out, bytes, 500);
        assert_fails(ELEA_EIO, "the tap is closed",
                     elea_input_stream_read(stream, 1, out, &count, &err));
        assert_fails(ELEA_EIO, "after a failure",
                     elea_input_stream_read(stream, 1, out, &count, &err));
        elea_input_stream_free(stream);
        elea_thread_pool_free(threads);
    }
}

// Freed at any time, also before its thread has begun; and several streams share a pool.
static void test_read_ahead_freed_early(void **state) {
    (void)state;
    elea_error err;
    elea_thread_pool *threads;
    uint8_t out[300];
    assert_ok(elea_thread_pool_new(NULL, 2, &threads, &err));
    const elea_read_ahead_options options = {.block_size = 100, .threads = threads};
    for (int round = 0; round < 200; round++) {
        elea_input_stream *streams[4];
        for (int i = 0; i < 4; i++) {
            streams[i] = ahead_new(source_new(i % 2, SIZE), &options);
            if (round % 4 > 0)
                assert_ok(elea_input_stream_read_exactly(streams[i], 100 * (round % 4), out, &err));
        }
        for (int i = 0; i < 4; i++)
            elea_input_stream_free(streams[i]);
    }
    elea_thread_pool_free(threads);
}

static void test_read_ahead_options(void **state) {
    (void)state;
    elea_error err;
    elea_input_stream *source = source_new(true, 10), *stream;
    elea_read_ahead_options options;
    const elea_read_ahead_options wrong[] = {
        {.block_size = -1}, {.block_count = -1}, {.block_count = 1025}};
    for (int i = 0; i < 3; i++)
        assert_fails(ELEA_EINVAL, "1 to 1024",
                     elea_input_stream_new_read_ahead(source, &wrong[i], NULL, &stream, &err));
    elea_read_ahead_options_init(&options);
    options.block_count = 1024;
    elea_buffered_input_options buffered;
    elea_buffered_input_options_init(&buffered);
    stream = buffered_new(ahead_new(source, &options), &buffered);
    elea_test_check_view(stream, 11, bytes, 10, 0);
    elea_input_stream_free(stream);
}

// ---- memory that runs out

typedef struct chain {
    bool has_views;
    elea_thread_pool *threads;
} chain;

static elea_status read_chain(elea_pool *pool, void *context, elea_error *err) {
    const chain *how = context;
    elea_status status = ELEA_OK;
    elea_input_stream *stream = NULL, *next = NULL;
    elea_output_stream *counter = NULL;
    elea_buffer *view = NULL;
    elea_bytes peeked;
    joiner joined = {.pool = pool};
    const elea_read_ahead_options ahead = {.block_size = 100, .threads = how->threads};
    const elea_buffered_input_options buffered = {.buffer_size = 70};
    ELEA_GOTO(done, elea_output_stream_new_counting(pool, &counter, err));
    if (how->has_views)
        ELEA_GOTO(done, memory_new(1000, pool, &stream, err));
    else
        ELEA_GOTO(done, elea_test_trickle_new(bytes, 1000, -1, pool, &stream, err));
    ELEA_GOTO(done, elea_input_stream_new_transform(stream, join, &joined, pool, &next, err));
    stream = next;
    ELEA_GOTO(done, elea_input_stream_new_read_ahead(stream, &ahead, pool, &next, err));
    stream = next;
    ELEA_GOTO(done, elea_input_stream_new_tee(stream, counter, pool, &next, err));
    stream = next;
    ELEA_GOTO(done, elea_input_stream_new_buffered(stream, &buffered, pool, &next, err));
    stream = next;
    ELEA_GOTO(done, elea_input_stream_peek(stream, 90, &peeked, err));
    ELEA_GOTO(done, elea_input_stream_view_exactly(stream, 10, &view, err));
    ELEA_GOTO(done, elea_input_stream_peek(stream, 90, &peeked, err));
    ELEA_GOTO(done, elea_input_stream_skip(stream, 200, NULL, err));
    elea_buffer_unref(view);
    view = NULL;
    ELEA_GOTO(done, elea_input_stream_view_exactly(stream, 790, &view, err));

done:
    elea_buffer_unref(view);
    elea_input_stream_free(stream);
    elea_output_stream_free(counter);
    return status;
}

static void test_allocation_failures(void **state) {
    (void)state;
    elea_error err;
    chain how = {0};
    assert_ok(elea_thread_pool_new(NULL, 1, &how.threads, &err));
    for (int has_views = 0; has_views < 2; has_views++) {
        how.has_views = has_views;
        assert_true(elea_test_fail_each_allocation(read_chain, &how) >= 20);
    }
    elea_thread_pool_free(how.threads);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_buffered_walk, set_up),
        cmocka_unit_test_setup(test_buffered_read_max, set_up),
        cmocka_unit_test_setup(test_buffered_peek_far, set_up),
        cmocka_unit_test_setup(test_buffered_views, set_up),
        cmocka_unit_test_setup(test_buffer_size_and_detach, set_up),
        cmocka_unit_test_setup(test_tee, set_up),
        cmocka_unit_test_setup(test_tee_failure, set_up),
        cmocka_unit_test_setup(test_transform, set_up),
        cmocka_unit_test_setup(test_read_ahead_walk, set_up),
        cmocka_unit_test_setup(test_read_ahead_blocks, set_up),
        cmocka_unit_test_setup(test_read_ahead_is_bounded, set_up),
        cmocka_unit_test_setup(test_read_ahead_without_time, set_up),
        cmocka_unit_test_setup(test_read_ahead_failure, set_up),
        cmocka_unit_test_setup(test_read_ahead_freed_early, set_up),
        cmocka_unit_test_setup(test_read_ahead_options, set_up),
        cmocka_unit_test_setup(test_allocation_failures, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

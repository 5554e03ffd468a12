// SPDX-License-Identifier: Apache-2.0
//
// Streams on streams on streams, as chance puts them together, with threads that read ahead: the
// bytes stay the same.
#include <elea/io.h>

#include "support/cmocka_all.h"
#include "support/input.h"
#include "support/random.h"

#define SIZE 40000
#define ROUNDS 80

static uint8_t bytes[SIZE];

static int set_up(void **state) {
    (void)state;
    uint64_t seed = 30;
    elea_test_random_fill(&seed, bytes, SIZE);
    return 0;
}

static int64_t below(uint64_t *seed, int64_t bound) { return elea_test_random_below(seed, bound); }

// ---- input

// What a chain needs beside itself.
typedef struct surroundings {
    elea_thread_pool *threads;
    elea_output_stream *counters[8];
    int counter_count;
    uint64_t seeds[8]; // of transforms, which may run in a thread each
    int seed_count;
    int64_t size; // of the bytes that come out
} surroundings;

static elea_status same_bytes(void *context, elea_buffer *block, elea_buffer **out,
                              elea_error *err) {
    uint64_t *seed = context;
    int64_t size = elea_buffer_size(block);
    if (below(seed, 2))
        return elea_buffer_new_copy(NULL, elea_buffer_data(block), size, out, err);
    *out = elea_buffer_ref(block);
    return ELEA_OK;
}

static elea_status wrap_input(elea_input_stream *source, surroundings *around, uint64_t *seed,
                              elea_input_stream **out, elea_error *err) {
    switch (below(seed, 4)) {
    case 0: {
        elea_buffered_input_options options = {.buffer_size = below(seed, 3000)};
        if (below(seed, 4) == 0) {
            options.read_max = 1 + below(seed, around->size);
            around->size = options.read_max;
        }
        return elea_input_stream_new_buffered(source, &options, NULL, out, err);
    }
    case 1: {
        const elea_read_ahead_options options = {.block_size = 1 + below(seed, 3000),
                                                 .block_count = (int32_t)below(seed, 6),
                                                 .threads = around->threads};
        return elea_input_stream_new_read_ahead(source, &options, NULL, out, err);
    }
    case 2:
        ELEA_TRY(
            elea_output_stream_new_counting(NULL, &around->counters[around->counter_count], err));
        return elea_input_stream_new_tee(source, around->counters[around->counter_count++], NULL,
                                         out, err);
    default:
        return elea_input_stream_new_transform(
            source, same_bytes, &around->seeds[around->seed_count++], NULL, out, err);
    }
}

static elea_input_stream *input_chain_new(surroundings *around, uint64_t *seed) {
    elea_error err;
    elea_input_stream *stream = NULL;
    if (below(seed, 2)) {
        assert_ok(elea_test_trickle_new(bytes, SIZE, -1, NULL, &stream, &err));
    } else {
        elea_buffer *buffer = NULL;
        assert_ok(elea_buffer_wrap(NULL, bytes, SIZE, NULL, NULL, &buffer, &err));
        assert_ok(elea_input_stream_new_from_buffer(buffer, NULL, NULL, &stream, &err));
        elea_buffer_unref(buffer);
    }
    for (int64_t depth = below(seed, 6); depth > 0; depth--)
        assert_ok(wrap_input(stream, around, seed, &stream, &err));
    return stream;
}

static void test_input(void **state) {
    (void)state;
    elea_error err;
    for (int workers = 1; workers <= 3; workers++) {
        elea_thread_pool *threads;
        assert_ok(elea_thread_pool_new(NULL, workers, &threads, &err));
        for (uint64_t round = 0; round < ROUNDS; round++) {
            uint64_t seed = round;
            surroundings around = {.threads = threads, .size = SIZE};
            elea_input_stream *stream = input_chain_new(&around, &seed);
            elea_test_walk_input(stream, bytes, around.size, round);
            elea_input_stream_free(stream);
            for (int i = 0; i < around.counter_count; i++) {
                // What went by there is a beginning of the bytes, no shorter than what came out.
                uint32_t crc;
                int64_t passed = elea_output_stream_position(around.counters[i]);
                assert_in_range(passed, around.size, SIZE);
                assert_ok(elea_output_stream_crc32c(around.counters[i], &crc, &err));
                assert_int_equal(crc, elea_crc32c(0, bytes, passed));
                elea_output_stream_free(around.counters[i]);
            }
        }
        elea_thread_pool_free(threads);
    }
}

// ---- output

static void write_by_chance(elea_output_stream *stream, uint64_t *seed) {
    elea_error err;
    int64_t offset = 0;
    while (offset < SIZE) {
        elea_bytes parts[30];
        int64_t count = below(seed, 30);
        for (int64_t i = 0; i < count; i++) {
            int64_t part = below(seed, below(seed, 5) ? 40 : 2000);
            part = part < SIZE - offset ? part : SIZE - offset;
            parts[i] = (elea_bytes){.data = (const char *)bytes + offset, .size = part};
            offset += part;
        }
        assert_ok(elea_output_stream_write_parts(stream, parts, count, &err));
        assert_int_equal(elea_output_stream_position(stream), offset);
        if (below(seed, 10) == 0)
            assert_ok(elea_output_stream_flush(stream, &err));
        if (below(seed, 50) == 0)
            assert_ok(elea_output_stream_sync(stream, &err));
    }
}

static void test_output(void **state) {
    (void)state;
    elea_error err;
    static uint8_t target[SIZE];
    for (uint64_t round = 0; round < ROUNDS; round++) {
        uint64_t seed = round;
        elea_output_stream *stream, *counters[8];
        int counter_count = 0;
        memset(target, 0, SIZE);
        assert_ok(elea_output_stream_new_fixed(target, SIZE, NULL, &stream, &err));
        for (int64_t depth = below(&seed, 6); depth > 0; depth--) {
            if (below(&seed, 2)) {
                assert_ok(elea_output_stream_new_buffered(stream, below(&seed, 3000), NULL, &stream,
                                                          &err));
                continue;
            }
            assert_ok(elea_output_stream_new_counting(NULL, &counters[counter_count], &err));
            assert_ok(
                elea_output_stream_new_tee(stream, counters[counter_count++], NULL, &stream, &err));
        }
        write_by_chance(stream, &seed);
        assert_ok(elea_output_stream_close(stream, &err));
        elea_output_stream_free(stream);
        assert_memory_equal(target, bytes, SIZE);
        for (int i = 0; i < counter_count; i++) {
            uint32_t crc;
            assert_ok(elea_output_stream_crc32c(counters[i], &crc, &err));
            assert_int_equal(crc, elea_crc32c(0, bytes, SIZE));
            elea_output_stream_free(counters[i]);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_input, set_up),
        cmocka_unit_test_setup(test_output, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
//
// Compressors and decompressors in steps of any size: codec_trip trips, flushes, members one after
// the other, cuts, damage, limits, memory running out.
#include <elea/io.h>

#include <stdio.h>
#include <stdlib.h>

#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/codec_bytes.h"
#include "support/random.h"

#define FOR_EACH_CODEC(name)                                                                       \
    for (int name##_i = 0; elea_codec_at(name##_i); name##_i++)                                    \
        for (const elea_codec *name = elea_codec_at(name##_i); name && elea_codec_has_steps(name); \
             name = NULL)

// How much a step takes and gives at most.
typedef struct step_size {
    int64_t in, out;
} step_size;

static const step_size step_sizes[] = {{1, 1},         {1, 1 << 20}, {1 << 20, 1},      {7, 13},
                                       {65536, 65536}, {1000, 30},   {1 << 20, 1 << 20}};

#define STEPS_COUNT ((int)(sizeof step_sizes / sizeof *step_sizes))

typedef struct made_bytes {
    char *data;
    int64_t size, capacity;
} made_bytes;

static void add(made_bytes *output, const char *bytes, int64_t size) {
    if (output->size + size > output->capacity) {
        output->capacity = (output->size + size) * 2;
        output->data = realloc(output->data, (size_t)output->capacity);
    }
    if (size > 0)
        memcpy(output->data + output->size, bytes, (size_t)size);
    output->size += size;
}

static elea_bytes rest_of(elea_bytes source, int64_t taken, int64_t most) {
    int64_t left = source.size - taken;
    return (elea_bytes){.data = source.data + taken, .size = left < most ? left : most};
}

// All of `source`, with a flush every `flush_every` bytes (0: none).
static elea_status compress_all(elea_compressor *compressor, elea_bytes source, step_size steps,
                                int64_t flush_every, made_bytes *out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_codec_progress progress = {0};
    char *target = malloc((size_t)steps.out);
    int64_t taken = 0, flushed = 0;
    while (taken < source.size) {
        elea_bytes part = rest_of(source, taken, steps.in);
        ELEA_GOTO(done, elea_compressor_run(compressor, part, target, steps.out, &progress, err));
        assert_true(progress.consumed <= part.size && progress.produced <= steps.out);
        assert_true(progress.consumed == part.size || progress.produced == steps.out);
        assert_false(progress.finished);
        taken += progress.consumed;
        add(out, target, progress.produced);
        if (flush_every == 0 || taken - flushed < flush_every)
            continue;
        flushed = taken;
        do {
            ELEA_GOTO(done, elea_compressor_flush(compressor, target, steps.out, &progress, err));
            add(out, target, progress.produced);
        } while (!progress.finished);
    }
    do {
        ELEA_GOTO(done, elea_compressor_end(compressor, rest_of(source, taken, 0), target,
                                            steps.out, &progress, err));
        add(out, target, progress.produced);
    } while (!progress.finished);

done:
    free(target);
    return status;
}

static elea_status decompress_all(elea_decompressor *decompressor, elea_bytes source,
                                  step_size steps, made_bytes *out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_codec_progress progress = {0};
    char *target = malloc((size_t)steps.out);
    int64_t taken = 0;
    do {
        elea_bytes part = rest_of(source, taken, steps.in);
        // Exactly as large, so that the sanitizers see reads past it.
        elea_bytes exact = elea_test_repeat(part, 1);
        status = elea_decompressor_run(decompressor, exact, target, steps.out, &progress, err);
        elea_test_release(exact);
        ELEA_GOTO(done, status);
        assert_true(progress.consumed <= part.size && progress.produced <= steps.out);
        taken += progress.consumed;
        add(out, target, progress.produced);
    } while (taken < source.size || progress.produced > 0);
    status = elea_decompressor_end(decompressor, err);

done:
    free(target);
    return status;
}

static void check_decompresses(const elea_codec *codec, elea_bytes packed, elea_bytes expected,
                               step_size steps) {
    elea_error err = {0};
    elea_decompressor *decompressor = NULL;
    made_bytes found = {0};
    assert_ok(elea_decompressor_new(codec, NULL, NULL, &decompressor, &err));
    for (int time = 0; time < 2; time++) {
        found.size = 0;
        assert_ok(decompress_all(decompressor, packed, steps, &found, &err));
        assert_int_equal(found.size, expected.size);
        if (found.size > 0)
            assert_memory_equal(found.data, expected.data, (size_t)found.size);
        assert_ok(elea_decompressor_reset(decompressor, &err));
    }
    elea_decompressor_free(decompressor);
    free(found.data);
}

static void round_trip(const elea_codec *codec, const elea_compressor_options *options,
                       elea_bytes source, step_size steps, int64_t flush_every) {
    elea_error err = {0};
    elea_compressor *compressor = NULL;
    made_bytes packed = {0};
    assert_ok(elea_compressor_new(codec, options, NULL, &compressor, &err));
    assert_ok(compress_all(compressor, source, steps, flush_every, &packed, &err));
    const elea_bytes once = {.data = packed.data, .size = packed.size};
    check_decompresses(codec, once, source, steps);
    // All at once, too.
    char *found = malloc((size_t)source.size + 1);
    assert_ok(elea_codec_decompress(codec, once, found, source.size, &err));
    assert_memory_equal(found, source.data, (size_t)source.size);
    free(found);
    // Used again, the same comes out.
    made_bytes again = {0};
    assert_ok(elea_compressor_reset(compressor, &err));
    assert_ok(compress_all(compressor, source, steps, flush_every, &again, &err));
    assert_int_equal(again.size, packed.size);
    assert_memory_equal(again.data, packed.data, (size_t)packed.size);
    free(again.data);
    free(packed.data);
    elea_compressor_free(compressor);
}

static void test_all_steps(void **state) {
    (void)state;
    static const int64_t sizes[] = {0, 1, 64, 1000, 65535, 65536, 65537, 300000};
    FOR_EACH_CODEC(codec) {
        for (int i = 0; i < (int)(sizeof sizes / sizeof *sizes); i++) {
            char *bytes = elea_test_codec_bytes(sizes[i]);
            const elea_bytes source = {.data = bytes, .size = sizes[i]};
            for (int s = 0; s < STEPS_COUNT; s++) {
                // Few bytes at a time through much is slow and says nothing new, but at a border.
                bool small = step_sizes[s].in < 65536 || step_sizes[s].out < 65536;
                if (sizes[i] > 1000 && small && !(sizes[i] == 65537 && step_sizes[s].in == 1000))
                    continue;
                round_trip(codec, NULL, source, step_sizes[s], 0);
                if (sizes[i] <= 1000 || sizes[i] == 65537)
                    round_trip(codec, NULL, source, step_sizes[s], sizes[i] / 5 + 1);
            }
            free(bytes);
        }
    }
}

static void test_options(void **state) {
    (void)state;
    elea_error err = {0};
    char *bytes = elea_test_codec_bytes(20000);
    const elea_bytes source = {.data = bytes, .size = 20000};
    const step_size steps = {5000, 5000};
    FOR_EACH_CODEC(codec) {
        int32_t min, max;
        elea_codec_levels(codec, &min, &max);
        for (int32_t level = min < -3 ? -3 : min; level <= max && max > 0; level++) {
            const elea_compressor_options options = {
                .level = level == 0 && min == 0 ? ELEA_CODEC_LEVEL_LOWEST : level};
            round_trip(codec, &options, source, steps, 0);
        }
        elea_compressor *compressor = NULL;
        const elea_compressor_options checked = {.checksum = true};
        elea_codec_id id = elea_codec_id_of(codec);
        if (id == ELEA_CODEC_ZSTD || id == ELEA_CODEC_LZ4_FRAME)
            round_trip(codec, &checked, source, steps, 0);
        else
            assert_fails(ELEA_EINVAL, "has no checksum to choose",
                         elea_compressor_new(codec, &checked, NULL, &compressor, &err));
        const elea_compressor_options window = {.window_bits = 12}, wrong = {.window_bits = 40};
        elea_status status = elea_compressor_new(codec, &window, NULL, &compressor, &err);
        elea_compressor_free(compressor);
        compressor = NULL;
        if (status == ELEA_OK)
            round_trip(codec, &window, source, steps, 0);
        else
            assert_non_null(strstr(err.message, "has no window_bits"));
        assert_fails(ELEA_EINVAL, "window_bits",
                     elea_compressor_new(codec, &wrong, NULL, &compressor, &err));
        const elea_compressor_options level = {.level = 1000};
        assert_fails(ELEA_EINVAL, "has no level",
                     elea_compressor_new(codec, &level, NULL, &compressor, &err));
    }
    free(bytes);
}

static bool has_members(const elea_codec *codec) {
    elea_codec_id id = elea_codec_id_of(codec);
    return id != ELEA_CODEC_ZLIB && id != ELEA_CODEC_DEFLATE && id != ELEA_CODEC_BROTLI;
}

static elea_status decompress_some(const elea_codec *codec, elea_bytes source, step_size steps,
                                   made_bytes *found, elea_error *err) {
    elea_decompressor *decompressor = NULL;
    ELEA_TRY(elea_decompressor_new(codec, NULL, NULL, &decompressor, err));
    elea_status status = decompress_all(decompressor, source, steps, found, err);
    elea_decompressor_free(decompressor);
    return status;
}

// Members, empty ones among them; zeros behind gzip; anything else behind the end.
static void test_members(void **state) {
    (void)state;
    elea_error err = {0};
    static const char text[] = "the tortoise is ahead";
    FOR_EACH_CODEC(codec) {
        elea_bytes empty = elea_test_compress(codec, 0, "", 0);
        elea_bytes first = elea_test_compress(codec, 0, text, 10);
        elea_bytes second = elea_test_compress(codec, 0, text + 10, 11);
        made_bytes all = {0}, found = {0};
        add(&all, first.data, first.size);
        add(&all, empty.data, empty.size);
        if (elea_codec_id_of(codec) == ELEA_CODEC_GZIP)
            add(&all, "\0\0\0", 3);
        add(&all, second.data, second.size);
        add(&all, empty.data, empty.size);
        if (elea_codec_id_of(codec) == ELEA_CODEC_GZIP)
            add(&all, "\0\0\0\0\0\0\0", 7);
        const elea_bytes packed = {.data = all.data, .size = all.size};
        for (int s = 0; s < STEPS_COUNT; s++) {
            if (has_members(codec)) {
                check_decompresses(codec, packed, elea_bytes_of(text), step_sizes[s]);
                continue;
            }
            assert_fails(ELEA_EINVAL, "more bytes follow",
                         decompress_some(codec, packed, step_sizes[s], &found, &err));
        }
        // Neither a frame nor its beginning.
        add(&all, "garbage that follows", 20);
        const elea_bytes more = {.data = all.data, .size = all.size};
        for (int s = 0; s < STEPS_COUNT; s++)
            assert_fails(ELEA_EINVAL, "data, byte ",
                         decompress_some(codec, more, step_sizes[s], &found, &err));
        check_decompresses(codec, (elea_bytes){0}, (elea_bytes){0}, step_sizes[0]);
        free(found.data);
        free(all.data);
        elea_test_release(second);
        elea_test_release(first);
        elea_test_release(empty);
    }
}

// Cut anywhere: what is before comes out, and the message says where the input ends. Whatever the
// size of the steps, the outcome is the same.
static void test_cuts(void **state) {
    (void)state;
    elea_error err = {0};
    const int64_t size = 500;
    char *bytes = elea_test_codec_bytes(size);
    FOR_EACH_CODEC(codec) {
        elea_bytes packed = elea_test_compress(codec, 0, bytes, size);
        int64_t most = 0;
        for (int64_t cut = 1; cut < packed.size; cut++) {
            char message[64];
            const elea_bytes part = {.data = packed.data, .size = cut};
            snprintf(message, sizeof message, "the input ends at byte %lld", (long long)cut);
            for (int s = 0; s < STEPS_COUNT; s++) {
                made_bytes found = {0};
                elea_status status = decompress_some(codec, part, step_sizes[s], &found, &err);
                // The name of Snappy's format alone is a stream of nothing.
                if (elea_codec_id_of(codec) == ELEA_CODEC_SNAPPY_FRAMED && cut == 10) {
                    assert_int_equal(status, ELEA_OK);
                } else {
                    assert_int_equal(status, ELEA_EINVAL);
                    assert_non_null(strstr(err.message, message));
                }
                assert_true(found.size <= size);
                if (found.size > 0)
                    assert_memory_equal(found.data, bytes, (size_t)found.size);
                if (found.size > most)
                    most = found.size;
                free(found.data);
            }
        }
        elea_test_release(packed);
    }
    free(bytes);
}

// All at once and in steps come to the same end, and a checksum is never passed by.
static void test_flips(void **state) {
    (void)state;
    elea_error err = {0};
    enum { SIZE = 200 };
    char *bytes = elea_test_codec_bytes(SIZE), once[SIZE];
    FOR_EACH_CODEC(codec) {
        elea_codec_id id = elea_codec_id_of(codec);
        bool unchecked = id == ELEA_CODEC_BROTLI || id == ELEA_CODEC_DEFLATE;
        elea_compressor *compressor = NULL;
        made_bytes made = {0};
        const elea_compressor_options options = {.checksum = id == ELEA_CODEC_ZSTD ||
                                                             id == ELEA_CODEC_LZ4_FRAME};
        assert_ok(elea_compressor_new(codec, &options, NULL, &compressor, &err));
        assert_ok(compress_all(compressor, (elea_bytes){.data = bytes, .size = SIZE}, step_sizes[3],
                               0, &made, &err));
        elea_compressor_free(compressor);
        int wrong = 0;
        for (int64_t bit = 0; bit < made.size * 8; bit++) {
            made_bytes found = {0};
            const elea_bytes packed = {.data = made.data, .size = made.size};
            made.data[bit / 8] ^= (char)(1 << bit % 8);
            elea_status status = elea_codec_decompress(codec, packed, once, SIZE, &err);
            elea_status by_steps = decompress_some(codec, packed, step_sizes[3], &found, &err);
            if (status == ELEA_OK)
                assert_int_equal(by_steps, ELEA_OK);
            bool equal = found.size == SIZE && memcmp(found.data, bytes, SIZE) == 0;
            if (by_steps == ELEA_OK && found.size == SIZE)
                assert_true(status == ELEA_OK && memcmp(once, found.data, SIZE) == 0);
            // One bit makes a chunk of Snappy's one that readers leave out.
            bool left_out = id == ELEA_CODEC_SNAPPY_FRAMED && found.size == 0;
            wrong += by_steps == ELEA_OK && !equal && !left_out;
            free(found.data);
            made.data[bit / 8] ^= (char)(1 << bit % 8);
        }
        if (!unchecked)
            assert_int_equal(wrong, 0);
        free(made.data);
    }
    free(bytes);
}

// A hundred megabytes of zeros come out of little, and not beyond a limit.
static void test_bombs(void **state) {
    (void)state;
    elea_error err = {0};
    enum { PART = 1 << 20, COUNT = 100 };
    char *zeros = calloc(PART, 1), *target = malloc(PART);
    FOR_EACH_CODEC(codec) {
        elea_compressor *compressor = NULL;
        elea_decompressor *decompressor = NULL;
        elea_codec_progress progress = {0};
        made_bytes packed = {0};
        assert_ok(elea_compressor_new(codec, &(elea_compressor_options){.level = 0}, NULL,
                                      &compressor, &err));
        for (int i = 0; i < COUNT; i++) {
            elea_bytes left = {.data = zeros, .size = PART};
            while (left.size > 0) {
                assert_ok(elea_compressor_run(compressor, left, target, PART, &progress, &err));
                left.data += progress.consumed;
                left.size -= progress.consumed;
                add(&packed, target, progress.produced);
            }
        }
        assert_ok(elea_compressor_end(compressor, (elea_bytes){0}, target, PART, &progress, &err));
        assert_true(progress.finished);
        add(&packed, target, progress.produced);
        const int64_t limits[] = {0, (int64_t)COUNT * PART, (int64_t)COUNT * PART - 1, 1000};
        for (int i = 0; i < 4; i++) {
            const elea_decompressor_options options = {.size_max = limits[i]};
            elea_bytes left = {.data = packed.data, .size = packed.size};
            elea_status status = ELEA_OK;
            int64_t total = 0;
            assert_ok(elea_decompressor_new(codec, &options, NULL, &decompressor, &err));
            do {
                progress.produced = 0;
                status = elea_decompressor_run(decompressor, left, target, PART, &progress, &err);
                if (status != ELEA_OK)
                    break;
                left.data += progress.consumed;
                left.size -= progress.consumed;
                total += progress.produced;
            } while (left.size > 0 || progress.produced > 0);
            assert_int_equal(status, i < 2 ? ELEA_OK : ELEA_ECAPACITY);
            assert_int_equal(total, i < 2 ? (int64_t)COUNT * PART : limits[i]);
            if (i >= 2)
                assert_non_null(strstr(err.message, "come out"));
            assert_int_equal(elea_decompressor_end(decompressor, &err), status);
            elea_decompressor_free(decompressor);
        }
        free(packed.data);
        elea_compressor_free(compressor);
    }
    free(target);
    free(zeros);
}

// What was flushed can be read, and the order of calls is watched.
static void test_flush(void **state) {
    (void)state;
    elea_error err = {0};
    FOR_EACH_CODEC(codec) {
        elea_compressor *compressor = NULL;
        elea_decompressor *decompressor = NULL;
        elea_codec_progress progress = {0};
        char packed[2000], found[100];
        const elea_bytes text = elea_bytes_of("an arrow that flies stands still");
        assert_ok(elea_compressor_new(codec, NULL, NULL, &compressor, &err));
        assert_ok(elea_decompressor_new(codec, NULL, NULL, &decompressor, &err));
        for (int i = 0; i < 3; i++) {
            int64_t size = 0;
            assert_ok(elea_compressor_run(compressor, text, packed, 2000, &progress, &err));
            assert_int_equal(progress.consumed, text.size);
            size += progress.produced;
            assert_ok(
                elea_compressor_flush(compressor, packed + size, 2000 - size, &progress, &err));
            assert_true(progress.finished);
            size += progress.produced;
            assert_ok(elea_decompressor_run(decompressor,
                                            (elea_bytes){.data = packed, .size = size}, found, 100,
                                            &progress, &err));
            assert_int_equal(progress.consumed, size);
            // A block of bzip2 ends inside a byte, which is not given out.
            if (elea_codec_id_of(codec) == ELEA_CODEC_BZ2)
                continue;
            assert_int_equal(progress.produced, text.size);
            assert_memory_equal(found, text.data, (size_t)text.size);
        }
        assert_ok(elea_compressor_run(compressor, text, packed, 2000, &progress, &err));
        assert_ok(elea_compressor_flush(compressor, packed, 1, &progress, &err));
        assert_false(progress.finished);
        assert_fails(ELEA_EINVAL, "the flush before is not finished",
                     elea_compressor_run(compressor, text, packed, 2000, &progress, &err));
        assert_fails(ELEA_EINVAL, "the flush before is not finished",
                     elea_compressor_end(compressor, text, packed, 2000, &progress, &err));
        assert_ok(elea_compressor_flush(compressor, packed, 2000, &progress, &err));
        assert_true(progress.finished);
        assert_ok(elea_compressor_end(compressor, text, packed, 2000, &progress, &err));
        assert_true(progress.finished);
        assert_fails(ELEA_EINVAL, "the frame has ended",
                     elea_compressor_run(compressor, text, packed, 2000, &progress, &err));
        assert_ok(elea_compressor_reset(compressor, &err));
        assert_ok(elea_compressor_run(compressor, text, packed, 2000, &progress, &err));
        elea_decompressor_free(decompressor);
        elea_compressor_free(compressor);
    }
}

typedef struct codec_trip {
    const elea_codec *codec;
    elea_bytes source;
} codec_trip;

static elea_status run_trip(elea_pool *pool, void *context, elea_error *err) {
    const codec_trip *trip = context;
    elea_status status = ELEA_OK;
    elea_compressor *compressor = NULL;
    elea_decompressor *decompressor = NULL;
    made_bytes packed = {0}, found = {0};
    const step_size steps = {30000, 30000};
    ELEA_GOTO(done, elea_compressor_new(trip->codec, NULL, pool, &compressor, err));
    ELEA_GOTO(done, compress_all(compressor, trip->source, steps, 0, &packed, err));
    ELEA_GOTO(done, elea_compressor_reset(compressor, err));
    ELEA_GOTO(done, elea_decompressor_new(trip->codec, NULL, pool, &decompressor, err));
    const elea_bytes bytes = {.data = packed.data, .size = packed.size};
    ELEA_GOTO(done, decompress_all(decompressor, bytes, steps, &found, err));
    ELEA_GOTO(done, elea_decompressor_reset(decompressor, err));

done:
    free(found.data);
    free(packed.data);
    elea_decompressor_free(decompressor);
    elea_compressor_free(compressor);
    return status;
}

static void test_out_of_memory(void **state) {
    (void)state;
    char *bytes = elea_test_codec_bytes(100000);
    FOR_EACH_CODEC(codec) {
        codec_trip trip = {codec, {.data = bytes, .size = 100000}};
        elea_test_fail_each_allocation(run_trip, &trip);
    }
    free(bytes);
}

// A frame that says 8 bytes, and whose one block is empty: no way of taking it apart may believe
// it.
static void test_declared_size(void **state) {
    (void)state;
    elea_error err = {0};
    static const char lying[] = "\x28\xb5\x2f\xfd\x20\x08\x01\x00\x00";
    const elea_bytes source = {.data = lying, .size = 9};
    const elea_codec *codec = elea_codec_of(ELEA_CODEC_ZSTD);
    char target[8];
    made_bytes found = {0};
    if (!elea_codec_available(codec))
        return;
    for (int64_t size = 0; size <= 8; size += 8)
        assert_fails(ELEA_EINVAL, "zstd", elea_codec_decompress(codec, source, target, size, &err));
    for (int s = 0; s < STEPS_COUNT; s++)
        assert_fails(ELEA_EINVAL, "zstd",
                     decompress_some(codec, source, step_sizes[s], &found, &err));
    assert_int_equal(found.size, 0);
    free(found.data);
}

static void test_without_steps(void **state) {
    (void)state;
    elea_error err = {0};
    static const elea_codec_id ids[] = {ELEA_CODEC_SNAPPY, ELEA_CODEC_LZ4_RAW,
                                        ELEA_CODEC_LZ4_HADOOP};
    for (int i = 0; i < 3; i++) {
        const elea_codec *codec = elea_codec_of(ids[i]);
        elea_compressor *compressor = NULL;
        elea_decompressor *decompressor = NULL;
        const char *reason = elea_codec_available(codec) ? "in steps" : "ELEA_WITH_";
        assert_false(elea_codec_has_steps(codec));
        assert_fails(ELEA_EUNSUPPORTED, reason,
                     elea_compressor_new(codec, NULL, NULL, &compressor, &err));
        assert_fails(ELEA_EUNSUPPORTED, reason,
                     elea_decompressor_new(codec, NULL, NULL, &decompressor, &err));
    }
    for (int i = 0; elea_codec_at(i); i++) {
        elea_compressor *compressor = NULL;
        if (!elea_codec_available(elea_codec_at(i)))
            assert_fails(ELEA_EUNSUPPORTED, "ELEA_WITH_",
                         elea_compressor_new(elea_codec_at(i), NULL, NULL, &compressor, &err));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_steps),     cmocka_unit_test(test_options),
        cmocka_unit_test(test_members),       cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_flips),         cmocka_unit_test(test_bombs),
        cmocka_unit_test(test_flush),         cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_declared_size), cmocka_unit_test(test_without_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

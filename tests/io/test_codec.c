// SPDX-License-Identifier: Apache-2.0
//
// Every codec of the list, all at once: round trips of all sizes and levels, damage, limits, names.
#include <elea/io.h>

#include <stdlib.h>

#include "support/cmocka_all.h"
#include "support/codec_bytes.h"
#include "support/random.h"

// `name` for each codec that is built in.
#define FOR_EACH_CODEC(name)                                                                       \
    for (int name##_i = 0; elea_codec_at(name##_i); name##_i++)                                    \
        for (const elea_codec *name = elea_codec_at(name##_i); name && elea_codec_available(name); \
             name = NULL)

static void test_round_trips(void **state) {
    (void)state;
    elea_error err = {0};
    static const int64_t sizes[] = {0,    1,     7,     63,    64,     65,
                                    4095, 65535, 65536, 65537, 131072, 1000000};
    FOR_EACH_CODEC(codec) {
        const int32_t levels[] = {0, ELEA_CODEC_LEVEL_LOWEST, ELEA_CODEC_LEVEL_HIGHEST};
        int32_t min, max;
        elea_codec_levels(codec, &min, &max);
        for (int i = 0; i < (int)(sizeof sizes / sizeof *sizes); i++) {
            char *bytes = elea_test_codec_bytes(sizes[i]);
            char *found = malloc((size_t)sizes[i] + 1);
            // The highest levels take their time.
            for (int l = 0; l < (min == max ? 1 : sizes[i] > 65537 ? 2 : 3); l++) {
                elea_bytes packed = elea_test_compress(codec, levels[l], bytes, sizes[i]);
                assert_true(sizes[i] <= elea_codec_decompress_bound(codec, packed.size));
                assert_ok(elea_codec_decompress(codec, packed, found, sizes[i], &err));
                assert_memory_equal(found, bytes, (size_t)sizes[i]);
                elea_test_release(packed);
            }
            free(found);
            free(bytes);
        }
    }
}

// Noise, which only grows, fits the bound; repetition stays within what a byte can stand for.
static void test_bounds(void **state) {
    (void)state;
    elea_error err = {0};
    const int64_t size = 300000;
    char *noise = malloc((size_t)size), *found = malloc((size_t)size);
    char *zeros = calloc((size_t)size, 1);
    uint64_t seed = 1;
    elea_test_random_fill(&seed, noise, size);
    FOR_EACH_CODEC(codec) {
        int32_t min, max;
        elea_codec_levels(codec, &min, &max);
        for (int32_t level = min < -5 ? -5 : min; level <= (max > 9 ? 9 : max); level++) {
            bool lowest = level == 0 && min == 0 && max > 0;
            int32_t asked = lowest ? ELEA_CODEC_LEVEL_LOWEST : level;
            elea_bytes packed = elea_test_compress(codec, asked, noise, size);
            assert_ok(elea_codec_decompress(codec, packed, found, size, &err));
            assert_memory_equal(found, noise, (size_t)size);
            elea_test_release(packed);
            packed = elea_test_compress(codec, asked, zeros, size);
            assert_true(size <= elea_codec_decompress_bound(codec, packed.size));
            assert_ok(elea_codec_decompress(codec, packed, found, size, &err));
            assert_memory_equal(found, zeros, (size_t)size);
            elea_test_release(packed);
        }
    }
    free(zeros);
    free(found);
    free(noise);
}

static bool has_members(const elea_codec *codec) {
    switch (elea_codec_id_of(codec)) {
    case ELEA_CODEC_LZ4_FRAME:
    case ELEA_CODEC_ZSTD:
    case ELEA_CODEC_GZIP:
    case ELEA_CODEC_BZ2:
    case ELEA_CODEC_SNAPPY_FRAMED:
    case ELEA_CODEC_LZ4_HADOOP:
        return true;
    default:
        return false;
    }
}

// Two frames, one after the other, are one text, where the format has that.
static void test_concatenated_frames(void **state) {
    (void)state;
    elea_error err = {0};
    FOR_EACH_CODEC(codec) {
        elea_bytes first = elea_test_compress(codec, 0, "the tortoise ", 13);
        elea_bytes second = elea_test_compress(codec, 0, "is ahead", 8);
        char *both = malloc((size_t)(first.size + second.size)), found[21];
        memcpy(both, first.data, (size_t)first.size);
        memcpy(both + first.size, second.data, (size_t)second.size);
        const elea_bytes source = {.data = both, .size = first.size + second.size};
        if (has_members(codec)) {
            assert_ok(elea_codec_decompress(codec, source, found, 21, &err));
            assert_memory_equal(found, "the tortoise is ahead", 21);
        } else {
            assert_fails(ELEA_EINVAL, elea_codec_name(codec),
                         elea_codec_decompress(codec, source, found, 21, &err));
        }
        free(both);
        elea_test_release(second);
        elea_test_release(first);
    }
}

// Whether a wrong bit can be told at all.
static bool has_checksum(const elea_codec *codec) {
    switch (elea_codec_id_of(codec)) {
    case ELEA_CODEC_GZIP:
    case ELEA_CODEC_ZLIB:
    case ELEA_CODEC_BZ2:
    case ELEA_CODEC_SNAPPY_FRAMED:
        return true;
    default:
        return false;
    }
}

static void flip_each_bit(const elea_codec *codec, elea_bytes packed, const char *bytes,
                          int64_t size) {
    elea_error err = {0};
    char *copy = malloc((size_t)packed.size), *found = malloc((size_t)size);
    for (int64_t at = 0; at < packed.size; at++) {
        for (int bit = 0; bit < 8; bit++) {
            memcpy(copy, packed.data, (size_t)packed.size);
            copy[at] = (char)(copy[at] ^ 1 << bit);
            const elea_bytes source = {.data = copy, .size = packed.size};
            elea_status status = elea_codec_decompress(codec, source, found, size, &err);
            assert_true(status == ELEA_OK || status == ELEA_EINVAL || status == ELEA_ECAPACITY);
            if (status == ELEA_OK && has_checksum(codec))
                assert_memory_equal(found, bytes, (size_t)size);
        }
    }
    free(found);
    free(copy);
}

static void test_damage(void **state) {
    (void)state;
    elea_error err = {0};
    const int64_t size = 300;
    char *bytes = elea_test_codec_bytes(size), *found = malloc((size_t)size + 1);
    FOR_EACH_CODEC(codec) {
        elea_bytes packed = elea_test_compress(codec, 0, bytes, size);
        for (int64_t cut = 0; cut < packed.size; cut++) {
            char *part = malloc((size_t)cut + 1);
            memcpy(part, packed.data, (size_t)cut);
            const elea_bytes source = {.data = part, .size = cut};
            assert_fails(ELEA_EINVAL, elea_codec_name(codec),
                         elea_codec_decompress(codec, source, found, size, &err));
            free(part);
        }
        assert_fails(ELEA_EINVAL, elea_codec_name(codec),
                     elea_codec_decompress(codec, packed, found, 0, &err));
        assert_fails(ELEA_EINVAL, elea_codec_name(codec),
                     elea_codec_decompress(codec, packed, found, size - 1, &err));
        assert_fails(ELEA_EINVAL, elea_codec_name(codec),
                     elea_codec_decompress(codec, packed, found, size + 1, &err));
        flip_each_bit(codec, packed, bytes, size);
        elea_test_release(packed);
    }
    free(found);
    free(bytes);
}

// Old files hold bare blocks where Hadoop's are expected; Hadoop itself cuts its blocks in pieces.
static void test_lz4_hadoop(void **state) {
    (void)state;
    elea_error err = {0};
    const elea_codec *hadoop = elea_codec_of(ELEA_CODEC_LZ4_HADOOP);
    char found[21];
    if (!elea_codec_available(hadoop))
        return;
    elea_bytes bare = elea_test_compress(elea_codec_of(ELEA_CODEC_LZ4_RAW), 0, "arrow", 5);
    assert_ok(elea_codec_decompress(hadoop, bare, found, 5, &err));
    assert_memory_equal(found, "arrow", 5);
    // "arrow" as a bare block is its length in the upper half of a byte, then itself.
    static const char pieces[] = "\0\0\0\x0a\0\0\0\x06\x50"
                                 "arrow\0\0\0\x06\x50"
                                 "still\0\0\0\0\0\0\0\x01\0";
    const elea_bytes source = {.data = pieces, .size = sizeof pieces - 1};
    assert_ok(elea_codec_decompress(hadoop, source, found, 10, &err));
    assert_memory_equal(found, "arrowstill", 10);
    elea_test_release(bare);
}

static void check_limits(const elea_codec *codec) {
    elea_error err = {0};
    int32_t min, max;
    int64_t size = 0;
    char target[4];
    const elea_bytes source = elea_bytes_of("achilles");
    elea_codec_levels(codec, &min, &max);
    int32_t usual = elea_codec_level_default(codec);
    assert_true(usual >= min && usual <= max);
    assert_ok(elea_codec_check_level(codec, 0, &err));
    assert_ok(elea_codec_check_level(codec, max, &err));
    assert_fails(ELEA_EINVAL, "has no level",
                 elea_codec_compress(codec, max + 1, source, target, 4, &size, &err));
    if (min != 1)
        assert_fails(ELEA_EINVAL, "has no level",
                     elea_codec_compress(codec, min - 1, source, target, 4, &size, &err));
    assert_fails(ELEA_ECAPACITY, "do not fit 4",
                 elea_codec_compress(codec, 0, source, target, 4, &size, &err));
    assert_fails(ELEA_ECAPACITY, "at once",
                 elea_codec_compress_bound(codec, INT64_MAX, &size, &err));
    assert_fails(ELEA_EINVAL, "0 bytes",
                 elea_codec_decompress(codec, (elea_bytes){0}, target, 0, &err));
}

static void test_names(void **state) {
    (void)state;
    elea_error err = {0};
    const elea_codec *found = NULL;
    assert_null(elea_codec_of(ELEA_CODEC_NONE));
    assert_null(elea_codec_of((elea_codec_id)99));
    assert_null(elea_codec_at(-1));
    assert_null(elea_codec_named("rar"));
    assert_null(elea_codec_of_path("zst"));
    assert_null(elea_codec_of_path(""));
    assert_ptr_equal(elea_codec_of_path("table.arrow.zst"), elea_codec_of(ELEA_CODEC_ZSTD));
    assert_ptr_equal(elea_codec_named("bzip2"), elea_codec_of(ELEA_CODEC_BZ2));
    assert_ok(elea_codec_find("br", &found, &err));
    assert_ptr_equal(found, elea_codec_of(ELEA_CODEC_BROTLI));
    assert_ok(elea_codec_find("uncompressed", &found, &err));
    assert_null(found);
    assert_fails(ELEA_EINVAL, "lz4_hadoop, uncompressed", elea_codec_find("lzo", &found, &err));
    int count = 0;
    for (const elea_codec *codec; (codec = elea_codec_at(count)); count++) {
        int64_t size = 0;
        assert_ptr_equal(elea_codec_of(elea_codec_id_of(codec)), codec);
        assert_ptr_equal(elea_codec_named(elea_codec_name(codec)), codec);
        if (elea_codec_suffix(codec)[0])
            assert_ptr_equal(elea_codec_of_path(elea_codec_suffix(codec)), codec);
        assert_true(elea_codec_decompress_bound(codec, INT64_MAX) == INT64_MAX);
        if (elea_codec_available(codec)) {
            check_limits(codec);
            continue;
        }
        assert_fails(ELEA_EUNSUPPORTED, "ELEA_WITH_",
                     elea_codec_compress_bound(codec, 8, &size, &err));
        assert_fails(ELEA_EUNSUPPORTED, "ELEA_WITH_", elea_codec_check_level(codec, 0, &err));
        assert_fails(ELEA_EUNSUPPORTED, "ELEA_WITH_",
                     elea_codec_decompress(codec, elea_bytes_of("x"), NULL, 0, &err));
    }
    assert_int_equal(count, 11);
}

static void test_magic(void **state) {
    (void)state;
    FOR_EACH_CODEC(codec) {
        static const elea_codec_id told[] = {ELEA_CODEC_GZIP, ELEA_CODEC_BZ2, ELEA_CODEC_LZ4_FRAME,
                                             ELEA_CODEC_ZSTD, ELEA_CODEC_SNAPPY_FRAMED};
        const elea_codec *expected = NULL;
        for (int i = 0; i < (int)(sizeof told / sizeof *told); i++)
            if (told[i] == elea_codec_id_of(codec))
                expected = codec;
        for (int64_t size = 0; size < 20; size += 19) {
            elea_bytes packed = elea_test_compress(codec, 0, "an arrow that stands", size);
            assert_ptr_equal(elea_codec_of_magic(packed), expected);
            elea_test_release(packed);
        }
    }
    assert_null(elea_codec_of_magic((elea_bytes){0}));
    assert_null(elea_codec_of_magic(elea_bytes_of("BZh9 is how it begins")));
    assert_null(elea_codec_of_magic(elea_bytes_of("\x1f")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_concatenated_frames),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_lz4_hadoop),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_magic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

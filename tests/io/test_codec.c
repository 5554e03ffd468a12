// SPDX-License-Identifier: Apache-2.0
//
// Every codec of the list: round trips of all sizes, damage, limits, names.
#include <elea/io.h>

#include <stdlib.h>

#include "support/cmocka_all.h"
#include "support/random.h"

static const elea_codec_id ids[] = {ELEA_CODEC_LZ4_FRAME, ELEA_CODEC_ZSTD};

#define ID_COUNT ((int)(sizeof ids / sizeof *ids))

// Half noise, half runs of one byte.
static char *make_bytes(int64_t size) {
    uint64_t seed = (uint64_t)size;
    char *bytes = malloc((size_t)size + 1);
    elea_test_random_fill(&seed, bytes, size / 2);
    memset(bytes + size / 2, 'z', (size_t)(size - size / 2));
    return bytes;
}

// Compressed bytes of the exact size, so that the sanitizers see reads past them.
static elea_bytes compress(const elea_codec *codec, int32_t level, const char *data, int64_t size) {
    elea_error err = {0};
    int64_t bound = 0, found = 0;
    const elea_bytes source = {.data = data, .size = size};
    assert_ok(elea_codec_compress_bound(codec, size, &bound, &err));
    char *target = malloc((size_t)bound);
    assert_ok(elea_codec_compress(codec, level, source, target, bound, &found, &err));
    assert_true(found > 0 && found <= bound);
    char *exact = malloc((size_t)found);
    memcpy(exact, target, (size_t)found);
    free(target);
    return (elea_bytes){.data = exact, .size = found};
}

static void release(elea_bytes bytes) {
    union {
        const char *constant;
        char *owned;
    } pointer = {.constant = bytes.data};
    free(pointer.owned);
}

static void test_round_trips(void **state) {
    (void)state;
    elea_error err = {0};
    static const int64_t sizes[] = {0, 1, 7, 63, 64, 65, 4095, 65535, 65536, 65537, 1000000};
    for (int c = 0; c < ID_COUNT; c++) {
        const elea_codec *codec = elea_codec_of(ids[c]);
        if (!elea_codec_available(codec))
            continue;
        int32_t min, max;
        elea_codec_levels(codec, &min, &max);
        const int32_t levels[] = {0, min, 1, 5, max};
        for (int i = 0; i < (int)(sizeof sizes / sizeof *sizes); i++) {
            char *bytes = make_bytes(sizes[i]);
            char *found = malloc((size_t)sizes[i] + 1);
            // The highest levels take their time.
            for (int l = 0; l < (sizes[i] > 65536 ? 3 : 5); l++) {
                elea_bytes packed = compress(codec, levels[l], bytes, sizes[i]);
                assert_true(sizes[i] <= elea_codec_decompress_bound(codec, packed.size));
                assert_ok(elea_codec_decompress(codec, packed, found, sizes[i], &err));
                assert_memory_equal(found, bytes, (size_t)sizes[i]);
                release(packed);
            }
            free(found);
            free(bytes);
        }
    }
}

// Two frames, one after the other, are one text.
static void test_concatenated_frames(void **state) {
    (void)state;
    elea_error err = {0};
    for (int c = 0; c < ID_COUNT; c++) {
        const elea_codec *codec = elea_codec_of(ids[c]);
        if (!elea_codec_available(codec))
            continue;
        elea_bytes first = compress(codec, 0, "the tortoise ", 13);
        elea_bytes second = compress(codec, 0, "is ahead", 8);
        char *both = malloc((size_t)(first.size + second.size)), found[21];
        memcpy(both, first.data, (size_t)first.size);
        memcpy(both + first.size, second.data, (size_t)second.size);
        const elea_bytes source = {.data = both, .size = first.size + second.size};
        assert_ok(elea_codec_decompress(codec, source, found, 21, &err));
        assert_memory_equal(found, "the tortoise is ahead", 21);
        free(both);
        release(second);
        release(first);
    }
}

static void test_damage(void **state) {
    (void)state;
    elea_error err = {0};
    const int64_t size = 300;
    char *bytes = make_bytes(size), *found = malloc((size_t)size + 1);
    for (int c = 0; c < ID_COUNT; c++) {
        const elea_codec *codec = elea_codec_of(ids[c]);
        if (!elea_codec_available(codec))
            continue;
        elea_bytes packed = compress(codec, 0, bytes, size);
        for (int64_t cut = 0; cut < packed.size; cut++) {
            char *part = malloc((size_t)cut + 1);
            memcpy(part, packed.data, (size_t)cut);
            const elea_bytes source = {.data = part, .size = cut};
            assert_fails(ELEA_EINVAL, elea_codec_name(codec),
                         elea_codec_decompress(codec, source, found, size, &err));
            free(part);
        }
        assert_fails(ELEA_EINVAL, elea_codec_name(codec),
                     elea_codec_decompress(codec, packed, found, size - 1, &err));
        assert_fails(ELEA_EINVAL, elea_codec_name(codec),
                     elea_codec_decompress(codec, packed, found, size + 1, &err));
        char *copy = malloc((size_t)packed.size);
        for (int64_t at = 0; at < packed.size; at++) {
            for (int bit = 0; bit < 8; bit++) {
                memcpy(copy, packed.data, (size_t)packed.size);
                copy[at] = (char)(copy[at] ^ 1 << bit);
                const elea_bytes source = {.data = copy, .size = packed.size};
                elea_status status = elea_codec_decompress(codec, source, found, size, &err);
                assert_true(status == ELEA_OK || status == ELEA_EINVAL);
            }
        }
        free(copy);
        release(packed);
    }
    free(found);
    free(bytes);
}

static void test_names(void **state) {
    (void)state;
    elea_error err = {0};
    assert_null(elea_codec_of(ELEA_CODEC_NONE));
    assert_null(elea_codec_of((elea_codec_id)99));
    assert_null(elea_codec_named("rar"));
    assert_null(elea_codec_of_path("zst"));
    assert_ptr_equal(elea_codec_of_path("table.arrow.zst"), elea_codec_of(ELEA_CODEC_ZSTD));
    for (int c = 0; c < ID_COUNT; c++) {
        const elea_codec *codec = elea_codec_of(ids[c]);
        assert_int_equal(elea_codec_id_of(codec), ids[c]);
        assert_ptr_equal(elea_codec_named(elea_codec_name(codec)), codec);
        assert_ptr_equal(elea_codec_of_path(elea_codec_suffix(codec)), codec);
        assert_true(elea_codec_decompress_bound(codec, INT64_MAX) == INT64_MAX);
        int32_t min, max;
        int64_t size = 0;
        char target[4];
        elea_codec_levels(codec, &min, &max);
        const elea_bytes source = elea_bytes_of("achilles");
        if (!elea_codec_available(codec)) {
            assert_fails(ELEA_EUNSUPPORTED, "ELEA_WITH_",
                         elea_codec_compress_bound(codec, 8, &size, &err));
            assert_fails(ELEA_EUNSUPPORTED, "ELEA_WITH_",
                         elea_codec_decompress(codec, source, target, 4, &err));
            continue;
        }
        assert_fails(ELEA_EINVAL, "has no level",
                     elea_codec_compress(codec, max + 1, source, target, 4, &size, &err));
        assert_fails(ELEA_EINVAL, "has no level",
                     elea_codec_compress(codec, min - 1, source, target, 4, &size, &err));
        assert_fails(ELEA_ECAPACITY, "do not fit 4",
                     elea_codec_compress(codec, 0, source, target, 4, &size, &err));
        assert_fails(ELEA_ECAPACITY, "at once",
                     elea_codec_compress_bound(codec, INT64_MAX, &size, &err));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_concatenated_frames),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
#include "io/codec.h"

#include <string.h>

#include "base/math_internal.h"

#define BYTES(text)                                                                                \
    { .data = (text), .size = sizeof(text) - 1 }

// How much one byte of a compressed file can stand for:
// - an LZ4 match grows by 255 a byte;
// - a block of Zstandard is at least 4 bytes long and holds at most 128 KiB;
// - deflate codes up to 258 bytes by 2 bits;
// - a block of bzip2 holds at most 900,000 bytes, where 5 can stand for 259 before, in at least 20;
// - a meta-block of Brotli holds at most 16 MiB, in at least 4;
// - an element of Snappy copies at most 64 bytes, in 3.
#define LZ4_MAX 255
#define ZSTD_MAX 32768
#define DEFLATE_MAX 1032
#define BZ2_MAX 2400000
#define BROTLI_MAX ((int64_t)1 << 22)
#define SNAPPY_MAX 22

#if ELEA_WITH_LZ4
#define LZ4_OPS &elea__codec_lz4_ops
#define LZ4_RAW_OPS &elea__codec_lz4_raw_ops
#define LZ4_HADOOP_OPS &elea__codec_lz4_hadoop_ops
#else
#define LZ4_OPS NULL
#define LZ4_RAW_OPS NULL
#define LZ4_HADOOP_OPS NULL
#endif
#if ELEA_WITH_ZSTD
#define ZSTD_OPS &elea__codec_zstd_ops
#else
#define ZSTD_OPS NULL
#endif
#if ELEA_WITH_ZLIB
#define ZLIB_OPS &elea__codec_zlib_ops
#else
#define ZLIB_OPS NULL
#endif
#if ELEA_WITH_BZ2
#define BZ2_OPS &elea__codec_bz2_ops
#else
#define BZ2_OPS NULL
#endif
#if ELEA_WITH_BROTLI
#define BROTLI_OPS &elea__codec_brotli_ops
#else
#define BROTLI_OPS NULL
#endif
#if ELEA_WITH_SNAPPY
#define SNAPPY_OPS &elea__codec_snappy_ops
#define SNAPPY_FRAMED_OPS &elea__codec_snappy_framed_ops
#else
#define SNAPPY_OPS NULL
#define SNAPPY_FRAMED_OPS NULL
#endif

static const elea_codec codecs[] = {
    {.id = ELEA_CODEC_LZ4_FRAME,
     .name = "lz4",
     .aliases = {"lz4_frame"},
     .suffix = ".lz4",
     .option = "ELEA_WITH_LZ4",
     .level_default = 1,
     .has_checksum = true,
     .has_members = true,
     .magic = BYTES("\x04\x22\x4d\x18"),
     .expansion_max = LZ4_MAX,
     .ops = LZ4_OPS},
    {.id = ELEA_CODEC_ZSTD,
     .name = "zstd",
     .aliases = {"zstandard"},
     .suffix = ".zst",
     .option = "ELEA_WITH_ZSTD",
     .level_default = 1,
     .window_bits_min = 10,
     .window_bits_max = 31,
     .has_checksum = true,
     .has_members = true,
     .magic = BYTES("\x28\xb5\x2f\xfd"),
     .expansion_max = ZSTD_MAX,
     .ops = ZSTD_OPS},
    {.id = ELEA_CODEC_GZIP,
     .name = "gzip",
     .aliases = {"gz"},
     .suffix = ".gz",
     .option = "ELEA_WITH_ZLIB",
     .variant = ELEA__ZLIB_GZIP,
     .level_default = 9,
     .window_bits_min = 9,
     .window_bits_max = 15,
     .has_members = true,
     .magic = BYTES("\x1f\x8b"),
     .expansion_max = DEFLATE_MAX,
     .ops = ZLIB_OPS},
    {.id = ELEA_CODEC_ZLIB,
     .name = "zlib",
     .suffix = ".zz",
     .option = "ELEA_WITH_ZLIB",
     .variant = ELEA__ZLIB_ZLIB,
     .level_default = 9,
     .window_bits_min = 9,
     .window_bits_max = 15,
     .expansion_max = DEFLATE_MAX,
     .ops = ZLIB_OPS},
    {.id = ELEA_CODEC_DEFLATE,
     .name = "deflate",
     .suffix = "",
     .option = "ELEA_WITH_ZLIB",
     .variant = ELEA__ZLIB_RAW,
     .level_default = 9,
     .window_bits_min = 9,
     .window_bits_max = 15,
     .expansion_max = DEFLATE_MAX,
     .ops = ZLIB_OPS},
    {.id = ELEA_CODEC_BZ2,
     .name = "bz2",
     .aliases = {"bzip2"},
     .suffix = ".bz2",
     .option = "ELEA_WITH_BZ2",
     .level_default = 9,
     .has_members = true,
     .magic = BYTES("BZh"),
     .expansion_max = BZ2_MAX,
     .ops = BZ2_OPS},
    {.id = ELEA_CODEC_BROTLI,
     .name = "brotli",
     .aliases = {"br"},
     .suffix = ".br",
     .option = "ELEA_WITH_BROTLI",
     .level_default = 8,
     .window_bits_min = 10,
     .window_bits_max = 24,
     .expansion_max = BROTLI_MAX,
     .ops = BROTLI_OPS},
    {.id = ELEA_CODEC_SNAPPY,
     .name = "snappy",
     .suffix = ".snappy",
     .option = "ELEA_WITH_SNAPPY",
     .expansion_max = SNAPPY_MAX,
     .ops = SNAPPY_OPS},
    {.id = ELEA_CODEC_SNAPPY_FRAMED,
     .name = "snappy_framed",
     .aliases = {"snappy-framed", "sz"},
     .suffix = ".sz",
     .option = "ELEA_WITH_SNAPPY",
     .has_members = true,
     .magic = BYTES("\xff\x06\x00\x00sNaPpY"),
     .expansion_max = SNAPPY_MAX,
     .ops = SNAPPY_FRAMED_OPS},
    {.id = ELEA_CODEC_LZ4_RAW,
     .name = "lz4_raw",
     .suffix = "",
     .option = "ELEA_WITH_LZ4",
     .level_default = 1,
     .expansion_max = LZ4_MAX,
     .ops = LZ4_RAW_OPS},
    {.id = ELEA_CODEC_LZ4_HADOOP,
     .name = "lz4_hadoop",
     .suffix = "",
     .option = "ELEA_WITH_LZ4",
     .expansion_max = LZ4_MAX,
     .ops = LZ4_HADOOP_OPS},
};

#define CODEC_COUNT ((int)(sizeof codecs / sizeof *codecs))

// ---- finding

const elea_codec *elea_codec_at(int index) {
    return index >= 0 && index < CODEC_COUNT ? &codecs[index] : NULL;
}

const elea_codec *elea_codec_of(elea_codec_id id) {
    for (int i = 0; i < CODEC_COUNT; i++)
        if (codecs[i].id == id)
            return &codecs[i];
    return NULL;
}

static bool is_called(const elea_codec *codec, const char *name) {
    if (strcmp(codec->name, name) == 0)
        return true;
    for (int i = 0; i < 2 && codec->aliases[i]; i++)
        if (strcmp(codec->aliases[i], name) == 0)
            return true;
    return false;
}

const elea_codec *elea_codec_named(const char *name) {
    for (int i = 0; i < CODEC_COUNT; i++)
        if (is_called(&codecs[i], name))
            return &codecs[i];
    return NULL;
}

elea_status elea_codec_find(const char *name, const elea_codec **out, elea_error *err) {
    char list[CODEC_COUNT * 24] = "";
    const elea_codec *codec = elea_codec_named(name);
    if (codec || strcmp(name, "uncompressed") == 0 || strcmp(name, "none") == 0) {
        *out = codec;
        return ELEA_OK;
    }
    for (int i = 0; i < CODEC_COUNT; i++) {
        strncat(list, codecs[i].name, sizeof list - strlen(list) - 1);
        strncat(list, ", ", sizeof list - strlen(list) - 1);
    }
    return elea_error_set(err, ELEA_EINVAL, "there is no codec \"%s\", expected %suncompressed",
                          name, list);
}

const elea_codec *elea_codec_of_path(const char *path) {
    size_t size = strlen(path);
    for (int i = 0; i < CODEC_COUNT; i++) {
        size_t suffix = strlen(codecs[i].suffix);
        if (suffix > 0 && size >= suffix && strcmp(path + size - suffix, codecs[i].suffix) == 0)
            return &codecs[i];
    }
    return NULL;
}

// A stream of bzip2 has its block size behind "BZh", then the magic of a block or of its end.
static bool is_bz2(elea_bytes head) {
    static const char *const next[] = {"\x31\x41\x59\x26\x53\x59", "\x17\x72\x45\x38\x50\x90"};
    return head.size >= 10 && head.data[3] >= '1' && head.data[3] <= '9' &&
           (memcmp(head.data + 4, next[0], 6) == 0 || memcmp(head.data + 4, next[1], 6) == 0);
}

const elea_codec *elea_codec_of_magic(elea_bytes head) {
    for (int i = 0; i < CODEC_COUNT; i++) {
        const elea_bytes magic = codecs[i].magic;
        if (magic.size > 0 && head.size >= magic.size &&
            memcmp(head.data, magic.data, (size_t)magic.size) == 0 &&
            (codecs[i].id != ELEA_CODEC_BZ2 || is_bz2(head)))
            return &codecs[i];
    }
    return NULL;
}

elea_codec_id elea_codec_id_of(const elea_codec *codec) { return codec->id; }

const char *elea_codec_name(const elea_codec *codec) { return codec->name; }

const char *elea_codec_suffix(const elea_codec *codec) { return codec->suffix; }

bool elea_codec_available(const elea_codec *codec) { return codec->ops; }

bool elea_codec_has_steps(const elea_codec *codec) { return codec->ops && codec->ops->compressor; }

elea_status elea__codec_check_available(const elea_codec *codec, elea_error *err) {
    if (codec->ops)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EUNSUPPORTED, "elea was built without %s (%s=OFF)", codec->name,
                          codec->option);
}

// ---- levels

void elea_codec_levels(const elea_codec *codec, int32_t *min, int32_t *max) {
    *min = *max = 0;
    if (codec->ops && codec->ops->levels)
        codec->ops->levels(min, max);
}

int32_t elea_codec_level_default(const elea_codec *codec) { return codec->level_default; }

elea_status elea__codec_level(const elea_codec *codec, int32_t level, int32_t *out,
                              elea_error *err) {
    ELEA_TRY(elea__codec_check_available(codec, err));
    int32_t min, max;
    elea_codec_levels(codec, &min, &max);
    if (level == 0)
        *out = codec->level_default;
    else if (!codec->ops->levels)
        return elea_error_set(err, ELEA_EINVAL, "%s has no level %d: it has no levels", codec->name,
                              level);
    else if (level == ELEA_CODEC_LEVEL_LOWEST)
        *out = min;
    else if (level == ELEA_CODEC_LEVEL_HIGHEST)
        *out = max;
    else if (level < min || level > max)
        return elea_error_set(err, ELEA_EINVAL, "%s has no level %d, expected %d to %d",
                              codec->name, level, min, max);
    else
        *out = level;
    return ELEA_OK;
}

elea_status elea_codec_check_level(const elea_codec *codec, int32_t level, elea_error *err) {
    int32_t resolved;
    return elea__codec_level(codec, level, &resolved, err);
}

// ---- all at once

elea_status elea__codec_blame(const elea_codec *codec, elea_status status, elea_error *err) {
    return elea_error_prefix(err, status, "%s", codec->name);
}

elea_status elea_codec_compress_bound(const elea_codec *codec, int64_t size, int64_t *out,
                                      elea_error *err) {
    ELEA_TRY(elea__codec_check_available(codec, err));
    int64_t bound = codec->ops->compress_bound(size);
    if (bound < 0)
        return elea_error_set(err, ELEA_ECAPACITY, "%s cannot compress %lld bytes at once",
                              codec->name, (long long)size);
    *out = bound;
    return ELEA_OK;
}

static elea_status compress_in_steps(const elea_codec *codec, int32_t level, elea_bytes source,
                                     void *target, int64_t capacity, int64_t *out,
                                     elea_error *err) {
    const elea_compressor_options options = {.level = level};
    elea_compressor *compressor = NULL;
    elea_codec_progress progress = {0};
    ELEA_TRY(elea_compressor_new(codec, &options, NULL, &compressor, err));
    elea_status status = elea_compressor_end(compressor, source, target, capacity, &progress, err);
    if (status == ELEA_OK && !progress.finished)
        status = ELEA_ECAPACITY;
    if (status == ELEA_OK)
        *out = progress.produced;
    elea_compressor_free(compressor);
    return status;
}

elea_status elea_codec_compress(const elea_codec *codec, int32_t level, elea_bytes source,
                                void *target, int64_t capacity, int64_t *out, elea_error *err) {
    elea__codec_setup setup = {
        .variant = codec->variant, .size = source.size, .pool = elea_pool_default()};
    elea_status status = ELEA_OK;
    ELEA_TRY(elea__codec_level(codec, level, &setup.level, err));
    if (codec->ops->compress) {
        status = codec->ops->compress(&setup, source, target, capacity, out, err);
        if (status != ELEA_OK && status != ELEA_ECAPACITY)
            return elea__codec_blame(codec, status, err);
    } else {
        status = compress_in_steps(codec, level, source, target, capacity, out, err);
    }
    if (status == ELEA_ECAPACITY)
        return elea_error_set(err, status, "%s: %lld bytes do not fit %lld", codec->name,
                              (long long)source.size, (long long)capacity);
    return status;
}

int64_t elea_codec_decompress_bound(const elea_codec *codec, int64_t size) {
    int64_t bound = 0;
    return elea__mul_overflow(size, codec->expansion_max, &bound) ? INT64_MAX : bound;
}

// Behind the expected bytes nothing more may come: there is room for one.
static elea_status check_rest(const elea_codec *codec, elea_decompressor *decompressor,
                              elea_bytes rest, int64_t found, int64_t size, elea_error *err) {
    elea_codec_progress progress = {0};
    char more;
    ELEA_TRY(elea_decompressor_run(decompressor, rest, &more, 1, &progress, err));
    if (progress.produced > 0)
        return elea_error_set(err, ELEA_EINVAL, "%s: more than %lld bytes come out", codec->name,
                              (long long)size);
    ELEA_TRY(elea_decompressor_end(decompressor, err));
    if (found == size)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL, "%s: %lld bytes come out, expected %lld", codec->name,
                          (long long)found, (long long)size);
}

static elea_status decompress_in_steps(const elea_codec *codec, elea_bytes source, void *target,
                                       int64_t size, elea_error *err) {
    elea_decompressor *decompressor = NULL;
    elea_codec_progress progress = {0};
    elea_status status = ELEA_OK;
    ELEA_GOTO(done, elea_decompressor_new(codec, NULL, NULL, &decompressor, err));
    ELEA_GOTO(done, elea__decompressor_run_all(decompressor, source, target, size, &progress, err));
    const elea_bytes rest = {.data = source.data + progress.consumed, // at most its end
                             .size = source.size - progress.consumed};
    status = check_rest(codec, decompressor, rest, progress.produced, size, err);

done:
    elea_decompressor_free(decompressor);
    return status;
}

elea_status elea_codec_decompress(const elea_codec *codec, elea_bytes source, void *target,
                                  int64_t size, elea_error *err) {
    const elea__codec_setup setup = {.variant = codec->variant, .pool = elea_pool_default()};
    ELEA_TRY(elea__codec_check_available(codec, err));
    if (source.size == 0)
        return elea_error_set(err, ELEA_EINVAL, "%s: 0 bytes, expected a frame", codec->name);
    if (!codec->ops->decompress)
        return decompress_in_steps(codec, source, target, size, err);
    elea_status status = codec->ops->decompress(&setup, source, target, size, err);
    return status == ELEA_OK ? ELEA_OK : elea__codec_blame(codec, status, err);
}

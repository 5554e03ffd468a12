// SPDX-License-Identifier: Apache-2.0
#include "io/codec.h"

#include <string.h>

#include "base/math_internal.h"

struct elea_codec {
    elea_codec_id id;
    const char *name;
    const char *suffix;
    const char *option; // of the build
    // No byte of a compressed file stands for more: an LZ4 match grows by 255 a byte; a block of
    // Zstandard is at least 4 bytes long and holds at most 128 KiB.
    int64_t expansion_max;
    const elea__codec_ops *ops; // NULL: not built in
};

static const elea_codec codecs[] = {
    {ELEA_CODEC_LZ4_FRAME, "lz4", ".lz4", "ELEA_WITH_LZ4", 255,
#if ELEA_WITH_LZ4
     &elea__codec_lz4_ops
#else
     NULL
#endif
    },
    {ELEA_CODEC_ZSTD, "zstd", ".zst", "ELEA_WITH_ZSTD", 32768,
#if ELEA_WITH_ZSTD
     &elea__codec_zstd_ops
#else
     NULL
#endif
    },
};

#define CODEC_COUNT ((int)(sizeof codecs / sizeof *codecs))

// ---- finding

const elea_codec *elea_codec_of(elea_codec_id id) {
    for (int i = 0; i < CODEC_COUNT; i++)
        if (codecs[i].id == id)
            return &codecs[i];
    return NULL;
}

const elea_codec *elea_codec_named(const char *name) {
    for (int i = 0; i < CODEC_COUNT; i++)
        if (strcmp(codecs[i].name, name) == 0)
            return &codecs[i];
    return NULL;
}

const elea_codec *elea_codec_of_path(const char *path) {
    size_t size = strlen(path);
    for (int i = 0; i < CODEC_COUNT; i++) {
        size_t suffix = strlen(codecs[i].suffix);
        if (size >= suffix && strcmp(path + size - suffix, codecs[i].suffix) == 0)
            return &codecs[i];
    }
    return NULL;
}

elea_codec_id elea_codec_id_of(const elea_codec *codec) { return codec->id; }

const char *elea_codec_name(const elea_codec *codec) { return codec->name; }

const char *elea_codec_suffix(const elea_codec *codec) { return codec->suffix; }

bool elea_codec_available(const elea_codec *codec) { return codec->ops; }

void elea_codec_levels(const elea_codec *codec, int32_t *min, int32_t *max) {
    *min = codec->ops ? codec->ops->level_min() : 0;
    *max = codec->ops ? codec->ops->level_max() : 0;
}

// ---- using

static elea_status check_available(const elea_codec *codec, elea_error *err) {
    if (codec->ops)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EUNSUPPORTED, "elea was built without %s (%s=OFF)", codec->name,
                          codec->option);
}

elea_status elea_codec_compress_bound(const elea_codec *codec, int64_t size, int64_t *out,
                                      elea_error *err) {
    ELEA_TRY(check_available(codec, err));
    int64_t bound = codec->ops->compress_bound(size);
    if (bound < 0)
        return elea_error_set(err, ELEA_ECAPACITY, "%s cannot compress %lld bytes at once",
                              codec->name, (long long)size);
    *out = bound;
    return ELEA_OK;
}

elea_status elea_codec_compress(const elea_codec *codec, int32_t level, elea_bytes source,
                                void *target, int64_t capacity, int64_t *out, elea_error *err) {
    ELEA_TRY(check_available(codec, err));
    int32_t min = codec->ops->level_min(), max = codec->ops->level_max();
    if (level < min || level > max)
        return elea_error_set(err, ELEA_EINVAL, "%s has no level %d, expected %d to %d",
                              codec->name, level, min, max);
    return codec->ops->compress(level, source, target, capacity, out, err);
}

int64_t elea_codec_decompress_bound(const elea_codec *codec, int64_t size) {
    int64_t bound = 0;
    return elea__mul_overflow(size, codec->expansion_max, &bound) ? INT64_MAX : bound;
}

elea_status elea_codec_decompress(const elea_codec *codec, elea_bytes source, void *target,
                                  int64_t size, elea_error *err) {
    ELEA_TRY(check_available(codec, err));
    if (source.size == 0)
        return elea_error_set(err, ELEA_EINVAL, "%s: 0 bytes, expected a frame", codec->name);
    return codec->ops->decompress(source, target, size, err);
}

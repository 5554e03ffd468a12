// SPDX-License-Identifier: Apache-2.0
//
// Zstandard by libzstd.
#include "io/codec.h"

#if ELEA_WITH_ZSTD
#include <zstd.h>

#define LEVEL_DEFAULT 1 // Arrow C++'s; the library's own is 3

static int32_t level_min(void) { return ZSTD_minCLevel(); }

static int32_t level_max(void) { return ZSTD_maxCLevel(); }

static int64_t compress_bound(int64_t size) {
    size_t bound = ZSTD_compressBound((size_t)size);
    return bound == 0 || ZSTD_isError(bound) || bound > INT64_MAX ? -1 : (int64_t)bound;
}

static elea_status compress(int32_t level, elea_bytes source, void *target, int64_t capacity,
                            int64_t *out, elea_error *err) {
    size_t size = ZSTD_compress(target, (size_t)capacity, source.data, (size_t)source.size,
                                level == 0 ? LEVEL_DEFAULT : level);
    if (ZSTD_isError(size))
        return elea_error_set(err, ELEA_ECAPACITY, "zstd: %lld bytes do not fit %lld: %s",
                              (long long)source.size, (long long)capacity, ZSTD_getErrorName(size));
    *out = (int64_t)size;
    return ELEA_OK;
}

static elea_status decompress(elea_bytes source, void *target, int64_t size, elea_error *err) {
    size_t found = ZSTD_decompress(target, (size_t)size, source.data, (size_t)source.size);
    if (ZSTD_isError(found))
        return elea_error_set(err, ELEA_EINVAL, "zstd: %lld bytes: %s", (long long)source.size,
                              ZSTD_getErrorName(found));
    if (found != (size_t)size)
        return elea_error_set(err, ELEA_EINVAL, "zstd: %lld bytes hold %lld, expected %lld",
                              (long long)source.size, (long long)found, (long long)size);
    return ELEA_OK;
}

const elea__codec_ops elea__codec_zstd_ops = {.level_min = level_min,
                                              .level_max = level_max,
                                              .compress_bound = compress_bound,
                                              .compress = compress,
                                              .decompress = decompress};
#endif

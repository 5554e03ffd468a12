// SPDX-License-Identifier: Apache-2.0
//
// LZ4 frames by liblz4.
#include "io/codec.h"

#if ELEA_WITH_LZ4
#include <lz4frame.h>

// A frame is made in one go, so that no block waits in a buffer of the library.
static LZ4F_preferences_t preferences(int32_t level, int64_t size) {
    return (LZ4F_preferences_t){.compressionLevel = level,
                                .autoFlush = 1,
                                .frameInfo = {.contentSize = (unsigned long long)size}};
}

static int32_t level_min(void) { return 0; }

static int32_t level_max(void) { return LZ4F_compressionLevel_max(); }

static int64_t compress_bound(int64_t size) {
    LZ4F_preferences_t wanted = preferences(0, size);
    // The bound adds a few bytes for each block of 64 KiB.
    return size > INT64_MAX / 2 ? -1 : (int64_t)LZ4F_compressFrameBound((size_t)size, &wanted);
}

static elea_status compress(int32_t level, elea_bytes source, void *target, int64_t capacity,
                            int64_t *out, elea_error *err) {
    LZ4F_preferences_t wanted = preferences(level, source.size);
    size_t size =
        LZ4F_compressFrame(target, (size_t)capacity, source.data, (size_t)source.size, &wanted);
    if (LZ4F_isError(size))
        return elea_error_set(err, ELEA_ECAPACITY, "lz4: %lld bytes do not fit %lld: %s",
                              (long long)source.size, (long long)capacity, LZ4F_getErrorName(size));
    *out = (int64_t)size;
    return ELEA_OK;
}

// Frame after frame, until source or target are used up or nothing moves.
static elea_status decompress_frames(LZ4F_dctx *context, elea_bytes source, char *target,
                                     int64_t size, elea_error *err) {
    int64_t taken = 0, given = 0;
    size_t expected = 1; // bytes; 0: a frame has ended
    while (taken < source.size) {
        size_t in = (size_t)(source.size - taken), out = (size_t)(size - given);
        expected = LZ4F_decompress(context, target + given, &out, source.data + taken, &in, NULL);
        if (LZ4F_isError(expected))
            return elea_error_set(err, ELEA_EINVAL, "lz4: %s at byte %lld of %lld",
                                  LZ4F_getErrorName(expected), (long long)taken,
                                  (long long)source.size);
        if (in == 0 && out == 0)
            break;
        taken += (int64_t)in;
        given += (int64_t)out;
    }
    if (expected == 0 && taken == source.size && given == size)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL,
                          "lz4: %lld bytes from %lld of %lld, expected %lld from all, and the end "
                          "of a frame",
                          (long long)given, (long long)taken, (long long)source.size,
                          (long long)size);
}

static elea_status decompress(elea_bytes source, void *target, int64_t size, elea_error *err) {
    LZ4F_dctx *context = NULL;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)))
        return elea_error_set(err, ELEA_ENOMEM, "no memory for decompressing lz4");
    elea_status status = decompress_frames(context, source, target, size, err);
    LZ4F_freeDecompressionContext(context);
    return status;
}

const elea__codec_ops elea__codec_lz4_ops = {.level_min = level_min,
                                             .level_max = level_max,
                                             .compress_bound = compress_bound,
                                             .compress = compress,
                                             .decompress = decompress};
#endif

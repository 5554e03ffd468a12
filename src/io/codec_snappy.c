// SPDX-License-Identifier: Apache-2.0
//
// Snappy by its library: bare blocks, all at once. The framed format is in codec_snappy_framed.c.
#include "io/codec.h"

#if ELEA_WITH_SNAPPY

#include <snappy-c.h>

// The size that comes out stands in 32 bits.
static int64_t compress_bound(int64_t size) {
    return size > UINT32_MAX ? -1 : (int64_t)snappy_max_compressed_length((size_t)size);
}

static elea_status compress(const elea__codec_setup *setup, elea_bytes source, void *target,
                            int64_t capacity, int64_t *out, elea_error *err) {
    (void)setup;
    size_t size = (size_t)capacity;
    // The library wants room for the worst case.
    if (source.size > UINT32_MAX ||
        snappy_compress(source.data, (size_t)source.size, target, &size) != SNAPPY_OK)
        return elea_error_set(err, ELEA_ECAPACITY, "no room for the worst case");
    *out = (int64_t)size;
    return ELEA_OK;
}

static elea_status decompress(const elea__codec_setup *setup, elea_bytes source, void *target,
                              int64_t size, elea_error *err) {
    (void)setup;
    size_t found = 0;
    char none = 0;
    if (snappy_uncompressed_length(source.data, (size_t)source.size, &found) != SNAPPY_OK)
        return elea_error_set(err, ELEA_EINVAL, "the size at the beginning is damaged");
    if (found != (size_t)size)
        return elea_error_set(err, ELEA_EINVAL, "a block of %lld bytes, expected %lld",
                              (long long)found, (long long)size);
    if (snappy_uncompress(source.data, (size_t)source.size, target ? target : &none, &found) !=
        SNAPPY_OK)
        return elea_error_set(err, ELEA_EINVAL, "the block is damaged");
    return ELEA_OK;
}

const elea__codec_ops elea__codec_snappy_ops = {
    .compress_bound = compress_bound, .compress = compress, .decompress = decompress};
#endif

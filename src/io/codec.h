// SPDX-License-Identifier: Apache-2.0
//
// What the list of codecs asks of each library.
#ifndef ELEA_IO_CODEC_OPS_H
#define ELEA_IO_CODEC_OPS_H

#include <elea/io.h>

typedef struct elea__codec_ops {
    // Lowest and highest level besides 0, which stands for the default.
    int32_t (*level_min)(void);
    int32_t (*level_max)(void);
    int64_t (*compress_bound)(int64_t size); // negative: too large
    elea_status (*compress)(int32_t level, elea_bytes source, void *target, int64_t capacity,
                            int64_t *out, elea_error *err);
    elea_status (*decompress)(elea_bytes source, void *target, int64_t size, elea_error *err);
} elea__codec_ops;

// Defined in the file of each library, when Elea is built with it.
extern const elea__codec_ops elea__codec_lz4_ops;
extern const elea__codec_ops elea__codec_zstd_ops;

#endif // ELEA_IO_CODEC_OPS_H

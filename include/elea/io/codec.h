// SPDX-License-Identifier: Apache-2.0
//
// Compression, by one list of codecs for all formats. Part of elea/io.h.
#ifndef ELEA_IO_CODEC_H
#define ELEA_IO_CODEC_H

#include <elea/base.h>

#ifdef __cplusplus
extern "C" {
#endif

// Compression by the libraries that Elea was built with. Each format names codecs in its own way;
// this is the one list they all choose from.
typedef enum elea_codec_id {
    ELEA_CODEC_NONE = 0,
    ELEA_CODEC_LZ4_FRAME = 1, // the LZ4 frame format, not bare blocks
    ELEA_CODEC_ZSTD = 2,
} elea_codec_id;

// A row of that list; static storage, safe from any thread.
typedef struct elea_codec elea_codec;

// NULL for ELEA_CODEC_NONE and for what is not in the list.
ELEA_API const elea_codec *elea_codec_of(elea_codec_id id);
// By name: "lz4", "zstd". NULL when there is none.
ELEA_API const elea_codec *elea_codec_named(const char *name);
// By the end of a file's name: ".lz4", ".zst". NULL when there is none.
ELEA_API const elea_codec *elea_codec_of_path(const char *path);
ELEA_API elea_codec_id elea_codec_id_of(const elea_codec *codec);
ELEA_API const char *elea_codec_name(const elea_codec *codec);
ELEA_API const char *elea_codec_suffix(const elea_codec *codec);
// Whether Elea was built with its library; all below answers ELEA_EUNSUPPORTED otherwise, naming
// the option of the build.
ELEA_API bool elea_codec_available(const elea_codec *codec);
// The levels that are accepted; 0 stands for the default, which is Arrow C++'s.
ELEA_API void elea_codec_levels(const elea_codec *codec, int32_t *min, int32_t *max);

// The most bytes that compressing `size` bytes gives.
ELEA_API ELEA_CHECKED elea_status elea_codec_compress_bound(const elea_codec *codec, int64_t size,
                                                            int64_t *out, elea_error *err);
// Compresses all of `source`; *out becomes the number of bytes written to `target`, of at most
// `capacity`. ELEA_ECAPACITY when they do not suffice (never with the bound above), ELEA_EINVAL for
// a level out of range. The library takes scratch memory of its own.
ELEA_API ELEA_CHECKED elea_status elea_codec_compress(const elea_codec *codec, int32_t level,
                                                      elea_bytes source, void *target,
                                                      int64_t capacity, int64_t *out,
                                                      elea_error *err);
// The most bytes that `size` bytes of a file can stand for: a size that a file declares beyond it
// is false, and need not be allocated to find that out.
ELEA_API int64_t elea_codec_decompress_bound(const elea_codec *codec, int64_t size);
// Decompresses `source`, one or more whole frames, to exactly `size` bytes. ELEA_EINVAL when it is
// damaged, cut, or of another size; `target` then holds anything.
ELEA_API ELEA_CHECKED elea_status elea_codec_decompress(const elea_codec *codec, elea_bytes source,
                                                        void *target, int64_t size,
                                                        elea_error *err);

#ifdef __cplusplus
}
#endif

#endif // ELEA_IO_CODEC_H

// SPDX-License-Identifier: Apache-2.0
//
// Compression, by one list of codecs for all formats: whole runs of bytes at once, or in steps of
// any size. Streams that compress and decompress on the way are in elea/io/compressed.h. Part of
// elea/io.h.
#ifndef ELEA_IO_CODEC_H
#define ELEA_IO_CODEC_H

#include <elea/base.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- the list

// Compression by the libraries that Elea was built with. Each format names codecs in its own way;
// this is the one list they all choose from.
//
//     name            suffix   levels (default)           library
//     lz4             .lz4     1 to 12 (1)                liblz4
//     zstd            .zst     -131072 to 22 (1)          libzstd
//     gzip            .gz      1 to 9 (9)                 zlib
//     zlib            .zz      1 to 9 (9)                 zlib
//     deflate                  1 to 9 (9)                 zlib
//     bz2             .bz2     1 to 9 (9)                 libbz2
//     brotli          .br      0 to 11 (8)                libbrotli
//     snappy          .snappy                             libsnappy
//     snappy_framed   .sz                                 libsnappy
//     lz4_raw                  1 to 12 (1)                liblz4
//     lz4_hadoop                                          liblz4
typedef enum elea_codec_id {
    ELEA_CODEC_NONE = 0,
    ELEA_CODEC_LZ4_FRAME = 1, // the LZ4 frame format, not bare blocks
    ELEA_CODEC_ZSTD = 2,
    ELEA_CODEC_GZIP = 3,          // RFC 1952
    ELEA_CODEC_ZLIB = 4,          // RFC 1950
    ELEA_CODEC_DEFLATE = 5,       // RFC 1951: no frame, no checksum
    ELEA_CODEC_BZ2 = 6,           // bzip2
    ELEA_CODEC_BROTLI = 7,        // RFC 7932; no checksum
    ELEA_CODEC_SNAPPY = 8,        // a bare block; no checksum; one-shot only
    ELEA_CODEC_SNAPPY_FRAMED = 9, // Snappy's framing format
    ELEA_CODEC_LZ4_RAW = 10,      // a bare block, as Parquet's LZ4_RAW; one-shot only
    // Blocks as Hadoop frames them, which is Parquet's old LZ4; one-shot only. A bare block is
    // decompressed, too.
    ELEA_CODEC_LZ4_HADOOP = 11,
} elea_codec_id;

// A row of that list; static storage, safe from any thread.
typedef struct elea_codec elea_codec;

// Rows 0, 1, ... of the list; NULL behind its end.
ELEA_API const elea_codec *elea_codec_at(int index);
// NULL for ELEA_CODEC_NONE and for what is not in the list.
ELEA_API const elea_codec *elea_codec_of(elea_codec_id id);
// By name or another name for it ("gz", "bzip2", "lz4_frame", "zstandard", "br"). NULL when there
// is none.
ELEA_API const elea_codec *elea_codec_named(const char *name);
// The same for names that people give: *out becomes NULL for "uncompressed" and "none"; ELEA_EINVAL
// for an unknown name, with a message that lists the known ones.
ELEA_API ELEA_CHECKED elea_status elea_codec_find(const char *name, const elea_codec **out,
                                                  elea_error *err);
// By the end of a file's name: ".lz4", ".zst". NULL when there is none.
ELEA_API const elea_codec *elea_codec_of_path(const char *path);
// By what a file begins with; 10 bytes are enough for all. gzip, bz2, lz4, zstd and snappy_framed
// can be told; NULL for anything else.
ELEA_API const elea_codec *elea_codec_of_magic(elea_bytes head);
ELEA_API elea_codec_id elea_codec_id_of(const elea_codec *codec);
ELEA_API const char *elea_codec_name(const elea_codec *codec);
ELEA_API const char *elea_codec_suffix(const elea_codec *codec); // "" when there is none
// Whether Elea was built with its library; all below answers ELEA_EUNSUPPORTED otherwise, naming
// the option of the build.
ELEA_API bool elea_codec_available(const elea_codec *codec);
// Whether it works in steps; the others are one-shot only.
ELEA_API bool elea_codec_has_steps(const elea_codec *codec);

// A level is 0 for the default, which is Arrow C++'s, or a level of the codec, or one of these. (A
// codec whose level 0 is something of its own, brotli, has it as ELEA_CODEC_LEVEL_LOWEST.)
#define ELEA_CODEC_LEVEL_LOWEST INT32_MIN
#define ELEA_CODEC_LEVEL_HIGHEST INT32_MAX

// The levels of the codec; both 0 when it has none or is not available.
ELEA_API void elea_codec_levels(const elea_codec *codec, int32_t *min, int32_t *max);
ELEA_API int32_t elea_codec_level_default(const elea_codec *codec);
// ELEA_OK when compressing will accept the level. ELEA_EINVAL when it is out of range, as every
// level but 0 is for a codec without levels.
ELEA_API ELEA_CHECKED elea_status elea_codec_check_level(const elea_codec *codec, int32_t level,
                                                         elea_error *err);

// ---- all at once

// The most bytes that compressing `size` bytes at once gives. ELEA_ECAPACITY when the format cannot
// hold so many.
ELEA_API ELEA_CHECKED elea_status elea_codec_compress_bound(const elea_codec *codec, int64_t size,
                                                            int64_t *out, elea_error *err);
// Compresses all of `source` to one frame; *out becomes the number of bytes written to `target`, of
// at most `capacity`. ELEA_ECAPACITY when they do not suffice (never with the bound above; snappy
// needs that in any case), ELEA_EINVAL for a level out of range. Scratch memory is of the default
// pool; libsnappy takes its own by C++'s operator new.
ELEA_API ELEA_CHECKED elea_status elea_codec_compress(const elea_codec *codec, int32_t level,
                                                      elea_bytes source, void *target,
                                                      int64_t capacity, int64_t *out,
                                                      elea_error *err);
// The most bytes that `size` bytes of a file can stand for: a size that a file declares beyond it
// is false, and need not be allocated to find that out.
ELEA_API int64_t elea_codec_decompress_bound(const elea_codec *codec, int64_t size);
// Decompresses `source`, one or more whole frames (one of zlib, deflate, brotli and the bare
// blocks), to exactly `size` bytes. ELEA_EINVAL when it is damaged, cut, or of another size;
// `target` then holds anything.
ELEA_API ELEA_CHECKED elea_status elea_codec_decompress(const elea_codec *codec, elea_bytes source,
                                                        void *target, int64_t size,
                                                        elea_error *err);

// ---- in steps

// What a step did.
typedef struct elea_codec_progress {
    int64_t consumed; // bytes of the source
    int64_t produced; // bytes written to the target
    // Of a flush or an end: all was given out; otherwise call again, with more room. Of a
    // decompressor: the input may end here.
    bool finished;
} elea_codec_progress;

// All zero are the defaults.
typedef struct elea_compressor_options {
    int32_t level;
    // The logarithm of how far back repetitions are found; 0: the library's choice. gzip, zlib and
    // deflate have 9 to 15, brotli 10 to 24, zstd 10 to 31 (above 27 a decompressor must be told);
    // others none.
    int32_t window_bits;
    // zstd and lz4: a checksum of the content, which the others have in any case or never.
    bool checksum;
} elea_compressor_options;

ELEA_API void elea_compressor_options_init(elea_compressor_options *options);

// Compresses in steps. For one thread at a time. All its memory is of `pool`, which must outlive it
// (but for what libsnappy takes).
typedef struct elea_compressor elea_compressor;

// `options` NULL: the defaults. ELEA_EUNSUPPORTED for a codec that is not available or has no
// steps, ELEA_EINVAL for options that it does not have.
ELEA_API ELEA_CHECKED elea_status elea_compressor_new(const elea_codec *codec,
                                                      const elea_compressor_options *options,
                                                      elea_pool *pool, elea_compressor **out,
                                                      elea_error *err);
ELEA_API void elea_compressor_free(elea_compressor *compressor);
// Takes bytes of `source` and writes to `target` what comes out; either is used up then. Much may
// stay inside until more comes.
ELEA_API ELEA_CHECKED elea_status elea_compressor_run(elea_compressor *compressor,
                                                      elea_bytes source, void *target,
                                                      int64_t capacity, elea_codec_progress *out,
                                                      elea_error *err);
// Gives out all that was taken, so that a decompressor can give it, too: a sync point (but for bz2,
// whose blocks end inside a byte: the last of them waits for more). It costs compression. Again
// until it is finished, before anything else.
ELEA_API ELEA_CHECKED elea_status elea_compressor_flush(elea_compressor *compressor, void *target,
                                                        int64_t capacity, elea_codec_progress *out,
                                                        elea_error *err);
// Takes the last bytes (there may be none) and completes the frame. Again, with what is left of
// `source`, until it is finished. All at once, with room for elea_codec_compress_bound(), nothing
// is kept inside: with elea_compressor_reset() after it, this is compressing at once with memory
// that is used again.
ELEA_API ELEA_CHECKED elea_status elea_compressor_end(elea_compressor *compressor,
                                                      elea_bytes source, void *target,
                                                      int64_t capacity, elea_codec_progress *out,
                                                      elea_error *err);
// Begins a new frame with the same options, whatever was before, a failure as well. Its outcome can
// stand behind that of the one before.
ELEA_API ELEA_CHECKED elea_status elea_compressor_reset(elea_compressor *compressor,
                                                        elea_error *err);

// All zero are the defaults.
typedef struct elea_decompressor_options {
    // The most bytes that may come out in all; more gives ELEA_ECAPACITY. 0: no limit.
    int64_t size_max;
    // zstd: frames that need a window above this are refused with ELEA_ECAPACITY; 0 stands for 27,
    // which is 128 MiB of memory; 10 to 31. gzip, zlib, deflate: the window is at most that; 0
    // stands for 15, which is the most there is. Others: none.
    int32_t window_bits;
} elea_decompressor_options;

ELEA_API void elea_decompressor_options_init(elea_decompressor_options *options);

// Decompresses in steps. For one thread at a time. Memory as for a compressor.
//
// Frames follow each other as if they were one, where the format has that: gzip (zero bytes after a
// member are left out, as tapes have them), bz2, lz4, zstd (both with frames to be skipped),
// snappy_framed. Anything else behind a frame is an error, and so is anything behind the end of
// zlib, deflate and brotli. No input at all gives no output and is no error.
typedef struct elea_decompressor elea_decompressor;

// Errors as elea_compressor_new().
ELEA_API ELEA_CHECKED elea_status elea_decompressor_new(const elea_codec *codec,
                                                        const elea_decompressor_options *options,
                                                        elea_pool *pool, elea_decompressor **out,
                                                        elea_error *err);
ELEA_API void elea_decompressor_free(elea_decompressor *decompressor);
// Takes bytes of `source` and writes to `target` what comes out, until either is used up. When the
// target is full there may be more to come, which a call without source gives. ELEA_EINVAL for
// damaged data, with the place in the input that was come to; where good bytes came out before it,
// they are given first, and the next call fails. After a failure only a reset helps.
ELEA_API ELEA_CHECKED elea_status elea_decompressor_run(elea_decompressor *decompressor,
                                                        elea_bytes source, void *target,
                                                        int64_t capacity, elea_codec_progress *out,
                                                        elea_error *err);
// To be called at the end of the input: ELEA_EINVAL when it is cut, with the place where it ends.
ELEA_API ELEA_CHECKED elea_status elea_decompressor_end(const elea_decompressor *decompressor,
                                                        elea_error *err);
// Begins anew, whatever was before.
ELEA_API ELEA_CHECKED elea_status elea_decompressor_reset(elea_decompressor *decompressor,
                                                          elea_error *err);

#ifdef __cplusplus
}
#endif

#endif // ELEA_IO_CODEC_H

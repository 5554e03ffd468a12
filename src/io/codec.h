// SPDX-License-Identifier: Apache-2.0
//
// What the list of codecs asks of each library. A codec is either a pair of directions, which work
// in steps of any size and do the one-shot calls, too, or a pair of one-shot functions, or both
// where the library has a faster way for bytes that are all there.
//
// A step never copies payload itself where the library can work on the caller's memory. Messages
// say what is wrong and nothing else: the caller of a step puts the codec's name and the place
// before them (see elea__codec_blame()).
#ifndef ELEA_IO_CODEC_OPS_H
#define ELEA_IO_CODEC_OPS_H

#include <elea/io/codec.h>

// How one direction is set up; all is checked and filled in.
typedef struct elea__codec_setup {
    int32_t variant;     // of a library with several formats, see the table in codec.c
    int32_t level;       // a real one: 0 only where that is a level
    int32_t window_bits; // 0: the library's
    bool checksum;
    int64_t size; // of all bytes to compress; -1: not known
    elea_pool *pool;
} elea__codec_setup;

// Memory that a step moves through: both beginnings go forward.
typedef struct elea__codec_io {
    elea_bytes in;
    char *out;
    int64_t room; // at `out`
    // Set by a step. Compressing: the flush, or the end, is complete. Decompressing: the input may
    // end here; the next step begins the next frame.
    bool finished;
} elea__codec_io;

typedef enum elea__codec_mode {
    ELEA__CODEC_RUN,
    ELEA__CODEC_FLUSH, // compressing, without input: give out all there is
    // Compressing: `in` is the last there is; give out all and end the frame. Decompressing: all of
    // input and room is here.
    ELEA__CODEC_END,
} elea__codec_mode;

typedef struct elea__codec_direction {
    int64_t state_size;
    // `state` is zeroed. After a failure stop() is called as well.
    elea_status (*start)(void *state, const elea__codec_setup *setup, elea_error *err);
    // Does what it can; that nothing moves is no failure.
    elea_status (*step)(void *state, elea__codec_io *io, elea__codec_mode mode, elea_error *err);
    // As after start(), with the same settings.
    elea_status (*restart)(void *state, elea_error *err);
    void (*stop)(void *state);
} elea__codec_direction;

typedef struct elea__codec_ops {
    // Lowest and highest level. NULL: none.
    void (*levels)(int32_t *min, int32_t *max);
    int64_t (*compress_bound)(int64_t size); // of one frame; negative: too large
    // One-shot; NULL: by the directions. `out` and `target` as in elea/io/codec.h.
    elea_status (*compress)(const elea__codec_setup *setup, elea_bytes source, void *target,
                            int64_t capacity, int64_t *out, elea_error *err);
    elea_status (*decompress)(const elea__codec_setup *setup, elea_bytes source, void *target,
                              int64_t size, elea_error *err);
    // NULL: one-shot only.
    const elea__codec_direction *compressor, *decompressor;
} elea__codec_ops;

struct elea_codec {
    const char *name;
    const char *aliases[2];     // NULL: no more
    const char *suffix;         // "": none
    const char *option;         // of the build
    const elea__codec_ops *ops; // NULL: not built in
    elea_bytes magic;           // what a frame begins with; empty: nothing of its own
    // The most bytes that one byte of a compressed file stands for, see codec.c.
    int64_t expansion_max;
    elea_codec_id id;
    int32_t variant; // of a library with several formats
    int32_t level_default;
    int32_t window_bits_min, window_bits_max; // 0: cannot be set
    bool has_checksum;                        // that can be asked for
    bool has_members;                         // several frames can follow each other
};

// Defined in the file of each library, when Elea is built with it.
extern const elea__codec_ops elea__codec_zlib_ops;
extern const elea__codec_ops elea__codec_bz2_ops;
extern const elea__codec_ops elea__codec_lz4_ops;
extern const elea__codec_ops elea__codec_lz4_raw_ops;
extern const elea__codec_ops elea__codec_lz4_hadoop_ops;
extern const elea__codec_ops elea__codec_zstd_ops;
extern const elea__codec_ops elea__codec_snappy_ops;
extern const elea__codec_ops elea__codec_snappy_framed_ops;
extern const elea__codec_ops elea__codec_brotli_ops;

// The formats of zlib, as their variants.
enum { ELEA__ZLIB_GZIP, ELEA__ZLIB_ZLIB, ELEA__ZLIB_RAW };

// ELEA_EUNSUPPORTED when the codec is not built in.
ELEA_CHECKED elea_status elea__codec_check_available(const elea_codec *codec, elea_error *err);
// The level that `level` stands for.
ELEA_CHECKED elea_status elea__codec_level(const elea_codec *codec, int32_t level, int32_t *out,
                                           elea_error *err);
// Puts before a message of a direction which codec it is of.
elea_status elea__codec_blame(const elea_codec *codec, elea_status status, elea_error *err);

// Moves both ends of a step. An end without bytes may be NULL.
static inline void elea__codec_moved(elea__codec_io *io, int64_t consumed, int64_t produced) {
    if (consumed > 0)
        io->in.data += consumed;
    if (produced > 0)
        io->out += produced;
    io->in.size -= consumed;
    io->room -= produced;
}

// As elea_decompressor_run(), for input and room that are all there is.
ELEA_CHECKED elea_status elea__decompressor_run_all(elea_decompressor *decompressor,
                                                    elea_bytes source, void *target, int64_t size,
                                                    elea_codec_progress *out, elea_error *err);

// ---- output that found no room

typedef struct elea__codec_waiting {
    char *data;
    int64_t capacity;
    int64_t begin, end; // of what waits
} elea__codec_waiting;

static inline bool elea__codec_waits(const elea__codec_waiting *waiting) {
    return waiting->begin < waiting->end;
}
// Gives out what there is room for.
void elea__codec_give_waiting(elea__codec_waiting *waiting, elea__codec_io *io);

// ---- memory for the libraries

// They give blocks back without their size, so that it stands before each. `pool` is an elea_pool;
// NULL when there is no memory.
void *elea__codec_take(void *pool, size_t size);
void elea__codec_give(void *pool, void *block); // NULL is allowed

#endif // ELEA_IO_CODEC_OPS_H

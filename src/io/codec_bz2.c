// SPDX-License-Identifier: Apache-2.0
//
// bzip2 by libbz2.
#include "io/codec.h"

#if ELEA_WITH_BZ2

#include "base/math_internal.h"

#include <bzlib.h>

// libbz2 counts in 32 bits.
#define PART_MAX ((int64_t)1 << 30)

typedef struct bz2_state {
    bz_stream stream;
    int32_t level;
    bool started;
    bool ended; // decompressing: a stream is at its end
} bz2_state;

static void *take(void *pool, int count, int size) {
    return elea__codec_take(pool, (size_t)count * (size_t)size);
}

static elea_status fail(int code, elea_error *err) {
    switch (code) {
    case BZ_MEM_ERROR:
        return elea_error_set(err, ELEA_ENOMEM, "no memory");
    case BZ_DATA_ERROR_MAGIC:
        return elea_error_set(err, ELEA_EINVAL, "this does not begin as a stream does");
    case BZ_DATA_ERROR:
        return elea_error_set(err, ELEA_EINVAL, "a block is damaged, or a checksum is wrong");
    default:
        return elea_error_set(err, ELEA_EINVAL, "failure %d of the library", code);
    }
}

// Shows the library a part of input and room; settle() tells what it did with them.
static void offer(bz_stream *stream, const elea__codec_io *io) {
    // The library does not write to its input, but cannot say so.
    union {
        const char *constant;
        char *plain;
    } in = {.constant = io->in.data};
    stream->next_in = in.plain;
    stream->avail_in = (unsigned)elea__min(io->in.size, PART_MAX);
    stream->next_out = io->out;
    stream->avail_out = (unsigned)elea__min(io->room, PART_MAX);
}

static void settle(const bz_stream *stream, elea__codec_io *io) {
    elea__codec_moved(io, elea__min(io->in.size, PART_MAX) - (int64_t)stream->avail_in,
                      elea__min(io->room, PART_MAX) - (int64_t)stream->avail_out);
}

// ---- compressing

static elea_status begin_compress(bz2_state *work, elea_error *err) {
    int code = BZ2_bzCompressInit(&work->stream, work->level, 0, 0);
    work->started = code == BZ_OK;
    return code == BZ_OK ? ELEA_OK : fail(code, err);
}

static void stop_compress(void *state) {
    bz2_state *work = state;
    if (work->started)
        (void)BZ2_bzCompressEnd(&work->stream);
    work->started = false;
}

static elea_status start_compress(void *state, const elea__codec_setup *setup, elea_error *err) {
    bz2_state *work = state;
    *work =
        (bz2_state){.stream = {.bzalloc = take, .bzfree = elea__codec_give, .opaque = setup->pool},
                    .level = setup->level};
    return begin_compress(work, err);
}

static elea_status restart_compress(void *state, elea_error *err) {
    stop_compress(state);
    return begin_compress(state, err);
}

static elea_status step_compress(void *state, elea__codec_io *io, elea__codec_mode mode,
                                 elea_error *err) {
    bz2_state *work = state;
    int action = mode == ELEA__CODEC_FLUSH                            ? BZ_FLUSH
                 : mode == ELEA__CODEC_END && io->in.size <= PART_MAX ? BZ_FINISH
                                                                      : BZ_RUN;
    // Where nothing can move, the library takes the call for a mistake.
    if (io->room == 0 || (action == BZ_RUN && io->in.size == 0))
        return ELEA_OK;
    offer(&work->stream, io);
    int code = BZ2_bzCompress(&work->stream, action);
    settle(&work->stream, io);
    if (code < 0)
        return fail(code, err);
    io->finished = action == BZ_FLUSH ? code == BZ_RUN_OK : code == BZ_STREAM_END;
    return ELEA_OK;
}

// ---- decompressing

static elea_status begin_decompress(bz2_state *work, elea_error *err) {
    int code = BZ2_bzDecompressInit(&work->stream, 0, 0);
    work->started = code == BZ_OK;
    return code == BZ_OK ? ELEA_OK : fail(code, err);
}

static void stop_decompress(void *state) {
    bz2_state *work = state;
    if (work->started)
        (void)BZ2_bzDecompressEnd(&work->stream);
    work->started = false;
}

static elea_status start_decompress(void *state, const elea__codec_setup *setup, elea_error *err) {
    bz2_state *work = state;
    *work =
        (bz2_state){.stream = {.bzalloc = take, .bzfree = elea__codec_give, .opaque = setup->pool}};
    return begin_decompress(work, err);
}

static elea_status restart_decompress(void *state, elea_error *err) {
    stop_decompress(state);
    ((bz2_state *)state)->ended = false;
    return begin_decompress(state, err);
}

static elea_status step_decompress(void *state, elea__codec_io *io, elea__codec_mode mode,
                                   elea_error *err) {
    (void)mode;
    bz2_state *work = state;
    if (work->ended)
        ELEA_TRY(restart_decompress(work, err));
    offer(&work->stream, io);
    int code = BZ2_bzDecompress(&work->stream);
    settle(&work->stream, io);
    if (code < 0)
        return fail(code, err);
    io->finished = work->ended = code == BZ_STREAM_END;
    return ELEA_OK;
}

// ---- the table

static void levels(int32_t *min, int32_t *max) {
    *min = 1;
    *max = 9;
}

// The manual: never more than 1% and 600 bytes.
static int64_t compress_bound(int64_t size) {
    int64_t bound = 0;
    return elea__add_overflow(size, size / 100 + 601, &bound) ? -1 : bound;
}

static const elea__codec_direction compressor = {.state_size = sizeof(bz2_state),
                                                 .start = start_compress,
                                                 .step = step_compress,
                                                 .restart = restart_compress,
                                                 .stop = stop_compress};

static const elea__codec_direction decompressor = {.state_size = sizeof(bz2_state),
                                                   .start = start_decompress,
                                                   .step = step_decompress,
                                                   .restart = restart_decompress,
                                                   .stop = stop_decompress};

const elea__codec_ops elea__codec_bz2_ops = {.levels = levels,
                                             .compress_bound = compress_bound,
                                             .compressor = &compressor,
                                             .decompressor = &decompressor};
#endif

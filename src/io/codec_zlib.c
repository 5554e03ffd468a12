// SPDX-License-Identifier: Apache-2.0
//
// gzip (RFC 1952), zlib (RFC 1950) and bare deflate (RFC 1951) by zlib.
#include "io/codec.h"

#if ELEA_WITH_ZLIB

#include "base/math_internal.h"

// Input is const.
#define ZLIB_CONST
#include <zlib.h>

enum { WINDOW_BITS = 15, MEMORY_LEVEL = 8 };

// zlib counts in 32 bits.
#define PART_MAX ((int64_t)1 << 30)

// A flush begun with less room than this would be repeated by zlib for ever.
enum { FLUSH_ROOM = 16 };

typedef struct zlib_state {
    z_stream stream;
    char flushed[FLUSH_ROOM];
    elea__codec_waiting waiting; // in `flushed`
    bool started;
    bool ended; // decompressing: a member is at its end
} zlib_state;

static void *take(void *pool, uInt count, uInt size) {
    return elea__codec_take(pool, (size_t)count * size);
}

// zlib's way of naming the format in the size of the window.
static int window_bits(const elea__codec_setup *setup) {
    int bits = setup->window_bits == 0 ? WINDOW_BITS : setup->window_bits;
    switch (setup->variant) {
    case ELEA__ZLIB_GZIP:
        return bits + 16;
    case ELEA__ZLIB_RAW:
        return -bits;
    default:
        return bits;
    }
}

static void prepare(zlib_state *work, const elea__codec_setup *setup) {
    work->stream = (z_stream){.zalloc = take, .zfree = elea__codec_give, .opaque = setup->pool};
}

static elea_status fail(const z_stream *stream, int code, elea_error *err) {
    if (code == Z_MEM_ERROR)
        return elea_error_set(err, ELEA_ENOMEM, "no memory");
    if (code == Z_NEED_DICT)
        return elea_error_set(err, ELEA_EINVAL, "a dictionary is needed, which is not supported");
    return elea_error_set(err, ELEA_EINVAL, "%s", stream->msg ? stream->msg : zError(code));
}

// One call of deflate() or inflate().
static int call(zlib_state *work, elea__codec_io *io, int (*function)(z_stream *, int), int flush) {
    z_stream *stream = &work->stream;
    const int64_t in = elea__min(io->in.size, PART_MAX), room = elea__min(io->room, PART_MAX);
    char none = 0; // zlib wants an address even for no room
    stream->next_in = (const Bytef *)io->in.data;
    stream->avail_in = (uInt)in;
    stream->next_out = (Bytef *)(io->out ? io->out : &none);
    stream->avail_out = (uInt)room;
    int code = function(stream, flush);
    elea__codec_moved(io, in - (int64_t)stream->avail_in, room - (int64_t)stream->avail_out);
    return code;
}

// ---- compressing

static elea_status start_deflate(void *state, const elea__codec_setup *setup, elea_error *err) {
    zlib_state *work = state;
    prepare(work, setup);
    work->waiting = (elea__codec_waiting){.data = work->flushed, .capacity = FLUSH_ROOM};
    int code = deflateInit2(&work->stream, setup->level, Z_DEFLATED, window_bits(setup),
                            MEMORY_LEVEL, Z_DEFAULT_STRATEGY);
    work->started = code == Z_OK;
    return code == Z_OK ? ELEA_OK : fail(&work->stream, code, err);
}

static elea_status check_deflate(const zlib_state *work, int code, elea_error *err) {
    // Z_BUF_ERROR only says that nothing could be done.
    if (code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR)
        return ELEA_OK;
    return fail(&work->stream, code, err);
}

static elea_status flush(zlib_state *work, elea__codec_io *io, elea_error *err) {
    elea__codec_io inside = {.out = work->flushed, .room = FLUSH_ROOM};
    elea__codec_give_waiting(&work->waiting, io);
    if (elea__codec_waits(&work->waiting))
        return ELEA_OK;
    bool direct = io->room >= FLUSH_ROOM;
    int code = call(work, direct ? io : &inside, deflate, Z_SYNC_FLUSH);
    ELEA_TRY(check_deflate(work, code, err));
    if (!direct) {
        work->waiting.begin = 0;
        work->waiting.end = FLUSH_ROOM - inside.room;
        elea__codec_give_waiting(&work->waiting, io);
    }
    io->finished = work->stream.avail_out > 0 && !elea__codec_waits(&work->waiting);
    return ELEA_OK;
}

static elea_status step_deflate(void *state, elea__codec_io *io, elea__codec_mode mode,
                                elea_error *err) {
    zlib_state *work = state;
    if (mode == ELEA__CODEC_FLUSH)
        return flush(work, io, err);
    bool last = mode == ELEA__CODEC_END && io->in.size <= PART_MAX;
    int code = call(work, io, deflate, last ? Z_FINISH : Z_NO_FLUSH);
    ELEA_TRY(check_deflate(work, code, err));
    io->finished = code == Z_STREAM_END;
    return ELEA_OK;
}

static elea_status restart_deflate(void *state, elea_error *err) {
    zlib_state *work = state;
    work->waiting.begin = work->waiting.end = 0;
    int code = deflateReset(&work->stream);
    return code == Z_OK ? ELEA_OK : fail(&work->stream, code, err);
}

static void stop_deflate(void *state) {
    zlib_state *work = state;
    if (work->started)
        (void)deflateEnd(&work->stream);
}

// ---- decompressing

static elea_status start_inflate(void *state, const elea__codec_setup *setup, elea_error *err) {
    zlib_state *work = state;
    prepare(work, setup);
    int code = inflateInit2(&work->stream, window_bits(setup));
    work->started = code == Z_OK;
    return code == Z_OK ? ELEA_OK : fail(&work->stream, code, err);
}

static elea_status restart_inflate(void *state, elea_error *err) {
    zlib_state *work = state;
    int code = inflateReset(&work->stream);
    work->ended = false;
    return code == Z_OK ? ELEA_OK : fail(&work->stream, code, err);
}

static elea_status step_inflate(void *state, elea__codec_io *io, elea__codec_mode mode,
                                elea_error *err) {
    zlib_state *work = state;
    if (work->ended)
        ELEA_TRY(restart_inflate(work, err));
    // With all there, zlib needs no window of its own.
    bool all = mode == ELEA__CODEC_END && io->in.size <= PART_MAX && io->room <= PART_MAX;
    int code = call(work, io, inflate, all ? Z_FINISH : Z_NO_FLUSH);
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
        return fail(&work->stream, code, err);
    io->finished = work->ended = code == Z_STREAM_END;
    return ELEA_OK;
}

static void stop_inflate(void *state) {
    zlib_state *work = state;
    if (work->started)
        (void)inflateEnd(&work->stream);
}

// ---- the table

static void levels(int32_t *min, int32_t *max) {
    *min = Z_BEST_SPEED;
    *max = Z_BEST_COMPRESSION;
}

// compressBound() counts the frame of zlib; that of gzip has 12 bytes more.
static int64_t compress_bound(int64_t size) {
    return size > INT64_MAX / 2 ? -1 : (int64_t)compressBound((uLong)size) + 12;
}

static const elea__codec_direction compressor = {.state_size = sizeof(zlib_state),
                                                 .start = start_deflate,
                                                 .step = step_deflate,
                                                 .restart = restart_deflate,
                                                 .stop = stop_deflate};

static const elea__codec_direction decompressor = {.state_size = sizeof(zlib_state),
                                                   .start = start_inflate,
                                                   .step = step_inflate,
                                                   .restart = restart_inflate,
                                                   .stop = stop_inflate};

const elea__codec_ops elea__codec_zlib_ops = {.levels = levels,
                                              .compress_bound = compress_bound,
                                              .compressor = &compressor,
                                              .decompressor = &decompressor};
#endif

// SPDX-License-Identifier: Apache-2.0
//
// Zstandard by libzstd.
#include "io/codec.h"

#if ELEA_WITH_ZSTD

#define ZSTD_STATIC_LINKING_ONLY // for the memory from a pool
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/math_internal.h"

static ZSTD_customMem memory_of(elea_pool *pool) {
    return (ZSTD_customMem){
        .customAlloc = elea__codec_take, .customFree = elea__codec_give, .opaque = pool};
}

static elea_status fail(size_t code, elea_error *err) {
    switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_memory_allocation:
        return elea_error_set(err, ELEA_ENOMEM, "no memory");
    case ZSTD_error_dstSize_tooSmall:
        return elea_error_set(err, ELEA_ECAPACITY, "no room");
    case ZSTD_error_frameParameter_windowTooLarge:
        return elea_error_set(err, ELEA_ECAPACITY,
                              "a frame needs a larger window than window_bits allows");
    default:
        return elea_error_set(err, ELEA_EINVAL, "%s", ZSTD_getErrorName(code));
    }
}

// ---- compressing

typedef struct encoder {
    ZSTD_CCtx *context;
} encoder;

static elea_status start_encoder(void *state, const elea__codec_setup *setup, elea_error *err) {
    encoder *work = state;
    const struct {
        ZSTD_cParameter parameter;
        int value;
    } settings[] = {{ZSTD_c_compressionLevel, setup->level},
                    {ZSTD_c_windowLog, setup->window_bits}, // 0: the library's
                    {ZSTD_c_checksumFlag, setup->checksum}};
    work->context = ZSTD_createCCtx_advanced(memory_of(setup->pool));
    if (!work->context)
        return elea_error_set(err, ELEA_ENOMEM, "no memory");
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        size_t code =
            ZSTD_CCtx_setParameter(work->context, settings[i].parameter, settings[i].value);
        if (ZSTD_isError(code))
            return fail(code, err);
    }
    return ELEA_OK;
}

static elea_status restart_encoder(void *state, elea_error *err) {
    size_t code = ZSTD_CCtx_reset(((encoder *)state)->context, ZSTD_reset_session_only);
    return ZSTD_isError(code) ? fail(code, err) : ELEA_OK;
}

static void stop_encoder(void *state) { (void)ZSTD_freeCCtx(((encoder *)state)->context); }

static elea_status step_encoder(void *state, elea__codec_io *io, elea__codec_mode mode,
                                elea_error *err) {
    static const ZSTD_EndDirective directives[] = {[ELEA__CODEC_RUN] = ZSTD_e_continue,
                                                   [ELEA__CODEC_FLUSH] = ZSTD_e_flush,
                                                   [ELEA__CODEC_END] = ZSTD_e_end};
    ZSTD_inBuffer in = {.src = io->in.data, .size = (size_t)io->in.size};
    ZSTD_outBuffer out = {.dst = io->out, .size = (size_t)io->room};
    size_t left = ZSTD_compressStream2(((encoder *)state)->context, &out, &in, directives[mode]);
    if (ZSTD_isError(left))
        return fail(left, err);
    elea__codec_moved(io, (int64_t)in.pos, (int64_t)out.pos);
    io->finished = left == 0;
    return ELEA_OK;
}

// ---- decompressing

typedef struct decoder {
    ZSTD_DCtx *context;
    // Of the frame at hand.
    char head[ZSTD_FRAMEHEADERSIZE_MAX];
    int64_t head_size;
    int64_t produced;
} decoder;

static void begin_frame(decoder *work) { work->head_size = work->produced = 0; }

static elea_status start_decoder(void *state, const elea__codec_setup *setup, elea_error *err) {
    decoder *work = state;
    begin_frame(work);
    work->context = ZSTD_createDCtx_advanced(memory_of(setup->pool));
    if (!work->context)
        return elea_error_set(err, ELEA_ENOMEM, "no memory");
    // 0: the library's own limit, which is 27.
    size_t code = ZSTD_DCtx_setParameter(work->context, ZSTD_d_windowLogMax, setup->window_bits);
    return ZSTD_isError(code) ? fail(code, err) : ELEA_OK;
}

static elea_status restart_decoder(void *state, elea_error *err) {
    decoder *work = state;
    begin_frame(work);
    size_t code = ZSTD_DCtx_reset(work->context, ZSTD_reset_session_only);
    return ZSTD_isError(code) ? fail(code, err) : ELEA_OK;
}

static void stop_decoder(void *state) { (void)ZSTD_freeDCtx(((decoder *)state)->context); }

// Keeps what the frame begins with, and counts what came out of it.
static void follow_frame(decoder *work, elea_bytes taken, int64_t produced) {
    int64_t size = elea__min(taken.size, (int64_t)sizeof work->head - work->head_size);
    if (size > 0)
        memcpy(work->head + work->head_size, taken.data, (size_t)size);
    work->head_size += size;
    work->produced += produced;
}

// In steps the library does not compare, when the last block is empty.
static elea_status end_frame(decoder *work, elea_error *err) {
    unsigned long long declared = ZSTD_getFrameContentSize(work->head, (size_t)work->head_size);
    int64_t produced = work->produced;
    begin_frame(work);
    if (declared == ZSTD_CONTENTSIZE_UNKNOWN || declared == ZSTD_CONTENTSIZE_ERROR ||
        declared == (unsigned long long)produced)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL, "a frame gives %lld bytes, expected %llu",
                          (long long)produced, declared);
}

static elea_status step_decoder(void *state, elea__codec_io *io, elea__codec_mode mode,
                                elea_error *err) {
    decoder *work = state;
    (void)mode;
    ZSTD_inBuffer in = {.src = io->in.data, .size = (size_t)io->in.size};
    ZSTD_outBuffer out = {.dst = io->out, .size = (size_t)io->room};
    size_t expected = ZSTD_decompressStream(work->context, &out, &in);
    // The library gives up when it is asked in vain for too long; that nothing moves is no failure.
    if (ZSTD_isError(expected) &&
        (ZSTD_getErrorCode(expected) == ZSTD_error_dstSize_tooSmall ||
         ZSTD_getErrorCode(expected) == ZSTD_error_srcSize_wrong) &&
        (io->in.size == 0 || io->room == 0))
        return ELEA_OK;
    if (ZSTD_isError(expected))
        return fail(expected, err);
    follow_frame(work, (elea_bytes){.data = io->in.data, .size = (int64_t)in.pos},
                 (int64_t)out.pos);
    elea__codec_moved(io, (int64_t)in.pos, (int64_t)out.pos);
    io->finished = expected == 0;
    return io->finished ? end_frame(work, err) : ELEA_OK;
}

// ---- one-shot

static void levels(int32_t *min, int32_t *max) {
    *min = ZSTD_minCLevel();
    *max = ZSTD_maxCLevel();
}

static int64_t compress_bound(int64_t size) {
    size_t bound = ZSTD_compressBound((size_t)size);
    return bound == 0 || ZSTD_isError(bound) || bound > INT64_MAX ? -1 : (int64_t)bound;
}

static elea_status compress(const elea__codec_setup *setup, elea_bytes source, void *target,
                            int64_t capacity, int64_t *out, elea_error *err) {
    encoder work = {.context = NULL};
    elea_status status = ELEA_OK;
    ELEA_GOTO(done, start_encoder(&work, setup, err));
    size_t size =
        ZSTD_compress2(work.context, target, (size_t)capacity, source.data, (size_t)source.size);
    if (ZSTD_isError(size))
        status = fail(size, err);
    else
        *out = (int64_t)size;

done:
    stop_encoder(&work);
    return status;
}

static elea_status decompress(const elea__codec_setup *setup, elea_bytes source, void *target,
                              int64_t size, elea_error *err) {
    decoder work = {.context = NULL};
    elea_status status = ELEA_OK;
    ELEA_GOTO(done, start_decoder(&work, setup, err));
    size_t found =
        ZSTD_decompressDCtx(work.context, target, (size_t)size, source.data, (size_t)source.size);
    if (ZSTD_isError(found) && ZSTD_getErrorCode(found) == ZSTD_error_dstSize_tooSmall)
        status = elea_error_set(err, ELEA_EINVAL, "more than %lld bytes come out, expected %lld",
                                (long long)size, (long long)size);
    else if (ZSTD_isError(found))
        status = fail(found, err);
    else if (found != (size_t)size)
        status = elea_error_set(err, ELEA_EINVAL, "%lld bytes come out, expected %lld",
                                (long long)found, (long long)size);

done:
    stop_decoder(&work);
    return status;
}

static const elea__codec_direction compressor = {.state_size = sizeof(encoder),
                                                 .start = start_encoder,
                                                 .step = step_encoder,
                                                 .restart = restart_encoder,
                                                 .stop = stop_encoder};

static const elea__codec_direction decompressor = {.state_size = sizeof(decoder),
                                                   .start = start_decoder,
                                                   .step = step_decoder,
                                                   .restart = restart_decoder,
                                                   .stop = stop_decoder};

const elea__codec_ops elea__codec_zstd_ops = {.levels = levels,
                                              .compress_bound = compress_bound,
                                              .compress = compress,
                                              .decompress = decompress,
                                              .compressor = &compressor,
                                              .decompressor = &decompressor};
#endif

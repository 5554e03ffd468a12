// SPDX-License-Identifier: Apache-2.0
//
// Brotli (RFC 7932) by Google's library.
#include "io/codec.h"

#if ELEA_WITH_BROTLI

#include <setjmp.h>

#include <brotli/decode.h>
#include <brotli/encode.h>

// ---- compressing

// The encoder ends the process when it gets no memory. So its blocks are kept in a list, and where
// there is no memory it is left by a jump: all it had is in that list.
typedef struct block {
    struct block *next, **link; // what points at it
} block;

// In front of what the library gets, so that that stays aligned.
enum { HEAD_SIZE = ELEA_ALIGNMENT };

typedef struct encoder {
    BrotliEncoderState *library;
    elea__codec_setup setup;
    block *blocks;
    jmp_buf no_memory; // set whenever the library may ask for some
} encoder;

static void *take(void *opaque, size_t size) {
    encoder *work = opaque;
    block *made = size <= PTRDIFF_MAX ? elea__codec_take(work->setup.pool, size + HEAD_SIZE) : NULL;
    if (!made)
        longjmp(work->no_memory, 1);
    *made = (block){.next = work->blocks, .link = &work->blocks};
    if (made->next)
        made->next->link = &made->next;
    work->blocks = made;
    return (char *)made + HEAD_SIZE;
}

static void give(void *opaque, void *address) {
    encoder *work = opaque;
    if (!address)
        return;
    block *given = (block *)(void *)((char *)address - HEAD_SIZE);
    *given->link = given->next;
    if (given->next)
        given->next->link = given->link;
    elea__codec_give(work->setup.pool, given);
}

static elea_status leave_library(encoder *work, elea_error *err) {
    while (work->blocks)
        give(work, (char *)work->blocks + HEAD_SIZE);
    work->library = NULL;
    return elea_error_set(err, ELEA_ENOMEM, "no memory");
}

static elea_status begin_encoder(encoder *work, elea_error *err) {
    if (setjmp(work->no_memory) != 0)
        return leave_library(work, err);
    work->library = BrotliEncoderCreateInstance(take, give, work);
    if (!work->library)
        return leave_library(work, err);
    const elea__codec_setup *setup = &work->setup;
    bool set =
        BrotliEncoderSetParameter(work->library, BROTLI_PARAM_QUALITY, (uint32_t)setup->level) != 0;
    if (setup->window_bits != 0)
        set &= BrotliEncoderSetParameter(work->library, BROTLI_PARAM_LGWIN,
                                         (uint32_t)setup->window_bits) != 0;
    return set ? ELEA_OK : elea_error_set(err, ELEA_EINVAL, "a setting is refused by the library");
}

static void stop_encoder(void *state) {
    encoder *work = state;
    if (work->library)
        BrotliEncoderDestroyInstance(work->library);
    work->library = NULL;
}

static elea_status start_encoder(void *state, const elea__codec_setup *setup, elea_error *err) {
    encoder *work = state;
    work->setup = *setup;
    return begin_encoder(work, err);
}

static elea_status restart_encoder(void *state, elea_error *err) {
    stop_encoder(state);
    return begin_encoder(state, err);
}

static elea_status step_encoder(void *state, elea__codec_io *io, elea__codec_mode mode,
                                elea_error *err) {
    static const BrotliEncoderOperation operations[] = {
        [ELEA__CODEC_RUN] = BROTLI_OPERATION_PROCESS,
        [ELEA__CODEC_FLUSH] = BROTLI_OPERATION_FLUSH,
        [ELEA__CODEC_END] = BROTLI_OPERATION_FINISH};
    encoder *work = state;
    const uint8_t *in = (const uint8_t *)io->in.data;
    uint8_t *out = (uint8_t *)io->out;
    size_t in_size = (size_t)io->in.size, room = (size_t)io->room;
    if (setjmp(work->no_memory) != 0)
        return leave_library(work, err);
    bool done = BrotliEncoderCompressStream(work->library, operations[mode], &in_size, &in, &room,
                                            &out, NULL);
    if (!done)
        return elea_error_set(err, ELEA_EINVAL, "the library fails");
    elea__codec_moved(io, io->in.size - (int64_t)in_size, io->room - (int64_t)room);
    io->finished = mode == ELEA__CODEC_END ? BrotliEncoderIsFinished(work->library)
                                           : !BrotliEncoderHasMoreOutput(work->library);
    return ELEA_OK;
}

// ---- decompressing

typedef struct decoder {
    BrotliDecoderState *library;
    elea_pool *pool;
} decoder;

static elea_status begin_decoder(decoder *work, elea_error *err) {
    work->library = BrotliDecoderCreateInstance(elea__codec_take, elea__codec_give, work->pool);
    return work->library ? ELEA_OK : elea_error_set(err, ELEA_ENOMEM, "no memory");
}

static void stop_decoder(void *state) {
    decoder *work = state;
    if (work->library)
        BrotliDecoderDestroyInstance(work->library);
    work->library = NULL;
}

static elea_status start_decoder(void *state, const elea__codec_setup *setup, elea_error *err) {
    decoder *work = state;
    work->pool = setup->pool;
    return begin_decoder(work, err);
}

static elea_status restart_decoder(void *state, elea_error *err) {
    stop_decoder(state);
    return begin_decoder(state, err);
}

static elea_status fail_decoder(const BrotliDecoderState *library, elea_error *err) {
    BrotliDecoderErrorCode code = BrotliDecoderGetErrorCode(library);
    if (code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES &&
        code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES)
        return elea_error_set(err, ELEA_ENOMEM, "no memory");
    return elea_error_set(err, ELEA_EINVAL, "%s", BrotliDecoderErrorString(code));
}

static elea_status step_decoder(void *state, elea__codec_io *io, elea__codec_mode mode,
                                elea_error *err) {
    (void)mode;
    BrotliDecoderState *library = ((decoder *)state)->library;
    const uint8_t *in = (const uint8_t *)io->in.data;
    uint8_t *out = (uint8_t *)io->out;
    size_t in_size = (size_t)io->in.size, room = (size_t)io->room;
    BrotliDecoderResult result =
        BrotliDecoderDecompressStream(library, &in_size, &in, &room, &out, NULL);
    elea__codec_moved(io, io->in.size - (int64_t)in_size, io->room - (int64_t)room);
    if (result == BROTLI_DECODER_RESULT_ERROR)
        return fail_decoder(library, err);
    io->finished = result == BROTLI_DECODER_RESULT_SUCCESS;
    return ELEA_OK;
}

// ---- the table

static void levels(int32_t *min, int32_t *max) {
    *min = BROTLI_MIN_QUALITY;
    *max = BROTLI_MAX_QUALITY;
}

// The library's bound holds from level 2 on; the levels below cut their blocks in another way, and
// 4 bytes for each 16 KiB, which it counts, are enough for them but at the very beginning.
static int64_t compress_bound(int64_t size) {
    if (size > INT64_MAX / 2)
        return -1;
    return (int64_t)BrotliEncoderMaxCompressedSize((size_t)size) + 64;
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

const elea__codec_ops elea__codec_brotli_ops = {.levels = levels,
                                                .compress_bound = compress_bound,
                                                .compressor = &compressor,
                                                .decompressor = &decompressor};
#endif

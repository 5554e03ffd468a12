// SPDX-License-Identifier: Apache-2.0
//
// LZ4 frames by liblz4 (1.9.4 or later, for its memory from a pool). Blocks alone are in
// codec_lz4_block.c.
#include "io/codec.h"

#if ELEA_WITH_LZ4

#include "base/math_internal.h"

#include <string.h>

#define LZ4F_STATIC_LINKING_ONLY // for the memory from a pool
#include <lz4frame.h>

// What is compressed at once: that much where it goes straight to the caller's memory, and a
// default block where it goes through `waiting`.
enum { DIRECT_SIZE = 1 << 22, PART_SIZE = 1 << 16 };

static LZ4F_CustomMem memory_of(elea_pool *pool) {
    return (LZ4F_CustomMem){
        .customAlloc = elea__codec_take, .customFree = elea__codec_give, .opaqueState = pool};
}

static LZ4F_preferences_t preferences(const elea__codec_setup *setup) {
    return (LZ4F_preferences_t){
        .compressionLevel = setup->level,
        .frameInfo = {.contentChecksumFlag =
                          setup->checksum ? LZ4F_contentChecksumEnabled : LZ4F_noContentChecksum,
                      .contentSize = setup->size > 0 ? (unsigned long long)setup->size : 0}};
}

static elea_status fail(size_t code, elea_error *err) {
    // The codes have no public names, the messages have.
    const char *name = LZ4F_getErrorName(code);
    if (strcmp(name, "ERROR_allocation_failed") == 0)
        return elea_error_set(err, ELEA_ENOMEM, "no memory");
    return elea_error_set(err, ELEA_EINVAL, "%s", name);
}

// ---- compressing

typedef struct encoder {
    LZ4F_cctx *context;
    LZ4F_preferences_t wanted;
    elea_pool *pool;
    elea__codec_waiting waiting;
    bool begun, ended;
} encoder;

static int64_t bound_of(const encoder *work, int64_t size) {
    return (int64_t)LZ4F_compressBound((size_t)size, &work->wanted);
}

static elea_status start_encoder(void *state, const elea__codec_setup *setup, elea_error *err) {
    encoder *work = state;
    *work = (encoder){.wanted = preferences(setup), .pool = setup->pool};
    work->context = LZ4F_createCompressionContext_advanced(memory_of(setup->pool), LZ4F_VERSION);
    if (!work->context)
        return elea_error_set(err, ELEA_ENOMEM, "no memory");
    int64_t capacity = elea__max(bound_of(work, PART_SIZE), LZ4F_HEADER_SIZE_MAX);
    void *waiting = NULL;
    ELEA_TRY(elea_alloc(setup->pool, capacity, &waiting, err));
    work->waiting = (elea__codec_waiting){.data = waiting, .capacity = capacity};
    return ELEA_OK;
}

static elea_status restart_encoder(void *state, elea_error *err) {
    (void)err;
    encoder *work = state;
    work->waiting.begin = work->waiting.end = 0;
    work->begun = work->ended = false;
    work->wanted.frameInfo.contentSize = 0;
    return ELEA_OK;
}

static void stop_encoder(void *state) {
    encoder *work = state;
    (void)LZ4F_freeCompressionContext(work->context);
    elea_dealloc(work->pool, work->waiting.data, work->waiting.capacity);
}

// The calls of the library that write, by one name; `in` is for the middle one.
typedef enum what { HEADER, PART, FLUSH, END } what;

static size_t run(encoder *work, what task, elea_bytes in, char *target, int64_t capacity) {
    size_t room = (size_t)capacity;
    switch (task) {
    case HEADER:
        return LZ4F_compressBegin(work->context, target, room, &work->wanted);
    case PART:
        return LZ4F_compressUpdate(work->context, target, room, in.data, (size_t)in.size, NULL);
    case FLUSH:
        return LZ4F_flush(work->context, target, room, NULL);
    default:
        return LZ4F_compressEnd(work->context, target, room, NULL);
    }
}

// Writes to the caller where the most that can come fits there, else to `waiting`, which is empty.
static elea_status emit(encoder *work, what task, elea_bytes in, elea__codec_io *io,
                        elea_error *err) {
    int64_t most = task == HEADER ? LZ4F_HEADER_SIZE_MAX : bound_of(work, in.size);
    bool direct = io->room >= most;
    size_t size = direct ? run(work, task, in, io->out, io->room)
                         : run(work, task, in, work->waiting.data, work->waiting.capacity);
    if (LZ4F_isError(size))
        return fail(size, err);
    if (direct) {
        elea__codec_moved(io, 0, (int64_t)size);
    } else {
        work->waiting.begin = 0;
        work->waiting.end = (int64_t)size;
        elea__codec_give_waiting(&work->waiting, io);
    }
    return ELEA_OK;
}

// The most of the input whose outcome surely fits the room, but at least what `waiting` can take.
static int64_t part_size(const encoder *work, const elea__codec_io *io) {
    int64_t size = elea__min(io->in.size, DIRECT_SIZE);
    while (size > PART_SIZE && bound_of(work, size) > io->room)
        size = elea__max(size / 2, PART_SIZE);
    return size;
}

static elea_status step_encoder(void *state, elea__codec_io *io, elea__codec_mode mode,
                                elea_error *err) {
    encoder *work = state;
    static const elea_bytes nothing = {.data = NULL, .size = 0};
    elea__codec_give_waiting(&work->waiting, io);
    if (!work->begun && !elea__codec_waits(&work->waiting)) {
        ELEA_TRY(emit(work, HEADER, nothing, io, err));
        work->begun = true;
    }
    while (io->in.size > 0 && !elea__codec_waits(&work->waiting)) {
        const elea_bytes part = {.data = io->in.data, .size = part_size(work, io)};
        ELEA_TRY(emit(work, PART, part, io, err));
        elea__codec_moved(io, part.size, 0);
    }
    if (mode == ELEA__CODEC_RUN || elea__codec_waits(&work->waiting) || io->in.size > 0)
        return ELEA_OK;
    if (mode == ELEA__CODEC_FLUSH)
        ELEA_TRY(emit(work, FLUSH, nothing, io, err));
    else if (!work->ended)
        ELEA_TRY(emit(work, END, nothing, io, err));
    work->ended = mode == ELEA__CODEC_END;
    io->finished = !elea__codec_waits(&work->waiting);
    return ELEA_OK;
}

// ---- decompressing

typedef struct decoder {
    LZ4F_dctx *context;
} decoder;

static elea_status start_decoder(void *state, const elea__codec_setup *setup, elea_error *err) {
    decoder *work = state;
    work->context = LZ4F_createDecompressionContext_advanced(memory_of(setup->pool), LZ4F_VERSION);
    return work->context ? ELEA_OK : elea_error_set(err, ELEA_ENOMEM, "no memory");
}

static elea_status restart_decoder(void *state, elea_error *err) {
    (void)err;
    LZ4F_resetDecompressionContext(((decoder *)state)->context);
    return ELEA_OK;
}

static void stop_decoder(void *state) {
    (void)LZ4F_freeDecompressionContext(((decoder *)state)->context);
}

static elea_status step_decoder(void *state, elea__codec_io *io, elea__codec_mode mode,
                                elea_error *err) {
    // With all the room there, what was given out stays where it is, and serves as the window.
    const LZ4F_decompressOptions_t options = {.stableDst = mode == ELEA__CODEC_END};
    size_t in = (size_t)io->in.size, out = (size_t)io->room;
    size_t expected =
        LZ4F_decompress(((decoder *)state)->context, io->out, &out, io->in.data, &in, &options);
    if (LZ4F_isError(expected))
        return fail(expected, err);
    elea__codec_moved(io, (int64_t)in, (int64_t)out);
    io->finished = expected == 0;
    return ELEA_OK;
}

// ---- the table

static void levels(int32_t *min, int32_t *max) {
    *min = 1;
    *max = LZ4F_compressionLevel_max();
}

static int64_t compress_bound(int64_t size) {
    const LZ4F_preferences_t wanted = {
        .frameInfo = {.contentSize = (unsigned long long)size,
                      .contentChecksumFlag = LZ4F_contentChecksumEnabled}};
    // The bound adds a few bytes for each block of 64 KiB.
    return size > INT64_MAX / 2 ? -1 : (int64_t)LZ4F_compressFrameBound((size_t)size, &wanted);
}

// In one go no block waits in a buffer of the library.
static elea_status compress(const elea__codec_setup *setup, elea_bytes source, void *target,
                            int64_t capacity, int64_t *out, elea_error *err) {
    LZ4F_preferences_t wanted = preferences(setup);
    LZ4F_cctx *context =
        LZ4F_createCompressionContext_advanced(memory_of(setup->pool), LZ4F_VERSION);
    if (!context)
        return elea_error_set(err, ELEA_ENOMEM, "no memory");
    size_t size = LZ4F_compressFrame_usingCDict(context, target, (size_t)capacity, source.data,
                                                (size_t)source.size, NULL, &wanted);
    elea_status status = ELEA_OK;
    if (LZ4F_isError(size)) {
        status = fail(size, err);
        if (status != ELEA_ENOMEM) // the bytes being any, room is what is missing
            status = elea_error_set(err, ELEA_ECAPACITY, "no room");
    } else {
        *out = (int64_t)size;
    }
    (void)LZ4F_freeCompressionContext(context);
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

const elea__codec_ops elea__codec_lz4_ops = {.levels = levels,
                                             .compress_bound = compress_bound,
                                             .compress = compress,
                                             .compressor = &compressor,
                                             .decompressor = &decompressor};
#endif

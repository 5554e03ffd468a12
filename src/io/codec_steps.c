// SPDX-License-Identifier: Apache-2.0
//
// Compressors and decompressors: what all codecs that work in steps have in common. A step of a
// library does what it can; here it is called until nothing moves.
#include "base/math_internal.h"
#include "io/codec.h"

// ---- settings

void elea_compressor_options_init(elea_compressor_options *options) {
    *options = (elea_compressor_options){0};
}

void elea_decompressor_options_init(elea_decompressor_options *options) {
    *options = (elea_decompressor_options){0};
}

static elea_status check_steps(const elea_codec *codec, elea_error *err) {
    ELEA_TRY(elea__codec_check_available(codec, err));
    if (elea_codec_has_steps(codec))
        return ELEA_OK;
    return elea_error_set(err, ELEA_EUNSUPPORTED, "%s does not work in steps, only all at once",
                          codec->name);
}

static elea_status check_window(const elea_codec *codec, int32_t bits, elea_error *err) {
    if (bits == 0)
        return ELEA_OK;
    if (codec->window_bits_max == 0)
        return elea_error_set(err, ELEA_EINVAL, "%s has no window_bits", codec->name);
    if (bits < codec->window_bits_min || bits > codec->window_bits_max)
        return elea_error_set(err, ELEA_EINVAL, "%s: window_bits are %d, expected %d to %d",
                              codec->name, bits, codec->window_bits_min, codec->window_bits_max);
    return ELEA_OK;
}

// What both directions are.
typedef struct codec_machine {
    const elea_codec *codec;
    const elea__codec_direction *direction;
    elea_pool *pool;
    void *state;
} codec_machine;

static elea_status start_machine(codec_machine *machine, const elea__codec_setup *setup,
                                 elea_error *err) {
    void *state = NULL;
    ELEA_TRY(elea_alloc_zero(machine->pool, machine->direction->state_size, &state, err));
    machine->state = state;
    elea_status status = machine->direction->start(state, setup, err);
    return status == ELEA_OK ? ELEA_OK : elea__codec_blame(machine->codec, status, err);
}

static void stop_machine(codec_machine *machine) {
    if (machine->state)
        machine->direction->stop(machine->state);
    elea_dealloc(machine->pool, machine->state, machine->direction->state_size);
}

// Steps while something moves and it is not finished.
static elea_status run_machine(codec_machine *machine, elea__codec_io *io, elea__codec_mode mode,
                               elea_error *err) {
    elea__codec_io before;
    do {
        before = *io;
        io->finished = false;
        ELEA_TRY(machine->direction->step(machine->state, io, mode, err));
    } while (!io->finished && (io->in.size < before.in.size || io->room < before.room));
    return ELEA_OK;
}

// ---- compressor

typedef enum phase { OPEN, FLUSHING, ENDING, ENDED, FAILED } phase;

struct elea_compressor {
    codec_machine machine;
    phase phase;
};

elea_status elea_compressor_new(const elea_codec *codec, const elea_compressor_options *options,
                                elea_pool *pool, elea_compressor **out, elea_error *err) {
    static const elea_compressor_options defaults = {0};
    void *block = NULL;
    if (!options)
        options = &defaults;
    elea__codec_setup setup = {.variant = codec->variant,
                               .window_bits = options->window_bits,
                               .checksum = options->checksum,
                               .size = -1,
                               .pool = pool ? pool : elea_pool_default()};
    ELEA_TRY(check_steps(codec, err));
    ELEA_TRY(elea__codec_level(codec, options->level, &setup.level, err));
    ELEA_TRY(check_window(codec, options->window_bits, err));
    if (options->checksum && !codec->has_checksum)
        return elea_error_set(err, ELEA_EINVAL, "%s has no checksum to choose", codec->name);
    ELEA_TRY(elea_alloc_zero(pool, sizeof(elea_compressor), &block, err));
    elea_compressor *compressor = block;
    compressor->machine =
        (codec_machine){.codec = codec, .direction = codec->ops->compressor, .pool = pool};
    elea_status status = start_machine(&compressor->machine, &setup, err);
    if (status == ELEA_OK)
        *out = compressor;
    else
        elea_compressor_free(compressor);
    return status;
}

void elea_compressor_free(elea_compressor *compressor) {
    if (!compressor)
        return;
    stop_machine(&compressor->machine);
    elea_dealloc(compressor->machine.pool, compressor, sizeof *compressor);
}

static elea_status check_phase(const elea_compressor *compressor, phase wanted, elea_error *err) {
    static const char *const reasons[] = {
        [FLUSHING] = "the flush before is not finished",
        [ENDING] = "the end before is not finished",
        [ENDED] = "the frame has ended",
        [FAILED] = "it has failed before",
    };
    if (compressor->phase == OPEN || compressor->phase == wanted)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL, "%s: %s", compressor->machine.codec->name,
                          reasons[compressor->phase]);
}

static elea_status compress(elea_compressor *compressor, phase during, elea__codec_mode mode,
                            elea_bytes source, void *target, int64_t capacity,
                            elea_codec_progress *out, elea_error *err) {
    ELEA_TRY(check_phase(compressor, during, err));
    elea__codec_io io = {.in = source, .out = target, .room = capacity};
    elea_status status = run_machine(&compressor->machine, &io, mode, err);
    if (status != ELEA_OK) {
        compressor->phase = FAILED;
        return elea__codec_blame(compressor->machine.codec, status, err);
    }
    if (during == ENDING && io.finished)
        compressor->phase = ENDED;
    else
        compressor->phase = io.finished ? OPEN : during;
    *out = (elea_codec_progress){.consumed = source.size - io.in.size,
                                 .produced = capacity - io.room,
                                 .finished = io.finished};
    return ELEA_OK;
}

elea_status elea_compressor_run(elea_compressor *compressor, elea_bytes source, void *target,
                                int64_t capacity, elea_codec_progress *out, elea_error *err) {
    ELEA_TRY(compress(compressor, OPEN, ELEA__CODEC_RUN, source, target, capacity, out, err));
    out->finished = false;
    return ELEA_OK;
}

elea_status elea_compressor_flush(elea_compressor *compressor, void *target, int64_t capacity,
                                  elea_codec_progress *out, elea_error *err) {
    static const elea_bytes nothing = {.data = NULL, .size = 0};
    return compress(compressor, FLUSHING, ELEA__CODEC_FLUSH, nothing, target, capacity, out, err);
}

elea_status elea_compressor_end(elea_compressor *compressor, elea_bytes source, void *target,
                                int64_t capacity, elea_codec_progress *out, elea_error *err) {
    return compress(compressor, ENDING, ELEA__CODEC_END, source, target, capacity, out, err);
}

elea_status elea_compressor_reset(elea_compressor *compressor, elea_error *err) {
    const codec_machine *machine = &compressor->machine;
    elea_status status = machine->direction->restart(machine->state, err);
    compressor->phase = status == ELEA_OK ? OPEN : FAILED;
    return status == ELEA_OK ? ELEA_OK : elea__codec_blame(machine->codec, status, err);
}

// ---- decompressor

struct elea_decompressor {
    codec_machine machine;
    int64_t size_max;
    int64_t consumed, produced; // in all
    bool between;               // the input may end here
    elea_status status;         // a failure that was met after good bytes, or before
    elea_error failure;
};

elea_status elea_decompressor_new(const elea_codec *codec, const elea_decompressor_options *options,
                                  elea_pool *pool, elea_decompressor **out, elea_error *err) {
    static const elea_decompressor_options defaults = {0};
    void *block = NULL;
    if (!options)
        options = &defaults;
    const elea__codec_setup setup = {.variant = codec->variant,
                                     .window_bits = options->window_bits,
                                     .pool = pool ? pool : elea_pool_default()};
    ELEA_TRY(check_steps(codec, err));
    ELEA_TRY(check_window(codec, options->window_bits, err));
    if (options->size_max < 0)
        return elea_error_set(err, ELEA_EINVAL, "size_max is %lld, expected 0 or more",
                              (long long)options->size_max);
    ELEA_TRY(elea_alloc_zero(pool, sizeof(elea_decompressor), &block, err));
    elea_decompressor *decompressor = block;
    decompressor->size_max = options->size_max == 0 ? INT64_MAX : options->size_max;
    decompressor->machine =
        (codec_machine){.codec = codec, .direction = codec->ops->decompressor, .pool = pool};
    elea_status status = start_machine(&decompressor->machine, &setup, err);
    if (status == ELEA_OK)
        *out = decompressor;
    else
        elea_decompressor_free(decompressor);
    return status;
}

void elea_decompressor_free(elea_decompressor *decompressor) {
    if (!decompressor)
        return;
    stop_machine(&decompressor->machine);
    elea_dealloc(decompressor->machine.pool, decompressor, sizeof *decompressor);
}

// At the end of a frame: leaves out what may stand there. False when nothing else comes.
static elea_status begin_frame(elea_decompressor *decompressor, elea__codec_io *io,
                               elea_error *err) {
    const elea_codec *codec = decompressor->machine.codec;
    int64_t padding = 0;
    if (codec->id == ELEA_CODEC_GZIP)
        while (padding < io->in.size && io->in.data[padding] == 0)
            padding++;
    elea__codec_moved(io, padding, 0);
    if (io->in.size == 0 || codec->has_members)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL, "the data end here, and more bytes follow");
}

static elea_status run_frames(elea_decompressor *decompressor, elea__codec_io *io,
                              elea__codec_mode mode, elea_error *err) {
    do {
        if (decompressor->between)
            ELEA_TRY(begin_frame(decompressor, io, err));
        bool begun = decompressor->consumed > 0 && !decompressor->between;
        if (io->in.size == 0 && !begun)
            return ELEA_OK;
        decompressor->between = false;
        ELEA_TRY(run_machine(&decompressor->machine, io, mode, err));
        decompressor->between = io->finished;
    } while (decompressor->between && io->in.size > 0);
    return ELEA_OK;
}

// Keeps a failure, with the place in the input.
static void keep_failure(elea_decompressor *decompressor, elea_status status) {
    elea_error *failure = &decompressor->failure;
    decompressor->status = status;
    if (status == ELEA_ENOMEM)
        (void)elea__codec_blame(decompressor->machine.codec, status, failure);
    else
        (void)elea_error_prefix(failure, status, "%s data, byte %lld",
                                decompressor->machine.codec->name,
                                (long long)decompressor->consumed);
}

static elea_status fail_as_before(const elea_decompressor *decompressor, elea_error *err) {
    if (err)
        *err = decompressor->failure;
    return decompressor->status;
}

static elea_status decompress(elea_decompressor *decompressor, elea__codec_mode mode,
                              elea_bytes source, void *target, int64_t capacity,
                              elea_codec_progress *out, elea_error *err) {
    if (decompressor->status != ELEA_OK)
        return fail_as_before(decompressor, err);
    // One byte more than allowed is enough to know.
    int64_t left = decompressor->size_max - decompressor->produced;
    int64_t room = left < capacity ? left + 1 : capacity;
    elea__codec_io io = {.in = source, .out = target, .room = room};
    elea_status status = run_frames(decompressor, &io, mode, &decompressor->failure);
    int64_t produced = room - io.room;
    decompressor->consumed += source.size - io.in.size;
    if (status == ELEA_OK && produced > left) {
        produced = left;
        status = elea_error_set(&decompressor->failure, ELEA_ECAPACITY,
                                "more than %lld bytes come out", (long long)decompressor->size_max);
    }
    decompressor->produced += produced;
    if (status != ELEA_OK) {
        keep_failure(decompressor, status);
        if (produced == 0)
            return fail_as_before(decompressor, err);
    }
    *out = (elea_codec_progress){.consumed = source.size - io.in.size,
                                 .produced = produced,
                                 .finished = status == ELEA_OK && decompressor->between};
    return ELEA_OK;
}

elea_status elea_decompressor_run(elea_decompressor *decompressor, elea_bytes source, void *target,
                                  int64_t capacity, elea_codec_progress *out, elea_error *err) {
    return decompress(decompressor, ELEA__CODEC_RUN, source, target, capacity, out, err);
}

elea_status elea__decompressor_run_all(elea_decompressor *decompressor, elea_bytes source,
                                       void *target, int64_t size, elea_codec_progress *out,
                                       elea_error *err) {
    return decompress(decompressor, ELEA__CODEC_END, source, target, size, out, err);
}

elea_status elea_decompressor_end(const elea_decompressor *decompressor, elea_error *err) {
    if (decompressor->status != ELEA_OK)
        return fail_as_before(decompressor, err);
    if (decompressor->between || decompressor->consumed == 0)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL, "%s data are cut: the input ends at byte %lld",
                          decompressor->machine.codec->name, (long long)decompressor->consumed);
}

elea_status elea_decompressor_reset(elea_decompressor *decompressor, elea_error *err) {
    const codec_machine *machine = &decompressor->machine;
    decompressor->consumed = decompressor->produced = 0;
    decompressor->between = false;
    decompressor->failure = (elea_error){0};
    decompressor->status = machine->direction->restart(machine->state, &decompressor->failure);
    if (decompressor->status == ELEA_OK)
        return ELEA_OK;
    keep_failure(decompressor, decompressor->status);
    return fail_as_before(decompressor, err);
}

// SPDX-License-Identifier: Apache-2.0
//
// The framing format of Snappy (framing_format.txt of google/snappy): chunks of a byte of type, 3
// bytes of size and a body. The first names the format; data chunks hold the CRC-32C of at most
// 64 KiB and these, compressed or not. The library has no part in the frame, only in the blocks.
#include "io/codec.h"

#if ELEA_WITH_SNAPPY

#include "base/copy_internal.h"
#include "base/math_internal.h"

#include <snappy-c.h>
#include <string.h>

enum {
    BLOCK_SIZE = 1 << 16,
    HEAD_SIZE = 4, // of a chunk
    CRC_SIZE = 4,
    COMPRESSED_MAX = 32 + BLOCK_SIZE + BLOCK_SIZE / 6, // the library's worst case for a block
    CHUNK_MAX = HEAD_SIZE + CRC_SIZE + COMPRESSED_MAX,
};

enum {
    CHUNK_COMPRESSED = 0x00,
    CHUNK_PLAIN = 0x01,
    CHUNK_SKIPPED_FIRST = 0x80, // from here on, unknown chunks may be left out
    CHUNK_NAME = 0xFF,
};

static const char stream_name[] = "\xff\x06\x00\x00sNaPpY";
enum { NAME_SIZE = sizeof stream_name - 1 };

// Checksums are stored like this, so that data that hold their own checksum do no harm.
static uint32_t checksum(elea_bytes bytes) {
    uint32_t crc = elea_crc32c(0, bytes.data, bytes.size);
    return (crc >> 15 | crc << 17) + 0xA282EAD8u;
}

static void put_little(char *target, uint32_t value, int size) {
    for (int i = 0; i < size; i++)
        target[i] = (char)(value >> 8 * i);
}

static uint32_t get_little(const char *source, int size) {
    uint32_t value = 0;
    for (int i = 0; i < size; i++)
        value |= (uint32_t)(uint8_t)source[i] << 8 * i;
    return value;
}

// ---- compressing

typedef struct encoder {
    elea_pool *pool;
    char *block; // bytes that do not fill one yet, BLOCK_SIZE
    int64_t filled;
    elea__codec_waiting waiting; // CHUNK_MAX
    bool begun;
} encoder;

static elea_status start_encoder(void *state, const elea__codec_setup *setup, elea_error *err) {
    encoder *work = state;
    void *memory = NULL;
    work->pool = setup->pool;
    ELEA_TRY(elea_alloc(setup->pool, BLOCK_SIZE + CHUNK_MAX, &memory, err));
    work->block = memory;
    work->waiting = (elea__codec_waiting){.data = work->block + BLOCK_SIZE, .capacity = CHUNK_MAX};
    return ELEA_OK;
}

static elea_status restart_encoder(void *state, elea_error *err) {
    (void)err;
    encoder *work = state;
    work->filled = work->waiting.begin = work->waiting.end = 0;
    work->begun = false;
    return ELEA_OK;
}

static void stop_encoder(void *state) {
    encoder *work = state;
    elea_dealloc(work->pool, work->block, BLOCK_SIZE + CHUNK_MAX);
}

// Makes a chunk at `target`, which has room for CHUNK_MAX; returns its size.
static int64_t make_chunk(elea_bytes block, char *target) {
    char *body = target + HEAD_SIZE + CRC_SIZE;
    size_t compressed = COMPRESSED_MAX;
    snappy_status made = snappy_compress(block.data, (size_t)block.size, body, &compressed);
    bool plain = made != SNAPPY_OK || (int64_t)compressed >= block.size - block.size / 8;
    int64_t size = plain ? block.size : (int64_t)compressed;
    if (plain)
        elea_copy_bytes(body, block.data, block.size);
    target[0] = plain ? CHUNK_PLAIN : CHUNK_COMPRESSED;
    put_little(target + 1, (uint32_t)(CRC_SIZE + size), 3);
    put_little(target + HEAD_SIZE, checksum(block), CRC_SIZE);
    return HEAD_SIZE + CRC_SIZE + size;
}

// Nothing waits before; afterwards something may.
static void emit(encoder *work, elea_bytes block, elea__codec_io *io) {
    if (io->room >= CHUNK_MAX) {
        elea__codec_moved(io, 0, make_chunk(block, io->out));
        return;
    }
    work->waiting.begin = 0;
    work->waiting.end = make_chunk(block, work->waiting.data);
    elea__codec_give_waiting(&work->waiting, io);
}

static void emit_filled(encoder *work, elea__codec_io *io) {
    emit(work, (elea_bytes){.data = work->block, .size = work->filled}, io);
    work->filled = 0;
}

static void take_input(encoder *work, elea__codec_io *io) {
    if (work->filled == 0 && io->in.size >= BLOCK_SIZE) {
        emit(work, (elea_bytes){.data = io->in.data, .size = BLOCK_SIZE}, io);
        elea__codec_moved(io, BLOCK_SIZE, 0);
        return;
    }
    int64_t part = elea__min(BLOCK_SIZE - work->filled, io->in.size);
    elea_copy_bytes(work->block + work->filled, io->in.data, part);
    work->filled += part;
    elea__codec_moved(io, part, 0);
    if (work->filled == BLOCK_SIZE)
        emit_filled(work, io);
}

static elea_status step_encoder(void *state, elea__codec_io *io, elea__codec_mode mode,
                                elea_error *err) {
    (void)err;
    encoder *work = state;
    if (!work->begun) {
        memcpy(work->waiting.data, stream_name, NAME_SIZE);
        work->waiting.end = NAME_SIZE;
        work->begun = true;
    }
    elea__codec_give_waiting(&work->waiting, io);
    while (io->in.size > 0 && !elea__codec_waits(&work->waiting))
        take_input(work, io);
    if (mode == ELEA__CODEC_RUN || elea__codec_waits(&work->waiting))
        return ELEA_OK;
    if (work->filled > 0)
        emit_filled(work, io);
    io->finished = !elea__codec_waits(&work->waiting);
    return ELEA_OK;
}

// ---- decompressing

typedef struct decoder {
    elea_pool *pool;
    char *chunk; // one that came in parts, CHUNK_MAX
    int64_t filled;
    int64_t skip;                // bytes of a chunk that is left out
    elea__codec_waiting waiting; // BLOCK_SIZE
    bool named;                  // the first chunk was there
} decoder;

static elea_status start_decoder(void *state, const elea__codec_setup *setup, elea_error *err) {
    decoder *work = state;
    void *memory = NULL;
    work->pool = setup->pool;
    ELEA_TRY(elea_alloc(setup->pool, BLOCK_SIZE + CHUNK_MAX, &memory, err));
    work->chunk = memory;
    work->waiting = (elea__codec_waiting){.data = work->chunk + CHUNK_MAX, .capacity = BLOCK_SIZE};
    return ELEA_OK;
}

static elea_status restart_decoder(void *state, elea_error *err) {
    (void)err;
    decoder *work = state;
    work->filled = work->skip = work->waiting.begin = work->waiting.end = 0;
    work->named = false;
    return ELEA_OK;
}

static void stop_decoder(void *state) {
    decoder *work = state;
    elea_dealloc(work->pool, work->chunk, BLOCK_SIZE + CHUNK_MAX);
}

static int64_t body_size(const char *head) { return get_little(head + 1, 3); }

static int type_of(const char *head) { return (uint8_t)head[0]; }

// Whether a reader may leave out a chunk that it does not know.
static bool is_skipped(int type) { return type >= CHUNK_SKIPPED_FIRST && type != CHUNK_NAME; }

// Whether there can be a chunk with such a head.
static elea_status check_head(const decoder *work, const char *head, elea_error *err) {
    const int type = type_of(head);
    const int64_t size = body_size(head);
    int64_t min = CRC_SIZE, max = CRC_SIZE + COMPRESSED_MAX;
    if (!work->named && type != CHUNK_NAME)
        return elea_error_set(err, ELEA_EINVAL, "the first chunk is of type %d, expected 255",
                              type);
    if (is_skipped(type))
        return ELEA_OK;
    if (type == CHUNK_NAME)
        min = max = NAME_SIZE - HEAD_SIZE;
    else if (type == CHUNK_PLAIN)
        max = CRC_SIZE + BLOCK_SIZE;
    else if (type != CHUNK_COMPRESSED)
        return elea_error_set(err, ELEA_EINVAL, "a chunk of type %d, which is reserved", type);
    if (size < min || size > max)
        return elea_error_set(err, ELEA_EINVAL,
                              "a chunk of type %d and %lld bytes, expected %lld to %lld", type,
                              (long long)size, (long long)min, (long long)max);
    return ELEA_OK;
}

// The bytes of a block are at `target`.
static elea_status check_block(const char *target, int64_t size, uint32_t expected,
                               elea_error *err) {
    uint32_t found = checksum((elea_bytes){.data = target, .size = size});
    if (found == expected)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL, "the checksum of a block is %08x, expected %08x", found,
                          expected);
}

// Gives out what a whole data chunk holds.
static elea_status open_block(decoder *work, elea_bytes chunk, elea__codec_io *io,
                              elea_error *err) {
    const char *body = chunk.data + HEAD_SIZE + CRC_SIZE;
    const int64_t size = chunk.size - HEAD_SIZE - CRC_SIZE;
    const bool plain = chunk.data[0] == CHUNK_PLAIN;
    size_t found = (size_t)size;
    if (!plain && snappy_uncompressed_length(body, (size_t)size, &found) != SNAPPY_OK)
        return elea_error_set(err, ELEA_EINVAL, "the size of a block is damaged");
    if (found > BLOCK_SIZE)
        return elea_error_set(err, ELEA_EINVAL, "a block of %lld bytes, expected at most %d",
                              (long long)found, BLOCK_SIZE);
    const bool direct = io->room >= (int64_t)found && io->room > 0;
    char *target = direct ? io->out : work->waiting.data;
    if (plain)
        elea_copy_bytes(target, body, size);
    else if (snappy_uncompress(body, (size_t)size, target, &found) != SNAPPY_OK)
        return elea_error_set(err, ELEA_EINVAL, "a block is damaged");
    ELEA_TRY(
        check_block(target, (int64_t)found, get_little(chunk.data + HEAD_SIZE, CRC_SIZE), err));
    if (direct) {
        elea__codec_moved(io, 0, (int64_t)found);
    } else {
        work->waiting.begin = 0;
        work->waiting.end = (int64_t)found;
        elea__codec_give_waiting(&work->waiting, io);
    }
    return ELEA_OK;
}

static elea_status open_chunk(decoder *work, elea_bytes chunk, elea__codec_io *io,
                              elea_error *err) {
    if (type_of(chunk.data) != CHUNK_NAME)
        return open_block(work, chunk, io, err);
    if (memcmp(chunk.data, stream_name, NAME_SIZE) != 0)
        return elea_error_set(err, ELEA_EINVAL, "the name of the format is damaged");
    work->named = true;
    return ELEA_OK;
}

// Takes what is missing of the first `size` bytes of a chunk.
static bool fill_chunk(decoder *work, int64_t size, elea__codec_io *io) {
    int64_t part = elea__min(size - work->filled, io->in.size);
    if (part > 0) {
        elea_copy_bytes(work->chunk + work->filled, io->in.data, part);
        work->filled += part;
        elea__codec_moved(io, part, 0);
    }
    return work->filled >= size;
}

// Takes a chunk, or what there is of it.
static elea_status take_chunk(decoder *work, elea__codec_io *io, elea_error *err) {
    // Used where it lies when all of it is in the input.
    bool in_place = work->filled == 0 && io->in.size >= HEAD_SIZE &&
                    io->in.size - HEAD_SIZE >= body_size(io->in.data);
    if (!in_place && work->filled < HEAD_SIZE && !fill_chunk(work, HEAD_SIZE, io))
        return ELEA_OK;
    elea_bytes chunk = {.data = in_place ? io->in.data : work->chunk};
    chunk.size = HEAD_SIZE + body_size(chunk.data);
    ELEA_TRY(check_head(work, chunk.data, err));
    if (is_skipped(type_of(chunk.data))) {
        work->skip = body_size(chunk.data);
        work->filled = 0;
        elea__codec_moved(io, in_place ? HEAD_SIZE : 0, 0);
        return ELEA_OK;
    }
    if (in_place)
        elea__codec_moved(io, chunk.size, 0);
    else if (!fill_chunk(work, chunk.size, io))
        return ELEA_OK;
    work->filled = 0;
    return open_chunk(work, chunk, io, err);
}

static elea_status step_decoder(void *state, elea__codec_io *io, elea__codec_mode mode,
                                elea_error *err) {
    (void)mode;
    decoder *work = state;
    elea__codec_give_waiting(&work->waiting, io);
    while (io->in.size > 0 && !elea__codec_waits(&work->waiting)) {
        int64_t part = elea__min(work->skip, io->in.size);
        if (part > 0) {
            work->skip -= part;
            elea__codec_moved(io, part, 0);
        } else {
            ELEA_TRY(take_chunk(work, io, err));
        }
    }
    io->finished =
        work->named && work->filled == 0 && work->skip == 0 && !elea__codec_waits(&work->waiting);
    return ELEA_OK;
}

// ---- the table

static int64_t compress_bound(int64_t size) {
    int64_t bound = 0;
    int64_t blocks = elea__div_up(size, BLOCK_SIZE);
    // A block that does not get smaller is stored plain; while it is made it needs more room.
    return size > INT64_MAX / 2 ||
                   elea__add_overflow(size, blocks * (HEAD_SIZE + CRC_SIZE) + NAME_SIZE, &bound)
               ? -1
               : bound;
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

const elea__codec_ops elea__codec_snappy_framed_ops = {
    .compress_bound = compress_bound, .compressor = &compressor, .decompressor = &decompressor};
#endif

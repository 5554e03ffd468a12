// SPDX-License-Identifier: Apache-2.0
//
// Bare LZ4 blocks, as Parquet's LZ4_RAW has them, and the blocks of Hadoop, as Parquet's old LZ4
// has them: one after the other, each the big-endian 32-bit size that comes out, then pieces, each
// a big-endian size that goes in and a bare block, until that size is reached.
#include "io/codec.h"

#if ELEA_WITH_LZ4

#include <lz4.h>
#include <lz4hc.h>

// A block of Hadoop begins with two sizes.
enum { HADOOP_HEADER = 8, HADOOP_SIZE = 4 };

// ---- bare blocks

static void raw_levels(int32_t *min, int32_t *max) {
    *min = 1;
    *max = LZ4HC_CLEVEL_MAX;
}

static int64_t raw_bound(int64_t size) {
    return size > LZ4_MAX_INPUT_SIZE ? -1 : LZ4_compressBound((int)size);
}

static elea_status raw_compress(const elea__codec_setup *setup, elea_bytes source, void *target,
                                int64_t capacity, int64_t *out, elea_error *err) {
    int room = capacity > INT32_MAX ? INT32_MAX : (int)capacity;
    bool high = setup->level >= LZ4HC_CLEVEL_MIN;
    int64_t scratch_size = high ? LZ4_sizeofStateHC() : LZ4_sizeofState();
    void *scratch = NULL;
    if (source.size > LZ4_MAX_INPUT_SIZE)
        return elea_error_set(err, ELEA_ECAPACITY, "%lld bytes, expected at most %d",
                              (long long)source.size, LZ4_MAX_INPUT_SIZE);
    ELEA_TRY(elea_alloc(setup->pool, scratch_size, &scratch, err));
    const char *data = source.size == 0 ? "" : source.data; // never NULL
    int size = high ? LZ4_compress_HC_extStateHC(scratch, data, target, (int)source.size, room,
                                                 setup->level)
                    : LZ4_compress_fast_extState(scratch, data, target, (int)source.size, room, 1);
    elea_dealloc(setup->pool, scratch, scratch_size);
    if (size <= 0)
        return elea_error_set(err, ELEA_ECAPACITY, "no room");
    *out = size;
    return ELEA_OK;
}

// How many bytes a block gives, at most `capacity`; negative when it is damaged or gives more.
static int64_t decompress_block(elea_bytes source, char *target, int64_t capacity) {
    char none = 0;
    if (source.size > INT32_MAX)
        return -1;
    int room = capacity > INT32_MAX ? INT32_MAX : (int)capacity;
    return LZ4_decompress_safe(source.data, target ? target : &none, (int)source.size, room);
}

static elea_status raw_decompress(const elea__codec_setup *setup, elea_bytes source, void *target,
                                  int64_t size, elea_error *err) {
    (void)setup;
    int64_t found = decompress_block(source, target, size);
    if (found < 0)
        return elea_error_set(err, ELEA_EINVAL,
                              "a block of %lld bytes is damaged or holds more than %lld",
                              (long long)source.size, (long long)size);
    if (found != size)
        return elea_error_set(err, ELEA_EINVAL, "%lld bytes come out, expected %lld",
                              (long long)found, (long long)size);
    return ELEA_OK;
}

const elea__codec_ops elea__codec_lz4_raw_ops = {.levels = raw_levels,
                                                 .compress_bound = raw_bound,
                                                 .compress = raw_compress,
                                                 .decompress = raw_decompress};

// ---- Hadoop's

static uint32_t get_size(const char *data) {
    const uint8_t *bytes = (const uint8_t *)data;
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void put_size(char *target, uint32_t size) {
    for (int i = 0; i < HADOOP_SIZE; i++)
        target[i] = (char)(size >> (24 - 8 * i));
}

static int64_t hadoop_bound(int64_t size) {
    int64_t bound = raw_bound(size);
    return bound < 0 ? -1 : bound + HADOOP_HEADER;
}

// All in one block of one piece, as Arrow C++ writes it.
static elea_status hadoop_compress(const elea__codec_setup *setup, elea_bytes source, void *target,
                                   int64_t capacity, int64_t *out, elea_error *err) {
    int64_t size = 0;
    char *block = target;
    if (capacity < HADOOP_HEADER)
        return elea_error_set(err, ELEA_ECAPACITY, "no room");
    ELEA_TRY(
        raw_compress(setup, source, block + HADOOP_HEADER, capacity - HADOOP_HEADER, &size, err));
    put_size(block, (uint32_t)source.size);
    put_size(block + HADOOP_SIZE, (uint32_t)size);
    *out = size + HADOOP_HEADER;
    return ELEA_OK;
}

// One block; *source and *target go forward. False when this is none.
static bool decompress_hadoop_block(elea_bytes *source, char **target, int64_t *room) {
    if (source->size < HADOOP_HEADER)
        return false;
    int64_t left = get_size(source->data);
    source->data += HADOOP_SIZE;
    source->size -= HADOOP_SIZE;
    if (left > *room)
        return false;
    do {
        if (source->size < HADOOP_SIZE)
            return false;
        const elea_bytes piece = {.data = source->data + HADOOP_SIZE,
                                  .size = get_size(source->data)};
        if (piece.size > source->size - HADOOP_SIZE)
            return false;
        int64_t found = piece.size == 0 ? 0 : decompress_block(piece, *target, left);
        // What gives nothing only ends a block that holds nothing.
        if (found < 0 || (found == 0 && left > 0))
            return false;
        source->data += HADOOP_SIZE + piece.size;
        source->size -= HADOOP_SIZE + piece.size;
        *target += found;
        *room -= found;
        left -= found;
    } while (left > 0);
    return true;
}

// Files exist whose old LZ4 is a bare block, so that this is tried second.
static elea_status hadoop_decompress(const elea__codec_setup *setup, elea_bytes source,
                                     void *target, int64_t size, elea_error *err) {
    elea_bytes rest = source;
    char *end = target;
    int64_t room = size;
    while (rest.size > 0 && decompress_hadoop_block(&rest, &end, &room))
        continue;
    if (rest.size == 0 && room == 0)
        return ELEA_OK;
    return raw_decompress(setup, source, target, size, err);
}

const elea__codec_ops elea__codec_lz4_hadoop_ops = {
    .compress_bound = hadoop_bound, .compress = hadoop_compress, .decompress = hadoop_decompress};
#endif

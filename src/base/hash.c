// SPDX-License-Identifier: Apache-2.0
//
// XXH64, after the public description of the algorithm (xxHash, doc/xxhash_spec.md, version 0.2.0).
#include "base/hash_internal.h"

#include <assert.h>
#include <string.h>

#if ELEA_WITH_XXHASH
#ifndef XXH_INLINE_ALL
#define XXH_INLINE_ALL
#endif
#include <xxhash.h>
#endif

#define PRIME_1 UINT64_C(0x9E3779B185EBCA87)
#define PRIME_2 UINT64_C(0xC2B2AE3D27D4EB4F)
#define PRIME_3 UINT64_C(0x165667B19E3779F9)
#define PRIME_4 UINT64_C(0x85EBCA77C2B2AE63)
#define PRIME_5 UINT64_C(0x27D4EB2F165667C5)

static uint64_t rotate(uint64_t value, int bits) { return value << bits | value >> (64 - bits); }

static uint64_t read_64(const uint8_t *data) {
    uint64_t value;
    memcpy(&value, data, sizeof value);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    return value;
}

static uint64_t read_32(const uint8_t *data) {
    uint32_t value;
    memcpy(&value, data, sizeof value);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap32(value);
#endif
    return value;
}

static uint64_t round_of(uint64_t lane, uint64_t input) {
    return rotate(lane + input * PRIME_2, 31) * PRIME_1;
}

static uint64_t merge(uint64_t hash, uint64_t lane) {
    return (hash ^ round_of(0, lane)) * PRIME_1 + PRIME_4;
}

// The last, less than 32, bytes.
static uint64_t hash_tail(uint64_t hash, const uint8_t *at, int64_t left) {
    for (; left >= 8; left -= 8, at += 8)
        hash = rotate(hash ^ round_of(0, read_64(at)), 27) * PRIME_1 + PRIME_4;
    if (left >= 4) {
        hash = rotate(hash ^ (read_32(at) * PRIME_1), 23) * PRIME_2 + PRIME_3;
        at += 4;
        left -= 4;
    }
    for (; left > 0; left--, at++)
        hash = rotate(hash ^ (*at * PRIME_5), 11) * PRIME_1;
    return hash;
}

uint64_t elea__hash64_plain(const void *data, int64_t size, uint64_t seed) {
    const uint8_t *at = data;
    int64_t left = size;
    uint64_t hash = seed + PRIME_5;
    if (size >= 32) {
        uint64_t lanes[4] = {seed + PRIME_1 + PRIME_2, seed + PRIME_2, seed, seed - PRIME_1};
        for (; left >= 32; left -= 32, at += 32) {
            for (int i = 0; i < 4; i++)
                lanes[i] = round_of(lanes[i], read_64(at + 8 * i));
        }
        hash =
            rotate(lanes[0], 1) + rotate(lanes[1], 7) + rotate(lanes[2], 12) + rotate(lanes[3], 18);
        for (int i = 0; i < 4; i++)
            hash = merge(hash, lanes[i]);
    }
    hash = hash_tail(hash + (uint64_t)size, at, left);
    hash = (hash ^ hash >> 33) * PRIME_2;
    hash = (hash ^ hash >> 29) * PRIME_3;
    return hash ^ hash >> 32;
}

uint64_t elea_hash64(const void *data, int64_t size, uint64_t seed) {
    assert(data != NULL || size == 0);
#if ELEA_WITH_XXHASH
    if (data == NULL) // nothing, which xxHash may hand to memcpy() nevertheless
        data = "";
    return XXH64(data, (size_t)size, seed);
#else
    return elea__hash64_plain(data, size, seed);
#endif
}

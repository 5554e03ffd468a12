// SPDX-License-Identifier: Apache-2.0
//
// A mutator for libFuzzer that knows how IPC streams are framed, so that what it changes lies
// inside messages, and messages keep their sizes. Other changes would mostly end at the first
// prefix.
#ifndef ELEA_FUZZ_IPC_MUTATE_H
#define ELEA_FUZZ_IPC_MUTATE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "ipc/flatbuffer_reader.h"
#include "ipc/format.h"

// libFuzzer's own; not there where seeds are only replayed.
__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t size_max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_max, unsigned int seed);

#define FRAMES_MAX 64

typedef struct ipc_frame {
    int64_t offset;
    int64_t prefix;
    int64_t metadata;
    int64_t body;
    int64_t body_field; // where the metadata hold the size of the body; 0: nowhere
} ipc_frame;

static inline int64_t frame_end(const ipc_frame *frame) {
    return frame->offset + frame->prefix + frame->metadata + frame->body;
}

static inline void store_number(uint8_t *data, int64_t value, int width) {
    for (int i = 0; i < width; i++)
        data[i] = (uint8_t)((uint64_t)value >> (8 * i));
}

// Finds the size of the body in the metadata of a frame.
static inline bool frame_read_body(const uint8_t *data, ipc_frame *frame) {
    elea__flat flat;
    elea__flat_table table;
    int64_t start = frame->offset + frame->prefix;
    elea__flat_init(&flat, data + start, frame->metadata, 0);
    if (elea__flat_root(&flat, &table, NULL) != ELEA_OK ||
        elea__flat_get_int(&table, ELEA__MESSAGE_BODY_LENGTH, 8, 0, &frame->body, NULL) != ELEA_OK)
        return false;
    int64_t entry = 4 + 2 * ELEA__MESSAGE_BODY_LENGTH;
    if (entry + 2 <= table.vtable_size && frame->body != 0)
        frame->body_field =
            start + table.position + elea__flat_load(flat.data + table.vtable + entry, 2);
    return frame->body >= 0;
}

// The whole messages from the begin of the bytes on.
static inline int find_frames(const uint8_t *data, int64_t size, ipc_frame *frames) {
    int count = 0;
    int64_t position = 0;
    if (size >= ELEA__IPC_HEAD_SIZE && memcmp(data, ELEA__IPC_MAGIC, ELEA__IPC_MAGIC_SIZE) == 0)
        position = ELEA__IPC_HEAD_SIZE;
    while (count < FRAMES_MAX && position <= size - 8) {
        ipc_frame frame = {.offset = position, .prefix = 4};
        frame.metadata = elea__flat_load(data + position, 4);
        if (frame.metadata == ELEA__IPC_CONTINUATION) {
            frame.prefix = ELEA__IPC_PREFIX_SIZE;
            frame.metadata = elea__flat_load(data + position + 4, 4);
        }
        if (frame.metadata < 8 || frame.metadata > size - position - frame.prefix ||
            !frame_read_body(data, &frame) ||
            frame.body > size - position - frame.prefix - frame.metadata)
            break;
        frames[count++] = frame;
        position = frame_end(&frame);
    }
    return count;
}

static inline uint32_t mutate_random(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

// Changes some bytes where they are.
static inline void mutate_inside(uint8_t *data, int64_t size) {
    if (size > 0)
        LLVMFuzzerMutate(data, (size_t)size, (size_t)size);
}

// Puts a telling number where the metadata may have one: lengths, sizes and offsets have 8 bytes at
// multiples of 4.
static inline void mutate_number(uint8_t *data, int64_t size, uint64_t *state) {
    static const int64_t values[] = {
        0, 1, -1, 8, 64, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, INT64_C(1) << 31, 1 << 20};
    int width = mutate_random(state) % 2 ? 8 : 4;
    if (size < 16)
        return;
    uint8_t *target = data + 4 * (mutate_random(state) % ((uint64_t)(size - width) / 4 + 1));
    uint32_t choice = mutate_random(state) % 16;
    if (choice < 11)
        store_number(target, values[choice], width);
    else
        store_number(
            target,
            (int64_t)((uint64_t)elea__flat_load(target, width) + (choice % 2 ? 8 : UINT64_MAX)),
            width);
}

// Gives the body more or fewer bytes, and tells the metadata.
static inline int64_t mutate_body_size(uint8_t *data, int64_t size, int64_t size_max,
                                       const ipc_frame *frame, uint64_t *state) {
    int64_t change = 8 * (int64_t)(mutate_random(state) % 9) - 32, end = frame_end(frame);
    if (frame->body_field == 0 || frame->body + change < 0 || size + change > size_max)
        return size;
    memmove(data + end + change, data + end, (size_t)(size - end));
    if (change > 0)
        memset(data + end, 0, (size_t)change);
    store_number(data + frame->body_field, frame->body + change, 8);
    return size + change;
}

// Copies a message to before another one.
static inline int64_t mutate_duplicate(uint8_t *data, int64_t size, int64_t size_max,
                                       const ipc_frame *from, const ipc_frame *to) {
    int64_t length = frame_end(from) - from->offset, source = from->offset;
    if (size + length > size_max)
        return size;
    memmove(data + to->offset + length, data + to->offset, (size_t)(size - to->offset));
    if (source >= to->offset)
        source += length;
    memmove(data + to->offset, data + source, (size_t)length);
    return size + length;
}

static inline int64_t mutate_delete(uint8_t *data, int64_t size, const ipc_frame *frame) {
    int64_t end = frame_end(frame);
    memmove(data + frame->offset, data + end, (size_t)(size - end));
    return size - (end - frame->offset);
}

// Takes the continuation away, or puts it there.
static inline int64_t mutate_framing(uint8_t *data, int64_t size, int64_t size_max,
                                     const ipc_frame *frame) {
    uint8_t *at = data + frame->offset;
    if (frame->prefix == ELEA__IPC_PREFIX_SIZE) {
        memmove(at, at + 4, (size_t)(size - frame->offset - 4));
        return size - 4;
    }
    if (size + 4 > size_max)
        return size;
    memmove(at + 4, at, (size_t)(size - frame->offset));
    memset(at, 0xff, 4);
    return size + 4;
}

static inline size_t ipc_mutate(uint8_t *data, size_t size, size_t size_max, unsigned int seed) {
    ipc_frame frames[FRAMES_MAX];
    uint64_t state = seed;
    int count = find_frames(data, (int64_t)size, frames);
    uint32_t choice = mutate_random(&state) % 16;
    if (count == 0 || choice == 0)
        return LLVMFuzzerMutate(data, size, size_max);
    const ipc_frame *frame = &frames[mutate_random(&state) % (uint32_t)count];
    const ipc_frame *other = &frames[mutate_random(&state) % (uint32_t)count];
    uint8_t *metadata = data + frame->offset + frame->prefix;
    switch (choice) {
    case 1:
        return (size_t)mutate_duplicate(data, (int64_t)size, (int64_t)size_max, frame, other);
    case 2:
        return (size_t)mutate_delete(data, (int64_t)size, frame);
    case 3:
        return (size_t)mutate_framing(data, (int64_t)size, (int64_t)size_max, frame);
    case 4:
        return (size_t)mutate_body_size(data, (int64_t)size, (int64_t)size_max, frame, &state);
    case 5:
    case 6:
    case 7:
    case 8:
        mutate_inside(metadata + frame->metadata, frame->body);
        return size;
    case 9:
    case 10:
    case 11:
        mutate_inside(metadata, frame->metadata);
        return size;
    default:
        mutate_number(metadata, frame->metadata, &state);
        return size;
    }
}

#endif // ELEA_FUZZ_IPC_MUTATE_H

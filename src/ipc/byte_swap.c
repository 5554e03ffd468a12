// SPDX-License-Identifier: Apache-2.0
//
// One loop for each width, plain enough for the compiler to use shuffles of whole vectors.
#include "ipc/byte_swap.h"

#include <string.h>

#include "base/copy_internal.h"
#include "columnar/array_internal.h"
#include "columnar/type_internal.h"

static elea__ipc_swap swap_of_width(int64_t width) {
    switch (width) {
    case 2:
        return ELEA__IPC_SWAP_2;
    case 4:
        return ELEA__IPC_SWAP_4;
    case 8:
        return ELEA__IPC_SWAP_8;
    case 16:
        return ELEA__IPC_SWAP_16;
    case 32:
        return ELEA__IPC_SWAP_32;
    default:
        return ELEA__IPC_SWAP_NONE;
    }
}

static elea__ipc_swap swap_of_values(const elea_type *type) {
    switch (elea_type_id_of(type)) {
    case ELEA_TYPE_FIXED_SIZE_BINARY:
        return ELEA__IPC_SWAP_NONE;
    case ELEA_TYPE_INTERVAL_DAY_TIME:
        return ELEA__IPC_SWAP_4; // two numbers
    case ELEA_TYPE_INTERVAL_MONTH_DAY_NANO:
        return ELEA__IPC_SWAP_MONTH_DAY_NANO;
    default:
        return swap_of_width(elea__type_width(type));
    }
}

elea__ipc_swap elea__ipc_swap_of(const elea_type *type, char letter) {
    switch (letter) {
    case 'd':
        return swap_of_values(type);
    case 'o':
    case 's':
        return ELEA__IPC_SWAP_4;
    case 'O':
    case 'S':
        return ELEA__IPC_SWAP_8;
    case 'w':
        return ELEA__IPC_SWAP_VIEW;
    default:
        return ELEA__IPC_SWAP_NONE;
    }
}

// ---- entries

static inline void swap_2(uint8_t *target, const uint8_t *source) {
    uint16_t value;
    memcpy(&value, source, sizeof value);
    value = __builtin_bswap16(value);
    memcpy(target, &value, sizeof value);
}

static inline void swap_4(uint8_t *target, const uint8_t *source) {
    uint32_t value;
    memcpy(&value, source, sizeof value);
    value = __builtin_bswap32(value);
    memcpy(target, &value, sizeof value);
}

static inline void swap_8(uint8_t *target, const uint8_t *source) {
    uint64_t value;
    memcpy(&value, source, sizeof value);
    value = __builtin_bswap64(value);
    memcpy(target, &value, sizeof value);
}

// The words of a long number change places, too.
static inline void swap_words(uint8_t *target, const uint8_t *source, int count) {
    uint64_t words[4];
    memcpy(words, source, (size_t)count * 8);
    for (int i = 0; i < count; i++) {
        uint64_t word = __builtin_bswap64(words[count - 1 - i]);
        memcpy(target + 8 * i, &word, sizeof word);
    }
}

static inline void swap_month_day_nano(uint8_t *target, const uint8_t *source) {
    swap_4(target, source);
    swap_4(target + 4, source + 4);
    swap_8(target + 8, source + 8);
}

static inline void swap_view(uint8_t *target, const uint8_t *source) {
    uint8_t view[16];
    int32_t size;
    memcpy(view, source, sizeof view);
    swap_4(view, view);
    memcpy(&size, view, sizeof size);
    // A negative size is found by validation, whatever the rest says.
    if (size > ELEA__VIEW_INLINE_MAX) {
        swap_4(view + 8, view + 8);
        swap_4(view + 12, view + 12);
    }
    memcpy(target, view, sizeof view);
}

// ---- buffers

static int64_t swap_entries(elea__ipc_swap swap, uint8_t *target, const uint8_t *source,
                            int64_t size) {
    int64_t i = 0;
    switch (swap) {
    case ELEA__IPC_SWAP_NONE:
        break;
    case ELEA__IPC_SWAP_2:
        for (; i + 2 <= size; i += 2)
            swap_2(target + i, source + i);
        break;
    case ELEA__IPC_SWAP_4:
        for (; i + 4 <= size; i += 4)
            swap_4(target + i, source + i);
        break;
    case ELEA__IPC_SWAP_8:
        for (; i + 8 <= size; i += 8)
            swap_8(target + i, source + i);
        break;
    case ELEA__IPC_SWAP_16:
        for (; i + 16 <= size; i += 16)
            swap_words(target + i, source + i, 2);
        break;
    case ELEA__IPC_SWAP_32:
        for (; i + 32 <= size; i += 32)
            swap_words(target + i, source + i, 4);
        break;
    case ELEA__IPC_SWAP_MONTH_DAY_NANO:
        for (; i + 16 <= size; i += 16)
            swap_month_day_nano(target + i, source + i);
        break;
    case ELEA__IPC_SWAP_VIEW:
        for (; i + 16 <= size; i += 16)
            swap_view(target + i, source + i);
        break;
    }
    return i;
}

void elea__ipc_swap_bytes(elea__ipc_swap swap, void *target, const void *source, int64_t size) {
    int64_t done = swap_entries(swap, target, source, size);
    if (target == source)
        return;
    elea__copy_count(done);
    elea_copy_bytes((uint8_t *)target + done, (const uint8_t *)source + done, size - done);
}

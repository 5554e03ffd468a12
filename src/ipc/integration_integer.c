// SPDX-License-Identifier: Apache-2.0
#include "ipc/integration_integer.h"

#include <string.h>

enum { LIMB_COUNT = ELEA__INTEGER_WIDTH_MAX / 4 };

// Multiplies by ten and adds a digit; false when that is past 256 bits.
static bool push_digit(uint32_t limbs[LIMB_COUNT], uint32_t digit) {
    uint64_t carry = digit;
    for (int i = 0; i < LIMB_COUNT; i++) {
        carry += (uint64_t)limbs[i] * 10;
        limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return carry == 0;
}

static bool is_zero(const uint32_t limbs[LIMB_COUNT]) {
    for (int i = 0; i < LIMB_COUNT; i++) {
        if (limbs[i] != 0)
            return false;
    }
    return true;
}

static void subtract_one(uint32_t limbs[LIMB_COUNT]) {
    for (int i = 0; i < LIMB_COUNT && limbs[i]-- == 0; i++)
        continue;
}

static bool fits_bits(const uint32_t limbs[LIMB_COUNT], int bits) {
    for (int i = 0; i < LIMB_COUNT; i++) {
        int low = i * 32;
        if (low >= bits ? limbs[i] != 0 : low + 32 > bits && limbs[i] >> (bits - low) != 0)
            return false;
    }
    return true;
}

bool elea__integer_parse(elea_bytes text, int width, bool is_signed, uint8_t *out) {
    uint32_t limbs[LIMB_COUNT] = {0};
    bool is_negative = text.size > 0 && text.data[0] == '-';
    if (text.size == is_negative)
        return false;
    for (int64_t i = is_negative; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' ||
            !push_digit(limbs, (uint32_t)(text.data[i] - '0')))
            return false;
    }
    is_negative = is_negative && !is_zero(limbs);
    if (is_negative && !is_signed)
        return false;
    // -n is the complement of n - 1, which has as many bits as the largest positive number.
    if (is_negative)
        subtract_one(limbs);
    if (!fits_bits(limbs, width * 8 - is_signed))
        return false;
    for (int i = 0; i < width; i++) {
        uint8_t byte = (uint8_t)(limbs[i / 4] >> (i % 4 * 8));
        out[i] = is_negative ? (uint8_t)~byte : byte;
    }
    return true;
}

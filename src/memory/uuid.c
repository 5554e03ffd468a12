// SPDX-License-Identifier: Apache-2.0
#include "memory/uuid.h"

#include "base/os_internal.h"

#define LOW_MASK ((UINT64_C(1) << 62) - 1)
#define HIGH_MASK UINT64_C(0xfff)
#define TIME_MASK INT64_C(0xffffffffffff)

elea_status elea__uuid_maker_init(elea__uuid_maker *maker, elea_error *err) {
    uint64_t bits[2];
    ELEA_TRY(elea__os_entropy(bits, sizeof(bits), err));
    maker->time_ms = (elea__os_clock_wall_ns() / 1000000) & TIME_MASK;
    // The top bit of the counter starts clear, so that counting on does not soon run over.
    maker->high = bits[0] & (HIGH_MASK >> 1);
    maker->low = bits[1] & LOW_MASK;
    return ELEA_OK;
}

static void put_hex(char *text, uint64_t bits, int digits) {
    for (int i = digits - 1; i >= 0; i--) {
        text[i] = "0123456789abcdef"[bits & 15];
        bits >>= 4;
    }
}

void elea__uuid_maker_next(elea__uuid_maker *maker, char *text) {
    uint64_t time = (uint64_t)maker->time_ms;
    put_hex(text, time >> 16, 8);
    put_hex(text + 9, time & 0xffff, 4);
    put_hex(text + 14, 0x7000 | maker->high, 4);
    put_hex(text + 19, 0x8000 | (maker->low >> 48), 4);
    put_hex(text + 24, maker->low & UINT64_C(0xffffffffffff), 12);
    text[8] = text[13] = text[18] = text[23] = '-';

    maker->low = (maker->low + 1) & LOW_MASK;
    if (maker->low == 0) {
        maker->high = (maker->high + 1) & HIGH_MASK;
        if (maker->high == 0)
            maker->time_ms++;
    }
}

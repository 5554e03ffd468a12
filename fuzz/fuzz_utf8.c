// SPDX-License-Identifier: Apache-2.0
//
// elea_utf8_check() against a decoder that goes code point by code point and knows no shortcut.
#include <elea/base.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// The size of the well-formed sequence at the front of `size` bytes, or 0.
static size_t sequence_size(const uint8_t *data, size_t size) {
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const uint8_t lead = data[0];
    if (lead < 0x80)
        return 1;
    const size_t need = lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
    if (need == 0 || need > size)
        return 0;
    uint32_t code = lead & (0x7fu >> need);
    for (size_t i = 1; i < need; i++) {
        if (data[i] >> 6 != 2)
            return 0;
        code = code << 6 | (data[i] & 0x3fu);
    }
    const int is_surrogate = code >= 0xd800 && code <= 0xdfff;
    return code >= smallest[need] && code <= 0x10ffff && !is_surrogate ? need : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    size_t expected = 0;
    while (expected < size) {
        const size_t step = sequence_size(data + expected, size - expected);
        if (step == 0)
            break;
        expected += step;
    }
    if (elea_utf8_check(data, (int64_t)size) != (int64_t)expected)
        abort();
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "embed/char_class.h"

#include <stddef.h>

typedef struct char_range {
    uint32_t first;
    uint16_t count;
    uint16_t class;
} char_range;

static const char_range ranges[] = {
#define R(first, count, class) {first, count, ELEA__CHAR_##class},
#include "embed/char_class_ranges.inc.h"
#undef R
};

elea__char_class elea__char_class_of(uint32_t code_point) {
    size_t low = 0;
    size_t high = sizeof ranges / sizeof ranges[0];
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (ranges[middle].first <= code_point)
            low = middle + 1;
        else
            high = middle;
    }
    if (low > 0 && code_point - ranges[low - 1].first < ranges[low - 1].count)
        return (elea__char_class)ranges[low - 1].class;
    return ELEA__CHAR_LETTER;
}

bool elea__char_is_ideograph(uint32_t c) {
    if (c < 0x3400)
        return false;
    return (c >= 0x4E00 && c <= 0x9FFF) || c <= 0x4DBF || (c >= 0xF900 && c <= 0xFAFF) ||
           (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B81F) ||
           (c >= 0x2B920 && c <= 0x2CEAF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

// SPDX-License-Identifier: Apache-2.0
#include "columnar/text_width.h"

#include "base/utf8_internal.h"

typedef struct code_range {
    uint32_t first;
    uint32_t last;
} code_range;

static bool in_ranges(const code_range *ranges, int count, uint32_t code_point) {
    for (int i = 0; i < count; i++) {
        if (code_point >= ranges[i].first && code_point <= ranges[i].last)
            return true;
    }
    return false;
}

// The large blocks of East Asian wide characters and emoji; and marks that take no room.
static int code_point_width(uint32_t code_point) {
    static const code_range wide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},
                                      {0xA960, 0xA97C},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},
                                      {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
                                      {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF},
                                      {0x20000, 0x3FFFD}};
    static const code_range none[] = {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD},
                                      {0x064B, 0x065F}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},
                                      {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0x2060, 0x2064},
                                      {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0x1F3FB, 0x1F3FF}};
    if (code_point < 0x300)
        return 1;
    if (in_ranges(none, sizeof none / sizeof *none, code_point))
        return 0;
    return in_ranges(wide, sizeof wide / sizeof *wide, code_point) ? 2 : 1;
}

int64_t elea__text_fit(elea_bytes text, int64_t width_max, int64_t *width) {
    const uint8_t *data = (const uint8_t *)text.data;
    int64_t position = 0;
    *width = 0;
    while (position < text.size) {
        uint32_t code_point = 0;
        int length = elea__utf8_decode(data + position, text.size - position, &code_point);
        int columns = length > 0 ? code_point_width(code_point) : 1;
        if (*width + columns > width_max)
            break;
        *width += columns;
        position += length > 0 ? length : 1;
    }
    return position;
}

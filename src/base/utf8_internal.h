// SPDX-License-Identifier: Apache-2.0
//
// Decoding of one UTF-8 character: the plain definition on which elea_utf8_check() and all other
// readers of text rest (Unicode 15, section 3.9, table 3-7).
#ifndef ELEA_BASE_UTF8_INTERNAL_H
#define ELEA_BASE_UTF8_INTERNAL_H

#include "elea/base.h"

// Whether all bytes are below 0x80.
bool elea__utf8_is_ascii(const void *data, int64_t size);

// The length (1 to 4) of the character at `text`, of which `size` > 0 bytes are there, and its code
// point; 0 when it is not well-formed.
static inline int elea__utf8_decode(const uint8_t *text, int64_t size, uint32_t *code_point) {
    uint32_t lead = text[0];
    if (lead < 0x80) {
        *code_point = lead;
        return 1;
    }
    // 0x80..0xC1 never begin a character, nor do 0xF5..0xFF.
    if (lead < 0xC2 || lead > 0xF4)
        return 0;
    int length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (size < length)
        return 0;
    uint32_t value = lead & (0x7Fu >> length);
    for (int i = 1; i < length; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (text[i] & 0x3Fu);
    }
    bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
    bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (overlong || surrogate || value > 0x10FFFF)
        return 0;
    *code_point = value;
    return length;
}

// Writes a code point that is a valid Unicode scalar value; returns the number of bytes (1 to 4).
static inline int elea__utf8_encode(uint32_t code_point, uint8_t target[4]) {
    if (code_point < 0x80) {
        target[0] = (uint8_t)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        target[0] = (uint8_t)(0xC0 | code_point >> 6);
        target[1] = (uint8_t)(0x80 | (code_point & 0x3F));
        return 2;
    }
    if (code_point < 0x10000) {
        target[0] = (uint8_t)(0xE0 | code_point >> 12);
        target[1] = (uint8_t)(0x80 | (code_point >> 6 & 0x3F));
        target[2] = (uint8_t)(0x80 | (code_point & 0x3F));
        return 3;
    }
    target[0] = (uint8_t)(0xF0 | code_point >> 18);
    target[1] = (uint8_t)(0x80 | (code_point >> 12 & 0x3F));
    target[2] = (uint8_t)(0x80 | (code_point >> 6 & 0x3F));
    target[3] = (uint8_t)(0x80 | (code_point & 0x3F));
    return 4;
}

#endif // ELEA_BASE_UTF8_INTERNAL_H

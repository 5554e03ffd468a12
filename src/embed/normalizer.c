// SPDX-License-Identifier: Apache-2.0
#include "embed/normalizer.h"

#include <assert.h>
#include <utf8proc.h>

#include "embed/char_class.h"

#define DECOMPOSED_MAX 8

uint8_t elea__combining_class(uint32_t code_point) {
    const utf8proc_property_t *property = utf8proc_get_property((utf8proc_int32_t)code_point);
    return (uint8_t)property->combining_class;
}

static int decompose(uint32_t code_point, uint32_t out[DECOMPOSED_MAX]) {
    utf8proc_int32_t parts[DECOMPOSED_MAX];
    int boundary_class = 0;
    utf8proc_ssize_t count = utf8proc_decompose_char(
        (utf8proc_int32_t)code_point, parts, DECOMPOSED_MAX, UTF8PROC_DECOMPOSE, &boundary_class);
    assert(count > 0 && count <= DECOMPOSED_MAX);
    for (int i = 0; i < (int)count; i++)
        out[i] = (uint32_t)parts[i];
    return (int)count;
}

// One code point has two in lower case: I with a dot above. Two letters got a lower case that is
// an old letter after Unicode 15, so that a vocabulary may have it.
static int lower(uint32_t code_point, uint32_t out[2]) {
    switch (code_point) {
    case 0x0130:
        out[0] = 'i';
        out[1] = 0x0307;
        return 2;
    case 0xA7CB:
        out[0] = 0x0264;
        return 1;
    case 0xA7DC:
        out[0] = 0x019B;
        return 1;
    default:
        out[0] = (uint32_t)utf8proc_tolower((utf8proc_int32_t)code_point);
        return 1;
    }
}

static elea__unit_kind kind_of(uint32_t code_point) {
    switch (elea__char_class_of(code_point)) {
    case ELEA__CHAR_SPACE:
    case ELEA__CHAR_CONTROL_SPACE:
        return ELEA__UNIT_BREAK;
    case ELEA__CHAR_PUNCTUATION:
        return ELEA__UNIT_ALONE;
    default:
        return ELEA__UNIT_LETTER;
    }
}

static int put(elea__unit *units, int count, uint32_t code_point, elea__unit_kind kind,
               uint8_t combining) {
    units[count] = (elea__unit){code_point, (uint8_t)kind, combining};
    return count + 1;
}

int elea__normalizer_map(const elea__normalizer *normalizer, uint32_t code_point,
                         elea__unit units[ELEA__UNIT_COUNT_MAX]) {
    int count = 0;
    if (normalizer->clean_text) {
        elea__char_class class = elea__char_class_of(code_point);
        if (class == ELEA__CHAR_CONTROL || class == ELEA__CHAR_CONTROL_SPACE)
            return 0;
        if (class == ELEA__CHAR_SPACE)
            return put(units, 0, ' ', ELEA__UNIT_BREAK, 0);
    }
    bool separate = normalizer->separate_cjk && elea__char_is_ideograph(code_point);
    if (separate)
        count = put(units, count, ' ', ELEA__UNIT_BREAK, 0);

    uint32_t parts[DECOMPOSED_MAX] = {code_point};
    int part_count = normalizer->strip_accents ? decompose(code_point, parts) : 1;
    for (int i = 0; i < part_count; i++) {
        uint8_t combining = normalizer->strip_accents ? elea__combining_class(parts[i]) : 0;
        if (normalizer->strip_accents && elea__char_class_of(parts[i]) == ELEA__CHAR_MARK) {
            if (combining == 0)
                count = put(units, count, 0, ELEA__UNIT_BARRIER, 0);
            continue;
        }
        uint32_t lowered[2] = {parts[i]};
        int lowered_count = normalizer->lowercase ? lower(parts[i], lowered) : 1;
        for (int j = 0; j < lowered_count; j++)
            count = put(units, count, lowered[j], kind_of(lowered[j]), combining);
    }
    if (separate)
        count = put(units, count, ' ', ELEA__UNIT_BREAK, 0);
    return count;
}

void elea__normalizer_init(elea__normalizer *normalizer) {
    elea__unit units[ELEA__UNIT_COUNT_MAX];
    for (uint32_t c = 0; c < ELEA__NORMALIZER_TABLE_SIZE; c++) {
        int count = elea__normalizer_map(normalizer, c, units);
        if (count == 0)
            normalizer->table[c] = (uint32_t)ELEA__UNIT_NOTHING << 24;
        else if (count == 1 && units[0].combining == 0)
            normalizer->table[c] = units[0].code_point | (uint32_t)units[0].kind << 24;
        else
            normalizer->table[c] = (uint32_t)ELEA__UNIT_SEVERAL << 24;
    }
}

// SPDX-License-Identifier: Apache-2.0
//
// How arrays lie in memory, from the lists of layouts and buffers.
#include <string.h>

#include "columnar/type_internal.h"

const char *elea_layout_name(elea_layout layout) {
#define LAYOUT_NAME(name, buffers, text) text,
    static const char *const names[] = {ELEA_LAYOUT_LIST(LAYOUT_NAME)};
#undef LAYOUT_NAME
    return names[layout];
}

const char *elea_layout_buffers(elea_layout layout) {
#define LAYOUT_BUFFERS(name, buffers, text) buffers,
    static const char *const lists[] = {ELEA_LAYOUT_LIST(LAYOUT_BUFFERS)};
#undef LAYOUT_BUFFERS
    return lists[layout];
}

// ---- buffers

typedef struct buffer_row {
    char letter;
    int32_t bits;
    const char *text;
} buffer_row;

#define BUFFER_ROW(name, letter, bits, text) {letter, bits, text},
static const buffer_row buffer_table[] = {ELEA_BUFFER_LIST(BUFFER_ROW)};
#undef BUFFER_ROW

#define KIND_COUNT ((int)(sizeof buffer_table / sizeof buffer_table[0]))

const char *elea_buffer_kind_name(elea_buffer_kind kind) {
    return (unsigned)kind < (unsigned)KIND_COUNT ? buffer_table[kind].text : "unknown";
}

static elea_buffer_kind kind_of(char letter) {
    int kind = 0;
    while (kind < KIND_COUNT - 1 && buffer_table[kind].letter != letter)
        kind++;
    return (elea_buffer_kind)kind;
}

const char *elea__buffer_text(char letter) { return buffer_table[kind_of(letter)].text; }

int32_t elea__buffer_bits(const elea_type *type, char letter) {
    int32_t bits = buffer_table[kind_of(letter)].bits;
    return bits > 0 ? bits : type->bit_width;
}

bool elea__layout_has_end_offset(elea_layout layout) {
    return layout == ELEA_LAYOUT_BINARY || layout == ELEA_LAYOUT_LARGE_BINARY ||
           layout == ELEA_LAYOUT_LIST || layout == ELEA_LAYOUT_LARGE_LIST;
}

// Words of 128 and 256 bits are read as pairs and fours of 64; fixed-size binaries are bytes.
int32_t elea__buffer_alignment(const elea_type *type, char letter) {
    int32_t width = elea__buffer_bits(type, letter) / 8;
    bool is_bytes = letter == 'd' && type->id == ELEA_TYPE_FIXED_SIZE_BINARY;
    if (width <= 1 || is_bytes)
        return 1;
    return width > 8 ? 8 : width;
}

void elea_type_layout_init(elea_type_layout *layout, const elea_type *type) {
    const char *letters = elea_layout_buffers(type->layout);
    bool is_union =
        type->layout == ELEA_LAYOUT_SPARSE_UNION || type->layout == ELEA_LAYOUT_DENSE_UNION;
    *layout = (elea_type_layout){
        .layout = type->layout,
        .buffer_count = (int32_t)strlen(letters),
        .is_variadic = type->layout == ELEA_LAYOUT_BINARY_VIEW,
        .has_validity = elea__layout_has_validity(type->layout),
        .can_be_null = !is_union && type->layout != ELEA_LAYOUT_RUN_END_ENCODED,
        .has_dictionary = type->value_type != NULL,
        .child_count = type->child_count,
    };
    for (int32_t i = 0; i < layout->buffer_count; i++) {
        char letter = letters[i];
        bool is_offset = letter == 'o' || letter == 'O';
        layout->buffers[i] = (elea_buffer_layout){
            .kind = kind_of(letter),
            .bit_width = elea__buffer_bits(type, letter),
            .alignment = elea__buffer_alignment(type, letter),
            .is_variable = letter == 'c',
            .has_end_entry = is_offset && elea__layout_has_end_offset(type->layout),
            .may_be_missing = letter == 'v',
        };
    }
}

// SPDX-License-Identifier: Apache-2.0
//
// What a type is made of, and the table of all types. Only the rooms' own getters and the few
// readers of this header look inside.
#ifndef ELEA_COLUMNAR_TYPE_INTERNAL_H
#define ELEA_COLUMNAR_TYPE_INTERNAL_H

#include "elea/columnar.h"

// Types nest at most this deep. It is checked when a type is made, so that every walk over a type,
// or over an array of it, may recurse.
#define ELEA__TYPE_DEPTH_MAX 64
#define ELEA__TYPE_ID_COUNT 45
#define ELEA__UNION_CODE_COUNT 128

struct elea_type {
    int32_t refcount; // negative: static storage
    elea_type_id id;
    elea_layout layout;
    int32_t bit_width;
    int32_t depth; // 1 for a type without children
    elea_time_unit unit;
    int32_t fixed_size;
    int32_t precision;
    int32_t scale;
    bool ordered; // keys of a map, values of a dictionary
    elea_pool *pool;
    int64_t allocated;
    int64_t child_count;
    elea_field **children;
    const char *zone;
    int8_t *codes;         // of a union, one for each child
    elea_type *index_type; // of a dictionary
    elea_type *value_type;
};

struct elea_field {
    int32_t refcount;
    bool nullable;
    elea_pool *pool;
    int64_t allocated;
    elea_type *type;
    elea_metadata *metadata;
    char name[];
};

// One row of the type list.
typedef struct elea__type_row {
    const char *name;
    const char *format;
    elea_layout layout;
    int32_t bit_width;
    elea_type_id physical;
    bool has_c_type; // kernels see one value as a C value
} elea__type_row;

extern const elea__type_row elea__type_table[ELEA__TYPE_ID_COUNT];

static inline bool elea__type_id_known(elea_type_id id) {
    return (unsigned)id < ELEA__TYPE_ID_COUNT;
}

// Whether a value is one number (or bool, or point in time) to C; else it is bytes or has children.
static inline bool elea__type_has_number(elea_type_id id) {
    return elea__type_table[id].has_c_type;
}

// Whether the validity bitmap is the first buffer of the layout.
static inline bool elea__layout_has_validity(elea_layout layout) {
    return elea_layout_buffers(layout)[0] == 'v';
}

// Whether the offsets have one entry more than there are values: the end of the last.
bool elea__layout_has_end_offset(elea_layout layout);
// Of a buffer, by its letter in the layout: "the offsets"; the bits of an entry; the bytes that its
// address must be a multiple of.
const char *elea__buffer_text(char letter);
int32_t elea__buffer_bits(const elea_type *type, char letter);
int32_t elea__buffer_alignment(const elea_type *type, char letter);

// Bytes of one value in the data buffer of a fixed-width type (not of a bit layout).
static inline int64_t elea__type_width(const elea_type *type) { return type->bit_width / 8; }

// As elea_type_equal(); the names of the children of `a` and `b` count only when `with_names`.
bool elea__type_equal(const elea_type *a, const elea_type *b, bool with_names, bool with_metadata);

#endif // ELEA_COLUMNAR_TYPE_INTERNAL_H

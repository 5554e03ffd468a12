// SPDX-License-Identifier: Apache-2.0
//
// Reads FlatBuffers that nobody has verified. Each step checks what it is about to follow: the
// vtable, the place of the field in its table, the offset, the length of the vector. Nothing here
// allocates, and addresses need not be aligned. Source: the FlatBuffers internals documentation.
//
// A buffer whose offsets share parts could be walked much longer than it is; therefore every table
// and every byte of a string that is visited is taken from a budget that grows with the size.
#ifndef ELEA_IPC_FLATBUFFER_READER_H
#define ELEA_IPC_FLATBUFFER_READER_H

#include <elea/base.h>

typedef struct elea__flat {
    const uint8_t *data;
    int64_t size;
    int64_t file_offset; // of data[0], for messages
    int64_t tables_left; // budget
    int64_t bytes_left;
} elea__flat;

// A table whose vtable and inline part are inside the buffer.
typedef struct elea__flat_table {
    elea__flat *flat;
    int64_t position;
    int64_t size;
    int64_t vtable;
    int64_t vtable_size;
} elea__flat_table;

// A vector that is inside the buffer. A missing one is empty.
typedef struct elea__flat_vector {
    elea__flat *flat;
    int64_t position; // of the first element
    int64_t count;
} elea__flat_vector;

// `data` must stay where it is while tables of it are used.
void elea__flat_init(elea__flat *flat, const uint8_t *data, int64_t size, int64_t file_offset);
ELEA_CHECKED elea_status elea__flat_root(elea__flat *flat, elea__flat_table *out, elea_error *err);

// The fields of a table, by slot (the number of the field in the format's definition).

// A signed number of 1, 2, 4 or 8 bytes; `missing` when the table has none.
ELEA_CHECKED elea_status elea__flat_get_int(const elea__flat_table *table, int slot, int width,
                                            int64_t missing, int64_t *out, elea_error *err);
// A struct of two numbers of 8 bytes; *present tells whether there is one.
ELEA_CHECKED elea_status elea__flat_get_pair(const elea__flat_table *table, int slot,
                                             int64_t *first, int64_t *second, bool *present,
                                             elea_error *err);
// *present tells whether there is one.
ELEA_CHECKED elea_status elea__flat_get_table(const elea__flat_table *table, int slot,
                                              elea__flat_table *out, bool *present,
                                              elea_error *err);
// `element_size` bytes each; 4 for a vector of tables.
ELEA_CHECKED elea_status elea__flat_get_vector(const elea__flat_table *table, int slot,
                                               int64_t element_size, elea__flat_vector *out,
                                               elea_error *err);
// Borrowed from the buffer; size 0 when missing.
ELEA_CHECKED elea_status elea__flat_get_string(const elea__flat_table *table, int slot,
                                               elea_bytes *out, elea_error *err);

// Element `index`, below count, of a vector of tables.
ELEA_CHECKED elea_status elea__flat_vector_table(const elea__flat_vector *vector, int64_t index,
                                                 elea__flat_table *out, elea_error *err);
// The bytes of a vector, unaligned.
const uint8_t *elea__flat_vector_data(const elea__flat_vector *vector);

// A signed little-endian number of 1, 2, 4 or 8 bytes at any address.
static inline int64_t elea__flat_load(const uint8_t *data, int width) {
    // Spelled out so that compilers see one load.
    uint64_t low = data[0];
    if (width == 1)
        return (int8_t)low;
    low |= (uint64_t)data[1] << 8;
    if (width == 2)
        return (int16_t)low;
    low |= (uint64_t)data[2] << 16 | (uint64_t)data[3] << 24;
    if (width == 4)
        return (int32_t)low;
    uint64_t high = (uint64_t)data[4] | (uint64_t)data[5] << 8 | (uint64_t)data[6] << 16 |
                    (uint64_t)data[7] << 24;
    return (int64_t)(low | high << 32);
}

#endif // ELEA_IPC_FLATBUFFER_READER_H

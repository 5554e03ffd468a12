// SPDX-License-Identifier: Apache-2.0
//
// Writes FlatBuffers from front to back: what refers comes first, and what it refers to is written
// behind it. Adding a field that is an offset gives its location; whoever writes the table, string
// or vector it means is told that location and fills it in.
//
//     elea__flat_begin_table(&builder, ELEA__FLAT_ROOT);
//     elea__flat_add_int(&builder, 0, 2, 4);
//     int64_t name = elea__flat_add_offset(&builder, 1);
//     elea__flat_end_table(&builder);
//     elea__flat_add_string(&builder, name, elea_bytes_of("achilles"));
//     ELEA_TRY(elea__flat_finish(&builder, err));
//
// A failure is remembered; the calls after it do nothing, and elea__flat_finish() tells.
#ifndef ELEA_IPC_FLATBUFFER_BUILDER_H
#define ELEA_IPC_FLATBUFFER_BUILDER_H

#include <assert.h>
#include <elea/base.h>

#include "base/math_internal.h"

#define ELEA__FLAT_ROOT 0 // the location that refers to the root table
#define ELEA__FLAT_SLOTS_MAX 8

typedef struct elea__flat_builder {
    elea_pool *pool;
    void *data;
    int64_t size;
    int64_t capacity;
    elea_status status;
    elea_error error;
    int64_t table; // where the table being written begins
    int slot_count;
    uint16_t slots[ELEA__FLAT_SLOTS_MAX]; // of its fields, 0 where it has none
} elea__flat_builder;

void elea__flat_builder_init(elea__flat_builder *builder, elea_pool *pool);
void elea__flat_builder_release(elea__flat_builder *builder);
// Forgets what was written, failures too, and keeps the memory.
void elea__flat_builder_reset(elea__flat_builder *builder);

// A table; its fields follow, each at most once, those of 8 bytes best first. Nothing else is
// written until its end.
void elea__flat_begin_table(elea__flat_builder *builder, int64_t location);
void elea__flat_add_int(elea__flat_builder *builder, int slot, int width, int64_t value);
int64_t elea__flat_add_offset(elea__flat_builder *builder, int slot);
// A struct of two numbers of 8 bytes.
void elea__flat_add_pair(elea__flat_builder *builder, int slot, int64_t first, int64_t second);
void elea__flat_end_table(elea__flat_builder *builder);

void elea__flat_add_string(elea__flat_builder *builder, int64_t location, elea_bytes string);
// A vector of `count` elements, all bytes zero, aligned to `alignment` (at least 4). Gives the
// position of the first element: the location of a vector's table i is that plus 4 * i, and numbers
// are put in with elea__flat_store().
int64_t elea__flat_add_vector(elea__flat_builder *builder, int64_t location, int64_t count,
                              int64_t element_size, int64_t alignment);
static inline void elea__flat_store(elea__flat_builder *builder, int64_t position, int width,
                                    int64_t value) {
    if (builder->status != ELEA_OK)
        return;
    assert(elea__range_inside(position, width, builder->size));
    uint8_t *target = (uint8_t *)builder->data + position;
    for (int i = 0; i < width; i++)
        target[i] = (uint8_t)((uint64_t)value >> (8 * i));
}

// Pads the buffer to a multiple of 8 and tells whether all went well. It then is data and size.
ELEA_CHECKED elea_status elea__flat_finish(elea__flat_builder *builder, elea_error *err);

#endif // ELEA_IPC_FLATBUFFER_BUILDER_H

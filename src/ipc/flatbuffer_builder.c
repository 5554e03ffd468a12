// SPDX-License-Identifier: Apache-2.0
#include "ipc/flatbuffer_builder.h"

#include <assert.h>
#include <string.h>

#include "base/math_internal.h"

// Sizes are signed 32-bit numbers in the format.
#define SIZE_MAX_BYTES INT32_MAX

void elea__flat_builder_init(elea__flat_builder *builder, elea_pool *pool) {
    *builder = (elea__flat_builder){.pool = pool, .status = ELEA_OK};
}

void elea__flat_builder_release(elea__flat_builder *builder) {
    elea_dealloc(builder->pool, builder->data, builder->capacity);
    builder->data = NULL;
    builder->capacity = builder->size = 0;
}

void elea__flat_builder_reset(elea__flat_builder *builder) {
    builder->size = 0;
    builder->status = ELEA_OK;
}

// Appends `size` zero bytes, of which the one at `lead` is aligned; gives where they begin.
static int64_t append(elea__flat_builder *builder, int64_t size, int64_t lead, int64_t alignment) {
    if (builder->status != ELEA_OK)
        return 0;
    int64_t start = builder->size;
    while ((start + lead) % alignment != 0)
        start++;
    if (size > SIZE_MAX_BYTES - start) {
        builder->status =
            elea_error_set(&builder->error, ELEA_ECAPACITY,
                           "the metadata would be larger than %d bytes", SIZE_MAX_BYTES);
        return 0;
    }
    int64_t end = start + size;
    if (end > builder->capacity) {
        int64_t capacity = elea__max(elea__max(end, builder->capacity * 2), 1024);
        builder->status = elea_realloc(builder->pool, builder->capacity, capacity, &builder->data,
                                       &builder->error);
        if (builder->status != ELEA_OK)
            return 0;
        builder->capacity = capacity;
    }
    memset((uint8_t *)builder->data + builder->size, 0, (size_t)(end - builder->size));
    builder->size = end;
    return start;
}

void elea__flat_begin_table(elea__flat_builder *builder, int64_t location) {
    if (builder->size == 0)
        append(builder, 4, 0, 4); // the offset of the root
    builder->table = append(builder, 4, 0, 4);
    builder->slot_count = 0;
    memset(builder->slots, 0, sizeof builder->slots);
    elea__flat_store(builder, location, 4, builder->table - location);
}

static int64_t add_field(elea__flat_builder *builder, int slot, int size, int alignment) {
    assert(slot < ELEA__FLAT_SLOTS_MAX && builder->slots[slot] == 0);
    int64_t position = append(builder, size, 0, alignment);
    builder->slots[slot] = (uint16_t)(position - builder->table);
    if (slot >= builder->slot_count)
        builder->slot_count = slot + 1;
    return position;
}

void elea__flat_add_int(elea__flat_builder *builder, int slot, int width, int64_t value) {
    elea__flat_store(builder, add_field(builder, slot, width, width), width, value);
}

int64_t elea__flat_add_offset(elea__flat_builder *builder, int slot) {
    return add_field(builder, slot, 4, 4);
}

void elea__flat_add_pair(elea__flat_builder *builder, int slot, int64_t first, int64_t second) {
    int64_t position = add_field(builder, slot, 16, 8);
    elea__flat_store(builder, position, 8, first);
    elea__flat_store(builder, position + 8, 8, second);
}

// The vtable comes behind its table: the offset to it is signed.
void elea__flat_end_table(elea__flat_builder *builder) {
    int64_t table_size = builder->size - builder->table;
    int64_t vtable_size = 4 + 2 * builder->slot_count;
    int64_t vtable = append(builder, vtable_size, 0, 2);
    elea__flat_store(builder, vtable, 2, vtable_size);
    elea__flat_store(builder, vtable + 2, 2, table_size);
    for (int i = 0; i < builder->slot_count; i++)
        elea__flat_store(builder, vtable + 4 + 2 * i, 2, builder->slots[i]);
    elea__flat_store(builder, builder->table, 4, builder->table - vtable);
}

int64_t elea__flat_add_vector(elea__flat_builder *builder, int64_t location, int64_t count,
                              int64_t element_size, int64_t alignment) {
    int64_t size = 0;
    if (elea__mul_overflow(count, element_size, &size) || size > SIZE_MAX_BYTES - 4)
        size = SIZE_MAX_BYTES; // too large in any case: append() says so
    int64_t start = append(builder, size + 4, 4, alignment);
    elea__flat_store(builder, start, 4, count);
    elea__flat_store(builder, location, 4, start - location);
    return start + 4;
}

void elea__flat_add_string(elea__flat_builder *builder, int64_t location, elea_bytes string) {
    int64_t start = elea__flat_add_vector(builder, location, string.size, 1, 4);
    if (builder->status == ELEA_OK && string.size > 0)
        memcpy((uint8_t *)builder->data + start, string.data, (size_t)string.size);
    append(builder, 1, 0, 1); // strings end in a zero byte, which is not counted
}

elea_status elea__flat_finish(elea__flat_builder *builder, elea_error *err) {
    append(builder, 0, 0, 8);
    if (builder->status != ELEA_OK && err)
        *err = builder->error;
    return builder->status;
}

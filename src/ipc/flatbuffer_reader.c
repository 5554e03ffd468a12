// SPDX-License-Identifier: Apache-2.0
#include "ipc/flatbuffer_reader.h"

#include "base/math_internal.h"

static uint16_t load_uint16(const uint8_t *data) { return (uint16_t)elea__flat_load(data, 2); }

static uint32_t load_uint32(const uint8_t *data) { return (uint32_t)elea__flat_load(data, 4); }

void elea__flat_init(elea__flat *flat, const uint8_t *data, int64_t size, int64_t file_offset) {
    *flat = (elea__flat){
        .data = data,
        .size = size,
        .file_offset = file_offset,
        // The smallest table takes four bytes, and an honest writer shares at most short strings.
        .tables_left = size / 4 + 1,
        .bytes_left = size < INT64_MAX / 16 ? size * 8 + (1 << 20) : INT64_MAX,
    };
}

static elea_status fail(const elea__flat *flat, int64_t position, const char *what, int64_t found,
                        elea_error *err) {
    return elea_error_set(err, ELEA_EINVAL,
                          "file offset %lld: %s %lld is outside the metadata (%lld bytes from file "
                          "offset %lld)",
                          (long long)(flat->file_offset + position), what, (long long)found,
                          (long long)flat->size, (long long)flat->file_offset);
}

static elea_status open_table(elea__flat *flat, int64_t position, elea__flat_table *out,
                              elea_error *err) {
    if (!elea__range_inside(position, 4, flat->size))
        return fail(flat, position, "table at", position, err);
    if (flat->tables_left-- <= 0)
        return elea_error_set(err, ELEA_EINVAL,
                              "file offset %lld: the metadata has more tables than its %lld bytes "
                              "can hold",
                              (long long)(flat->file_offset + position), (long long)flat->size);
    // At most 2^33 either way: no overflow.
    int64_t vtable = position - elea__flat_load(flat->data + position, 4);
    if (!elea__range_inside(vtable, 4, flat->size))
        return fail(flat, position, "vtable at", vtable, err);
    int64_t vtable_size = load_uint16(flat->data + vtable);
    int64_t size = load_uint16(flat->data + vtable + 2);
    if (vtable_size < 4 || !elea__range_inside(vtable, vtable_size, flat->size))
        return fail(flat, vtable, "vtable of size", vtable_size, err);
    if (size < 4 || !elea__range_inside(position, size, flat->size))
        return fail(flat, position, "table of size", size, err);
    *out = (elea__flat_table){flat, position, size, vtable, vtable_size};
    return ELEA_OK;
}

// Follows the offset that is stored at `location`, which is inside.
static elea_status follow(elea__flat *flat, int64_t location, int64_t *target, elea_error *err) {
    int64_t offset = load_uint32(flat->data + location);
    if (offset == 0 || location + offset > flat->size - 4)
        return fail(flat, location, "offset", offset, err);
    *target = location + offset;
    return ELEA_OK;
}

elea_status elea__flat_root(elea__flat *flat, elea__flat_table *out, elea_error *err) {
    int64_t position = 0;
    if (flat->size < 8)
        return fail(flat, 0, "root of size", 4, err);
    ELEA_TRY(follow(flat, 0, &position, err));
    return open_table(flat, position, out, err);
}

// Where a field of `width` bytes lies in the buffer; 0 when the table has none.
static elea_status find_field(const elea__flat_table *table, int slot, int64_t width, int64_t *out,
                              elea_error *err) {
    const elea__flat *flat = table->flat;
    int64_t entry = 4 + 2 * (int64_t)slot;
    *out = 0;
    if (entry + 2 > table->vtable_size)
        return ELEA_OK;
    int64_t offset = load_uint16(flat->data + table->vtable + entry);
    if (offset == 0)
        return ELEA_OK;
    if (offset < 4 || !elea__range_inside(offset, width, table->size))
        return elea_error_set(err, ELEA_EINVAL,
                              "file offset %lld: field %d of a table is at %lld, outside its %lld "
                              "bytes",
                              (long long)(flat->file_offset + table->position), slot,
                              (long long)offset, (long long)table->size);
    *out = table->position + offset;
    return ELEA_OK;
}

elea_status elea__flat_get_int(const elea__flat_table *table, int slot, int width, int64_t missing,
                               int64_t *out, elea_error *err) {
    int64_t position = 0;
    ELEA_TRY(find_field(table, slot, width, &position, err));
    *out = position ? elea__flat_load(table->flat->data + position, width) : missing;
    return ELEA_OK;
}

elea_status elea__flat_get_pair(const elea__flat_table *table, int slot, int64_t *first,
                                int64_t *second, bool *present, elea_error *err) {
    int64_t position = 0;
    ELEA_TRY(find_field(table, slot, 16, &position, err));
    *present = position != 0;
    if (!*present)
        return ELEA_OK;
    *first = elea__flat_load(table->flat->data + position, 8);
    *second = elea__flat_load(table->flat->data + position + 8, 8);
    return ELEA_OK;
}

elea_status elea__flat_get_table(const elea__flat_table *table, int slot, elea__flat_table *out,
                                 bool *present, elea_error *err) {
    int64_t location = 0, target = 0;
    ELEA_TRY(find_field(table, slot, 4, &location, err));
    *present = location != 0;
    if (!*present)
        return ELEA_OK;
    ELEA_TRY(follow(table->flat, location, &target, err));
    return open_table(table->flat, target, out, err);
}

elea_status elea__flat_get_vector(const elea__flat_table *table, int slot, int64_t element_size,
                                  elea__flat_vector *out, elea_error *err) {
    elea__flat *flat = table->flat;
    int64_t location = 0, target = 0;
    *out = (elea__flat_vector){.flat = flat};
    ELEA_TRY(find_field(table, slot, 4, &location, err));
    if (location == 0)
        return ELEA_OK;
    ELEA_TRY(follow(flat, location, &target, err));
    int64_t count = load_uint32(flat->data + target);
    if (count > (flat->size - target - 4) / element_size)
        return fail(flat, target, "end of a vector of length", count, err);
    out->position = target + 4;
    out->count = count;
    return ELEA_OK;
}

elea_status elea__flat_get_string(const elea__flat_table *table, int slot, elea_bytes *out,
                                  elea_error *err) {
    elea__flat *flat = table->flat;
    elea__flat_vector vector;
    ELEA_TRY(elea__flat_get_vector(table, slot, 1, &vector, err));
    if (vector.count > flat->bytes_left)
        return elea_error_set(err, ELEA_EINVAL,
                              "file offset %lld: the strings of the metadata are far longer than "
                              "its %lld bytes",
                              (long long)(flat->file_offset + vector.position),
                              (long long)flat->size);
    flat->bytes_left -= vector.count;
    *out = (elea_bytes){.data = (const char *)flat->data + vector.position, .size = vector.count};
    return ELEA_OK;
}

elea_status elea__flat_vector_table(const elea__flat_vector *vector, int64_t index,
                                    elea__flat_table *out, elea_error *err) {
    int64_t target = 0;
    ELEA_TRY(follow(vector->flat, vector->position + 4 * index, &target, err));
    return open_table(vector->flat, target, out, err);
}

const uint8_t *elea__flat_vector_data(const elea__flat_vector *vector) {
    return vector->flat->data + vector->position;
}

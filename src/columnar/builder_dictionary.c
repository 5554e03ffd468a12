// SPDX-License-Identifier: Apache-2.0
//
// Building dictionaries, where equal values are written once. A value is appended to the builder of
// the values first; when it was there already, it is taken back. `closed[0]` counts the values that
// are in the table; one behind them is that of a row that is not closed yet.
#include <string.h>

#include "base/math_internal.h"
#include "columnar/builder_internal.h"

// ---- the table

// The slot of a value: where it is, or the free one where it would be.
static int64_t *slot_of_row(const elea__value_table *table, const elea_builder *values,
                            int64_t row) {
    uint64_t mask = (uint64_t)table->capacity - 1;
    uint64_t position = elea__builder_hash(values, row) & mask;
    while (table->slots[position] >= 0 &&
           !elea__builder_rows_equal(values, table->slots[position], row))
        position = (position + 1) & mask;
    return &table->slots[position];
}

// The same for a value that is not null, by its bytes.
static int64_t *slot_of_key(const elea__value_table *table, const elea_builder *values,
                            elea_bytes key) {
    uint64_t mask = (uint64_t)table->capacity - 1;
    uint64_t position = elea_hash64(key.data, key.size, 0) & mask;
    while (table->slots[position] >= 0 &&
           !elea__builder_key_is(values, table->slots[position], key))
        position = (position + 1) & mask;
    return &table->slots[position];
}

// Makes the table one of the first `count` values.
static void fill_table(elea__value_table *table, const elea_builder *values, int64_t count) {
    memset(table->slots, 0xFF, (size_t)(table->capacity * (int64_t)sizeof(int64_t)));
    for (int64_t i = 0; i < count; i++)
        *slot_of_row(table, values, i) = i;
}

// Room for `count` values more.
static elea_status table_room(elea_builder *builder, int64_t count, elea_error *err) {
    elea__value_table *table = &builder->table;
    int64_t width = (int64_t)sizeof(int64_t);
    int64_t values, size;
    if (elea__add_overflow(builder->closed[0], count, &values) ||
        elea__mul_overflow(values, 4 * width, &size))
        return elea_error_set(err, ELEA_ECAPACITY, "%lld values are more than memory holds",
                              (long long)count);
    if (values * 2 <= table->capacity)
        return ELEA_OK;
    elea__value_table larger = {.capacity = elea__max(64, table->capacity * 2)};
    void *block;
    while (larger.capacity < values * 2)
        larger.capacity *= 2;
    ELEA_TRY(elea_alloc(builder->pool, larger.capacity * width, &block, err));
    larger.slots = block;
    fill_table(&larger, builder->children[0], builder->closed[0]);
    elea_dealloc(builder->pool, table->slots, table->capacity * width);
    *table = larger;
    return ELEA_OK;
}

static elea_status check_index(const elea_builder *builder, int64_t index, elea_error *err) {
    elea_type_id id = builder->type->index_type->id;
    bool is_signed = id == ELEA_TYPE_INT8 || id == ELEA_TYPE_INT16 || id == ELEA_TYPE_INT32 ||
                     id == ELEA_TYPE_INT64;
    int bits = builder->row_bits[1] - is_signed;
    if (bits >= 63 || index >> bits == 0)
        return ELEA_OK;
    return elea_error_set(err, ELEA_ECAPACITY, "more than %lld values for indices of %s",
                          (long long)index, elea_type_id_name(id));
}

// ---- rows

// Closes a row; room was made.
static void put_index(elea_builder *builder, int64_t index) {
    // Little-endian: the low bytes come first.
    memcpy(builder->blocks[1].data + builder->length * (builder->row_bits[1] / 8), &index,
           (size_t)builder->row_bits[1] / 8);
    elea__builder_put_valid(builder);
}

// All that may fail before a value is appended.
static elea_status prepare_row(elea_builder *builder, elea_error *err) {
    ELEA_TRY(elea__builder_check_closed(builder, err));
    ELEA_TRY(elea__builder_room(builder, 1, err));
    return table_room(builder, 1, err);
}

// Writes the index of the value that was just appended, or of the equal one before it.
static elea_status close_value(elea_builder *builder, elea_error *err) {
    elea_builder *values = builder->children[0];
    int64_t last = values->length - 1;
    int64_t *slot = slot_of_row(&builder->table, values, last);
    if (*slot < 0) {
        ELEA_TRY(check_index(builder, last, err));
        *slot = last;
        builder->closed[0]++;
    }
    int64_t index = *slot;
    if (values->length > builder->closed[0])
        elea__builder_truncate(values, builder->closed[0]);
    put_index(builder, index);
    return ELEA_OK;
}

static elea_status close_or_drop(elea_builder *builder, elea_error *err) {
    elea_status status = close_value(builder, err);
    if (status != ELEA_OK)
        elea_builder_discard_row(builder);
    return status;
}

static elea_status append_int(elea_builder *builder, int64_t value, elea_error *err) {
    ELEA_TRY(prepare_row(builder, err));
    ELEA_TRY(elea_builder_append_int(builder->children[0], value, err));
    return close_or_drop(builder, err);
}

static elea_status append_uint(elea_builder *builder, uint64_t value, elea_error *err) {
    ELEA_TRY(prepare_row(builder, err));
    ELEA_TRY(elea_builder_append_uint(builder->children[0], value, err));
    return close_or_drop(builder, err);
}

static elea_status append_double(elea_builder *builder, double value, elea_error *err) {
    ELEA_TRY(prepare_row(builder, err));
    ELEA_TRY(elea_builder_append_double(builder->children[0], value, err));
    return close_or_drop(builder, err);
}

static elea_status append_bytes(elea_builder *builder, elea_bytes value, elea_error *err) {
    ELEA_TRY(prepare_row(builder, err));
    ELEA_TRY(elea_builder_append_bytes(builder->children[0], value, err));
    return close_or_drop(builder, err);
}

// A null value makes a null row, as it does for values that are appended to the dictionary itself.
static elea_status append_row(elea_builder *builder, elea_error *err) {
    elea_builder *values = builder->children[0];
    int64_t found = values->length - builder->closed[0];
    if (found != 1)
        return elea_error_set(err, ELEA_EINVAL,
                              "%lld values of a dictionary since the last row, expected 1",
                              (long long)found);
    bool is_null = elea__builder_is_null(values, builder->closed[0]);
    if (is_null)
        ELEA_TRY(elea__builder_begin_validity(builder, err));
    ELEA_TRY(elea__builder_room(builder, 1, err));
    ELEA_TRY(table_room(builder, 1, err));
    if (!is_null)
        return close_value(builder, err);
    elea_builder_discard_row(builder);
    elea__builder_put_nulls(builder, 1);
    return ELEA_OK;
}

static elea_status append_each(elea_builder *builder, const elea__bulk *bulk, elea_error *err) {
    elea_builder *values = builder->children[0];
    int64_t nulls = 0;
    ELEA_TRY(elea__builder_check_closed(builder, err));
    ELEA_TRY(elea__builder_bulk_room(builder, bulk->validity, bulk->count, &nulls, err));
    for (int64_t i = 0; i < bulk->count; i++) {
        if (nulls > 0 && !elea_bit_get(bulk->validity, i)) {
            elea__builder_put_nulls(builder, 1);
            continue;
        }
        ELEA_TRY(table_room(builder, 1, err));
        int64_t *slot = slot_of_key(&builder->table, values, elea__bulk_value(bulk, i));
        if (*slot < 0) {
            ELEA_TRY(check_index(builder, builder->closed[0], err));
            ELEA_TRY(elea__bulk_append_one(bulk, i, values, err));
            *slot = builder->closed[0]++;
        }
        put_index(builder, *slot);
    }
    return ELEA_OK;
}

static elea_status append_bulk(elea_builder *builder, const elea__bulk *bulk, elea_error *err) {
    int64_t rows = builder->length;
    int64_t known = builder->closed[0];
    elea_status status = append_each(builder, bulk, err);
    if (status == ELEA_OK)
        return ELEA_OK;
    // Values that only forgotten rows had must go, too: indices may be short of them.
    elea__builder_truncate(builder, rows);
    if (builder->closed[0] > known) {
        builder->closed[0] = known;
        elea_builder_discard_row(builder);
        fill_table(&builder->table, builder->children[0], known);
    }
    return status;
}

static elea_status reserve_values(elea_builder *builder, int64_t values, int64_t bytes,
                                  elea_error *err) {
    ELEA_TRY(table_room(builder, values, err));
    return elea_builder_reserve(builder->children[0], values, bytes, err);
}

// Values stay when rows go, but not without any row.
static void forget_values(elea_builder *builder, int64_t rows) {
    if (rows > 0)
        return;
    builder->closed[0] = 0;
    if (builder->table.slots)
        fill_table(&builder->table, builder->children[0], 0);
}

static int64_t closed_values(const elea_builder *builder, int64_t child, int64_t rows) {
    (void)rows;
    return builder->closed[child];
}

const elea__builder_ops elea__builder_dictionary_ops = {.append_int = append_int,
                                                        .append_uint = append_uint,
                                                        .append_double = append_double,
                                                        .append_bytes = append_bytes,
                                                        .append_row = append_row,
                                                        .append_bulk = append_bulk,
                                                        .reserve = reserve_values,
                                                        .child_length = closed_values,
                                                        .forget = forget_values};

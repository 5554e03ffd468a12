// SPDX-License-Identifier: Apache-2.0
//
// Building encoded values: dictionaries, where equal values are written once, and runs, where equal
// neighbours are. A value is first appended to the builder of the values; when it was there
// already, it is taken back.
#include <string.h>

#include "base/math_internal.h"
#include "columnar/builder_internal.h"

// The bytes that tell value `row` of a builder from others. Not for nested values.
static elea_bytes key_of(const elea_builder *values, int64_t row) {
    static const char bits[] = {0, 1};
    const uint8_t *data = values->blocks[1].data;
    elea_layout layout = values->type->layout;
    if (layout == ELEA_LAYOUT_BIT)
        return (elea_bytes){&bits[elea_bit_get(data, row)], 1};
    if (layout == ELEA_LAYOUT_FIXED) {
        int64_t width = elea__type_width(values->type);
        return (elea_bytes){width > 0 ? (const char *)data + row * width : bits, width};
    }
    if (layout == ELEA_LAYOUT_BINARY_VIEW) {
        const uint8_t *view = data + row * 16;
        int64_t size = elea__load_int32(view, 0);
        if (size <= ELEA__VIEW_INLINE_MAX)
            return (elea_bytes){(const char *)view + 4, size};
        int64_t index = elea__load_int32(view, 2);
        const uint8_t *block = index < values->sealed.count
                                   ? elea_buffer_data(values->sealed.buffers[index])
                                   : values->blocks[2].data;
        return (elea_bytes){(const char *)block + elea__load_int32(view, 3), size};
    }
    int64_t begin = elea__builder_end_offset(values, row);
    int64_t end = elea__builder_end_offset(values, row + 1);
    return (elea_bytes){end > begin ? (const char *)values->blocks[2].data + begin : bits,
                        end - begin};
}

static bool keys_equal(elea_bytes a, elea_bytes b) {
    return a.size == b.size && memcmp(a.data, b.data, (size_t)a.size) == 0;
}

static bool has_keys(const elea_type *type) {
    elea_layout layout = type->layout;
    return layout == ELEA_LAYOUT_BIT || layout == ELEA_LAYOUT_FIXED ||
           layout == ELEA_LAYOUT_BINARY || layout == ELEA_LAYOUT_LARGE_BINARY ||
           layout == ELEA_LAYOUT_BINARY_VIEW;
}

static bool is_null(const elea_builder *values, int64_t row) {
    return values->type->layout == ELEA_LAYOUT_NULL ||
           (values->blocks[0].data && !elea_bit_get(values->blocks[0].data, row));
}

// ---- dictionaries

// The slot of a key: where it is, or the free one where it would be.
static int64_t *slot_of(const elea__value_table *table, const elea_builder *values,
                        elea_bytes key) {
    uint64_t mask = (uint64_t)table->capacity - 1;
    uint64_t position = elea_hash64(key.data, key.size, 0) & mask;
    while (table->slots[position] >= 0 && !keys_equal(key_of(values, table->slots[position]), key))
        position = (position + 1) & mask;
    return &table->slots[position];
}

static elea_status table_room(elea_builder *builder, elea_error *err) {
    const elea_builder *values = builder->children[0];
    elea__value_table *table = &builder->table;
    if ((values->length + 1) * 2 <= table->capacity)
        return ELEA_OK;
    elea__value_table larger = {.capacity = elea__max(64, table->capacity * 2)};
    void *block;
    int64_t width = (int64_t)sizeof(int64_t);
    ELEA_TRY(elea_alloc(builder->pool, larger.capacity * width, &block, err));
    larger.slots = block;
    memset(larger.slots, 0xFF, (size_t)(larger.capacity * width));
    for (int64_t i = 0; i < values->length; i++)
        *slot_of(&larger, values, key_of(values, i)) = i;
    elea_dealloc(builder->pool, table->slots, table->capacity * width);
    *table = larger;
    return ELEA_OK;
}

static bool index_fits(const elea_builder *builder, int64_t index) {
    elea_type_id id = builder->type->index_type->id;
    bool is_signed = id == ELEA_TYPE_INT8 || id == ELEA_TYPE_INT16 || id == ELEA_TYPE_INT32 ||
                     id == ELEA_TYPE_INT64;
    int bits = builder->row_bits[1] - is_signed;
    return bits >= 63 || index >> bits == 0;
}

static elea_status check_values(const elea_builder *builder, elea_error *err) {
    if (has_keys(builder->type->value_type))
        return ELEA_OK;
    return elea_error_set(err, ELEA_EUNSUPPORTED, "no dictionary builder for values of %s",
                          elea_type_id_name(builder->type->value_type->id));
}

// All that may fail before the value is appended.
static elea_status dictionary_room(elea_builder *builder, elea_error *err) {
    ELEA_TRY(check_values(builder, err));
    ELEA_TRY(elea__builder_room(builder, 1, err));
    return table_room(builder, err);
}

// Writes the index of the value that was just appended, or of the equal one before it.
static elea_status close_value(elea_builder *builder, elea_error *err) {
    elea_builder *values = builder->children[0];
    int64_t last = values->length - 1;
    int64_t *slot = slot_of(&builder->table, values, key_of(values, last));
    int64_t index = *slot;
    if (index < 0 && !index_fits(builder, last)) {
        elea__builder_truncate(values, last);
        return elea_error_set(err, ELEA_ECAPACITY, "more than %lld values for indices of %s",
                              (long long)last, elea_type_id_name(builder->type->index_type->id));
    }
    if (index < 0)
        *slot = index = last;
    else
        elea__builder_truncate(values, last);
    // Little-endian: the low bytes come first.
    memcpy(builder->blocks[1].data + builder->length * (builder->row_bits[1] / 8), &index,
           (size_t)builder->row_bits[1] / 8);
    elea__builder_put_valid(builder);
    return ELEA_OK;
}

static elea_status dictionary_append_int(elea_builder *builder, int64_t value, elea_error *err) {
    ELEA_TRY(dictionary_room(builder, err));
    ELEA_TRY(elea_builder_append_int(builder->children[0], value, err));
    return close_value(builder, err);
}

static elea_status dictionary_append_uint(elea_builder *builder, uint64_t value, elea_error *err) {
    ELEA_TRY(dictionary_room(builder, err));
    ELEA_TRY(elea_builder_append_uint(builder->children[0], value, err));
    return close_value(builder, err);
}

static elea_status dictionary_append_double(elea_builder *builder, double value, elea_error *err) {
    ELEA_TRY(dictionary_room(builder, err));
    ELEA_TRY(elea_builder_append_double(builder->children[0], value, err));
    return close_value(builder, err);
}

static elea_status dictionary_append_bytes(elea_builder *builder, elea_bytes value,
                                           elea_error *err) {
    ELEA_TRY(dictionary_room(builder, err));
    ELEA_TRY(elea_builder_append_bytes(builder->children[0], value, err));
    return close_value(builder, err);
}

// Values stay when rows go, but not without any row.
static void forget_values(elea_builder *builder, int64_t rows) {
    if (rows > 0)
        return;
    elea__builder_truncate(builder->children[0], 0);
    if (builder->table.slots)
        memset(builder->table.slots, 0xFF,
               (size_t)(builder->table.capacity * (int64_t)sizeof(int64_t)));
}

static int64_t all_values(const elea_builder *builder, int64_t child, int64_t rows) {
    (void)rows;
    return builder->children[child]->length;
}

const elea__builder_ops elea__builder_dictionary_ops = {.append_int = dictionary_append_int,
                                                        .append_uint = dictionary_append_uint,
                                                        .append_double = dictionary_append_double,
                                                        .append_bytes = dictionary_append_bytes,
                                                        .child_length = all_values,
                                                        .forget = forget_values};

// ---- runs

static int64_t load_run_end(const elea_builder *ends, int64_t run) {
    const uint8_t *data = ends->blocks[1].data;
    if (ends->row_bits[1] == 16) {
        int16_t end;
        memcpy(&end, data + run * 2, sizeof end);
        return end;
    }
    return elea__load_offset(data, run, ends->row_bits[1] == 64);
}

static void store_run_end(elea_builder *ends, int64_t run, int64_t end) {
    int64_t width = ends->row_bits[1] / 8;
    memcpy(ends->blocks[1].data + run * width, &end, (size_t)width);
}

// Both children have one value for each run; a value that is not yet in a run is pending.
static int64_t run_child_length(const elea_builder *builder, int64_t child, int64_t rows) {
    (void)child;
    (void)rows;
    return builder->children[0]->length;
}

static void forget_runs(elea_builder *builder, int64_t rows) {
    elea_builder *ends = builder->children[0];
    int64_t runs = ends->length;
    while (runs > 0 && (runs > 1 ? load_run_end(ends, runs - 2) : 0) >= rows)
        runs--;
    if (runs > 0)
        store_run_end(ends, runs - 1, elea__min(load_run_end(ends, runs - 1), rows));
    elea__builder_truncate(ends, runs);
}

static elea_status run_room(elea_builder *builder, int64_t count, elea_error *err) {
    elea_builder *ends = builder->children[0];
    int64_t end_max = INT64_MAX >> (64 - ends->row_bits[1]);
    if (count > end_max - builder->length)
        return elea_error_set(err, ELEA_ECAPACITY, "%lld rows and %lld more, past run ends of %s",
                              (long long)builder->length, (long long)count,
                              elea_type_id_name(ends->type->id));
    return elea__builder_room(ends, 1, err);
}

// The value that was just appended becomes a run, or lengthens the one before it.
static void close_run(elea_builder *builder, int64_t count) {
    elea_builder *ends = builder->children[0];
    elea_builder *values = builder->children[1];
    int64_t last = values->length - 1;
    bool is_same = last > 0 && is_null(values, last) && is_null(values, last - 1);
    if (last > 0 && !is_null(values, last) && !is_null(values, last - 1) && has_keys(values->type))
        is_same = keys_equal(key_of(values, last), key_of(values, last - 1));
    if (is_same)
        elea__builder_truncate(values, last);
    else
        ends->length++;
    builder->length += count;
    store_run_end(ends, ends->length - 1, builder->length);
}

elea_status elea_builder_append_run(elea_builder *builder, int64_t length, elea_error *err) {
    if (builder->ops != &elea__builder_run_ops)
        return elea__builder_wrong_type(builder, "a run", err);
    int64_t found = builder->children[1]->length - builder->children[0]->length;
    if (found != 1 || length < 1)
        return elea_error_set(err, ELEA_EINVAL,
                              "a run of %lld rows of %lld values, expected one value",
                              (long long)length, (long long)found);
    ELEA_TRY(run_room(builder, length, err));
    close_run(builder, length);
    return ELEA_OK;
}

static elea_status append_run_row(elea_builder *builder, elea_error *err) {
    return elea_builder_append_run(builder, 1, err);
}

// No value may be pending, and there must be room for a run.
static elea_status prepare_run(elea_builder *builder, elea_error *err) {
    ELEA_TRY(elea__builder_check_closed(builder, err));
    return run_room(builder, 1, err);
}

static elea_status run_append_int(elea_builder *builder, int64_t value, elea_error *err) {
    ELEA_TRY(prepare_run(builder, err));
    ELEA_TRY(elea_builder_append_int(builder->children[1], value, err));
    close_run(builder, 1);
    return ELEA_OK;
}

static elea_status run_append_uint(elea_builder *builder, uint64_t value, elea_error *err) {
    ELEA_TRY(prepare_run(builder, err));
    ELEA_TRY(elea_builder_append_uint(builder->children[1], value, err));
    close_run(builder, 1);
    return ELEA_OK;
}

static elea_status run_append_double(elea_builder *builder, double value, elea_error *err) {
    ELEA_TRY(prepare_run(builder, err));
    ELEA_TRY(elea_builder_append_double(builder->children[1], value, err));
    close_run(builder, 1);
    return ELEA_OK;
}

static elea_status run_append_bytes(elea_builder *builder, elea_bytes value, elea_error *err) {
    ELEA_TRY(prepare_run(builder, err));
    ELEA_TRY(elea_builder_append_bytes(builder->children[1], value, err));
    close_run(builder, 1);
    return ELEA_OK;
}

static elea_status reserve_null_run(elea_builder *builder, int64_t count, elea_error *err) {
    ELEA_TRY(run_room(builder, count, err));
    return elea__builder_reserve_nulls(builder->children[1], 1, err);
}

// The caller counts the rows, as for other layouts, and not the run.
static void put_null_run(elea_builder *builder, int64_t count) {
    elea__builder_put_nulls(builder->children[1], 1);
    close_run(builder, count);
    builder->length -= count;
}

const elea__builder_ops elea__builder_run_ops = {.append_int = run_append_int,
                                                 .append_uint = run_append_uint,
                                                 .append_double = run_append_double,
                                                 .append_bytes = run_append_bytes,
                                                 .append_row = append_run_row,
                                                 .reserve_nulls = reserve_null_run,
                                                 .put_nulls = put_null_run,
                                                 .child_length = run_child_length,
                                                 .forget = forget_runs};

// SPDX-License-Identifier: Apache-2.0
#include "support/random_data.h"

#include "support/cmocka_all.h"

#include <stdio.h>

#include "columnar/type_internal.h"

// SplitMix64 (Steele, Lea, Flood 2014).
uint64_t elea_test_random_next(elea_test_random *random) {
    uint64_t mixed = random->state += 0x9E3779B97F4A7C15u;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    return mixed ^ (mixed >> 31);
}

int64_t elea_test_random_below(elea_test_random *random, int64_t count) {
    return (int64_t)(elea_test_random_next(random) % (uint64_t)count);
}

// ---- types

// One or two pairs for every fourth field.
static elea_metadata *random_metadata(elea_test_random *random) {
    elea_error err = {0};
    elea_metadata *metadata = NULL;
    const elea_bytes words[] = {elea_bytes_of("unit"), elea_bytes_of("\"\xC3\xA9\n"),
                                elea_bytes_of("")};
    if (!random->with_metadata || elea_test_random_below(random, 4) > 0)
        return NULL;
    int64_t first = elea_test_random_below(random, 2);
    assert_ok(elea_metadata_new(NULL, words + first, words + 1 - first,
                                1 + elea_test_random_below(random, 2), &metadata, &err));
    return metadata;
}

static elea_field *field_of(elea_test_random *random, const char *name, const elea_type *type,
                            bool nullable) {
    elea_error err = {0};
    elea_field *field = NULL;
    elea_metadata *metadata = random_metadata(random);
    assert_ok(elea_field_new(NULL, elea_bytes_of(name), type, nullable, metadata, &field, &err));
    elea_metadata_unref(metadata);
    return field;
}

elea_field *elea_test_random_field(elea_test_random *random, const char *name, int depth) {
    elea_type *type = elea_test_random_type(random, depth);
    elea_field *field = field_of(random, name, type, true);
    elea_type_unref(type);
    return field;
}

static elea_type *random_struct(elea_test_random *random, int depth) {
    elea_error err = {0};
    elea_type *type = NULL;
    elea_field *fields[3];
    int64_t count = elea_test_random_below(random, 4);
    for (int64_t i = 0; i < count; i++)
        fields[i] = elea_test_random_field(random, (const char *[]){"x", "y", "z"}[i], depth);
    assert_ok(elea_type_new_struct(NULL, (const elea_field *const *)fields, count, &type, &err));
    for (int64_t i = 0; i < count; i++)
        elea_field_unref(fields[i]);
    return type;
}

static elea_type *random_map(elea_test_random *random, int depth) {
    static const char *const names[][3] = {{"entries", "key", "value"}, {"key_value", "k", "v"}};
    elea_error err = {0};
    elea_type *type = NULL, *pair = NULL;
    const char *const *name = names[random->with_metadata && elea_test_random_below(random, 2)];
    elea_field *key = field_of(random, name[1], elea_type_of(ELEA_TYPE_UTF8), false);
    elea_field *value = elea_test_random_field(random, name[2], depth);
    assert_ok(elea_type_new_struct(NULL, (const elea_field *[]){key, value}, 2, &pair, &err));
    elea_field *entries = field_of(random, name[0], pair, false);
    assert_ok(elea_type_new_map_of_entries(NULL, entries, false, &type, &err));
    elea_field_unref(entries);
    elea_type_unref(pair);
    elea_field_unref(key);
    elea_field_unref(value);
    return type;
}

static elea_type *random_list(elea_test_random *random, elea_type_id id, int depth) {
    elea_error err = {0};
    elea_type *type = NULL;
    elea_field *item = elea_test_random_field(random, "item", depth);
    if (id == ELEA_TYPE_FIXED_SIZE_LIST)
        assert_ok(elea_type_new_fixed_size_list(
            NULL, item, (int32_t)elea_test_random_below(random, 4), &type, &err));
    else
        assert_ok(elea_type_new_list(NULL, id, item, &type, &err));
    elea_field_unref(item);
    return type;
}

static elea_type *random_time(elea_test_random *random, elea_type_id id) {
    elea_error err = {0};
    elea_type *type = NULL;
    unsigned unit = (unsigned)elea_test_random_below(random, 4);
    if (id == ELEA_TYPE_TIME32)
        unit = unit % 2;
    if (id == ELEA_TYPE_TIME64)
        unit = 2 + unit % 2;
    if (id == ELEA_TYPE_TIMESTAMP) {
        static const char *const zones[] = {NULL, "UTC", "Europe/Rome", "+05:30"};
        assert_ok(elea_type_new_timestamp(NULL, (elea_time_unit)unit,
                                          zones[elea_test_random_below(random, 4)], &type, &err));
    } else {
        assert_ok(elea_type_new_time(NULL, id, (elea_time_unit)unit, &type, &err));
    }
    return type;
}

static elea_type *random_decimal(elea_test_random *random, elea_type_id id) {
    elea_error err = {0};
    elea_type *type = NULL;
    assert_ok(elea_type_new_decimal(NULL, id, 9, (int32_t)elea_test_random_below(random, 6) - 1,
                                    &type, &err));
    return type;
}

static elea_type *random_union(elea_test_random *random, elea_type_id id, int depth) {
    elea_error err = {0};
    elea_type *type = NULL;
    elea_field *fields[3];
    static const int8_t codes[] = {5, 0, 127};
    int64_t count = elea_test_random_below(random, 3) + 1;
    for (int64_t i = 0; i < count; i++)
        fields[i] = elea_test_random_field(random, (const char *[]){"a", "b", "c"}[i], depth);
    assert_ok(elea_type_new_union(NULL, id, (const elea_field *const *)fields, codes, count, &type,
                                  &err));
    for (int64_t i = 0; i < count; i++)
        elea_field_unref(fields[i]);
    return type;
}

static elea_type *random_dictionary(elea_test_random *random, int depth) {
    elea_error err = {0};
    elea_type *type = NULL, *values = NULL;
    // A dictionary of a dictionary itself is a thing that wire formats do not have.
    do {
        elea_type_unref(values);
        values = elea_test_random_type(random, depth);
    } while (elea_type_id_of(values) == ELEA_TYPE_DICTIONARY);
    elea_type_id index = (elea_type_id)(ELEA_TYPE_UINT8 + elea_test_random_below(random, 8));
    assert_ok(elea_type_new_dictionary(NULL, elea_type_of(index), values,
                                       elea_test_random_below(random, 2) == 0, &type, &err));
    elea_type_unref(values);
    return type;
}

static elea_type *random_runs(elea_test_random *random, int depth) {
    elea_error err = {0};
    elea_type *type = NULL;
    elea_field *values = elea_test_random_field(random, "values", depth);
    static const elea_type_id ids[] = {ELEA_TYPE_INT16, ELEA_TYPE_INT32, ELEA_TYPE_INT64};
    elea_field *ends =
        field_of(random, "run_ends", elea_type_of(ids[elea_test_random_below(random, 3)]), false);
    assert_ok(elea_type_new_run_end_encoded(NULL, ends, values, &type, &err));
    elea_field_unref(ends);
    elea_field_unref(values);
    return type;
}

elea_type *elea_test_random_type_of(elea_test_random *random, elea_type_id id, int depth) {
    elea_error err = {0};
    elea_type *type = NULL;
    if (elea_type_of(id))
        return elea_type_ref(elea_type_of(id));
    switch (id) {
    case ELEA_TYPE_FIXED_SIZE_BINARY:
        assert_ok(elea_type_new_fixed_size_binary(NULL, (int32_t)elea_test_random_below(random, 20),
                                                  &type, &err));
        return type;
    case ELEA_TYPE_TIMESTAMP:
    case ELEA_TYPE_TIME32:
    case ELEA_TYPE_TIME64:
    case ELEA_TYPE_DURATION:
        return random_time(random, id);
    case ELEA_TYPE_DECIMAL32:
    case ELEA_TYPE_DECIMAL64:
    case ELEA_TYPE_DECIMAL128:
    case ELEA_TYPE_DECIMAL256:
        return random_decimal(random, id);
    case ELEA_TYPE_STRUCT:
        return random_struct(random, depth - 1);
    case ELEA_TYPE_MAP:
        return random_map(random, depth - 1);
    case ELEA_TYPE_LIST:
    case ELEA_TYPE_LARGE_LIST:
    case ELEA_TYPE_LIST_VIEW:
    case ELEA_TYPE_LARGE_LIST_VIEW:
    case ELEA_TYPE_FIXED_SIZE_LIST:
        return random_list(random, id, depth - 1);
    case ELEA_TYPE_SPARSE_UNION:
    case ELEA_TYPE_DENSE_UNION:
        return random_union(random, id, depth - 1);
    case ELEA_TYPE_DICTIONARY:
        return random_dictionary(random, depth - 1);
    case ELEA_TYPE_RUN_END_ENCODED:
        return random_runs(random, depth - 1);
    default:
        return NULL;
    }
}

elea_type *elea_test_random_type(elea_test_random *random, int depth) {
    for (;;) {
        elea_type_id id = (elea_type_id)elea_test_random_below(random, ELEA__TYPE_ID_COUNT);
        if ((depth <= 0 && elea_type_id_format(id)[0] == '+') ||
            (id == ELEA_TYPE_DICTIONARY && !random->with_dictionaries))
            continue;
        elea_type *type = elea_test_random_type_of(random, id, depth);
        if (type)
            return type;
    }
}

// ---- values

static void append_text(elea_test_random *random, elea_builder *builder) {
    static const char *const pieces[] = {"a",        "Zeno",
                                         "\xC3\xA9", "\xE4\xB8\xAD\xE6\x96\x87",
                                         "\n",       "\xF0\x9F\x8F\xB9",
                                         "\"q\"",    "0123456789abcdef"};
    elea_error err = {0};
    char text[128];
    size_t size = 0;
    for (int64_t i = elea_test_random_below(random, 5); i > 0; i--) {
        const char *piece = pieces[elea_test_random_below(random, 8)];
        memcpy(text + size, piece, strlen(piece));
        size += strlen(piece);
    }
    assert_ok(elea_builder_append_bytes(builder, (elea_bytes){text, (int64_t)size}, &err));
}

static void append_bytes(elea_test_random *random, elea_builder *builder, int64_t size) {
    elea_error err = {0};
    uint8_t bytes[64];
    for (int64_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)elea_test_random_next(random);
    assert_ok(elea_builder_append_bytes(builder, (elea_bytes){(const char *)bytes, size}, &err));
}

// Times of day stay inside the day, dates in milliseconds at its beginning, decimals inside their
// digits; the rest is any bits.
static void append_fixed(elea_test_random *random, elea_builder *builder) {
    elea_error err = {0};
    const elea_type *type = elea_builder_type(builder);
    uint64_t value[4];
    for (int i = 0; i < 4; i++)
        value[i] = elea_test_random_next(random);
    elea_type_id id = elea_type_id_of(type);
    if (id == ELEA_TYPE_TIME32 || id == ELEA_TYPE_TIME64)
        value[0] %= 86400;
    if (id == ELEA_TYPE_DATE64)
        value[0] = (value[0] % 100000) * 86400000;
    if (id == ELEA_TYPE_DATE32)
        value[0] %= 100000;
    if (elea_type_precision(type) > 0) {
        int64_t digits = elea_test_random_below(random, 1999999999) - 999999999;
        value[0] = (uint64_t)digits;
        value[1] = value[2] = value[3] = digits < 0 ? UINT64_MAX : 0;
    }
    if (elea_type_fixed_size(type) > 0 || elea_type_bit_width(type) == 0)
        append_bytes(random, builder, elea_type_fixed_size(type));
    else
        assert_ok(elea_builder_append_values(builder, value, NULL, 1, &err));
}

static void append_nested(elea_test_random *random, elea_builder *builder, int64_t null_every) {
    elea_error err = {0};
    const elea_type *type = elea_builder_type(builder);
    elea_layout layout = elea_type_layout_of(type);
    int64_t count = elea_test_random_below(random, 4);
    if (layout == ELEA_LAYOUT_STRUCT)
        count = 1;
    else if (layout == ELEA_LAYOUT_FIXED_SIZE_LIST)
        count = elea_type_fixed_size(type);
    for (int64_t i = 0; i < elea_type_child_count(type); i++) {
        bool nullable = elea_field_nullable(elea_type_child(type, i));
        elea_test_random_append(random, elea_builder_child(builder, i), count,
                                nullable ? null_every : 0);
    }
    assert_ok(elea_builder_append_row(builder, &err));
}

static void append_value(elea_test_random *random, elea_builder *builder, int64_t null_every);

// One of 50 values, so that the smallest indices do.
static void append_encoded(elea_test_random *random, elea_builder *builder, int64_t null_every) {
    elea_error err = {0};
    elea_test_random other = *random;
    other.state = (uint64_t)elea_test_random_below(random, 50);
    append_value(&other, elea_builder_child(builder, 0), null_every);
    assert_ok(elea_builder_append_row(builder, &err));
}

static void append_value(elea_test_random *random, elea_builder *builder, int64_t null_every) {
    elea_error err = {0};
    const elea_type *type = elea_builder_type(builder);
    elea_type_id id = elea_type_id_of(type);
    switch (elea_type_layout_of(type)) {
    case ELEA_LAYOUT_NULL:
        assert_ok(elea_builder_append_null(builder, &err));
        return;
    case ELEA_LAYOUT_BIT:
        assert_ok(elea_builder_append_int(builder, elea_test_random_below(random, 2), &err));
        return;
    case ELEA_LAYOUT_FIXED:
        append_fixed(random, builder);
        return;
    case ELEA_LAYOUT_BINARY:
    case ELEA_LAYOUT_LARGE_BINARY:
    case ELEA_LAYOUT_BINARY_VIEW:
        if (id == ELEA_TYPE_UTF8 || id == ELEA_TYPE_LARGE_UTF8 || id == ELEA_TYPE_UTF8_VIEW)
            append_text(random, builder);
        else
            append_bytes(random, builder, elea_test_random_below(random, 30));
        return;
    case ELEA_LAYOUT_DICTIONARY:
        append_encoded(random, builder, null_every);
        return;
    case ELEA_LAYOUT_SPARSE_UNION:
    case ELEA_LAYOUT_DENSE_UNION: {
        int64_t child = elea_test_random_below(random, elea_type_child_count(type));
        elea_test_random_append(random, elea_builder_child(builder, child), 1, null_every);
        assert_ok(elea_builder_append_union(builder, child, &err));
        return;
    }
    case ELEA_LAYOUT_RUN_END_ENCODED:
        elea_test_random_append(random, elea_builder_child(builder, 1), 1, null_every);
        assert_ok(elea_builder_append_row(builder, &err));
        return;
    default:
        append_nested(random, builder, null_every);
    }
}

void elea_test_random_append(elea_test_random *random, elea_builder *builder, int64_t count,
                             int64_t null_every) {
    elea_error err = {0};
    for (int64_t i = 0; i < count; i++) {
        if (null_every > 0 && elea_test_random_below(random, null_every) == 0)
            assert_ok(elea_builder_append_null(builder, &err));
        else
            append_value(random, builder, null_every);
    }
}

elea_array *elea_test_random_array(elea_test_random *random, const elea_type *type, int64_t length,
                                   int64_t null_every) {
    elea_error err = {0};
    elea_builder *builder = NULL;
    elea_array *array = NULL;
    bool sliced = elea_test_random_below(random, 2) == 0;
    int64_t before = sliced ? elea_test_random_below(random, 20) : 0;
    int64_t behind = sliced ? elea_test_random_below(random, 20) : 0;
    assert_ok(elea_builder_new(NULL, type, &builder, &err));
    elea_test_random_append(random, builder, before + length + behind, null_every);
    assert_ok(elea_builder_finish(builder, &array, &err));
    elea_builder_free(builder);
    if (!sliced)
        return array;
    elea_array *slice = NULL;
    assert_ok(elea_array_slice(array, before, length, &slice, &err));
    elea_array_unref(array);
    return slice;
}

elea_record_batch *elea_test_random_batch(elea_test_random *random, int64_t column_count,
                                          int64_t length, int depth) {
    elea_error err = {0};
    elea_field *fields[64];
    elea_array *columns[64];
    elea_schema *schema = NULL;
    elea_record_batch *batch = NULL;
    assert_in_range(column_count, 0, 64);
    for (int64_t i = 0; i < column_count; i++) {
        char name[24];
        snprintf(name, sizeof name, "c%lld", (long long)i);
        fields[i] = elea_test_random_field(random, name, depth);
        columns[i] = elea_test_random_array(random, elea_field_type(fields[i]), length,
                                            elea_test_random_below(random, 5));
    }
    assert_ok(elea_schema_new(NULL, (const elea_field *const *)fields, column_count, NULL, &schema,
                              &err));
    assert_ok(elea_record_batch_new(NULL, schema, length, (const elea_array *const *)columns,
                                    &batch, &err));
    for (int64_t i = 0; i < column_count; i++) {
        elea_field_unref(fields[i]);
        elea_array_unref(columns[i]);
    }
    elea_schema_unref(schema);
    return batch;
}

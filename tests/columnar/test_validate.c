// SPDX-License-Identifier: Apache-2.0
//
// Hostile arrays: each break of the format's rules is found, and the message says where.
#include "support/cmocka_all.h"

#include "columnar/array_internal.h"
#include "support/random_data.h"

typedef struct parts_builder {
    elea_buffer *buffers[4];
    int64_t buffer_count;
    elea_array_parts parts;
} parts_builder;

static parts_builder start(const elea_type *type, int64_t length) {
    return (parts_builder){.parts = {.type = type, .length = length, .null_count = -1}};
}

static void add_buffer(parts_builder *p, const void *data, int64_t size) {
    elea_error err = {0};
    elea_buffer *buffer = NULL;
    if (data)
        assert_ok(elea_buffer_new_copy(NULL, data, size, &buffer, &err));
    p->buffers[p->buffer_count++] = buffer;
}

// The array without checks; the buffers are given up.
static elea_array *end(parts_builder *p) {
    elea_error err = {0};
    elea_array *array = NULL;
    p->parts.buffers = (const elea_buffer *const *)p->buffers;
    p->parts.buffer_count = p->buffer_count;
    assert_ok(elea__array_new_unchecked(NULL, &p->parts, &array, &err));
    for (int64_t i = 0; i < p->buffer_count; i++)
        elea_buffer_unref(p->buffers[i]);
    return array;
}

static void assert_invalid(elea_array *array, elea_validation validation, const char *part) {
    elea_error err = {0};
    assert_fails(ELEA_EINVAL, part, elea_array_validate(array, validation, &err));
    if (validation == ELEA_VALIDATE_FULL)
        assert_ok(elea_array_validate(array, ELEA_VALIDATE_QUICK, &err));
    elea_array_unref(array);
}

static elea_array *text_of(const int32_t *offsets, int64_t count, const char *data, int64_t size) {
    parts_builder p = start(elea_type_of(ELEA_TYPE_UTF8), count - 1);
    add_buffer(&p, NULL, 0);
    add_buffer(&p, offsets, count * 4);
    add_buffer(&p, data, size);
    return end(&p);
}

static void offsets_of_texts(void **state) {
    (void)state;
    elea_error err = {0};
    elea_array *array = text_of((int32_t[]){0, 1, 3}, 3, "a\xC3\xA9", 3);
    assert_ok(elea_array_validate(array, ELEA_VALIDATE_FULL, &err));
    elea_array_unref(array);
    assert_invalid(text_of((int32_t[]){0, 1, 9}, 3, "abc", 3), ELEA_VALIDATE_QUICK,
                   "offset 2 is 9, past the end of the values (3 bytes)");
    assert_invalid(text_of((int32_t[]){-1, 1, 2}, 3, "abc", 3), ELEA_VALIDATE_QUICK, "-1");
    assert_invalid(text_of((int32_t[]){2, 1, 1}, 3, "abc", 3), ELEA_VALIDATE_QUICK,
                   "offset 2 is 1");
    assert_invalid(text_of((int32_t[]){0, 2, 1, 3}, 4, "abc", 3), ELEA_VALIDATE_FULL,
                   "offset 2 is 1, less than the 2 before it");
    assert_invalid(text_of((int32_t[]){0, INT32_MAX, 3}, 3, "abc", 3), ELEA_VALIDATE_FULL,
                   "past the end of the values (3 bytes)");
    assert_invalid(text_of((int32_t[]){0, INT32_MIN, 3}, 3, "abc", 3), ELEA_VALIDATE_FULL,
                   "offset 1");
    parts_builder p = start(elea_type_of(ELEA_TYPE_UTF8), 3);
    add_buffer(&p, NULL, 0);
    add_buffer(&p, (int32_t[]){0, 0, 0}, 12);
    add_buffer(&p, NULL, 0);
    assert_invalid(end(&p), ELEA_VALIDATE_QUICK,
                   "the offsets of utf8: 12 bytes, expected at least 16");
}

static void texts_are_utf8(void **state) {
    (void)state;
    elea_error err = {0};
    assert_invalid(text_of((int32_t[]){0, 1, 3}, 3, "a\xC3(", 3), ELEA_VALIDATE_FULL,
                   "row 1 is not UTF-8 at byte 0");
    // Well-formed as a whole, but cut inside a character.
    assert_invalid(text_of((int32_t[]){0, 2, 3}, 3, "a\xC3\xA9", 3), ELEA_VALIDATE_FULL,
                   "row 0 is not UTF-8");
    assert_invalid(text_of((int32_t[]){1, 3}, 2, "\xC3\xA9z", 3), ELEA_VALIDATE_FULL,
                   "row 0 is not UTF-8");
    // What lies under a null, or outside of the rows, may be anything.
    parts_builder p = start(elea_type_of(ELEA_TYPE_UTF8), 2);
    add_buffer(&p, (uint8_t[]){0x02}, 1);
    add_buffer(&p, (int32_t[]){1, 2, 3}, 12);
    add_buffer(&p, "\xFF\xFFz\xFF", 4);
    elea_array *array = end(&p);
    assert_ok(elea_array_validate(array, ELEA_VALIDATE_FULL, &err));
    elea_array_unref(array);
}

static void empty_arrays_may_lack_buffers(void **state) {
    (void)state;
    elea_error err = {0};
    for (int id = 0; id < ELEA__TYPE_ID_COUNT; id++) {
        const elea_type *type = elea_type_of((elea_type_id)id);
        if (!type)
            continue;
        parts_builder p = start(type, 0);
        for (const char *letter = elea_layout_buffers(elea_type_layout_of(type)); *letter; letter++)
            add_buffer(&p, NULL, 0);
        elea_array *array = end(&p);
        assert_ok(elea_array_validate(array, ELEA_VALIDATE_FULL, &err));
        assert_int_equal(elea_array_null_count(array), 0);
        elea_array_unref(array);
    }
}

static void sizes_against_length(void **state) {
    (void)state;
    parts_builder p = start(elea_type_of(ELEA_TYPE_INT64), 3);
    add_buffer(&p, NULL, 0);
    add_buffer(&p, (int64_t[]){1, 2}, 16);
    assert_invalid(end(&p), ELEA_VALIDATE_QUICK,
                   "the values of int64: 16 bytes, expected at least 24");
    p = start(elea_type_of(ELEA_TYPE_INT8), 9);
    add_buffer(&p, (uint8_t[]){1}, 1);
    add_buffer(&p, "123456789", 9);
    assert_invalid(end(&p), ELEA_VALIDATE_QUICK,
                   "the validity bitmap of int8: 1 bytes, expected at least 2");
    p = start(elea_type_of(ELEA_TYPE_INT64), INT64_MAX / 4);
    add_buffer(&p, NULL, 0);
    add_buffer(&p, (int64_t[]){1, 2}, 16);
    assert_invalid(end(&p), ELEA_VALIDATE_QUICK, "more than memory holds");
    p = start(elea_type_of(ELEA_TYPE_INT64), 1);
    p.parts.offset = INT64_MAX;
    add_buffer(&p, NULL, 0);
    add_buffer(&p, (int64_t[]){1, 2}, 16);
    assert_invalid(end(&p), ELEA_VALIDATE_QUICK, "length 1 at offset 9223372036854775807");
    p = start(elea_type_of(ELEA_TYPE_INT64), 1);
    p.parts.offset = 2;
    add_buffer(&p, NULL, 0);
    add_buffer(&p, (int64_t[]){1, 2}, 16);
    assert_invalid(end(&p), ELEA_VALIDATE_QUICK, "expected at least 24");
}

static void null_counts(void **state) {
    (void)state;
    parts_builder p = start(elea_type_of(ELEA_TYPE_INT8), 3);
    p.parts.null_count = 2;
    add_buffer(&p, (uint8_t[]){0x05}, 1);
    add_buffer(&p, "123", 3);
    assert_invalid(end(&p), ELEA_VALIDATE_FULL, "null count 2, but 1 rows are null");
    p = start(elea_type_of(ELEA_TYPE_INT8), 3);
    p.parts.null_count = 4;
    add_buffer(&p, (uint8_t[]){0x05}, 1);
    add_buffer(&p, "123", 3);
    assert_invalid(end(&p), ELEA_VALIDATE_QUICK, "null count 4 of 3 rows");
    p = start(elea_type_of(ELEA_TYPE_INT8), 3);
    p.parts.null_count = -2;
    add_buffer(&p, (uint8_t[]){0x05}, 1);
    add_buffer(&p, "123", 3);
    assert_invalid(end(&p), ELEA_VALIDATE_QUICK, "null count -2");
}

static elea_type *list_type(elea_type_id id, const elea_type *item_type) {
    elea_error err = {0};
    elea_type *type = NULL;
    elea_field *item = NULL;
    assert_ok(elea_field_new(NULL, elea_bytes_of("item"), item_type, true, NULL, &item, &err));
    if (id == ELEA_TYPE_FIXED_SIZE_LIST)
        assert_ok(elea_type_new_fixed_size_list(NULL, item, 3, &type, &err));
    else
        assert_ok(elea_type_new_list(NULL, id, item, &type, &err));
    elea_field_unref(item);
    return type;
}

static elea_array *list_around(const elea_type *type, const int32_t *offsets, int64_t length,
                               elea_array *child) {
    const elea_array *children[] = {child};
    parts_builder p = start(type, length);
    p.parts.children = children;
    p.parts.child_count = 1;
    add_buffer(&p, NULL, 0);
    if (offsets)
        add_buffer(&p, offsets, (length + 1) * 4);
    elea_array *array = end(&p);
    elea_array_unref(child);
    return array;
}

static void messages_name_the_path(void **state) {
    (void)state;
    elea_error err = {0};
    const elea_type *utf8 = elea_type_of(ELEA_TYPE_UTF8);
    elea_type *list = list_type(ELEA_TYPE_LIST, utf8);
    elea_array *array =
        list_around(list, (int32_t[]){0, 1, 2}, 2, text_of((int32_t[]){0, 1, 9, 3}, 4, "abc", 3));
    elea_field *field = NULL;
    elea_schema *schema = NULL;
    elea_record_batch *batch = NULL;
    assert_ok(elea_field_new(NULL, elea_bytes_of("tags"), list, true, NULL, &field, &err));
    const elea_field *fields[] = {field};
    const elea_array *columns[] = {array};
    assert_ok(elea_schema_new(NULL, fields, 1, NULL, &schema, &err));
    assert_ok(elea_record_batch_new(NULL, schema, 2, columns, &batch, &err));
    assert_fails(ELEA_EINVAL,
                 "column \"tags\": item: offset 2 is 9, past the end of the values (3 bytes)",
                 elea_record_batch_validate(batch, ELEA_VALIDATE_FULL, &err));
    elea_record_batch_unref(batch);
    elea_schema_unref(schema);
    elea_field_unref(field);
    elea_array_unref(array);
    elea_type_unref(list);
}

static elea_array *ints(int64_t length) {
    parts_builder p = start(elea_type_of(ELEA_TYPE_INT8), length);
    add_buffer(&p, NULL, 0);
    add_buffer(&p, "0123456789", length);
    return end(&p);
}

static void lists_stay_in_their_child(void **state) {
    (void)state;
    elea_error err = {0};
    elea_array *array = NULL;
    const elea_type *int8 = elea_type_of(ELEA_TYPE_INT8);
    elea_type *list = list_type(ELEA_TYPE_LIST, int8);
    elea_type *triple = list_type(ELEA_TYPE_FIXED_SIZE_LIST, int8);
    elea_type *view = list_type(ELEA_TYPE_LIST_VIEW, int8);
    assert_invalid(list_around(list, (int32_t[]){0, 2, 5}, 2, ints(4)), ELEA_VALIDATE_QUICK,
                   "offset 2 is 5, past the end of the child (4 rows)");
    assert_invalid(list_around(list, (int32_t[]){0, 7, 4}, 2, ints(4)), ELEA_VALIDATE_FULL,
                   "offset 1 is 7");
    assert_invalid(list_around(triple, NULL, 2, ints(5)), ELEA_VALIDATE_QUICK,
                   "rows of a child of fixed_size_list: 5, expected at least 6");
    elea_array *child = ints(4);
    const elea_array *children[] = {child};
    for (int round = 0; round < 4; round++) {
        parts_builder p = start(view, 2);
        p.parts.children = children;
        p.parts.child_count = 1;
        add_buffer(&p, NULL, 0);
        add_buffer(&p, (int32_t[]){0, round == 1 ? -1 : round == 2 ? 5 : 2}, 8);
        add_buffer(&p, (int32_t[]){4, round == 3 ? INT32_MAX : 2}, 8);
        array = end(&p);
        if (round == 0) {
            assert_ok(elea_array_validate(array, ELEA_VALIDATE_FULL, &err));
            elea_array_unref(array);
        } else {
            assert_invalid(array, ELEA_VALIDATE_FULL, "past the end of the child (4 rows)");
        }
    }
    // A child of another type.
    parts_builder p = start(list, 0);
    p.parts.children = (const elea_array *const[]){array = text_of((int32_t[]){0}, 1, "", 0)};
    p.parts.child_count = 1;
    add_buffer(&p, NULL, 0);
    add_buffer(&p, (int32_t[]){0}, 4);
    elea_array *wrong = end(&p);
    assert_fails(ELEA_ETYPE, "child 0 is a utf8, expected int8",
                 elea_array_validate(wrong, ELEA_VALIDATE_QUICK, &err));
    elea_array_unref(wrong);
    elea_array_unref(array);
    elea_array_unref(child);
    elea_type_unref(list);
    elea_type_unref(triple);
    elea_type_unref(view);
}

// One view of 20 bytes; the fields of the view and the buffer are altered in turn.
static elea_array *view_array(int32_t size, const char *inside, int32_t index, int32_t offset,
                              int64_t data_size) {
    uint8_t view[16] = {0};
    memcpy(view, &size, 4);
    memcpy(view + 4, inside, 4);
    memcpy(view + 8, &index, 4);
    memcpy(view + 12, &offset, 4);
    parts_builder p = start(elea_type_of(ELEA_TYPE_UTF8_VIEW), 1);
    add_buffer(&p, NULL, 0);
    add_buffer(&p, view, 16);
    add_buffer(&p, "abcdefghijklmnopqrstuvwxyz\xFF", data_size);
    return end(&p);
}

static void views_point_into_their_buffers(void **state) {
    (void)state;
    elea_error err = {0};
    elea_array *array = view_array(20, "cdef", 0, 2, 26);
    assert_ok(elea_array_validate(array, ELEA_VALIDATE_FULL, &err));
    elea_array_unref(array);
    array = view_array(3, "cde", 0, 0, 26);
    assert_ok(elea_array_validate(array, ELEA_VALIDATE_FULL, &err));
    elea_array_unref(array);
    assert_invalid(view_array(20, "cdef", 1, 2, 26), ELEA_VALIDATE_FULL,
                   "view 0 names buffer 1 of 1");
    assert_invalid(view_array(20, "cdef", -1, 2, 26), ELEA_VALIDATE_FULL, "buffer -1 of 1");
    assert_invalid(view_array(20, "cdef", 0, 7, 26), ELEA_VALIDATE_FULL,
                   "view 0 is 20 bytes at 7, past the end of buffer 0 (26 bytes)");
    assert_invalid(view_array(20, "cdef", 0, -1, 26), ELEA_VALIDATE_FULL, "at -1");
    assert_invalid(view_array(INT32_MAX, "cdef", 0, 2, 26), ELEA_VALIDATE_FULL, "past the end");
    assert_invalid(view_array(-1, "cdef", 0, 2, 26), ELEA_VALIDATE_FULL, "view 0 has -1 bytes");
    assert_invalid(view_array(20, "cdex", 0, 2, 26), ELEA_VALIDATE_FULL, "the prefix of view 0");
    assert_invalid(view_array(3, "cdex", 0, 0, 26), ELEA_VALIDATE_FULL, "not zero behind its 3");
    assert_invalid(view_array(20, "hijk", 0, 7, 27), ELEA_VALIDATE_FULL, "UTF-8 at byte 19");
}

static void null_keys_of_maps(void **state) {
    (void)state;
    elea_error err = {0};
    elea_type *map = NULL;
    elea_field *key = NULL;
    assert_ok(elea_field_new(NULL, elea_bytes_of("key"), elea_type_of(ELEA_TYPE_INT8), false, NULL,
                             &key, &err));
    assert_ok(elea_type_new_map(NULL, key, key, false, &map, &err));
    for (int round = 0; round < 3; round++) {
        elea_array *values = ints(2);
        parts_builder p = start(elea_type_of(ELEA_TYPE_INT8), 2);
        add_buffer(&p, (uint8_t[]){round == 1 ? 2 : 3}, 1);
        add_buffer(&p, "01", 2);
        elea_array *keys = end(&p);
        const elea_array *pair[] = {keys, values};
        p = start(elea_field_type(elea_type_child(map, 0)), 2);
        p.parts.children = pair;
        p.parts.child_count = 2;
        add_buffer(&p, (uint8_t[]){round == 2 ? 1 : 3}, 1);
        elea_array *entries = end(&p);
        elea_array_unref(keys);
        elea_array_unref(values);
        elea_array *array = list_around(map, (int32_t[]){0, 2}, 1, entries);
        if (round > 0) {
            assert_invalid(array, ELEA_VALIDATE_FULL,
                           round == 1 ? "1 keys of a map are null" : "1 entries of a map are null");
        } else {
            assert_ok(elea_array_validate(array, ELEA_VALIDATE_FULL, &err));
            elea_array_unref(array);
        }
    }
    elea_field_unref(key);
    elea_type_unref(map);
}

static void assert_range(elea_type *type, const void *good, const void *bad, const char *part) {
    elea_error err = {0};
    int64_t width = elea_type_bit_width(type) / 8;
    for (int round = 0; round < 3; round++) {
        parts_builder p = start(type, 1);
        add_buffer(&p, round == 2 ? "" : NULL, 1);
        add_buffer(&p, round == 0 ? good : bad, width);
        elea_array *array = end(&p);
        // What is null may be anything.
        if (round != 1) {
            assert_ok(elea_array_validate(array, ELEA_VALIDATE_FULL, &err));
            elea_array_unref(array);
        } else {
            assert_ok(elea_array_validate(array, ELEA_VALIDATE_SAFE, &err));
            assert_invalid(array, ELEA_VALIDATE_FULL, part);
        }
    }
    elea_type_unref(type);
}

static void values_have_ranges(void **state) {
    (void)state;
    elea_error err = {0};
    elea_type *type = NULL;
    assert_ok(elea_type_new_time(NULL, ELEA_TYPE_TIME32, ELEA_TIME_MILLI, &type, &err));
    assert_range(type, &(int32_t){86399999}, &(int32_t){86400000},
                 "row 0 is 86400000, which is no");
    assert_ok(elea_type_new_time(NULL, ELEA_TYPE_TIME64, ELEA_TIME_NANO, &type, &err));
    assert_range(type, &(int64_t){0}, &(int64_t){-1}, "no time of day");
    assert_range(elea_type_ref(elea_type_of(ELEA_TYPE_DATE64)), &(int64_t){-86400000},
                 &(int64_t){1}, "no whole number of days");
    assert_ok(elea_type_new_decimal(NULL, ELEA_TYPE_DECIMAL32, 4, 0, &type, &err));
    assert_range(type, &(int32_t){-9999}, &(int32_t){-10000}, "more than 4 digits");
    assert_ok(elea_type_new_decimal(NULL, ELEA_TYPE_DECIMAL64, 18, 3, &type, &err));
    assert_range(type, &(int64_t){999999999999999999}, &(int64_t){INT64_MIN}, "more than 18");
    assert_ok(elea_type_new_decimal(NULL, ELEA_TYPE_DECIMAL128, 20, 0, &type, &err));
    // 10^20 - 1 and 10^20
    assert_range(type, (uint64_t[]){0x6BC75E2D630FFFFF, 5}, (uint64_t[]){0x6BC75E2D63100000, 5},
                 "more than 20 digits");
    assert_ok(elea_type_new_decimal(NULL, ELEA_TYPE_DECIMAL256, 76, 0, &type, &err));
    assert_range(type, (uint64_t[]){1, 0, 0, 0}, (uint64_t[]){0, 0, 0, 1ull << 63},
                 "more than 76 digits");
}

// Valid arrays with bytes of their offsets and sizes changed at random: validation answers, and
// what it lets pass can be read through to the end.
static void changed_bytes_are_found_or_harmless(void **state) {
    (void)state;
    elea_test_random random = {51, .with_dictionaries = true};
    int found = 0;
    for (int round = 0; round < 3000; round++) {
        elea_error err = {0};
        elea_type *type = elea_test_random_type(&random, 3);
        elea_array *array = elea_test_random_array(&random, type, 20, 3);
        for (elea_array *target = array; target;
             target = target->child_count > 0 ? target->children[0] : NULL) {
            for (int64_t i = 0; i < target->buffer_count; i++) {
                elea_buffer *buffer = target->buffers[i];
                int64_t size = elea_buffer_size(buffer);
                if (size == 0 || elea_test_random_below(&random, 3) > 0)
                    continue;
                // A copy of its own, which nobody else has seen.
                elea_buffer *copy = NULL;
                assert_ok(elea_buffer_new(NULL, size, &copy, &err));
                uint8_t *bytes = elea_buffer_mutable_data(copy);
                memcpy(bytes, elea_buffer_data(buffer), (size_t)size);
                bytes[elea_test_random_below(&random, size)] =
                    (uint8_t)elea_test_random_next(&random);
                elea_buffer_unref(buffer);
                target->buffers[i] = copy;
            }
        }
        elea_validation how = round % 2 ? ELEA_VALIDATE_FULL : ELEA_VALIDATE_SAFE;
        if (elea_array_validate(array, how, &err) == ELEA_OK) {
            elea_span span;
            elea_text text;
            elea_text_init(&text, NULL);
            elea_span_of(array, &span);
            for (int64_t i = 0; i < span.length; i++)
                assert_ok(elea_span_format_json(&span, i, &text, &err));
            (void)elea_array_equal(array, array, NULL);
            elea_text_release(&text);
        } else {
            assert_string_not_equal(err.message, "");
            found++;
        }
        elea_array_unref(array);
        elea_type_unref(type);
    }
    assert_in_range(found, 300, 2900);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets_of_texts),
        cmocka_unit_test(texts_are_utf8),
        cmocka_unit_test(empty_arrays_may_lack_buffers),
        cmocka_unit_test(sizes_against_length),
        cmocka_unit_test(null_counts),
        cmocka_unit_test(messages_name_the_path),
        cmocka_unit_test(lists_stay_in_their_child),
        cmocka_unit_test(views_point_into_their_buffers),
        cmocka_unit_test(null_keys_of_maps),
        cmocka_unit_test(values_have_ranges),
        cmocka_unit_test(changed_bytes_are_found_or_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
//
// What holds for every array, on random nested types and random data: pieces are valid, equal to
// what they were cut from, and together the whole again.
#include "support/cmocka_all.h"

#include <elea/columnar.h>

#include "support/random_data.h"

#define PIECES_MAX 5

static elea_array *slice_of(const elea_array *array, int64_t offset, int64_t length) {
    elea_error err = {0};
    elea_array *slice = NULL;
    assert_ok(elea_array_slice(array, offset, length, &slice, &err));
    assert_ok(elea_array_validate(slice, ELEA_VALIDATE_FULL, &err));
    assert_int_equal(elea_array_length(slice), length);
    return slice;
}

static elea_array *concat_of(elea_array *const *arrays, int64_t count) {
    elea_error err = {0};
    elea_array *whole = NULL;
    assert_ok(elea_array_concat(NULL, (const elea_array *const *)arrays, count, &whole, &err));
    assert_ok(elea_array_validate(whole, ELEA_VALIDATE_FULL, &err));
    return whole;
}

// The text of each row, a line each.
static void rows_of(const elea_array *array, elea_text *text) {
    elea_error err = {0};
    elea_span span;
    elea_span_of(array, &span);
    for (int64_t i = 0; i < span.length; i++) {
        assert_ok(elea_span_format(&span, i, true, text, &err));
        assert_ok(elea_text_append(text, elea_bytes_of("\n"), &err));
    }
}

static void assert_same(const elea_array *a, const elea_array *b) {
    elea_equal_options options;
    elea_text text_a, text_b;
    elea_equal_options_init(&options);
    options.nans_equal = true;
    options.with_metadata = true;
    assert_true(elea_array_equal(a, b, &options));
    assert_true(elea_array_equal(b, a, &options));
    elea_text_init(&text_a, NULL);
    elea_text_init(&text_b, NULL);
    rows_of(a, &text_a);
    rows_of(b, &text_b);
    assert_int_equal(text_a.size, text_b.size);
    if (text_a.size > 0)
        assert_memory_equal(text_a.data, text_b.data, text_a.size);
    elea_text_release(&text_a);
    elea_text_release(&text_b);
}

// Cut anywhere, each piece the same as the rows it was cut from, and put together again.
static void cut_and_join(elea_test_random *random, const elea_array *array) {
    elea_array *pieces[PIECES_MAX];
    int64_t at = 0;
    int64_t length = elea_array_length(array);
    for (int i = 0; i < PIECES_MAX; i++) {
        int64_t size =
            i == PIECES_MAX - 1 ? length - at : elea_test_random_below(random, length - at + 1);
        pieces[i] = slice_of(array, at, size);
        elea_array *again = slice_of(array, at, size);
        assert_same(pieces[i], again);
        elea_array_unref(again);
        at += size;
    }
    elea_array *whole = concat_of(pieces, PIECES_MAX);
    assert_same(whole, array);
    // A slice of the new array against a slice of the old one: offsets differ, values do not.
    int64_t begin = elea_test_random_below(random, length + 1);
    elea_array *old_end = slice_of(array, begin, length - begin);
    elea_array *new_end = slice_of(whole, begin, length - begin);
    assert_same(old_end, new_end);
    elea_array_unref(old_end);
    elea_array_unref(new_end);
    elea_array_unref(whole);
    for (int i = 0; i < PIECES_MAX; i++)
        elea_array_unref(pieces[i]);
}

// Each row as a scalar is the row, and one that is formatted as the row.
static void row_by_row(const elea_array *array) {
    elea_error err = {0};
    for (int64_t i = 0; i < elea_array_length(array); i += 7) {
        elea_scalar *scalar = NULL;
        elea_array *row = slice_of(array, i, 1);
        assert_ok(elea_scalar_new_from_array(NULL, array, i, &scalar, &err));
        assert_same(elea_scalar_array(scalar), row);
        elea_scalar_unref(scalar);
        elea_array_unref(row);
    }
}

static void type_reads_back(const elea_type *type) {
    elea_error err = {0};
    elea_type *back = NULL;
    elea_text text;
    elea_text_init(&text, NULL);
    assert_ok(elea_type_format(type, &text, &err));
    assert_ok(elea_type_parse(NULL, (elea_bytes){text.data, text.size}, &back, &err));
    assert_true(elea_type_equal(type, back, true));
    elea_type_unref(back);
    elea_text_release(&text);
}

static void assert_reads_back(const elea_schema *schema, const elea_text *text,
                              elea_status (*parse)(elea_pool *, elea_bytes, elea_schema **,
                                                   elea_error *)) {
    elea_error err = {0};
    elea_schema *back = NULL;
    assert_ok(parse(NULL, (elea_bytes){text->data, text->size}, &back, &err));
    assert_true(elea_schema_equal(schema, back, true));
    elea_schema_unref(back);
}

// With metadata at any depth, and maps of other names.
static void every_schema(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_random random = {.state = 22, .with_dictionaries = true, .with_metadata = true};
    elea_text text;
    elea_text_init(&text, NULL);
    for (int round = 0; round < 300; round++) {
        elea_schema *schema = NULL;
        elea_field *fields[] = {elea_test_random_field(&random, "a", 1 + round % 5),
                                elea_test_random_field(&random, "b\"", 1 + round % 5)};
        assert_ok(elea_schema_new(NULL, (const elea_field *const *)fields, 2, NULL, &schema, &err));
        assert_ok(elea_schema_format(schema, &text, &err));
        assert_reads_back(schema, &text, elea_schema_parse);
        elea_text_reset(&text);
#if ELEA_WITH_YAML
        assert_ok(elea_schema_format_yaml(schema, &text, &err));
        assert_reads_back(schema, &text, elea_schema_parse_yaml);
        elea_text_reset(&text);
#endif
        elea_schema_unref(schema);
        elea_field_unref(fields[0]);
        elea_field_unref(fields[1]);
    }
    elea_text_release(&text);
}

static void every_array(void **state) {
    (void)state;
    elea_test_random random = {.state = 21, .with_dictionaries = true};
    for (int round = 0; round < 400; round++) {
        elea_error err = {0};
        elea_type *type = elea_test_random_type(&random, 1 + round % 4);
        int64_t length = round % 5 == 0 ? round % 3 : elea_test_random_below(&random, 150);
        elea_array *array = elea_test_random_array(&random, type, length, round % 6);
        assert_ok(elea_array_validate(array, ELEA_VALIDATE_FULL, &err));
        type_reads_back(type);
        cut_and_join(&random, array);
        row_by_row(array);
        elea_array_unref(array);
        elea_type_unref(type);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_array),
                                       cmocka_unit_test(every_schema)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

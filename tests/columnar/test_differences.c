// SPDX-License-Identifier: Apache-2.0
//
// Where arrays and tables differ: the path to each place, limits, and nothing for equal ones.
#include "support/cmocka_all.h"

#include "columnar/array_internal.h"
#include "support/alloc_failures.h"
#include "support/random_data.h"
#include "support/type_cases.h"

// list<struct<n: int8, s: utf8>>, a row for each word and an item for each letter: a digit is
// {digit, "x"}, "-" is {null, "x"}, "!" is a null item; the empty word is a null row.
static elea_array *rows_of(const char *const *words, int64_t count) {
    elea_error err = {0};
    elea_type *pair = NULL;
    elea_type *list = NULL;
    elea_builder *builder = NULL;
    elea_array *array = NULL;
    elea_field *fields[] = {type_cases_field("n", elea_type_of(ELEA_TYPE_INT8), true),
                            type_cases_field("s", elea_type_of(ELEA_TYPE_UTF8), true)};
    assert_ok(elea_type_new_struct(NULL, (const elea_field *const *)fields, 2, &pair, &err));
    elea_field *item = type_cases_field("item", pair, true);
    assert_ok(elea_type_new_list(NULL, ELEA_TYPE_LIST, item, &list, &err));
    assert_ok(elea_builder_new(NULL, list, &builder, &err));
    elea_builder *items = elea_builder_child(builder, 0);
    for (int64_t i = 0; i < count; i++) {
        for (const char *letter = words[i]; *letter; letter++) {
            if (*letter == '!') {
                assert_ok(elea_builder_append_null(items, &err));
                continue;
            }
            if (*letter == '-')
                assert_ok(elea_builder_append_null(elea_builder_child(items, 0), &err));
            else
                assert_ok(
                    elea_builder_append_int(elea_builder_child(items, 0), *letter - '0', &err));
            assert_ok(
                elea_builder_append_bytes(elea_builder_child(items, 1), elea_bytes_of("x"), &err));
            assert_ok(elea_builder_append_row(items, &err));
        }
        if (words[i][0])
            assert_ok(elea_builder_append_row(builder, &err));
        else
            assert_ok(elea_builder_append_null(builder, &err));
    }
    assert_ok(elea_builder_finish(builder, &array, &err));
    elea_builder_free(builder);
    elea_type_unref(list);
    elea_type_unref(pair);
    elea_field_unref(item);
    elea_field_unref(fields[0]);
    elea_field_unref(fields[1]);
    return array;
}

static void assert_differences(const elea_array *a, const elea_array *b, int64_t most,
                               const char *expected) {
    elea_error err = {0};
    elea_text text;
    elea_diff_options options;
    elea_diff_options_init(&options);
    options.differences_max = most;
    elea_text_init(&text, NULL);
    assert_ok(elea_array_differences(a, b, &options, &text, &err));
    assert_string_equal(text.size > 0 ? text.data : "", expected);
    elea_text_release(&text);
}

static void paths_lead_to_values(void **state) {
    (void)state;
    elea_error err = {0};
    elea_array *a = rows_of((const char *const[]){"12", "3", "", "45", "!6"}, 5);
    elea_array *b = rows_of((const char *const[]){"12", "4", "7", "4", "8-", "9"}, 6);
    const char *all = "length 5 != 6\n"
                      "[1][0].n: 3 != 4\n"
                      "[2]: null != [{n: 7, s: \"x\"}]\n"
                      "[3]: length 2 != 1\n"
                      "[4][0]: null != {n: 8, s: \"x\"}\n"
                      "[4][1].n: 6 != null\n";
    assert_differences(a, b, 10, all);
    assert_differences(a, b, 2, "length 5 != 6\n[1][0].n: 3 != 4\n");
    assert_differences(a, b, 0, "");
    assert_differences(a, a, 10, "");
    // Rows are numbered from the beginning of a slice.
    elea_array *a_tail = NULL;
    elea_array *b_tail = NULL;
    assert_ok(elea_array_slice(a, 3, 2, &a_tail, &err));
    assert_ok(elea_array_slice(b, 3, 2, &b_tail, &err));
    assert_differences(a_tail, b_tail, 2, "[0]: length 2 != 1\n[1][0]: null != {n: 8, s: \"x\"}\n");
    elea_array_unref(a_tail);
    elea_array_unref(b_tail);
    elea_array *ints = NULL;
    assert_ok(elea_array_new_null(NULL, elea_type_of(ELEA_TYPE_INT8), 5, &ints, &err));
    assert_differences(ints, a, 10, "type int8 != list<item: struct<n: int8, s: utf8>>\n");
    elea_array_unref(ints);
    elea_array_unref(a);
    elea_array_unref(b);
}

// For all types: something is told exactly when the arrays differ.
static void told_when_they_differ(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_random random = {.state = 51, .with_dictionaries = true};
    elea_diff_options options;
    elea_diff_options_init(&options);
    options.equal.nans_equal = true;
    int equal_count = 0;
    for (int round = 0; round < 500; round++) {
        elea_type *type = elea_test_random_type(&random, 3);
        elea_array *array = elea_test_random_array(&random, type, 40, 3);
        elea_array *a = NULL;
        elea_array *b = NULL;
        int64_t length = elea_test_random_below(&random, 3) + 1;
        assert_ok(elea_array_slice(array, elea_test_random_below(&random, 5), length, &a, &err));
        assert_ok(elea_array_slice(array, elea_test_random_below(&random, 5), length, &b, &err));
        elea_text text;
        elea_text_init(&text, NULL);
        assert_ok(elea_array_differences(a, b, &options, &text, &err));
        bool equal = elea_array_equal(a, b, &options.equal);
        assert_int_equal(text.size == 0, equal);
        equal_count += equal;
        elea_text_release(&text);
        elea_array_unref(a);
        elea_array_unref(b);
        elea_array_unref(array);
        elea_type_unref(type);
    }
    assert_in_range(equal_count, 50, 400);
}

static elea_table *table_of(const char *const *names, const elea_array *const *columns,
                            int64_t count, int64_t cut) {
    elea_error err = {0};
    elea_field *fields[4];
    elea_chunked_array *chunked[4];
    elea_schema *schema = NULL;
    elea_table *table = NULL;
    int64_t length = elea_array_length(columns[0]);
    for (int64_t i = 0; i < count; i++) {
        elea_array *chunks[2] = {NULL, NULL};
        fields[i] = type_cases_field(names[i], elea_array_type(columns[i]), true);
        assert_ok(elea_array_slice(columns[i], 0, cut, &chunks[0], &err));
        assert_ok(elea_array_slice(columns[i], cut, length - cut, &chunks[1], &err));
        assert_ok(elea_chunked_array_new(NULL, elea_array_type(columns[i]),
                                         (const elea_array *const *)chunks, 2, &chunked[i], &err));
        elea_array_unref(chunks[0]);
        elea_array_unref(chunks[1]);
    }
    assert_ok(elea_schema_new(NULL, (const elea_field *const *)fields, count, NULL, &schema, &err));
    assert_ok(elea_table_new(NULL, schema, length, (const elea_chunked_array *const *)chunked,
                             &table, &err));
    for (int64_t i = 0; i < count; i++) {
        elea_field_unref(fields[i]);
        elea_chunked_array_unref(chunked[i]);
    }
    elea_schema_unref(schema);
    return table;
}

static elea_array *numbers(int64_t length, int64_t odd_one) {
    elea_error err = {0};
    elea_builder *builder = NULL;
    elea_array *array = NULL;
    assert_ok(elea_builder_new(NULL, elea_type_of(ELEA_TYPE_INT32), &builder, &err));
    for (int64_t i = 0; i < length; i++)
        assert_ok(elea_builder_append_int(builder, i == odd_one ? -1 : i, &err));
    assert_ok(elea_builder_finish(builder, &array, &err));
    elea_builder_free(builder);
    return array;
}

static void tables_tell_the_column(void **state) {
    (void)state;
    elea_error err = {0};
    elea_text text;
    elea_array *plain = numbers(5000, -1);
    elea_array *odd = numbers(5000, 4321);
    elea_array *other = NULL;
    assert_ok(elea_array_new_null(NULL, elea_type_of(ELEA_TYPE_INT8), 5000, &other, &err));
    const char *const names[] = {"a", "b c", "d"};
    elea_table *x = table_of(names, (const elea_array *const[]){plain, plain, plain}, 3, 1000);
    elea_table *y = table_of(names, (const elea_array *const[]){plain, odd, other}, 3, 77);
    elea_table *z = table_of(names + 1, (const elea_array *const[]){plain}, 1, 0);
    elea_text_init(&text, NULL);
    assert_ok(elea_table_differences(x, x, NULL, &text, &err));
    assert_int_equal(text.size, 0);
    assert_ok(elea_table_differences(x, y, NULL, &text, &err));
    assert_string_equal(text.data, "\"b c\"[4321]: 4321 != -1\nd: type int32 != int8\n");
    elea_text_reset(&text);
    assert_ok(elea_table_differences(x, z, NULL, &text, &err));
    assert_string_equal(text.data, "columns 3 != 1\na: field a: int32 != \"b c\": int32\n");
    elea_text_release(&text);
    elea_table_unref(x);
    elea_table_unref(y);
    elea_table_unref(z);
    elea_array_unref(plain);
    elea_array_unref(odd);
    elea_array_unref(other);
}

static elea_status tell_and_drop(elea_pool *pool, void *context, elea_error *err) {
    elea_array *const *arrays = context;
    elea_text text;
    elea_text_init(&text, pool);
    elea_status status = elea_array_differences(arrays[0], arrays[1], NULL, &text, err);
    elea_text_release(&text);
    return status;
}

static void memory_may_run_out(void **state) {
    (void)state;
    elea_array *arrays[] = {rows_of((const char *const[]){"12", "3", "", "45"}, 4),
                            rows_of((const char *const[]){"13", "3!", "9", "54"}, 4)};
    elea_test_fail_each_allocation(tell_and_drop, arrays);
    elea_array_unref(arrays[0]);
    elea_array_unref(arrays[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_lead_to_values),
        cmocka_unit_test(told_when_they_differ),
        cmocka_unit_test(tables_tell_the_column),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

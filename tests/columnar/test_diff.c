// SPDX-License-Identifier: Apache-2.0
//
// Edit scripts, which lead from one array to the other for all types; beside pyarrow they stand in
// tests/python/.
#include "support/cmocka_all.h"

#include "columnar/array_internal.h"
#include "support/alloc_failures.h"
#include "support/random_data.h"

static const elea_equal_options same = {.nans_equal = true};

static elea_array *ints(const char *digits) {
    elea_error err = {0};
    elea_builder *builder = NULL;
    elea_array *array = NULL;
    assert_ok(elea_builder_new(NULL, elea_type_of(ELEA_TYPE_INT8), &builder, &err));
    for (; *digits; digits++) {
        if (*digits == '-')
            assert_ok(elea_builder_append_null(builder, &err));
        else
            assert_ok(elea_builder_append_int(builder, *digits - '0', &err));
    }
    assert_ok(elea_builder_finish(builder, &array, &err));
    elea_builder_free(builder);
    return array;
}

static void assert_diff(const char *base, const char *target, const char *expected) {
    elea_error err = {0};
    elea_text text;
    elea_array *a = ints(base);
    elea_array *b = ints(target);
    elea_text_init(&text, NULL);
    assert_ok(elea_array_diff_format(a, b, NULL, &text, &err));
    assert_string_equal(text.size > 0 ? text.data : "", expected);
    elea_text_release(&text);
    elea_array_unref(a);
    elea_array_unref(b);
}

static void scripts_as_text(void **state) {
    (void)state;
    assert_diff("", "", "");
    assert_diff("123", "123", "");
    assert_diff("", "1", "@@ -0, +0 @@\n+1\n");
    assert_diff("1", "", "@@ -0, +0 @@\n-1\n");
    assert_diff("1-3", "123", "@@ -1, +1 @@\n-null\n+2\n");
    assert_diff("123", "134", "@@ -1, +1 @@\n-2\n@@ -3, +2 @@\n+4\n");
}

// Follows a script from the base to the target.
static void assert_leads(const elea_array *script, const elea_array *base,
                         const elea_array *target) {
    elea_error err = {0};
    elea_span inserts;
    elea_span runs;
    int64_t at = 0;
    int64_t to = 0;
    assert_ok(elea_array_validate(script, ELEA_VALIDATE_FULL, &err));
    elea_span_of(elea_array_child(script, 0), &inserts);
    elea_span_of(elea_array_child(script, 1), &runs);
    for (int64_t i = 0; i < elea_array_length(script); i++) {
        int64_t run = elea_span_get_int(&runs, i);
        bool insert = elea_span_get_int(&inserts, i) != 0;
        at += i > 0 && !insert;
        to += insert;
        elea_array *a = NULL;
        elea_array *b = NULL;
        assert_ok(elea_array_slice(base, at, run, &a, &err));
        assert_ok(elea_array_slice(target, to, run, &b, &err));
        assert_true(elea_array_equal(a, b, &same));
        elea_array_unref(a);
        elea_array_unref(b);
        at += run;
        to += run;
    }
    assert_int_equal(at, elea_array_length(base));
    assert_int_equal(to, elea_array_length(target));
}

static void scripts_lead_to_the_target(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_random random = {.state = 41, .with_dictionaries = true};
    elea_diff_options options;
    elea_diff_options_init(&options);
    options.equal = same;
    for (int round = 0; round < 300; round++) {
        elea_type *type = elea_test_random_type(&random, 2);
        elea_array *whole = elea_test_random_array(&random, type, 60, 3);
        elea_array *base = NULL;
        elea_array *target = NULL;
        elea_array *script = NULL;
        assert_ok(elea_array_slice(whole, elea_test_random_below(&random, 10),
                                   elea_test_random_below(&random, 50), &base, &err));
        assert_ok(elea_array_slice(whole, elea_test_random_below(&random, 10),
                                   elea_test_random_below(&random, 50), &target, &err));
        assert_ok(elea_array_diff(NULL, base, target, &options, &script, &err));
        assert_leads(script, base, target);
        elea_array_unref(script);
        elea_array_unref(base);
        elea_array_unref(target);
        elea_array_unref(whole);
        elea_type_unref(type);
    }
}

static void limits_and_types(void **state) {
    (void)state;
    elea_error err = {0};
    elea_array *a = ints("123");
    elea_array *b = ints("456");
    elea_array *other = NULL;
    elea_array *script = NULL;
    elea_diff_options options;
    elea_diff_options_init(&options);
    assert_int_equal(options.edits_max, 4096);
    options.edits_max = 5;
    assert_fails(ELEA_ECAPACITY, "more than 5 edits",
                 elea_array_diff(NULL, a, b, &options, &script, &err));
    options.edits_max = 6;
    assert_ok(elea_array_diff(NULL, a, b, &options, &script, &err));
    assert_leads(script, a, b);
    elea_array_unref(script);
    assert_ok(elea_array_new_null(NULL, elea_type_of(ELEA_TYPE_UTF8), 1, &other, &err));
    assert_fails(ELEA_ETYPE, "a diff of int8 and utf8",
                 elea_array_diff(NULL, a, other, NULL, &script, &err));
    elea_array_unref(other);
    elea_array_unref(a);
    elea_array_unref(b);
}

static elea_status diff_and_drop(elea_pool *pool, void *context, elea_error *err) {
    elea_array *const *arrays = context;
    elea_array *script;
    elea_text text;
    ELEA_TRY(elea_array_diff(pool, arrays[0], arrays[1], NULL, &script, err));
    elea_array_unref(script);
    elea_text_init(&text, pool);
    elea_status status = elea_array_diff_format(arrays[0], arrays[1], NULL, &text, err);
    elea_text_release(&text);
    return status;
}

static void memory_may_run_out(void **state) {
    (void)state;
    elea_array *arrays[] = {ints("12345"), ints("1-3467")};
    elea_test_fail_each_allocation(diff_and_drop, arrays);
    elea_array_unref(arrays[0]);
    elea_array_unref(arrays[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scripts_as_text),
        cmocka_unit_test(scripts_lead_to_the_target),
        cmocka_unit_test(limits_and_types),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

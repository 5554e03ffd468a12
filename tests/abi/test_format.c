// SPDX-License-Identifier: Apache-2.0
#include "abi/format_internal.h"
#include "support/cmocka_all.h"
#include "support/type_cases.h"

static void types_have_the_format_of_the_specification(void **state) {
    (void)state;
    elea_error err = {0};
    type_cases cases;
    type_cases_init(&cases);
    for (int64_t i = 0; i < cases.count; i++) {
        elea_text text;
        elea_text_init(&text, NULL);
        assert_ok(elea__format_append(cases.cases[i].type, &text, &err));
        assert_string_equal(text.data, cases.cases[i].format);
        elea_text_release(&text);
    }
    type_cases_release(&cases);
}

static void bad_formats_are_named(void **state) {
    (void)state;
    static const struct {
        const char *format;
        elea_status status;
    } cases[] = {
        {"", ELEA_EUNSUPPORTED},       {"x", ELEA_EUNSUPPORTED},
        {"ll", ELEA_EUNSUPPORTED},     {"v", ELEA_EUNSUPPORTED},
        {"+", ELEA_EUNSUPPORTED},      {"t", ELEA_EUNSUPPORTED},
        {"tdX", ELEA_EUNSUPPORTED},    {"d:9,2,33", ELEA_EUNSUPPORTED},
        {"+q", ELEA_EUNSUPPORTED},     {"+sx", ELEA_EUNSUPPORTED},
        {"tt", ELEA_EINVAL},           {"ttx", ELEA_EINVAL},
        {"ttmm", ELEA_EINVAL},         {"tD", ELEA_EINVAL},
        {"ts", ELEA_EINVAL},           {"tsu", ELEA_EINVAL},
        {"tsx:UTC", ELEA_EINVAL},      {"tsu:\xff", ELEA_EINVAL},
        {"w:", ELEA_EINVAL},           {"w:-1", ELEA_EINVAL},
        {"w:x", ELEA_EINVAL},          {"w:1 ", ELEA_EINVAL},
        {"w: 1", ELEA_EINVAL},         {"w:+1", ELEA_EINVAL},
        {"w:1,2", ELEA_EINVAL},        {"w:99999999999999999999", ELEA_EINVAL},
        {"w:2147483648", ELEA_EINVAL}, {"w:2147483647", ELEA_EINVAL},
        {"d:", ELEA_EINVAL},           {"d:5", ELEA_EINVAL},
        {"d:5,", ELEA_EINVAL},         {"d:,5", ELEA_EINVAL},
        {"d:39,1", ELEA_EINVAL},       {"d:0,0", ELEA_EINVAL},
        {"d:-5,1", ELEA_EINVAL},       {"d:5,1,128,1", ELEA_EINVAL},
        {"+ud:0", ELEA_EINVAL},        {"+us:-1", ELEA_EINVAL},
        {"+us:0,,1", ELEA_EINVAL},     {"+l", ELEA_EINVAL},
        {"+w:3", ELEA_EINVAL},         {"+m", ELEA_EINVAL},
        {"+r", ELEA_EINVAL},
    };
    elea_error err;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        elea__format_context context = {0};
        elea_type *type = NULL;
        char part[64];
        // The part of the message that is the same with and without escapes.
        snprintf(part, sizeof part, "format '%.*s", (int)strcspn(cases[i].format, "\xff"),
                 cases[i].format);
        assert_fails(cases[i].status, part,
                     elea__format_parse(cases[i].format, &context, &type, &err));
        assert_null(type);
    }
}

static void children_must_fit_the_format(void **state) {
    (void)state;
    elea_error err = {0};
    elea_field *field = type_cases_field("a", elea_type_of(ELEA_TYPE_INT8), true);
    const elea_field *const three[] = {field, field, field};
    elea__format_context context = {.children = three};
    elea_type *type = NULL;
    context.child_count = 1;
    assert_fails(ELEA_EINVAL, "1 children, expected 0",
                 elea__format_parse("l", &context, &type, &err));
    assert_fails(ELEA_EINVAL, "1 children, expected 0",
                 elea__format_parse("w:4", &context, &type, &err));
    assert_fails(ELEA_EINVAL, "expected a struct of key and value",
                 elea__format_parse("+m", &context, &type, &err));
    assert_fails(ELEA_EINVAL, "type code 128",
                 elea__format_parse("+us:128", &context, &type, &err));
    context.child_count = 2;
    assert_fails(ELEA_EINVAL, "2 children, expected 1",
                 elea__format_parse("+l", &context, &type, &err));
    assert_fails(ELEA_EINVAL, "code 3", elea__format_parse("+ud:3,3", &context, &type, &err));
    assert_fails(ELEA_ETYPE, "run ends", elea__format_parse("+r", &context, &type, &err));
    context.child_count = 3;
    assert_fails(ELEA_EINVAL, "2 type codes for 3 children",
                 elea__format_parse("+ud:1,2", &context, &type, &err));
    assert_null(type);
    elea_field_unref(field);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_have_the_format_of_the_specification),
        cmocka_unit_test(bad_formats_are_named),
        cmocka_unit_test(children_must_fit_the_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
//
// Types, fields and schemas from text: what is printed comes back, what people write is understood,
// and what is wrong is told with its place.
#include "support/cmocka_all.h"

#include "support/alloc_failures.h"
#include "support/random_data.h"
#include "support/type_cases.h"

static elea_type *parsed(const char *source) {
    elea_error err = {0};
    elea_type *type = NULL;
    assert_ok(elea_type_parse(NULL, elea_bytes_of(source), &type, &err));
    return type;
}

static void assert_type_returns(const elea_type *type) {
    elea_error err = {0};
    elea_text text, again;
    elea_type *back = NULL;
    elea_text_init(&text, NULL);
    elea_text_init(&again, NULL);
    assert_ok(elea_type_format(type, &text, &err));
    assert_ok(elea_type_parse(NULL, (elea_bytes){text.data, text.size}, &back, &err));
    assert_ok(elea_type_format(back, &again, &err));
    assert_string_equal(text.data, again.data);
    if (!elea_type_equal(type, back, false))
        fail_msg("%s comes back as another type", text.data);
    elea_type_unref(back);
    elea_text_release(&again);
    elea_text_release(&text);
}

static void every_type_returns(void **state) {
    (void)state;
    type_cases cases;
    type_cases_init(&cases);
    for (int64_t i = 0; i < cases.count; i++)
        assert_type_returns(cases.cases[i].type);
    type_cases_release(&cases);
}

static void random_types_return(void **state) {
    (void)state;
    elea_test_random random = {.state = 5, .with_dictionaries = true};
    for (int i = 0; i < 2000; i++) {
        elea_type *type = elea_test_random_type(&random, 1 + i % 6);
        assert_type_returns(type);
        elea_type_unref(type);
    }
}

static void assert_same(const char *source, const char *printed) {
    elea_error err = {0};
    elea_text text;
    elea_type *type = parsed(source);
    elea_text_init(&text, NULL);
    assert_ok(elea_type_format(type, &text, &err));
    assert_string_equal(text.data, printed);
    elea_text_release(&text);
    elea_type_unref(type);
}

static void people_write_freely(void **state) {
    (void)state;
    assert_same(" int64\n", "int64");
    assert_same("list<utf8>", "list<item: utf8>");
    assert_same("list < utf8 not  null >", "list<item: utf8 not null>");
    assert_same("list<utf8: utf8>", "list<utf8: utf8>");
    assert_same("list<\"item\":bool>", "list<item: bool>");
    assert_same("large_list_view<list_view<float16>>",
                "large_list_view<item: list_view<item: float16>>");
    assert_same("fixed_size_list<float32>[384]", "fixed_size_list<item: float32>[384]");
    assert_same("struct< >", "struct<>");
    assert_same("struct<a:int8,\"b\\u00e9\\n\":null not null>",
                "struct<a: int8, \"b\xC3\xA9\\n\": null not null>");
    assert_same("timestamp[ us , UTC ]", "timestamp[us, UTC]");
    assert_same("timestamp[s, \"a]b\"]", "timestamp[s, \"a]b\"]");
    assert_same("decimal128( 38,-2147483648 )", "decimal128(38, -2147483648)");
    assert_same("map<utf8, map<int8, bool not null>, keys sorted>",
                "map<utf8, map<int8, bool not null>, keys sorted>");
    assert_same("map<entries: struct<key: utf8 not null, value: int8> not null>",
                "map<utf8, int8>");
    assert_same("map<\"a b\": struct<k: int8 not null, v: utf8> not null, keys sorted>",
                "map<\"a b\": struct<k: int8 not null, v: utf8> not null, keys sorted>");
    assert_same("map<entries: struct<key: utf8 not null, value: int8>>",
                "map<entries: struct<key: utf8 not null, value: int8>>");
    assert_same("list<utf8 { \"k\" = \"v\" }>", "list<item: utf8>");
    assert_same("dictionary<\nvalues: list<int8>,\n indices: uint8 , ordered>",
                "dictionary<values: list<item: int8>, indices: uint8, ordered>");
    assert_same("sparse_union<>", "sparse_union<>");
    assert_same("dense_union<a: int8 not null=127,b: struct<c: utf8> = 0>",
                "dense_union<a: int8 not null=127, b: struct<c: utf8>=0>");
    assert_same("run_end_encoded<run_ends: int16 not null, values: utf8>",
                "run_end_encoded<run_ends: int16 not null, values: utf8>");
    assert_same("struct<\"\\ud83d\\ude00\\/\\b\\f\\r\\t\\\\\\\"\": int8>",
                "struct<\"\xF0\x9F\x98\x80/\\b\\f\\r\\t\\\\\\\"\": int8>");
}

static const struct {
    const char *text;
    elea_status status;
    const char *message;
} wrong_types[] = {
    {"", ELEA_EINVAL, "line 1, column 1: the text ends, expected a type"},
    {"int65", ELEA_EINVAL, "line 1, column 1: found 'int65', expected a type"},
    {"extension", ELEA_EINVAL, "column 1: found 'extension', expected a type"},
    {"Int64", ELEA_EINVAL, "expected a type"},
    {"int64 x", ELEA_EINVAL, "line 1, column 7: found 'x', expected the end"},
    {"int64 not null", ELEA_EINVAL, "column 7: found 'not', expected the end"},
    {"list", ELEA_EINVAL, "column 5: the text ends, expected '<' and the type of the items"},
    {"list<item: utf8", ELEA_EINVAL, "column 16: the text ends, expected '>'"},
    {"list<\n  item utf8>", ELEA_EINVAL, "line 2, column 3: found 'item', expected a type"},
    {"list<: utf8>", ELEA_EINVAL, "column 6: found ':', expected a name"},
    {"list<\"a\" utf8>", ELEA_EINVAL, "column 10: found 'utf8', expected ':' after a name"},
    {"list<utf8, utf8>", ELEA_EINVAL, "column 10: found ',', expected '>'"},
    {"list<utf8 not nul>", ELEA_EINVAL, "column 11: found 'not', expected '>'"},
    {"fixed_size_list<int8>", ELEA_EINVAL, "the text ends, expected '[' and a size"},
    {"fixed_size_list<int8>[-1]", ELEA_EINVAL, "column 23: found '-1', expected a size"},
    {"fixed_size_list<int8>[2147483648]", ELEA_EINVAL, "expected a size"},
    {"fixed_size_list<int8>[99999999999999999999999]", ELEA_EINVAL, "expected a size"},
    {"fixed_size_binary[2147483647]", ELEA_EINVAL, "column 1: a fixed_size_binary of"},
    {"struct<a: int8,>", ELEA_EINVAL, "column 16: found '>', expected a name"},
    {"struct<a: int8 b: int8>", ELEA_EINVAL, "column 16: found 'b', expected ',' or '>'"},
    {"struct<\"a: int8>", ELEA_EINVAL, "the text ends, expected a closing '\"'"},
    {"struct<\"a\nb\": int8>", ELEA_EINVAL, "expected a closing '\"'"},
    {"struct<\"\\x\": int8>", ELEA_EINVAL, "found 'x', expected an escape of JSON"},
    {"struct<\"\\u00g0\": int8>", ELEA_EINVAL, "found 'g0', expected four hexadecimal"},
    {"struct<\"\\ud800\": int8>", ELEA_EINVAL, "the second half of a surrogate pair"},
    {"struct<\"\\ud800\\u0041\": int8>", ELEA_EINVAL, "the second half of a surrogate"},
    {"struct<\"\\ude00\": int8>", ELEA_EINVAL, "the first half of a surrogate pair"},
    {"struct<\"a\\u0000\": int8>", ELEA_EINVAL, "column 19: the name of a field has a NUL"},
    {"timestamp", ELEA_EINVAL, "expected '[' and a time unit"},
    {"timestamp[m]", ELEA_EINVAL, "column 11: found 'm', expected one of s, ms, us, ns"},
    {"timestamp[us UTC]", ELEA_EINVAL, "column 14: found 'UTC', expected ']'"},
    {"timestamp[us, ]", ELEA_EINVAL, "column 15: found ']', expected a time zone"},
    {"timestamp[us, \"\"]", ELEA_EINVAL, "expected a time zone"},
    {"timestamp[us, \"a\\u0000b\"]", ELEA_EINVAL, "expected a time zone"},
    {"timestamp[us, UTC", ELEA_EINVAL, "the text ends, expected ']'"},
    {"timestamp[us, \"UTC", ELEA_EINVAL, "the text ends, expected a closing"},
    {"timestamp[us, ", ELEA_EINVAL, "the text ends, expected ']'"},
    {"time32[us]", ELEA_EINVAL, "column 1: a time32 in microseconds"},
    {"time64[s]", ELEA_EINVAL, "column 1: a time64 in seconds"},
    {"decimal128(39, 0)", ELEA_EINVAL, "column 1: a decimal128 with precision 39"},
    {"decimal128(38)", ELEA_EINVAL, "column 14: found ')', expected ',' and a scale"},
    {"decimal128(38, -2147483649)", ELEA_EINVAL, "expected a scale"},
    {"decimal128(, 0)", ELEA_EINVAL, "expected a precision"},
    {"dense_union<a: int8>", ELEA_EINVAL, "column 20: found '>', expected '=' and a type"},
    {"dense_union<a: int8=128>", ELEA_EINVAL, "found '128', expected a type code from 0"},
    {"dense_union<a: int8=1, b: int8=1>", ELEA_EINVAL, "column 1: code 1 stands for two"},
    {"map<utf8 not null, utf8>", ELEA_EINVAL, "column 10: found 'not', expected ',' and"},
    {"map<e: int8>", ELEA_EINVAL, "column 1: the entries \"e\" of a map are int8 with 0"},
    {"map<e: struct<a: int8, b: int8> not null>", ELEA_EINVAL, "the key \"a\" of a map is nulla"},
    {"map<e: struct<a: int8 not null, b: int8>, utf8>", ELEA_EINVAL, "expected 'keys sorted'"},
    {"list<utf8 {}>", ELEA_EINVAL, "column 12: found '}', expected a key in quotes"},
    {"list<utf8 {k = \"v\"}>", ELEA_EINVAL, "column 12: found 'k', expected a key in quotes"},
    {"list<utf8 {\"k\" \"v\"}>", ELEA_EINVAL, "expected '=' behind a key"},
    {"list<utf8 {\"k\" = v}>", ELEA_EINVAL, "found 'v', expected a value in quotes"},
    {"list<utf8 {\"k\" = \"v\"... (90 bytes)}>", ELEA_EINVAL, "it was shortened when"},
    {"list<utf8 {\"k\" = \"v\" \"l\" = \"v\"}>", ELEA_EINVAL, "expected ',' or '}'"},
    {"list<utf8 {\"k\" = \"v\"", ELEA_EINVAL, "the text ends, expected ',' or '}'"},
    {"utf8 {\"k\" = \"v\"}", ELEA_EINVAL, "column 6: found '{', expected the end"},
    {"map<utf8 {\"k\" = \"v\"}, utf8>", ELEA_EINVAL, "found '{', expected ','"},
    {"map<utf8>", ELEA_EINVAL, "column 9: found '>', expected ',' and the type"},
    {"map<utf8, utf8, keys>", ELEA_EINVAL, "column 17: found 'keys', expected 'keys sorted'"},
    {"dictionary<utf8, int8>", ELEA_EINVAL, "found 'utf8', expected 'values:' and a type"},
    {"dictionary<values: utf8, indices: utf8>", ELEA_ETYPE, "column 1: type utf8, expected an"},
    {"dictionary<values: utf8, indices: int8, x>", ELEA_EINVAL, "'x', expected 'ordered'"},
    {"run_end_encoded<a: int8 not null, b: utf8>", ELEA_ETYPE, "column 1: type int8, expected"},
    {"run_end_encoded<a: int16, b: utf8>", ELEA_EINVAL, "the run ends \"a\" are nullable"},
    {"struct<a: list<b: time32[ns]>>", ELEA_EINVAL, "column 19: a time32 in nanoseconds"},
    {"int8\xFF", ELEA_EINVAL, "the text is not UTF-8 at byte 4"},
};

static void wrong_types_are_placed(void **state) {
    (void)state;
    elea_error err = {0};
    elea_type *type = NULL;
    for (size_t i = 0; i < sizeof wrong_types / sizeof wrong_types[0]; i++) {
        assert_fails(wrong_types[i].status, wrong_types[i].message,
                     elea_type_parse(NULL, elea_bytes_of(wrong_types[i].text), &type, &err));
        assert_null(type);
        assert_int_equal(wrong_types[i].status,
                         elea_type_parse(NULL, elea_bytes_of(wrong_types[i].text), &type, NULL));
    }
}

static void unions_have_128_types(void **state) {
    (void)state;
    elea_error err = {0};
    elea_type *type = NULL;
    for (int count = 128; count <= 129; count++) {
        elea_text text;
        elea_text_init(&text, NULL);
        assert_ok(elea_text_append_format(&text, &err, "sparse_union<"));
        for (int i = 0; i < count; i++)
            assert_ok(
                elea_text_append_format(&text, &err, "%sc%d: int8=%d", i ? ", " : "", i, i % 128));
        assert_ok(elea_text_append_format(&text, &err, ">"));
        elea_bytes source = {text.data, text.size};
        if (count == 128)
            assert_ok(elea_type_parse(NULL, source, &type, &err));
        else
            assert_fails(ELEA_EINVAL, "found 'c128', expected no more than 128 types",
                         elea_type_parse(NULL, source, &type, &err));
        elea_text_release(&text);
    }
    assert_int_equal(elea_type_child_count(type), 128);
    elea_type_unref(type);
}

static elea_status parse_nested(const char *open, const char *leaf, const char *close, int depth,
                                elea_type **out, elea_error *error) {
    elea_error err = {0};
    elea_text text;
    elea_text_init(&text, NULL);
    for (int i = 0; i < depth; i++)
        assert_ok(elea_text_append(&text, elea_bytes_of(open), &err));
    assert_ok(elea_text_append(&text, elea_bytes_of(leaf), &err));
    for (int i = 0; i < depth; i++)
        assert_ok(elea_text_append(&text, elea_bytes_of(close), &err));
    elea_status status = elea_type_parse(NULL, (elea_bytes){text.data, text.size}, out, error);
    elea_text_release(&text);
    return status;
}

static void depth_has_a_limit(void **state) {
    (void)state;
    elea_error err = {0};
    elea_type *type = NULL;
    static const char *const leaves[] = {"int8", "decimal32(5, 1)"};
    for (int i = 0; i < 2; i++) {
        assert_ok(parse_nested("list<", leaves[i], ">", 63, &type, &err));
        assert_type_returns(type);
        elea_type_unref(type);
        assert_fails(ELEA_ECAPACITY, "64", parse_nested("list<", leaves[i], ">", 64, &type, &err));
    }
    assert_fails(ELEA_ECAPACITY, "column 321: types nested more than 64 deep",
                 parse_nested("list<", "int8", ">", 1000000, &type, &err));
    assert_fails(ELEA_ECAPACITY, "64", parse_nested("map<int8, ", "int8", ">", 32, &type, &err));
    assert_ok(parse_nested("map<int8, ", "int8", ">", 31, &type, &err));
    elea_type_unref(type);
}

// ---- names

static void assert_field_returns(const elea_field *field) {
    elea_error err = {0};
    elea_text text;
    elea_field *back = NULL;
    elea_text_init(&text, NULL);
    assert_ok(elea_field_format(field, &text, &err));
    assert_ok(elea_field_parse(NULL, (elea_bytes){text.data, text.size}, &back, &err));
    if (!elea_field_equal(field, back, false))
        fail_msg("%s comes back as another field", text.data);
    elea_field_unref(back);
    elea_text_release(&text);
}

// As a field's name, a name inside of a type, and a time zone.
static void assert_name_returns(const char *name) {
    elea_error err = {0};
    elea_type *type = NULL;
    assert_ok(elea_type_new_timestamp(NULL, ELEA_TIME_MILLI, name, &type, &err));
    elea_field *field = type_cases_field(name, type, false);
    assert_field_returns(field);
    const elea_field *const fields[] = {field, field};
    const int8_t codes[] = {3, 0};
    elea_type *nested = NULL;
    assert_ok(elea_type_new_struct(NULL, fields, 2, &nested, &err));
    assert_type_returns(nested);
    elea_type_unref(nested);
    assert_ok(elea_type_new_union(NULL, ELEA_TYPE_DENSE_UNION, fields, codes, 2, &nested, &err));
    assert_type_returns(nested);
    elea_type_unref(nested);
    assert_ok(elea_type_new_list(NULL, ELEA_TYPE_LIST, field, &nested, &err));
    assert_type_returns(nested);
    elea_type_unref(nested);
    elea_field_unref(field);
    elea_type_unref(type);
}

static void every_name_returns(void **state) {
    (void)state;
    static const char *const names[] = {"",         "not",          "null",     "not null",
                                        "metadata", "int64",        "list",     "a: b",
                                        "\"",       "\\",           "a\\nb",    "\\u0041",
                                        "=",        "Europe/Paris", "+05:30",   "-00:00",
                                        "]",        "a]",           "\xC3\xA9", "\xF0\x9F\x98\x80",
                                        "\xC2\xA0", "x ",           " x",       "keys sorted",
                                        "ordered",  "\xEF\xBF\xBD", "values",   "items[0]<3>"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_name_returns(names[i]);
    for (int byte = 1; byte < 128; byte++) {
        char name[4] = {(char)byte, '\0'};
        assert_name_returns(name);
        memcpy(name, (char[]){'a', (char)byte, 'b', '\0'}, sizeof name);
        assert_name_returns(name);
    }
}

static void fields_parse_whole(void **state) {
    (void)state;
    elea_error err = {0};
    elea_field *field = NULL;
    assert_ok(elea_field_parse(NULL, elea_bytes_of("\n id :\n int64 not null "), &field, &err));
    assert_string_equal(elea_field_name(field), "id");
    assert_false(elea_field_nullable(field));
    elea_field_unref(field);
    field = NULL;
    assert_fails(ELEA_EINVAL, "column 6: the text ends, expected ':' after a name",
                 elea_field_parse(NULL, elea_bytes_of("int64"), &field, &err));
    assert_fails(ELEA_EINVAL, "column 9: found ',', expected the end",
                 elea_field_parse(NULL, elea_bytes_of("a: int64, b: int8"), &field, &err));
    assert_fails(ELEA_EINVAL, "column 1: the text ends, expected a name",
                 elea_field_parse(NULL, (elea_bytes){NULL, 0}, &field, &err));
    assert_null(field);
}

// ---- schemas

static elea_schema *schema_of(const char *source) {
    elea_error err = {0};
    elea_schema *schema = NULL;
    assert_ok(elea_schema_parse(NULL, elea_bytes_of(source), &schema, &err));
    return schema;
}

static void assert_schema_text(const char *source, const char *lines, const char *line) {
    elea_error err = {0};
    elea_schema *schema = schema_of(source);
    elea_text text;
    elea_text_init(&text, NULL);
    assert_ok(elea_schema_format(schema, &text, &err));
    assert_string_equal(text.size ? text.data : "", lines);
    elea_schema *back = schema_of(text.size ? text.data : "");
    assert_true(elea_schema_equal(schema, back, true));
    elea_schema_unref(back);
    elea_text_reset(&text);
    assert_ok(elea_schema_format_line(schema, &text, &err));
    assert_string_equal(text.size ? text.data : "", line);
    back = schema_of(text.size ? text.data : "");
    assert_true(elea_schema_equal(schema, back, false));
    elea_schema_unref(back);
    elea_text_release(&text);
    elea_schema_unref(schema);
}

static void schemas_return(void **state) {
    (void)state;
    assert_schema_text("", "", "");
    assert_schema_text(" \n\r\n ", "", "");
    assert_schema_text("id: int64 not null, tags: list<utf8>",
                       "id: int64 not null\ntags: list<item: utf8>\n",
                       "id: int64 not null, tags: list<item: utf8>");
    assert_schema_text("\n\n a: int8,\n\n b:int8\r\n\n c: struct<\n x: int8,\n y: int8 >\n",
                       "a: int8\nb: int8\nc: struct<x: int8, y: int8>\n",
                       "a: int8, b: int8, c: struct<x: int8, y: int8>");
    assert_schema_text("metadata: int8\nmetadata: int8\n", "metadata: int8\nmetadata: int8\n",
                       "metadata: int8, metadata: int8");
    assert_schema_text("metadata:\n", "", "");
    assert_schema_text("metadata:\n\"k\"=\"v\"\n\"k\"=\"\"",
                       "metadata:\n    \"k\" = \"v\"\n"
                       "    \"k\" = \"\"\n",
                       "");
    assert_schema_text("a: int8\n  \"x\" = \"1\\n\"\n  \"y\" = \"2\\u0000\"\n\"b\": int8\n"
                       "c: int8\n  \"\" = \"\xC3\xA9\"\nmetadata:\n  \"z\" = \"3\"\n",
                       "a: int8\n    \"x\" = \"1\\n\"\n    \"y\" = \"2\\u0000\"\nb: int8\n"
                       "c: int8\n    \"\" = \"\xC3\xA9\"\nmetadata:\n    \"z\" = \"3\"\n",
                       "a: int8, b: int8, c: int8");
    // Metadata inside a type; that of a field itself may be written in either way.
    assert_schema_text(
        "a: list<b: utf8 not null {\"x\" = \"1\", \"y\"=\"\"}>{\"z\"\t=\"3\"}",
        "a: list<b: utf8 not null {\"x\" = \"1\", \"y\" = \"\"}>\n    \"z\" = \"3\"\n",
        "a: list<b: utf8 not null>");
    assert_schema_text(
        "m: map<entries: struct<key: utf8 not null {\"k\" = \"\"}, value: int8> not null>\n",
        "m: map<entries: struct<key: utf8 not null {\"k\" = \"\"}, value: int8> not null>\n",
        "m: map<utf8, int8>");
    assert_schema_text("u: dense_union<a: int8 {\"x\" = \"1\"}=5, b: int8=0>",
                       "u: dense_union<a: int8 {\"x\" = \"1\"}=5, b: int8=0>\n",
                       "u: dense_union<a: int8=5, b: int8=0>");
}

static void wrong_schemas_are_placed(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {"a: int8 b: int8", "line 1, column 9: found 'b', expected ',' or a new line"},
        {"a: int8,", "column 9: the text ends, expected a field"},
        {"a: int8,,b: int8", "column 9: found ',', expected a name"},
        {",a: int8", "column 1: found ',', expected a name"},
        {"a:\nint8", "line 1, column 3: the line ends, expected a type"},
        {"a\n: int8", "line 1, column 2: the line ends, expected ':' after a name"},
        {"a: int8\nb: list<\nx>", "line 3, column 1: found 'x', expected a type"},
        {"\"k\" = \"v\"", "column 5: found '=', expected ':' after a name"},
        {"a: int8\nk = \"v\"", "line 2, column 3: found '=', expected ':' after a name"},
        {"a: int8\n\"k\" = v", "line 2, column 7: found 'v', expected a value in quotes"},
        {"a: int8\n\"k\" = \"v\"... (100 bytes)",
         "column 10: found '...', expected the whole value"},
        {"a: int8\n\"k\" = \"v\" x", "line 2, column 11: found 'x', expected ',' or a new line"},
        {"metadata:\na: int8", "line 2, column 1: found 'a', expected \"key\" = \"value\""},
        {"metadata:\n\"a\": int8", "line 2, column 1: found '\"', expected \"key\" = \"value\""},
        {"a: int8 {\"k\" = \"v\"} {", "column 21: found '{', expected ',' or a new line"},
        {"a: int8 {\"k\" = \"v\"}\n \"l\" = \"w\"", "\"a\" has metadata in braces and behind"},
        {"\"metadata\":\n", "column 12: the line ends, expected a type"},
        {"a: int8\nmetadata: x", "line 2, column 11: found 'x', expected a type"},
    };
    elea_error err = {0};
    elea_schema *schema = NULL;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_fails(ELEA_EINVAL, cases[i].message,
                     elea_schema_parse(NULL, elea_bytes_of(cases[i].text), &schema, &err));
    assert_null(schema);
}

static void shortened_metadata_is_refused(void **state) {
    (void)state;
    elea_error err = {0};
    char value[73];
    elea_metadata *metadata = NULL;
    elea_schema *schema = NULL, *back = NULL;
    memset(value, 'v', sizeof value);
    for (int64_t size = 72; size <= 73; size++) {
        elea_text text;
        elea_text_init(&text, NULL);
        elea_bytes key = elea_bytes_of("k");
        assert_ok(elea_metadata_new(NULL, &key, &(elea_bytes){value, size}, 1, &metadata, &err));
        assert_ok(elea_schema_new(NULL, NULL, 0, metadata, &schema, &err));
        assert_ok(elea_schema_format(schema, &text, &err));
        elea_bytes source = {text.data, text.size};
        if (size == 72) {
            assert_ok(elea_schema_parse(NULL, source, &back, &err));
            assert_true(elea_schema_equal(schema, back, true));
            elea_schema_unref(back);
        } else {
            assert_fails(ELEA_EINVAL, "line 2, column 85: found '...', expected the whole value",
                         elea_schema_parse(NULL, source, &back, &err));
        }
        elea_text_release(&text);
        elea_schema_unref(schema);
        elea_metadata_unref(metadata);
    }
}

// ---- memory

static elea_status parse_body(elea_pool *pool, void *context, elea_error *err) {
    elea_schema *schema = NULL;
    ELEA_TRY(elea_schema_parse(pool, elea_bytes_of(context), &schema, err));
    elea_schema_unref(schema);
    return ELEA_OK;
}

static elea_status type_and_field_body(elea_pool *pool, void *context, elea_error *err) {
    elea_type *type = NULL;
    elea_field *field = NULL;
    ELEA_TRY(elea_type_parse(pool, elea_bytes_of(context), &type, err));
    elea_type_unref(type);
    ELEA_TRY(elea_field_parse(pool, elea_bytes_of("a: decimal32(3, 1)"), &field, err));
    elea_field_unref(field);
    return ELEA_OK;
}

static void memory_may_run_out(void **state) {
    (void)state;
    char text[] =
        "a: int8\n \"x\" = \"1\"\n\"b c\": dictionary<values: utf8, indices: int8>\n"
        "c2: struct<a: int8 not null {\"x\" = \"1\", \"y\" = \"\"}, b: map<e: struct<k: utf8 not "
        "null, v: int8 {\"z\" = \"2\"}> not null>>\n"
        "c: map<utf8, dense_union<a: timestamp[us, UTC]=1, b: decimal32(9, 2)=0>>\n"
        "d: run_end_encoded<r: int16 not null, v: fixed_size_list<float16>[4]>\n"
        "e: int8, f: int8, g: int8, h: int8, i: int8, j: int8\n"
        "metadata:\n \"1\" = \"1\"\n \"2\" = \"1\"\n \"3\" = \"1\"\n \"4\" = \"1\"\n"
        " \"5\" = \"1\"\n \"6\" = \"1\"\n \"7\" = \"1\"\n \"8\" = \"1\"\n \"9\" = \"1\"\n";
    char type[] = "struct<a: fixed_size_binary[3], b: list<struct<>>>";
    assert_true(elea_test_fail_each_allocation(parse_body, text) > 20);
    elea_test_fail_each_allocation(type_and_field_body, type);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_returns),
        cmocka_unit_test(random_types_return),
        cmocka_unit_test(people_write_freely),
        cmocka_unit_test(wrong_types_are_placed),
        cmocka_unit_test(unions_have_128_types),
        cmocka_unit_test(depth_has_a_limit),
        cmocka_unit_test(every_name_returns),
        cmocka_unit_test(fields_parse_whole),
        cmocka_unit_test(schemas_return),
        cmocka_unit_test(wrong_schemas_are_placed),
        cmocka_unit_test(shortened_metadata_is_refused),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

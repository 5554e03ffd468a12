// SPDX-License-Identifier: Apache-2.0
//
// Schemas as YAML and back.
#include "support/cmocka_all.h"

#include <elea/columnar.h>

#include "support/alloc_failures.h"
#include "support/random_data.h"

#if ELEA_WITH_YAML

static elea_bytes bytes_of(const elea_text *text) { return (elea_bytes){text->data, text->size}; }

static elea_schema *parse(const char *text) {
    elea_error err = {0};
    elea_schema *schema = NULL;
    assert_ok(elea_schema_parse_yaml(NULL, elea_bytes_of(text), &schema, &err));
    return schema;
}

static elea_schema *plain(const char *text) {
    elea_error err = {0};
    elea_schema *schema = NULL;
    assert_ok(elea_schema_parse(NULL, elea_bytes_of(text), &schema, &err));
    return schema;
}

static void assert_round(const elea_schema *schema) {
    elea_error err = {0};
    elea_schema *back = NULL;
    elea_text text;
    elea_text_init(&text, NULL);
    assert_ok(elea_schema_format_yaml(schema, &text, &err));
    assert_ok(elea_schema_parse_yaml(NULL, bytes_of(&text), &back, &err));
    assert_true(elea_schema_equal(schema, back, true));
    elea_schema_unref(back);
    elea_text_release(&text);
}

static void written(void **state) {
    (void)state;
    elea_error err = {0};
    elea_text text;
    elea_text_init(&text, NULL);
    elea_schema *schema =
        plain("id: int64 not null, tags: list<utf8>, \"no\": null\n  \"k 1\" = \"\\u00e9: x\"\n"
              "\"first name\": timestamp[us, UTC], \"\": int8\nmetadata:\n \"a\" = \"1\"");
    assert_ok(elea_schema_format_yaml(schema, &text, &err));
    assert_string_equal(text.data, "fields:\n"
                                   "- name: id\n"
                                   "  type: int64\n"
                                   "  nullable: false\n"
                                   "- name: tags\n"
                                   "  type: 'list<item: utf8>'\n"
                                   "- name: \"no\"\n"
                                   "  type: \"null\"\n"
                                   "  metadata:\n"
                                   "    k 1: \"\xC3\xA9: x\"\n"
                                   "- name: first name\n"
                                   "  type: timestamp[us, UTC]\n"
                                   "- name: \"\"\n"
                                   "  type: int8\n"
                                   "metadata:\n"
                                   "  a: \"1\"\n");
    assert_round(schema);
    elea_schema_unref(schema);
    elea_schema *empty = plain("");
    assert_round(empty);
    elea_schema_unref(empty);
    elea_text_release(&text);
}

static void as_people_write(void **state) {
    (void)state;
    elea_schema *schema = parse("# a comment\n"
                                "metadata: {origin: here}\n"
                                "fields:\n"
                                "  - {type: 'list<utf8>', name: tags}\n"
                                "  - name: null\n"
                                "    type: null\n"
                                "    nullable: false\n"
                                "    metadata:\n"
                                "      - {k: a}\n"
                                "      - k: b\n"
                                "        m: \"two\\nlines\"\n");
    elea_schema *expected = plain("tags: list<utf8>\n\"null\": null not null\n"
                                  "\"k\" = \"a\"\n\"k\" = \"b\"\n\"m\" = \"two\\nlines\"\n"
                                  "metadata:\n\"origin\" = \"here\"");
    assert_true(elea_schema_equal(schema, expected, true));
    assert_int_equal(elea_metadata_count(elea_field_metadata(elea_schema_field(schema, 1))), 3);
    assert_round(schema);
    elea_schema_unref(expected);
    elea_schema_unref(schema);
}

static void any_schema(void **state) {
    (void)state;
    elea_test_random random = {.state = 5, .with_dictionaries = true};
    for (int i = 0; i < 100; i++) {
        elea_record_batch *batch = elea_test_random_batch(&random, 1 + i % 7, 0, 3);
        assert_round(elea_record_batch_schema(batch));
        elea_record_batch_unref(batch);
    }
}

static void names_of_any_kind(void **state) {
    (void)state;
    static const char *const names[] = {"~",
                                        "- a",
                                        "a: b",
                                        "a #b",
                                        "#",
                                        " x ",
                                        "x\n",
                                        "\t",
                                        "*a",
                                        "&a",
                                        "!a",
                                        "'",
                                        "\"",
                                        "True",
                                        "NO",
                                        "0x10",
                                        "1e3",
                                        "...",
                                        "---",
                                        "?",
                                        "%",
                                        "\x01",
                                        "\x7F",
                                        "|",
                                        ">",
                                        "[",
                                        "{",
                                        "\xC2\x85",
                                        "@",
                                        "`",
                                        "x:",
                                        "a\nb",
                                        "a\n\nb",
                                        "=",
                                        "<<",
                                        "a\r\nb",
                                        "a  b",
                                        "\xEF\xBB\xBFz",
                                        "y",
                                        "\xF0\x9F\x8F\xB9",
                                        "\xE2\x80\xA8",
                                        "\xEF\xBF\xBE"};
    elea_error err = {0};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        elea_field *field = NULL;
        elea_schema *schema = NULL;
        elea_metadata *metadata = NULL;
        elea_bytes name = elea_bytes_of(names[i]);
        assert_ok(elea_metadata_new(NULL, &name, &name, 1, &metadata, &err));
        assert_ok(
            elea_field_new(NULL, name, elea_type_of(ELEA_TYPE_INT8), true, metadata, &field, &err));
        assert_ok(
            elea_schema_new(NULL, (const elea_field *const *)&field, 1, metadata, &schema, &err));
        assert_round(schema);
        elea_schema_unref(schema);
        elea_field_unref(field);
        elea_metadata_unref(metadata);
    }
}

static void refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {"", "the end, expected a schema"},
        {"[]", "a list, expected a map of fields and metadata"},
        {"x: 1", "line 1, column 1: a value \"x\", expected fields or metadata"},
        {"metadata: {}", "expected fields"},
        {"fields: {}", "a map, expected a list of fields"},
        {"fields:\n- a", "line 2, column 3: a value \"a\", expected a field"},
        {"fields:\n- name: a", "expected a name and a type in each field"},
        {"fields:\n- type: int8", "expected a name and a type in each field"},
        {"fields:\n- name: a\n  name: b", "expected a name only once"},
        {"fields:\n- type: int8\n  type: int8", "expected a type only once"},
        {"fields:\n- name: [a]", "a list, expected a name"},
        {"fields:\n- name: a\n  type: intt", "the type in line 3: "},
        {"fields:\n- nullable: maybe", "\"maybe\", expected true or false"},
        {"fields:\n- nulable: true", "\"nulable\", expected name, type, nullable or metadata"},
        {"fields:\n- metadata: a", "expected a map of metadata"},
        {"fields:\n- metadata: [a]", "expected a map of metadata"},
        {"fields:\n- metadata: {a: {}}", "a map, expected a value of metadata"},
        {"fields:\n- metadata: {[a]: b}", "a list, expected a key of metadata"},
        {"fields: []\nfields: []", "expected fields only once"},
        {"fields: []\nmetadata: {a: b}\nmetadata: {a: b}", "expected metadata only once"},
        {"fields: []\n---\nfields: []", "a document, expected one document"},
        {"fields:\n- name: &n a\n  type: int8\n- name: *n\n  type: int8",
         "an alias, expected a name"},
        {"fields: &f []\nmetadata: *f", "an alias, expected a map of metadata"},
        {"fields: [", "line 2, column 1"},
        {"fields: \xFF", "byte 8"},
        {"fields: \"\x01\"", "byte 9"},
        {"\xFE\xFF", "byte 0"},
        {"fields:\n- {name: \"a\\0b\", type: int8}", "NUL"},
    };
    elea_error err = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        elea_schema *schema = NULL;
        assert_fails(ELEA_EINVAL, cases[i].message,
                     elea_schema_parse_yaml(NULL, elea_bytes_of(cases[i].text), &schema, &err));
        assert_null(schema);
    }
}

// What is deep or would unfold is refused at its beginning, whatever its size.
static void deep(void **state) {
    (void)state;
    static char text[1 << 20];
    elea_error err = {0};
    elea_schema *schema = NULL;
    memset(text, '[', sizeof text);
    assert_fails(ELEA_EINVAL, "a list",
                 elea_schema_parse_yaml(NULL, (elea_bytes){text, sizeof text}, &schema, &err));
    memcpy(text, "fields: ", 8);
    assert_fails(ELEA_EINVAL, "expected a field",
                 elea_schema_parse_yaml(NULL, (elea_bytes){text, sizeof text}, &schema, &err));
    elea_text nested;
    elea_text_init(&nested, NULL);
    assert_ok(elea_text_append(&nested, elea_bytes_of("fields: [{name: a, type: '"), &err));
    for (int i = 0; i < 65; i++)
        assert_ok(elea_text_append(&nested, elea_bytes_of("list<"), &err));
    assert_ok(elea_text_append(&nested, elea_bytes_of("'}]"), &err));
    assert_fails(ELEA_ECAPACITY, "deep",
                 elea_schema_parse_yaml(NULL, bytes_of(&nested), &schema, &err));
    elea_text_release(&nested);
}

static void bytes_have_no_form(void **state) {
    (void)state;
    elea_error err = {0};
    elea_metadata *metadata = NULL;
    elea_schema *schema = NULL;
    elea_text text;
    elea_bytes key = elea_bytes_of("k");
    elea_bytes value = elea_bytes_of("a\xFF");
    elea_text_init(&text, NULL);
    assert_ok(elea_metadata_new(NULL, &key, &value, 1, &metadata, &err));
    assert_ok(elea_schema_new(NULL, NULL, 0, metadata, &schema, &err));
    assert_fails(ELEA_EINVAL, "not UTF-8 at byte 1", elea_schema_format_yaml(schema, &text, &err));
    elea_text_release(&text);
    elea_schema_unref(schema);
    elea_metadata_unref(metadata);
}

static elea_status there_and_back(elea_pool *pool, void *context, elea_error *err) {
    elea_schema *schema = NULL;
    elea_text text;
    (void)context;
    ELEA_TRY(elea_schema_parse_yaml(
        pool,
        elea_bytes_of("fields:\n- {name: a, type: 'struct<x: list<int8>>', metadata: {k: v}}\n"
                      "- {name: b, type: int8}\nmetadata: [{k: v}, {k: w}]"),
        &schema, err));
    elea_text_init(&text, pool);
    elea_status status = elea_schema_format_yaml(schema, &text, err);
    elea_text_release(&text);
    elea_schema_unref(schema);
    return status;
}

static void memory_runs_out(void **state) {
    (void)state;
    elea_test_fail_each_allocation(there_and_back, NULL);
}

#else

static void is_unsupported(void **state) {
    (void)state;
    elea_error err = {0};
    elea_schema *schema = NULL;
    elea_text text;
    elea_text_init(&text, NULL);
    assert_fails(ELEA_EUNSUPPORTED, "ELEA_WITH_YAML",
                 elea_schema_parse_yaml(NULL, elea_bytes_of("fields: []"), &schema, &err));
    assert_ok(elea_schema_new(NULL, NULL, 0, NULL, &schema, &err));
    assert_fails(ELEA_EUNSUPPORTED, "ELEA_WITH_YAML", elea_schema_format_yaml(schema, &text, &err));
    elea_schema_unref(schema);
    elea_text_release(&text);
}

#endif

int main(void) {
    const struct CMUnitTest tests[] = {
#if ELEA_WITH_YAML
        cmocka_unit_test(written),
        cmocka_unit_test(as_people_write),
        cmocka_unit_test(any_schema),
        cmocka_unit_test(names_of_any_kind),
        cmocka_unit_test(refused),
        cmocka_unit_test(deep),
        cmocka_unit_test(bytes_have_no_form),
        cmocka_unit_test(memory_runs_out),
#else
        cmocka_unit_test(is_unsupported),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

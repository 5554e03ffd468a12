// SPDX-License-Identifier: Apache-2.0
//
// Schemas in the JSON of integration tests: what is written is read back, with the names and
// metadata of all children; what is no schema is told.
#include <elea/ipc.h>

#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/random_data.h"
#include "support/type_cases.h"

static elea_schema *schema_of(const char *text) {
    elea_error err = {0};
    elea_schema *schema = NULL;
    assert_ok(elea_schema_parse(NULL, elea_bytes_of(text), &schema, &err));
    return schema;
}

static void writes_what_the_format_says(void **state) {
    (void)state;
    elea_error err = {0};
    elea_text text;
    elea_schema *schema = schema_of(
        "id: int64 not null\n  \"unit\" = \"m\\n\"\n"
        "at: timestamp[us, UTC]\n"
        "m: map<utf8, int8 not null>\n"
        "k: dictionary<values: list<dictionary<values: utf8, indices: uint8>>, indices: int16>\n"
        "metadata:\n  \"a\" = \"b\"\n  \"a\" = \"\"\n");
    elea_text_init(&text, NULL);
    assert_ok(elea_schema_format_json(schema, &text, &err));
    assert_string_equal(
        text.data,
        "{\"fields\": [\n"
        "  {\"name\": \"id\", \"type\": {\"name\": \"int\", \"bitWidth\": 64, \"isSigned\": true}, "
        "\"nullable\": false, \"children\": [], \"metadata\": [{\"key\": \"unit\", \"value\": "
        "\"m\\n\"}]},\n"
        "  {\"name\": \"at\", \"type\": {\"name\": \"timestamp\", \"unit\": \"MICROSECOND\", "
        "\"timezone\": \"UTC\"}, \"nullable\": true, \"children\": []},\n"
        "  {\"name\": \"m\", \"type\": {\"name\": \"map\", \"keysSorted\": false}, \"nullable\": "
        "true, \"children\": [{\"name\": \"entries\", \"type\": {\"name\": \"struct\"}, "
        "\"nullable\": false, \"children\": [{\"name\": \"key\", \"type\": {\"name\": \"utf8\"}, "
        "\"nullable\": false, \"children\": []}, {\"name\": \"value\", \"type\": {\"name\": "
        "\"int\", \"bitWidth\": 8, \"isSigned\": true}, \"nullable\": false, \"children\": "
        "[]}]}]},\n"
        "  {\"name\": \"k\", \"type\": {\"name\": \"list\"}, \"nullable\": true, \"children\": "
        "[{\"name\": \"item\", \"type\": {\"name\": \"utf8\"}, \"nullable\": true, \"children\": "
        "[], \"dictionary\": {\"id\": 0, \"indexType\": {\"name\": \"int\", \"bitWidth\": 8, "
        "\"isSigned\": false}, \"isOrdered\": false}}], \"dictionary\": {\"id\": 1, "
        "\"indexType\": {\"name\": \"int\", \"bitWidth\": 16, \"isSigned\": true}, "
        "\"isOrdered\": false}}], "
        "\"metadata\": [{\"key\": \"a\", \"value\": \"b\"}, {\"key\": \"a\", \"value\": \"\"}]}");
    elea_text_release(&text);
    elea_schema_unref(schema);
}

static void says_what_it_cannot_tell(void **state) {
    (void)state;
    elea_error err = {0};
    elea_text text;
    elea_metadata *metadata = NULL;
    elea_schema *schema = schema_of("a: struct<b: dictionary<values: dictionary<values: utf8, "
                                    "indices: int8>, indices: int8>>");
    elea_bytes bytes = {"a\xFF", 2};
    elea_text_init(&text, NULL);
    assert_fails(ELEA_EUNSUPPORTED, "field \"a\": field \"b\": the format has no values of dictio",
                 elea_schema_format_json(schema, &text, &err));
    elea_schema_unref(schema);
    assert_ok(elea_metadata_new(NULL, &bytes, &bytes, 1, &metadata, &err));
    assert_ok(elea_schema_new(NULL, NULL, 0, metadata, &schema, &err));
    assert_fails(ELEA_EINVAL, "byte 1 of", elea_schema_format_json(schema, &text, &err));
    elea_metadata_unref(metadata);
    elea_schema_unref(schema);
    elea_text_release(&text);
}

#if ELEA_WITH_JANSSON

static void assert_returns(const elea_schema *schema) {
    elea_error err = {0};
    elea_schema *back = NULL;
    elea_text text;
    elea_text_init(&text, NULL);
    assert_ok(elea_schema_format_json(schema, &text, &err));
    assert_ok(elea_schema_parse_json(NULL, (elea_bytes){text.data, text.size}, &back, &err));
    assert_true(elea_schema_equal(schema, back, true));
    elea_schema_unref(back);
    elea_text_release(&text);
}

static void every_type_returns(void **state) {
    (void)state;
    elea_error err = {0};
    elea_schema *schema = NULL;
    type_cases cases;
    type_cases_init(&cases);
    for (int64_t i = 0; i < cases.count; i++) {
        elea_field *field = type_cases_field(i % 2 ? "" : "a \"b\"", cases.cases[i].type, i % 3);
        assert_ok(elea_schema_new(NULL, (const elea_field *const *)&field, 1, NULL, &schema, &err));
        assert_returns(schema);
        elea_schema_unref(schema);
        elea_field_unref(field);
    }
    type_cases_release(&cases);
}

static void random_schemas_return(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_random random = {.state = 3, .with_dictionaries = true, .with_metadata = true};
    for (int round = 0; round < 300; round++) {
        elea_schema *schema = NULL;
        elea_field *fields[3];
        for (int i = 0; i < 3; i++)
            fields[i] = elea_test_random_field(&random, "x", 1 + round % 5);
        assert_ok(elea_schema_new(NULL, (const elea_field *const *)fields, round % 4, NULL, &schema,
                                  &err));
        assert_returns(schema);
        elea_schema_unref(schema);
        for (int i = 0; i < 3; i++)
            elea_field_unref(fields[i]);
    }
}

static void wrong_schemas_are_told(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {"", "line 1, column 0"},
        {"[]", "\"fields\" is missing"},
        {"{\"fields\": {}}", "\"fields\" is missing or no list"},
        {"{\"fields\": []} x", "end of file expected"},
        {"{\"fields\": [], \"fields\": []}", "duplicate"},
        {"{\"fields\": [], \"metadata\": {}}", "\"metadata\" is missing or no list"},
        {"{\"fields\": [1]}", "field \"\": \"nullable\""},
        {"{\"fields\": [{\"name\": \"a\", \"nullable\": true}]}", "\"a\": \"name\" is missing"},
        {"{\"fields\": [{\"name\": \"a\", \"nullable\": true, \"type\": {\"name\": \"x\"}}]}",
         "field \"a\": there is no type \"x\""},
        {"{\"fields\": [{\"name\": \"a\", \"nullable\": true, \"type\": {\"name\": \"map\", "
         "\"keysSorted\": false}, \"children\": [{\"name\": \"e\", \"nullable\": false, \"type\": "
         "{\"name\": \"utf8\"}}]}]}",
         "field \"a\": the entries \"e\" of a map are utf8"},
        {"{\"fields\": [{\"name\": \"a\", \"nullable\": true, \"type\": {\"name\": \"utf8\"}, "
         "\"dictionary\": {\"id\": 0, \"isOrdered\": false, \"indexType\": {\"name\": "
         "\"utf8\"}}}]}",
         "an integer for the indices"},
    };
    elea_error err = {0};
    elea_schema *schema = NULL;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        elea_status status =
            elea_schema_parse_json(NULL, elea_bytes_of(cases[i].text), &schema, &err);
        assert_true(status == ELEA_EINVAL || status == ELEA_ETYPE);
        assert_non_null(strstr(err.message, cases[i].message));
        assert_null(schema);
    }
}

static elea_status there_and_back(elea_pool *pool, void *context, elea_error *err) {
    elea_schema *back = NULL;
    elea_text text;
    elea_text_init(&text, pool);
    elea_status status = elea_schema_format_json(context, &text, err);
    if (status == ELEA_OK)
        status = elea_schema_parse_json(pool, (elea_bytes){text.data, text.size}, &back, err);
    elea_schema_unref(back);
    elea_text_release(&text);
    return status;
}

static void memory_may_run_out(void **state) {
    (void)state;
    elea_schema *schema = schema_of(
        "a: struct<b: map<p: struct<k: int8 not null {\"x\" = \"y\"}, v: bool> not null>, "
        "c: dense_union<d: date32=3>>\n"
        "e: dictionary<values: fixed_size_list<dictionary<values: utf8, indices: int8>>[3], "
        "indices: int64>\n");
    assert_true(elea_test_fail_each_allocation(there_and_back, schema) > 10);
    elea_schema_unref(schema);
}

#else

static void reading_says_what_is_missing(void **state) {
    (void)state;
    elea_error err = {0};
    elea_schema *schema = NULL;
    assert_fails(ELEA_EUNSUPPORTED, "ELEA_WITH_JANSSON",
                 elea_schema_parse_json(NULL, elea_bytes_of("{}"), &schema, &err));
}

#endif

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_what_the_format_says),
        cmocka_unit_test(says_what_it_cannot_tell),
#if ELEA_WITH_JANSSON
        cmocka_unit_test(every_type_returns),
        cmocka_unit_test(random_schemas_return),
        cmocka_unit_test(wrong_schemas_are_told),
        cmocka_unit_test(memory_may_run_out),
#else
        cmocka_unit_test(reading_says_what_is_missing),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
//
// Documents of integration tests that are wrong in one place: a clear error or sound data, never a
// crash.
#include <elea/ipc.h>

#include <stdio.h>
#include <stdlib.h>

#include "support/cmocka_all.h"

#if ELEA_WITH_JANSSON

static const char base[] =
    "{\"schema\": {\"fields\": ["
    "{\"name\": \"i\", \"type\": {\"name\": \"int\", \"bitWidth\": 64, \"isSigned\": true},"
    " \"nullable\": true, \"children\": []},"
    "{\"name\": \"d\", \"type\": {\"name\": \"decimal\", \"precision\": 5, \"scale\": 2,"
    " \"bitWidth\": 128}, \"nullable\": true},"
    "{\"name\": \"f\", \"type\": {\"name\": \"floatingpoint\", \"precision\": \"SINGLE\"},"
    " \"nullable\": true},"
    "{\"name\": \"b\", \"type\": {\"name\": \"fixedsizebinary\", \"byteWidth\": 2},"
    " \"nullable\": true},"
    "{\"name\": \"s\", \"type\": {\"name\": \"utf8\"}, \"nullable\": true},"
    "{\"name\": \"v\", \"type\": {\"name\": \"binaryview\"}, \"nullable\": true},"
    "{\"name\": \"l\", \"type\": {\"name\": \"list\"}, \"nullable\": true, \"children\": ["
    " {\"name\": \"item\", \"type\": {\"name\": \"bool\"}, \"nullable\": true}]},"
    "{\"name\": \"u\", \"type\": {\"name\": \"union\", \"mode\": \"DENSE\", \"typeIds\": [5, 9]},"
    " \"nullable\": true, \"children\": ["
    " {\"name\": \"x\", \"type\": {\"name\": \"null\"}, \"nullable\": true},"
    " {\"name\": \"y\", \"type\": {\"name\": \"date\", \"unit\": \"DAY\"}, \"nullable\": true}]},"
    "{\"name\": \"r\", \"type\": {\"name\": \"runendencoded\"}, \"nullable\": true, \"children\": ["
    " {\"name\": \"run_ends\", \"type\": {\"name\": \"int\", \"bitWidth\": 16, \"isSigned\": true},"
    "  \"nullable\": false},"
    " {\"name\": \"values\", \"type\": {\"name\": \"interval\", \"unit\": \"MONTH_DAY_NANO\"},"
    "  \"nullable\": true}]},"
    "{\"name\": \"k\", \"type\": {\"name\": \"utf8\"}, \"nullable\": true, \"dictionary\":"
    " {\"id\": 3, \"indexType\": {\"name\": \"int\", \"bitWidth\": 8, \"isSigned\": false},"
    "  \"isOrdered\": false}}"
    "], \"metadata\": [{\"key\": \"a\", \"value\": \"b\"}]},"
    "\"dictionaries\": [{\"id\": 3, \"data\": {\"count\": 1, \"columns\": [{\"name\": \"k\","
    " \"count\": 1, \"VALIDITY\": [1], \"OFFSET\": [0, 3], \"DATA\": [\"key\"]}]}}],"
    "\"batches\": [{\"count\": 2, \"columns\": ["
    "{\"name\": \"i\", \"count\": 2, \"VALIDITY\": [1, 0], \"DATA\": [\"-1\", \"0\"]},"
    "{\"name\": \"d\", \"count\": 2, \"VALIDITY\": [1, 1], \"DATA\": [\"-12345\", \"7\"]},"
    "{\"name\": \"f\", \"count\": 2, \"VALIDITY\": [1, 1], \"DATA\": [1.5, \"NaN\"]},"
    "{\"name\": \"b\", \"count\": 2, \"VALIDITY\": [1, 0], \"DATA\": [\"00fF\", \"\"]},"
    "{\"name\": \"s\", \"count\": 2, \"VALIDITY\": [1, 1], \"OFFSET\": [0, 2, 5],"
    " \"DATA\": [\"ab\", \"cde\"]},"
    "{\"name\": \"v\", \"count\": 2, \"VALIDITY\": [1, 1], \"VIEWS\": ["
    " {\"SIZE\": 2, \"INLINED\": \"01EF\"},"
    " {\"SIZE\": 13, \"PREFIX_HEX\": \"30313233\", \"BUFFER_INDEX\": 0, \"OFFSET\": 1}],"
    " \"VARIADIC_DATA_BUFFERS\": [\"0030313233343536373839303132\"]},"
    "{\"name\": \"l\", \"count\": 2, \"VALIDITY\": [1, 1], \"OFFSET\": [0, 1, 3], \"children\": ["
    " {\"name\": \"item\", \"count\": 3, \"VALIDITY\": [1, 1, 1], \"DATA\": [true, 0, 1]}]},"
    "{\"name\": \"u\", \"count\": 2, \"TYPE_ID\": [9, 5], \"OFFSET\": [0, 0], \"children\": ["
    " {\"name\": \"x\", \"count\": 1},"
    " {\"name\": \"y\", \"count\": 1, \"VALIDITY\": [1], \"DATA\": [19000]}]},"
    "{\"name\": \"r\", \"count\": 2, \"children\": ["
    " {\"name\": \"run_ends\", \"count\": 1, \"VALIDITY\": [1], \"DATA\": [2]},"
    " {\"name\": \"values\", \"count\": 1, \"VALIDITY\": [1], \"DATA\": ["
    "  {\"months\": 1, \"days\": -2, \"nanoseconds\": 3}]}]},"
    "{\"name\": \"k\", \"count\": 2, \"VALIDITY\": [1, 1], \"DATA\": [0, 0]}"
    "]}]}";

// One piece replaced by another, and what the message says then.
typedef struct damage {
    const char *piece;
    const char *instead;
    elea_status status;
    const char *message;
} damage;

static const damage catalogue[] = {
    // the document
    {"{\"schema\"", "{\"Schema\"", ELEA_EINVAL, "schema: \"fields\" is missing"},
    {"\"batches\": [", "\"batches\": [[],", ELEA_EINVAL, "record batch 0: \"count\" is missing"},
    {"\"batches\"", "\"patches\"", ELEA_EINVAL, "\"batches\" is missing or no list"},
    {"\"key\": \"a\"", "\"key\": 1", ELEA_EINVAL, "\"key\" is missing or no string"},
    {"\"count\": 2, \"columns\"", "\"count\": 3, \"columns\"", ELEA_EINVAL, "record batch 0: "},
    {"\"count\": 2, \"columns\"", "\"count\": -1, \"columns\"", ELEA_EINVAL, "\"count\" is -1"},
    {"{\"name\": \"i\", \"count\"", "{\"name\": \"j\", \"count\"", ELEA_EINVAL, "named \"j\""},
    // types
    {"\"bitWidth\": 64", "\"bitWidth\": 63", ELEA_EINVAL, "field \"i\": there is no type \"int\""},
    {"\"isSigned\": true}", "\"isSigned\": \"yes\"}", ELEA_EINVAL, "\"isSigned\""},
    {"\"precision\": 5", "\"precision\": 39", ELEA_EINVAL, "field \"d\""},
    {"\"precision\": 5", "\"precision\": 99999999999", ELEA_EINVAL, "\"precision\" is 99999999999"},
    {"\"SINGLE\"", "\"QUAD\"", ELEA_EINVAL, "field \"f\": there is no type"},
    {"\"byteWidth\": 2", "\"byteWidth\": -2", ELEA_EINVAL, "\"byteWidth\" is -2"},
    {"\"typeIds\": [5, 9]", "\"typeIds\": [5]", ELEA_EINVAL, "has 1 items, expected 2"},
    {"\"typeIds\": [5, 9]", "\"typeIds\": [5, 128]", ELEA_EINVAL, "item 1 is no integer"},
    {"\"typeIds\": [5, 9]", "\"typeIds\": [5, 5]", ELEA_EINVAL, "field \"u\""},
    {"\"name\": \"runendencoded\"", "\"name\": \"map\"", ELEA_EINVAL, "2 child fields"},
    {"\"bitWidth\": 16", "\"bitWidth\": 8", ELEA_ETYPE, "field \"r\""},
    {"\"nullable\": true, \"children\": []", "\"children\": []", ELEA_EINVAL, "\"nullable\""},
    {"\"type\": {\"name\": \"bool\"}", "\"type\": 1", ELEA_EINVAL, "\"item\": \"name\" is missing"},
    {"\"name\": \"s\"", "\"name\": \"s\\u0000\"", ELEA_EINVAL, "schema"},
    // dictionaries
    {"\"id\": 3, \"data\"", "\"id\": 4, \"data\"", ELEA_EINVAL, "dictionary 4 is that of no field"},
    {"\"dictionaries\": [", "\"dictionaries\": [{\"id\": 3, \"data\": {}},", ELEA_EINVAL,
     "dictionary 3 is there twice"},
    {"\"dictionaries\"", "\"Dictionaries\"", ELEA_EINVAL, "dictionary 3: there are no values"},
    {"\"data\": {\"count\": 1", "\"data\": {\"count\": 2", ELEA_EINVAL, "1 rows, expected 2"},
    {"\"DATA\": [0, 0]", "\"DATA\": [0, 1]", ELEA_EINVAL, "column \"k\": index 1 of row 1"},
    {"\"DATA\": [0, 0]", "\"DATA\": [0, 256]", ELEA_EINVAL, "\"256\" is no unsigned integer of 8"},
    {"\"indexType\": {\"name\": \"int\"", "\"indexType\": {\"name\": \"utf8\"", ELEA_ETYPE,
     "\"k\""},
    // values
    {"[\"-1\", \"0\"]", "[\"-1\"]", ELEA_EINVAL, "column \"i\": \"DATA\" has 1 items, expected 2"},
    {"[\"-1\", \"0\"]", "[\"-1\", \"9223372036854775808\"]", ELEA_EINVAL,
     "item 1: \"92233720368547"},
    {"[\"-1\", \"0\"]", "[\"-1\", \"-9223372036854775809\"]", ELEA_EINVAL,
     "no signed integer of 64"},
    {"[\"-1\", \"0\"]", "[\"-1\", \"\"]", ELEA_EINVAL, "\"\" is no signed integer"},
    {"[\"-1\", \"0\"]", "[\"-\", \"0\"]", ELEA_EINVAL, "\"-\" is no signed integer"},
    {"[\"-1\", \"0\"]", "[\"1e3\", \"0\"]", ELEA_EINVAL, "\"1e3\" is no signed integer"},
    {"[\"-1\", \"0\"]", "[1.5, \"0\"]", ELEA_EINVAL, "item 0: no integer"},
    {"\"VALIDITY\": [1, 0], \"DATA\": [\"-1\"", "\"VALIDITY\": [1, 2], \"DATA\": [\"-1\"",
     ELEA_EINVAL, "\"VALIDITY\": item 1 is neither 0 nor 1"},
    {"\"VALIDITY\": [1, 0], \"DATA\": [\"-1\"", "\"VALIDITY\": [1], \"DATA\": [\"-1\"", ELEA_EINVAL,
     "\"VALIDITY\" has 1 items, expected 2"},
    {"\"-12345\"", "\"170141183460469231731687303715884105728\"", ELEA_EINVAL, "integer of 128"},
    {"[1.5, \"NaN\"]", "[1e39, \"NaN\"]", ELEA_EINVAL, "too large for float32"},
    {"[1.5, \"NaN\"]", "[1.5, \"nan\"]", ELEA_EINVAL, "item 1: no number"},
    {"\"00fF\"", "\"00f\"", ELEA_EINVAL, "3 digits, expected 4"},
    {"\"00fF\"", "\"00fg\"", ELEA_EINVAL, "\"fg\" at 2 is no hexadecimal byte"},
    {"\"00fF\"", "\"\"", ELEA_EINVAL, "0 digits, expected 4"},
    {"\"nanoseconds\": 3", "\"nanoseconds\": true", ELEA_EINVAL, "\"nanoseconds\": no integer"},
    // bytes and views
    {"[0, 2, 5]", "[0, 3, 5]", ELEA_EINVAL, "\"DATA\": item 0: from offset 0 to 3, but 2 bytes"},
    {"[0, 2, 5]", "[0, 2]", ELEA_EINVAL, "\"OFFSET\" has 2 items, expected 3"},
    {"[0, 2, 5]", "[\"-9223372036854775808\", 2, \"9223372036854775807\"]", ELEA_EINVAL, "bytes"},
    {"[\"ab\", \"cde\"]", "[\"ab\", 3]", ELEA_EINVAL, "item 1: no string"},
    {"\"SIZE\": 2,", "\"SIZE\": 3,", ELEA_EINVAL, "\"INLINED\" has 2 bytes, expected 3"},
    {"\"SIZE\": 2,", "\"SIZE\": -1,", ELEA_EINVAL, "\"SIZE\" is -1"},
    {"\"SIZE\": 13", "\"SIZE\": 14", ELEA_EINVAL, "past the end of buffer 0"},
    {"\"BUFFER_INDEX\": 0", "\"BUFFER_INDEX\": 1", ELEA_EINVAL, "names buffer 1 of 1"},
    {"\"OFFSET\": 1}", "\"OFFSET\": 2}", ELEA_EINVAL, "view 1"},
    {"\"30313233\"", "\"303132\"", ELEA_EINVAL, "\"PREFIX_HEX\" has 6 digits, expected 8"},
    {"\"30313233\"", "\"30313234\"", ELEA_EINVAL, "prefix of view 1"},
    {"[\"0030", "[\"030", ELEA_EINVAL, "\"VARIADIC_DATA_BUFFERS\": item 0"},
    // children
    {"\"OFFSET\": [0, 1, 3]", "\"OFFSET\": [0, 1, 4]", ELEA_EINVAL, "past the end of the child"},
    {"\"OFFSET\": [0, 1, 3]", "\"OFFSET\": [0, 4, 3]", ELEA_EINVAL, "column \"l\""},
    {"\"OFFSET\": [0, 1, 3]", "\"OFFSET\": [-1, 1, 3]", ELEA_EINVAL, "column \"l\""},
    {"\"OFFSET\": [0, 1, 3], \"children\"", "\"OFFSET\": [0, 1, 3], \"c\"", ELEA_EINVAL,
     "\"children\" is missing"},
    {"[true, 0, 1]", "[true, 0, 2]", ELEA_EINVAL, "field \"item\": \"DATA\": item 2"},
    {"\"TYPE_ID\": [9, 5]", "\"TYPE_ID\": [9, 6]", ELEA_EINVAL, "type code 6 of row 1"},
    {"\"TYPE_ID\": [9, 5]", "\"TYPE_ID\": [9, 500]", ELEA_EINVAL, "\"500\" is no signed integer"},
    {"\"TYPE_ID\": [9, 5]", "\"VALIDITY\": [1, 0], \"TYPE_ID\": [9, 5]", ELEA_EUNSUPPORTED,
     "no nulls of its own"},
    {"\"OFFSET\": [0, 0]", "\"OFFSET\": [1, 0]", ELEA_EINVAL, "column \"u\""},
    {"\"DATA\": [2]}", "\"DATA\": [1]}", ELEA_EINVAL, "column \"r\""},
    {"\"VALIDITY\": [1], \"DATA\": [2]}", "\"VALIDITY\": [0], \"DATA\": [2]}", ELEA_EINVAL,
     "\"r\""},
};

static elea_status parse(const char *text, size_t size, elea_error *err) {
    elea_integration *document = NULL;
    // Memory of the exact size: the sanitizers watch its end.
    char *copy = malloc(size + (size == 0));
    assert_non_null(copy);
    memcpy(copy, text, size);
    elea_status status =
        elea_integration_parse((elea_bytes){copy, (int64_t)size}, NULL, &document, err);
    free(copy);
    if (status == ELEA_OK) {
        for (int64_t i = 0; i < elea_integration_batch_count(document); i++)
            assert_int_equal(elea_record_batch_validate(elea_integration_batch(document, i),
                                                        ELEA_VALIDATE_SAFE, err),
                             ELEA_OK);
    }
    elea_integration_free(document);
    return status;
}

static void test_base_is_good(void **state) {
    (void)state;
    elea_error err = {0};
    elea_status status = parse(base, sizeof base - 1, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(status, ELEA_OK);
}

static void test_catalogue(void **state) {
    (void)state;
    elea_error err;
    char text[2 * sizeof base];
    int wrong = 0;
    for (size_t i = 0; i < sizeof catalogue / sizeof *catalogue; i++) {
        const damage *one = &catalogue[i];
        const char *place = strstr(base, one->piece);
        if (!place)
            fail_msg("damage %zu: %s is not in the document", i, one->piece);
        int size = snprintf(text, sizeof text, "%.*s%s%s", (int)(place - base), base, one->instead,
                            place + strlen(one->piece));
        err = (elea_error){0};
        elea_status status = parse(text, (size_t)size, &err);
        if (status == one->status && strstr(err.message, one->message))
            continue;
        print_error("%s instead of %s: %s: %s\n", one->instead, one->piece,
                    elea_status_name(status), err.message);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

static void test_cut_anywhere(void **state) {
    (void)state;
    elea_error err;
    for (size_t cut = 0; cut < sizeof base - 1; cut++) {
        err = (elea_error){0};
        assert_int_equal(parse(base, cut, &err), ELEA_EINVAL);
        assert_non_null(strstr(err.message, "line 1, column "));
    }
}

// Every byte becomes others; what is still a document is sound.
static void test_each_byte_altered(void **state) {
    (void)state;
    elea_error err;
    static const char values[] = "0129-,\"]}x\xff";
    char text[sizeof base];
    memcpy(text, base, sizeof base);
    for (size_t at = 0; at < sizeof base - 1; at++) {
        for (const char *value = values; *value; value++) {
            text[at] = *value;
            (void)parse(text, sizeof base - 1, &err);
        }
        text[at] = base[at];
    }
}

static void test_deep_nesting(void **state) {
    (void)state;
    elea_error err = {0};
    elea_text text;
    elea_integration *document;
    for (int depth = 60; depth < 1000; depth += 470) {
        elea_text_init(&text, NULL);
        assert_ok(elea_text_append(&text, elea_bytes_of("{\"schema\": {\"fields\": ["), &err));
        for (int i = 0; i < depth; i++)
            assert_ok(elea_text_append(
                &text,
                elea_bytes_of("{\"type\": {\"name\": \"struct\"}, \"nullable\": true, "
                              "\"children\": ["),
                &err));
        for (int i = 0; i < depth; i++)
            assert_ok(elea_text_append(&text, elea_bytes_of("]}"), &err));
        assert_ok(elea_text_append(&text, elea_bytes_of("]}, \"batches\": []}"), &err));
        elea_bytes bytes = {text.data, text.size};
        if (depth < 64) {
            assert_ok(elea_integration_parse(bytes, NULL, &document, &err));
            elea_integration_free(document);
        } else {
            assert_fails(ELEA_ECAPACITY, "more than 64 deep",
                         elea_integration_parse(bytes, NULL, &document, &err));
        }
        elea_text_release(&text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base_is_good), cmocka_unit_test(test_catalogue),
        cmocka_unit_test(test_cut_anywhere), cmocka_unit_test(test_each_byte_altered),
        cmocka_unit_test(test_deep_nesting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void) { return 0; }

#endif

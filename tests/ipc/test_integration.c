// SPDX-License-Identifier: Apache-2.0
//
// The JSON of integration tests: what is written is read back, for all types, slices, nulls,
// dictionaries, metadata; plain and packed.
#include <elea/ipc.h>

#include <float.h>
#include <math.h>
#include <stdio.h>

#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/ipc_file.h"
#include "support/random_data.h"
#include "support/scratch.h"

#if ELEA_WITH_JANSSON

static void check_document(const elea_integration *document, const elea_record_batch *expected) {
    const elea_equal_options options = {
        .nans_equal = true, .signed_zeros_equal = false, .with_metadata = true};
    elea_error err = {0};
    assert_true(elea_schema_equal(elea_integration_schema(document),
                                  elea_record_batch_schema(expected), true));
    assert_int_equal(elea_integration_batch_count(document), 1);
    const elea_record_batch *found = elea_integration_batch(document, 0);
    assert_ok(elea_record_batch_validate(found, ELEA_VALIDATE_FULL, &err));
    assert_true(elea_record_batch_equal(found, expected, &options));
}

static void check_round_trip(const elea_record_batch *batch) {
    elea_error err = {0};
    elea_text text;
    elea_integration *document;
    elea_text_init(&text, NULL);
    assert_ok(
        elea_integration_format(elea_record_batch_schema(batch), &batch, 1, NULL, &text, &err));
    assert_ok(elea_integration_parse((elea_bytes){text.data, text.size}, NULL, &document, &err));
    check_document(document, batch);
    elea_integration_free(document);
    elea_text_release(&text);
}

static void test_random_batches(void **state) {
    (void)state;
    static const int64_t lengths[] = {0, 1, 2, 7, 8, 63, 64, 65, 300};
    for (uint64_t seed = 1; seed <= 90; seed++) {
        elea_test_random random = {.state = seed, .with_dictionaries = true};
        int64_t columns = elea_test_random_below(&random, 5);
        elea_record_batch *batch = elea_test_random_batch(
            &random, columns, lengths[seed % (sizeof lengths / sizeof *lengths)], 3);
        check_round_trip(batch);
        elea_record_batch_unref(batch);
    }
}

// Every type by itself, whole and cut at odd places.
static void test_each_type(void **state) {
    (void)state;
    elea_error err;
    int types = 0;
    for (int id = 0; id <= ELEA_TYPE_DECIMAL64; id++) {
        elea_test_random random = {.state = (uint64_t)id + 77, .with_dictionaries = true};
        elea_type *type = elea_test_random_type_of(&random, (elea_type_id)id, 2);
        if (!type)
            continue;
        types++;
        static const int64_t null_every[] = {0, 1, 3};
        for (int i = 0; i < 3; i++) {
            elea_array *array = elea_test_random_array(&random, type, 103, null_every[i]);
            for (int64_t offset = 0; offset < 30; offset += 13) {
                elea_array *slice;
                assert_ok(elea_array_slice(array, offset, 103 - 2 * offset, &slice, &err));
                elea_record_batch *batch = elea_test_batch_of(slice, "column");
                check_round_trip(batch);
                elea_record_batch_unref(batch);
                elea_array_unref(slice);
            }
            elea_array_unref(array);
        }
        elea_type_unref(type);
    }
    assert_int_equal(types, ELEA_TYPE_DECIMAL64); // all but the number of extensions
}

static void test_no_columns_and_no_batches(void **state) {
    (void)state;
    elea_error err;
    elea_schema *schema;
    elea_record_batch *batch;
    elea_text text;
    elea_integration *document;
    assert_ok(elea_schema_new(NULL, NULL, 0, NULL, &schema, &err));
    assert_ok(elea_record_batch_new(NULL, schema, 42, NULL, &batch, &err));
    check_round_trip(batch);
    elea_text_init(&text, NULL);
    assert_ok(elea_integration_format(schema, NULL, 0, NULL, &text, &err));
    assert_ok(elea_integration_parse((elea_bytes){text.data, text.size}, NULL, &document, &err));
    assert_int_equal(elea_integration_batch_count(document), 0);
    elea_integration_free(document);
    elea_text_release(&text);
    elea_record_batch_unref(batch);
    elea_schema_unref(schema);
}

// ---- values

static elea_record_batch *batch_of_doubles(elea_type_id id, const double *values, int count) {
    elea_error err = {0};
    elea_builder *builder;
    elea_array *array;
    assert_ok(elea_builder_new(NULL, elea_type_of(id), &builder, &err));
    for (int i = 0; i < count; i++)
        assert_ok(elea_builder_append_double(builder, values[i], &err));
    assert_ok(elea_builder_finish(builder, &array, &err));
    elea_builder_free(builder);
    elea_record_batch *batch = elea_test_batch_of(array, "x");
    elea_array_unref(array);
    return batch;
}

static void test_extreme_floats(void **state) {
    (void)state;
    static const double values[] = {0.0,     -0.0,   NAN,      INFINITY, -INFINITY, DBL_MAX,
                                    DBL_MIN, 5e-324, FLT_MAX,  FLT_MIN,  1e-45,     65504,
                                    6e-8,    0.1,    -1.0 / 3, 1e10,     123456789, -1e-7};
    static const elea_type_id ids[] = {ELEA_TYPE_FLOAT16, ELEA_TYPE_FLOAT32, ELEA_TYPE_FLOAT64};
    for (int i = 0; i < 3; i++) {
        elea_record_batch *batch =
            batch_of_doubles(ids[i], values, (int)(sizeof values / sizeof *values));
        check_round_trip(batch);
        elea_record_batch_unref(batch);
    }
}

static void test_texts(void **state) {
    (void)state;
    elea_error err = {0};
    static const elea_type_id ids[] = {ELEA_TYPE_UTF8, ELEA_TYPE_LARGE_UTF8, ELEA_TYPE_UTF8_VIEW};
    const elea_bytes texts[] = {{"", 0},
                                {"a\0b", 3},
                                {"\"\\/\b\x1f\x7f", 6},
                                {"\xf0\x9f\x8f\xb9 and an arrow that flies", 28}};
    for (int i = 0; i < 3; i++) {
        elea_builder *builder;
        elea_array *array;
        elea_text text;
        assert_ok(elea_builder_new(NULL, elea_type_of(ids[i]), &builder, &err));
        for (int k = 0; k < 4; k++)
            assert_ok(elea_builder_append_bytes(builder, texts[k], &err));
        assert_ok(elea_builder_finish(builder, &array, &err));
        elea_record_batch *batch = elea_test_batch_of(array, "x");
        check_round_trip(batch);
        elea_record_batch_unref(batch);
        elea_array_unref(array);
        // What is not UTF-8 has no place in JSON.
        assert_ok(elea_builder_append_bytes(builder, elea_bytes_of("a\xff"), &err));
        assert_ok(elea_builder_finish(builder, &array, &err));
        elea_builder_free(builder);
        batch = elea_test_batch_of(array, "x");
        elea_text_init(&text, NULL);
        const elea_record_batch *const batches[] = {batch};
        assert_fails(ELEA_EINVAL, "record batch 0: column \"x\": row 0: byte 1 is not UTF-8",
                     elea_integration_format(elea_record_batch_schema(batch), batches, 1, NULL,
                                             &text, &err));
        elea_text_release(&text);
        elea_record_batch_unref(batch);
        elea_array_unref(array);
    }
}

// ---- dictionaries

static elea_array *dictionary_array(const elea_type *type, const char *const *words, int count) {
    elea_error err = {0};
    elea_builder *builder;
    elea_array *array;
    assert_ok(elea_builder_new(NULL, type, &builder, &err));
    for (int i = 0; i < count; i++)
        assert_ok(elea_builder_append_bytes(builder, elea_bytes_of(words[i]), &err));
    assert_ok(elea_builder_finish(builder, &array, &err));
    elea_builder_free(builder);
    return array;
}

// Several batches have one dictionary in the format: the longest that begins as all others.
static void test_dictionaries_of_batches(void **state) {
    (void)state;
    elea_error err = {0};
    static const char *const words[] = {"one", "two", "three", "two"};
    elea_type *type;
    elea_integration *document;
    elea_text text;
    elea_record_batch *batches[3];
    assert_ok(elea_type_new_dictionary(NULL, elea_type_of(ELEA_TYPE_UINT64),
                                       elea_type_of(ELEA_TYPE_UTF8), true, &type, &err));
    static const int counts[] = {2, 4, 1};
    for (int i = 0; i < 3; i++) {
        elea_array *array = dictionary_array(type, words, counts[i]);
        batches[i] = elea_test_batch_of(array, "d");
        elea_array_unref(array);
    }
    elea_text_init(&text, NULL);
    const elea_schema *schema = elea_record_batch_schema(batches[0]);
    assert_ok(elea_integration_format(schema, (const elea_record_batch *const *)batches, 3, NULL,
                                      &text, &err));
    assert_ok(elea_integration_parse((elea_bytes){text.data, text.size}, NULL, &document, &err));
    const elea_array *shared = NULL;
    for (int i = 0; i < 3; i++) {
        const elea_record_batch *found = elea_integration_batch(document, i);
        assert_true(elea_record_batch_equal(found, batches[i], NULL));
        const elea_array *values = elea_array_dictionary(elea_record_batch_column(found, 0));
        assert_int_equal(elea_array_length(values), 3);
        assert_true(i == 0 || values == shared);
        shared = values;
    }
    elea_integration_free(document);

    elea_array *other = dictionary_array(type, words + 1, 1);
    elea_record_batch_unref(batches[2]);
    batches[2] = elea_test_batch_of(other, "d");
    elea_array_unref(other);
    elea_text_reset(&text);
    assert_fails(ELEA_EUNSUPPORTED, "column \"d\": batches have different dictionaries",
                 elea_integration_format(schema, (const elea_record_batch *const *)batches, 3, NULL,
                                         &text, &err));
    elea_text_release(&text);
    for (int i = 0; i < 3; i++)
        elea_record_batch_unref(batches[i]);
    elea_type_unref(type);
}

// A list of dictionary values as the values of a dictionary; shared by two fields by number.
static const char nested[] =
    "{\"schema\": {\"fields\": ["
    " {\"name\": \"a\", \"type\": {\"name\": \"list\"}, \"nullable\": true, \"children\": ["
    "  {\"name\": \"item\", \"type\": {\"name\": \"utf8\"}, \"nullable\": true, \"children\": [],"
    "   \"dictionary\": {\"id\": 7, \"indexType\": {\"name\": \"int\", \"isSigned\": true,"
    "    \"bitWidth\": 8}, \"isOrdered\": false}}],"
    "  \"dictionary\": {\"id\": -3, \"indexType\": {\"name\": \"int\", \"isSigned\": false,"
    "   \"bitWidth\": 16}, \"isOrdered\": false}},"
    " {\"name\": \"b\", \"type\": {\"name\": \"utf8\"}, \"nullable\": true,"
    "  \"dictionary\": {\"id\": 7, \"indexType\": {\"name\": \"int\", \"isSigned\": true,"
    "   \"bitWidth\": 64}, \"isOrdered\": false}}]},"
    "\"dictionaries\": ["
    " {\"id\": -3, \"data\": {\"count\": 2, \"columns\": [{\"name\": \"x\", \"count\": 2,"
    "  \"VALIDITY\": [1, 1], \"OFFSET\": [0, 1, 3], \"children\": [{\"name\": \"item\","
    "  \"count\": 3, \"VALIDITY\": [1, 1, 0], \"DATA\": [1, 0, 0]}]}]}},"
    " {\"id\": 7, \"data\": {\"count\": 2, \"columns\": [{\"name\": \"y\", \"count\": 2,"
    "  \"VALIDITY\": [1, 1], \"OFFSET\": [0, 3, 5], \"DATA\": [\"foo\", \"ba\"]}]}}],"
    "\"batches\": [{\"count\": 2, \"columns\": ["
    " {\"name\": \"a\", \"count\": 2, \"VALIDITY\": [1, 1], \"DATA\": [1, 0]},"
    " {\"name\": \"b\", \"count\": 2, \"VALIDITY\": [1, 1], \"DATA\": [\"0\", \"1\"]}]}]}";

static void test_dictionary_in_dictionary(void **state) {
    (void)state;
    elea_error err = {0};
    elea_integration *document;
    elea_text text;
    elea_text_init(&text, NULL);
    assert_ok(elea_integration_parse(elea_bytes_of(nested), NULL, &document, &err));
    const elea_record_batch *batch = elea_integration_batch(document, 0);
    elea_span span;
    static const char *const expected[2][2] = {{"[\"foo\", null]", "foo"}, {"[\"ba\"]", "ba"}};
    for (int column = 0; column < 2; column++) {
        elea_span_of(elea_record_batch_column(batch, column), &span);
        for (int row = 0; row < 2; row++) {
            elea_text_reset(&text);
            assert_ok(elea_span_format(&span, row, false, &text, &err));
            assert_string_equal(text.data, expected[row][column]);
        }
    }
    check_round_trip(batch);
    elea_text_release(&text);
    elea_integration_free(document);
}

// ---- metadata, files

static elea_record_batch *batch_with_metadata(const char *value) {
    elea_error err = {0};
    elea_metadata *metadata;
    elea_field *item, *field;
    elea_type *list;
    elea_schema *schema;
    elea_array *array;
    elea_record_batch *batch;
    const elea_bytes keys[] = {elea_bytes_of("k"), elea_bytes_of("k")};
    const elea_bytes values[] = {elea_bytes_of(value), {"\0", 1}};
    assert_ok(elea_metadata_new(NULL, keys, values, 2, &metadata, &err));
    assert_ok(elea_field_new(NULL, elea_bytes_of("\xc3\xa9"), elea_type_of(ELEA_TYPE_INT8), false,
                             metadata, &item, &err));
    assert_ok(elea_type_new_list(NULL, ELEA_TYPE_LARGE_LIST, item, &list, &err));
    assert_ok(elea_field_new(NULL, elea_bytes_of("a \"b\""), list, false, metadata, &field, &err));
    const elea_field *const fields[] = {field};
    assert_ok(elea_schema_new(NULL, fields, 1, metadata, &schema, &err));
    assert_ok(elea_array_new_null(NULL, list, 0, &array, &err));
    const elea_array *const columns[] = {array};
    assert_ok(elea_record_batch_new(NULL, schema, 0, columns, &batch, &err));
    elea_array_unref(array);
    elea_schema_unref(schema);
    elea_field_unref(field);
    elea_type_unref(list);
    elea_field_unref(item);
    elea_metadata_unref(metadata);
    return batch;
}

static void test_metadata(void **state) {
    (void)state;
    elea_error err = {0};
    elea_text text;
    elea_record_batch *batch = batch_with_metadata("v");
    check_round_trip(batch);
    elea_record_batch_unref(batch);
    batch = batch_with_metadata("\xff");
    const elea_record_batch *const batches[] = {batch};
    elea_text_init(&text, NULL);
    assert_fails(
        ELEA_EINVAL, "is not UTF-8",
        elea_integration_format(elea_record_batch_schema(batch), batches, 1, NULL, &text, &err));
    elea_text_release(&text);
    elea_record_batch_unref(batch);
}

static void test_files(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_random random = {.state = 4, .with_dictionaries = true};
    elea_record_batch *batch = elea_test_random_batch(&random, 9, 1000, 2);
    const elea_record_batch *const batches[] = {batch};
    elea_integration *document;
    static const char *const names[] = {"plain.json", "packed.json.gz"};
    for (int i = 0; i < 1 + ELEA_WITH_ZLIB; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s", elea_test_scratch_path(&elea_test_folder, names[i]));
        assert_ok(
            elea_integration_write(path, elea_record_batch_schema(batch), batches, 1, NULL, &err));
        assert_ok(elea_integration_read(path, NULL, &document, &err));
        check_document(document, batch);
        elea_integration_free(document);
    }
    assert_fails(ELEA_ENOTFOUND, "none.json",
                 elea_integration_read(elea_test_scratch_path(&elea_test_folder, "none.json"), NULL,
                                       &document, &err));
    const char *path = elea_test_scratch_write(&elea_test_folder, "bad.json", "{]", 2);
    assert_fails(ELEA_EINVAL, "bad.json\": line 1, column 2: ",
                 elea_integration_read(path, NULL, &document, &err));
    elea_record_batch_unref(batch);
}

// ---- memory

static elea_status there_and_back(elea_pool *pool, void *context, elea_error *err) {
    const elea_record_batch *batch = context;
    elea_integration *document = NULL;
    elea_text text;
    elea_text_init(&text, pool);
    elea_status status =
        elea_integration_format(elea_record_batch_schema(batch), &batch, 1, pool, &text, err);
    if (status == ELEA_OK)
        status = elea_integration_parse((elea_bytes){text.data, text.size}, pool, &document, err);
    elea_integration_free(document);
    elea_text_release(&text);
    return status;
}

static void test_out_of_memory(void **state) {
    (void)state;
    elea_test_random random = {.state = 12, .with_dictionaries = true};
    elea_record_batch *batch = elea_test_random_batch(&random, 12, 5, 2);
    elea_test_fail_each_allocation(there_and_back, batch);
    elea_record_batch_unref(batch);
    batch = batch_with_metadata("v");
    elea_test_fail_each_allocation(there_and_back, batch);
    elea_record_batch_unref(batch);
    elea_error err = {0};
    elea_integration *document;
    assert_ok(elea_integration_parse(elea_bytes_of(nested), NULL, &document, &err));
    batch = elea_record_batch_ref(elea_integration_batch(document, 0));
    elea_integration_free(document);
    elea_test_fail_each_allocation(there_and_back, batch);
    elea_record_batch_unref(batch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_batches),
        cmocka_unit_test(test_each_type),
        cmocka_unit_test(test_no_columns_and_no_batches),
        cmocka_unit_test(test_extreme_floats),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_dictionaries_of_batches),
        cmocka_unit_test(test_dictionary_in_dictionary),
        cmocka_unit_test(test_metadata),
        cmocka_unit_test_setup_teardown(test_files, elea_test_folder_make, elea_test_folder_remove),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

static void test_says_what_is_missing(void **state) {
    (void)state;
    elea_error err;
    elea_integration *document;
    assert_fails(ELEA_EUNSUPPORTED, "ELEA_WITH_JANSSON",
                 elea_integration_parse(elea_bytes_of("{}"), NULL, &document, &err));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_says_what_is_missing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif

// SPDX-License-Identifier: Apache-2.0
//
// Feather files of version 1: every type it has, columns by name, damage at every byte.
#include <elea/ipc.h>

#include <string.h>

#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/feather_bytes.h"
#include "support/ipc_file.h"
#include "support/scratch.h"

static elea_array *array_of(const elea_type *type, int64_t count, int64_t null_every) {
    elea_error err = {0};
    elea_builder *builder;
    elea_array *array;
    assert_ok(elea_builder_new(NULL, type, &builder, &err));
    for (int64_t i = 0; i < count; i++) {
        static const char *const texts[] = {"", "achilles", "\xce\xb6\xce\xae", "tortoise"};
        if (null_every > 0 && i % null_every == 0)
            assert_ok(elea_builder_append_null(builder, &err));
        else if (elea_builder_append_int(builder, i % 2, &err) != ELEA_OK)
            assert_ok(elea_builder_append_bytes(builder, elea_bytes_of(texts[i % 4]), &err));
    }
    assert_ok(elea_builder_finish(builder, &array, &err));
    elea_builder_free(builder);
    return array;
}

#define TYPE_COUNT 22

// A column of each type, named by number.
static elea_record_batch *batch_of(int64_t count, int64_t null_every) {
    elea_error err = {0};
    static const elea_type_id plain[] = {
        ELEA_TYPE_BOOL,   ELEA_TYPE_INT8,       ELEA_TYPE_INT16,        ELEA_TYPE_INT32,
        ELEA_TYPE_INT64,  ELEA_TYPE_UINT8,      ELEA_TYPE_UINT16,       ELEA_TYPE_UINT32,
        ELEA_TYPE_UINT64, ELEA_TYPE_FLOAT32,    ELEA_TYPE_FLOAT64,      ELEA_TYPE_UTF8,
        ELEA_TYPE_BINARY, ELEA_TYPE_LARGE_UTF8, ELEA_TYPE_LARGE_BINARY, ELEA_TYPE_DATE32};
    elea_type *types[TYPE_COUNT];
    elea_field *fields[TYPE_COUNT];
    elea_array *arrays[TYPE_COUNT];
    elea_schema *schema;
    elea_record_batch *batch;
    for (int i = 0; i < 16; i++)
        types[i] = elea_type_ref(elea_type_of(plain[i]));
    assert_ok(elea_type_new_timestamp(NULL, ELEA_TIME_NANO, "Europe/Berlin", &types[16], &err));
    assert_ok(elea_type_new_timestamp(NULL, ELEA_TIME_SECOND, NULL, &types[17], &err));
    assert_ok(elea_type_new_time(NULL, ELEA_TYPE_TIME32, ELEA_TIME_SECOND, &types[18], &err));
    assert_ok(elea_type_new_time(NULL, ELEA_TYPE_TIME32, ELEA_TIME_MILLI, &types[19], &err));
    assert_ok(elea_type_new_dictionary(NULL, elea_type_of(ELEA_TYPE_INT8),
                                       elea_type_of(ELEA_TYPE_UTF8), true, &types[20], &err));
    assert_ok(elea_type_new_dictionary(NULL, elea_type_of(ELEA_TYPE_UINT32),
                                       elea_type_of(ELEA_TYPE_INT64), false, &types[21], &err));
    for (int i = 0; i < TYPE_COUNT; i++) {
        char name[16];
        snprintf(name, sizeof name, "c%d", i);
        arrays[i] = array_of(types[i], count, null_every);
        assert_ok(
            elea_field_new(NULL, elea_bytes_of(name), types[i], true, NULL, &fields[i], &err));
    }
    assert_ok(
        elea_schema_new(NULL, (const elea_field *const *)fields, TYPE_COUNT, NULL, &schema, &err));
    assert_ok(elea_record_batch_new(NULL, schema, count, (const elea_array *const *)arrays, &batch,
                                    &err));
    for (int i = 0; i < TYPE_COUNT; i++) {
        elea_array_unref(arrays[i]);
        elea_field_unref(fields[i]);
        elea_type_unref(types[i]);
    }
    elea_schema_unref(schema);
    return batch;
}

static elea_file *file_of(const void *data, int64_t size) {
    elea_error err = {0};
    elea_buffer *bytes;
    elea_file *file;
    assert_ok(elea_buffer_new_copy(NULL, data, size, &bytes, &err));
    assert_ok(elea_file_new_from_buffer(bytes, NULL, NULL, &file, &err));
    elea_buffer_unref(bytes);
    return file;
}

static const elea_ipc_read_options full = {.validation = ELEA_VALIDATE_FULL};

static void check_table(const elea_table *found, const elea_record_batch *expected) {
    elea_error err = {0};
    elea_table *table;
    bool equal = false;
    assert_ok(elea_table_new_from_batches(NULL, elea_record_batch_schema(expected), &expected, 1,
                                          &table, &err));
    assert_true(elea_schema_equal(elea_table_schema(found), elea_table_schema(table), true));
    assert_ok(elea_table_equal(found, table, NULL, &equal, &err));
    assert_true(equal);
    elea_table_unref(table);
}

static void test_every_type(void **state) {
    (void)state;
    static const int64_t counts[] = {0, 1, 7, 8, 9, 64, 200};
    elea_error err = {0};
    for (int i = 0; i < 7; i++) {
        for (int64_t null_every = 0; null_every <= 3; null_every++) {
            elea_record_batch *batch = batch_of(counts[i], null_every);
            elea_table *table;
            elea_text text;
            int32_t version = 0;
            elea_text_init(&text, NULL);
            feather_write(batch, &text);
            elea_file *file = file_of(text.data, text.size);
            assert_ok(elea_feather_version(file, &version, &err));
            assert_int_equal(version, 1);
            int64_t copied = elea_copied_bytes();
            assert_ok(elea_feather_read_file(file, &full, &table, &err));
            assert_int_equal(elea_copied_bytes(), copied);
            check_table(table, batch);
            elea_table_unref(table);
            elea_file_unref(file);
            elea_text_release(&text);
            elea_record_batch_unref(batch);
        }
    }
}

static void test_paths_and_columns(void **state) {
    (void)state;
    static const char *const names[] = {"c20", "c0", NULL}, *const missing[] = {"lap", NULL};
    static const int64_t indices[] = {20, 0};
    elea_error err = {0};
    elea_test_scratch scratch;
    elea_record_batch *batch = batch_of(20, 3), *some;
    elea_table *table = NULL;
    elea_text text;
    elea_text_init(&text, NULL);
    feather_write(batch, &text);
    elea_test_scratch_init(&scratch);
    const char *path = elea_test_scratch_write(&scratch, "old.feather", text.data, text.size);
    assert_ok(elea_record_batch_select(batch, indices, 2, &some, &err));
    for (int unmapped = 0; unmapped < 2; unmapped++) {
        elea_ipc_read_options options = {.columns = names, .unmapped = unmapped};
        assert_ok(elea_feather_read_table(path, &options, &table, &err));
        check_table(table, some);
        elea_table_unref(table);
        options.columns = missing;
        assert_fails(ELEA_ENOTFOUND, "there is no column \"lap\"",
                     elea_feather_read_table(path, &options, &table, &err));
    }
    // Version 2 is a file of IPC.
    path = elea_test_scratch_path(&scratch, "new.feather");
    elea_test_ipc_write(path, batch, NULL);
    assert_ok(elea_feather_read_table(path, &full, &table, &err));
    check_table(table, batch);
    elea_table_unref(table);
    path = elea_test_scratch_write(&scratch, "other", "FEA1FEA", 7);
    assert_fails(ELEA_EINVAL, "it does not end with \"FEA1\" of a Feather file",
                 elea_feather_read_table(path, NULL, &table, &err));
    path = elea_test_scratch_write(&scratch, "other", "FEA1", 4);
    assert_fails(ELEA_EINVAL, "it does not end with \"FEA1\"",
                 elea_feather_read_table(path, NULL, &table, &err));
    elea_record_batch_unref(some);
    elea_test_scratch_release(&scratch);
    elea_text_release(&text);
    elea_record_batch_unref(batch);
}

static void test_damage(void **state) {
    (void)state;
    static const uint8_t masks[] = {0x01, 0x80, 0xff};
    elea_error err = {0};
    elea_record_batch *batch = batch_of(9, 4);
    elea_text text;
    int refused = 0;
    elea_text_init(&text, NULL);
    feather_write(batch, &text);
    for (int64_t i = 0; i < text.size; i++) {
        for (int k = 0; k < 3; k++) {
            elea_table *table = NULL;
            text.data[i] = (char)(text.data[i] ^ masks[k]);
            elea_file *file = file_of(text.data, text.size);
            if (elea_feather_read_file(file, &full, &table, &err) == ELEA_OK) {
                elea_text printed; // reads all values
                elea_text_init(&printed, NULL);
                assert_ok(elea_table_format(table, NULL, &printed, &err));
                elea_text_release(&printed);
            } else {
                refused++;
                assert_true(err.message[0] != '\0');
            }
            elea_table_unref(table);
            elea_file_unref(file);
            text.data[i] = (char)(text.data[i] ^ masks[k]);
        }
        elea_table *table = NULL;
        elea_file *file = file_of(text.data, i);
        assert_int_not_equal(elea_feather_read_file(file, &full, &table, &err), ELEA_OK);
        elea_file_unref(file);
    }
    assert_true(refused > 1000);
    elea_text_release(&text);
    elea_record_batch_unref(batch);
}

static elea_status read_it(elea_pool *pool, void *context, elea_error *err) {
    const elea_text *text = context;
    const elea_ipc_read_options options = {.pool = pool, .validation = ELEA_VALIDATE_FULL};
    elea_buffer *bytes = NULL;
    elea_file *file = NULL;
    elea_table *table = NULL;
    elea_status status = ELEA_OK;
    ELEA_GOTO(done, elea_buffer_wrap(pool, text->data, text->size, NULL, NULL, &bytes, err));
    ELEA_GOTO(done, elea_file_new_from_buffer(bytes, NULL, pool, &file, err));
    status = elea_feather_read_file(file, &options, &table, err);

done:
    elea_table_unref(table);
    elea_file_unref(file);
    elea_buffer_unref(bytes);
    return status;
}

static void test_allocation_failures(void **state) {
    (void)state;
    elea_record_batch *batch = batch_of(5, 2);
    elea_text text;
    elea_text_init(&text, NULL);
    feather_write(batch, &text);
    assert_true(elea_test_fail_each_allocation(read_it, &text) > 50);
    elea_text_release(&text);
    elea_record_batch_unref(batch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_type),
        cmocka_unit_test(test_paths_and_columns),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_allocation_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

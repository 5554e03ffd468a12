// SPDX-License-Identifier: Apache-2.0
//
// Tables as grids, arrays on a line.
#include "support/cmocka_all.h"

#include "columnar/type_internal.h"
#include "support/alloc_failures.h"
#include "support/random_data.h"

// A table of an integer, a text and a float column, `rows` rows each, in chunks of three.
static elea_table *table_of(int64_t rows, const char *const *texts) {
    elea_error err = {0};
    static const char *const names[] = {"id", "text", "similarity"};
    static const elea_type_id ids[] = {ELEA_TYPE_INT64, ELEA_TYPE_UTF8, ELEA_TYPE_FLOAT32};
    elea_field *fields[3];
    elea_builder *builders[3];
    elea_record_batch *batches[64];
    int64_t batch_count = 0;
    elea_schema *schema = NULL;
    elea_table *table = NULL;
    for (int i = 0; i < 3; i++) {
        assert_ok(elea_field_new(NULL, elea_bytes_of(names[i]), elea_type_of(ids[i]), true, NULL,
                                 &fields[i], &err));
        assert_ok(elea_builder_new(NULL, elea_type_of(ids[i]), &builders[i], &err));
    }
    assert_ok(elea_schema_new(NULL, (const elea_field *const *)fields, 3, NULL, &schema, &err));
    for (int64_t row = 0; row < rows;) {
        elea_array *columns[3];
        int64_t end = row + 3 < rows ? row + 3 : rows;
        int64_t length = end - row;
        for (; row < end; row++) {
            assert_ok(elea_builder_append_int(builders[0], row * 7, &err));
            assert_ok(elea_builder_append_bytes(builders[1],
                                                elea_bytes_of(texts ? texts[row] : "x"), &err));
            if (row % 4 == 1)
                assert_ok(elea_builder_append_null(builders[2], &err));
            else
                assert_ok(elea_builder_append_double(builders[2], (double)row / 4, &err));
        }
        for (int i = 0; i < 3; i++)
            assert_ok(elea_builder_finish(builders[i], &columns[i], &err));
        assert_ok(elea_record_batch_new(NULL, schema, length, (const elea_array *const *)columns,
                                        &batches[batch_count++], &err));
        for (int i = 0; i < 3; i++)
            elea_array_unref(columns[i]);
    }
    assert_ok(elea_table_new_from_batches(NULL, schema, (const elea_record_batch *const *)batches,
                                          batch_count, &table, &err));
    for (int64_t i = 0; i < batch_count; i++)
        elea_record_batch_unref(batches[i]);
    for (int i = 0; i < 3; i++) {
        elea_field_unref(fields[i]);
        elea_builder_free(builders[i]);
    }
    elea_schema_unref(schema);
    return table;
}

static void assert_grid(elea_table *table, const elea_print_options *options,
                        const char *expected) {
    elea_error err = {0};
    elea_text text;
    elea_text_init(&text, NULL);
    assert_ok(elea_table_format(table, options, &text, &err));
    assert_string_equal(text.data, expected);
    elea_text_release(&text);
    elea_table_unref(table);
}

static void columns_are_aligned(void **state) {
    (void)state;
    static const char *const texts[] = {"Zeno", "a\nb", "\xE4\xB8\xAD\xE6\x96\x87", ""};
    assert_grid(table_of(4, texts), NULL,
                "    id  text  similarity\n"
                " int64  utf8     float32\n"
                " ─────  ────  ──────────\n"
                "     0  Zeno           0\n"
                "     7  a\\nb        null\n"
                "    14  \xE4\xB8\xAD\xE6\x96\x87         0.5\n"
                "    21              0.75\n"
                " 4 rows x 3 columns\n");
}

static void long_tables_are_cut_in_the_middle(void **state) {
    (void)state;
    elea_print_options options;
    elea_print_options_init(&options);
    options.rows_max = 5;
    options.null_text = "-";
    assert_grid(table_of(20, NULL), &options,
                "    id  text  similarity\n"
                " int64  utf8     float32\n"
                " ─────  ────  ──────────\n"
                "     0  x              0\n"
                "     7  x              -\n"
                "    14  x            0.5\n"
                "     …  …              …\n"
                "   126  x            4.5\n"
                "   133  x           4.75\n"
                " 20 rows x 3 columns\n");
}

static void wide_columns_are_cut_before_they_are_left_out(void **state) {
    (void)state;
    static const char *const texts[] = {"a text that is longer than the limit of columns"};
    static const char *const wide[] = {"\xE4\xB8\xAD\xE6\x96\x87\xE4\xB8\xAD\xE6\x96\x87"
                                       "\xE4\xB8\xAD\xE6\x96\x87"};
    elea_print_options options;
    elea_print_options_init(&options);
    options.width_max = 31;
    assert_grid(table_of(1, texts), &options,
                "    id  text         similarity\n"
                " int64  utf8            float32\n"
                " ─────  ───────────  ──────────\n"
                "     0  a text tha…           0\n"
                " 1 row x 3 columns\n");
    options.width_max = 28;
    assert_grid(table_of(1, wide), &options,
                "    id  text      similarity\n"
                " int64  utf8         float32\n"
                " ─────  ────────  ──────────\n"
                "     0  \xE4\xB8\xAD\xE6\x96\x87\xE4\xB8\xAD…            0\n"
                " 1 row x 3 columns\n");
    options.width_max = 27;
    assert_grid(table_of(1, texts), &options,
                "    id  text\n"
                " int64  utf8\n"
                " ─────  ───────────────────\n"
                "     0  a text that is lon…\n"
                " 1 row x 3 columns; not shown: similarity\n");
    options.width_max = 1;
    assert_grid(table_of(1, texts), &options,
                "    id\n"
                " int64\n"
                " ─────\n"
                "     0\n"
                " 1 row x 3 columns; not shown: text, similarity\n");
}

static void empty_tables_show_their_columns(void **state) {
    (void)state;
    assert_grid(table_of(0, NULL), NULL,
                "    id  text  similarity\n"
                " int64  utf8     float32\n"
                " ─────  ────  ──────────\n"
                " 0 rows x 3 columns\n");
}

static void arrays_fit_a_line(void **state) {
    (void)state;
    elea_error err = {0};
    elea_print_options options;
    elea_text text;
    elea_print_options_init(&options);
    options.rows_max = 4;
    elea_table *table = table_of(3, NULL);
    elea_text_init(&text, NULL);
    assert_ok(elea_array_format(elea_chunked_array_chunk(elea_table_column(table, 2), 0), &options,
                                &text, &err));
    assert_string_equal(text.data, "[0, null, 0.5]");
    elea_text_reset(&text);
    options.rows_max = 2;
    assert_ok(elea_array_format(elea_chunked_array_chunk(elea_table_column(table, 0), 0), &options,
                                &text, &err));
    assert_string_equal(text.data, "[0, …, 14]");
    elea_text_release(&text);
    elea_table_unref(table);
}

static elea_status print_body(elea_pool *pool, void *context, elea_error *err) {
    elea_text text;
    elea_text_init(&text, pool);
    elea_status status = elea_table_format(context, NULL, &text, err);
    elea_text_release(&text);
    return status;
}

static void any_table_prints_or_fails_cleanly(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_random random = {8, .with_dictionaries = true};
    for (int round = 0; round < 20; round++) {
        elea_record_batch *batch = elea_test_random_batch(&random, round, 30, 3);
        const elea_record_batch *batches[] = {batch};
        elea_table *table = NULL;
        assert_ok(elea_table_new_from_batches(NULL, elea_record_batch_schema(batch), batches, 1,
                                              &table, &err));
        elea_test_fail_each_allocation(print_body, table);
        elea_table_unref(table);
        elea_record_batch_unref(batch);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_aligned),
        cmocka_unit_test(long_tables_are_cut_in_the_middle),
        cmocka_unit_test(wide_columns_are_cut_before_they_are_left_out),
        cmocka_unit_test(empty_tables_show_their_columns),
        cmocka_unit_test(arrays_fit_a_line),
        cmocka_unit_test(any_table_prints_or_fails_cleanly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

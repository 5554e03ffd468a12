// SPDX-License-Identifier: Apache-2.0
#include "memories.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/scratch.h"

static const float four[4 * MEMORY_DIMENSION] = {
    1, 0, 0, 0, 0, 0, 0, 0, //
    0, 1, 0, 0, 0, 0, 0, 0, //
    0, 0, 1, 0, 0, 0, 0, 0, //
    0, 0, 0, 2, 0, 0, 0, 0, //
};

static elea_status open_store(const char *path, elea_pool *pool, elea_store **out,
                              elea_error *err) {
    return elea_store_open(path, &(elea_store_options){.pool = pool, .dimension = MEMORY_DIMENSION},
                           out, err);
}

static void test_new_and_again(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_scratch scratch;
    elea_store *store = NULL;
    elea_test_scratch_init(&scratch);
    const char *path = elea_test_scratch_path(&scratch, "mind");
    assert_fails(ELEA_ENOTFOUND, "there is no store in",
                 elea_store_open(path, &(elea_store_options){.must_exist = true}, &store, &err));
    assert_ok(open_store(path, NULL, &store, &err));
    assert_int_equal(elea_store_dimension(store), MEMORY_DIMENSION);
    assert_int_equal(elea_store_row_count(store, NULL), 0);
    assert_ok(add_memories(store, NULL, "experiences", four, 0, 3, &err));
    assert_ok(add_memories(store, NULL, "notes", four, 0, 1, &err));
    assert_int_equal(elea_store_row_count(store, NULL), 4);
    assert_int_equal(elea_store_row_count(store, "experiences"), 3);
    assert_int_equal(elea_store_row_count(store, "nothing"), 0);
    elea_store_free(store);

    // The dimension is the store's, whatever is asked for.
    assert_ok(elea_store_open(path, NULL, &store, &err));
    assert_int_equal(elea_store_dimension(store), MEMORY_DIMENSION);
    assert_int_equal(elea_store_row_count(store, NULL), 4);
    elea_store_free(store);
    elea_test_scratch_release(&scratch);
}

static void test_refresh(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_scratch scratch;
    elea_store *writer = NULL, *reader = NULL;
    elea_table *before = NULL, *after = NULL;
    elea_test_scratch_init(&scratch);
    assert_ok(open_store(scratch.folder, NULL, &writer, &err));
    assert_ok(add_memories(writer, NULL, "experiences", four, 0, 2, &err));
    assert_ok(open_store(scratch.folder, NULL, &reader, &err));
    assert_ok(elea_store_table(reader, "experiences", NULL, &before, &err));
    assert_ok(add_memories(writer, NULL, "experiences", four, 2, 2, &err));
    assert_int_equal(elea_store_row_count(reader, NULL), 2);
    assert_ok(elea_store_refresh(reader, &err));
    assert_int_equal(elea_store_row_count(reader, NULL), 4);
    assert_ok(elea_store_table(reader, "experiences", NULL, &after, &err));
    assert_int_equal(elea_table_length(before), 2);
    assert_int_equal(elea_table_length(after), 4);
    // The segment that both versions have is mapped once.
    const elea_chunked_array *old_text = elea_table_column_named(before, "text");
    const elea_chunked_array *new_text = elea_table_column_named(after, "text");
    assert_ptr_equal(elea_buffer_data(elea_array_buffer(elea_chunked_array_chunk(old_text, 0), 2)),
                     elea_buffer_data(elea_array_buffer(elea_chunked_array_chunk(new_text, 0), 2)));
    elea_store_free(writer);
    elea_store_free(reader);
    // Tables outlive their store.
    assert_ok(elea_table_validate(after, ELEA_VALIDATE_FULL, &err));
    elea_table_unref(before);
    elea_table_unref(after);
    elea_test_scratch_release(&scratch);
}

static void test_table(void **state) {
    (void)state;
    static const char *const columns[] = {"text", "embedding", NULL};
    static const char *const unknown[] = {"colour", NULL};
    elea_error err = {0};
    elea_test_scratch scratch;
    elea_store *store = NULL;
    elea_table *table = NULL;
    elea_test_scratch_init(&scratch);
    assert_ok(open_store(scratch.folder, NULL, &store, &err));
    assert_ok(elea_store_table(store, "experiences", NULL, &table, &err));
    assert_int_equal(elea_table_length(table), 0);
    assert_int_equal(elea_table_column_count(table), 17);
    elea_table_unref(table);
    table = NULL;

    assert_ok(add_memories(store, NULL, "experiences", four, 0, 4, &err));
    int64_t copied = elea_copied_bytes();
    assert_ok(elea_store_table(store, "experiences", columns, &table, &err));
    assert_int_equal(elea_copied_bytes(), copied);
    assert_int_equal(elea_table_column_count(table), 2);
    elea_span texts;
    elea_span_of(elea_chunked_array_chunk(elea_table_column(table, 0), 0), &texts);
    elea_bytes text = elea_span_get_bytes(&texts, 3);
    assert_int_equal(text.size, strlen("the text of number 3"));
    assert_memory_equal(text.data, "the text of number 3", (size_t)text.size);
    elea_table_unref(table);
    assert_fails(ELEA_ENOTFOUND, "\"colour\"",
                 elea_store_table(store, "experiences", unknown, &table, &err));
    elea_store_free(store);
    elea_test_scratch_release(&scratch);
}

static void test_defaults(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_scratch scratch;
    elea_store *store = NULL;
    elea_table *table = NULL;
    elea_text text;
    elea_test_scratch_init(&scratch);
    elea_text_init(&text, NULL);
    assert_ok(open_store(scratch.folder, NULL, &store, &err));
    assert_ok(add_memories(store, NULL, "experiences", four, 7, 1, &err));
    assert_ok(elea_store_table(store, "experiences", NULL, &table, &err));
    static const char *const expected[] = {
        "\"memory-id-7\"",
        NULL, // now
        "\"the text of number 7\"",
        "[1,0,0,0,0,0,0,0]",
        "1",
        "0",
        "0",
        "null",
        "null",
        "{\"persons\":[],\"locations\":[],\"dates\":[],\"numbers\":[],\"keywords\":[]}",
        "null",
        "{\"original_size\":20,\"compressed_size\":20,\"ratio\":1,\"method\":\"none\"}",
        "null",
        "null",
        "null",
        "null",
        "false",
    };
    for (int i = 0; i < 17; i++) {
        elea_span span;
        elea_span_of(elea_chunked_array_chunk(elea_table_column(table, i), 0), &span);
        elea_text_reset(&text);
        assert_ok(elea_span_format_json(&span, 0, &text, &err));
        // White space between tokens is the formatter's business.
        char *to = text.data;
        for (char *from = text.data; *from; from++) {
            if (*from != ' ' || expected[i] == NULL || strchr(expected[i], ' '))
                *to++ = *from;
        }
        *to = '\0';
        if (expected[i])
            assert_string_equal(text.data, expected[i]);
    }
    elea_text_release(&text);
    elea_table_unref(table);
    elea_store_free(store);
    elea_test_scratch_release(&scratch);
}

static void test_unique_ids(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_scratch scratch;
    elea_store *store = NULL;
    elea_test_scratch_init(&scratch);
    assert_ok(open_store(scratch.folder, NULL, &store, &err));
    assert_ok(add_memories(store, NULL, "experiences", four, 0, 3, &err));
    assert_fails(ELEA_EEXISTS, "\"memory-id-2\" is in category \"experiences\" already",
                 add_memories(store, NULL, "experiences", four, 2, 2, &err));
    assert_int_equal(elea_store_row_count(store, NULL), 3);
    assert_ok(add_memories(store, NULL, "notes", four, 2, 2, &err));
    assert_ok(add_memories(store, NULL, "experiences", four, 3, 1, &err));
    elea_store_free(store);
    elea_test_scratch_release(&scratch);
}

// Adds a batch of one column, `name`, which is the embedding column under that name.
static elea_status add_column(elea_store *store, const char *name, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_schema *all = NULL, *schema = NULL;
    elea_array *column = NULL;
    elea_field *field = NULL;
    elea_record_batch *batch = NULL;
    ELEA_GOTO(done, elea_memory_schema_new(NULL, MEMORY_DIMENSION, &all, err));
    const elea_type *type =
        elea_field_type(elea_schema_field(all, elea_schema_find(all, "embedding")));
    ELEA_GOTO(done, make_embeddings(NULL, type, four, 4, &column, err));
    ELEA_GOTO(done, elea_field_new(NULL, elea_bytes_of(name), type, false, NULL, &field, err));
    ELEA_GOTO(done,
              elea_schema_new(NULL, (const elea_field *const[]){field}, 1, NULL, &schema, err));
    ELEA_GOTO(done, elea_record_batch_new(NULL, schema, 4, (const elea_array *const[]){column},
                                          &batch, err));
    ELEA_GOTO(done, elea_store_add(store, "experiences", batch, err));
done:
    elea_record_batch_unref(batch);
    elea_schema_unref(schema);
    elea_field_unref(field);
    elea_array_unref(column);
    elea_schema_unref(all);
    return status;
}

static void test_columns_given(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_scratch scratch;
    elea_store *store = NULL;
    elea_table *table = NULL;
    elea_test_scratch_init(&scratch);
    assert_ok(open_store(scratch.folder, NULL, &store, &err));
    assert_fails(ELEA_EUNSUPPORTED, "\"colour\"", add_column(store, "colour", &err));
    assert_fails(ELEA_ETYPE, "\"text\"", add_column(store, "text", &err));
    assert_ok(add_column(store, "embedding", &err));
    // Ids were made, all different; texts are empty.
    assert_ok(elea_store_table(store, "experiences", NULL, &table, &err));
    elea_span ids, texts;
    elea_span_of(elea_chunked_array_chunk(elea_table_column(table, 0), 0), &ids);
    elea_span_of(elea_chunked_array_chunk(elea_table_column(table, 2), 0), &texts);
    for (int64_t i = 0; i < 4; i++) {
        assert_int_equal(elea_span_get_bytes(&ids, i).size, 36);
        assert_int_equal(elea_span_get_bytes(&texts, i).size, 0);
        assert_true(i == 0 || memcmp(elea_span_get_bytes(&ids, i - 1).data,
                                     elea_span_get_bytes(&ids, i).data, 36) < 0);
    }
    assert_fails(ELEA_EINVAL, "begins with a dot",
                 add_memories(store, NULL, "..", four, 0, 1, &err));
    assert_fails(ELEA_EINVAL, "without an embedder",
                 elea_store_add_texts(store, "x", &(elea_bytes){"a", 1}, 1, NULL, &err));
    elea_table_unref(table);
    elea_store_free(store);
    elea_test_scratch_release(&scratch);
}

// ---- damage

static void truncate_segment(elea_test_scratch *scratch, const char *name, int64_t cut) {
    struct stat info;
    const char *path = elea_test_scratch_path(scratch, name);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(truncate(path, info.st_size - cut), 0);
}

static void test_missing_segment(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_scratch scratch;
    elea_store *store = NULL;
    elea_table *table = NULL;
    elea_test_scratch_init(&scratch);
    assert_ok(open_store(scratch.folder, NULL, &store, &err));
    assert_ok(add_memories(store, NULL, "experiences", four, 0, 2, &err));
    assert_ok(add_memories(store, NULL, "experiences", four, 2, 2, &err));
    assert_ok(add_memories(store, NULL, "notes", four, 0, 4, &err));
    elea_store_free(store);
    assert_int_equal(unlink(elea_test_scratch_path(&scratch, "experiences/00000001.arrow")), 0);

    assert_ok(open_store(scratch.folder, NULL, &store, &err));
    assert_fails(ELEA_ENOTFOUND, "experiences/00000001.arrow is damaged or missing",
                 elea_store_table(store, "experiences", NULL, &table, &err));
    elea_recall_figures figures = {0};
    elea_recall_options options = {.k = 10};
    assert_fails(ELEA_ENOTFOUND, "experiences/00000001.arrow",
                 elea_recall_vector(store, four, MEMORY_DIMENSION, &options, &table, &err));
    // What is whole stays readable.
    assert_ok(elea_store_table(store, "notes", NULL, &table, &err));
    elea_table_unref(table);
    options.skip_damaged = true;
    options.figures = &figures;
    assert_ok(elea_recall_vector(store, four, MEMORY_DIMENSION, &options, &table, &err));
    assert_int_equal(figures.damaged_segments, 1);
    assert_int_equal(figures.rows, 6);
    assert_int_equal(elea_table_length(table), 6);
    elea_table_unref(table);
    elea_store_free(store);
    elea_test_scratch_release(&scratch);
}

static void test_cut_segment(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_scratch scratch;
    elea_store *store = NULL;
    elea_table *table = NULL;
    elea_test_scratch_init(&scratch);
    assert_ok(open_store(scratch.folder, NULL, &store, &err));
    assert_ok(add_memories(store, NULL, "experiences", four, 0, 4, &err));
    elea_store_free(store);
    truncate_segment(&scratch, "experiences/00000001.arrow", 1);
    assert_ok(open_store(scratch.folder, NULL, &store, &err));
    assert_fails(ELEA_EINVAL, "where the MANIFEST says",
                 elea_recall_vector(store, four, MEMORY_DIMENSION, NULL, &table, &err));
    elea_store_free(store);
    elea_test_scratch_release(&scratch);
}

// One byte after the other is altered: a recall gives an error or some result, and never crashes.
static void test_altered_segment(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_scratch scratch;
    elea_store *store = NULL;
    elea_test_scratch_init(&scratch);
    assert_ok(open_store(scratch.folder, NULL, &store, &err));
    assert_ok(add_memories(store, NULL, "experiences", four, 0, 4, &err));
    elea_store_free(store);

    char path[600];
    snprintf(path, sizeof(path), "%s",
             elea_test_scratch_path(&scratch, "experiences/00000001.arrow"));
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    int refused = 0;
    for (long offset = 0; offset < size; offset++) {
        elea_table *table = NULL;
        fseek(file, offset, SEEK_SET);
        int byte = fgetc(file);
        fseek(file, offset, SEEK_SET);
        fputc(byte ^ 0x81, file);
        fflush(file);
        assert_ok(open_store(scratch.folder, NULL, &store, &err));
        if (elea_recall_vector(store, four, MEMORY_DIMENSION, NULL, &table, &err) == ELEA_OK)
            assert_ok(elea_table_validate(table, ELEA_VALIDATE_FULL, &err));
        else
            refused++;
        elea_table_unref(table);
        table = NULL;
        if (elea_store_table(store, "experiences", NULL, &table, &err) == ELEA_OK)
            assert_ok(elea_table_validate(table, ELEA_VALIDATE_FULL, &err));
        elea_table_unref(table);
        elea_store_free(store);
        fseek(file, offset, SEEK_SET);
        fputc(byte, file);
        fflush(file);
    }
    fclose(file);
    assert_true(refused > 100);
    elea_test_scratch_release(&scratch);
}

// The file may grow to no more than half of what is needed: nothing is added, nothing is lost.
static void test_disk_full(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_scratch scratch;
    elea_store *store = NULL;
    struct rlimit old, small;
    elea_test_scratch_init(&scratch);
    assert_ok(open_store(scratch.folder, NULL, &store, &err));
    assert_ok(add_memories(store, NULL, "experiences", four, 0, 2, &err));
    getrlimit(RLIMIT_FSIZE, &old);
    small = old;
    small.rlim_cur = 2048;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    elea_status status = add_memories(store, NULL, "experiences", four, 2, 2, &err);
    setrlimit(RLIMIT_FSIZE, &old);
    assert_int_equal(status, ELEA_EIO);
    assert_non_null(strstr(err.message, "00000002.arrow"));
    assert_int_equal(elea_store_row_count(store, NULL), 2);
    assert_ok(add_memories(store, NULL, "experiences", four, 2, 2, &err));
    assert_int_equal(elea_store_row_count(store, NULL), 4);
    elea_store_free(store);
    elea_test_scratch_release(&scratch);
}

// ---- processes and allocations

enum { WRITERS = 4, ADDS = 8 };

static void test_many_writers(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_scratch scratch;
    elea_store *store = NULL;
    elea_table *table = NULL;
    elea_test_scratch_init(&scratch);
    for (int writer = 0; writer < WRITERS; writer++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            bool good = open_store(scratch.folder, NULL, &store, &err) == ELEA_OK;
            for (int i = 0; good && i < ADDS; i++)
                good = add_memories(store, NULL, "experiences", four, (writer * ADDS + i) * 4, 4,
                                    &err) == ELEA_OK;
            elea_store_free(store);
            if (!good)
                fprintf(stderr, "%s\n", err.message);
            _exit(good ? 0 : 1);
        }
    }
    for (int writer = 0; writer < WRITERS; writer++) {
        int status = -1;
        wait(&status);
        assert_int_equal(status, 0);
    }
    assert_ok(open_store(scratch.folder, NULL, &store, &err));
    assert_int_equal(elea_store_row_count(store, NULL), WRITERS * ADDS * 4);
    assert_ok(elea_store_table(store, "experiences", NULL, &table, &err));
    assert_ok(elea_table_validate(table, ELEA_VALIDATE_FULL, &err));
    elea_table_unref(table);
    elea_store_free(store);
    elea_test_scratch_release(&scratch);
}

// A store from nothing to a recall.
static elea_status whole_life(elea_pool *pool, void *context, elea_error *err) {
    (void)context;
    elea_status status = ELEA_OK;
    elea_test_scratch scratch;
    elea_store *store = NULL;
    elea_table *table = NULL;
    elea_test_scratch_init(&scratch);
    ELEA_GOTO(done, open_store(scratch.folder, pool, &store, err));
    ELEA_GOTO(done, add_memories(store, pool, "experiences", four, 0, 4, err));
    ELEA_GOTO(done, elea_recall_vector(store, four, MEMORY_DIMENSION, NULL, &table, err));
    elea_table_unref(table);
    table = NULL;
    ELEA_GOTO(done, elea_store_table(store, "experiences", NULL, &table, err));
done:
    elea_table_unref(table);
    elea_store_free(store);
    elea_test_scratch_release(&scratch);
    return status;
}

static void test_allocations(void **state) {
    (void)state;
    elea_test_fail_each_allocation(whole_life, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_and_again),   cmocka_unit_test(test_refresh),
        cmocka_unit_test(test_table),           cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_unique_ids),      cmocka_unit_test(test_columns_given),
        cmocka_unit_test(test_missing_segment), cmocka_unit_test(test_cut_segment),
        cmocka_unit_test(test_altered_segment), cmocka_unit_test(test_disk_full),
        cmocka_unit_test(test_many_writers),    cmocka_unit_test(test_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
//
// A tokenizer from a folder.
#include <elea/embed.h>

#include "embed/tokenizer_parts.h"
#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/scratch.h"

static void put(const char *name, const char *text) {
    elea_test_scratch_write(&elea_test_folder, name, text, (int64_t)strlen(text));
}

static void put_json(void) {
    char *json = parts_json(NULL);
    assert_non_null(json);
    put("tokenizer.json", json);
    free(json);
}

static int32_t first_id(const char *text) {
    elea_error err;
    elea_tokenizer *tokenizer = NULL;
    int32_t ids[8];
    int32_t length = 0;
    assert_ok(elea_tokenizer_open(elea_test_folder.folder, NULL, &tokenizer, &err));
    assert_ok(elea_tokenizer_encode(tokenizer, elea_bytes_of(text), ids, 8, &length, NULL, &err));
    elea_tokenizer_free(tokenizer);
    return ids[1];
}

static void json_goes_before_lines(void **state) {
    (void)state;
    put("vocab.txt", "[UNK]\n[CLS]\n[SEP]\nhello\n");
    assert_int_equal(first_id("hello"), 3);
    put_json();
    assert_int_equal(first_id("hello"), 10);
}

static void demands_of_other_files(void **state) {
    (void)state;
    put("vocab.txt", "[UNK]\n[CLS]\n[SEP]\nhello\nHello\n");
    // Written so by Hugging Face, for "no limit": too large for an integer.
    put("tokenizer_config.json",
        "{\"do_lower_case\":false,\"model_max_length\":1000000000000000019884624838656}");
    assert_int_equal(first_id("Hello"), 4);
    put("sentence_bert_config.json", "{\"max_seq_length\":256,\"do_lower_case\":true}");
    assert_int_equal(first_id("Hello"), 3);
}

static void wrong_folders(void **state) {
    (void)state;
    elea_error err;
    elea_tokenizer *tokenizer = NULL;
    assert_fails(ELEA_ENOTFOUND, "vocab.txt",
                 elea_tokenizer_open(elea_test_folder.folder, NULL, &tokenizer, &err));
    assert_fails(ELEA_ENOTFOUND, "/no/such/folder",
                 elea_tokenizer_open("/no/such/folder", NULL, &tokenizer, &err));
    put("tokenizer.json", "{\"version\":\"1.0\",\"mod");
    assert_fails(ELEA_EINVAL, "/tokenizer.json: not JSON: line 1, column",
                 elea_tokenizer_open(elea_test_folder.folder, NULL, &tokenizer, &err));
    put("tokenizer.json", "");
    assert_fails(ELEA_EINVAL, "/tokenizer.json: not JSON",
                 elea_tokenizer_open(elea_test_folder.folder, NULL, &tokenizer, &err));
    put_json();
    put("tokenizer_config.json", "{\"truncation_side\":\"left\"}");
    assert_fails(ELEA_EUNSUPPORTED, "texts are to be cut on the left",
                 elea_tokenizer_open(elea_test_folder.folder, NULL, &tokenizer, &err));
    put("tokenizer_config.json", "[1]");
    assert_fails(ELEA_EINVAL, "/tokenizer_config.json: expected a JSON object",
                 elea_tokenizer_open(elea_test_folder.folder, NULL, &tokenizer, &err));
    put("tokenizer_config.json", "{}");
    put("sentence_bert_config.json", "{\"do_lower_case\":\"no\"}");
    assert_fails(ELEA_EINVAL, "'do_lower_case' is not true or false",
                 elea_tokenizer_open(elea_test_folder.folder, NULL, &tokenizer, &err));
    assert_null(tokenizer);
}

static elea_status open_and_free(elea_pool *pool, void *context, elea_error *err) {
    elea_tokenizer *tokenizer = NULL;
    ELEA_TRY(elea_tokenizer_open(context, pool, &tokenizer, err));
    elea_tokenizer_free(tokenizer);
    return ELEA_OK;
}

static void memory_runs_out(void **state) {
    (void)state;
    put("tokenizer_config.json", "{}");
    put("vocab.txt", "[UNK]\n[CLS]\n[SEP]\nhello\n");
    assert_true(elea_test_fail_each_allocation(open_and_free, elea_test_folder.folder) > 8);
    put_json();
    assert_true(elea_test_fail_each_allocation(open_and_free, elea_test_folder.folder) > 8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(json_goes_before_lines, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(demands_of_other_files, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(wrong_folders, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(memory_runs_out, elea_test_folder_make,
                                        elea_test_folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

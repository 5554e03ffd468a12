// SPDX-License-Identifier: Apache-2.0
//
// vocab.txt with the options of tokenizer_config.json.
#include "embed/tokenizer.h"

#include "support/alloc_failures.h"
#include "support/cmocka_all.h"

#define SPECIALS "[PAD]\n[UNK]\n[CLS]\n[SEP]\n"

static elea_status make(const char *lines, const char *config, elea_pool *pool,
                        elea_tokenizer **out, elea_error *err) {
    json_t *object = config ? json_loads(config, 0, NULL) : NULL;
    assert_true(config == NULL || object != NULL);
    elea_status status =
        elea__tokenizer_new_from_lines(elea_bytes_of(lines), object, false, pool, out, err);
    json_decref(object);
    return status;
}

static void check(const char *lines, const char *config, const char *text, const int32_t *expected,
                  int32_t count) {
    elea_error err;
    elea_tokenizer *tokenizer = NULL;
    int32_t ids[64];
    int32_t length = -1;
    assert_ok(make(lines, config, NULL, &tokenizer, &err));
    assert_ok(elea_tokenizer_encode(tokenizer, elea_bytes_of(text), ids, 64, &length, NULL, &err));
    assert_int_equal(length, count);
    assert_memory_equal(ids, expected, (size_t)count * sizeof ids[0]);
    elea_tokenizer_free(tokenizer);
}

#define CHECK(lines, config, text, ...)                                                            \
    do {                                                                                           \
        static const int32_t expected_[] = {__VA_ARGS__};                                          \
        check(lines, config, text, expected_, (int32_t)(sizeof expected_ / sizeof expected_[0]));  \
    } while (0)

static void a_token_a_line(void **state) {
    (void)state;
    CHECK(SPECIALS "hello\n##s\n", NULL, "hello HELLOS", 2, 4, 4, 5, 3);
    CHECK(SPECIALS "hello\n##s", NULL, "hellos", 2, 4, 5, 3);
    CHECK("[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\nhello \u3000\r\n", NULL, "hello", 2, 4, 3);
    // An empty line counts, and of two equal ones the last is found.
    CHECK(SPECIALS "\nhello\n\nhello\n", NULL, "hello", 2, 7, 3);
    CHECK(SPECIALS "a\n[MASK]\n", NULL, "a[MASK]a[UNK][PAD]", 2, 4, 5, 4, 1, 0, 3);
}

static void options(void **state) {
    (void)state;
    const char *lines = SPECIALS "e\nE\n\u00C9\n\u00E9\n##\u6F22\n\u6F22\n";
    CHECK(lines, "{}", "\u00C9 E e\u6F22", 2, 4, 4, 4, 9, 3);
    CHECK(lines, "{\"do_lower_case\":false}", "\u00C9 E e\u6F22", 2, 6, 5, 4, 9, 3);
    CHECK(lines, "{\"do_lower_case\":false,\"strip_accents\":true}", "\u00C9", 2, 5, 3);
    CHECK(lines, "{\"strip_accents\":false}", "\u00C9", 2, 7, 3);
    CHECK(lines, "{\"tokenize_chinese_chars\":false}", "e\u6F22", 2, 4, 8, 3);
    CHECK("<u>\n<s>\n</s>\na\n",
          "{\"unk_token\":\"<u>\",\"cls_token\":\"<s>\",\"sep_token\":{\"content\":\"</s>\"}}",
          "a<s>b", 1, 3, 1, 0, 2);
}

static void wrong_lines(void **state) {
    (void)state;
    static const struct {
        const char *lines;
        const char *config;
        const char *part;
    } rows[] = {
        {"", NULL, "the vocabulary of 0 tokens has no '[UNK]'"},
        {"[CLS]\n[SEP]\n", NULL, "the vocabulary of 2 tokens has no '[UNK]'"},
        {"[UNK]\n[SEP]\n", NULL, "the vocabulary of 2 tokens has no '[CLS]'"},
        {"[UNK]\n[CLS]\n", NULL, "the vocabulary of 2 tokens has no '[SEP]'"},
        {SPECIALS, "{\"sep_token\":\"</s>\"}", "the vocabulary of 4 tokens has no '</s>'"},
        {SPECIALS, "{\"sep_token\":\"\"}", "the vocabulary of 4 tokens has no ''"},
        {SPECIALS, "{\"sep_token\":3}", "'sep_token' is not a string"},
        {SPECIALS, "{\"do_lower_case\":\"yes\"}", "'do_lower_case' is not true or false"},
        {SPECIALS "a\xFF\n", NULL, "not UTF-8 at byte 25"},
    };
    elea_error err;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        elea_tokenizer *tokenizer = NULL;
        assert_fails(ELEA_EINVAL, rows[i].part,
                     make(rows[i].lines, rows[i].config, NULL, &tokenizer, &err));
        assert_null(tokenizer);
    }
}

// Enough tokens for the table to have runs, and a token as long as a word may be.
static void many_tokens(void **state) {
    (void)state;
    enum { COUNT = 70000, LINE_SIZE = 8, LONG = 1024 };
    char *lines = malloc((size_t)COUNT * LINE_SIZE + LONG + 64);
    assert_non_null(lines);
    size_t size = (size_t)snprintf(lines, 64, SPECIALS);
    for (int i = 4; i < COUNT; i++)
        size += (size_t)snprintf(lines + size, LINE_SIZE, "t%x\n", (unsigned)i);
    memset(lines + size, 'z', LONG);
    lines[size + LONG] = '\0';

    elea_error err;
    elea_tokenizer *tokenizer = NULL;
    assert_ok(make(lines, NULL, NULL, &tokenizer, &err));
    assert_int_equal(elea_tokenizer_vocabulary_size(tokenizer), COUNT + 1);
    for (int32_t i = 4; i < COUNT; i++) {
        char text[LINE_SIZE + 2];
        int32_t ids[3];
        int32_t length = 0;
        snprintf(text, sizeof text, "t%x", (unsigned)i);
        assert_ok(
            elea_tokenizer_encode(tokenizer, elea_bytes_of(text), ids, 3, &length, NULL, &err));
        assert_int_equal(ids[1], i);
        snprintf(text, sizeof text, "t%xg", (unsigned)i);
        assert_int_equal(elea_tokenizer_id(tokenizer, elea_bytes_of(text)), -1);
    }
    assert_int_equal(elea_tokenizer_id(tokenizer, elea_bytes_of(lines + size)), COUNT);
    elea_tokenizer_free(tokenizer);
    free(lines);
}

static elea_status make_and_free(elea_pool *pool, void *context, elea_error *err) {
    elea_tokenizer *tokenizer = NULL;
    ELEA_TRY(make(context, "{}", pool, &tokenizer, err));
    elea_tokenizer_free(tokenizer);
    return ELEA_OK;
}

static void memory_runs_out(void **state) {
    (void)state;
    char lines[] = SPECIALS "a\n";
    assert_int_equal(elea_test_fail_each_allocation(make_and_free, lines), 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_a_line),  cmocka_unit_test(options),
        cmocka_unit_test(wrong_lines),     cmocka_unit_test(many_tokens),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

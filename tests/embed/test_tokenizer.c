// SPDX-License-Identifier: Apache-2.0
//
// What a text becomes. The expected ids are those of parts_tokens[] in tokenizer_parts.h.
#include "embed/tokenizer.h"

#include "embed/tokenizer_parts.h"
#include "support/cmocka_all.h"

#define CLS 2
#define SEP 3

static elea_tokenizer *make_with(const tokenizer_parts *parts, bool lowercase) {
    elea_error err;
    elea_tokenizer *tokenizer = NULL;
    char *json = parts_json(parts);
    assert_non_null(json);
    elea_bytes text = elea_bytes_of(json);
    assert_ok(elea__tokenizer_new_from_json(text, lowercase, NULL, &tokenizer, &err));
    free(json);
    return tokenizer;
}

static elea_tokenizer *make_normalizing(const char *normalizer) {
    return make_with(&(tokenizer_parts){.normalizer = normalizer}, false);
}

static void check(const elea_tokenizer *tokenizer, elea_bytes text, int32_t capacity,
                  const int32_t *expected, int32_t count, bool expected_cut) {
    elea_error err;
    int32_t ids[64];
    int32_t length = -1;
    bool cut = !expected_cut;
    assert_ok(elea_tokenizer_encode(tokenizer, text, ids, capacity, &length, &cut, &err));
    if (length != count || memcmp(ids, expected, (size_t)count * sizeof ids[0]) != 0) {
        for (int32_t i = 0; i < length; i++)
            print_error("%d ", ids[i]);
        fail_msg("<- the ids of '%.*s'", (int)text.size, text.data);
    }
    assert_int_equal(cut, expected_cut);
}

// The text, a literal, becomes CLS, these ids, SEP.
#define CHECK_CUT(tokenizer, text, capacity, cut, ...)                                             \
    do {                                                                                           \
        static const int32_t expected_[] = {CLS, ##__VA_ARGS__, SEP};                              \
        check(tokenizer, (elea_bytes){text, sizeof text - 1}, capacity, expected_,                 \
              (int32_t)(sizeof expected_ / sizeof expected_[0]), cut);                             \
    } while (0)
#define CHECK(tokenizer, text, ...) CHECK_CUT(tokenizer, text, 64, false, ##__VA_ARGS__)

static void words_are_cut_longest_piece_first(void **state) {
    (void)state;
    elea_tokenizer *tokenizer = make_with(NULL, false);
    CHECK(tokenizer, "hello", 10);
    CHECK(tokenizer, "hellolo", 10, 12);
    CHECK(tokenizer, "hellos", 10, 26);
    // aff able, though a ffable were possible, too
    CHECK(tokenizer, "unaffable", 5, 6, 7);
    // A rest that no piece begins makes the whole word unknown.
    CHECK(tokenizer, "unaffabl", 1);
    CHECK(tokenizer, "lo", 1);
    CHECK(tokenizer, "hello lo hello", 10, 1, 10);
    elea_tokenizer_free(tokenizer);
}

static void words_end_at_space_and_punctuation(void **state) {
    (void)state;
    elea_tokenizer *tokenizer = make_with(NULL, false);
    CHECK(tokenizer, "");
    CHECK(tokenizer, " \t\r\n\u3000 ");
    check(tokenizer, (elea_bytes){0}, 64, (const int32_t[]){CLS, SEP}, 2, false);
    CHECK(tokenizer, "Hello,hello!", 10, 13, 10, 14);
    CHECK(tokenizer, "  hello\thello\u2028hello\u00A0", 10, 10, 10);
    // A sign that Unicode does not call punctuation, but ASCII does; and one that nobody does.
    CHECK(tokenizer, "hello$hello", 10, 27, 10);
    CHECK(tokenizer, "hello\u20AChello", 1);
    CHECK(tokenizer, "hello\u00BFhello", 10, 1, 10);
    elea_tokenizer_free(tokenizer);
}

static void case_accents_and_controls_go(void **state) {
    (void)state;
    elea_tokenizer *tokenizer = make_with(NULL, false);
    CHECK(tokenizer, "HeLLo", 10);
    CHECK(tokenizer, "caf\u00E9 CAF\u00C9 cafe\u0301", 20, 21, 20, 21, 20, 21);
    CHECK(tokenizer, "\u1E9E", 23);
    CHECK(tokenizer, "hel\0lo", 10);
    CHECK(tokenizer, "hel\u200Blo hel\uFFFDlo hel\U000E0041lo hel\xC2\x85lo", 10, 10, 10, 10);
    CHECK(tokenizer, "hel\vlo", 10);
    CHECK(tokenizer, "\u0301\u200D\u0301");
    elea_tokenizer_free(tokenizer);
}

static void ideographs_are_words(void **state) {
    (void)state;
    elea_tokenizer *tokenizer = make_with(NULL, false);
    CHECK(tokenizer, "漢字", 15, 16);
    CHECK(tokenizer, "hello漢hello", 10, 15, 10);
    CHECK(tokenizer, "漢\u0301s", 15, 1);
    // A compatibility ideograph becomes the plain one: U+FA47 is U+6F22.
    CHECK(tokenizer, "hello\uFA47", 10, 15);
    // Kana are letters.
    CHECK(tokenizer, "hello\u304Bhello", 1);
    elea_tokenizer_free(tokenizer);
}

static void added_tokens_are_found_as_they_are(void **state) {
    (void)state;
    elea_tokenizer *tokenizer = make_with(NULL, false);
    CHECK(tokenizer, "[MASK]", 4);
    CHECK(tokenizer, "hello[MASK]hello [SEP][CLS]", 10, 4, 10, 3, 2);
    CHECK(tokenizer, "[mask]", 1, 1, 1);
    CHECK(tokenizer, "[MASK", 1, 1);
    CHECK(tokenizer, "[[MASK]]", 1, 4, 1);
    // Not joined across it, nor is one made by what normalization removes.
    CHECK(tokenizer, "hel[PAD]lo", 11, 0, 1);
    CHECK(tokenizer, "[MA\u200BSK]", 1, 1, 1);
    elea_tokenizer_free(tokenizer);
}

static void longest_added_token_wins(void **state) {
    (void)state;
    tokenizer_parts parts = {.added = "[" PARTS_ADDED(28, "ab") "," PARTS_ADDED(
                                 29, "abc") "," PARTS_ADDED(30, "漢字") "]"};
    elea_tokenizer *tokenizer = make_with(&parts, false);
    CHECK(tokenizer, "abcab ababd", 29, 28, 28, 28, 1);
    CHECK(tokenizer, "漢字漢", 30, 15);
    CHECK(tokenizer, "[MASK]", 1, 1, 1);
    assert_int_equal(elea_tokenizer_vocabulary_size(tokenizer), PARTS_TOKEN_COUNT + 3);
    assert_int_equal(elea_tokenizer_id(tokenizer, elea_bytes_of("abc")), 29);
    elea_tokenizer_free(tokenizer);
}

static void long_words_are_unknown(void **state) {
    (void)state;
    elea_tokenizer *tokenizer = make_with(NULL, false);
    CHECK(tokenizer, "unaffables", 5, 6, 7, 26);
    CHECK(tokenizer, "unaffabless", 1);
    CHECK(tokenizer, "unaffabless,hello", 1, 13, 10);
    CHECK(tokenizer, "unaffable\u00DF\u00DF\u00DF\u00DF", 1);
    // What is removed does not count.
    CHECK(tokenizer, "e\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301", 18);
    static char word[70000];
    memset(word, 'e', sizeof word);
    check(tokenizer, (elea_bytes){word, sizeof word}, 64, (const int32_t[]){CLS, 1, SEP}, 3, false);
    elea_tokenizer_free(tokenizer);
}

static void options_of_the_normalizer(void **state) {
    (void)state;
    elea_tokenizer *tokenizer;
    tokenizer = make_normalizing("{\"type\":\"BertNormalizer\",\"lowercase\":false}");
    CHECK(tokenizer, "\u00C9 \u00E9 E HELLO", 19, 17, 25, 1);
    elea_tokenizer_free(tokenizer);
    tokenizer = make_normalizing(
        "{\"type\":\"BertNormalizer\",\"lowercase\":false,\"strip_accents\":true}");
    CHECK(tokenizer, "\u00C9 \u00E9", 25, 18);
    elea_tokenizer_free(tokenizer);
    tokenizer = make_normalizing(
        "{\"type\":\"BertNormalizer\",\"lowercase\":true,\"strip_accents\":false}");
    CHECK(tokenizer, "\u00C9 \u0130 e\u0301", 17, 24, 1);
    elea_tokenizer_free(tokenizer);
    tokenizer = make_normalizing("{\"type\":\"BertNormalizer\",\"clean_text\":false}");
    CHECK(tokenizer, "hel\u200Blo hello\xC2\x85hello\vhello hel\001lo", 1, 10, 10, 10, 1);
    elea_tokenizer_free(tokenizer);
    tokenizer = make_normalizing("{\"type\":\"BertNormalizer\",\"handle_chinese_chars\":false}");
    CHECK(tokenizer, "hello漢 漢", 10, 22, 15);
    elea_tokenizer_free(tokenizer);
    tokenizer = make_normalizing("null");
    CHECK(tokenizer, "\u00C9 hello漢 HELLO", 19, 10, 22, 1);
    elea_tokenizer_free(tokenizer);
}

// As a folder's sentence_bert_config.json may demand; it says nothing about accents.
static void lowercase_on_demand(void **state) {
    (void)state;
    tokenizer_parts parts = {.normalizer = "{\"type\":\"BertNormalizer\",\"lowercase\":false}"};
    elea_tokenizer *tokenizer = make_with(&parts, true);
    CHECK(tokenizer, "\u00C9 HELLO", 17, 10);
    elea_tokenizer_free(tokenizer);
}

// Marks that are kept (Mc) come into canonical order: U+1D165 has class 216, U+302E has 224,
// U+1D16D has 226. U+0941 is removed, has class 0, and keeps apart what is on its sides.
static void marks_are_reordered(void **state) {
    (void)state;
    tokenizer_parts parts = {.vocabulary = "{\"[PAD]\":0,\"[UNK]\":1,\"[CLS]\":2,\"[SEP]\":3,"
                                           "\"[MASK]\":4,\"e\U0001D165\u302E\U0001D16D\":5,"
                                           "\"e\u302E\U0001D165\":6,\"\U0001D165\u302E\":7}"};
    elea_tokenizer *tokenizer = make_with(&parts, false);
    CHECK(tokenizer, "e\U0001D165\u302E\U0001D16D", 5);
    CHECK(tokenizer, "e\U0001D16D\u302E\U0001D165", 5);
    CHECK(tokenizer, "e\u302E\U0001D16D\u0301\U0001D165", 5);
    CHECK(tokenizer, "e\u302E\u0941\U0001D165", 6);
    CHECK(tokenizer, "\u302E\U0001D165", 7);
    // A control character is gone before marks are sorted.
    CHECK(tokenizer, "e\U0001D16D\u200B\u302E\u200B\U0001D165", 5);
    elea_tokenizer_free(tokenizer);
}

static void texts_are_cut_at_the_capacity(void **state) {
    (void)state;
    elea_error err;
    int32_t ids[8];
    int32_t length = -1;
    elea_tokenizer *tokenizer = make_with(NULL, false);
    CHECK_CUT(tokenizer, "hello, hello!", 6, false, 10, 13, 10, 14);
    CHECK_CUT(tokenizer, "hello, hello!", 5, true, 10, 13, 10);
    CHECK_CUT(tokenizer, "hello, hello!", 2, true);
    CHECK_CUT(tokenizer, "unaffable", 4, true, 5, 6);
    CHECK_CUT(tokenizer, "unaffabl", 3, false, 1);
    CHECK_CUT(tokenizer, "hello \u200B \u0301", 3, false, 10);
    CHECK_CUT(tokenizer, "[MASK][MASK]", 3, true, 4);
    CHECK_CUT(tokenizer, "hello unaffabless", 3, true, 10);
    CHECK_CUT(tokenizer, "", 2, false);
    elea_bytes text = elea_bytes_of("hello, hello!");
    assert_ok(elea_tokenizer_encode(tokenizer, text, ids, 5, &length, NULL, &err));
    assert_int_equal(length, 5);
    assert_fails(ELEA_ECAPACITY, "room for 1 ids, the template alone needs 2",
                 elea_tokenizer_encode(tokenizer, text, ids, 1, &length, NULL, &err));
    elea_tokenizer_free(tokenizer);
}

static void other_templates(void **state) {
    (void)state;
    tokenizer_parts parts = {.post_processor =
                                 "{\"type\":\"BertProcessing\",\"sep\":[\"[SEP]\",13],\"cls\":["
                                 "\"[CLS]\",14],\"trim_offsets\":true}"};
    elea_tokenizer *tokenizer = make_with(&parts, false);
    elea_bytes text = elea_bytes_of("hello");
    check(tokenizer, text, 64, (const int32_t[]){14, 10, 13}, 3, false);
    elea_tokenizer_free(tokenizer);

    parts.post_processor = "null";
    tokenizer = make_with(&parts, false);
    check(tokenizer, text, 64, (const int32_t[]){10}, 1, false);
    check(tokenizer, elea_bytes_of(""), 0, (const int32_t[]){0}, 0, false);
    check(tokenizer, text, 0, (const int32_t[]){0}, 0, true);
    elea_tokenizer_free(tokenizer);
}

static void text_that_is_not_utf8(void **state) {
    (void)state;
    elea_error err;
    int32_t ids[8];
    int32_t length = -1;
    elea_tokenizer *tokenizer = make_with(NULL, false);
    static const struct {
        const char *text;
        const char *part;
    } rows[] = {{"hello\xFF", "byte 5"},
                {"\x80", "byte 0"},
                {"hello \xE6\xBC", "byte 6"},
                {"\xED\xA0\x80", "byte 0"},
                {"a\xC0\x80", "byte 1"},
                {"ab\xF4\x90\x80\x80", "byte 2"},
                {"hello hello hello hello hello hello hello \xFF", "byte 42"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_fails(ELEA_EINVAL, rows[i].part,
                     elea_tokenizer_encode(tokenizer, elea_bytes_of(rows[i].text), ids, 8, &length,
                                           NULL, &err));
    elea_tokenizer_free(tokenizer);
}

static void tokens_and_ids(void **state) {
    (void)state;
    elea_tokenizer *tokenizer = make_with(NULL, false);
    assert_int_equal(elea_tokenizer_vocabulary_size(tokenizer), PARTS_TOKEN_COUNT);
    for (int32_t id = 0; id < PARTS_TOKEN_COUNT; id++) {
        elea_bytes token = elea_tokenizer_token(tokenizer, id);
        assert_int_equal(token.size, strlen(parts_tokens[id]));
        assert_memory_equal(token.data, parts_tokens[id], (size_t)token.size);
        assert_int_equal(elea_tokenizer_id(tokenizer, token), id);
    }
    assert_null(elea_tokenizer_token(tokenizer, -1).data);
    assert_null(elea_tokenizer_token(tokenizer, PARTS_TOKEN_COUNT).data);
    assert_int_equal(elea_tokenizer_id(tokenizer, elea_bytes_of("helloo")), -1);
    assert_int_equal(elea_tokenizer_id(tokenizer, elea_bytes_of("")), -1);
    elea_tokenizer_free(tokenizer);
    elea_tokenizer_free(NULL);
}

typedef struct shared_work {
    const elea_tokenizer *tokenizer;
    int32_t total[4];
} shared_work;

static elea_status encode_some(void *context, int64_t begin, int64_t end, int worker,
                               elea_error *err) {
    shared_work *work = context;
    for (int64_t i = begin; i < end; i++) {
        int32_t ids[16];
        int32_t length = 0;
        ELEA_TRY(elea_tokenizer_encode(work->tokenizer, elea_bytes_of("Unaffable, caf\u00E9!"), ids,
                                       16, &length, NULL, err));
        work->total[worker] += length;
    }
    return ELEA_OK;
}

static void threads_may_share_a_tokenizer(void **state) {
    (void)state;
    elea_error err;
    elea_thread_pool *threads = NULL;
    elea_tokenizer *tokenizer = make_with(NULL, false);
    shared_work work = {.tokenizer = tokenizer};
    assert_ok(elea_thread_pool_new(NULL, 4, &threads, &err));
    assert_ok(elea_thread_pool_for(threads, 1000, 10, encode_some, &work, NULL, &err));
    assert_int_equal(work.total[0] + work.total[1] + work.total[2] + work.total[3], 9000);
    elea_thread_pool_free(threads);
    elea_tokenizer_free(tokenizer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_cut_longest_piece_first),
        cmocka_unit_test(words_end_at_space_and_punctuation),
        cmocka_unit_test(case_accents_and_controls_go),
        cmocka_unit_test(ideographs_are_words),
        cmocka_unit_test(added_tokens_are_found_as_they_are),
        cmocka_unit_test(longest_added_token_wins),
        cmocka_unit_test(long_words_are_unknown),
        cmocka_unit_test(options_of_the_normalizer),
        cmocka_unit_test(lowercase_on_demand),
        cmocka_unit_test(marks_are_reordered),
        cmocka_unit_test(texts_are_cut_at_the_capacity),
        cmocka_unit_test(other_templates),
        cmocka_unit_test(text_that_is_not_utf8),
        cmocka_unit_test(tokens_and_ids),
        cmocka_unit_test(threads_may_share_a_tokenizer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

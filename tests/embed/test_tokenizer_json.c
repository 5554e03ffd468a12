// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with a tokenizer.json is said.
#include "embed/tokenizer.h"

#include "embed/tokenizer_parts.h"
#include "support/alloc_failures.h"
#include "support/cmocka_all.h"

#define VOCABULARY_START "{\"[PAD]\":0,\"[UNK]\":1,\"[CLS]\":2,\"[SEP]\":3,\"[MASK]\":4"
#define ADDED_START "[" PARTS_SPECIALS ","
#define MODEL(members) "{\"type\":\"WordPiece\"," members "}"
#define TEMPLATE(single)                                                                           \
    "{\"type\":\"TemplateProcessing\",\"single\":[" single                                         \
    "],\"special_tokens\":{\"[CLS]\":{\"ids\":[2]},\"[BAD]\":{\"ids\":[28]},\"[NIL]\":{},\"[TEN]"  \
    "\":{\"ids\":[2,2,2,2,2,2,2,2,2,2]}}}"
#define SPECIAL(name) "{\"SpecialToken\":{\"id\":\"" name "\",\"type_id\":0}}"
#define SEQUENCE "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}"

typedef struct row {
    tokenizer_parts parts;
    elea_status status;
    const char *part;
} row;

static const row rows[] = {
    // the vocabulary
    {{.vocabulary = "{\"[CLS]\":0,\"[SEP]\":1}", .added = "[]"},
     ELEA_EINVAL,
     "the template has id 2, expected 0 to 1"},
    {{.vocabulary = "{\"a\":0,\"b\":1,\"c\":2,\"d\":3}", .added = "[]"},
     ELEA_EINVAL,
     "the unknown token '[UNK]' is not in the vocabulary"},
    {{.vocabulary = "{\"[PAT]\":0,\"[UNK]\":1,\"[CLS]\":2,\"[SEP]\":3,\"[MASK]\":4}"},
     ELEA_EINVAL,
     "added token '[PAD]' has id 0, which the vocabulary gives to '[PAT]'"},
    {{.vocabulary = VOCABULARY_START ",\"a\":6}"},
     ELEA_EINVAL,
     "token 'a' has id 6, but there are only 6 tokens"},
    {{.vocabulary = VOCABULARY_START ",\"a\":4}"},
     ELEA_EINVAL,
     "tokens '[MASK]' and 'a' both have id 4"},
    {{.vocabulary = VOCABULARY_START ",\"a\":-5}"},
     ELEA_EINVAL,
     "the id of token 'a' is not a whole number"},
    {{.vocabulary = VOCABULARY_START ",\"a\":5.5}"},
     ELEA_EINVAL,
     "the id of token 'a' is not a whole number"},
    {{.vocabulary = VOCABULARY_START ",\"a\":\"5\"}"},
     ELEA_EINVAL,
     "the id of token 'a' is not a whole number"},
    {{.vocabulary = VOCABULARY_START ",\"a\":99999999999999999999}"},
     ELEA_EINVAL,
     "the id of token 'a' is not a whole number"},
    {{.vocabulary = VOCABULARY_START ",\"a\":1e300}"},
     ELEA_EINVAL,
     "the id of token 'a' is not a whole number"},
    {{.vocabulary = VOCABULARY_START ",\"a\":5,\"a\":6}"}, ELEA_EINVAL, "duplicate object key"},
    {{.vocabulary = "[]"}, ELEA_EINVAL, "there is no 'model' with a 'vocab'"},
    // the model
    {{.model = "null"}, ELEA_EINVAL, "there is no 'model' with a 'vocab'"},
    {{.model = "{\"type\":\"BPE\",\"vocab\":{}}"},
     ELEA_EUNSUPPORTED,
     "the model is 'BPE', expected 'WordPiece'"},
    {{.model = MODEL("\"vocab\":{\"a\":0},\"unk_token\":7")},
     ELEA_EINVAL,
     "'unk_token' is not a string"},
    {{.model = MODEL("\"vocab\":" VOCABULARY_START "},\"max_input_chars_per_word\":1025")},
     ELEA_EUNSUPPORTED,
     "words of 1025 characters, at most 1024"},
    {{.model = MODEL("\"vocab\":" VOCABULARY_START "},\"max_input_chars_per_word\":-1")},
     ELEA_EINVAL,
     "'max_input_chars_per_word' is not a whole number from 0"},
    // added tokens
    {{.added = ADDED_START PARTS_ADDED(7, "[SEP]") "]"},
     ELEA_EINVAL,
     "added token '[SEP]' has id 7, but the vocabulary gives it 3"},
    {{.added = ADDED_START PARTS_ADDED(29, "new") "]"},
     ELEA_EINVAL,
     "token 'new' has id 29, but there are only 29 tokens"},
    {{.added = ADDED_START PARTS_ADDED(28, "a") "," PARTS_ADDED(28, "b") "]"},
     ELEA_EINVAL,
     "tokens 'a' and 'b' both have id 28"},
    {{.added = ADDED_START PARTS_ADDED(28, "") "]"},
     ELEA_EINVAL,
     "an added token has no content or no id"},
    {{.added = ADDED_START "{\"content\":\"x\"}]"},
     ELEA_EINVAL,
     "an added token has no content or no id"},
    {{.added = ADDED_START "{\"id\":28,\"content\":\"x\",\"single_word\":true}]"},
     ELEA_EUNSUPPORTED,
     "added token 'x' is 'single_word'"},
    {{.added = ADDED_START "{\"id\":28,\"content\":\"x\",\"normalized\":true}]"},
     ELEA_EUNSUPPORTED,
     "added token 'x' is 'normalized'"},
    {{.added = ADDED_START "7]"}, ELEA_EINVAL, "added token 5 is not an object"},
    {{.added = "{}"}, ELEA_EINVAL, "'added_tokens' is not an array"},
    // normalizer and pre-tokenizer
    {{.normalizer = "{\"type\":\"Lowercase\"}"},
     ELEA_EUNSUPPORTED,
     "the normalizer is 'Lowercase', expected 'BertNormalizer'"},
    {{.normalizer = "{\"type\":\"BertNormalizer\",\"lowercase\":1}"},
     ELEA_EINVAL,
     "'lowercase' is not true or false"},
    {{.normalizer = "[]"}, ELEA_EUNSUPPORTED, "the normalizer is 'none'"},
    {{.pre_tokenizer = "null"}, ELEA_EUNSUPPORTED, "the pre-tokenizer is 'none'"},
    {{.pre_tokenizer = "{\"type\":\"Whitespace\"}"},
     ELEA_EUNSUPPORTED,
     "the pre-tokenizer is 'Whitespace'"},
    // the template
    {{.post_processor = "{\"type\":\"ByteLevel\"}"},
     ELEA_EUNSUPPORTED,
     "the post-processor is 'ByteLevel'"},
    {{.post_processor = TEMPLATE(SPECIAL("[BAD]") "," SEQUENCE)},
     ELEA_EINVAL,
     "the template has id 28, expected 0 to 27"},
    {{.post_processor = TEMPLATE(SPECIAL("[NIL]") "," SEQUENCE)},
     ELEA_EINVAL,
     "the template's token '[NIL]' has no ids"},
    {{.post_processor = TEMPLATE(SPECIAL("[CLS]"))},
     ELEA_EINVAL,
     "the template has 0 places for the text"},
    {{.post_processor = TEMPLATE(SEQUENCE "," SEQUENCE)},
     ELEA_EINVAL,
     "the template has 2 places for the text"},
    {{.post_processor = TEMPLATE("{\"Sequence\":{\"id\":\"A\",\"type_id\":1}}")},
     ELEA_EUNSUPPORTED,
     "piece 0 of the template has a type_id that is not 0"},
    {{.post_processor = TEMPLATE(SPECIAL("[TEN]") "," SEQUENCE)},
     ELEA_EUNSUPPORTED,
     "the template has more than 8 ids on one side"},
    {{.post_processor = "{\"type\":\"BertProcessing\",\"cls\":[\"[CLS]\"]}"},
     ELEA_EINVAL,
     "an id of the template is not a number"},
    {{.post_processor = "{\"type\":\"BertProcessing\",\"cls\":[\"a\",2],\"sep\":[\"b\",77]}"},
     ELEA_EINVAL,
     "the template has id 77"},
};

static void wrong_parts(void **state) {
    (void)state;
    elea_error err;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        elea_tokenizer *tokenizer = NULL;
        char *json = parts_json(&rows[i].parts);
        assert_non_null(json);
        elea_bytes text = elea_bytes_of(json);
        assert_fails(rows[i].status, rows[i].part,
                     elea__tokenizer_new_from_json(text, false, NULL, &tokenizer, &err));
        assert_null(tokenizer);
        assert_int_not_equal(elea__tokenizer_new_from_json(text, false, NULL, &tokenizer, NULL),
                             ELEA_OK);
        free(json);
    }
}

// Cut anywhere it is not JSON any more.
static void cut_text(void **state) {
    (void)state;
    elea_error err;
    elea_tokenizer *tokenizer = NULL;
    char *json = parts_json(NULL);
    assert_non_null(json);
    int64_t size = elea_bytes_of(json).size;
    for (int64_t cut = 0; cut < size; cut++)
        assert_fails(
            ELEA_EINVAL, "not JSON: line 1, column",
            elea__tokenizer_new_from_json((elea_bytes){json, cut}, false, NULL, &tokenizer, &err));
    free(json);
    assert_fails(ELEA_EINVAL, "expected a JSON object",
                 elea__tokenizer_new_from_json(elea_bytes_of("[]"), false, NULL, &tokenizer, &err));
    assert_fails(ELEA_EINVAL, "there is no 'model' with a 'vocab'",
                 elea__tokenizer_new_from_json(elea_bytes_of("{}"), false, NULL, &tokenizer, &err));
    assert_null(tokenizer);
}

static elea_status make_and_free(elea_pool *pool, void *context, elea_error *err) {
    elea_tokenizer *tokenizer = NULL;
    ELEA_TRY(elea__tokenizer_new_from_json(elea_bytes_of(context), false, pool, &tokenizer, err));
    elea_tokenizer_free(tokenizer);
    return ELEA_OK;
}

static void memory_runs_out(void **state) {
    (void)state;
    char *json = parts_json(NULL);
    assert_non_null(json);
    assert_int_equal(elea_test_fail_each_allocation(make_and_free, json), 5);
    free(json);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_parts),
        cmocka_unit_test(cut_text),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

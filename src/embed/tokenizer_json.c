// SPDX-License-Identifier: Apache-2.0
//
// tokenizer.json, as the `tokenizers` package writes it.
#include <inttypes.h>
#include <string.h>

#include "embed/model_folder.h"
#include "embed/tokenizer.h"

// What is read, with the memory that the recipe borrows.
typedef struct reader {
    elea_pool *pool;
    json_t *root;
    elea_bytes *tokens;
    int64_t tokens_size;
    elea__added_token *added;
    int64_t added_size;
    elea__tokenizer_recipe recipe;
} reader;

static elea_status expect_type(const json_t *object, const char *what, const char *expected,
                               elea_error *err) {
    const char *type = NULL;
    ELEA_TRY(elea__json_string(object, "type", "none", &type, err));
    if (strcmp(type, expected) == 0)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EUNSUPPORTED, "the %s is '%s', expected '%s'", what, type,
                          expected);
}

static elea_status read_normalizer(reader *r, bool lowercase, elea_error *err) {
    const json_t *object = json_object_get(r->root, "normalizer");
    bool any = object != NULL && !json_is_null(object);
    if (any)
        ELEA_TRY(expect_type(object, "normalizer", "BertNormalizer", err));
    elea__tokenizer_recipe *recipe = &r->recipe;
    ELEA_TRY(elea__json_boolean(object, "clean_text", any, &recipe->clean_text, err));
    ELEA_TRY(elea__json_boolean(object, "handle_chinese_chars", any, &recipe->separate_cjk, err));
    ELEA_TRY(elea__json_boolean(object, "lowercase", any, &recipe->lowercase, err));
    ELEA_TRY(elea__json_boolean(object, "strip_accents", recipe->lowercase, &recipe->strip_accents,
                                err));
    recipe->lowercase = recipe->lowercase || lowercase;
    return ELEA_OK;
}

static elea_status put_token(reader *r, elea_bytes content, int32_t id, elea_error *err) {
    if (id >= r->recipe.count)
        return elea_error_set(err, ELEA_EINVAL,
                              "token '%.*s' has id %" PRId32 ", but there are only %" PRId32
                              " tokens",
                              (int)content.size, content.data, id, r->recipe.count);
    if (r->tokens[id].data != NULL)
        return elea_error_set(err, ELEA_EINVAL, "tokens '%.*s' and '%.*s' both have id %" PRId32,
                              (int)r->tokens[id].size, r->tokens[id].data, (int)content.size,
                              content.data, id);
    r->tokens[id] = content;
    return ELEA_OK;
}

// The tokens of the model come first: as no two have one id, the ids have no holes.
static elea_status read_vocabulary(reader *r, json_t *vocabulary, elea_error *err) {
    const char *key;
    json_t *value;
    r->recipe.count = r->recipe.model_count;
    json_object_foreach(vocabulary, key, value) {
        int32_t id = -1;
        if (!elea__json_whole(value, 0, INT32_MAX, &id))
            return elea_error_set(err, ELEA_EINVAL,
                                  "the id of token '%s' is not a whole number from 0 to %d", key,
                                  INT32_MAX);
        ELEA_TRY(put_token(r, elea_bytes_of(key), id, err));
    }
    return ELEA_OK;
}

static elea_status read_model(reader *r, json_t *model, elea_error *err) {
    const char *unknown = NULL;
    const char *prefix = NULL;
    ELEA_TRY(elea__json_string(model, "unk_token", "[UNK]", &unknown, err));
    ELEA_TRY(elea__json_string(model, "continuing_subword_prefix", "##", &prefix, err));
    ELEA_TRY(elea__json_integer(model, "max_input_chars_per_word", 0, INT32_MAX, 100,
                                &r->recipe.word_chars_max, err));
    r->recipe.unknown = elea_bytes_of(unknown);
    r->recipe.prefix = elea_bytes_of(prefix);
    return ELEA_OK;
}

static elea_status read_added_token(reader *r, const json_t *entry, elea_error *err) {
    const char *content = NULL;
    int32_t id = -1;
    bool single_word = false;
    bool normalized = false;
    ELEA_TRY(elea__json_string(entry, "content", "", &content, err));
    ELEA_TRY(elea__json_integer(entry, "id", 0, INT32_MAX, -1, &id, err));
    ELEA_TRY(elea__json_boolean(entry, "single_word", false, &single_word, err));
    ELEA_TRY(elea__json_boolean(entry, "normalized", false, &normalized, err));
    if (content[0] == '\0' || id < 0)
        return elea_error_set(err, ELEA_EINVAL, "an added token has no content or no id");
    if (single_word || normalized)
        return elea_error_set(err, ELEA_EUNSUPPORTED, "added token '%s' is '%s'", content,
                              single_word ? "single_word" : "normalized");
    elea_bytes bytes = elea_bytes_of(content);
    if (id >= r->recipe.model_count)
        ELEA_TRY(put_token(r, bytes, id, err));
    r->added[r->recipe.added_count++] = (elea__added_token){bytes, id};
    return ELEA_OK;
}

// Tokens that are only added have the ids after those of the model.
static elea_status read_added(reader *r, const json_t *list, elea_error *err) {
    size_t index;
    json_t *entry;
    int32_t new_count = 0;
    json_array_foreach(list, index, entry) {
        int32_t id = -1;
        new_count +=
            elea__json_whole(json_object_get(entry, "id"), r->recipe.model_count, INT32_MAX, &id);
    }
    r->recipe.count = r->recipe.model_count + new_count;
    json_array_foreach(list, index, entry) {
        if (!json_is_object(entry))
            return elea_error_set(err, ELEA_EINVAL, "added token %zu is not an object", index);
        ELEA_TRY(read_added_token(r, entry, err));
    }
    return ELEA_OK;
}

static elea_status read_tokens(reader *r, elea_error *err) {
    json_t *model = json_object_get(r->root, "model");
    json_t *vocabulary = json_object_get(model, "vocab");
    const json_t *added = json_object_get(r->root, "added_tokens");
    if (!json_is_object(vocabulary))
        return elea_error_set(err, ELEA_EINVAL, "there is no 'model' with a 'vocab'");
    if (added != NULL && !json_is_null(added) && !json_is_array(added))
        return elea_error_set(err, ELEA_EINVAL, "'added_tokens' is not an array");
    ELEA_TRY(expect_type(model, "model", "WordPiece", err));
    int64_t model_count = (int64_t)json_object_size(vocabulary);
    int64_t added_count = (int64_t)json_array_size(added);
    if (model_count + added_count > ELEA__VOCABULARY_COUNT_MAX)
        return elea_error_set(err, ELEA_ECAPACITY, "%" PRId64 " tokens, at most %d",
                              model_count + added_count, ELEA__VOCABULARY_COUNT_MAX);
    void *block = NULL;
    r->tokens_size = (model_count + added_count) * (int64_t)sizeof(elea_bytes);
    ELEA_TRY(elea_alloc_zero(r->pool, r->tokens_size, &block, err));
    r->tokens = block;
    r->added_size = added_count * (int64_t)sizeof(elea__added_token);
    ELEA_TRY(elea_alloc(r->pool, r->added_size, &block, err));
    r->added = block;

    r->recipe.tokens = r->tokens;
    r->recipe.added = r->added;
    r->recipe.model_count = (int32_t)model_count;
    ELEA_TRY(read_model(r, model, err));
    ELEA_TRY(read_vocabulary(r, vocabulary, err));
    return read_added(r, added, err);
}

static elea_status put_template_id(elea__template *around, bool closing, const json_t *id,
                                   elea_error *err) {
    int32_t *count = closing ? &around->closing_count : &around->opening_count;
    int32_t value = -1;
    if (!elea__json_whole(id, 0, INT32_MAX, &value))
        return elea_error_set(err, ELEA_EINVAL, "an id of the template is not a number");
    if (*count == ELEA__TEMPLATE_COUNT_MAX)
        return elea_error_set(err, ELEA_EUNSUPPORTED,
                              "the template has more than %d ids on one side",
                              ELEA__TEMPLATE_COUNT_MAX);
    (closing ? around->closing : around->opening)[(*count)++] = value;
    return ELEA_OK;
}

// {"special_tokens": {"[CLS]": {"ids": [101], ...}}, "single": [{"SpecialToken": {"id": "[CLS]"}},
// {"Sequence": {"id": "A"}}, ...]}
static elea_status read_pieces(reader *r, const json_t *processor, elea_error *err) {
    const json_t *specials = json_object_get(processor, "special_tokens");
    size_t index;
    json_t *piece;
    int sequences = 0;
    json_array_foreach(json_object_get(processor, "single"), index, piece) {
        const json_t *special = json_object_get(piece, "SpecialToken");
        const json_t *part = special ? special : json_object_get(piece, "Sequence");
        if (json_number_value(json_object_get(part, "type_id")) != 0)
            return elea_error_set(err, ELEA_EUNSUPPORTED,
                                  "piece %zu of the template has a type_id that is not 0", index);
        if (special == NULL) {
            sequences++;
            continue;
        }
        const char *name = NULL;
        ELEA_TRY(elea__json_string(special, "id", "", &name, err));
        const json_t *ids = json_object_get(json_object_get(specials, name), "ids");
        if (json_array_size(ids) == 0)
            return elea_error_set(err, ELEA_EINVAL, "the template's token '%s' has no ids", name);
        size_t i;
        json_t *id;
        json_array_foreach(ids, i, id)
            ELEA_TRY(put_template_id(&r->recipe.around, sequences > 0, id, err));
    }
    if (sequences != 1)
        return elea_error_set(err, ELEA_EINVAL, "the template has %d places for the text",
                              sequences);
    return ELEA_OK;
}

// {"cls": ["[CLS]", 101], "sep": ["[SEP]", 102]}
static elea_status read_pair(reader *r, const json_t *processor, elea_error *err) {
    const json_t *cls = json_array_get(json_object_get(processor, "cls"), 1);
    const json_t *sep = json_array_get(json_object_get(processor, "sep"), 1);
    ELEA_TRY(put_template_id(&r->recipe.around, false, cls, err));
    return put_template_id(&r->recipe.around, true, sep, err);
}

static elea_status read_template(reader *r, elea_error *err) {
    const json_t *processor = json_object_get(r->root, "post_processor");
    if (processor == NULL || json_is_null(processor))
        return ELEA_OK;
    const char *type = NULL;
    ELEA_TRY(elea__json_string(processor, "type", "none", &type, err));
    if (strcmp(type, "BertProcessing") == 0)
        return read_pair(r, processor, err);
    ELEA_TRY(expect_type(processor, "post-processor", "TemplateProcessing", err));
    return read_pieces(r, processor, err);
}

static elea_status read_all(reader *r, bool lowercase, elea_error *err) {
    ELEA_TRY(read_tokens(r, err));
    ELEA_TRY(read_normalizer(r, lowercase, err));
    ELEA_TRY(expect_type(json_object_get(r->root, "pre_tokenizer"), "pre-tokenizer",
                         "BertPreTokenizer", err));
    return read_template(r, err);
}

elea_status elea__tokenizer_new_from_json(elea_bytes text, bool lowercase, elea_pool *pool,
                                          elea_tokenizer **out, elea_error *err) {
    elea_status status = ELEA_OK;
    reader r = {.pool = pool};
    ELEA_GOTO(done, elea__json_parse(text, &r.root, err));
    ELEA_GOTO(done, read_all(&r, lowercase, err));
    ELEA_GOTO(done, elea__tokenizer_new(&r.recipe, pool, out, err));
done:
    elea_dealloc(pool, r.tokens, r.tokens_size);
    elea_dealloc(pool, r.added, r.added_size);
    json_decref(r.root);
    return status;
}

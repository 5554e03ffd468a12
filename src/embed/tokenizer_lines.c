// SPDX-License-Identifier: Apache-2.0
//
// vocab.txt: a token a line, its id the number of the line, from 0. The rest is as BERT has it.
#include <inttypes.h>
#include <string.h>

#include "base/utf8_internal.h"
#include "embed/char_class.h"
#include "embed/model_folder.h"
#include "embed/tokenizer.h"

#define SPECIAL_COUNT 5

enum { UNKNOWN, OPENING, CLOSING };

static const struct {
    const char *key;
    const char *token;
} specials[SPECIAL_COUNT] = {[UNKNOWN] = {"unk_token", "[UNK]"},
                             [OPENING] = {"cls_token", "[CLS]"},
                             [CLOSING] = {"sep_token", "[SEP]"},
                             {"pad_token", "[PAD]"},
                             {"mask_token", "[MASK]"}};

typedef struct reader {
    elea_pool *pool;
    const json_t *config; // may be NULL
    elea_bytes *tokens;
    int64_t tokens_size;
    elea__added_token added[SPECIAL_COUNT];
    elea__tokenizer_recipe recipe;
} reader;

static elea_bytes without_trailing_space(elea_bytes line) {
    const uint8_t *text = (const uint8_t *)line.data;
    while (line.size > 0) {
        int64_t last = line.size - 1;
        while (last > 0 && (text[last] & 0xC0) == 0x80)
            last--;
        uint32_t code_point = 0;
        elea__utf8_decode(text + last, line.size - last, &code_point);
        elea__char_class class = elea__char_class_of(code_point);
        if (class != ELEA__CHAR_SPACE && class != ELEA__CHAR_CONTROL_SPACE)
            break;
        line.size = last;
    }
    return line;
}

static elea_status read_lines(reader *r, elea_bytes text, elea_error *err) {
    int64_t wrong = elea_utf8_check(text.data, text.size);
    if (wrong < text.size)
        return elea_error_set(err, ELEA_EINVAL, "not UTF-8 at byte %" PRId64, wrong);
    int64_t count = 0;
    for (int64_t i = 0; i < text.size; i++)
        count += text.data[i] == '\n' || i == text.size - 1;
    if (count > ELEA__VOCABULARY_COUNT_MAX)
        return elea_error_set(err, ELEA_ECAPACITY, "%" PRId64 " tokens, at most %d", count,
                              ELEA__VOCABULARY_COUNT_MAX);
    void *block = NULL;
    r->tokens_size = count * (int64_t)sizeof(elea_bytes);
    ELEA_TRY(elea_alloc(r->pool, r->tokens_size, &block, err));
    r->tokens = block;

    int64_t begin = 0;
    for (int64_t id = 0; id < count; id++) {
        const char *end = memchr(text.data + begin, '\n', (size_t)(text.size - begin));
        int64_t size = end ? end - (text.data + begin) : text.size - begin;
        r->tokens[id] = without_trailing_space((elea_bytes){text.data + begin, size});
        begin += size + 1;
    }
    r->recipe.tokens = r->tokens;
    r->recipe.count = r->recipe.model_count = (int32_t)count;
    return ELEA_OK;
}

// A special token is given as a string, or as an object with its "content".
static elea_status special_name(const reader *r, int index, const char **out, elea_error *err) {
    const json_t *value = json_object_get(r->config, specials[index].key);
    if (json_is_object(value))
        return elea__json_string(value, "content", specials[index].token, out, err);
    return elea__json_string(r->config, specials[index].key, specials[index].token, out, err);
}

static int32_t last_id_of(const reader *r, elea_bytes token) {
    for (int32_t id = r->recipe.count - 1; id >= 0; id--)
        if (r->tokens[id].size == token.size &&
            memcmp(r->tokens[id].data, token.data, (size_t)token.size) == 0)
            return id;
    return -1;
}

static elea_status read_specials(reader *r, elea_error *err) {
    elea__tokenizer_recipe *recipe = &r->recipe;
    for (int i = 0; i < SPECIAL_COUNT; i++) {
        const char *name = NULL;
        ELEA_TRY(special_name(r, i, &name, err));
        elea_bytes token = elea_bytes_of(name);
        int32_t id = token.size > 0 ? last_id_of(r, token) : -1;
        if (id < 0 && i <= CLOSING)
            return elea_error_set(err, ELEA_EINVAL,
                                  "the vocabulary of %" PRId32 " tokens has no '%s'", recipe->count,
                                  name);
        if (id < 0)
            continue;
        r->added[recipe->added_count++] = (elea__added_token){token, id};
        if (i == UNKNOWN)
            recipe->unknown = token;
        else if (i == OPENING)
            recipe->around.opening[recipe->around.opening_count++] = id;
        else if (i == CLOSING)
            recipe->around.closing[recipe->around.closing_count++] = id;
    }
    recipe->added = r->added;
    return ELEA_OK;
}

static elea_status read_options(reader *r, bool lowercase, elea_error *err) {
    elea__tokenizer_recipe *recipe = &r->recipe;
    recipe->clean_text = true;
    recipe->word_chars_max = 100;
    recipe->prefix = elea_bytes_of("##");
    ELEA_TRY(elea__json_boolean(r->config, "do_lower_case", true, &recipe->lowercase, err));
    ELEA_TRY(elea__json_boolean(r->config, "strip_accents", recipe->lowercase,
                                &recipe->strip_accents, err));
    ELEA_TRY(
        elea__json_boolean(r->config, "tokenize_chinese_chars", true, &recipe->separate_cjk, err));
    recipe->lowercase = recipe->lowercase || lowercase;
    return ELEA_OK;
}

elea_status elea__tokenizer_new_from_lines(elea_bytes lines, const json_t *config, bool lowercase,
                                           elea_pool *pool, elea_tokenizer **out, elea_error *err) {
    elea_status status = ELEA_OK;
    reader r = {.pool = pool, .config = config};
    ELEA_GOTO(done, read_lines(&r, lines, err));
    ELEA_GOTO(done, read_specials(&r, err));
    ELEA_GOTO(done, read_options(&r, lowercase, err));
    ELEA_GOTO(done, elea__tokenizer_new(&r.recipe, pool, out, err));
done:
    elea_dealloc(pool, r.tokens, r.tokens_size);
    return status;
}

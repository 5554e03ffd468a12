// SPDX-License-Identifier: Apache-2.0
#include "embed/tokenizer.h"

#include <inttypes.h>

#include "base/utf8_internal.h"
#include "embed/char_class.h"
#include "embed/wordpiece.h"

// ---- making

// An added token and the vocabulary agree on its id, both ways.
static elea_status check_added(const elea_tokenizer *tokenizer, elea_error *err) {
    for (int32_t i = 0; i < tokenizer->added.count; i++) {
        const elea__added_token *token = &tokenizer->added.tokens[i];
        elea_bytes content = token->content;
        int32_t id = elea__vocabulary_id(&tokenizer->vocabulary, content);
        if (id >= 0 && id != token->id)
            return elea_error_set(err, ELEA_EINVAL,
                                  "added token '%.*s' has id %" PRId32
                                  ", but the vocabulary gives it %" PRId32,
                                  (int)content.size, content.data, token->id, id);
        elea_bytes other = elea__vocabulary_token(&tokenizer->vocabulary, token->id);
        if (other.size != content.size || memcmp(other.data, content.data, (size_t)other.size) != 0)
            return elea_error_set(
                err, ELEA_EINVAL,
                "added token '%.*s' has id %" PRId32 ", which the vocabulary gives to '%.*s'",
                (int)content.size, content.data, token->id, (int)other.size, other.data);
    }
    return ELEA_OK;
}

static elea_status check_template(const int32_t *ids, int32_t id_count, int32_t count,
                                  elea_error *err) {
    for (int32_t i = 0; i < id_count; i++)
        if (ids[i] < 0 || ids[i] >= count)
            return elea_error_set(err, ELEA_EINVAL,
                                  "the template has id %" PRId32 ", expected 0 to %" PRId32, ids[i],
                                  count - 1);
    return ELEA_OK;
}

static elea_status fill(elea_tokenizer *tokenizer, const elea__tokenizer_recipe *recipe,
                        elea_error *err) {
    elea_pool *pool = tokenizer->pool;
    if (recipe->word_chars_max > ELEA__WORD_CHARS_MAX)
        return elea_error_set(err, ELEA_EUNSUPPORTED, "words of %" PRId32 " characters, at most %d",
                              recipe->word_chars_max, ELEA__WORD_CHARS_MAX);
    ELEA_TRY(elea__vocabulary_init(&tokenizer->vocabulary, pool, recipe->tokens, recipe->count,
                                   recipe->model_count, recipe->prefix, err));
    ELEA_TRY(
        elea__added_tokens_init(&tokenizer->added, pool, recipe->added, recipe->added_count, err));
    ELEA_TRY(check_added(tokenizer, err));
    const elea__template *around = &recipe->around;
    ELEA_TRY(check_template(around->opening, around->opening_count, recipe->count, err));
    ELEA_TRY(check_template(around->closing, around->closing_count, recipe->count, err));
    tokenizer->unknown = elea__vocabulary_id(&tokenizer->vocabulary, recipe->unknown);
    if (tokenizer->unknown < 0)
        return elea_error_set(err, ELEA_EINVAL, "the unknown token '%.*s' is not in the vocabulary",
                              (int)recipe->unknown.size, recipe->unknown.data);
    tokenizer->word_chars_max = recipe->word_chars_max;
    tokenizer->around = *around;
    tokenizer->normalizer.clean_text = recipe->clean_text;
    tokenizer->normalizer.separate_cjk = recipe->separate_cjk;
    tokenizer->normalizer.strip_accents = recipe->strip_accents;
    tokenizer->normalizer.lowercase = recipe->lowercase;
    elea__normalizer_init(&tokenizer->normalizer);
    return ELEA_OK;
}

elea_status elea__tokenizer_new(const elea__tokenizer_recipe *recipe, elea_pool *pool,
                                elea_tokenizer **out, elea_error *err) {
    void *block = NULL;
    ELEA_TRY(elea_alloc_zero(pool, sizeof(elea_tokenizer), &block, err));
    elea_tokenizer *tokenizer = block;
    tokenizer->pool = pool;
    elea_status status = fill(tokenizer, recipe, err);
    if (status == ELEA_OK)
        *out = tokenizer;
    else
        elea_tokenizer_free(tokenizer);
    return status;
}

void elea_tokenizer_free(elea_tokenizer *tokenizer) {
    if (tokenizer == NULL)
        return;
    elea__added_tokens_release(&tokenizer->added);
    elea__vocabulary_release(&tokenizer->vocabulary);
    elea_dealloc(tokenizer->pool, tokenizer, sizeof *tokenizer);
}

// ---- looking up

int32_t elea_tokenizer_vocabulary_size(const elea_tokenizer *tokenizer) {
    return tokenizer->vocabulary.count;
}

elea_bytes elea_tokenizer_token(const elea_tokenizer *tokenizer, int32_t id) {
    if (id < 0 || id >= tokenizer->vocabulary.count)
        return (elea_bytes){0};
    return elea__vocabulary_token(&tokenizer->vocabulary, id);
}

int32_t elea_tokenizer_id(const elea_tokenizer *tokenizer, elea_bytes token) {
    int32_t id = elea__vocabulary_id(&tokenizer->vocabulary, token);
    return id >= 0 ? id : elea__added_tokens_id(&tokenizer->added, token);
}

// ---- encoding

// A text on its way into ids. The word that is being read is in UTF-8 and normalized.
typedef struct encoder {
    const elea_tokenizer *tokenizer;
    int32_t *ids;
    int32_t length;
    int32_t capacity;
    bool cut; // there were more ids than capacity
    int32_t word_size;
    int32_t word_chars; // those beyond word_chars_max are counted, not stored
    int32_t run_start;  // where the marks begin that are sorted by combining class
    uint8_t word[ELEA__WORD_SIZE_MAX];
} encoder;

static void put_id(encoder *e, int32_t id) {
    if (e->length < e->capacity)
        e->ids[e->length++] = id;
    else
        e->cut = true;
}

static void end_word(encoder *e) {
    int32_t chars = e->word_chars;
    int32_t size = e->word_size;
    e->word_chars = 0;
    e->word_size = 0;
    e->run_start = 0;
    if (chars == 0)
        return;
    if (chars > e->tokenizer->word_chars_max) {
        put_id(e, e->tokenizer->unknown);
        return;
    }
    int32_t room = e->capacity - e->length;
    int32_t unknown = e->tokenizer->unknown;
    if (room == 0) {
        e->cut = true;
        return;
    }
    e->length += elea__wordpiece_cut(&e->tokenizer->vocabulary, e->word, size, unknown,
                                     e->ids + e->length, room, &e->cut);
}

// Counts a character of the word; false when it is beyond what is stored. The count stops there.
static bool count_character(encoder *e) {
    if (e->word_chars <= e->tokenizer->word_chars_max)
        e->word_chars++;
    return e->word_chars <= e->tokenizer->word_chars_max;
}

static void put_letter(encoder *e, uint32_t code_point) {
    if (!count_character(e))
        return;
    e->word_size += elea__utf8_encode(code_point, e->word + e->word_size);
    e->run_start = e->word_size;
}

// Where a mark of this class goes: behind those of the same or a lower class in its run.
static int32_t mark_position(const encoder *e, uint8_t combining) {
    int32_t position = e->word_size;
    while (position > e->run_start) {
        int32_t before = position - 1;
        while ((e->word[before] & 0xC0) == 0x80)
            before--;
        uint32_t code_point = 0;
        elea__utf8_decode(e->word + before, position - before, &code_point);
        if (elea__combining_class(code_point) <= combining)
            break;
        position = before;
    }
    return position;
}

static void put_mark(encoder *e, uint32_t code_point, uint8_t combining) {
    if (!count_character(e))
        return;
    uint8_t bytes[4];
    int size = elea__utf8_encode(code_point, bytes);
    int32_t position = mark_position(e, combining);
    memmove(e->word + position + size, e->word + position, (size_t)(e->word_size - position));
    memcpy(e->word + position, bytes, (size_t)size);
    e->word_size += size;
}

static void put_unit(encoder *e, elea__unit unit) {
    switch ((elea__unit_kind)unit.kind) {
    case ELEA__UNIT_LETTER:
        if (unit.combining == 0)
            put_letter(e, unit.code_point);
        else
            put_mark(e, unit.code_point, unit.combining);
        return;
    case ELEA__UNIT_ALONE:
        end_word(e);
        put_letter(e, unit.code_point);
        end_word(e);
        return;
    case ELEA__UNIT_BREAK:
        end_word(e);
        return;
    case ELEA__UNIT_BARRIER:
        e->run_start = e->word_size;
        return;
    case ELEA__UNIT_NOTHING:
    case ELEA__UNIT_SEVERAL:
        return;
    }
}

// The characters that are not in the normalizer's table, and those that it sends here.
static void put_character(encoder *e, uint32_t code_point) {
    const elea__normalizer *normalizer = &e->tokenizer->normalizer;
    // The ideographs of the main block are left as they are by every step.
    if (code_point >= 0x4E00 && code_point <= 0x9FFF && normalizer->separate_cjk) {
        put_unit(e, (elea__unit){code_point, ELEA__UNIT_ALONE, 0});
        return;
    }
    elea__unit units[ELEA__UNIT_COUNT_MAX];
    int count = elea__normalizer_map(normalizer, code_point, units);
    for (int i = 0; i < count; i++)
        put_unit(e, units[i]);
}

// Puts the run of ASCII letters at `text` into the word, as far as it stores them; returns its end.
static const uint8_t *put_ascii_letters(encoder *e, const uint8_t *text, const uint8_t *end) {
    const uint32_t *table = e->tokenizer->normalizer.table;
    int64_t room = e->tokenizer->word_chars_max - e->word_chars;
    if (end - text > room)
        end = text + (room > 0 ? room : 0);
    const uint8_t *begin = text;
    uint8_t *word = e->word + e->word_size;
    while (text < end && *text < 0x80 && table[*text] < 0x80)
        *word++ = (uint8_t)table[*text++];
    e->word_chars += (int32_t)(text - begin);
    e->word_size += (int32_t)(text - begin);
    e->run_start = e->word_size;
    return text;
}

// Valid UTF-8 without added tokens.
static void encode_plain(encoder *e, const uint8_t *text, const uint8_t *end) {
    const uint32_t *table = e->tokenizer->normalizer.table;
    while (text < end && !e->cut) {
        uint32_t code_point = *text;
        if (code_point < 0x80 && table[code_point] < 0x80) {
            const uint8_t *next = put_ascii_letters(e, text, end);
            if (next == text) {
                count_character(e);
                next++;
            }
            text = next;
            continue;
        }
        text += elea__utf8_decode(text, end - text, &code_point);
        if (code_point < ELEA__NORMALIZER_TABLE_SIZE) {
            uint32_t entry = table[code_point];
            if (entry >> 24 != ELEA__UNIT_SEVERAL) {
                put_unit(e, (elea__unit){entry & 0xFFFFFF, (uint8_t)(entry >> 24), 0});
                continue;
            }
        }
        put_character(e, code_point);
    }
    end_word(e);
}

elea_status elea_tokenizer_encode(const elea_tokenizer *tokenizer, elea_bytes text, int32_t *ids,
                                  int32_t capacity, int32_t *length, bool *cut, elea_error *err) {
    const elea__template *around = &tokenizer->around;
    int32_t around_count = around->opening_count + around->closing_count;
    if (capacity < around_count)
        return elea_error_set(err, ELEA_ECAPACITY,
                              "room for %" PRId32 " ids, the template alone needs %" PRId32,
                              capacity, around_count);
    int64_t wrong = elea_utf8_check(text.data, text.size);
    if (wrong < text.size)
        return elea_error_set(err, ELEA_EINVAL, "the text is not UTF-8 at byte %" PRId64, wrong);

    encoder e;
    e.tokenizer = tokenizer;
    e.ids = ids + around->opening_count;
    e.length = 0;
    e.capacity = capacity - around_count;
    e.cut = false;
    e.word_size = e.word_chars = e.run_start = 0;

    const uint8_t *position = (const uint8_t *)(text.size > 0 ? text.data : "");
    const uint8_t *end = position + text.size;
    while (position < end && !e.cut) {
        const elea__added_token *found = NULL;
        const uint8_t *place = elea__added_tokens_search(&tokenizer->added, position, end, &found);
        encode_plain(&e, position, place);
        position = place;
        if (found != NULL && place < end) {
            put_id(&e, found->id);
            position += found->content.size;
        }
    }
    for (int32_t i = 0; i < around->opening_count; i++)
        ids[i] = around->opening[i];
    for (int32_t i = 0; i < around->closing_count; i++)
        e.ids[e.length + i] = around->closing[i];
    *length = e.length + around_count;
    if (cut != NULL)
        *cut = e.cut;
    return ELEA_OK;
}

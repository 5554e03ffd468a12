// SPDX-License-Identifier: Apache-2.0
//
// A tokenizer.json with a small vocabulary, put together of parts that a test may replace.
#ifndef ELEA_TESTS_EMBED_TOKENIZER_PARTS_H
#define ELEA_TESTS_EMBED_TOKENIZER_PARTS_H

#include <stdio.h>
#include <stdlib.h>

// JSON values; NULL stands for the default below.
typedef struct tokenizer_parts {
    const char *added;
    const char *normalizer;
    const char *pre_tokenizer;
    const char *post_processor;
    const char *model;
    const char *vocabulary; // of the default model
} tokenizer_parts;

#define PARTS_ADDED(id, content)                                                                   \
    "{\"id\":" #id ",\"content\":\"" content "\",\"single_word\":false,\"lstrip\":false,"          \
    "\"rstrip\":false,\"normalized\":false,\"special\":true}"

#define PARTS_SPECIALS                                                                             \
    PARTS_ADDED(0, "[PAD]")                                                                        \
    "," PARTS_ADDED(1, "[UNK]") "," PARTS_ADDED(2, "[CLS]") "," PARTS_ADDED(                       \
        3, "[SEP]") "," PARTS_ADDED(4, "[MASK]")

// The ids are written by hand in the tests: do not reorder.
static const char *const parts_tokens[] = {
    "[PAD]",    // 0
    "[UNK]",    // 1
    "[CLS]",    // 2
    "[SEP]",    // 3
    "[MASK]",   // 4
    "un",       // 5
    "##aff",    // 6
    "##able",   // 7
    "##a",      // 8
    "##ffable", // 9
    "hello",    // 10
    "hel",      // 11
    "##lo",     // 12
    ",",        // 13
    "!",        // 14
    "漢",       // 15
    "字",       // 16
    "é",        // 17, one code point
    "e",        // 18
    "É",        // 19, one code point
    "caf",      // 20
    "##e",      // 21
    "##漢",     // 22
    "ß",        // 23
    "i\u0307",  // 24
    "E",        // 25
    "##s",      // 26
    "$",        // 27
};

enum { PARTS_TOKEN_COUNT = (int)(sizeof parts_tokens / sizeof parts_tokens[0]) };

static inline const char *parts_or(const char *part, const char *otherwise) {
    return part ? part : otherwise;
}

// Free the result with free().
static inline char *parts_json(const tokenizer_parts *parts) {
    static const tokenizer_parts defaults;
    if (parts == NULL)
        parts = &defaults;
    char vocabulary[2048] = "{";
    size_t used = 1;
    for (int i = 0; i < PARTS_TOKEN_COUNT; i++)
        used += (size_t)snprintf(vocabulary + used, sizeof vocabulary - used, "%s\"%s\":%d",
                                 i ? "," : "", parts_tokens[i], i);
    snprintf(vocabulary + used, sizeof vocabulary - used, "}");

    char model[4096];
    snprintf(model, sizeof model,
             "{\"type\":\"WordPiece\",\"unk_token\":\"[UNK]\",\"continuing_subword_prefix\":"
             "\"##\",\"max_input_chars_per_word\":10,\"vocab\":%s}",
             parts_or(parts->vocabulary, vocabulary));
    char *json = malloc(16384);
    if (json != NULL)
        snprintf(json, 16384,
                 "{\"version\":\"1.0\",\"truncation\":{\"max_length\":7},\"added_tokens\":%s,"
                 "\"normalizer\":%s,\"pre_tokenizer\":%s,\"post_processor\":%s,\"model\":%s}",
                 parts_or(parts->added, "[" PARTS_SPECIALS "]"),
                 parts_or(parts->normalizer, "{\"type\":\"BertNormalizer\",\"clean_text\":true,"
                                             "\"handle_chinese_chars\":true,\"strip_accents\":null,"
                                             "\"lowercase\":true}"),
                 parts_or(parts->pre_tokenizer, "{\"type\":\"BertPreTokenizer\"}"),
                 parts_or(parts->post_processor,
                          "{\"type\":\"TemplateProcessing\",\"single\":["
                          "{\"SpecialToken\":{\"id\":\"[CLS]\",\"type_id\":0}},"
                          "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}},"
                          "{\"SpecialToken\":{\"id\":\"[SEP]\",\"type_id\":0}}],"
                          "\"special_tokens\":{\"[CLS]\":{\"id\":\"[CLS]\",\"ids\":[2]},"
                          "\"[SEP]\":{\"id\":\"[SEP]\",\"ids\":[3]}}}"),
                 parts_or(parts->model, model));
    return json;
}

#endif // ELEA_TESTS_EMBED_TOKENIZER_PARTS_H

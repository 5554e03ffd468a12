// SPDX-License-Identifier: Apache-2.0
//
// A small tokenizer.json and vocab.txt, for the fuzz target of the tokenizer and its seeds.
#ifndef ELEA_FUZZ_SMALL_TOKENIZER_H
#define ELEA_FUZZ_SMALL_TOKENIZER_H

#define SMALL_VOCABULARY                                                                           \
    "{\"[PAD]\":0,\"[UNK]\":1,\"[CLS]\":2,\"[SEP]\":3,\"[MASK]\":4,\"a\":5,\"##a\":6,\"ab\":7,"    \
    "\"##b\":8,\"##ab\":9,\"b\":10,\",\":11,\"e\":12,\"\u00E9\":13,\"e\u0301\":14,\"\u6F22\":15,"  \
    "\"##\u6F22\":16,\"\u302E\U0001D165\":17,\"aaaaaaaab\":18,\"##abababab\":19}"

// The normalizer's options are JSON values.
#define SMALL_TOKENIZER(clean, cjk, accents, lower)                                                \
    "{\"added_tokens\":[{\"id\":4,\"content\":\"[MASK]\",\"single_word\":false,\"lstrip\":true,"   \
    "\"rstrip\":false,\"normalized\":false,\"special\":true},{\"id\":20,\"content\":\"[MA\"}],"    \
    "\"normalizer\":{\"type\":\"BertNormalizer\",\"clean_text\":" clean                            \
    ",\"handle_chinese_chars\":" cjk ",\"strip_accents\":" accents ",\"lowercase\":" lower         \
    "},\"pre_tokenizer\":{\"type\":\"BertPreTokenizer\"},\"post_processor\":{\"type\":"            \
    "\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"[CLS]\",\"type_id\":0}},"      \
    "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}},{\"SpecialToken\":{\"id\":\"[SEP]\",\"type_id\""  \
    ":0}}],\"special_tokens\":{\"[CLS]\":{\"ids\":[2]},\"[SEP]\":{\"ids\":[3]}}},\"model\":{"      \
    "\"type\":\"WordPiece\",\"unk_token\":\"[UNK]\",\"continuing_subword_prefix\":\"##\","         \
    "\"max_input_chars_per_word\":20,\"vocab\":" SMALL_VOCABULARY "}}"

#define SMALL_LINES "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n##a\nab\r\n\n##b \nb"

// What the first byte of an input says about the rest.
enum { SMALL_TEXT, SMALL_JSON, SMALL_VOCABULARY_LINES, SMALL_KINDS };

#endif // ELEA_FUZZ_SMALL_TOKENIZER_H

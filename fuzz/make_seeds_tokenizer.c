// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "small_tokenizer.h"

typedef struct seed {
    char kind;
    const char *text;
} seed;

static const seed seeds[] = {
    {SMALL_TEXT, "\x1F[MASK]ab,AB abab\tx"},
    {SMALL_TEXT, "\x05 caf\u00E9 cafe\u0301 \u6F22\u6F22a\uFA47"},
    {SMALL_TEXT, "\x0Ba\u302E\U0001D165\u0941\u200B\uFFFD\u3000\u2028"},
    {SMALL_TEXT, "\x02[MA[MASK[MASK]] aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"},
    {SMALL_TEXT, "\x10\u0130\u1E9E\uAC01\U0001F468\u200D\U0001F469 ab\xFF"},
    {SMALL_JSON, SMALL_TOKENIZER("true", "true", "null", "true")},
    {SMALL_JSON, SMALL_TOKENIZER("false", "false", "true", "false")},
    {SMALL_JSON, "{\"model\":{\"type\":\"WordPiece\",\"vocab\":{\"[UNK]\":0}},\"pre_tokenizer\":"
                 "{\"type\":\"BertPreTokenizer\"},\"post_processor\":{\"type\":\"BertProcessing\","
                 "\"cls\":[\"\",0],\"sep\":[\"\",0]}}"},
    {SMALL_VOCABULARY_LINES, SMALL_LINES},
};

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: make_seeds_tokenizer FOLDER\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/seed%02zu", argv[1], i);
        FILE *file = fopen(path, "wb");
        if (file == NULL || fputc(seeds[i].kind, file) == EOF ||
            fputs(seeds[i].text, file) == EOF || fclose(file) != 0) {
            perror(path);
            return 1;
        }
    }
    return 0;
}

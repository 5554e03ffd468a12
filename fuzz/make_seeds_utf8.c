// SPDX-License-Identifier: Apache-2.0
//
// Seeds for fuzz_utf8: each length of sequence at its limits, right and wrong, behind enough plain
// letters that whole blocks are looked at.
#include <stdio.h>
#include <string.h>

enum { PATH_SIZE = 4096, LETTERS = 70 };

static const char *const sequences[] = {
    "\x7f",         "\xc2\x80",         "\xdf\xbf",         "\xe0\xa0\x80", "\xed\x9f\xbf",
    "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "\xc1\xbf",     "\xe0\x9f\xbf",
    "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\x80",         "\xff",
    "\xe2\x82",
};

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: make_seeds_utf8 FOLDER\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof sequences / sizeof sequences[0]; i++) {
        char path[PATH_SIZE];
        snprintf(path, sizeof path, "%s/%02zu", argv[1], i);
        FILE *file = fopen(path, "wb");
        if (file == NULL) {
            perror(path);
            return 1;
        }
        for (size_t letters = 0; letters < LETTERS * (i % 3); letters++)
            fputc('a', file);
        fwrite(sequences[i], 1, strlen(sequences[i]), file);
        fputs("end", file);
        if (fclose(file) != 0) {
            perror(path);
            return 1;
        }
    }
    return 0;
}

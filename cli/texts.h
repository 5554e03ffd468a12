// SPDX-License-Identifier: Apache-2.0
//
// Texts to remember: files cut into lines or paragraphs. The texts are views of the files' bytes.
#ifndef ELEA_CLI_TEXTS_H
#define ELEA_CLI_TEXTS_H

#include <elea/base.h>

typedef struct cli_texts {
    elea_bytes *texts;
    int64_t count;
    int64_t capacity;      // private from here on
    elea_buffer **buffers; // the files' bytes
    int64_t buffer_count;
} cli_texts;

typedef enum cli_split {
    CLI_SPLIT_LINES,
    CLI_SPLIT_PARAGRAPHS, // runs of lines, parted by empty ones
} cli_split;

// Reads all files; "-" is stdin. Blank texts are left out, white space around them is cut off. A
// text that is not UTF-8 is ELEA_EINVAL and named by file and line.
elea_status cli_texts_read(char **paths, int path_count, cli_split split, cli_texts *out,
                           elea_error *err);
void cli_texts_release(cli_texts *texts);

#endif // ELEA_CLI_TEXTS_H

// SPDX-License-Identifier: Apache-2.0
#include "texts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <elea/io.h>

static void free_text(void *context) {
    elea_text *text = context;
    elea_text_release(text);
    elea_dealloc(NULL, text, sizeof(*text));
}

static elea_status read_all(FILE *file, elea_text *text, elea_error *err) {
    char block[65536];
    size_t size;
    while ((size = fread(block, 1, sizeof(block), file)) > 0)
        ELEA_TRY(elea_text_append(text, (elea_bytes){block, (int64_t)size}, err));
    if (ferror(file))
        return elea_error_set_os(err, errno, "cannot read the standard input");
    return ELEA_OK;
}

static elea_status read_stdin(elea_buffer **out, elea_error *err) {
    void *block = NULL;
    ELEA_TRY(elea_alloc(NULL, sizeof(elea_text), &block, err));
    elea_text *text = block;
    elea_text_init(text, NULL);
    elea_status status = read_all(stdin, text, err);
    if (status == ELEA_OK)
        status = elea_buffer_wrap(NULL, text->data, text->size, free_text, text, out, err);
    if (status != ELEA_OK)
        free_text(text);
    return status;
}

static elea_status read_file(const char *path, elea_buffer **out, elea_error *err) {
    elea_file *file = NULL;
    if (strcmp(path, "-") == 0)
        return read_stdin(out, err);
    ELEA_TRY(elea_file_open(path, NULL, &file, err));
    elea_status status = elea_file_view_at(file, 0, elea_file_size(file), out, err);
    elea_file_unref(file);
    return status;
}

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static elea_bytes trim(elea_bytes bytes) {
    while (bytes.size > 0 && is_space(bytes.data[bytes.size - 1]))
        bytes.size--;
    while (bytes.size > 0 && is_space(bytes.data[0]))
        bytes.data++, bytes.size--;
    return bytes;
}

static elea_status append(cli_texts *texts, elea_bytes text, const char *path, int64_t line,
                          elea_error *err) {
    int64_t valid = elea_utf8_check(text.data, text.size);
    if (valid != text.size)
        return elea_error_set(err, ELEA_EINVAL,
                              "%s: the text that begins in line %lld is not UTF-8: byte %lld of it "
                              "is 0x%02x",
                              path, (long long)line, (long long)valid,
                              (unsigned char)text.data[valid]);
    if (texts->count == texts->capacity) {
        int64_t capacity = texts->capacity ? texts->capacity * 2 : 1024;
        void *block = texts->texts;
        ELEA_TRY(elea_realloc(NULL, texts->capacity * (int64_t)sizeof(elea_bytes),
                              capacity * (int64_t)sizeof(elea_bytes), &block, err));
        texts->texts = block;
        texts->capacity = capacity;
    }
    texts->texts[texts->count++] = text;
    return ELEA_OK;
}

// Takes the next line off `rest`, without its end.
static elea_bytes next_line(elea_bytes *rest) {
    const char *end = memchr(rest->data, '\n', (size_t)rest->size);
    elea_bytes line = {rest->data, end ? end - rest->data : rest->size};
    int64_t taken = line.size + (end ? 1 : 0);
    rest->data += taken;
    rest->size -= taken;
    return line;
}

static elea_status cut(cli_texts *texts, elea_bytes rest, cli_split split, const char *path,
                       elea_error *err) {
    elea_bytes paragraph = {NULL, 0};
    int64_t first_line = 1;
    if (rest.size >= 3 && memcmp(rest.data, "\xEF\xBB\xBF", 3) == 0)
        rest.data += 3, rest.size -= 3;
    for (int64_t number = 1; rest.size > 0; number++) {
        elea_bytes line = next_line(&rest), text = trim(line);
        bool blank = text.size == 0;
        if (split == CLI_SPLIT_LINES) {
            if (!blank)
                ELEA_TRY(append(texts, text, path, number, err));
            continue;
        }
        if (!blank && paragraph.size == 0) {
            paragraph = line;
            first_line = number;
        } else if (!blank) {
            paragraph.size = line.data + line.size - paragraph.data;
        }
        if ((blank || rest.size == 0) && paragraph.size > 0) {
            ELEA_TRY(append(texts, trim(paragraph), path, first_line, err));
            paragraph.size = 0;
        }
    }
    return ELEA_OK;
}

elea_status cli_texts_read(char **paths, int path_count, cli_split split, cli_texts *out,
                           elea_error *err) {
    elea_status status = ELEA_OK;
    cli_texts texts = {0};
    void *block = NULL;
    ELEA_TRY(elea_alloc_zero(NULL, path_count * (int64_t)sizeof(elea_buffer *), &block, err));
    texts.buffers = block;
    texts.buffer_count = path_count;
    for (int i = 0; i < path_count; i++) {
        ELEA_GOTO(done, read_file(paths[i], &texts.buffers[i], err));
        elea_bytes bytes = {(const char *)elea_buffer_data(texts.buffers[i]),
                            elea_buffer_size(texts.buffers[i])};
        const char *name = strcmp(paths[i], "-") == 0 ? "standard input" : paths[i];
        ELEA_GOTO(done, cut(&texts, bytes, split, name, err));
    }
    *out = texts;
    texts = (cli_texts){0};
done:
    cli_texts_release(&texts);
    return status;
}

void cli_texts_release(cli_texts *texts) {
    for (int64_t i = 0; i < texts->buffer_count; i++)
        elea_buffer_unref(texts->buffers[i]);
    elea_dealloc(NULL, texts->buffers, texts->buffer_count * (int64_t)sizeof(elea_buffer *));
    elea_dealloc(NULL, texts->texts, texts->capacity * (int64_t)sizeof(elea_bytes));
    *texts = (cli_texts){0};
}

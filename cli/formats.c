// SPDX-License-Identifier: Apache-2.0
#include "formats.h"

#include <string.h>

#include "cli.h"

// ---- names

static const struct {
    const char *name;
    cli_format format;
} formats[] = {
    {"arrow", CLI_FORMAT_FILE},
    {"stream", CLI_FORMAT_STREAM},
    {"integration", CLI_FORMAT_INTEGRATION},
};

elea_status cli_format_named(const char *name, cli_format *out, elea_error *err) {
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(formats[i].name, name) == 0) {
            *out = formats[i].format;
            return ELEA_OK;
        }
    }
    return elea_error_set(err, ELEA_EINVAL,
                          "there is no format \"%s\", but arrow, stream and integration", name);
}

static bool ends_with(const char *path, size_t size, const char *suffix) {
    size_t suffix_size = strlen(suffix);
    return size >= suffix_size && memcmp(path + size - suffix_size, suffix, suffix_size) == 0;
}

cli_format cli_format_of_path(const char *path) {
    size_t size = strlen(path);
    const elea_codec *codec = elea_codec_of_path(path);
    if (codec)
        size -= strlen(elea_codec_suffix(codec));
    bool is_stream = strcmp(path, "-") == 0 || ends_with(path, size, ".arrows") ||
                     ends_with(path, size, ".stream");
    return is_stream ? CLI_FORMAT_STREAM : CLI_FORMAT_FILE;
}

// ---- columns

elea_status cli_columns_parse(char *list, const char ***out, elea_error *err) {
    int64_t count = 1;
    void *block = NULL;
    *out = NULL;
    if (!list)
        return ELEA_OK;
    for (const char *at = list; *at; at++)
        count += *at == ',';
    // The size is found again when the list is freed: by its end.
    ELEA_TRY(elea_alloc_zero(NULL, (count + 1) * (int64_t)sizeof(char *), &block, err));
    const char **columns = block;
    char *rest = list;
    for (int64_t i = 0; i < count; i++)
        columns[i] = strsep(&rest, ",");
    *out = columns;
    return ELEA_OK;
}

void cli_columns_free(const char **columns) {
    int64_t count = 0;
    while (columns && columns[count])
        count++;
    if (columns)
        elea_dealloc(NULL, columns, (count + 1) * (int64_t)sizeof(char *));
}

// ---- rows

static elea_status append(elea_text *text, const char *string, elea_error *err) {
    return elea_text_append(text, elea_bytes_of(string), err);
}

static elea_status row_json(const elea_record_batch *batch, int64_t row, elea_text *text,
                            elea_error *err) {
    const elea_schema *schema = elea_record_batch_schema(batch);
    int64_t count = elea_record_batch_column_count(batch);
    for (int64_t i = 0; i < count; i++) {
        elea_span span;
        elea_span_of(elea_record_batch_column(batch, i), &span);
        ELEA_TRY(append(text, i > 0 ? ", " : "{", err));
        ELEA_TRY(elea_text_append_json(
            text, elea_bytes_of(elea_field_name(elea_schema_field(schema, i))), err));
        ELEA_TRY(append(text, ": ", err));
        ELEA_TRY(elea_span_format_json(&span, row, text, err));
    }
    return append(text, count > 0 ? "}" : "{}", err);
}

elea_status cli_rows_json(const elea_record_batch *batch, int64_t *count, elea_text *text,
                          elea_error *err) {
    for (int64_t row = 0; row < elea_record_batch_length(batch); row++) {
        ELEA_TRY(append(text, (*count)++ > 0 ? ",\n " : "", err));
        ELEA_TRY(row_json(batch, row, text, err));
    }
    return ELEA_OK;
}

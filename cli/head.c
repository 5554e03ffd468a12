// SPDX-License-Identifier: Apache-2.0
#include <elea/columnar.h>
#include <elea/ipc.h>

#include "cli.h"
#include "formats.h"

enum { ROWS_DEFAULT = 10 };

typedef struct head_options {
    const char *path;
    int64_t rows;
    bool json;
} head_options;

// At most `rows` rows of a batch. The file may come from anywhere: what is shown is validated, the
// rest of it not looked at.
static elea_status take_part(const elea_record_batch *whole, int64_t rows, elea_record_batch **out,
                             elea_error *err) {
    int64_t length = elea_record_batch_length(whole);
    ELEA_TRY(elea_record_batch_slice(whole, 0, rows < length ? rows : length, out, err));
    return elea_record_batch_validate(*out, ELEA_VALIDATE_SAFE, err);
}

// The first rows as a stream, so that a table can be made of them.
typedef struct head_stream {
    elea_record_stream base;
    elea_record_stream *all;
    const char *path;
    int64_t rows; // that may still come
    int64_t batches;
} head_stream;

static const elea_schema *head_schema(elea_record_stream *stream) {
    return elea_record_stream_schema(((head_stream *)stream)->all);
}

static elea_status head_next(elea_record_stream *stream, elea_record_batch **out, elea_error *err) {
    head_stream *self = (head_stream *)stream;
    *out = NULL;
    if (self->rows == 0)
        return ELEA_OK;
    elea_record_batch *whole = NULL;
    ELEA_TRY(elea_record_stream_next(self->all, &whole, err));
    if (!whole)
        return ELEA_OK;
    elea_status status = take_part(whole, self->rows, out, err);
    elea_record_batch_unref(whole);
    if (status != ELEA_OK) {
        elea_record_batch_unref(*out);
        *out = NULL;
        return elea_error_prefix(err, status, "cannot read \"%s\": record batch %lld", self->path,
                                 (long long)self->batches);
    }
    self->batches++;
    self->rows -= elea_record_batch_length(*out);
    return ELEA_OK;
}

// ---- showing them

// A table lays all rows out together.
static elea_status format_grid(elea_record_stream *rows, int64_t rows_max, elea_text *text,
                               elea_error *err) {
    elea_table *table = NULL;
    elea_print_options print;
    ELEA_TRY(elea_table_new_from_stream(NULL, rows, &table, err));
    elea_print_options_init(&print);
    print.rows_max = rows_max;
    print.width_max = cli_stdout_width();
    elea_status status = elea_table_format(table, &print, text, err);
    elea_table_unref(table);
    return status;
}

static elea_status format_json(elea_record_stream *rows, elea_text *text, elea_error *err) {
    int64_t count = 0;
    elea_record_batch *batch = NULL;
    ELEA_TRY(elea_text_append(text, elea_bytes_of("["), err));
    for (;;) {
        ELEA_TRY(elea_record_stream_next(rows, &batch, err));
        if (!batch)
            return elea_text_append(text, elea_bytes_of("]\n"), err);
        elea_status status = cli_rows_json(batch, &count, text, err);
        elea_record_batch_unref(batch);
        ELEA_TRY(status);
    }
}

static elea_status show(void *context, elea_text *text, elea_error *err) {
    static const elea_record_stream_ops ops = {.schema = head_schema, .next = head_next};
    const head_options *options = context;
    cli_source source = {0};
    ELEA_TRY(cli_source_open(options->path, CLI_FORMAT_BY_NAME, NULL, &source, err));
    head_stream rows = {{&ops}, source.stream, options->path, options->rows, 0};
    elea_status status = options->json ? format_json(&rows.base, text, err)
                                       : format_grid(&rows.base, options->rows, text, err);
    cli_source_release(&source);
    return status;
}

static int run(const cli_command *command, int argc, char **argv) {
    head_options options = {.rows = ROWS_DEFAULT};
    int exit_code = CLI_OK;
    const cli_option list[] = {
        {"rows", "COUNT", "how many rows at most (default 10)", &options.rows, CLI_COUNT, 'n'},
        {"json", NULL, "one JSON document: an array of rows", &options.json, CLI_FLAG, 0},
    };
    int first = cli_parse(command, list, 2, argc, argv, &exit_code);
    if (first < 0)
        return exit_code;
    if (argc - first != 1)
        return cli_usage_error(command, "takes one file, and was given %d", argc - first);

    options.path = argv[first];
    return cli_print(show, &options);
}

const cli_command cli_head = {
    .name = "head",
    .operands = "FILE",
    .summary = "Shows the first rows of an Arrow file or stream.",
    .notes = "\"-\" is a stream on stdin. Only the batches with these rows are read.\n",
    .run = run,
};

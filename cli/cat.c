// SPDX-License-Identifier: Apache-2.0
#include <elea/columnar.h>

#include "cli.h"
#include "formats.h"

// Rows that are laid out as one grid, and written at a time.
enum { BLOCK_ROWS = 1000 };

typedef struct cat_options {
    char **paths;
    int path_count;
    const char *format;
    char *columns;
    bool json;
    int64_t rows; // written so far
} cat_options;

static elea_status append(elea_text *text, const char *string, elea_error *err) {
    return elea_text_append(text, elea_bytes_of(string), err);
}

static elea_status block_grid(const elea_record_batch *block, elea_text *text, elea_error *err) {
    elea_table *table = NULL;
    elea_print_options print;
    ELEA_TRY(
        elea_table_new_from_batches(NULL, elea_record_batch_schema(block), &block, 1, &table, err));
    elea_print_options_init(&print);
    print.rows_max = BLOCK_ROWS;
    print.width_max = cli_stdout_width();
    elea_status status = elea_table_format(table, &print, text, err);
    elea_table_unref(table);
    return status;
}

static elea_status write_batch(cat_options *options, const elea_record_batch *batch,
                               elea_text *text, elea_error *err) {
    elea_status status = ELEA_OK;
    int64_t length = elea_record_batch_length(batch);
    for (int64_t at = 0; at < length && status == ELEA_OK; at += BLOCK_ROWS) {
        elea_record_batch *block = NULL;
        int64_t count = length - at < BLOCK_ROWS ? length - at : BLOCK_ROWS;
        ELEA_TRY(elea_record_batch_slice(batch, at, count, &block, err));
        status = options->json ? cli_rows_json(block, &options->rows, text, err)
                               : block_grid(block, text, err);
        elea_record_batch_unref(block);
        if (status == ELEA_OK)
            status = cli_flush(text, err);
    }
    return status;
}

static elea_status write_file(cat_options *options, const char *path, const char *const *columns,
                              elea_text *text, elea_error *err) {
    elea_status status = ELEA_OK;
    cli_format format = CLI_FORMAT_BY_NAME;
    // The file may come from anywhere, and what of it is sound is shown.
    const elea_ipc_read_options read = {
        .columns = columns, .validation = ELEA_VALIDATE_SAFE, .recover = true};
    cli_source source = {0};
    elea_record_batch *batch = NULL;
    if (options->format)
        ELEA_TRY(cli_format_named(options->format, &format, err));
    ELEA_GOTO(done, cli_source_open(path, format, &read, &source, err));
    for (;;) {
        ELEA_GOTO(done, elea_record_stream_next(source.stream, &batch, err));
        if (!batch)
            break;
        ELEA_GOTO(done, write_batch(options, batch, text, err));
        elea_record_batch_unref(batch);
        batch = NULL;
    }
    const elea_error *damage = elea_ipc_stream_reader_damage(source.stream);
    if (damage)
        status = elea_error_set(err, damage->status, "%s", elea_error_message(damage));
done:
    elea_record_batch_unref(batch);
    cli_source_release(&source);
    return status;
}

static elea_status write_files(void *context, elea_text *text, elea_error *err) {
    cat_options *options = context;
    elea_status status = ELEA_OK;
    const char **columns = NULL;
    ELEA_TRY(cli_columns_parse(options->columns, &columns, err));
    if (options->json)
        ELEA_GOTO(done, append(text, "[", err));
    for (int i = 0; i < options->path_count; i++)
        ELEA_GOTO(done, write_file(options, options->paths[i], columns, text, err));
    if (options->json)
        ELEA_GOTO(done, append(text, "]\n", err));
done:
    // What was shown before the damage is one JSON document all the same.
    if (status != ELEA_OK && options->json && options->rows > 0 &&
        append(text, "]\n", NULL) == ELEA_OK)
        (void)!cli_flush(text, NULL);
    cli_columns_free(columns);
    return status;
}

static int run(const cli_command *command, int argc, char **argv) {
    cat_options options = {0};
    int exit_code = CLI_OK;
    const cli_option list[] = {
        {"columns", "NAMES", "only these, with commas between them", &options.columns, CLI_TEXT,
         'c'},
        {"from", "FORMAT", "arrow, stream or integration (default: what the file is)",
         &options.format, CLI_TEXT, 0},
        {"json", NULL, "one JSON document: an array of rows", &options.json, CLI_FLAG, 0},
    };
    int first = cli_parse(command, list, 3, argc, argv, &exit_code);
    if (first < 0)
        return exit_code;
    if (argc == first)
        return cli_usage_error(command, "takes one or more files, or \"-\" for stdin");
    options.paths = argv + first;
    options.path_count = argc - first;
    return cli_print(write_files, &options);
}

const cli_command cli_cat = {
    .name = "cat",
    .operands = "FILE...",
    .summary = "Shows all rows of Arrow files and streams.",
    .notes = "\"-\" is a stream on stdin. Rows are written as they are read, in grids of 1,000.\n"
             "Where a file is damaged, the batches before the damage are shown first.\n",
    .run = run,
};

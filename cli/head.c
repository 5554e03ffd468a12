// SPDX-License-Identifier: Apache-2.0
#include <elea/columnar.h>
#include <elea/ipc.h>

#include "cli.h"

enum { ROWS_DEFAULT = 10 };

static elea_status append(elea_text *text, const char *string, elea_error *err) {
    return elea_text_append(text, elea_bytes_of(string), err);
}

// ---- the first rows

// Batch `index` cut to at most `rows` rows. The file may come from anywhere: what is shown is
// validated first, the rest of it not looked at.
static elea_status read_checked(elea_ipc_file_reader *reader, int64_t index, int64_t rows,
                                elea_record_batch **out, elea_error *err) {
    elea_record_batch *whole = NULL, *part = NULL;
    ELEA_TRY(elea_ipc_file_reader_read_batch(reader, index, &whole, err));
    int64_t length = elea_record_batch_length(whole);
    elea_status status =
        elea_record_batch_slice(whole, 0, rows < length ? rows : length, &part, err);
    elea_record_batch_unref(whole);
    ELEA_TRY(status);
    status = elea_record_batch_validate(part, ELEA_VALIDATE_SAFE, err);
    if (status != ELEA_OK) {
        elea_record_batch_unref(part);
        return elea_error_prefix(err, status, "record batch %lld", (long long)index);
    }
    *out = part;
    return ELEA_OK;
}

static void unref_batches(elea_record_batch **batches, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        elea_record_batch_unref(batches[i]);
}

static elea_status read_rows(elea_ipc_file_reader *reader, int64_t rows, elea_table **out,
                             elea_error *err) {
    elea_status status = ELEA_OK;
    int64_t batch_count = elea_ipc_file_reader_batch_count(reader), read = 0;
    int64_t size = batch_count * (int64_t)sizeof(elea_record_batch *);
    void *block = NULL;
    ELEA_TRY(elea_alloc_zero(NULL, size, &block, err));
    elea_record_batch **batches = block;
    for (; read < batch_count && rows > 0; read++) {
        ELEA_GOTO(done, read_checked(reader, read, rows, &batches[read], err));
        rows -= elea_record_batch_length(batches[read]);
    }
    ELEA_GOTO(done, elea_table_new_from_batches(NULL, elea_ipc_file_reader_schema(reader),
                                                (const elea_record_batch *const *)batches, read,
                                                out, err));
done:
    unref_batches(batches, batch_count);
    elea_dealloc(NULL, block, size);
    return status;
}

// ---- showing them

static elea_status row_json(const elea_table *table, int64_t row, elea_text *text,
                            elea_error *err) {
    const elea_schema *schema = elea_table_schema(table);
    for (int64_t i = 0; i < elea_table_column_count(table); i++) {
        const elea_chunked_array *column = elea_table_column(table, i);
        int64_t chunk = 0, row_in_chunk = 0;
        elea_span span;
        elea_chunked_array_locate(column, row, &chunk, &row_in_chunk);
        elea_span_of(elea_chunked_array_chunk(column, chunk), &span);
        ELEA_TRY(append(text, i > 0 ? ", " : "{", err));
        ELEA_TRY(elea_text_append_json(
            text, elea_bytes_of(elea_field_name(elea_schema_field(schema, i))), err));
        ELEA_TRY(append(text, ": ", err));
        ELEA_TRY(elea_span_format_json(&span, row_in_chunk, text, err));
    }
    return append(text, elea_table_column_count(table) > 0 ? "}" : "{}", err);
}

static elea_status rows_json(const elea_table *table, elea_text *text, elea_error *err) {
    ELEA_TRY(append(text, "[", err));
    for (int64_t row = 0; row < elea_table_length(table); row++) {
        ELEA_TRY(append(text, row > 0 ? ",\n " : "", err));
        ELEA_TRY(row_json(table, row, text, err));
    }
    return append(text, "]\n", err);
}

typedef struct head_options {
    const char *path;
    int64_t rows;
    bool json;
} head_options;

static elea_status show(void *context, elea_text *text, elea_error *err) {
    const head_options *options = context;
    elea_status status = ELEA_OK;
    elea_file *file = NULL;
    elea_ipc_file_reader *reader = NULL;
    elea_table *table = NULL;
    ELEA_GOTO(done, elea_file_map(options->path, NULL, &file, err));
    ELEA_GOTO(done, elea_ipc_file_reader_new(file, NULL, &reader, err));
    status = read_rows(reader, options->rows, &table, err);
    if (status != ELEA_OK) {
        status = elea_error_prefix(err, status, "cannot read %s", options->path);
        goto done;
    }
    if (options->json) {
        ELEA_GOTO(done, rows_json(table, text, err));
    } else {
        elea_print_options print;
        elea_print_options_init(&print);
        print.rows_max = options->rows;
        print.width_max = cli_stdout_width();
        ELEA_GOTO(done, elea_table_format(table, &print, text, err));
    }
done:
    elea_table_unref(table);
    elea_ipc_file_reader_free(reader);
    elea_file_unref(file);
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
    .operands = "FILE.arrow",
    .summary = "Shows the first rows of an Arrow IPC file.",
    .notes = "Only the batches with these rows are read.\n",
    .run = run,
};

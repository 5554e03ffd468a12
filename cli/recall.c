// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "mind.h"

typedef struct recall_options {
    const char *query;
    const char *store;
    const char *category;
    const char *model;
    int64_t k;
    bool skip_damaged;
    bool json;
} recall_options;

// The columns of a result, read row by row.
typedef struct result_spans {
    elea_span memory_id, timestamp, text, similarity;
} result_spans;

static void open_result(const elea_table *table, result_spans *out) {
    // A result has one chunk.
    elea_span_of(elea_chunked_array_chunk(elea_table_column_named(table, "memory_id"), 0),
                 &out->memory_id);
    elea_span_of(elea_chunked_array_chunk(elea_table_column_named(table, "timestamp"), 0),
                 &out->timestamp);
    elea_span_of(elea_chunked_array_chunk(elea_table_column_named(table, "text"), 0), &out->text);
    elea_span_of(elea_chunked_array_chunk(elea_table_column_named(table, "similarity"), 0),
                 &out->similarity);
}

static elea_status append(elea_text *text, const char *string, elea_error *err) {
    return elea_text_append(text, elea_bytes_of(string), err);
}

// ---- JSON

static elea_status row_json(const result_spans *result, int64_t row, elea_text *text,
                            elea_error *err) {
    ELEA_TRY(append(text, "{\"memory_id\": ", err));
    ELEA_TRY(elea_span_format_json(&result->memory_id, row, text, err));
    ELEA_TRY(append(text, ", \"similarity\": ", err));
    ELEA_TRY(elea_span_format_json(&result->similarity, row, text, err));
    ELEA_TRY(append(text, ", \"timestamp\": ", err));
    ELEA_TRY(elea_span_format_json(&result->timestamp, row, text, err));
    ELEA_TRY(append(text, ", \"text\": ", err));
    ELEA_TRY(elea_span_format_json(&result->text, row, text, err));
    return append(text, "}", err);
}

static elea_status result_json(const char *query, const elea_table *table,
                               const elea_recall_figures *figures, elea_text *text,
                               elea_error *err) {
    result_spans result;
    open_result(table, &result);
    ELEA_TRY(append(text, "{\"query\": ", err));
    ELEA_TRY(elea_text_append_json(text, elea_bytes_of(query), err));
    ELEA_TRY(append(text, ",\n \"results\": [", err));
    for (int64_t row = 0; row < elea_table_length(table); row++) {
        ELEA_TRY(append(text, row > 0 ? ",\n  " : "\n  ", err));
        ELEA_TRY(row_json(&result, row, text, err));
    }
    return elea_text_append_format(text, err,
                                   "],\n \"figures\": {\"rows\": %lld, \"encode_us\": %lld, "
                                   "\"scan_us\": %lld, \"copied_bytes\": %lld}}\n",
                                   (long long)figures->rows, (long long)figures->encode_us,
                                   (long long)figures->scan_us, (long long)figures->copied_bytes);
}

// ---- for people

// A text on one line: runs of white space become one blank, and what is beyond `width` characters
// is cut off (0: nothing is).
static elea_status append_line(elea_text *text, elea_bytes bytes, int width, elea_error *err) {
    int64_t start = 0, characters = 0;
    for (int64_t i = 0; i < bytes.size; i++) {
        unsigned char c = (unsigned char)bytes.data[i];
        bool space = c <= ' ' || c == 0x7f;
        bool again = space && i > 0 && (unsigned char)bytes.data[i - 1] <= ' ';
        bool begins = (c & 0xc0) != 0x80;
        if (width > 0 && begins && !again && ++characters >= width && i + 1 < bytes.size) {
            ELEA_TRY(elea_text_append(text, (elea_bytes){bytes.data + start, i - start}, err));
            return append(text, "…", err);
        }
        if (space) {
            ELEA_TRY(elea_text_append(text, (elea_bytes){bytes.data + start, i - start}, err));
            if (!again)
                ELEA_TRY(append(text, " ", err));
            start = i + 1;
        }
    }
    return elea_text_append(text, (elea_bytes){bytes.data + start, bytes.size - start}, err);
}

static elea_status append_row(const result_spans *result, int64_t row, bool colour, int width,
                              elea_text *text, elea_error *err) {
    elea_text day;
    elea_text_init(&day, NULL);
    elea_status status =
        elea_text_append_timestamp(&day, elea_span_get_int(&result->timestamp, row), 1000000, err);
    if (status == ELEA_OK)
        status = elea_text_append_format(
            text, err, "%s %.2f%s  %s%.10s%s  ", colour ? "\033[1m" : "",
            elea_span_get_double(&result->similarity, row), colour ? "\033[0m" : "",
            colour ? "\033[2m" : "", day.data, colour ? "\033[0m" : "");
    elea_text_release(&day);
    ELEA_TRY(status);
    // Before the text stand a blank, the similarity and the day.
    int room = width > 40 ? width - 19 : 0;
    ELEA_TRY(append_line(text, elea_span_get_bytes(&result->text, row), room, err));
    return append(text, "\n", err);
}

static elea_status result_lines(const elea_table *table, const elea_recall_figures *figures,
                                elea_text *text, elea_error *err) {
    result_spans result;
    char rows[32], copied[32];
    open_result(table, &result);
    for (int64_t row = 0; row < elea_table_length(table); row++)
        ELEA_TRY(append_row(&result, row, cli_stdout_has_colour(), cli_stdout_width(), text, err));
    ELEA_TRY(elea_text_append_format(text, err, " %s rows scanned in %lld us, %s bytes copied\n",
                                     cli_format_count(figures->rows, rows),
                                     (long long)figures->scan_us,
                                     cli_format_count(figures->copied_bytes, copied)));
    return ELEA_OK;
}

// ---- the command

static elea_status recall(void *context, elea_text *text, elea_error *err) {
    const recall_options *options = context;
    elea_status status = ELEA_OK;
    cli_mind mind;
    elea_table *table = NULL;
    elea_recall_figures figures = {0};
    ELEA_TRY(cli_mind_open(&mind, options->store, true, options->model, err));
    ELEA_GOTO(done, elea_recall(mind.store, options->query,
                                &(elea_recall_options){.k = options->k,
                                                       .category = options->category,
                                                       .skip_damaged = options->skip_damaged,
                                                       .figures = &figures},
                                &table, err));
    if (figures.damaged_segments > 0)
        fprintf(stderr, "elea: %lld damaged segments left out\n",
                (long long)figures.damaged_segments);
    status = options->json ? result_json(options->query, table, &figures, text, err)
                           : result_lines(table, &figures, text, err);
done:
    elea_table_unref(table);
    cli_mind_release(&mind);
    return status;
}

static int run(const cli_command *command, int argc, char **argv) {
    recall_options options = {.k = 5};
    int exit_code = CLI_OK;
    const cli_option list[] = {
        {"store", "DIR", "the store (required)", &options.store, CLI_TEXT, 's'},
        {"count", "COUNT", "how many memories at most (default 5)", &options.k, CLI_COUNT, 'k'},
        {"category", "NAME", "only this kind of memory (default all)", &options.category, CLI_TEXT,
         'c'},
        {"model", "DIR", "the embedding model (default all-MiniLM-L6-v2)", &options.model, CLI_TEXT,
         'm'},
        {"skip-damaged", NULL, "leave segments out that cannot be read", &options.skip_damaged,
         CLI_FLAG, 0},
        {"json", NULL, "one JSON document: results and figures", &options.json, CLI_FLAG, 0},
    };
    int first = cli_parse(command, list, 6, argc, argv, &exit_code);
    if (first < 0)
        return exit_code;
    if (!options.store)
        return cli_usage_error(command, "--store DIR is missing");
    if (argc - first != 1)
        return cli_usage_error(command, "takes one query, and was given %d (quote it)",
                               argc - first);
    if (options.k < 1)
        return cli_usage_error(command, "-k takes a number of at least 1");

    options.query = argv[first];
    return cli_print(recall, &options);
}

const cli_command cli_recall = {
    .name = "recall",
    .operands = "QUERY",
    .summary = "Finds the memories that are nearest in meaning to a text.",
    .notes = "Shows similarity (the cosine), day and text, the best first.\n\n"
             "  elea recall --store mind \"what did we decide about pricing?\"\n",
    .run = run,
};

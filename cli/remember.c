// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "cli.h"
#include "mind.h"
#include "texts.h"

typedef struct remember_options {
    const char *store;
    const char *category;
    const char *split;
    const char *model;
    bool json;
    char **paths;
    int path_count;
    cli_split how;
} remember_options;

typedef struct remember_result {
    int64_t added;
    int64_t rows; // in the store now
    double seconds;
} remember_result;

static elea_status remember(const remember_options *options, const cli_texts *texts,
                            remember_result *out, elea_error *err) {
    cli_mind mind;
    cli_progress progress;
    ELEA_TRY(cli_mind_open(&mind, options->store, false, options->model, err));
    cli_progress_init(&progress, "memories", "texts");
    elea_store_add_options how = {.progress = cli_progress_show, .progress_context = &progress};
    int64_t start = cli_clock_ns();
    elea_status status =
        elea_store_add_texts(mind.store, options->category, texts->texts, texts->count, &how, err);
    cli_progress_release(&progress);
    out->seconds = (double)(cli_clock_ns() - start) / 1e9;
    out->added = texts->count;
    out->rows = elea_store_row_count(mind.store, NULL);
    cli_mind_release(&mind);
    return status;
}

static elea_status describe(const remember_options *options, const remember_result *result,
                            elea_text *text, elea_error *err) {
    char added[32], rows[32], rate[32];
    int64_t per_second =
        result->seconds > 0 ? (int64_t)((double)result->added / result->seconds) : 0;
    if (!options->json)
        return elea_text_append_format(
            text, err, " %s memories added to \"%s\", %s in the store, %s texts/s\n",
            cli_format_count(result->added, added), options->category,
            cli_format_count(result->rows, rows), cli_format_count(per_second, rate));
    ELEA_TRY(elea_text_append_format(text, err,
                                     "{\"added\": %lld, \"category\": ", (long long)result->added));
    ELEA_TRY(elea_text_append_json(text, elea_bytes_of(options->category), err));
    return elea_text_append_format(text, err, ", \"rows\": %lld, \"texts_per_second\": %lld}\n",
                                   (long long)result->rows, (long long)per_second);
}

static elea_status read_and_remember(void *context, elea_text *text, elea_error *err) {
    const remember_options *options = context;
    cli_texts texts = {0};
    remember_result result = {0};
    ELEA_TRY(cli_texts_read(options->paths, options->path_count, options->how, &texts, err));
    elea_status status = remember(options, &texts, &result, err);
    cli_texts_release(&texts);
    ELEA_TRY(status);
    return describe(options, &result, text, err);
}

static int run(const cli_command *command, int argc, char **argv) {
    remember_options options = {.category = "experiences"};
    int exit_code = CLI_OK;
    const cli_option list[] = {
        {"store", "DIR", "the store; made when missing (required)", &options.store, CLI_TEXT, 's'},
        {"category", "NAME", "the kind of memory (default experiences)", &options.category,
         CLI_TEXT, 'c'},
        {"split", "HOW", "one memory a paragraph (--split or --split=paragraph) or a line",
         &options.split, CLI_OPTIONAL_TEXT, 0},
        {"model", "DIR", "the embedding model (default all-MiniLM-L6-v2)", &options.model, CLI_TEXT,
         'm'},
        {"json", NULL, "one JSON document with the figures", &options.json, CLI_FLAG, 0},
    };
    int first = cli_parse(command, list, 5, argc, argv, &exit_code);
    if (first < 0)
        return exit_code;
    if (!options.store)
        return cli_usage_error(command, "--store DIR is missing");
    if (first == argc)
        return cli_usage_error(command, "takes files, or - for the standard input");
    options.how = options.split ? CLI_SPLIT_PARAGRAPHS : CLI_SPLIT_LINES;
    if (options.split && strcmp(options.split, "line") == 0)
        options.how = CLI_SPLIT_LINES;
    else if (options.split && *options.split && strcmp(options.split, "paragraph") != 0)
        return cli_usage_error(command, "--split is by line or paragraph, not by \"%s\"",
                               options.split);

    options.paths = argv + first;
    options.path_count = argc - first;
    return cli_print(read_and_remember, &options);
}

const cli_command cli_remember = {
    .name = "remember",
    .operands = "FILE...",
    .summary = "Adds texts to a memory: each line, or paragraph, becomes one.",
    .notes = "FILE - is the standard input. All texts are added, or none.\n\n"
             "  elea remember --store mind notes.txt\n"
             "  git log --format=%s | elea remember --store mind --category history -\n",
    .run = run,
};

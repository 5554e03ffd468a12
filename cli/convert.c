// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <elea/columnar.h>

#include "cli.h"
#include "formats.h"

typedef struct convert_options {
    const char *input;
    const char *output;
    const char *from;
    const char *to;
    char *columns;
    const char *compression;
    int64_t batch_rows;
} convert_options;

// "zstd" or "zstd:19"
static elea_status parse_compression(const char *text, elea_ipc_write_options *options,
                                     elea_error *err) {
    char name[16] = "";
    char *end = NULL;
    const char *colon = strchr(text, ':');
    size_t size = colon ? (size_t)(colon - text) : strlen(text);
    if (strcmp(text, "none") == 0)
        return ELEA_OK;
    if (size < sizeof name)
        snprintf(name, sizeof name, "%.*s", (int)size, text);
    const elea_codec *codec = elea_codec_named(name);
    options->compression = codec ? elea_codec_id_of(codec) : ELEA_CODEC_NONE;
    if (options->compression != ELEA_CODEC_LZ4_FRAME && options->compression != ELEA_CODEC_ZSTD)
        return elea_error_set(err, ELEA_EINVAL,
                              "--compression \"%s\": Arrow knows \"lz4\", \"zstd\" and \"none\"",
                              text);
    if (!colon)
        return ELEA_OK;
    long level = strtol(colon + 1, &end, 10);
    if (end == colon + 1 || *end || level < INT32_MIN || level > INT32_MAX)
        return elea_error_set(err, ELEA_EINVAL,
                              "--compression \"%s\": behind the colon belongs a level", text);
    options->compression_level = (int32_t)level;
    return ELEA_OK;
}

static elea_status convert(void *context, elea_text *text, elea_error *err) {
    const convert_options *options = context;
    elea_status status = ELEA_OK;
    elea_ipc_write_options write = {0};
    cli_format from = CLI_FORMAT_BY_NAME, to = CLI_FORMAT_BY_NAME;
    const char **columns = NULL;
    cli_source source = {0};
    cli_sink *sink = NULL;
    cli_progress progress;
    (void)text;
    cli_progress_init(&progress, "rows", "rows");
    if (options->from)
        ELEA_TRY(cli_format_named(options->from, &from, err));
    if (options->to)
        ELEA_TRY(cli_format_named(options->to, &to, err));
    if (options->compression)
        ELEA_TRY(parse_compression(options->compression, &write, err));
    ELEA_TRY(cli_columns_parse(options->columns, &columns, err));
    // The file may come from anywhere.
    const elea_ipc_read_options read = {.columns = columns, .validation = ELEA_VALIDATE_SAFE};
    ELEA_GOTO(done, cli_source_open(options->input, from, &read, &source, err));
    ELEA_GOTO(done, cli_sink_open(options->output, to, elea_record_stream_schema(source.stream),
                                  &write, &sink, err));
    ELEA_GOTO(done, cli_copy(&source, sink, options->batch_rows, &progress, err));
    status = cli_sink_close(sink, err);
done:
    cli_progress_release(&progress);
    cli_sink_free(sink);
    cli_source_release(&source);
    cli_columns_free(columns);
    return status;
}

static int run(const cli_command *command, int argc, char **argv) {
    convert_options options = {0};
    int exit_code = CLI_OK;
    const cli_option list[] = {
        {"from", "FORMAT", "arrow, stream or integration (default: what the file is)",
         &options.from, CLI_TEXT, 0},
        {"to", "FORMAT", "the same (default: by the name of OUT)", &options.to, CLI_TEXT, 0},
        {"columns", "NAMES", "only these, with commas between them", &options.columns, CLI_TEXT,
         'c'},
        {"compression", "CODEC", "of the buffers: lz4, zstd, zstd:LEVEL or none (default none)",
         &options.compression, CLI_TEXT, 'z'},
        {"batch-rows", "COUNT", "cut larger record batches (default: as they are)",
         &options.batch_rows, CLI_COUNT, 0},
    };
    int first = cli_parse(command, list, 5, argc, argv, &exit_code);
    if (first < 0)
        return exit_code;
    if (argc - first != 2)
        return cli_usage_error(command, "takes two files, and was given %d", argc - first);
    options.input = argv[first];
    options.output = argv[first + 1];
    return cli_print(convert, &options);
}

const cli_command cli_convert = {
    .name = "convert",
    .operands = "IN OUT",
    .summary = "Writes an Arrow file or stream in another format.",
    .notes =
        "\"-\" is stdin or stdout. OUT ends in .arrows or .stream for a stream, in anything\n"
        "else for a file; .gz, .zst, .lz4, .bz2 or .br behind that compresses the whole,\n"
        "and what is compressed is read, too. A file is seen under its name when it is complete.\n",
    .run = run,
};

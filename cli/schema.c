// SPDX-License-Identifier: Apache-2.0
#include <elea/columnar.h>
#include <elea/ipc.h>

#include "cli.h"
#include "formats.h"

typedef struct schema_options {
    const char *path;
    bool json;
    bool yaml;
} schema_options;

static elea_status describe(void *context, elea_text *text, elea_error *err) {
    const schema_options *options = context;
    elea_status status = ELEA_OK;
    cli_source source = {0};
    ELEA_TRY(cli_source_open(options->path, CLI_FORMAT_BY_NAME, NULL, &source, err));
    const elea_schema *schema = elea_record_stream_schema(source.stream);
    if (options->json) {
        ELEA_GOTO(done, elea_schema_format_json(schema, text, err));
    } else if (options->yaml) {
        ELEA_GOTO(done, elea_schema_format_yaml(schema, text, err));
    } else {
        ELEA_GOTO(done, elea_schema_format(schema, text, err));
    }
    if (text->size > 0 && text->data[text->size - 1] != '\n')
        status = elea_text_append(text, elea_bytes_of("\n"), err);
done:
    cli_source_release(&source);
    return status;
}

static int run(const cli_command *command, int argc, char **argv) {
    schema_options options = {0};
    int exit_code = CLI_OK;
    const cli_option list[] = {
        {"json", NULL, "one JSON document, as Arrow's integration tests write schemas",
         &options.json, CLI_FLAG, 0},
        {"yaml", NULL, "YAML, with all metadata", &options.yaml, CLI_FLAG, 0},
    };
    int first = cli_parse(command, list, 2, argc, argv, &exit_code);
    if (first < 0)
        return exit_code;
    if (argc - first != 1)
        return cli_usage_error(command, "takes one file, and was given %d", argc - first);
    if (options.json && options.yaml)
        return cli_usage_error(command, "takes --json or --yaml, and was given both");

    options.path = argv[first];
    return cli_print(describe, &options);
}

const cli_command cli_schema = {
    .name = "schema",
    .operands = "FILE",
    .summary = "Shows the columns of an Arrow file or stream and their types.",
    .notes = "\"-\" is a stream on stdin. The rows are not read.\n",
    .run = run,
};

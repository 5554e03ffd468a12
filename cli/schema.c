// SPDX-License-Identifier: Apache-2.0
#include <elea/columnar.h>
#include <elea/ipc.h>

#include "cli.h"

static elea_status append(elea_text *text, const char *string, elea_error *err) {
    return elea_text_append(text, elea_bytes_of(string), err);
}

static elea_status metadata_json(const elea_metadata *metadata, elea_text *text, elea_error *err) {
    ELEA_TRY(append(text, "[", err));
    for (int64_t i = 0; i < elea_metadata_count(metadata); i++) {
        ELEA_TRY(append(text, i > 0 ? ", {\"key\": " : "{\"key\": ", err));
        ELEA_TRY(elea_text_append_json(text, elea_metadata_key(metadata, i), err));
        ELEA_TRY(append(text, ", \"value\": ", err));
        ELEA_TRY(elea_text_append_json(text, elea_metadata_value(metadata, i), err));
        ELEA_TRY(append(text, "}", err));
    }
    return append(text, "]", err);
}

static elea_status field_json(const elea_field *field, elea_text *text, elea_error *err) {
    elea_text type;
    elea_text_init(&type, NULL);
    elea_status status = elea_type_format(elea_field_type(field), &type, err);
    if (status == ELEA_OK)
        status = append(text, "{\"name\": ", err);
    if (status == ELEA_OK)
        status = elea_text_append_json(text, elea_bytes_of(elea_field_name(field)), err);
    if (status == ELEA_OK)
        status = append(text, ", \"type\": ", err);
    if (status == ELEA_OK)
        status = elea_text_append_json(text, (elea_bytes){type.data, type.size}, err);
    elea_text_release(&type);
    ELEA_TRY(status);
    ELEA_TRY(append(text,
                    elea_field_nullable(field) ? ", \"nullable\": true, \"metadata\": "
                                               : ", \"nullable\": false, \"metadata\": ",
                    err));
    ELEA_TRY(metadata_json(elea_field_metadata(field), text, err));
    return append(text, "}", err);
}

static elea_status schema_json(const elea_schema *schema, elea_text *text, elea_error *err) {
    ELEA_TRY(append(text, "{\"fields\": [", err));
    for (int64_t i = 0; i < elea_schema_field_count(schema); i++) {
        if (i > 0)
            ELEA_TRY(append(text, ", ", err));
        ELEA_TRY(field_json(elea_schema_field(schema, i), text, err));
    }
    ELEA_TRY(append(text, "], \"metadata\": ", err));
    ELEA_TRY(metadata_json(elea_schema_metadata(schema), text, err));
    return append(text, "}\n", err);
}

typedef struct schema_options {
    const char *path;
    bool json;
} schema_options;

static elea_status describe(void *context, elea_text *text, elea_error *err) {
    const schema_options *options = context;
    elea_status status = ELEA_OK;
    elea_file *file = NULL;
    elea_ipc_file_reader *reader = NULL;
    ELEA_GOTO(done, elea_file_map(options->path, NULL, &file, err));
    ELEA_GOTO(done, elea_ipc_file_reader_new(file, NULL, &reader, err));
    const elea_schema *schema = elea_ipc_file_reader_schema(reader);
    if (options->json) {
        ELEA_GOTO(done, schema_json(schema, text, err));
    } else {
        ELEA_GOTO(done, elea_schema_format(schema, text, err));
        if (text->size > 0 && text->data[text->size - 1] != '\n')
            ELEA_GOTO(done, append(text, "\n", err));
    }
done:
    elea_ipc_file_reader_free(reader);
    elea_file_unref(file);
    return status;
}

static int run(const cli_command *command, int argc, char **argv) {
    schema_options options = {0};
    int exit_code = CLI_OK;
    const cli_option list[] = {
        {"json", NULL, "one JSON document: fields and metadata", &options.json, CLI_FLAG, 0},
    };
    int first = cli_parse(command, list, 1, argc, argv, &exit_code);
    if (first < 0)
        return exit_code;
    if (argc - first != 1)
        return cli_usage_error(command, "takes one file, and was given %d", argc - first);

    options.path = argv[first];
    return cli_print(describe, &options);
}

const cli_command cli_schema = {
    .name = "schema",
    .operands = "FILE.arrow",
    .summary = "Shows the columns of an Arrow IPC file and their types.",
    .notes = "Only the end of the file is read.\n",
    .run = run,
};

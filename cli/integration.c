// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <elea/columnar.h>
#include <elea/ipc.h>

#include "cli.h"
#include "formats.h"

typedef struct integration_options {
    const char *json;
    const char *arrow;
    const char *output;
    const char *mode;
} integration_options;

// The files may come from anywhere; Arrow's own ones leave the ranges of dates and decimals.
static const elea_ipc_read_options validated = {.validation = ELEA_VALIDATE_SAFE};

// ---- comparing

// Of fields that are equal but for metadata, and for names that mean nothing: writers give the
// entries of a map names of their own.
static bool metadata_equal(const elea_field *a, const elea_field *b) {
    const elea_type *x = elea_field_type(a), *y = elea_field_type(b);
    if (!elea_metadata_equal(elea_field_metadata(a), elea_field_metadata(b)))
        return false;
    for (; elea_type_value_type(x); x = elea_type_value_type(x))
        y = elea_type_value_type(y);
    for (int64_t i = 0; i < elea_type_child_count(x); i++) {
        if (!metadata_equal(elea_type_child(x, i), elea_type_child(y, i)))
            return false;
    }
    return true;
}

static elea_status compare_fields(const elea_field *json, const elea_field *arrow,
                                  elea_error *err) {
    elea_text json_text, arrow_text;
    if (elea_field_equal(json, arrow, false))
        return metadata_equal(json, arrow)
                   ? ELEA_OK
                   : elea_error_set(err, ELEA_EINVAL, "the metadata differ");
    elea_text_init(&json_text, NULL);
    elea_text_init(&arrow_text, NULL);
    elea_status status = elea_field_format(json, &json_text, err);
    if (status == ELEA_OK)
        status = elea_field_format(arrow, &arrow_text, err);
    if (status == ELEA_OK)
        status = elea_error_set(err, ELEA_EINVAL, "%s != %s", json_text.data, arrow_text.data);
    elea_text_release(&json_text);
    elea_text_release(&arrow_text);
    return status;
}

static elea_status compare_schemas(const elea_schema *json, const elea_schema *arrow,
                                   elea_error *err) {
    int64_t count = elea_schema_field_count(json);
    if (count != elea_schema_field_count(arrow))
        return elea_error_set(err, ELEA_EINVAL,
                              "schema: %lld fields in the JSON and %lld in the Arrow file",
                              (long long)count, (long long)elea_schema_field_count(arrow));
    for (int64_t i = 0; i < count; i++) {
        elea_status status =
            compare_fields(elea_schema_field(json, i), elea_schema_field(arrow, i), err);
        if (status != ELEA_OK)
            return elea_error_prefix(err, status, "schema: field %lld, \"%s\"", (long long)i,
                                     elea_field_name(elea_schema_field(json, i)));
    }
    if (!elea_metadata_equal(elea_schema_metadata(json), elea_schema_metadata(arrow)))
        return elea_error_set(err, ELEA_EINVAL, "schema: the metadata differ");
    return ELEA_OK;
}

// The first place where two columns differ: "[17].tags[2]: \"a\" != \"b\"".
static elea_status compare_columns(const elea_array *json, const elea_array *arrow,
                                   elea_error *err) {
    elea_diff_options options;
    elea_text text;
    elea_diff_options_init(&options);
    // NaN, which the format can hold in its way only, equals NaN.
    options.equal.nans_equal = true;
    options.differences_max = 1;
    if (elea_array_equal(json, arrow, &options.equal))
        return ELEA_OK;
    elea_text_init(&text, NULL);
    elea_status status = elea_array_differences(json, arrow, &options, &text, err);
    if (status == ELEA_OK && text.size == 0)
        status = elea_error_set(err, ELEA_EINVAL, "the arrays differ");
    else if (status == ELEA_OK)
        status = elea_error_set(err, ELEA_EINVAL, "%.*s", (int)strcspn(text.data, "\n"), text.data);
    elea_text_release(&text);
    return status;
}

static elea_status compare_batches(const elea_record_batch *json, const elea_record_batch *arrow,
                                   elea_error *err) {
    const elea_schema *schema = elea_record_batch_schema(json);
    int64_t length = elea_record_batch_length(json);
    if (length != elea_record_batch_length(arrow))
        return elea_error_set(err, ELEA_EINVAL, "%lld rows in the JSON and %lld in the Arrow file",
                              (long long)length, (long long)elea_record_batch_length(arrow));
    for (int64_t i = 0; i < elea_schema_field_count(schema); i++) {
        elea_status status = compare_columns(elea_record_batch_column(json, i),
                                             elea_record_batch_column(arrow, i), err);
        if (status != ELEA_OK)
            return elea_error_prefix(err, status, "column %lld, \"%s\"", (long long)i,
                                     elea_field_name(elea_schema_field(schema, i)));
    }
    return ELEA_OK;
}

static elea_status compare_rest(const elea_integration *json, elea_record_stream *arrow,
                                elea_error *err) {
    int64_t count = elea_integration_batch_count(json), read = 0;
    for (;; read++) {
        elea_record_batch *batch = NULL;
        ELEA_TRY(elea_record_stream_next(arrow, &batch, err));
        if (!batch)
            break;
        elea_status status = ELEA_OK;
        if (read < count)
            status = compare_batches(elea_integration_batch(json, read), batch, err);
        elea_record_batch_unref(batch);
        if (status != ELEA_OK)
            return elea_error_prefix(err, status, "record batch %lld", (long long)read);
    }
    if (read != count)
        return elea_error_set(err, ELEA_EINVAL,
                              "%lld record batches in the JSON and %lld in the Arrow file",
                              (long long)count, (long long)read);
    return ELEA_OK;
}

static elea_status compare(const char *json_path, cli_source *arrow, const char *arrow_path,
                           elea_error *err) {
    elea_integration *json = NULL;
    ELEA_TRY(elea_integration_read(json_path, NULL, &json, err));
    elea_status status = compare_schemas(elea_integration_schema(json),
                                         elea_record_stream_schema(arrow->stream), err);
    if (status == ELEA_OK)
        status = compare_rest(json, arrow->stream, err);
    if (status != ELEA_OK)
        status = elea_error_prefix(err, status, "%s and %s differ", json_path, arrow_path);
    elea_integration_free(json);
    return status;
}

// ---- the modes

static elea_status validate(const integration_options *options, elea_error *err) {
    cli_source arrow = {0};
    ELEA_TRY(cli_source_open(options->arrow, CLI_FORMAT_BY_NAME, &validated, &arrow, err));
    elea_status status = compare(options->json, &arrow, options->arrow, err);
    cli_source_release(&arrow);
    return status;
}

static elea_status copy(const char *input, cli_format from, const char *output, cli_format to,
                        elea_error *err) {
    elea_status status = ELEA_OK;
    cli_source source = {0};
    cli_sink *sink = NULL;
    ELEA_GOTO(done, cli_source_open(input, from, &validated, &source, err));
    ELEA_GOTO(done, cli_sink_open(output, to, elea_record_stream_schema(source.stream), NULL, &sink,
                                  err));
    ELEA_GOTO(done, cli_copy(&source, sink, 0, NULL, err));
    status = cli_sink_close(sink, err);
done:
    cli_sink_free(sink);
    cli_source_release(&source);
    return status;
}

static elea_status json_to_arrow(const integration_options *options, elea_error *err) {
    return copy(options->json, CLI_FORMAT_INTEGRATION, options->arrow, CLI_FORMAT_BY_NAME, err);
}

static elea_status arrow_to_json(const integration_options *options, elea_error *err) {
    return copy(options->arrow, CLI_FORMAT_BY_NAME, options->json, CLI_FORMAT_INTEGRATION, err);
}

// With --json, what was written is read again and compared; without --output it is then dropped.
static elea_status convert(const integration_options *options, cli_format from, cli_format to,
                           elea_error *err) {
    char scratch[] = "/tmp/elea-integration-XXXXXX";
    const char *input = options->arrow ? options->arrow : "-";
    const char *output = options->output ? options->output : "-";
    cli_source written = {0};
    bool is_scratch = options->json && !options->output;
    if (is_scratch) {
        int descriptor = mkstemp(scratch);
        if (descriptor < 0)
            return elea_error_set_os(err, errno, "cannot make %s", scratch);
        close(descriptor);
        output = scratch;
    }
    elea_status status = copy(input, from, output, to, err);
    if (status == ELEA_OK && options->json)
        status = cli_source_open(output, to, &validated, &written, err);
    if (status == ELEA_OK && options->json)
        status = compare(options->json, &written, input, err);
    cli_source_release(&written);
    if (is_scratch)
        unlink(scratch);
    return status;
}

static elea_status stream_to_file(const integration_options *options, elea_error *err) {
    return convert(options, CLI_FORMAT_STREAM, CLI_FORMAT_FILE, err);
}

static elea_status file_to_stream(const integration_options *options, elea_error *err) {
    return convert(options, CLI_FORMAT_FILE, CLI_FORMAT_STREAM, err);
}

static const struct {
    const char *name;
    elea_status (*run)(const integration_options *options, elea_error *err);
    bool needs_both;
} modes[] = {
    {"validate", validate, true},
    {"json-to-arrow", json_to_arrow, true},
    {"arrow-to-json", arrow_to_json, true},
    {"stream-to-file", stream_to_file, false},
    {"file-to-stream", file_to_stream, false},
};

enum { MODE_COUNT = sizeof(modes) / sizeof(modes[0]) };

static int find_mode(const char *name) {
    for (int i = 0; i < MODE_COUNT; i++) {
        if (strcmp(modes[i].name, name) == 0)
            return i;
    }
    return -1;
}

static elea_status work(void *context, elea_text *text, elea_error *err) {
    const integration_options *options = context;
    (void)text;
    return modes[find_mode(options->mode)].run(options, err);
}

static int run(const cli_command *command, int argc, char **argv) {
    integration_options options = {.mode = "validate"};
    int exit_code = CLI_OK;
    const cli_option list[] = {
        {"json", "FILE", "the JSON, plain or packed by gzip", &options.json, CLI_TEXT, 0},
        {"arrow", "FILE", "the Arrow IPC file or stream", &options.arrow, CLI_TEXT, 0},
        {"mode", "MODE", "see below (default validate)", &options.mode, CLI_TEXT, 0},
        {"output", "FILE", "what the last two modes write (default stdout)", &options.output,
         CLI_TEXT, 'o'},
    };
    int first = cli_parse(command, list, 4, argc, argv, &exit_code);
    if (first < 0)
        return exit_code;
    if (argc != first)
        return cli_usage_error(command, "takes options only, and was given \"%s\"", argv[first]);
    int mode = find_mode(options.mode);
    if (mode < 0)
        return cli_usage_error(command, "there is no mode \"%s\"", options.mode);
    if (modes[mode].needs_both && (!options.json || !options.arrow))
        return cli_usage_error(command, "--json FILE and --arrow FILE are needed");
    return cli_print(work, &options);
}

const cli_command cli_integration = {
    .name = "integration",
    .operands = "",
    .summary = "Compares and converts the JSON of Arrow's integration tests.",
    .notes =
        "modes:\n"
        "  validate        ends with 0 when both files hold the same, else says where they differ\n"
        "  json-to-arrow   writes --arrow; a stream when its name ends in .stream or .arrows\n"
        "  arrow-to-json   writes --json; packed by gzip when its name ends in .gz\n"
        "  stream-to-file  writes the stream --arrow (default stdin) as a file\n"
        "  file-to-stream  the other way\n"
        "With --json the last two compare what they have written with it, and write to --output\n"
        "only when that is given.\n",
    .run = run,
};

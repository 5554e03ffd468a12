// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include <elea/columnar.h>
#include <elea/ipc.h>

#include "cli.h"

typedef struct integration_options {
    const char *json;
    const char *arrow;
    const char *mode;
} integration_options;

// ---- Arrow files

// All that an Arrow file or stream holds.
typedef struct arrow_data {
    elea_schema *schema;
    elea_record_batch **batches;
    int64_t count;
    int64_t capacity;
} arrow_data;

static int64_t batches_size(int64_t count) { return count * (int64_t)sizeof(elea_record_batch *); }

static void arrow_release(arrow_data *data) {
    for (int64_t i = 0; i < data->count; i++)
        elea_record_batch_unref(data->batches[i]);
    elea_dealloc(NULL, data->batches, batches_size(data->capacity));
    elea_schema_unref(data->schema);
    *data = (arrow_data){0};
}

// Where the next batch goes.
static elea_status next_place(arrow_data *data, elea_record_batch ***out, elea_error *err) {
    if (data->count == data->capacity) {
        int64_t capacity = data->capacity ? data->capacity * 2 : 16;
        void *block = data->batches;
        ELEA_TRY(
            elea_realloc(NULL, batches_size(data->capacity), batches_size(capacity), &block, err));
        data->batches = block;
        data->capacity = capacity;
    }
    *out = &data->batches[data->count];
    **out = NULL;
    return ELEA_OK;
}

static elea_status read_file(elea_file *file, const elea_ipc_read_options *options, arrow_data *out,
                             elea_error *err) {
    elea_status status = ELEA_OK;
    elea_ipc_file_reader *reader = NULL;
    ELEA_TRY(elea_ipc_file_reader_new(file, options, &reader, err));
    out->schema = elea_schema_ref(elea_ipc_file_reader_schema(reader));
    for (int64_t i = 0; i < elea_ipc_file_reader_batch_count(reader); i++) {
        elea_record_batch **place = NULL;
        ELEA_GOTO(done, next_place(out, &place, err));
        ELEA_GOTO(done, elea_ipc_file_reader_read_batch(reader, i, place, err));
        out->count++;
    }
done:
    elea_ipc_file_reader_free(reader);
    return status;
}

static elea_status read_stream(elea_file *file, const elea_ipc_read_options *options,
                               arrow_data *out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_record_stream *stream = NULL;
    ELEA_TRY(elea_ipc_stream_reader_new(file, options, &stream, err));
    out->schema = elea_schema_ref(elea_record_stream_schema(stream));
    for (;;) {
        elea_record_batch **place = NULL;
        ELEA_GOTO(done, next_place(out, &place, err));
        ELEA_GOTO(done, elea_record_stream_next(stream, place, err));
        if (!*place)
            break;
        out->count++;
    }
done:
    elea_record_stream_free(stream);
    return status;
}

// What was read before a failure is in `out`, too. The file may come from anywhere; Arrow's own
// ones leave the ranges of dates and decimals.
static elea_status arrow_read(const char *path, arrow_data *out, elea_error *err) {
    static const char magic[] = {'A', 'R', 'R', 'O', 'W', '1'};
    const elea_ipc_read_options options = {.validation = ELEA_VALIDATE_SAFE};
    elea_file *file = NULL;
    char begin[sizeof magic] = {0};
    ELEA_TRY(elea_file_map(path, NULL, &file, err));
    elea_status status = ELEA_OK;
    if (elea_file_size(file) >= (int64_t)sizeof magic)
        status = elea_file_read_at(file, 0, sizeof magic, begin, err);
    if (status == ELEA_OK)
        status = memcmp(begin, magic, sizeof magic) == 0 ? read_file(file, &options, out, err)
                                                         : read_stream(file, &options, out, err);
    elea_file_unref(file);
    return status;
}

static elea_status arrow_write(const char *path, const elea_integration *document,
                               elea_error *err) {
    elea_status status = ELEA_OK;
    elea_output_stream *stream = NULL;
    elea_ipc_file_writer *writer = NULL;
    ELEA_GOTO(done, elea_output_stream_open(path, &(elea_output_options){.atomic = true}, NULL,
                                            &stream, err));
    ELEA_GOTO(done, elea_ipc_file_writer_new(stream, elea_integration_schema(document), NULL, NULL,
                                             &writer, err));
    for (int64_t i = 0; i < elea_integration_batch_count(document); i++)
        ELEA_GOTO(done, elea_ipc_file_writer_write_batch(
                            writer, elea_integration_batch(document, i), NULL, err));
    ELEA_GOTO(done, elea_ipc_file_writer_close(writer, err));
    status = elea_output_stream_close(stream, err);
done:
    elea_ipc_file_writer_free(writer);
    elea_output_stream_free(stream);
    return status;
}

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

static elea_status compare(const elea_integration *json, const arrow_data *arrow, elea_error *err) {
    int64_t count = elea_integration_batch_count(json);
    ELEA_TRY(compare_schemas(elea_integration_schema(json), arrow->schema, err));
    if (count != arrow->count)
        return elea_error_set(err, ELEA_EINVAL,
                              "%lld record batches in the JSON and %lld in the Arrow file",
                              (long long)count, (long long)arrow->count);
    for (int64_t i = 0; i < count; i++) {
        elea_status status =
            compare_batches(elea_integration_batch(json, i), arrow->batches[i], err);
        if (status != ELEA_OK)
            return elea_error_prefix(err, status, "record batch %lld", (long long)i);
    }
    return ELEA_OK;
}

// ---- the modes

static elea_status validate(const integration_options *options, elea_error *err) {
    elea_integration *document = NULL;
    arrow_data arrow = {0};
    ELEA_TRY(elea_integration_read(options->json, NULL, &document, err));
    elea_status status = arrow_read(options->arrow, &arrow, err);
    if (status == ELEA_OK) {
        status = compare(document, &arrow, err);
        if (status != ELEA_OK)
            status =
                elea_error_prefix(err, status, "%s and %s differ", options->json, options->arrow);
    }
    arrow_release(&arrow);
    elea_integration_free(document);
    return status;
}

static elea_status json_to_arrow(const integration_options *options, elea_error *err) {
    elea_integration *document = NULL;
    ELEA_TRY(elea_integration_read(options->json, NULL, &document, err));
    elea_status status = arrow_write(options->arrow, document, err);
    elea_integration_free(document);
    return status;
}

static elea_status arrow_to_json(const integration_options *options, elea_error *err) {
    arrow_data arrow = {0};
    elea_status status = arrow_read(options->arrow, &arrow, err);
    if (status == ELEA_OK)
        status = elea_integration_write(options->json, arrow.schema,
                                        (const elea_record_batch *const *)arrow.batches,
                                        arrow.count, NULL, err);
    arrow_release(&arrow);
    return status;
}

static const struct {
    const char *name;
    elea_status (*run)(const integration_options *options, elea_error *err);
} modes[] = {
    {"validate", validate},
    {"json-to-arrow", json_to_arrow},
    {"arrow-to-json", arrow_to_json},
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
        {"json", "FILE", "the JSON, plain or packed by gzip (required)", &options.json, CLI_TEXT,
         0},
        {"arrow", "FILE", "the Arrow IPC file, or stream to read (required)", &options.arrow,
         CLI_TEXT, 0},
        {"mode", "MODE", "validate, json-to-arrow or arrow-to-json (default validate)",
         &options.mode, CLI_TEXT, 0},
    };
    int first = cli_parse(command, list, 3, argc, argv, &exit_code);
    if (first < 0)
        return exit_code;
    if (!options.json || !options.arrow)
        return cli_usage_error(command, "--json FILE and --arrow FILE are needed");
    if (argc != first)
        return cli_usage_error(command, "takes options only, and was given \"%s\"", argv[first]);
    if (find_mode(options.mode) < 0)
        return cli_usage_error(command, "there is no mode \"%s\"", options.mode);
    return cli_print(work, &options);
}

const cli_command cli_integration = {
    .name = "integration",
    .operands = "",
    .summary = "Compares and converts the JSON of Arrow's integration tests.",
    .notes = "validate ends with 0 when both files hold the same, and else says where they\n"
             "differ. The other modes write one file from the other; JSON is packed by gzip when\n"
             "its name ends in \".gz\".\n",
    .run = run,
};

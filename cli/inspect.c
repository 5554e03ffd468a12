// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include <elea/columnar.h>
#include <elea/ipc.h>

#include "cli.h"
#include "formats.h"

typedef struct inspect_options {
    const char *path;
    bool buffers;
    bool json;
} inspect_options;

// Bytes of something over all record batches.
typedef struct sizes {
    int64_t stored;
    int64_t plain;
} sizes;

// What is summed up on the walk.
typedef struct inspection {
    const inspect_options *options;
    elea_ipc_messages *messages;
    sizes *columns; // of the schema, once it is known
    int64_t column_count;
    int64_t message_count;
    int64_t row_count;
    sizes all;
    int64_t metadata_size;
    int64_t padding_size;
    int64_t gap_size;
    elea_error damage; // the first
    bool is_damaged;
} inspection;

// ---- sums

static elea_status learn_columns(inspection *self, elea_error *err) {
    const elea_schema *schema = elea_ipc_messages_schema(self->messages);
    void *block = NULL;
    if (self->columns || !schema)
        return ELEA_OK;
    self->column_count = elea_schema_field_count(schema);
    ELEA_TRY(elea_alloc_zero(NULL, (self->column_count + 1) * (int64_t)sizeof(sizes), &block, err));
    self->columns = block;
    return ELEA_OK;
}

static void note_damage(inspection *self, const elea_error *damage) {
    if (damage && !self->is_damaged) {
        self->damage = *damage;
        self->is_damaged = true;
    }
}

static void add_message(inspection *self, const elea_ipc_message_info *message) {
    self->message_count++;
    self->metadata_size += message->metadata_size;
    self->padding_size += message->padding_size;
    self->gap_size += message->gap_size;
    self->all.stored += message->stored_size;
    self->all.plain += message->plain_size;
    note_damage(self, message->damage);
    if (message->type != ELEA_IPC_MESSAGE_RECORD_BATCH)
        return;
    self->row_count += message->row_count;
    for (int64_t i = 0; i < self->column_count; i++) {
        elea_ipc_column_info column;
        if (elea_ipc_messages_column(self->messages, i, &column, NULL) != ELEA_OK)
            break;
        self->columns[i].stored += column.stored_size;
        self->columns[i].plain += column.plain_size;
    }
}

// ---- text

static elea_status append(elea_text *text, const char *string, elea_error *err) {
    return elea_text_append(text, elea_bytes_of(string), err);
}

// "2.31", how many times larger; "-" where nothing is stored.
static const char *ratio_of(sizes of, char out[16]) {
    if (of.stored > 0)
        snprintf(out, 16, "%.2f", (double)of.plain / (double)of.stored);
    else
        snprintf(out, 16, "-");
    return out;
}

static elea_status text_buffers(const inspection *self, const elea_ipc_message_info *message,
                                elea_text *text, elea_error *err) {
    for (int64_t i = 0; i < message->buffer_count; i++) {
        elea_ipc_buffer_info buffer;
        if (elea_ipc_messages_buffer(self->messages, i, &buffer, NULL) != ELEA_OK)
            return ELEA_OK;
        ELEA_TRY(elea_text_append_format(text, err, "%14lld    buffer %-7lld %32lld %14lld\n",
                                         (long long)buffer.offset, (long long)i,
                                         (long long)buffer.size, (long long)buffer.plain_size));
    }
    return ELEA_OK;
}

static elea_status text_message(const inspection *self, const elea_ipc_message_info *message,
                                elea_text *text, elea_error *err) {
    char name[48], ratio[16];
    if (message->gap_size > 0)
        ELEA_TRY(elea_text_append_format(text, err, "%14lld  (gap)  %38lld\n",
                                         (long long)(message->offset - message->gap_size),
                                         (long long)message->gap_size));
    if (message->type == ELEA_IPC_MESSAGE_DICTIONARY)
        snprintf(name, sizeof name, "%s %lld", message->is_delta ? "delta" : "dictionary",
                 (long long)message->dictionary_id);
    else
        snprintf(name, sizeof name, "%s", elea_ipc_message_type_name(message->type));
    ELEA_TRY(
        elea_text_append_format(text, err, "%14lld  %-16s %12lld %10lld %14lld %14lld %6s%s%s\n",
                                (long long)message->offset, name, (long long)message->row_count,
                                (long long)message->metadata_size, (long long)message->body_size,
                                (long long)message->plain_size,
                                ratio_of((sizes){message->stored_size, message->plain_size}, ratio),
                                message->compression == ELEA_CODEC_NONE ? "" : "  ",
                                message->compression == ELEA_CODEC_NONE
                                    ? ""
                                    : elea_codec_name(elea_codec_of(message->compression))));
    if (message->damage)
        ELEA_TRY(elea_text_append_format(text, err, "%14s  damaged: %s\n", "",
                                         elea_error_message(message->damage)));
    return self->options->buffers ? text_buffers(self, message, text, err) : ELEA_OK;
}

static elea_status text_begin(const elea_ipc_frame_info *frame, const inspect_options *options,
                              elea_text *text, elea_error *err) {
    char size[32];
    return elea_text_append_format(
        text, err, "%s: Arrow %s, %s bytes\n\n%14s  %-16s %12s %10s %14s %14s %6s\n", options->path,
        frame->is_file ? "file" : "stream", cli_format_count(frame->size, size), "offset",
        "message", "rows", "metadata", "body", "plain", "ratio");
}

static elea_status text_columns(const inspection *self, elea_text *text, elea_error *err) {
    const elea_schema *schema = elea_ipc_messages_schema(self->messages);
    char ratio[16];
    if (self->column_count > 0)
        ELEA_TRY(elea_text_append_format(text, err, "\n%14s %14s %6s  %s\n", "stored", "plain",
                                         "ratio", "column"));
    for (int64_t i = 0; i < self->column_count; i++) {
        ELEA_TRY(elea_text_append_format(
            text, err, "%14lld %14lld %6s  ", (long long)self->columns[i].stored,
            (long long)self->columns[i].plain, ratio_of(self->columns[i], ratio)));
        ELEA_TRY(elea_field_format(elea_schema_field(schema, i), text, err));
        ELEA_TRY(append(text, "\n", err));
    }
    return ELEA_OK;
}

static elea_status text_end(const inspection *self, const elea_ipc_frame_info *frame,
                            elea_text *text, elea_error *err) {
    char rows[32], messages[32], metadata[32], padding[32], gaps[32], ratio[16];
    ELEA_TRY(text_columns(self, text, err));
    if (frame->footer_size > 0)
        ELEA_TRY(elea_text_append_format(
            text, err,
            "\nfooter at %lld, %lld bytes: %lld record batches, %lld dictionary batches\n",
            (long long)frame->messages_end, (long long)frame->footer_size,
            (long long)frame->footer_batch_count, (long long)frame->footer_dictionary_count));
    if (frame->footer_damage)
        ELEA_TRY(elea_text_append_format(text, err, "\nfooter damaged: %s\n",
                                         elea_error_message(frame->footer_damage)));
    if (!frame->is_file)
        ELEA_TRY(frame->end_mark < 0 ? append(text, "\nno mark at the end\n", err)
                                     : elea_text_append_format(text, err, "\nend mark at %lld\n",
                                                               (long long)frame->end_mark));
    return elea_text_append_format(
        text, err,
        "%s rows in %s messages; %s bytes of metadata, %s of padding, %s between; ratio %s\n",
        cli_format_count(self->row_count, rows), cli_format_count(self->message_count, messages),
        cli_format_count(self->metadata_size, metadata),
        cli_format_count(self->padding_size, padding), cli_format_count(self->gap_size, gaps),
        ratio_of(self->all, ratio));
}

// ---- JSON

static elea_status json_number(const char *name, int64_t number, elea_text *text, elea_error *err) {
    return elea_text_append_format(text, err, ", \"%s\": %lld", name, (long long)number);
}

static elea_status json_string(const char *name, const char *string, elea_text *text,
                               elea_error *err) {
    ELEA_TRY(elea_text_append_format(text, err, ", \"%s\": ", name));
    return elea_text_append_json(text, elea_bytes_of(string), err);
}

static elea_status json_metadata(const char *name, const elea_metadata *metadata, elea_text *text,
                                 elea_error *err) {
    if (elea_metadata_count(metadata) == 0)
        return ELEA_OK;
    ELEA_TRY(elea_text_append_format(text, err, ", \"%s\": [", name));
    for (int64_t i = 0; i < elea_metadata_count(metadata); i++) {
        ELEA_TRY(append(text, i > 0 ? ", {\"key\": " : "{\"key\": ", err));
        ELEA_TRY(elea_text_append_json(text, elea_metadata_key(metadata, i), err));
        ELEA_TRY(append(text, ", \"value\": ", err));
        ELEA_TRY(elea_text_append_json(text, elea_metadata_value(metadata, i), err));
        ELEA_TRY(append(text, "}", err));
    }
    return append(text, "]", err);
}

static elea_status json_buffers(const inspection *self, const elea_ipc_message_info *message,
                                elea_text *text, elea_error *err) {
    ELEA_TRY(append(text, ", \"buffers\": [", err));
    for (int64_t i = 0; i < message->buffer_count; i++) {
        elea_ipc_buffer_info buffer;
        if (elea_ipc_messages_buffer(self->messages, i, &buffer, NULL) != ELEA_OK)
            break;
        ELEA_TRY(elea_text_append_format(text, err,
                                         "%s{\"offset\": %lld, \"stored_size\": %lld, "
                                         "\"plain_size\": %lld, \"compressed\": %s}",
                                         i > 0 ? ", " : "", (long long)buffer.offset,
                                         (long long)buffer.size, (long long)buffer.plain_size,
                                         buffer.is_compressed ? "true" : "false"));
    }
    return append(text, "]", err);
}

static elea_status json_body(const inspection *self, const elea_ipc_message_info *message,
                             elea_text *text, elea_error *err) {
    ELEA_TRY(json_number("rows", message->row_count, text, err));
    ELEA_TRY(json_number("stored_size", message->stored_size, text, err));
    ELEA_TRY(json_number("plain_size", message->plain_size, text, err));
    ELEA_TRY(json_number("padding_size", message->padding_size, text, err));
    if (message->compression != ELEA_CODEC_NONE)
        ELEA_TRY(json_string("compression", elea_codec_name(elea_codec_of(message->compression)),
                             text, err));
    if (message->type == ELEA_IPC_MESSAGE_DICTIONARY) {
        ELEA_TRY(json_number("dictionary", message->dictionary_id, text, err));
        ELEA_TRY(append(text, message->is_delta ? ", \"delta\": true" : ", \"delta\": false", err));
    }
    return self->options->buffers ? json_buffers(self, message, text, err) : ELEA_OK;
}

static elea_status json_message(const inspection *self, const elea_ipc_message_info *message,
                                elea_text *text, elea_error *err) {
    ELEA_TRY(append(text, self->message_count > 0 ? ",\n {\"type\": " : "\n {\"type\": ", err));
    ELEA_TRY(
        elea_text_append_json(text, elea_bytes_of(elea_ipc_message_type_name(message->type)), err));
    ELEA_TRY(json_number("offset", message->offset, text, err));
    ELEA_TRY(json_number("metadata_size", message->metadata_size, text, err));
    ELEA_TRY(json_number("body_size", message->body_size, text, err));
    ELEA_TRY(json_number("gap_size", message->gap_size, text, err));
    ELEA_TRY(json_number("version", message->version, text, err));
    if (message->type == ELEA_IPC_MESSAGE_RECORD_BATCH ||
        message->type == ELEA_IPC_MESSAGE_DICTIONARY)
        ELEA_TRY(json_body(self, message, text, err));
    ELEA_TRY(json_metadata("metadata", message->metadata, text, err));
    if (message->damage)
        ELEA_TRY(json_string("damage", elea_error_message(message->damage), text, err));
    return append(text, "}", err);
}

static elea_status json_begin(const elea_ipc_frame_info *frame, const inspect_options *options,
                              elea_text *text, elea_error *err) {
    ELEA_TRY(
        append(text, frame->is_file ? "{\"format\": \"file\"" : "{\"format\": \"stream\"", err));
    ELEA_TRY(json_string("path", options->path, text, err));
    ELEA_TRY(json_number("size", frame->size, text, err));
    return append(text, ", \"messages\": [", err);
}

static elea_status json_columns(const inspection *self, elea_text *text, elea_error *err) {
    const elea_schema *schema = elea_ipc_messages_schema(self->messages);
    ELEA_TRY(append(text, "],\n \"columns\": [", err));
    for (int64_t i = 0; i < self->column_count; i++) {
        ELEA_TRY(append(text, i > 0 ? ",\n {\"name\": " : "\n {\"name\": ", err));
        ELEA_TRY(elea_text_append_json(
            text, elea_bytes_of(elea_field_name(elea_schema_field(schema, i))), err));
        ELEA_TRY(json_number("stored_size", self->columns[i].stored, text, err));
        ELEA_TRY(json_number("plain_size", self->columns[i].plain, text, err));
        ELEA_TRY(append(text, "}", err));
    }
    return append(text, "]", err);
}

static elea_status json_end(const inspection *self, const elea_ipc_frame_info *frame,
                            elea_text *text, elea_error *err) {
    ELEA_TRY(json_columns(self, text, err));
    if (frame->footer_size > 0) {
        ELEA_TRY(elea_text_append_format(text, err, ",\n \"footer\": {\"offset\": %lld",
                                         (long long)frame->messages_end));
        ELEA_TRY(json_number("size", frame->footer_size, text, err));
        ELEA_TRY(json_number("record_batches", frame->footer_batch_count, text, err));
        ELEA_TRY(json_number("dictionary_batches", frame->footer_dictionary_count, text, err));
        ELEA_TRY(json_metadata("metadata", frame->footer_metadata, text, err));
        ELEA_TRY(append(text, "}", err));
    }
    ELEA_TRY(json_number("end_mark", frame->end_mark, text, err));
    ELEA_TRY(json_number("rows", self->row_count, text, err));
    ELEA_TRY(json_number("metadata_size", self->metadata_size, text, err));
    ELEA_TRY(json_number("padding_size", self->padding_size, text, err));
    ELEA_TRY(json_number("stored_size", self->all.stored, text, err));
    ELEA_TRY(json_number("plain_size", self->all.plain, text, err));
    if (self->is_damaged)
        ELEA_TRY(json_string("damage", elea_error_message(&self->damage), text, err));
    return append(text, "}\n", err);
}

// ---- the walk

typedef struct reporter {
    elea_status (*begin)(const elea_ipc_frame_info *frame, const inspect_options *options,
                         elea_text *text, elea_error *err);
    elea_status (*message)(const inspection *self, const elea_ipc_message_info *message,
                           elea_text *text, elea_error *err);
    elea_status (*end)(const inspection *self, const elea_ipc_frame_info *frame, elea_text *text,
                       elea_error *err);
} reporter;

static elea_status walk(inspection *self, elea_text *text, elea_error *err) {
    static const reporter as_text = {text_begin, text_message, text_end};
    static const reporter as_json = {json_begin, json_message, json_end};
    const reporter *report = self->options->json ? &as_json : &as_text;
    elea_ipc_frame_info frame;
    elea_ipc_messages_frame(self->messages, &frame);
    ELEA_TRY(report->begin(&frame, self->options, text, err));
    for (;;) {
        const elea_ipc_message_info *message = NULL;
        ELEA_TRY(elea_ipc_messages_next(self->messages, &message, err));
        ELEA_TRY(learn_columns(self, err));
        if (!message)
            break;
        ELEA_TRY(report->message(self, message, text, err));
        add_message(self, message);
    }
    elea_ipc_messages_frame(self->messages, &frame);
    note_damage(self, frame.footer_damage);
    if (self->message_count == 0 && !self->is_damaged)
        self->is_damaged =
            elea_error_set(&self->damage, ELEA_EINVAL, "%s holds no messages of Arrow",
                           self->options->path) != ELEA_OK;
    return report->end(self, &frame, text, err);
}

// What comes in order is read to its end first.
static elea_status open_bytes(const char *path, elea_file **out, elea_error *err) {
    elea_input_stream *input = NULL;
    elea_buffer *bytes = NULL;
    if (!cli_is_input(path))
        return elea_file_map(path, NULL, out, err);
    ELEA_TRY(cli_input_open(path, &input, err));
    elea_status status = elea_input_stream_view_rest(input, &bytes, err);
    if (status == ELEA_OK)
        status = elea_file_new_from_buffer(bytes, elea_input_stream_name(input), NULL, out, err);
    elea_buffer_unref(bytes);
    elea_input_stream_free(input);
    return status;
}

static elea_status inspect(void *context, elea_text *text, elea_error *err) {
    inspection self = {.options = context};
    elea_status status = ELEA_OK;
    elea_file *file = NULL;
    ELEA_GOTO(done, open_bytes(self.options->path, &file, err));
    ELEA_GOTO(done, elea_ipc_messages_new(file, NULL, &self.messages, err));
    ELEA_GOTO(done, walk(&self, text, err));
    if (self.is_damaged) {
        // What could be seen is shown all the same.
        ELEA_GOTO(done, cli_flush(text, err));
        status = elea_error_set(err, ELEA_EINVAL, "%s", elea_error_message(&self.damage));
    }
done:
    elea_dealloc(NULL, self.columns, (self.column_count + 1) * (int64_t)sizeof(sizes));
    elea_ipc_messages_free(self.messages);
    elea_file_unref(file);
    return status;
}

static int run(const cli_command *command, int argc, char **argv) {
    inspect_options options = {0};
    int exit_code = CLI_OK;
    const cli_option list[] = {
        {"buffers", NULL, "each buffer of each message, too", &options.buffers, CLI_FLAG, 'b'},
        {"json", NULL, "one JSON document", &options.json, CLI_FLAG, 0},
    };
    int first = cli_parse(command, list, 2, argc, argv, &exit_code);
    if (first < 0)
        return exit_code;
    if (argc - first != 1)
        return cli_usage_error(command, "takes one file, and was given %d", argc - first);
    options.path = argv[first];
    return cli_print(inspect, &options);
}

const cli_command cli_inspect = {
    .name = "inspect",
    .operands = "FILE",
    .summary = "Shows what the bytes of an Arrow file or stream are made of.",
    .notes =
        "\"-\" is stdin. Offsets are in the file, or in what it holds when it is compressed as a\n"
        "whole; sizes are in bytes: of messages, dictionaries, padding and columns, as stored\n"
        "and without compression. The rows are not read. Of a damaged file, all that can be\n"
        "made out is shown, and the exit status is 1.\n",
    .run = run,
};

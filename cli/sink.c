// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "formats.h"

struct cli_sink {
    cli_format format;
    const char *path; // borrowed
    elea_schema *schema;
    elea_output_stream *output;
    elea_ipc_file_writer *file_writer;
    elea_ipc_stream_writer *stream_writer;
    // Of the integration format, which is written in one go.
    elea_record_batch **batches;
    int64_t batch_count;
    int64_t batch_capacity;
};

// ---- opening

// A file to be, under a temporary name until it is closed.
static elea_status open_output(const char *path, elea_output_stream **out, elea_error *err) {
    const elea_codec *codec = elea_codec_of_path(path);
    elea_output_stream *file = NULL;
    if (strcmp(path, "-") == 0)
        return elea_output_stream_new_stdout(NULL, out, err);
    ELEA_TRY(
        elea_output_stream_open(path, &(elea_output_options){.atomic = true}, NULL, &file, err));
    if (!codec) {
        *out = file;
        return ELEA_OK;
    }
    elea_status status = elea_output_stream_new_compressed(file, codec, NULL, NULL, out, err);
    if (status != ELEA_OK)
        elea_output_stream_free(file);
    return status;
}

static int64_t batches_size(int64_t count) { return count * (int64_t)sizeof(elea_record_batch *); }

elea_status cli_sink_open(const char *path, cli_format format, const elea_schema *schema,
                          const elea_ipc_write_options *options, cli_sink **out, elea_error *err) {
    elea_status status = ELEA_OK;
    void *block = NULL;
    elea_ipc_write_options for_file = {0};
    if (options)
        for_file = *options;
    // In a file a dictionary may grow, but not be another one.
    for_file.dictionary_deltas = true;
    ELEA_TRY(elea_alloc_zero(NULL, sizeof(cli_sink), &block, err));
    cli_sink *sink = block;
    sink->format = format == CLI_FORMAT_BY_NAME ? cli_format_of_path(path) : format;
    sink->path = path;
    sink->schema = elea_schema_ref(schema);
    if (sink->format != CLI_FORMAT_INTEGRATION)
        ELEA_GOTO(done, open_output(path, &sink->output, err));
    if (sink->format == CLI_FORMAT_STREAM)
        ELEA_GOTO(done, elea_ipc_stream_writer_new(sink->output, schema, options,
                                                   &sink->stream_writer, err));
    if (sink->format == CLI_FORMAT_FILE)
        ELEA_GOTO(done, elea_ipc_file_writer_new(sink->output, schema, &for_file, NULL,
                                                 &sink->file_writer, err));
    *out = sink;
    sink = NULL;
done:
    cli_sink_free(sink);
    return status;
}

static elea_status keep(cli_sink *sink, const elea_record_batch *batch, elea_error *err) {
    if (sink->batch_count == sink->batch_capacity) {
        int64_t capacity = sink->batch_capacity ? 2 * sink->batch_capacity : 16;
        void *block = sink->batches;
        ELEA_TRY(elea_realloc(NULL, batches_size(sink->batch_capacity), batches_size(capacity),
                              &block, err));
        sink->batches = block;
        sink->batch_capacity = capacity;
    }
    sink->batches[sink->batch_count++] = elea_record_batch_ref(batch);
    return ELEA_OK;
}

elea_status cli_sink_write(cli_sink *sink, const elea_record_batch *batch,
                           const elea_metadata *metadata, elea_error *err) {
    switch (sink->format) {
    case CLI_FORMAT_INTEGRATION:
        return keep(sink, batch, err);
    case CLI_FORMAT_STREAM:
        return elea_ipc_stream_writer_write_batch(sink->stream_writer, batch, metadata, err);
    default:
        return elea_ipc_file_writer_write_batch(sink->file_writer, batch, metadata, err);
    }
}

elea_status cli_sink_close(cli_sink *sink, elea_error *err) {
    switch (sink->format) {
    case CLI_FORMAT_INTEGRATION:
        return elea_integration_write(sink->path, sink->schema,
                                      (const elea_record_batch *const *)sink->batches,
                                      sink->batch_count, NULL, err);
    case CLI_FORMAT_STREAM:
        ELEA_TRY(elea_ipc_stream_writer_close(sink->stream_writer, err));
        break;
    default:
        ELEA_TRY(elea_ipc_file_writer_close(sink->file_writer, err));
    }
    return elea_output_stream_close(sink->output, err);
}

// ---- copying

static elea_status write_parts(cli_sink *sink, const elea_record_batch *batch,
                               const elea_metadata *metadata, int64_t rows, elea_error *err) {
    int64_t length = elea_record_batch_length(batch);
    if (rows == 0 || length <= rows)
        return cli_sink_write(sink, batch, metadata, err);
    for (int64_t at = 0; at < length; at += rows) {
        elea_record_batch *part = NULL;
        int64_t count = length - at < rows ? length - at : rows;
        ELEA_TRY(elea_record_batch_slice(batch, at, count, &part, err));
        elea_status status = cli_sink_write(sink, part, metadata, err);
        elea_record_batch_unref(part);
        ELEA_TRY(status);
    }
    return ELEA_OK;
}

elea_status cli_copy(cli_source *source, cli_sink *sink, int64_t batch_rows, cli_progress *progress,
                     elea_error *err) {
    elea_status status = ELEA_OK;
    elea_record_batch *batch = NULL;
    int64_t rows = 0, batches = 0;
    for (;;) {
        ELEA_GOTO(done, elea_record_stream_next(source->stream, &batch, err));
        if (!batch)
            break;
        ELEA_GOTO(done,
                  write_parts(sink, batch, elea_ipc_stream_reader_batch_metadata(source->stream),
                              batch_rows, err));
        rows += elea_record_batch_length(batch);
        batches++;
        // Batches are taken to be of like size.
        if (progress)
            cli_progress_show(progress, rows,
                              source->batch_count > 0 ? rows / batches * source->batch_count : -1);
        elea_record_batch_unref(batch);
        batch = NULL;
    }
done:
    elea_record_batch_unref(batch);
    return status;
}

void cli_sink_free(cli_sink *sink) {
    if (!sink)
        return;
    elea_ipc_stream_writer_free(sink->stream_writer);
    elea_ipc_file_writer_free(sink->file_writer);
    elea_output_stream_free(sink->output);
    for (int64_t i = 0; i < sink->batch_count; i++)
        elea_record_batch_unref(sink->batches[i]);
    elea_dealloc(NULL, sink->batches, batches_size(sink->batch_capacity));
    elea_schema_unref(sink->schema);
    elea_dealloc(NULL, sink, sizeof(*sink));
}

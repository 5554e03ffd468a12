// SPDX-License-Identifier: Apache-2.0
//
// The files of tables that subcommands read and write, whatever their format: a record stream out
// of each, and a sink that takes record batches.
#ifndef ELEA_CLI_FORMATS_H
#define ELEA_CLI_FORMATS_H

#include <elea/ipc.h>

#include "cli.h"

typedef enum cli_format {
    CLI_FORMAT_BY_NAME, // what the name of the file says, or its first bytes when it is read
    CLI_FORMAT_FILE,
    CLI_FORMAT_STREAM,
    CLI_FORMAT_INTEGRATION,
} cli_format;

// "arrow", "stream" or "integration"; ELEA_EINVAL for another name.
elea_status cli_format_named(const char *name, cli_format *out, elea_error *err);
// What the end of a file's name says, without the ending of a codec behind it: ".arrows" and
// ".stream" stand for streams, all else for files. "-" is a stream.
cli_format cli_format_of_path(const char *path);

// ---- reading

typedef struct cli_source {
    elea_record_stream *stream;
    int64_t batch_count;      // -1: not known before they are read
    elea_input_stream *input; // private
} cli_source;

// Opens a file, or stdin for "-"; which of the IPC formats it holds is seen from its first bytes,
// whatever `format` says. `options` may be NULL. The storage is all zero, and is again after a
// failure.
elea_status cli_source_open(const char *path, cli_format format,
                            const elea_ipc_read_options *options, cli_source *out, elea_error *err);
void cli_source_release(cli_source *source);

// The bytes of a file, or of stdin for "-", without what compresses them.
elea_status cli_input_open(const char *path, elea_input_stream **out, elea_error *err);
// Whether they can be had in that way only: in order, or out of what is compressed.
bool cli_is_input(const char *path);

// The names in a list with commas between them, ended by NULL, as cli_source_open() takes them.
// The list is cut up in place. NULL gives NULL.
elea_status cli_columns_parse(char *list, const char ***out, elea_error *err);
void cli_columns_free(const char **columns);

// ---- writing

typedef struct cli_sink cli_sink;

// A file that is seen when it is whole, or stdout for "-"; compressed where its name ends as a
// codec asks for. `options` may be NULL.
elea_status cli_sink_open(const char *path, cli_format format, const elea_schema *schema,
                          const elea_ipc_write_options *options, cli_sink **out, elea_error *err);
// `metadata` (may be NULL) are of the batch; the integration format does not keep them.
elea_status cli_sink_write(cli_sink *sink, const elea_record_batch *batch,
                           const elea_metadata *metadata, elea_error *err);
elea_status cli_sink_close(cli_sink *sink, elea_error *err);
// Without close before, the file is left as it was.
void cli_sink_free(cli_sink *sink);

// Copies all that is left, with custom metadata; record batches of more than `batch_rows` rows (0:
// none is) are cut. `progress` may be NULL. The sink is not closed.
elea_status cli_copy(cli_source *source, cli_sink *sink, int64_t batch_rows, cli_progress *progress,
                     elea_error *err);

// ---- rows

// Appends the rows as JSON objects, with commas before all but the first of `*count`, which counts
// on.
elea_status cli_rows_json(const elea_record_batch *batch, int64_t *count, elea_text *text,
                          elea_error *err);

#endif // ELEA_CLI_FORMATS_H

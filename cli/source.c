// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "formats.h"

// ---- the integration format as a record stream

typedef struct document_stream {
    elea_record_stream base;
    elea_integration *document;
    int64_t next;
} document_stream;

static const elea_schema *document_schema(elea_record_stream *stream) {
    return elea_integration_schema(((document_stream *)stream)->document);
}

static elea_status document_next(elea_record_stream *stream, elea_record_batch **out,
                                 elea_error *err) {
    document_stream *self = (document_stream *)stream;
    (void)err;
    *out = NULL;
    if (self->next < elea_integration_batch_count(self->document))
        *out = elea_record_batch_ref(elea_integration_batch(self->document, self->next++));
    return ELEA_OK;
}

static void document_free(elea_record_stream *stream) {
    document_stream *self = (document_stream *)stream;
    elea_integration_free(self->document);
    elea_dealloc(NULL, self, sizeof(*self));
}

static elea_status open_document(const char *path, cli_source *out, elea_error *err) {
    static const elea_record_stream_ops ops = {document_schema, document_next, document_free};
    void *block = NULL;
    ELEA_TRY(elea_alloc_zero(NULL, sizeof(document_stream), &block, err));
    document_stream *self = block;
    self->base.ops = &ops;
    out->stream = &self->base;
    ELEA_TRY(elea_integration_read(path, NULL, &self->document, err));
    out->batch_count = elea_integration_batch_count(self->document);
    return ELEA_OK;
}

// ---- opening

bool cli_is_input(const char *path) { return strcmp(path, "-") == 0 || elea_codec_of_path(path); }

elea_status cli_input_open(const char *path, elea_input_stream **out, elea_error *err) {
    elea_input_stream *plain = NULL;
    ELEA_TRY(strcmp(path, "-") == 0 ? elea_input_stream_new_stdin(NULL, &plain, err)
                                    : elea_input_stream_open(path, NULL, &plain, err));
    elea_status status = elea_input_stream_new_decompressed(plain, NULL, NULL, NULL, out, err);
    if (status != ELEA_OK)
        elea_input_stream_free(plain);
    return status;
}

// Stdin, or what a compressed file holds, is read as a stream; a file between its magic and its
// footer is one, too.
static elea_status open_input(const char *path, const elea_ipc_read_options *options,
                              cli_source *out, elea_error *err) {
    ELEA_TRY(cli_input_open(path, &out->input, err));
    return elea_ipc_stream_reader_new_from_input(out->input, options, &out->stream, err);
}

elea_status cli_source_open(const char *path, cli_format format,
                            const elea_ipc_read_options *options, cli_source *out,
                            elea_error *err) {
    elea_status status = ELEA_OK;
    out->batch_count = -1;
    if (format == CLI_FORMAT_INTEGRATION) {
        status = open_document(path, out, err);
    } else if (cli_is_input(path)) {
        status = open_input(path, options, out, err);
    } else {
        status = elea_ipc_open(path, options, &out->stream, err);
        if (status == ELEA_OK)
            out->batch_count = elea_ipc_stream_reader_batch_count(out->stream);
    }
    if (status != ELEA_OK)
        cli_source_release(out);
    return status;
}

void cli_source_release(cli_source *source) {
    elea_record_stream_free(source->stream);
    elea_input_stream_free(source->input);
    *source = (cli_source){0};
}

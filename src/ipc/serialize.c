// SPDX-License-Identifier: Apache-2.0
#include <elea/ipc.h>

#include <string.h>

#include "ipc/format.h"
#include "ipc/message_next.h"
#include "ipc/source.h"
#include "ipc/writer.h"

// ---- to bytes

// The messages of a schema, or of a batch of it.
static elea_status serialize(const elea_schema *schema, const elea_record_batch *batch,
                             const elea_metadata *metadata, const elea_ipc_write_options *options,
                             elea_buffer **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea__ipc_writer writer = {.pool = options ? options->pool : NULL};
    elea_output_stream *stream = NULL;

    ELEA_GOTO(done, elea_output_stream_new_memory(writer.pool, &stream, err));
    ELEA_GOTO(done, elea__ipc_writer_init(&writer, stream, schema, options, false, err));
    if (batch)
        ELEA_GOTO(done, elea__ipc_writer_write_batch(&writer, batch, metadata, err));
    else
        ELEA_GOTO(done, elea__ipc_writer_write_schema(&writer, err));
    status = elea_output_stream_take(stream, out, err);

done:
    elea__ipc_writer_release(&writer);
    elea_output_stream_free(stream);
    return status;
}

elea_status elea_ipc_serialize_schema(const elea_schema *schema,
                                      const elea_ipc_write_options *options, elea_buffer **out,
                                      elea_error *err) {
    return serialize(schema, NULL, NULL, options, out, err);
}

elea_status elea_ipc_serialize_batch(const elea_record_batch *batch, const elea_metadata *metadata,
                                     const elea_ipc_write_options *options, elea_buffer **out,
                                     elea_error *err) {
    return serialize(elea_record_batch_schema(batch), batch, metadata, options, out, err);
}

// ---- from bytes

static elea_status open_source(elea_buffer *bytes, const elea_ipc_read_options *options,
                               elea__ipc_source *source, elea_error *err) {
    elea_ipc_read_options checked;
    elea_file *file = NULL;
    ELEA_TRY(elea__ipc_read_options_check(options, &checked, err));
    ELEA_TRY(elea_file_new_from_buffer(bytes, NULL, checked.pool, &file, err));
    elea__ipc_source_init(source, file, &checked);
    elea_file_unref(file);
    return ELEA_OK;
}

// Reads the schema of its message into the source.
static elea_status read_schema(elea__ipc_source *source, elea_error *err) {
    elea__ipc_message message = {.metadata = NULL};
    int64_t position = 0;
    bool present = false;
    elea_status status = elea__ipc_message_next(source->file, &position, &message, &present, err);
    if (status == ELEA_OK && (!present || message.header_type != ELEA__HEADER_SCHEMA))
        status = elea_error_set(err, ELEA_EINVAL, "expected the message of a schema");
    if (status == ELEA_OK)
        status = elea__ipc_source_read_schema(source, &message.header, err);
    elea__ipc_message_release(&message);
    return status;
}

elea_status elea_ipc_parse_schema(elea_buffer *bytes, const elea_ipc_read_options *options,
                                  elea_schema **out, elea_error *err) {
    elea__ipc_source source = {.file = NULL};
    ELEA_TRY(open_source(bytes, options, &source, err));
    elea_status status = read_schema(&source, err);
    if (status == ELEA_OK)
        *out = elea_schema_ref(source.schema.schema);
    elea__ipc_source_release(&source);
    return status;
}

// Dictionaries, then the batch.
static elea_status read_batch(elea__ipc_source *source, elea_record_batch **out, elea_error *err) {
    int64_t position = 0;
    for (bool done = false; !done;) {
        elea__ipc_message message = {.metadata = NULL};
        bool present = false;
        elea_status status =
            elea__ipc_message_next(source->file, &position, &message, &present, err);
        done = message.header_type == ELEA__HEADER_RECORD_BATCH;
        if (status != ELEA_OK)
            (void)status;
        else if (done)
            status = elea__ipc_source_read_batch(source, &message, out, err);
        else if (present && message.header_type == ELEA__HEADER_DICTIONARY_BATCH)
            status = elea__ipc_dictionaries_add(&source->dictionaries, &message, true, err);
        else
            status = elea_error_set(err, ELEA_EINVAL, "expected the message of a record batch");
        elea__ipc_message_release(&message);
        ELEA_TRY(status);
    }
    return ELEA_OK;
}

elea_status elea_ipc_parse_batch(elea_buffer *bytes, const elea_schema *schema,
                                 const elea_ipc_read_options *options, elea_record_batch **out,
                                 elea_error *err) {
    elea_status status = ELEA_OK;
    elea__ipc_source source = {.file = NULL};
    elea_buffer *head = NULL;
    elea_file *file = NULL;
    const elea_ipc_write_options write = {.pool = options ? options->pool : NULL};

    // The reader goes by the schema as the format has it.
    ELEA_GOTO(done, elea_ipc_serialize_schema(schema, &write, &head, err));
    ELEA_GOTO(done, open_source(head, options, &source, err));
    ELEA_GOTO(done, read_schema(&source, err));
    ELEA_GOTO(done, elea_file_new_from_buffer(bytes, NULL, source.pool, &file, err));
    elea_file_unref(source.file);
    source.file = file;
    status = read_batch(&source, out, err);

done:
    elea__ipc_source_release(&source);
    elea_buffer_unref(head);
    return status;
}

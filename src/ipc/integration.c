// SPDX-License-Identifier: Apache-2.0
#include "ipc/integration_document.h"

#include <elea/io.h>

// What is unpacked at most.
#define UNPACKED_MAX ((int64_t)1 << 31)

void elea_integration_free(elea_integration *document) {
    if (!document)
        return;
    for (int64_t i = 0; i < document->batch_count; i++)
        elea_record_batch_unref(document->batches[i]);
    elea_dealloc(document->pool, document->batches,
                 document->batch_count * (int64_t)sizeof(elea_record_batch *));
    elea_schema_unref(document->schema);
    elea_dealloc(document->pool, document, sizeof *document);
}

const elea_schema *elea_integration_schema(const elea_integration *document) {
    return document->schema;
}

int64_t elea_integration_batch_count(const elea_integration *document) {
    return document->batch_count;
}

const elea_record_batch *elea_integration_batch(const elea_integration *document, int64_t index) {
    return document->batches[index];
}

// ---- reading

// What packed bytes stand for; `codec` is the one that they show.
static elea_status unpack(elea_bytes bytes, const elea_codec *codec, elea_pool *pool,
                          elea_buffer **out, elea_error *err) {
    const elea_decompressor_options options = {.size_max = UNPACKED_MAX};
    elea_status status = ELEA_OK;
    elea_buffer *packed = NULL;
    elea_input_stream *source = NULL, *stream = NULL;
    ELEA_GOTO(done, elea_buffer_wrap(pool, bytes.data, bytes.size, NULL, NULL, &packed, err));
    ELEA_GOTO(done, elea_input_stream_new_from_buffer(packed, "document", pool, &source, err));
    ELEA_GOTO(done,
              elea_input_stream_new_decompressed(source, codec, &options, pool, &stream, err));
    source = NULL;
    ELEA_GOTO(done, elea_input_stream_view_rest(stream, out, err));

done:
    elea_input_stream_free(stream);
    elea_input_stream_free(source);
    elea_buffer_unref(packed);
    return status;
}

elea_status elea_integration_parse(elea_bytes bytes, elea_pool *pool, elea_integration **out,
                                   elea_error *err) {
    const elea_codec *codec = elea_codec_of_magic(bytes);
    elea_status status = ELEA_OK;
    elea_integration *document = NULL;
    elea_buffer *unpacked = NULL;
    void *block = NULL;

    ELEA_GOTO(done, elea_alloc_zero(pool, sizeof *document, &block, err));
    document = block;
    document->pool = pool;
    if (codec) {
        ELEA_GOTO(done, unpack(bytes, codec, pool, &unpacked, err));
        bytes = (elea_bytes){(const char *)elea_buffer_data(unpacked), elea_buffer_size(unpacked)};
    }
    ELEA_GOTO(done, elea__integration_parse(bytes, document, err));
    *out = document;
    document = NULL;
done:
    elea_buffer_unref(unpacked);
    elea_integration_free(document);
    return status;
}

elea_status elea_integration_read(const char *path, elea_pool *pool, elea_integration **out,
                                  elea_error *err) {
    elea_file *file = NULL;
    elea_buffer *bytes = NULL;
    ELEA_TRY(elea_file_open(path, pool, &file, err));
    elea_status status = elea_file_view_at(file, 0, elea_file_size(file), &bytes, err);
    elea_file_unref(file);
    ELEA_TRY(status);
    status = elea_integration_parse(
        (elea_bytes){(const char *)elea_buffer_data(bytes), elea_buffer_size(bytes)}, pool, out,
        err);
    elea_buffer_unref(bytes);
    return status == ELEA_OK ? status : elea_error_prefix(err, status, "cannot read \"%s\"", path);
}

// ---- writing

// Packed as the end of the path says.
static elea_status write_file(const char *path, const elea_text *text, elea_pool *pool,
                              elea_error *err) {
    const elea_output_options options = {.atomic = true};
    const elea_codec *codec = elea_codec_of_path(path);
    elea_status status = ELEA_OK;
    elea_output_stream *file = NULL, *stream = NULL;
    ELEA_GOTO(done, elea_output_stream_open(path, &options, pool, &file, err));
    if (codec)
        ELEA_GOTO(done, elea_output_stream_new_compressed(file, codec, NULL, pool, &stream, err));
    else
        stream = file;
    file = NULL;
    ELEA_GOTO(done, elea_output_stream_write(stream, text->data, text->size, err));
    status = elea_output_stream_close(stream, err);

done:
    elea_output_stream_free(stream);
    elea_output_stream_free(file);
    return status;
}

elea_status elea_integration_write(const char *path, const elea_schema *schema,
                                   const elea_record_batch *const *batches, int64_t count,
                                   elea_pool *pool, elea_error *err) {
    elea_text text;
    elea_text_init(&text, pool);
    elea_status status = elea_integration_format(schema, batches, count, pool, &text, err);
    if (status != ELEA_OK)
        status = elea_error_prefix(err, status, "cannot write \"%s\"", path);
    else
        status = write_file(path, &text, pool, err);
    elea_text_release(&text);
    return status;
}

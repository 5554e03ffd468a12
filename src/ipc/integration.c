// SPDX-License-Identifier: Apache-2.0
#include "ipc/integration_document.h"

#include <string.h>

#include "io/gzip_internal.h"

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

elea_status elea_integration_parse(elea_bytes bytes, elea_pool *pool, elea_integration **out,
                                   elea_error *err) {
    elea_status status = ELEA_OK;
    elea_integration *document = NULL;
    elea_text unpacked;
    void *block = NULL;

    elea_text_init(&unpacked, pool);
    ELEA_GOTO(done, elea_alloc_zero(pool, sizeof *document, &block, err));
    document = block;
    document->pool = pool;
    if (elea__gzip_is(bytes)) {
        ELEA_GOTO(done, elea__gzip_unpack(bytes, &unpacked, err));
        bytes = (elea_bytes){unpacked.data, unpacked.size};
    }
    ELEA_GOTO(done, elea__integration_parse(bytes, document, err));
    *out = document;
    document = NULL;
done:
    elea_text_release(&unpacked);
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

static bool ends_in_gz(const char *path) {
    size_t size = strlen(path);
    return size >= 3 && strcmp(path + size - 3, ".gz") == 0;
}

static elea_status write_file(const char *path, const elea_text *text, elea_pool *pool,
                              elea_error *err) {
    elea_output_stream *stream = NULL;
    ELEA_TRY(
        elea_output_stream_open(path, &(elea_output_options){.atomic = true}, pool, &stream, err));
    elea_status status = elea_output_stream_write(stream, text->data, text->size, err);
    if (status == ELEA_OK)
        status = elea_output_stream_close(stream, err);
    elea_output_stream_free(stream);
    return status;
}

elea_status elea_integration_write(const char *path, const elea_schema *schema,
                                   const elea_record_batch *const *batches, int64_t count,
                                   elea_pool *pool, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_text text, packed;
    bool is_packed = ends_in_gz(path);

    elea_text_init(&text, pool);
    elea_text_init(&packed, pool);
    status = elea_integration_format(schema, batches, count, pool, &text, err);
    if (status == ELEA_OK && is_packed)
        status = elea__gzip_pack((elea_bytes){text.data, text.size}, &packed, err);
    if (status != ELEA_OK)
        status = elea_error_prefix(err, status, "cannot write \"%s\"", path);
    else
        status = write_file(path, is_packed ? &packed : &text, pool, err);
    elea_text_release(&packed);
    elea_text_release(&text);
    return status;
}

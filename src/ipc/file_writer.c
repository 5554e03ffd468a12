// SPDX-License-Identifier: Apache-2.0
#include <elea/ipc.h>

#include "ipc/array_write.h"
#include "ipc/format.h"
#include "ipc/message.h"
#include "ipc/schema.h"

#define ALIGNMENT_DEFAULT 64

struct elea_ipc_file_writer {
    elea_pool *pool;
    elea_output_stream *stream;
    int64_t origin; // of the file in the stream
    elea_schema *schema;
    elea_metadata *metadata;
    elea__ipc_body body;
    elea__ipc_list blocks; // elea__ipc_block
    bool closed;
};

void elea_ipc_write_options_init(elea_ipc_write_options *options) {
    *options = (elea_ipc_write_options){.alignment = ALIGNMENT_DEFAULT};
}

static int64_t position_of(const elea_ipc_file_writer *writer) {
    return elea_output_stream_position(writer->stream) - writer->origin;
}

static elea_status write_schema(elea_ipc_file_writer *writer, elea_error *err) {
    elea_status status = ELEA_OK;
    elea__flat_builder builder;
    int64_t size = 0;
    static const char head[ELEA__IPC_HEAD_SIZE] = ELEA__IPC_MAGIC;

    elea__flat_builder_init(&builder, writer->pool);
    int64_t header = elea__ipc_message_begin(&builder, ELEA__HEADER_SCHEMA, 0, NULL);
    ELEA_GOTO(done, elea__ipc_schema_write(&builder, header, writer->schema, err));
    ELEA_GOTO(done, elea__flat_finish(&builder, err));
    ELEA_GOTO(done, elea_output_stream_write(writer->stream, head, sizeof head, err));
    status = elea__ipc_message_write(writer->stream, writer->origin, writer->body.alignment,
                                     &builder, &size, err);

done:
    elea__flat_builder_release(&builder);
    return status;
}

static elea_status check_alignment(int32_t *alignment, elea_error *err) {
    if (*alignment == 0)
        *alignment = ALIGNMENT_DEFAULT;
    if (*alignment < ELEA__IPC_BODY_ALIGNMENT || *alignment > ELEA__IPC_ALIGNMENT_MAX ||
        (*alignment & (*alignment - 1)) != 0)
        return elea_error_set(err, ELEA_EINVAL,
                              "the alignment is %d, expected a power of two from 8 to %d",
                              *alignment, ELEA__IPC_ALIGNMENT_MAX);
    return ELEA_OK;
}

elea_status elea_ipc_file_writer_new(elea_output_stream *stream, const elea_schema *schema,
                                     const elea_ipc_write_options *options,
                                     const elea_metadata *metadata, elea_ipc_file_writer **out,
                                     elea_error *err) {
    elea_ipc_write_options checked = {.alignment = ALIGNMENT_DEFAULT};
    void *memory = NULL;
    if (options)
        checked = *options;
    ELEA_TRY(check_alignment(&checked.alignment, err));
    ELEA_TRY(elea_alloc_zero(checked.pool, sizeof(elea_ipc_file_writer), &memory, err));
    elea_ipc_file_writer *writer = memory;
    writer->pool = checked.pool;
    writer->stream = stream;
    writer->origin = elea_output_stream_position(stream);
    writer->schema = elea_schema_ref(schema);
    writer->metadata = elea_metadata_ref(metadata);
    elea__ipc_body_init(&writer->body, checked.pool, checked.alignment);
    elea_status status = write_schema(writer, err);
    if (status != ELEA_OK) {
        elea_ipc_file_writer_free(writer);
        return elea_error_prefix(err, status, "cannot write \"%s\"",
                                 elea_output_stream_name(stream));
    }
    *out = writer;
    return ELEA_OK;
}

void elea_ipc_file_writer_free(elea_ipc_file_writer *writer) {
    if (!writer)
        return;
    elea__ipc_list_release(&writer->blocks, writer->pool, sizeof(elea__ipc_block));
    elea__ipc_body_release(&writer->body);
    elea_metadata_unref(writer->metadata);
    elea_schema_unref(writer->schema);
    elea_dealloc(writer->pool, writer, sizeof *writer);
}

// ---- record batches

static void add_pairs(elea__flat_builder *builder, int64_t location, const elea__ipc_list *list) {
    const elea__ipc_pair *pairs = list->data;
    int64_t vector =
        elea__flat_add_vector(builder, location, list->count, sizeof(elea__ipc_pair), 8);
    for (int64_t i = 0; i < list->count; i++) {
        elea__flat_store(builder, vector + 16 * i, 8, pairs[i].first);
        elea__flat_store(builder, vector + 16 * i + 8, 8, pairs[i].second);
    }
}

static elea_status build_message(const elea__ipc_body *body, int64_t length,
                                 const elea_metadata *metadata, elea__flat_builder *builder,
                                 elea_error *err) {
    const elea__ipc_list *counts = &body->variadic_counts;
    int64_t counts_location = 0;
    int64_t header =
        elea__ipc_message_begin(builder, ELEA__HEADER_RECORD_BATCH, body->size, metadata);
    elea__flat_begin_table(builder, header);
    elea__flat_add_int(builder, ELEA__BATCH_LENGTH, 8, length);
    int64_t nodes_location = elea__flat_add_offset(builder, ELEA__BATCH_NODES);
    int64_t buffers_location = elea__flat_add_offset(builder, ELEA__BATCH_BUFFERS);
    if (counts->count > 0)
        counts_location = elea__flat_add_offset(builder, ELEA__BATCH_VARIADIC_COUNTS);
    elea__flat_end_table(builder);
    add_pairs(builder, nodes_location, &body->nodes);
    add_pairs(builder, buffers_location, &body->buffers);
    if (counts_location) {
        int64_t vector = elea__flat_add_vector(builder, counts_location, counts->count, 8, 8);
        for (int64_t i = 0; i < counts->count; i++)
            elea__flat_store(builder, vector + 8 * i, 8, ((const int64_t *)counts->data)[i]);
    }
    return elea__flat_finish(builder, err);
}

static elea_status build_body(elea_ipc_file_writer *writer, const elea_record_batch *batch,
                              elea_error *err) {
    elea__ipc_body_reset(&writer->body);
    for (int64_t i = 0; i < elea_record_batch_column_count(batch); i++) {
        elea_status status =
            elea__ipc_body_add(&writer->body, elea_record_batch_column(batch, i), err);
        if (status != ELEA_OK)
            return elea_error_prefix(err, status, "column \"%s\"",
                                     elea_field_name(elea_schema_field(writer->schema, i)));
    }
    return ELEA_OK;
}

static elea_status write_batch(elea_ipc_file_writer *writer, const elea_record_batch *batch,
                               const elea_metadata *metadata, elea_error *err) {
    elea_status status = ELEA_OK;
    elea__flat_builder builder;
    elea__ipc_block block = {.offset = position_of(writer)};

    elea__flat_builder_init(&builder, writer->pool);
    ELEA_GOTO(done, build_body(writer, batch, err));
    ELEA_GOTO(done, build_message(&writer->body, elea_record_batch_length(batch), metadata,
                                  &builder, err));
    block.body_size = writer->body.size;
    ELEA_GOTO(done, elea__ipc_message_write(writer->stream, writer->origin, writer->body.alignment,
                                            &builder, &block.metadata_size, err));
    ELEA_GOTO(done, elea_output_stream_write_parts(writer->stream, writer->body.parts.data,
                                                   writer->body.parts.count, err));
    status = elea__ipc_list_push(&writer->blocks, writer->pool, &block, sizeof block, err);

done:
    elea__ipc_body_reset(&writer->body); // lets go of the batch's memory
    elea__flat_builder_release(&builder);
    return status;
}

elea_status elea_ipc_file_writer_write_batch(elea_ipc_file_writer *writer,
                                             const elea_record_batch *batch,
                                             const elea_metadata *metadata, elea_error *err) {
    elea_status status = ELEA_OK;
    if (writer->closed)
        status = elea_error_set(err, ELEA_EINVAL, "the writer is closed");
    else if (!elea_schema_equal(elea_record_batch_schema(batch), writer->schema, false))
        status = elea_error_set(err, ELEA_ETYPE, "the schema differs from the file's");
    else
        status = write_batch(writer, batch, metadata, err);
    if (status != ELEA_OK)
        return elea_error_prefix(err, status, "cannot write \"%s\": record batch %lld",
                                 elea_output_stream_name(writer->stream),
                                 (long long)writer->blocks.count);
    return ELEA_OK;
}

elea_status elea_ipc_file_writer_write_table(elea_ipc_file_writer *writer, const elea_table *table,
                                             elea_error *err) {
    elea_status status = ELEA_OK;
    elea_record_stream *stream = NULL;
    elea_record_batch *batch = NULL;

    ELEA_TRY(elea_record_stream_new_from_table(writer->pool, table, 0, &stream, err));
    for (;;) {
        ELEA_GOTO(done, elea_record_stream_next(stream, &batch, err));
        if (!batch)
            break;
        ELEA_GOTO(done, elea_ipc_file_writer_write_batch(writer, batch, NULL, err));
        elea_record_batch_unref(batch);
        batch = NULL;
    }

done:
    elea_record_batch_unref(batch);
    elea_record_stream_free(stream);
    return status;
}

// ---- the footer

static elea_status build_footer(elea_ipc_file_writer *writer, elea__flat_builder *builder,
                                elea_error *err) {
    const elea__ipc_block *blocks = writer->blocks.data;
    int64_t metadata_location = 0;
    elea__flat_begin_table(builder, ELEA__FLAT_ROOT);
    int64_t schema_location = elea__flat_add_offset(builder, ELEA__FOOTER_SCHEMA);
    int64_t dictionaries_location = elea__flat_add_offset(builder, ELEA__FOOTER_DICTIONARIES);
    int64_t batches_location = elea__flat_add_offset(builder, ELEA__FOOTER_RECORD_BATCHES);
    if (elea_metadata_count(writer->metadata) > 0)
        metadata_location = elea__flat_add_offset(builder, ELEA__FOOTER_METADATA);
    elea__flat_add_int(builder, ELEA__FOOTER_VERSION, 2, ELEA__IPC_V5);
    elea__flat_end_table(builder);

    ELEA_TRY(elea__ipc_schema_write(builder, schema_location, writer->schema, err));
    elea__flat_add_vector(builder, dictionaries_location, 0, ELEA__IPC_BLOCK_SIZE, 8);
    int64_t vector = elea__flat_add_vector(builder, batches_location, writer->blocks.count,
                                           ELEA__IPC_BLOCK_SIZE, 8);
    for (int64_t i = 0; i < writer->blocks.count; i++) {
        int64_t position = vector + ELEA__IPC_BLOCK_SIZE * i;
        elea__flat_store(builder, position, 8, blocks[i].offset);
        elea__flat_store(builder, position + 8, 4, blocks[i].metadata_size);
        elea__flat_store(builder, position + 16, 8, blocks[i].body_size);
    }
    if (metadata_location)
        elea__ipc_metadata_write(builder, metadata_location, writer->metadata);
    return elea__flat_finish(builder, err);
}

static elea_status write_footer(elea_ipc_file_writer *writer, elea_error *err) {
    elea_status status = ELEA_OK;
    elea__flat_builder builder;
    static const char end_marker[ELEA__IPC_PREFIX_SIZE] = {'\xff', '\xff', '\xff', '\xff'};
    char size[4];

    elea__flat_builder_init(&builder, writer->pool);
    ELEA_GOTO(done, build_footer(writer, &builder, err));
    for (int i = 0; i < 4; i++)
        size[i] = (char)((uint64_t)builder.size >> (8 * i));
    const elea_bytes parts[] = {{.data = end_marker, .size = sizeof end_marker},
                                {.data = builder.data, .size = builder.size},
                                {.data = size, .size = sizeof size},
                                {.data = ELEA__IPC_MAGIC, .size = ELEA__IPC_MAGIC_SIZE}};
    status = elea_output_stream_write_parts(writer->stream, parts, 4, err);

done:
    elea__flat_builder_release(&builder);
    return status;
}

elea_status elea_ipc_file_writer_close(elea_ipc_file_writer *writer, elea_error *err) {
    if (writer->closed)
        return ELEA_OK;
    elea_status status = write_footer(writer, err);
    if (status != ELEA_OK)
        return elea_error_prefix(err, status, "cannot write \"%s\": footer",
                                 elea_output_stream_name(writer->stream));
    writer->closed = true;
    return ELEA_OK;
}

elea_status elea_ipc_write_table(const char *path, const elea_table *table,
                                 const elea_ipc_write_options *options, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_pool *pool = options ? options->pool : NULL;
    elea_output_stream *stream = NULL;
    elea_ipc_file_writer *writer = NULL;

    ELEA_GOTO(done, elea_output_stream_open(path, &(elea_output_options){.atomic = true}, pool,
                                            &stream, err));
    ELEA_GOTO(done, elea_ipc_file_writer_new(stream, elea_table_schema(table), options, NULL,
                                             &writer, err));
    ELEA_GOTO(done, elea_ipc_file_writer_write_table(writer, table, err));
    ELEA_GOTO(done, elea_ipc_file_writer_close(writer, err));
    status = elea_output_stream_close(stream, err);

done:
    elea_ipc_file_writer_free(writer);
    elea_output_stream_free(stream);
    return status;
}

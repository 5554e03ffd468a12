// SPDX-License-Identifier: Apache-2.0
#include <elea/ipc.h>

#include "ipc/file_writer.h"
#include "ipc/format.h"
#include "ipc/message.h"
#include "ipc/schema.h"

static elea_status write_head(elea_ipc_file_writer *writer, elea_error *err) {
    static const char head[ELEA__IPC_HEAD_SIZE] = ELEA__IPC_MAGIC;
    ELEA_TRY(elea_output_stream_write(writer->writer.stream, head, sizeof head, err));
    return elea__ipc_writer_write_schema(&writer->writer, err);
}

elea_status elea_ipc_file_writer_new(elea_output_stream *stream, const elea_schema *schema,
                                     const elea_ipc_write_options *options,
                                     const elea_metadata *metadata, elea_ipc_file_writer **out,
                                     elea_error *err) {
    void *memory = NULL;
    elea_pool *pool = options ? options->pool : NULL;
    ELEA_TRY(elea_alloc_zero(pool, sizeof(elea_ipc_file_writer), &memory, err));
    elea_ipc_file_writer *writer = memory;
    writer->writer.pool = pool;
    writer->metadata = elea_metadata_ref(metadata);
    elea_status status = elea__ipc_writer_init(&writer->writer, stream, schema, options, true, err);
    if (status == ELEA_OK)
        status = write_head(writer, err);
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
    elea_pool *pool = writer->writer.pool;
    elea__ipc_writer_release(&writer->writer);
    elea_metadata_unref(writer->metadata);
    elea_dealloc(pool, writer, sizeof *writer);
}

// ---- record batches

elea_status elea_ipc_file_writer_write_batch(elea_ipc_file_writer *writer,
                                             const elea_record_batch *batch,
                                             const elea_metadata *metadata, elea_error *err) {
    return elea__ipc_writer_write_batch(&writer->writer, batch, metadata, err);
}

elea_status elea_ipc_file_writer_write_table(elea_ipc_file_writer *writer, const elea_table *table,
                                             elea_error *err) {
    return elea__ipc_writer_write_table(&writer->writer, table, err);
}

void elea_ipc_file_writer_stats(const elea_ipc_file_writer *writer, elea_ipc_write_stats *out) {
    *out = writer->writer.stats;
}

// ---- the footer

static void add_blocks(elea__flat_builder *builder, int64_t location, const elea__ipc_list *list) {
    const elea__ipc_block *blocks = list->data;
    int64_t vector = elea__flat_add_vector(builder, location, list->count, ELEA__IPC_BLOCK_SIZE, 8);
    for (int64_t i = 0; i < list->count; i++) {
        int64_t position = vector + ELEA__IPC_BLOCK_SIZE * i;
        elea__flat_store(builder, position, 8, blocks[i].offset);
        elea__flat_store(builder, position + 8, 4, blocks[i].metadata_size);
        elea__flat_store(builder, position + 16, 8, blocks[i].body_size);
    }
}

static elea_status build_footer(elea_ipc_file_writer *writer, elea__flat_builder *builder,
                                elea_error *err) {
    int64_t metadata_location = 0;
    elea__flat_begin_table(builder, ELEA__FLAT_ROOT);
    int64_t schema_location = elea__flat_add_offset(builder, ELEA__FOOTER_SCHEMA);
    int64_t dictionaries_location = elea__flat_add_offset(builder, ELEA__FOOTER_DICTIONARIES);
    int64_t batches_location = elea__flat_add_offset(builder, ELEA__FOOTER_RECORD_BATCHES);
    if (elea_metadata_count(writer->metadata) > 0)
        metadata_location = elea__flat_add_offset(builder, ELEA__FOOTER_METADATA);
    elea__flat_add_int(builder, ELEA__FOOTER_VERSION, 2, elea__ipc_writer_version(&writer->writer));
    elea__flat_end_table(builder);

    ELEA_TRY(elea__ipc_schema_write(builder, schema_location, writer->writer.schema,
                                    writer->writer.ids.data, err));
    add_blocks(builder, dictionaries_location, &writer->writer.dictionary_blocks);
    add_blocks(builder, batches_location, &writer->writer.batch_blocks);
    if (metadata_location)
        elea__ipc_metadata_write(builder, metadata_location, writer->metadata);
    return elea__flat_finish(builder, err);
}

static elea_status write_footer(elea_ipc_file_writer *writer, elea_error *err) {
    elea_status status = ELEA_OK;
    elea__flat_builder builder;
    static const char end_marker[ELEA__IPC_PREFIX_SIZE] = {'\xff', '\xff', '\xff', '\xff'};
    char size[4];

    elea__flat_builder_init(&builder, writer->writer.pool);
    ELEA_GOTO(done, build_footer(writer, &builder, err));
    for (int i = 0; i < 4; i++)
        size[i] = (char)((uint64_t)builder.size >> (8 * i));
    const elea_bytes parts[] = {{.data = end_marker, .size = sizeof end_marker},
                                {.data = builder.data, .size = builder.size},
                                {.data = size, .size = sizeof size},
                                {.data = ELEA__IPC_MAGIC, .size = ELEA__IPC_MAGIC_SIZE}};
    status = elea_output_stream_write_parts(writer->writer.stream, parts, 4, err);

done:
    elea__flat_builder_release(&builder);
    return status;
}

elea_status elea_ipc_file_writer_close(elea_ipc_file_writer *writer, elea_error *err) {
    if (writer->writer.closed)
        return ELEA_OK;
    elea_status status = write_footer(writer, err);
    if (status != ELEA_OK)
        return elea_error_prefix(err, status, "cannot write \"%s\": footer",
                                 elea_output_stream_name(writer->writer.stream));
    writer->writer.closed = true;
    return ELEA_OK;
}

elea_status elea_ipc_write_table(const char *path, const elea_table *table,
                                 const elea_ipc_write_options *options, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_pool *pool = options ? options->pool : NULL;
    elea_output_stream *stream = NULL;
    elea_ipc_file_writer *writer = NULL;
    const elea_output_options output = {.atomic = !(options && options->in_place)};

    ELEA_GOTO(done, elea_output_stream_open(path, &output, pool, &stream, err));
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

// SPDX-License-Identifier: Apache-2.0
#include <elea/ipc.h>

#include <string.h>

#include "base/math_internal.h"
#include "ipc/array_read.h"
#include "ipc/format.h"
#include "ipc/message.h"
#include "ipc/schema.h"

#define DEPTH_MAX 64

struct elea_ipc_file_reader {
    elea_pool *pool;
    elea_file *file;
    elea_ipc_read_options options; // its columns are not used after opening
    elea__ipc_schema schema;
    elea_metadata *metadata;
    elea_buffer *footer;
    elea__flat flat;
    elea__flat_vector blocks; // of record batches, in the footer
    int64_t messages_end;     // where the footer begins
    int64_t file_column_count;
};

void elea_ipc_read_options_init(elea_ipc_read_options *options) {
    *options = (elea_ipc_read_options){.depth_max = DEPTH_MAX};
}

// ---- opening

// Reads a few bytes of the frame. Through a view: what is read with elea_file_read_at() counts as
// payload that was copied.
static elea_status read_frame(elea_file *file, int64_t offset, int64_t size, void *out,
                              elea_error *err) {
    elea_buffer *view = NULL;
    ELEA_TRY(elea_file_view_at(file, offset, size, &view, err));
    memcpy(out, elea_buffer_data(view), (size_t)size);
    elea_buffer_unref(view);
    return ELEA_OK;
}

static elea_status read_magic(elea_file *file, int64_t offset, const char *what, elea_error *err) {
    char magic[ELEA__IPC_MAGIC_SIZE + 1] = {0};
    ELEA_TRY(read_frame(file, offset, ELEA__IPC_MAGIC_SIZE, magic, err));
    if (memcmp(magic, ELEA__IPC_MAGIC, ELEA__IPC_MAGIC_SIZE) == 0)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL,
                          "file offset %lld: it %s \"%s\", expected \"%s\" of an Arrow file",
                          (long long)offset, what, magic, ELEA__IPC_MAGIC);
}

static elea_status read_footer(elea_ipc_file_reader *reader, elea_error *err) {
    elea_file *file = reader->file;
    int64_t size = elea_file_size(file);
    int64_t tail = size - ELEA__IPC_TAIL_SIZE;
    uint8_t length[4];
    if (tail < ELEA__IPC_HEAD_SIZE)
        return elea_error_set(err, ELEA_EINVAL, "%lld bytes, expected at least %d of an Arrow file",
                              (long long)size, ELEA__IPC_HEAD_SIZE + ELEA__IPC_TAIL_SIZE);
    ELEA_TRY(read_magic(file, 0, "begins with", err));
    ELEA_TRY(read_magic(file, size - ELEA__IPC_MAGIC_SIZE, "ends with", err));
    ELEA_TRY(read_frame(file, tail, sizeof length, length, err));
    int64_t footer_size = elea__flat_load(length, 4);
    if (footer_size <= 0 || footer_size > tail - ELEA__IPC_HEAD_SIZE)
        return elea_error_set(
            err, ELEA_EINVAL, "file offset %lld: a footer of %lld bytes, expected 1 to %lld",
            (long long)tail, (long long)footer_size, (long long)(tail - ELEA__IPC_HEAD_SIZE));
    reader->messages_end = tail - footer_size;
    ELEA_TRY(elea_file_view_at(file, reader->messages_end, footer_size, &reader->footer, err));
    elea__flat_init(&reader->flat, elea_buffer_data(reader->footer), footer_size,
                    reader->messages_end);
    return ELEA_OK;
}

static elea_status read_schema(elea_ipc_file_reader *reader, const elea__flat_table *footer,
                               elea_error *err) {
    elea__ipc_schema_options options = {.columns = reader->options.columns,
                                        .depth_max = reader->options.depth_max};
    elea__flat_table schema;
    elea__flat_vector fields;
    bool present = false;
    // The footer's version is not looked at: old writers left it out. That of each message counts.
    ELEA_TRY(elea__flat_get_table(footer, ELEA__FOOTER_SCHEMA, &schema, &present, err));
    if (!present)
        return elea_error_set(err, ELEA_EINVAL, "file offset %lld: the footer has no schema",
                              (long long)reader->messages_end);
    ELEA_TRY(elea__flat_get_vector(&schema, ELEA__SCHEMA_FIELDS, 4, &fields, err));
    reader->file_column_count = fields.count;
    return elea__ipc_schema_read(reader->pool, &schema, &options, &reader->schema, err);
}

static elea_status open_reader(elea_ipc_file_reader *reader, elea_error *err) {
    elea__flat_table footer;
    ELEA_TRY(read_footer(reader, err));
    ELEA_TRY(elea__flat_root(&reader->flat, &footer, err));
    ELEA_TRY(read_schema(reader, &footer, err));
    ELEA_TRY(elea__ipc_metadata_read(reader->pool, &footer, ELEA__FOOTER_METADATA,
                                     &reader->metadata, err));
    return elea__flat_get_vector(&footer, ELEA__FOOTER_RECORD_BATCHES, ELEA__IPC_BLOCK_SIZE,
                                 &reader->blocks, err);
}

static elea_status check_options(elea_ipc_read_options *options, elea_error *err) {
    if (options->depth_max == 0)
        options->depth_max = DEPTH_MAX;
    if (options->depth_max < 0 || options->depth_max > DEPTH_MAX)
        return elea_error_set(err, ELEA_EINVAL, "depth_max is %d, expected 0 to %d",
                              options->depth_max, DEPTH_MAX);
    return ELEA_OK;
}

elea_status elea_ipc_file_reader_new(elea_file *file, const elea_ipc_read_options *options,
                                     elea_ipc_file_reader **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_ipc_read_options checked = {.depth_max = DEPTH_MAX};
    elea_ipc_file_reader *reader = NULL;
    void *memory = NULL;
    if (options)
        checked = *options;
    ELEA_TRY(check_options(&checked, err));
    ELEA_TRY(elea_alloc_zero(checked.pool, sizeof *reader, &memory, err));
    reader = memory;
    reader->pool = checked.pool;
    reader->options = checked;
    reader->file = elea_file_ref(file);
    ELEA_GOTO(done, open_reader(reader, err));
    *out = reader;
    return ELEA_OK;

done:
    elea_ipc_file_reader_free(reader);
    return elea_error_prefix(err, status, "cannot read \"%s\"", elea_file_name(file));
}

void elea_ipc_file_reader_free(elea_ipc_file_reader *reader) {
    if (!reader)
        return;
    elea__ipc_schema_release(&reader->schema);
    elea_metadata_unref(reader->metadata);
    elea_buffer_unref(reader->footer);
    elea_file_unref(reader->file);
    elea_dealloc(reader->pool, reader, sizeof *reader);
}

const elea_schema *elea_ipc_file_reader_schema(const elea_ipc_file_reader *reader) {
    return reader->schema.schema;
}

int64_t elea_ipc_file_reader_batch_count(const elea_ipc_file_reader *reader) {
    return reader->blocks.count;
}

const elea_metadata *elea_ipc_file_reader_metadata(const elea_ipc_file_reader *reader) {
    return reader->metadata;
}

// ---- record batches

static elea_status read_message(elea_ipc_file_reader *reader, int64_t index, elea__ipc_message *out,
                                elea_error *err) {
    *out = (elea__ipc_message){.metadata = NULL};
    if (index < 0 || index >= reader->blocks.count)
        return elea_error_set(err, ELEA_EINDEX, "there are %lld record batches",
                              (long long)reader->blocks.count);
    const uint8_t *entry = elea__flat_vector_data(&reader->blocks) + ELEA__IPC_BLOCK_SIZE * index;
    elea__ipc_block block = {.offset = elea__flat_load(entry, 8),
                             .metadata_size = elea__flat_load(entry + 8, 4),
                             .body_size = elea__flat_load(entry + 16, 8)};
    ELEA_TRY(elea__ipc_message_read(reader->file, &block, reader->messages_end, out, err));
    if (out->header_type != ELEA__HEADER_RECORD_BATCH)
        return elea_error_set(err, ELEA_EINVAL,
                              "file offset %lld: a message of type %lld, expected a record batch "
                              "(%d)",
                              (long long)block.offset, (long long)out->header_type,
                              ELEA__HEADER_RECORD_BATCH);
    return ELEA_OK;
}

static elea_status read_column(elea_ipc_file_reader *reader, elea__ipc_batch_reader *batch,
                               int64_t index, elea_array **out, elea_error *err) {
    const elea_field *field = elea_schema_field(reader->schema.schema, index);
    elea_array *array = NULL;
    elea_status status = elea__ipc_read_column(batch, elea_field_type(field),
                                               &reader->schema.starts[index], &array, err);
    // Quick validation is part of making an array.
    if (status == ELEA_OK && reader->options.validation == ELEA_VALIDATE_FULL)
        status = elea_array_validate(array, ELEA_VALIDATE_FULL, err);
    if (status == ELEA_OK) {
        *out = array;
        return ELEA_OK;
    }
    elea_array_unref(array);
    if (batch->column_offset < 0)
        return elea_error_prefix(err, status, "column \"%s\"", elea_field_name(field));
    return elea_error_prefix(err, status, "column \"%s\", file offset %lld", elea_field_name(field),
                             (long long)batch->column_offset);
}

static elea_status read_columns(elea_ipc_file_reader *reader, const elea__ipc_message *message,
                                elea_array **columns, elea_record_batch **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea__ipc_batch_reader batch = {.body = NULL};
    bool whole_body =
        elea_file_has_views(reader->file) || reader->schema.count >= reader->file_column_count;

    ELEA_GOTO(done, elea__ipc_batch_reader_init(&batch, reader->pool, reader->file, message,
                                                &reader->schema, reader->options.misaligned,
                                                whole_body, err));
    for (int64_t i = 0; i < reader->schema.count; i++)
        ELEA_GOTO(done, read_column(reader, &batch, i, &columns[i], err));
    status = elea_record_batch_new(reader->pool, reader->schema.schema, batch.length,
                                   (const elea_array *const *)columns, out, err);

done:
    elea__ipc_batch_reader_release(&batch);
    return status;
}

elea_status elea_ipc_file_reader_read_batch(elea_ipc_file_reader *reader, int64_t index,
                                            elea_record_batch **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea__ipc_message message = {.metadata = NULL};
    void *columns = NULL;
    int64_t size = reader->schema.count * (int64_t)sizeof(elea_array *);

    ELEA_GOTO(done, read_message(reader, index, &message, err));
    ELEA_GOTO(done, elea_alloc_zero(reader->pool, size, &columns, err));
    status = read_columns(reader, &message, columns, out, err);

done:
    for (int64_t i = 0; columns && i < reader->schema.count; i++)
        elea_array_unref(((elea_array **)columns)[i]);
    elea_dealloc(reader->pool, columns, size);
    elea__ipc_message_release(&message);
    if (status != ELEA_OK)
        return elea_error_prefix(err, status, "cannot read \"%s\": record batch %lld",
                                 elea_file_name(reader->file), (long long)index);
    return ELEA_OK;
}

elea_status elea_ipc_file_reader_read_batch_metadata(elea_ipc_file_reader *reader, int64_t index,
                                                     elea_metadata **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea__ipc_message message = {.metadata = NULL};

    ELEA_GOTO(done, read_message(reader, index, &message, err));
    status =
        elea__ipc_metadata_read(reader->pool, &message.table, ELEA__MESSAGE_METADATA, out, err);

done:
    elea__ipc_message_release(&message);
    if (status != ELEA_OK)
        return elea_error_prefix(err, status, "cannot read \"%s\": record batch %lld",
                                 elea_file_name(reader->file), (long long)index);
    return ELEA_OK;
}

static elea_status read_length(elea_ipc_file_reader *reader, int64_t index, int64_t *out,
                               elea_error *err) {
    elea_status status = ELEA_OK;
    elea__ipc_message message = {.metadata = NULL};

    ELEA_GOTO(done, read_message(reader, index, &message, err));
    ELEA_GOTO(done, elea__flat_get_int(&message.header, ELEA__BATCH_LENGTH, 8, 0, out, err));
    if (*out < 0)
        status = elea_error_set(err, ELEA_EINVAL, "a record batch of %lld rows", (long long)*out);

done:
    elea__ipc_message_release(&message);
    return status;
}

elea_status elea_ipc_file_reader_count_rows(elea_ipc_file_reader *reader, int64_t *out,
                                            elea_error *err) {
    int64_t total = 0;
    for (int64_t i = 0; i < reader->blocks.count; i++) {
        int64_t length = 0;
        elea_status status = read_length(reader, i, &length, err);
        if (status == ELEA_OK && elea__add_overflow(total, length, &total))
            status = elea_error_set(err, ELEA_EINVAL, "too many rows");
        if (status != ELEA_OK)
            return elea_error_prefix(err, status, "cannot read \"%s\": record batch %lld",
                                     elea_file_name(reader->file), (long long)i);
    }
    *out = total;
    return ELEA_OK;
}

// ---- tables

elea_status elea_ipc_file_reader_read_table(elea_ipc_file_reader *reader, elea_table **out,
                                            elea_error *err) {
    elea_status status = ELEA_OK;
    int64_t count = reader->blocks.count;
    int64_t size = count * (int64_t)sizeof(elea_record_batch *);
    void *memory = NULL;

    ELEA_TRY(elea_alloc_zero(reader->pool, size, &memory, err));
    elea_record_batch **batches = memory;
    for (int64_t i = 0; i < count; i++)
        ELEA_GOTO(done, elea_ipc_file_reader_read_batch(reader, i, &batches[i], err));
    status =
        elea_table_new_from_batches(reader->pool, reader->schema.schema,
                                    (const elea_record_batch *const *)batches, count, out, err);

done:
    for (int64_t i = 0; i < count; i++)
        elea_record_batch_unref(batches[i]);
    elea_dealloc(reader->pool, memory, size);
    return status;
}

elea_status elea_ipc_read_table(const char *path, const elea_ipc_read_options *options,
                                elea_table **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_pool *pool = options ? options->pool : NULL;
    elea_file *file = NULL;
    elea_ipc_file_reader *reader = NULL;

    if (options && options->unmapped)
        ELEA_GOTO(done, elea_file_open(path, pool, &file, err));
    else
        ELEA_GOTO(done, elea_file_map(path, pool, &file, err));
    ELEA_GOTO(done, elea_ipc_file_reader_new(file, options, &reader, err));
    ELEA_GOTO(done, elea_ipc_file_reader_read_table(reader, out, err));

done:
    elea_ipc_file_reader_free(reader);
    elea_file_unref(file);
    return status;
}

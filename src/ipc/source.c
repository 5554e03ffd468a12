// SPDX-License-Identifier: Apache-2.0
#include "ipc/source.h"

#include "ipc/array_read.h"
#include "ipc/format.h"

#define DEPTH_MAX 64

void elea_ipc_read_options_init(elea_ipc_read_options *options) {
    *options = (elea_ipc_read_options){.depth_max = DEPTH_MAX};
}

elea_status elea__ipc_read_options_check(const elea_ipc_read_options *options,
                                         elea_ipc_read_options *out, elea_error *err) {
    *out = (elea_ipc_read_options){.depth_max = DEPTH_MAX};
    if (options)
        *out = *options;
    if (out->depth_max == 0)
        out->depth_max = DEPTH_MAX;
    if (out->depth_max < 0 || out->depth_max > DEPTH_MAX)
        return elea_error_set(err, ELEA_EINVAL, "depth_max is %d, expected 0 to %d", out->depth_max,
                              DEPTH_MAX);
    if (out->decompressed_max < 0)
        return elea_error_set(err, ELEA_EINVAL, "decompressed_max is %lld, expected 0 or more",
                              (long long)out->decompressed_max);
    return ELEA_OK;
}

void elea__ipc_source_init(elea__ipc_source *source, elea_file *file,
                           const elea_ipc_read_options *options) {
    *source =
        (elea__ipc_source){.pool = options->pool, .file = elea_file_ref(file), .options = *options};
}

void elea__ipc_source_release(elea__ipc_source *source) {
    elea__ipc_dictionaries_release(&source->dictionaries);
    elea__ipc_schema_release(&source->schema);
    elea_file_unref(source->file);
    source->file = NULL;
}

elea_status elea__ipc_source_read_schema(elea__ipc_source *source, const elea__flat_table *table,
                                         elea_error *err) {
    const elea__ipc_schema_options options = {.columns = source->options.columns,
                                              .depth_max = source->options.depth_max};
    elea__flat_vector fields;
    ELEA_TRY(elea__flat_get_vector(table, ELEA__SCHEMA_FIELDS, 4, &fields, err));
    source->column_count = fields.count;
    ELEA_TRY(elea__ipc_schema_read(source->pool, table, &options, &source->schema, err));
    return elea__ipc_dictionaries_init(&source->dictionaries, source->pool, &source->schema, err);
}

static elea_status read_column(elea__ipc_source *source, elea__ipc_batch_reader *batch,
                               int64_t index, elea_array **out, elea_error *err) {
    const elea_field *field = elea_schema_field(source->schema.schema, index);
    elea_array *array = NULL;
    elea_status status = elea__ipc_read_column(batch, elea_field_type(field),
                                               &source->schema.starts[index], &array, err);
    // Quick validation is part of making an array.
    if (status == ELEA_OK && source->options.validation != ELEA_VALIDATE_QUICK)
        status = elea_array_validate(array, source->options.validation, err);
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

static elea_status read_columns(elea__ipc_source *source, const elea__ipc_message *message,
                                elea_array **columns, elea_record_batch **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea__ipc_batch_reader batch = {.body = NULL};
    bool whole_body =
        elea_file_has_views(source->file) || source->schema.count >= source->column_count;

    ELEA_GOTO(done, elea__ipc_batch_reader_init(&batch, source, message, &message->header,
                                                &source->schema.total, whole_body, err));
    for (int64_t i = 0; i < source->schema.count; i++)
        ELEA_GOTO(done, read_column(source, &batch, i, &columns[i], err));
    status = elea_record_batch_new(source->pool, source->schema.schema, batch.length,
                                   (const elea_array *const *)columns, out, err);

done:
    elea__ipc_batch_reader_release(&batch);
    return status;
}

elea_status elea__ipc_source_read_batch(elea__ipc_source *source, const elea__ipc_message *message,
                                        elea_record_batch **out, elea_error *err) {
    void *columns = NULL;
    int64_t size = source->schema.count * (int64_t)sizeof(elea_array *);
    ELEA_TRY(elea_alloc_zero(source->pool, size, &columns, err));
    elea_status status = read_columns(source, message, columns, out, err);
    for (int64_t i = 0; i < source->schema.count; i++)
        elea_array_unref(((elea_array **)columns)[i]);
    elea_dealloc(source->pool, columns, size);
    return status;
}

// SPDX-License-Identifier: Apache-2.0
#include "ipc/feather.h"

#include <string.h>

#include "base/math_internal.h"
#include "ipc/feather_format.h"
#include "ipc/format.h"
#include "ipc/source.h"

// ---- which version

static elea_status holds(elea_file *file, int64_t offset, const char *magic, int64_t size,
                         bool *out, elea_error *err) {
    elea_buffer *view = NULL;
    *out = false;
    if (!elea__range_inside(offset, size, elea_file_size(file)))
        return ELEA_OK;
    ELEA_TRY(elea_file_view_at(file, offset, size, &view, err));
    *out = memcmp(elea_buffer_data(view), magic, (size_t)size) == 0;
    elea_buffer_unref(view);
    return ELEA_OK;
}

elea_status elea_feather_version(elea_file *file, int32_t *out, elea_error *err) {
    bool is_1 = false, is_2 = false;
    ELEA_TRY(holds(file, 0, ELEA__FEATHER_MAGIC, ELEA__FEATHER_MAGIC_SIZE, &is_1, err));
    ELEA_TRY(holds(file, 0, ELEA__IPC_MAGIC, ELEA__IPC_MAGIC_SIZE, &is_2, err));
    *out = is_1 ? 1 : is_2 ? 2 : 0;
    return ELEA_OK;
}

// ---- the metadata of version 1

static elea_status read_metadata(elea__feather *feather, elea_error *err) {
    elea_file *file = feather->file;
    elea_buffer *view = NULL;
    int64_t tail = elea_file_size(file) - ELEA__FEATHER_TAIL_SIZE;
    bool is_whole = false;
    ELEA_TRY(holds(file, tail + 4, ELEA__FEATHER_MAGIC, ELEA__FEATHER_MAGIC_SIZE, &is_whole, err));
    if (tail < ELEA__FEATHER_MAGIC_SIZE || !is_whole)
        return elea_error_set(err, ELEA_EINVAL, "it does not end with \"%s\" of a Feather file",
                              ELEA__FEATHER_MAGIC);
    ELEA_TRY(elea_file_view_at(file, tail, 4, &view, err));
    int64_t size = elea__flat_load(elea_buffer_data(view), 4);
    elea_buffer_unref(view);
    if (size <= 0 || size > tail - ELEA__FEATHER_MAGIC_SIZE)
        return elea_error_set(
            err, ELEA_EINVAL, "file offset %lld: metadata of %lld bytes, expected 1 to %lld",
            (long long)tail, (long long)size, (long long)(tail - ELEA__FEATHER_MAGIC_SIZE));
    if (size > feather->options.limits.metadata_size_max)
        return elea_error_set(err, ELEA_ECAPACITY, "metadata of %lld bytes, the limit is %lld",
                              (long long)size,
                              (long long)feather->options.limits.metadata_size_max);
    feather->data_end = tail - size;
    ELEA_TRY(elea_file_view_at(file, feather->data_end, size, &feather->metadata, err));
    elea__flat_init(&feather->flat, elea_buffer_data(feather->metadata), size, feather->data_end);
    return ELEA_OK;
}

static elea_status open_table(elea__feather *feather, elea_error *err) {
    elea__flat_table table;
    ELEA_TRY(read_metadata(feather, err));
    ELEA_TRY(elea__flat_root(&feather->flat, &table, err));
    ELEA_TRY(elea__flat_get_int(&table, ELEA__CTABLE_ROW_COUNT, 8, 0, &feather->row_count, err));
    ELEA_TRY(elea__flat_get_int(&table, ELEA__CTABLE_VERSION, 4, 0, &feather->version, err));
    ELEA_TRY(elea__flat_get_vector(&table, ELEA__CTABLE_COLUMNS, 4, &feather->columns, err));
    if (feather->row_count < 0)
        return elea_error_set(err, ELEA_EINVAL, "a table of %lld rows",
                              (long long)feather->row_count);
    return ELEA_OK;
}

// ---- columns

// The columns of the table that is made, in its order.
typedef struct feather_columns {
    int64_t count;
    elea_field **fields;
    elea_chunked_array **arrays;
} feather_columns;

// Column `index` of the file, or the only one of this name.
static elea_status find_column(elea__feather *feather, int64_t index, const char *name,
                               elea__flat_table *out, elea_bytes *out_name, elea_error *err) {
    int64_t found = name ? -1 : index;
    for (int64_t i = 0; name && i < feather->columns.count; i++) {
        ELEA_TRY(elea__flat_vector_table(&feather->columns, i, out, err));
        feather->flat.tables_left++; // a look, not a visit
        ELEA_TRY(elea__flat_get_string(out, ELEA__CCOLUMN_NAME, out_name, err));
        feather->flat.bytes_left += out_name->size;
        if (out_name->size != (int64_t)strlen(name) ||
            memcmp(out_name->data, name, (size_t)out_name->size) != 0)
            continue;
        if (found >= 0)
            return elea_error_set(err, ELEA_EINVAL, "several columns have the name \"%s\"", name);
        found = i;
    }
    if (found < 0)
        return elea_error_set(err, ELEA_ENOTFOUND, "there is no column \"%s\"", name);
    ELEA_TRY(elea__flat_vector_table(&feather->columns, found, out, err));
    return elea__flat_get_string(out, ELEA__CCOLUMN_NAME, out_name, err);
}

static elea_status read_column(elea__feather *feather, const elea__flat_table *table,
                               elea_bytes name, feather_columns *columns, int64_t at,
                               elea_error *err) {
    elea_status status = ELEA_OK;
    elea_array *array = NULL;
    ELEA_GOTO(done, elea__feather_read_column(feather, table, &array, err));
    if (feather->options.validation != ELEA_VALIDATE_QUICK)
        ELEA_GOTO(done, elea_array_validate(array, feather->options.validation, err));
    const elea_type *type = elea_array_type(array);
    const elea_array *const chunks[] = {array};
    ELEA_GOTO(done,
              elea_field_new(feather->pool, name, type, true, NULL, &columns->fields[at], err));
    status = elea_chunked_array_new(feather->pool, type, chunks, 1, &columns->arrays[at], err);

done:
    elea_array_unref(array);
    if (status != ELEA_OK)
        return elea_error_prefix(err, status, "column \"%.*s\"", (int)elea__min(name.size, 200),
                                 name.size > 0 ? name.data : "");
    return ELEA_OK;
}

static elea_status read_columns(elea__feather *feather, feather_columns *columns, elea_table **out,
                                elea_error *err) {
    elea_schema *schema = NULL;
    for (int64_t i = 0; i < columns->count; i++) {
        const char *name = feather->options.columns ? feather->options.columns[i] : NULL;
        elea__flat_table table;
        elea_bytes found;
        ELEA_TRY(find_column(feather, i, name, &table, &found, err));
        ELEA_TRY(read_column(feather, &table, found, columns, i, err));
    }
    ELEA_TRY(elea_schema_new(feather->pool, (const elea_field *const *)columns->fields,
                             columns->count, NULL, &schema, err));
    elea_status status =
        elea_table_new(feather->pool, schema, feather->row_count,
                       (const elea_chunked_array *const *)columns->arrays, out, err);
    elea_schema_unref(schema);
    return status;
}

static elea_status read_table(elea__feather *feather, elea_table **out, elea_error *err) {
    void *memory = NULL;
    ELEA_TRY(open_table(feather, err));
    feather_columns columns = {.count = feather->columns.count};
    if (feather->options.columns)
        for (columns.count = 0; feather->options.columns[columns.count];)
            columns.count++;
    int64_t size = columns.count * (int64_t)(2 * sizeof(void *));
    ELEA_TRY(elea_alloc_zero(feather->pool, size, &memory, err));
    columns.fields = memory;
    columns.arrays = (elea_chunked_array **)(columns.fields + columns.count);
    elea_status status = read_columns(feather, &columns, out, err);
    for (int64_t i = 0; i < columns.count; i++) {
        elea_field_unref(columns.fields[i]);
        elea_chunked_array_unref(columns.arrays[i]);
    }
    elea_dealloc(feather->pool, memory, size);
    return status;
}

// ---- either version

static elea_status read_version_1(elea_file *file, const elea_ipc_read_options *options,
                                  elea_table **out, elea_error *err) {
    elea__feather feather = {.file = file};
    ELEA_TRY(elea__ipc_read_options_check(options, &feather.options, err));
    feather.pool = feather.options.pool;
    elea_status status = read_table(&feather, out, err);
    elea_buffer_unref(feather.metadata);
    if (status != ELEA_OK)
        return elea_error_prefix(err, status, "cannot read \"%s\"", elea_file_name(file));
    return ELEA_OK;
}

elea_status elea_feather_read_file(elea_file *file, const elea_ipc_read_options *options,
                                   elea_table **out, elea_error *err) {
    int32_t version = 0;
    elea_ipc_file_reader *reader = NULL;
    ELEA_TRY(elea_feather_version(file, &version, err));
    if (version == 1)
        return read_version_1(file, options, out, err);
    ELEA_TRY(elea_ipc_file_reader_new(file, options, &reader, err));
    elea_status status = elea_ipc_file_reader_read_table(reader, out, err);
    elea_ipc_file_reader_free(reader);
    return status;
}

elea_status elea_feather_read_table(const char *path, const elea_ipc_read_options *options,
                                    elea_table **out, elea_error *err) {
    elea_pool *pool = options ? options->pool : NULL;
    elea_file *file = NULL;
    if (options && options->unmapped)
        ELEA_TRY(elea_file_open(path, pool, &file, err));
    else
        ELEA_TRY(elea_file_map(path, pool, &file, err));
    elea_status status = elea_feather_read_file(file, options, out, err);
    elea_file_unref(file);
    return status;
}

// SPDX-License-Identifier: Apache-2.0
//
// A table whose chunks have dictionaries of their own, made one that a file can hold.
#include "ipc/writer.h"

static bool has_dictionary(const elea_type *type) {
    if (elea_type_id_of(type) == ELEA_TYPE_DICTIONARY)
        return true;
    for (int64_t i = 0; i < elea_type_child_count(type); i++)
        if (has_dictionary(elea_field_type(elea_type_child(type, i))))
            return true;
    return false;
}

// Cuts one array as another column is cut.
static elea_status cut(elea_pool *pool, const elea_array *array, const elea_chunked_array *column,
                       elea_array **chunks, elea_chunked_array **out, elea_error *err) {
    elea_status status = ELEA_OK;
    int64_t count = elea_chunked_array_chunk_count(column), row = 0;
    for (int64_t i = 0; i < count; i++) {
        int64_t length = elea_array_length(elea_chunked_array_chunk(column, i));
        ELEA_GOTO(done, elea_array_slice(array, row, length, &chunks[i], err));
        row += length;
    }
    status = elea_chunked_array_new(pool, elea_chunked_array_type(column),
                                    (const elea_array *const *)chunks, count, out, err);

done:
    for (int64_t i = 0; i < count; i++)
        elea_array_unref(chunks[i]);
    return status;
}

static elea_status unify(elea_pool *pool, const elea_chunked_array *column,
                         elea_chunked_array **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_array *whole = NULL;
    void *chunks = NULL;
    int64_t count = elea_chunked_array_chunk_count(column);
    int64_t size = count * (int64_t)sizeof(elea_array *);

    if (count < 2 || !has_dictionary(elea_chunked_array_type(column))) {
        *out = elea_chunked_array_ref(column);
        return ELEA_OK;
    }
    ELEA_GOTO(done, elea_alloc_zero(pool, size, &chunks, err));
    ELEA_GOTO(done, elea_chunked_array_combine(pool, column, &whole, err));
    status = cut(pool, whole, column, chunks, out, err);

done:
    elea_array_unref(whole);
    elea_dealloc(pool, chunks, size);
    return status;
}

elea_status elea__ipc_table_unify(elea_pool *pool, const elea_table *table, elea_table **out,
                                  elea_error *err) {
    elea_status status = ELEA_OK;
    const elea_schema *schema = elea_table_schema(table);
    int64_t count = elea_table_column_count(table);
    int64_t size = count * (int64_t)sizeof(elea_chunked_array *);
    void *memory = NULL;

    ELEA_TRY(elea_alloc_zero(pool, size, &memory, err));
    elea_chunked_array **columns = memory;
    for (int64_t i = 0; i < count; i++) {
        status = unify(pool, elea_table_column(table, i), &columns[i], err);
        if (status != ELEA_OK) {
            status = elea_error_prefix(err, status, "column \"%s\"",
                                       elea_field_name(elea_schema_field(schema, i)));
            goto done;
        }
    }
    status = elea_table_new(pool, schema, elea_table_length(table),
                            (const elea_chunked_array *const *)columns, out, err);

done:
    for (int64_t i = 0; i < count; i++)
        elea_chunked_array_unref(columns[i]);
    elea_dealloc(pool, memory, size);
    return status;
}

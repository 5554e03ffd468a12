// SPDX-License-Identifier: Apache-2.0
//
// Tables: chunked arrays of one length under the fields of a schema.
#include <string.h>

#include "base/math_internal.h"
#include "columnar/format_internal.h"
#include "columnar/ref_internal.h"
#include "columnar/type_internal.h"

struct elea_table {
    int32_t refcount;
    elea_pool *pool;
    int64_t allocated;
    elea_schema *schema;
    int64_t length;
    int64_t count;
    elea_chunked_array *columns[];
};

static elea_status check_columns(const elea_schema *schema, int64_t length,
                                 const elea_chunked_array *const *columns, elea_error *err) {
    if (length < 0)
        return elea_error_set(err, ELEA_EINVAL, "a table of %lld rows", (long long)length);
    for (int64_t i = 0; i < elea_schema_field_count(schema); i++) {
        const elea_field *field = elea_schema_field(schema, i);
        const elea_type *type = elea_chunked_array_type(columns[i]);
        int64_t found = elea_chunked_array_length(columns[i]);
        if (found != length)
            return elea_error_set(err, ELEA_EINVAL, "column \"%s\" has %lld rows, expected %lld",
                                  field->name, (long long)found, (long long)length);
        if (!elea_type_equal(type, field->type, false))
            return elea__type_mismatch(err, type, field->type, "column \"%s\"", field->name);
    }
    return ELEA_OK;
}

elea_status elea_table_new(elea_pool *pool, const elea_schema *schema, int64_t length,
                           const elea_chunked_array *const *columns, elea_table **out,
                           elea_error *err) {
    int64_t count = elea_schema_field_count(schema);
    int64_t size = (int64_t)sizeof(elea_table) + count * (int64_t)sizeof(elea_chunked_array *);
    void *block;
    ELEA_TRY(check_columns(schema, length, columns, err));
    ELEA_TRY(elea_alloc(pool, size, &block, err));
    elea_table *table = block;
    *table = (elea_table){.refcount = 1,
                          .pool = pool,
                          .allocated = size,
                          .schema = elea_schema_ref(schema),
                          .length = length,
                          .count = count};
    for (int64_t i = 0; i < count; i++)
        table->columns[i] = elea_chunked_array_ref(columns[i]);
    *out = table;
    return ELEA_OK;
}

// ---- from batches

static elea_status check_batches(const elea_schema *schema, const elea_record_batch *const *batches,
                                 int64_t count, int64_t *length, elea_error *err) {
    if (count < 0)
        return elea_error_set(err, ELEA_EINVAL, "%lld record batches", (long long)count);
    *length = 0;
    for (int64_t i = 0; i < count; i++) {
        if (!elea_schema_equal(elea_record_batch_schema(batches[i]), schema, false))
            return elea_error_set(err, ELEA_ETYPE,
                                  "the schema of record batch %lld is not that of the table",
                                  (long long)i);
        if (elea__add_overflow(*length, elea_record_batch_length(batches[i]), length))
            return elea_error_set(err, ELEA_ECAPACITY,
                                  "the rows of %lld record batches are too many", (long long)count);
    }
    return ELEA_OK;
}

elea_status elea_table_new_from_batches(elea_pool *pool, const elea_schema *schema,
                                        const elea_record_batch *const *batches, int64_t count,
                                        elea_table **out, elea_error *err) {
    elea_status status = ELEA_OK;
    int64_t length;
    int64_t made = 0;
    int64_t table_size;
    int64_t column_count = elea_schema_field_count(schema);
    ELEA_TRY(check_batches(schema, batches, count, &length, err));
    if (elea__add_overflow(count, column_count, &table_size) ||
        elea__mul_overflow(table_size, (int64_t)sizeof(void *), &table_size))
        return elea_error_set(err, ELEA_ECAPACITY, "%lld record batches", (long long)count);
    void *table;
    ELEA_TRY(elea_alloc(pool, table_size, &table, err));
    const elea_array **chunks = table;
    elea_chunked_array **columns = (elea_chunked_array **)table + count;
    for (; made < column_count; made++) {
        for (int64_t i = 0; i < count; i++)
            chunks[i] = elea_record_batch_column(batches[i], made);
        ELEA_GOTO(done,
                  elea_chunked_array_new(pool, elea_field_type(elea_schema_field(schema, made)),
                                         chunks, count, &columns[made], err));
    }
    ELEA_GOTO(done, elea_table_new(pool, schema, length, (const elea_chunked_array *const *)columns,
                                   out, err));

done:
    for (int64_t i = 0; i < made; i++)
        elea_chunked_array_unref(columns[i]);
    elea_dealloc(pool, table, table_size);
    return status;
}

// A growing list of batches.
typedef struct batch_list {
    elea_record_batch **batches;
    int64_t count;
    int64_t capacity;
} batch_list;

static elea_status collect(elea_pool *pool, elea_record_stream *stream, batch_list *list,
                           elea_error *err) {
    int64_t width = (int64_t)sizeof(elea_record_batch *);
    for (;;) {
        if (list->count == list->capacity) {
            int64_t capacity = elea__max(8, list->capacity * 2);
            void *table = list->batches;
            ELEA_TRY(elea_realloc(pool, list->capacity * width, capacity * width, &table, err));
            list->batches = table;
            list->capacity = capacity;
        }
        elea_record_batch *batch = NULL;
        ELEA_TRY(elea_record_stream_next(stream, &batch, err));
        if (!batch)
            return ELEA_OK;
        list->batches[list->count++] = batch;
    }
}

elea_status elea_table_new_from_stream(elea_pool *pool, elea_record_stream *stream,
                                       elea_table **out, elea_error *err) {
    elea_status status = ELEA_OK;
    batch_list list = {NULL, 0, 0};
    ELEA_GOTO(done, collect(pool, stream, &list, err));
    ELEA_GOTO(done, elea_table_new_from_batches(pool, elea_record_stream_schema(stream),
                                                (const elea_record_batch *const *)list.batches,
                                                list.count, out, err));

done:
    for (int64_t i = 0; i < list.count; i++)
        elea_record_batch_unref(list.batches[i]);
    elea_dealloc(pool, list.batches, list.capacity * (int64_t)sizeof(elea_record_batch *));
    return status;
}

// ---- asking

elea_table *elea_table_ref(const elea_table *table) {
    elea_table *shared = elea__unconst(table);
    if (shared)
        elea__count_ref(&shared->refcount);
    return shared;
}

void elea_table_unref(elea_table *table) {
    if (!table || !elea__count_unref(&table->refcount))
        return;
    for (int64_t i = 0; i < table->count; i++)
        elea_chunked_array_unref(table->columns[i]);
    elea_schema_unref(table->schema);
    elea_dealloc(table->pool, table, table->allocated);
}

const elea_schema *elea_table_schema(const elea_table *table) { return table->schema; }

int64_t elea_table_length(const elea_table *table) { return table->length; }

int64_t elea_table_column_count(const elea_table *table) { return table->count; }

const elea_chunked_array *elea_table_column(const elea_table *table, int64_t index) {
    return table->columns[index];
}

const elea_chunked_array *elea_table_column_named(const elea_table *table, const char *name) {
    int64_t index = elea_schema_find(table->schema, name);
    return index >= 0 ? table->columns[index] : NULL;
}

elea_status elea_table_slice(const elea_table *table, int64_t offset, int64_t length,
                             elea_table **out, elea_error *err) {
    elea_status status = ELEA_OK;
    int64_t made = 0;
    if (!elea__range_inside(offset, length, table->length))
        return elea_error_set(err, ELEA_EINDEX,
                              "rows from %lld, %lld of them, of a table of %lld rows",
                              (long long)offset, (long long)length, (long long)table->length);
    int64_t list_size = table->count * (int64_t)sizeof(elea_chunked_array *);
    void *list;
    ELEA_TRY(elea_alloc(table->pool, list_size, &list, err));
    elea_chunked_array **columns = list;
    for (; made < table->count; made++)
        ELEA_GOTO(done, elea_chunked_array_slice(table->columns[made], offset, length,
                                                 &columns[made], err));
    ELEA_GOTO(done, elea_table_new(table->pool, table->schema, length,
                                   (const elea_chunked_array *const *)columns, out, err));

done:
    for (int64_t i = 0; i < made; i++)
        elea_chunked_array_unref(columns[i]);
    elea_dealloc(table->pool, list, list_size);
    return status;
}

static elea_status no_such_column(const elea_table *table, const char *name, int64_t found,
                                  elea_error *err) {
    elea_text names;
    elea_text_init(&names, table->pool);
    bool complete = true;
    for (int64_t i = 0; i < table->count && complete; i++)
        complete = elea_text_append_format(&names, NULL, "%s\"%s\"", i > 0 ? ", " : "",
                                           elea_schema_field(table->schema, i)->name) == ELEA_OK;
    elea_status status = elea_error_set(err, ELEA_ENOTFOUND, "%s column \"%s\"; there are: %s",
                                        found == -1 ? "no" : "more than one", name,
                                        names.data ? names.data : "none");
    elea_text_release(&names);
    return status;
}

elea_status elea_table_select(const elea_table *table, const char *const *names, elea_table **out,
                              elea_error *err) {
    elea_status status = ELEA_OK;
    elea_schema *schema = NULL;
    int64_t count = 0;
    while (names[count])
        count++;
    int64_t list_size = count * 2 * (int64_t)sizeof(void *);
    void *list;
    ELEA_TRY(elea_alloc(table->pool, list_size, &list, err));
    const elea_field **fields = list;
    const elea_chunked_array **columns = (const elea_chunked_array **)list + count;
    for (int64_t i = 0; i < count; i++) {
        int64_t found = elea_schema_find(table->schema, names[i]);
        if (found < 0)
            ELEA_GOTO(done, no_such_column(table, names[i], found, err));
        fields[i] = elea_schema_field(table->schema, found);
        columns[i] = table->columns[found];
    }
    ELEA_GOTO(done, elea_schema_new(table->pool, fields, count, elea_schema_metadata(table->schema),
                                    &schema, err));
    ELEA_GOTO(done, elea_table_new(table->pool, schema, table->length, columns, out, err));

done:
    elea_schema_unref(schema);
    elea_dealloc(table->pool, list, list_size);
    return status;
}

elea_status elea_table_equal(const elea_table *a, const elea_table *b,
                             const elea_equal_options *options, bool *out, elea_error *err) {
    *out = a->length == b->length &&
           elea_schema_equal(a->schema, b->schema, options && options->with_metadata);
    for (int64_t i = 0; i < a->count && *out; i++)
        ELEA_TRY(elea_chunked_array_equal(a->columns[i], b->columns[i], options, out, err));
    return ELEA_OK;
}

elea_status elea_table_validate(const elea_table *table, elea_validation validation,
                                elea_error *err) {
    for (int64_t i = 0; i < table->count; i++) {
        elea_status status = elea_chunked_array_validate(table->columns[i], validation, err);
        if (status != ELEA_OK)
            return elea_error_prefix(err, status, "column \"%s\"",
                                     elea_schema_field(table->schema, i)->name);
    }
    return ELEA_OK;
}

// SPDX-License-Identifier: Apache-2.0
//
// Columns put in, taken out and renamed, in schemas, record batches and tables; chunks made one.
// Columns are shared with the old object; only combining chunks copies values.
#include "base/math_internal.h"
#include "columnar/array_internal.h"

// A list of pointers of the pool, room for one column more than there are.
typedef struct pointer_list {
    elea_pool *pool;
    const void **items;
    int64_t size;
} pointer_list;

static elea_status list_init(pointer_list *list, elea_pool *pool, int64_t count, elea_error *err) {
    void *block;
    list->pool = pool;
    list->size = (count + 1) * (int64_t)sizeof(void *);
    ELEA_TRY(elea_alloc(pool, list->size, &block, err));
    list->items = block;
    return ELEA_OK;
}

static void list_release(pointer_list *list) {
    elea_dealloc(list->pool, (void *)list->items, list->size);
}

static elea_status check_index(int64_t index, int64_t count, elea_error *err) {
    if (index >= 0 && index < count)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINDEX, "column %lld of %lld", (long long)index,
                          (long long)count);
}

// ---- schema

elea_status elea_schema_insert_field(elea_pool *pool, const elea_schema *schema, int64_t index,
                                     const elea_field *field, elea_schema **out, elea_error *err) {
    int64_t count = elea_schema_field_count(schema);
    pointer_list list;
    ELEA_TRY(check_index(index, count + 1, err));
    ELEA_TRY(list_init(&list, pool, count, err));
    for (int64_t i = 0; i < count; i++)
        list.items[i + (i >= index)] = elea_schema_field(schema, i);
    list.items[index] = field;
    elea_status status = elea_schema_new(pool, (const elea_field *const *)list.items, count + 1,
                                         elea_schema_metadata(schema), out, err);
    list_release(&list);
    return status;
}

elea_status elea_schema_remove_field(elea_pool *pool, const elea_schema *schema, int64_t index,
                                     elea_schema **out, elea_error *err) {
    int64_t count = elea_schema_field_count(schema);
    pointer_list list;
    ELEA_TRY(check_index(index, count, err));
    ELEA_TRY(list_init(&list, pool, count, err));
    for (int64_t i = 0; i < count; i++)
        list.items[i - (i > index)] = elea_schema_field(schema, i);
    elea_status status = elea_schema_new(pool, (const elea_field *const *)list.items, count - 1,
                                         elea_schema_metadata(schema), out, err);
    list_release(&list);
    return status;
}

elea_status elea_schema_rename_fields(elea_pool *pool, const elea_schema *schema,
                                      const char *const *names, int64_t count, elea_schema **out,
                                      elea_error *err) {
    elea_status status = ELEA_OK;
    int64_t made = 0;
    void *block;
    if (count != elea_schema_field_count(schema))
        return elea_error_set(err, ELEA_EINVAL, "%lld names for %lld fields", (long long)count,
                              (long long)elea_schema_field_count(schema));
    int64_t size = count * (int64_t)sizeof(elea_field *);
    ELEA_TRY(elea_alloc(pool, size, &block, err));
    elea_field **fields = block;
    for (; made < count; made++) {
        const elea_field *field = elea_schema_field(schema, made);
        ELEA_GOTO(done, elea_field_new(pool, elea_bytes_of(names[made]), field->type,
                                       field->nullable, field->metadata, &fields[made], err));
    }
    ELEA_GOTO(done, elea_schema_new(pool, (const elea_field *const *)fields, count,
                                    elea_schema_metadata(schema), out, err));

done:
    for (int64_t i = 0; i < made; i++)
        elea_field_unref(fields[i]);
    elea_dealloc(pool, block, size);
    return status;
}

// ---- record batches and tables

typedef enum change_kind { COLUMN_INSERTED, COLUMN_REMOVED, COLUMNS_RENAMED } change_kind;

typedef struct column_change {
    change_kind kind;
    int64_t index;
    const elea_field *field; // inserted
    const void *column;
    const char *const *names;
    int64_t name_count;
} column_change;

static elea_status change_schema(elea_pool *pool, const elea_schema *schema,
                                 const column_change *change, elea_schema **out, elea_error *err) {
    switch (change->kind) {
    case COLUMN_INSERTED:
        return elea_schema_insert_field(pool, schema, change->index, change->field, out, err);
    case COLUMN_REMOVED:
        return elea_schema_remove_field(pool, schema, change->index, out, err);
    default:
        return elea_schema_rename_fields(pool, schema, change->names, change->name_count, out, err);
    }
}

typedef const void *(*column_getter)(const void *owner, int64_t index);

static const void *batch_column(const void *owner, int64_t index) {
    return elea_record_batch_column(owner, index);
}

static const void *table_column(const void *owner, int64_t index) {
    return elea_table_column(owner, index);
}

// The schema of the new object, and its columns on the list.
static elea_status change_columns(elea_pool *pool, const elea_schema *schema, column_getter get,
                                  const void *owner, const column_change *change,
                                  elea_schema **new_schema, pointer_list *list, elea_error *err) {
    int64_t count = elea_schema_field_count(schema);
    bool inserts = change->kind == COLUMN_INSERTED;
    bool removes = change->kind == COLUMN_REMOVED;
    ELEA_TRY(change_schema(pool, schema, change, new_schema, err));
    ELEA_TRY(list_init(list, pool, count, err));
    for (int64_t i = 0; i < count; i++) {
        int64_t moved = (inserts && i >= change->index) - (removes && i > change->index);
        list->items[i + moved] = get(owner, i);
    }
    if (inserts)
        list->items[change->index] = change->column;
    return ELEA_OK;
}

static elea_status change_batch(elea_pool *pool, const elea_record_batch *batch,
                                const column_change *change, elea_record_batch **out,
                                elea_error *err) {
    elea_schema *schema = NULL;
    pointer_list list = {.items = NULL};
    elea_status status = change_columns(pool, elea_record_batch_schema(batch), batch_column, batch,
                                        change, &schema, &list, err);
    if (status == ELEA_OK)
        status = elea_record_batch_new(pool, schema, elea_record_batch_length(batch),
                                       (const elea_array *const *)list.items, out, err);
    elea_schema_unref(schema);
    list_release(&list);
    return status;
}

elea_status elea_record_batch_insert_column(elea_pool *pool, const elea_record_batch *batch,
                                            int64_t index, const elea_field *field,
                                            const elea_array *column, elea_record_batch **out,
                                            elea_error *err) {
    column_change change = {
        .kind = COLUMN_INSERTED, .field = field, .column = column, .index = index};
    return change_batch(pool, batch, &change, out, err);
}

elea_status elea_record_batch_remove_column(elea_pool *pool, const elea_record_batch *batch,
                                            int64_t index, elea_record_batch **out,
                                            elea_error *err) {
    return change_batch(pool, batch, &(column_change){.kind = COLUMN_REMOVED, .index = index}, out,
                        err);
}

elea_status elea_record_batch_rename_columns(elea_pool *pool, const elea_record_batch *batch,
                                             const char *const *names, int64_t count,
                                             elea_record_batch **out, elea_error *err) {
    column_change change = {.kind = COLUMNS_RENAMED, .names = names, .name_count = count};
    return change_batch(pool, batch, &change, out, err);
}

static elea_status change_table(elea_pool *pool, const elea_table *table,
                                const column_change *change, elea_table **out, elea_error *err) {
    elea_schema *schema = NULL;
    pointer_list list = {.items = NULL};
    elea_status status = change_columns(pool, elea_table_schema(table), table_column, table, change,
                                        &schema, &list, err);
    if (status == ELEA_OK)
        status = elea_table_new(pool, schema, elea_table_length(table),
                                (const elea_chunked_array *const *)list.items, out, err);
    elea_schema_unref(schema);
    list_release(&list);
    return status;
}

elea_status elea_table_insert_column(elea_pool *pool, const elea_table *table, int64_t index,
                                     const elea_field *field, const elea_chunked_array *column,
                                     elea_table **out, elea_error *err) {
    column_change change = {
        .kind = COLUMN_INSERTED, .field = field, .column = column, .index = index};
    return change_table(pool, table, &change, out, err);
}

elea_status elea_table_remove_column(elea_pool *pool, const elea_table *table, int64_t index,
                                     elea_table **out, elea_error *err) {
    return change_table(pool, table, &(column_change){.kind = COLUMN_REMOVED, .index = index}, out,
                        err);
}

elea_status elea_table_rename_columns(elea_pool *pool, const elea_table *table,
                                      const char *const *names, int64_t count, elea_table **out,
                                      elea_error *err) {
    column_change change = {.kind = COLUMNS_RENAMED, .names = names, .name_count = count};
    return change_table(pool, table, &change, out, err);
}

// ---- combining chunks

static elea_status list_chunks(elea_pool *pool, const elea_chunked_array *array, pointer_list *list,
                               elea_error *err) {
    int64_t count = elea_chunked_array_chunk_count(array);
    ELEA_TRY(list_init(list, pool, count, err));
    for (int64_t i = 0; i < count; i++)
        list->items[i] = elea_chunked_array_chunk(array, i);
    return ELEA_OK;
}

elea_status elea_chunked_array_combine(elea_pool *pool, const elea_chunked_array *array,
                                       elea_array **out, elea_error *err) {
    pointer_list list;
    int64_t count = elea_chunked_array_chunk_count(array);
    if (count == 0)
        return elea_array_new_null(pool, elea_chunked_array_type(array), 0, out, err);
    ELEA_TRY(list_chunks(pool, array, &list, err));
    elea_status status =
        elea_array_concat(pool, (const elea_array *const *)list.items, count, out, err);
    list_release(&list);
    return status;
}

// Joins `count` chunks, or each half of them where all are too large for one. Stores the results
// from `made` on.
static elea_status join_chunks(elea_pool *pool, const elea_array *const *chunks, int64_t count,
                               elea_array **out, int64_t *made, elea_error *err) {
    elea_status status = elea_array_concat(pool, chunks, count, &out[*made], err);
    if (status == ELEA_OK)
        ++*made;
    if (status != ELEA_ECAPACITY || count == 1)
        return status;
    ELEA_TRY(join_chunks(pool, chunks, count / 2, out, made, err));
    return join_chunks(pool, chunks + count / 2, count - count / 2, out, made, err);
}

static elea_status combine_column(elea_pool *pool, const elea_chunked_array *column,
                                  elea_chunked_array **out, elea_error *err) {
    elea_status status = ELEA_OK;
    pointer_list list = {.items = NULL};
    void *block = NULL;
    int64_t made = 0;
    int64_t count = elea_chunked_array_chunk_count(column);
    int64_t size = count * (int64_t)sizeof(elea_array *);
    if (count < 2) {
        *out = elea_chunked_array_ref(column);
        return ELEA_OK;
    }
    ELEA_TRY(list_chunks(pool, column, &list, err));
    ELEA_GOTO(done, elea_alloc(pool, size, &block, err));
    elea_array **joined = block;
    const elea_array *const *chunks = (const elea_array *const *)list.items;
    status = join_chunks(pool, chunks, count, joined, &made, err);
    if (status == ELEA_OK)
        status = elea_chunked_array_new(pool, elea_chunked_array_type(column),
                                        (const elea_array *const *)joined, made, out, err);
    for (int64_t i = 0; i < made; i++)
        elea_array_unref(joined[i]);

done:
    elea_dealloc(pool, block, size);
    list_release(&list);
    return status;
}

elea_status elea_table_combine_chunks(elea_pool *pool, const elea_table *table, elea_table **out,
                                      elea_error *err) {
    elea_status status = ELEA_OK;
    void *block;
    int64_t made = 0;
    int64_t count = elea_table_column_count(table);
    int64_t size = count * (int64_t)sizeof(elea_chunked_array *);
    ELEA_TRY(elea_alloc(pool, size, &block, err));
    elea_chunked_array **columns = block;
    for (; made < count; made++) {
        status = combine_column(pool, elea_table_column(table, made), &columns[made], err);
        if (status != ELEA_OK) {
            status = elea_error_prefix(err, status, "column \"%s\"",
                                       elea_schema_field(elea_table_schema(table), made)->name);
            goto done;
        }
    }
    ELEA_GOTO(done, elea_table_new(pool, elea_table_schema(table), elea_table_length(table),
                                   (const elea_chunked_array *const *)columns, out, err));

done:
    for (int64_t i = 0; i < made; i++)
        elea_chunked_array_unref(columns[i]);
    elea_dealloc(pool, block, size);
    return status;
}

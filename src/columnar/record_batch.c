// SPDX-License-Identifier: Apache-2.0
//
// Record batches: arrays of one length under the fields of a schema.
#include "base/math_internal.h"
#include "columnar/array_internal.h"
#include "columnar/format_internal.h"
#include "columnar/record_batch_internal.h"
#include "columnar/ref_internal.h"

struct elea_record_batch {
    int32_t refcount;
    elea_pool *pool;
    elea__arena *arena; // a reference; NULL: an allocation of its own
    elea_schema *schema;
    int64_t length;
    int64_t count;
    elea_array *columns[];
};

int64_t elea__record_batch_size(int64_t column_count) {
    return (int64_t)sizeof(elea_record_batch) + column_count * (int64_t)sizeof(elea_array *);
}

static elea_status check_columns(const elea_schema *schema, int64_t length,
                                 const elea_array *const *columns, elea_error *err) {
    if (length < 0)
        return elea_error_set(err, ELEA_EINVAL, "a record batch of %lld rows", (long long)length);
    for (int64_t i = 0; i < elea_schema_field_count(schema); i++) {
        const elea_field *field = elea_schema_field(schema, i);
        if (columns[i]->length != length)
            return elea_error_set(err, ELEA_EINVAL, "column \"%s\" has %lld rows, expected %lld",
                                  field->name, (long long)columns[i]->length, (long long)length);
        if (!elea_type_equal(columns[i]->type, field->type, false))
            return elea__type_mismatch(err, columns[i]->type, field->type, "column \"%s\"",
                                       field->name);
    }
    return ELEA_OK;
}

elea_status elea_record_batch_new(elea_pool *pool, const elea_schema *schema, int64_t length,
                                  const elea_array *const *columns, elea_record_batch **out,
                                  elea_error *err) {
    int64_t count = elea_schema_field_count(schema);
    void *block;
    ELEA_TRY(check_columns(schema, length, columns, err));
    ELEA_TRY(elea_alloc(pool, elea__record_batch_size(count), &block, err));
    elea_record_batch *batch = block;
    *batch = (elea_record_batch){.refcount = 1,
                                 .pool = pool,
                                 .schema = elea_schema_ref(schema),
                                 .length = length,
                                 .count = count};
    for (int64_t i = 0; i < count; i++)
        batch->columns[i] = elea_array_ref(columns[i]);
    *out = batch;
    return ELEA_OK;
}

elea_status elea__record_batch_new_at(void *storage, elea__arena *arena, const elea_schema *schema,
                                      int64_t length, elea_array **columns, elea_record_batch **out,
                                      elea_error *err) {
    elea_record_batch *batch = storage;
    ELEA_TRY(check_columns(schema, length, (const elea_array *const *)columns, err));
    *batch = (elea_record_batch){.refcount = 1,
                                 .pool = arena->pool,
                                 .arena = elea__arena_ref(arena),
                                 .schema = elea_schema_ref(schema),
                                 .length = length,
                                 .count = elea_schema_field_count(schema)};
    for (int64_t i = 0; i < batch->count; i++) {
        batch->columns[i] = columns[i];
        columns[i] = NULL;
    }
    *out = batch;
    return ELEA_OK;
}

elea_record_batch *elea_record_batch_ref(const elea_record_batch *batch) {
    elea_record_batch *shared = elea__unconst(batch);
    if (shared)
        elea__count_ref(&shared->refcount);
    return shared;
}

void elea_record_batch_unref(elea_record_batch *batch) {
    if (!batch || !elea__count_unref(&batch->refcount))
        return;
    for (int64_t i = 0; i < batch->count; i++)
        elea_array_unref(batch->columns[i]);
    elea_schema_unref(batch->schema);
    if (batch->arena)
        elea__arena_unref(batch->arena);
    else
        elea_dealloc(batch->pool, batch, elea__record_batch_size(batch->count));
}

const elea_schema *elea_record_batch_schema(const elea_record_batch *batch) {
    return batch->schema;
}

int64_t elea_record_batch_length(const elea_record_batch *batch) { return batch->length; }

int64_t elea_record_batch_column_count(const elea_record_batch *batch) { return batch->count; }

const elea_array *elea_record_batch_column(const elea_record_batch *batch, int64_t index) {
    return batch->columns[index];
}

elea_status elea_record_batch_slice(const elea_record_batch *batch, int64_t offset, int64_t length,
                                    elea_record_batch **out, elea_error *err) {
    elea_status status = ELEA_OK;
    int64_t made = 0;
    if (!elea__range_inside(offset, length, batch->length))
        return elea_error_set(err, ELEA_EINDEX,
                              "rows from %lld, %lld of them, of a record batch of %lld rows",
                              (long long)offset, (long long)length, (long long)batch->length);
    int64_t table_size = batch->count * (int64_t)sizeof(elea_array *);
    void *table;
    ELEA_TRY(elea_alloc(batch->pool, table_size, &table, err));
    elea_array **columns = table;
    for (; made < batch->count; made++)
        ELEA_GOTO(done,
                  elea_array_slice(batch->columns[made], offset, length, &columns[made], err));
    ELEA_GOTO(done, elea_record_batch_new(batch->pool, batch->schema, length,
                                          (const elea_array *const *)columns, out, err));

done:
    for (int64_t i = 0; i < made; i++)
        elea_array_unref(columns[i]);
    elea_dealloc(batch->pool, table, table_size);
    return status;
}

elea_status elea_record_batch_select(const elea_record_batch *batch, const int64_t *indices,
                                     int64_t count, elea_record_batch **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_schema *schema = NULL;
    for (int64_t i = 0; i < count; i++) {
        if (indices[i] < 0 || indices[i] >= batch->count)
            return elea_error_set(err, ELEA_EINDEX, "column %lld of %lld", (long long)indices[i],
                                  (long long)batch->count);
    }
    int64_t table_size;
    if (count < 0 || elea__mul_overflow(count, 2 * (int64_t)sizeof(void *), &table_size))
        return elea_error_set(err, ELEA_EINVAL, "%lld columns", (long long)count);
    void *table;
    ELEA_TRY(elea_alloc(batch->pool, table_size, &table, err));
    const elea_field **fields = table;
    const elea_array **columns = (const elea_array **)table + count;
    for (int64_t i = 0; i < count; i++) {
        fields[i] = elea_schema_field(batch->schema, indices[i]);
        columns[i] = batch->columns[indices[i]];
    }
    ELEA_GOTO(done, elea_schema_new(batch->pool, fields, count, elea_schema_metadata(batch->schema),
                                    &schema, err));
    ELEA_GOTO(done, elea_record_batch_new(batch->pool, schema, batch->length, columns, out, err));

done:
    elea_schema_unref(schema);
    elea_dealloc(batch->pool, table, table_size);
    return status;
}

bool elea_record_batch_equal(const elea_record_batch *a, const elea_record_batch *b,
                             const elea_equal_options *options) {
    if (a->length != b->length ||
        !elea_schema_equal(a->schema, b->schema, options && options->with_metadata))
        return false;
    for (int64_t i = 0; i < a->count; i++) {
        if (!elea_array_equal(a->columns[i], b->columns[i], options))
            return false;
    }
    return true;
}

elea_status elea_record_batch_validate(const elea_record_batch *batch, elea_validation validation,
                                       elea_error *err) {
    for (int64_t i = 0; i < batch->count; i++) {
        elea_status status = elea_array_validate(batch->columns[i], validation, err);
        if (status != ELEA_OK)
            return elea_error_prefix(err, status, "column \"%s\"",
                                     elea_schema_field(batch->schema, i)->name);
    }
    return ELEA_OK;
}

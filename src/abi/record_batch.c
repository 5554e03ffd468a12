// SPDX-License-Identifier: Apache-2.0
//
// Record batches cross the interface as struct arrays without nulls.
#include "abi/array_internal.h"
#include "elea/abi.h"

// ---- out

elea_status elea_record_batch_export(const elea_record_batch *batch, elea_pool *pool,
                                     struct ArrowArray *out, elea_error *err) {
    elea_status status = ELEA_OK;
    struct ArrowArray exported;
    ELEA_TRY(elea__array_export_struct(elea_record_batch_length(batch),
                                       elea_record_batch_column_count(batch), pool, &exported,
                                       err));
    for (int64_t i = 0; i < exported.n_children; i++)
        ELEA_GOTO(done, elea_array_export(elea_record_batch_column(batch, i), pool,
                                          exported.children[i], err));
    *out = exported;

done:
    if (status != ELEA_OK)
        exported.release(&exported);
    return status;
}

// ---- in

// A struct type with the fields of a schema.
static elea_status struct_of_schema(const elea_schema *schema, elea_pool *pool, elea_type **out,
                                    elea_error *err) {
    int64_t count = elea_schema_field_count(schema);
    int64_t size = count * (int64_t)sizeof(elea_field *);
    const elea_field **fields;
    ELEA_TRY(elea_alloc(pool, size, (void **)&fields, err));
    for (int64_t i = 0; i < count; i++)
        fields[i] = elea_schema_field(schema, i);
    elea_status status = elea_type_new_struct(pool, fields, count, out, err);
    elea_dealloc(pool, fields, size);
    return status;
}

// The rows of a struct array as columns.
static elea_status batch_of_struct(const elea_array *array, const elea_schema *schema,
                                   elea_pool *pool, elea_record_batch **out, elea_error *err) {
    elea_status status = ELEA_OK;
    int64_t nulls = elea_array_null_count(array);
    if (nulls > 0)
        return elea_error_set(err, ELEA_EINVAL, "%lld rows of the record batch are null",
                              (long long)nulls);
    int64_t count = elea_array_child_count(array);
    int64_t size = count * (int64_t)sizeof(elea_array *);
    elea_array **columns;
    ELEA_TRY(elea_alloc_zero(pool, size, (void **)&columns, err));
    for (int64_t i = 0; i < count; i++)
        ELEA_GOTO(done, elea_array_slice(elea_array_child(array, i), elea_array_offset(array),
                                         elea_array_length(array), &columns[i], err));
    ELEA_GOTO(done, elea_record_batch_new(pool, schema, elea_array_length(array),
                                          (const elea_array *const *)columns, out, err));

done:
    for (int64_t i = 0; i < count; i++)
        elea_array_unref(columns[i]);
    elea_dealloc(pool, columns, size);
    return status;
}

elea_status elea_record_batch_import(struct ArrowArray *source, const elea_schema *schema,
                                     elea_pool *pool, elea_record_batch **out, elea_error *err) {
    elea_type *type = NULL;
    elea_array *array = NULL;
    elea_status status = struct_of_schema(schema, pool, &type, err);
    if (status == ELEA_OK)
        status = elea_array_import(source, type, pool, &array, err);
    else if (source != NULL && source->release != NULL)
        source->release(source);
    if (status == ELEA_OK)
        status = batch_of_struct(array, schema, pool, out, err);
    elea_array_unref(array);
    elea_type_unref(type);
    return status;
}

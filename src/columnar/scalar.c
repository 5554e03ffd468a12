// SPDX-License-Identifier: Apache-2.0
//
// Scalars: an array of one row and a count of references. So every type that arrays can hold, and
// all that can be done with them, is there for scalars, too.
#include "base/math_internal.h"
#include "columnar/concat_internal.h"
#include "columnar/ref_internal.h"
#include "columnar/scalar_internal.h"

// Rows that are put together first when a value is repeated; the rest is copied from them.
#define REPEAT_BLOCK 1024

struct elea_scalar {
    int32_t refcount;
    elea_pool *pool;
    elea_array *array;
};

// Takes the reference to `array`, also when it fails.
static elea_status scalar_of(elea_pool *pool, elea_array *array, elea_scalar **out,
                             elea_error *err) {
    void *block;
    elea_status status = elea_alloc(pool, (int64_t)sizeof(elea_scalar), &block, err);
    if (status != ELEA_OK) {
        elea_array_unref(array);
        return status;
    }
    *out = block;
    **out = (elea_scalar){.refcount = 1, .pool = pool, .array = array};
    return ELEA_OK;
}

elea_status elea_scalar_new_null(elea_pool *pool, const elea_type *type, elea_scalar **out,
                                 elea_error *err) {
    elea_array *array;
    ELEA_TRY(elea_array_new_null(pool, type, 1, &array, err));
    return scalar_of(pool, array, out, err);
}

// A value on its way into a builder.
typedef struct plain_value {
    elea_status (*append)(elea_builder *builder, const struct plain_value *value, elea_error *err);
    int64_t int_value;
    uint64_t uint_value;
    double double_value;
    elea_bytes bytes;
} plain_value;

static elea_status append_int(elea_builder *builder, const plain_value *value, elea_error *err) {
    return elea_builder_append_int(builder, value->int_value, err);
}

static elea_status append_uint(elea_builder *builder, const plain_value *value, elea_error *err) {
    return elea_builder_append_uint(builder, value->uint_value, err);
}

static elea_status append_double(elea_builder *builder, const plain_value *value, elea_error *err) {
    return elea_builder_append_double(builder, value->double_value, err);
}

static elea_status append_bytes(elea_builder *builder, const plain_value *value, elea_error *err) {
    return elea_builder_append_bytes(builder, value->bytes, err);
}

static elea_status scalar_build(elea_pool *pool, const elea_type *type, const plain_value *value,
                                elea_scalar **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_builder *builder = NULL;
    elea_array *array = NULL;
    ELEA_GOTO(done, elea_builder_new(pool, type, &builder, err));
    ELEA_GOTO(done, value->append(builder, value, err));
    ELEA_GOTO(done, elea_builder_finish(builder, &array, err));
    // Bytes are the one thing that builders take as they come.
    if (value->append == append_bytes)
        ELEA_GOTO(done, elea_array_validate(array, ELEA_VALIDATE_FULL, err));
    status = scalar_of(pool, elea_array_ref(array), out, err);

done:
    elea_array_unref(array);
    elea_builder_free(builder);
    return status;
}

elea_status elea_scalar_new_bool(elea_pool *pool, bool value, elea_scalar **out, elea_error *err) {
    plain_value plain = {.append = append_int, .int_value = value};
    return scalar_build(pool, elea_type_of(ELEA_TYPE_BOOL), &plain, out, err);
}

elea_status elea_scalar_new_int(elea_pool *pool, const elea_type *type, int64_t value,
                                elea_scalar **out, elea_error *err) {
    plain_value plain = {.append = append_int, .int_value = value};
    return scalar_build(pool, type, &plain, out, err);
}

elea_status elea_scalar_new_uint(elea_pool *pool, const elea_type *type, uint64_t value,
                                 elea_scalar **out, elea_error *err) {
    plain_value plain = {.append = append_uint, .uint_value = value};
    return scalar_build(pool, type, &plain, out, err);
}

elea_status elea_scalar_new_double(elea_pool *pool, const elea_type *type, double value,
                                   elea_scalar **out, elea_error *err) {
    plain_value plain = {.append = append_double, .double_value = value};
    return scalar_build(pool, type, &plain, out, err);
}

elea_status elea_scalar_new_bytes(elea_pool *pool, const elea_type *type, elea_bytes value,
                                  elea_scalar **out, elea_error *err) {
    plain_value plain = {.append = append_bytes, .bytes = value};
    return scalar_build(pool, type, &plain, out, err);
}

elea_status elea_scalar_new_from_array(elea_pool *pool, const elea_array *array, int64_t index,
                                       elea_scalar **out, elea_error *err) {
    if (index < 0 || index >= array->length)
        return elea_error_set(err, ELEA_EINDEX, "row %lld of an array of %lld rows",
                              (long long)index, (long long)array->length);
    elea_array_parts parts = elea__array_parts_of(array);
    parts.offset += index;
    parts.length = 1;
    parts.null_count = parts.null_count == 0 ? 0 : -1;
    elea_array *row;
    ELEA_TRY(elea__array_new_unchecked(pool, &parts, &row, err));
    return scalar_of(pool, row, out, err);
}

elea_scalar *elea_scalar_ref(const elea_scalar *scalar) {
    elea_scalar *shared = elea__unconst(scalar);
    if (shared)
        elea__count_ref(&shared->refcount);
    return shared;
}

void elea_scalar_unref(elea_scalar *scalar) {
    if (!scalar || !elea__count_unref(&scalar->refcount))
        return;
    elea_array_unref(scalar->array);
    elea_dealloc(scalar->pool, scalar, (int64_t)sizeof(elea_scalar));
}

const elea_type *elea_scalar_type(const elea_scalar *scalar) { return scalar->array->type; }

const elea_array *elea_scalar_array(const elea_scalar *scalar) { return scalar->array; }

// Where the value itself lies; false for a null.
static bool resolve(const elea_scalar *scalar, elea_span *span, int64_t *index) {
    *index = 0;
    elea_span_of(scalar->array, span);
    elea__value_resolve(span, index);
    return elea_span_is_valid(span, *index);
}

bool elea_scalar_is_valid(const elea_scalar *scalar) {
    elea_span span;
    int64_t index;
    return resolve(scalar, &span, &index);
}

int64_t elea_scalar_get_int(const elea_scalar *scalar) {
    elea_span span;
    int64_t index;
    return resolve(scalar, &span, &index) ? elea_span_get_int(&span, index) : 0;
}

double elea_scalar_get_double(const elea_scalar *scalar) {
    elea_span span;
    int64_t index;
    return resolve(scalar, &span, &index) ? elea_span_get_double(&span, index) : 0;
}

elea_bytes elea_scalar_get_bytes(const elea_scalar *scalar) {
    elea_span span;
    int64_t index;
    elea_bytes nothing = {NULL, 0};
    if (!resolve(scalar, &span, &index))
        return nothing;
    elea_layout layout = span.type->layout;
    bool has_bytes = layout == ELEA_LAYOUT_FIXED || layout == ELEA_LAYOUT_BINARY ||
                     layout == ELEA_LAYOUT_LARGE_BINARY || layout == ELEA_LAYOUT_BINARY_VIEW;
    return has_bytes ? elea_span_get_bytes(&span, index) : nothing;
}

bool elea_scalar_equal(const elea_scalar *a, const elea_scalar *b,
                       const elea_equal_options *options) {
    return elea_array_equal(a->array, b->array, options);
}

elea_status elea_scalar_compare(const elea_scalar *a, const elea_scalar *b, int *out,
                                elea_error *err) {
    const elea_type *type = a->array->type;
    if (!elea_type_equal(type, b->array->type, false))
        return elea_error_set(err, ELEA_ETYPE, "%s compared with %s", elea_type_id_name(type->id),
                              elea_type_id_name(b->array->type->id));
    if (!elea__type_has_order(type))
        return elea_error_set(err, ELEA_ETYPE, "values of %s have no order",
                              elea_type_id_name(type->id));
    elea_span x;
    elea_span y;
    elea_span_of(a->array, &x);
    elea_span_of(b->array, &y);
    *out = elea__value_compare(&x, 0, &y, 0);
    return ELEA_OK;
}

elea_status elea_scalar_format(const elea_scalar *scalar, bool quoted, elea_text *text,
                               elea_error *err) {
    elea_span span;
    elea_span_of(scalar->array, &span);
    return elea_span_format(&span, 0, quoted, text, err);
}

// ---- repeating

// `count` times a whole array, and its first `rest` rows.
static elea_status repeat_array(elea_pool *pool, const elea_array *array, int64_t count,
                                int64_t rest, elea_array **out, elea_error *err) {
    void *table;
    int64_t size = (count + 1) * (int64_t)sizeof(elea__range);
    ELEA_TRY(elea_alloc(pool, size, &table, err));
    elea__range *ranges = table;
    for (int64_t i = 0; i < count; i++)
        ranges[i] = (elea__range){array, 0, array->length};
    ranges[count] = (elea__range){array, 0, rest};
    elea_status status = elea__ranges_concat(pool, array->type, ranges, count + 1, out, err);
    elea_dealloc(pool, table, size);
    return status;
}

// One run, whatever its length.
static elea_status repeat_run(elea_pool *pool, const elea_array *array, int64_t length,
                              elea_array **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_span span;
    elea_builder *builder = NULL;
    elea_array *children[2] = {NULL, NULL};
    elea_span_of(array, &span);
    int64_t count = elea__min(length, 1);
    ELEA_GOTO(done, elea_builder_new(pool, array->type->children[0]->type, &builder, err));
    if (length > 0)
        ELEA_GOTO(done, elea_builder_append_int(builder, length, err));
    ELEA_GOTO(done, elea_builder_finish(builder, &children[0], err));
    ELEA_GOTO(done, elea_array_slice(array->children[1], elea__run_of(&span, 0), count,
                                     &children[1], err));
    elea_array_parts parts = {.type = array->type,
                              .length = length,
                              .children = (const elea_array *const *)children,
                              .child_count = 2};
    ELEA_GOTO(done, elea__array_new_unchecked(pool, &parts, out, err));

done:
    elea_builder_free(builder);
    elea_array_unref(children[0]);
    elea_array_unref(children[1]);
    return status;
}

elea_status elea_array_new_repeated(elea_pool *pool, const elea_scalar *scalar, int64_t length,
                                    elea_array **out, elea_error *err) {
    const elea_array *array = scalar->array;
    if (length < 0)
        return elea_error_set(err, ELEA_EINVAL, "a value repeated %lld times", (long long)length);
    if (array->type->layout == ELEA_LAYOUT_RUN_END_ENCODED)
        return repeat_run(pool, array, length, out, err);
    if (array->type->layout == ELEA_LAYOUT_NULL)
        return elea_array_new_null(pool, array->type, length, out, err);
    elea_array *block;
    ELEA_TRY(repeat_array(pool, array, elea__min(length, REPEAT_BLOCK), 0, &block, err));
    if (length <= REPEAT_BLOCK) {
        *out = block;
        return ELEA_OK;
    }
    elea_status status =
        repeat_array(pool, block, length / REPEAT_BLOCK, length % REPEAT_BLOCK, out, err);
    elea_array_unref(block);
    return status;
}

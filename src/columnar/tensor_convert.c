// SPDX-License-Identifier: Apache-2.0
//
// Tensors from arrays and record batches, and back.
#include <math.h>
#include <string.h>

#include "base/copy_internal.h"
#include "base/math_internal.h"
#include "columnar/array_internal.h"
#include "columnar/tensor_internal.h"

// ---- arrays of fixed-size lists

// Goes down the lists: the rows of the innermost array that belong to the outermost.
typedef struct descent {
    const elea_array *array;
    int64_t start;
    int64_t length;
    int32_t dimension_count;
    int64_t shape[ELEA_TENSOR_DIMENSIONS_MAX];
} descent;

static elea_status check_no_nulls(const elea_array *array, int64_t start, int64_t length,
                                  elea_error *err) {
    const elea_buffer *validity = elea_array_buffer(array, 0);
    if (!validity || elea_bitmap_count(elea_buffer_data(validity), start, length) == length)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL, "an array with nulls, which a tensor does not have");
}

static elea_status descend(const elea_array *array, descent *out, elea_error *err) {
    out->array = array;
    out->start = array->offset;
    out->length = array->length;
    out->dimension_count = 1;
    out->shape[0] = array->length;
    while (out->array->type->id == ELEA_TYPE_FIXED_SIZE_LIST) {
        const elea_array *child = out->array->children[0];
        int64_t size = out->array->type->fixed_size;
        ELEA_TRY(check_no_nulls(out->array, out->start, out->length, err));
        // Both are inside the child, which has as many rows: no overflow.
        out->start = out->start * size + child->offset;
        out->length *= size;
        out->array = child;
        out->shape[out->dimension_count++] = size;
    }
    if (!elea__tensor_has_type(out->array->type))
        return elea_error_set(err, ELEA_ETYPE, "an array of %s, expected numbers",
                              elea_type_id_name(out->array->type->id));
    return check_no_nulls(out->array, out->start, out->length, err);
}

elea_status elea_tensor_new_from_array(elea_pool *pool, const elea_array *array, elea_tensor **out,
                                       elea_error *err) {
    descent found;
    elea_buffer *data = NULL;
    ELEA_TRY(descend(array, &found, err));
    int64_t width = elea__type_width(found.array->type);
    const elea_buffer *whole = elea_array_buffer(found.array, 1);
    if (whole && found.length > 0)
        ELEA_TRY(elea_buffer_slice(whole, found.start * width, found.length * width, &data, err));
    const elea_tensor_parts parts = {.type = found.array->type,
                                     .data = data,
                                     .dimension_count = found.dimension_count,
                                     .shape = found.shape};
    elea_status status = elea_tensor_new(pool, &parts, out, err);
    elea_buffer_unref(data);
    return status;
}

// ---- and back

// Puts *array, of which it takes the reference, into lists of `size`.
static elea_status wrap(elea_pool *pool, int64_t size, int64_t length, elea_array **array,
                        elea_error *err) {
    static const elea_buffer *const no_validity[] = {NULL};
    elea_status status = ELEA_OK;
    elea_field *item = NULL;
    elea_type *type = NULL;
    elea_array *lists = NULL;
    if (size > INT32_MAX)
        return elea_error_set(err, ELEA_ECAPACITY, "lists of %lld items, expected at most %d",
                              (long long)size, INT32_MAX);
    ELEA_GOTO(done,
              elea_field_new(pool, elea_bytes_of("item"), (*array)->type, true, NULL, &item, err));
    ELEA_GOTO(done, elea_type_new_fixed_size_list(pool, item, (int32_t)size, &type, err));
    const elea_array *const children[] = {*array};
    const elea_array_parts parts = {.type = type,
                                    .length = length,
                                    .buffers = no_validity,
                                    .buffer_count = 1,
                                    .children = children,
                                    .child_count = 1};
    ELEA_GOTO(done, elea_array_new(pool, &parts, &lists, err));
    elea_array_unref(*array);
    *array = lists;

done:
    elea_type_unref(type);
    elea_field_unref(item);
    return status;
}

elea_status elea_tensor_to_array(elea_pool *pool, const elea_tensor *tensor, elea_array **out,
                                 elea_error *err) {
    elea_status status = ELEA_OK;
    elea_tensor *rows = NULL;
    elea_array *array = NULL;
    int64_t length = tensor->length;
    if (tensor->dimension_count == 0)
        return elea_error_set(err, ELEA_EINVAL, "a tensor without dimensions has no rows");
    ELEA_GOTO(done, elea_tensor_to_row_major(pool, tensor, &rows, err));
    const elea_buffer *const buffers[] = {NULL, rows->data};
    const elea_array_parts parts = {
        .type = tensor->type, .length = length, .buffers = buffers, .buffer_count = 2};
    ELEA_GOTO(done, elea_array_new(pool, &parts, &array, err));
    for (int32_t i = tensor->dimension_count - 1; i > 0; i--) {
        // Of an empty tensor, sizes before a 0 say how many lists there are.
        length = 1;
        for (int32_t k = 0; k < i; k++)
            if (elea__mul_overflow(length, tensor->shape[k], &length)) {
                status = elea_error_set(err, ELEA_ECAPACITY, "too many lists for an array");
                goto done;
            }
        ELEA_GOTO(done, wrap(pool, tensor->shape[i], length, &array, err));
    }
    *out = array;
    array = NULL;

done:
    elea_array_unref(array);
    elea_tensor_unref(rows);
    return status;
}

// ---- record batches

static elea_status check_columns(const elea_record_batch *batch, bool null_to_nan,
                                 elea_error *err) {
    if (elea_record_batch_column_count(batch) == 0)
        return elea_error_set(err, ELEA_ETYPE, "a record batch without columns has no type");
    for (int64_t i = 0; i < elea_record_batch_column_count(batch); i++) {
        const elea_array *column = elea_record_batch_column(batch, i);
        const char *name = elea_field_name(elea_schema_field(elea_record_batch_schema(batch), i));
        if (!elea__tensor_has_type(column->type))
            return elea_error_set(err, ELEA_ETYPE, "column \"%s\" is of %s, expected numbers", name,
                                  elea_type_id_name(column->type->id));
        if (!null_to_nan && elea_array_null_count(column) > 0)
            return elea_error_set(err, ELEA_ETYPE,
                                  "column \"%s\" has nulls, expected none without null_to_nan",
                                  name);
    }
    return ELEA_OK;
}

// Makes `id` the type that holds its values and those of another.
static elea_status promote(elea_pool *pool, elea_type_id other, elea_type_id *id, elea_error *err) {
    static const elea_unify_options options = {.promote_integer_to_float = true,
                                               .promote_integer_sign = true,
                                               .promote_numeric_width = true};
    elea_status status = ELEA_OK;
    const elea_type_id ids[] = {*id, other};
    elea_field *field = NULL;
    elea_schema *schemas[2] = {NULL, NULL}, *both = NULL;
    if (*id == other)
        return ELEA_OK;
    for (int i = 0; i < 2; i++) {
        ELEA_GOTO(done, elea_field_new(pool, elea_bytes_of("value"), elea_type_of(ids[i]), true,
                                       NULL, &field, err));
        const elea_field *const fields[] = {field};
        ELEA_GOTO(done, elea_schema_new(pool, fields, 1, NULL, &schemas[i], err));
        elea_field_unref(field);
        field = NULL;
    }
    ELEA_GOTO(done, elea_schema_unify(pool, (const elea_schema *const *)schemas, 2, &options, &both,
                                      err));
    *id = elea_type_id_of(elea_field_type(elea_schema_field(both, 0)));

done:
    elea_schema_unref(both);
    elea_schema_unref(schemas[0]);
    elea_schema_unref(schemas[1]);
    elea_field_unref(field);
    return status;
}

static elea_status find_type(elea_pool *pool, const elea_record_batch *batch, bool null_to_nan,
                             elea_type_id *out, elea_error *err) {
    *out = elea_record_batch_column(batch, 0)->type->id;
    for (int64_t i = 1; i < elea_record_batch_column_count(batch); i++)
        ELEA_TRY(promote(pool, elea_record_batch_column(batch, i)->type->id, out, err));
    bool is_float =
        *out == ELEA_TYPE_FLOAT16 || *out == ELEA_TYPE_FLOAT32 || *out == ELEA_TYPE_FLOAT64;
    return null_to_nan && !is_float ? promote(pool, ELEA_TYPE_FLOAT32, out, err) : ELEA_OK;
}

static void store_int(uint8_t *target, int64_t width, int64_t value) {
    int8_t one = (int8_t)value;
    int16_t two = (int16_t)value;
    int32_t four = (int32_t)value;
    switch (width) {
    case 1:
        memcpy(target, &one, sizeof one);
        break;
    case 2:
        memcpy(target, &two, sizeof two);
        break;
    case 4:
        memcpy(target, &four, sizeof four);
        break;
    default:
        memcpy(target, &value, sizeof value);
    }
}

static void store_value(elea_type_id id, const elea_span *span, int64_t row, uint8_t *target) {
    double value = 0;
    if (id == ELEA_TYPE_FLOAT64 || id == ELEA_TYPE_FLOAT32 || id == ELEA_TYPE_FLOAT16)
        value = elea_span_is_valid(span, row) ? elea_span_get_double(span, row) : (double)NAN;
    float narrow = (float)value;
    uint16_t half = elea_half_from_float(narrow);
    if (id == ELEA_TYPE_FLOAT64)
        memcpy(target, &value, sizeof value);
    else if (id == ELEA_TYPE_FLOAT32)
        memcpy(target, &narrow, sizeof narrow);
    else if (id == ELEA_TYPE_FLOAT16)
        memcpy(target, &half, sizeof half);
    else
        store_int(target, elea__type_table[id].bit_width / 8, elea_span_get_int(span, row));
}

// Values to every `step` bytes of the target: a loop for each width, which is a constant in it.
static void copy_every(uint8_t *target, int64_t step, const uint8_t *source, int64_t width,
                       int64_t length) {
    switch (width) {
    case 1:
        for (int64_t i = 0; i < length; i++)
            target[i * step] = source[i];
        break;
    case 2:
        for (int64_t i = 0; i < length; i++)
            memcpy(target + i * step, source + 2 * i, 2);
        break;
    case 4:
        for (int64_t i = 0; i < length; i++)
            memcpy(target + i * step, source + 4 * i, 4);
        break;
    default:
        for (int64_t i = 0; i < length; i++)
            memcpy(target + i * step, source + 8 * i, 8);
    }
}

// A column to every `step` bytes of the target.
static void store_column(elea_type_id id, const elea_array *column, int64_t step, uint8_t *target) {
    int64_t width = elea__type_table[id].bit_width / 8;
    elea_span span;
    elea_span_of(column, &span);
    bool as_is = span.id == id && elea_array_null_count(column) == 0;
    if (as_is && step == width) {
        elea_copy_bytes(target, span.buffers[1] + span.offset * width, span.length * width);
        return;
    }
    if (as_is)
        copy_every(target, step, span.buffers[1] + span.offset * width, width, span.length);
    for (int64_t i = 0; !as_is && i < span.length; i++, target += step)
        store_value(id, &span, i, target);
    elea__copy_count(span.length * width);
}

elea_status elea_tensor_new_from_batch(elea_pool *pool, const elea_record_batch *batch,
                                       const elea_tensor_batch_options *options, elea_tensor **out,
                                       elea_error *err) {
    static const elea_tensor_batch_options defaults = {false, false};
    elea_type_id id = ELEA_TYPE_NULL;
    elea_buffer *data = NULL;
    int64_t length = 0;
    if (!options)
        options = &defaults;
    ELEA_TRY(check_columns(batch, options->null_to_nan, err));
    ELEA_TRY(find_type(pool, batch, options->null_to_nan, &id, err));
    const int64_t shape[] = {elea_record_batch_length(batch),
                             elea_record_batch_column_count(batch)};
    int64_t width = elea__type_table[id].bit_width / 8;
    ELEA_TRY(elea__shape_check(shape, 2, width, &length, err));
    ELEA_TRY(elea_buffer_new(pool, length * width, &data, err));
    const int64_t strides[] = {length == 0 || options->column_major ? width : shape[1] * width,
                               length > 0 && options->column_major ? shape[0] * width : width};
    for (int64_t i = 0; length > 0 && i < shape[1]; i++)
        store_column(id, elea_record_batch_column(batch, i), strides[0],
                     elea_buffer_mutable_data(data) + i * strides[1]);
    const elea_tensor_parts parts = {.type = elea_type_of(id),
                                     .data = data,
                                     .dimension_count = 2,
                                     .shape = shape,
                                     .strides = strides};
    elea_status status = elea_tensor_new(pool, &parts, out, err);
    elea_buffer_unref(data);
    return status;
}

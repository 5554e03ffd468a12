// SPDX-License-Identifier: Apache-2.0
//
// Building unions: each row is a value of one child. Nulls are nulls of the first child.
#include "columnar/builder_internal.h"

static bool is_dense(const elea_builder *builder) {
    return builder->type->layout == ELEA_LAYOUT_DENSE_UNION;
}

static int64_t union_child_length(const elea_builder *builder, int64_t child, int64_t rows) {
    return is_dense(builder) ? builder->closed[child] : rows;
}

static void forget_rows(elea_builder *builder, int64_t rows) {
    if (!is_dense(builder))
        return;
    for (int64_t i = rows; i < builder->length; i++) {
        int8_t code = (int8_t)builder->blocks[1].data[i];
        builder->closed[elea_type_union_child(builder->type, code)]--;
    }
}

// The codes, and offsets, of rows that take the next values of a child.
static void put_rows(elea_builder *builder, int64_t child, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        int64_t row = builder->length + i;
        builder->blocks[1].data[row] = (uint8_t)builder->type->codes[child];
        if (is_dense(builder))
            ((int32_t *)builder->blocks[2].data)[row] = (int32_t)(builder->closed[child] + i);
    }
    builder->closed[child] += count;
}

// Room for nulls in the children that rows of child `child` leave without a value.
static elea_status reserve_others(elea_builder *builder, int64_t child, int64_t count,
                                  elea_error *err) {
    for (int64_t i = 0; i < builder->child_count && !is_dense(builder); i++) {
        if (i != child)
            ELEA_TRY(elea__builder_reserve_nulls(builder->children[i], count, err));
    }
    return ELEA_OK;
}

static void put_others(elea_builder *builder, int64_t child, int64_t count) {
    for (int64_t i = 0; i < builder->child_count && !is_dense(builder); i++) {
        if (i != child)
            elea__builder_put_nulls(builder->children[i], count);
    }
}

static elea_status check_offset(const elea_builder *builder, int64_t child, int64_t count,
                                elea_error *err) {
    if (!is_dense(builder) || count <= INT32_MAX - builder->closed[child])
        return ELEA_OK;
    return elea_error_set(err, ELEA_ECAPACITY, "%lld values of one type are more than a %s holds",
                          (long long)builder->closed[child] + count,
                          elea_type_id_name(builder->type->id));
}

static elea_status reserve_null_rows(elea_builder *builder, int64_t count, elea_error *err) {
    if (builder->child_count == 0)
        return elea_error_set(err, ELEA_EINVAL, "a union without types has no rows");
    ELEA_TRY(check_offset(builder, 0, count, err));
    ELEA_TRY(elea__builder_reserve_nulls(builder->children[0], count, err));
    return reserve_others(builder, 0, count, err);
}

static void put_null_rows(elea_builder *builder, int64_t count) {
    put_rows(builder, 0, count);
    elea__builder_put_nulls(builder->children[0], count);
    put_others(builder, 0, count);
}

elea_status elea_builder_append_union(elea_builder *builder, int64_t child, elea_error *err) {
    if (builder->ops != &elea__builder_union_ops)
        return elea__builder_wrong_type(builder, "a row of a union", err);
    if (child < 0 || child >= builder->child_count)
        return elea_error_set(err, ELEA_EINDEX, "child %lld of a union of %lld types",
                              (long long)child, (long long)builder->child_count);
    for (int64_t i = 0; i < builder->child_count; i++) {
        int64_t wanted = i == child;
        int64_t found =
            builder->children[i]->length - union_child_length(builder, i, builder->length);
        if (found != wanted)
            return elea_error_set(
                err, ELEA_EINVAL, "%lld values in child \"%s\" since the last row, expected %lld",
                (long long)found, builder->type->children[i]->name, (long long)wanted);
    }
    ELEA_TRY(check_offset(builder, child, 1, err));
    ELEA_TRY(elea__builder_room(builder, 1, err));
    ELEA_TRY(reserve_others(builder, child, 1, err));
    put_rows(builder, child, 1);
    put_others(builder, child, 1);
    builder->length++;
    return ELEA_OK;
}

// How many rows of each child the codes ask for.
static elea_status count_codes(const elea_builder *builder, const int8_t *codes, int64_t count,
                               int64_t counts[ELEA__UNION_CODE_COUNT], elea_error *err) {
    for (int64_t i = 0; i < count; i++) {
        int64_t child = elea_type_union_child(builder->type, codes[i]);
        if (child < 0)
            return elea_error_set(err, ELEA_EINVAL, "code %d of row %lld stands for no type",
                                  codes[i], (long long)i);
        counts[child]++;
    }
    return ELEA_OK;
}

elea_status elea_builder_append_unions(elea_builder *builder, const int8_t *codes, int64_t count,
                                       elea_error *err) {
    int64_t counts[ELEA__UNION_CODE_COUNT] = {0};
    int64_t nulls = 0;
    if (builder->ops != &elea__builder_union_ops)
        return elea__builder_wrong_type(builder, "rows of a union", err);
    ELEA_TRY(count_codes(builder, codes, count, counts, err));
    for (int64_t i = 0; i < builder->child_count; i++) {
        int64_t wanted = is_dense(builder) ? counts[i] : count;
        int64_t found =
            builder->children[i]->length - union_child_length(builder, i, builder->length);
        if (found != wanted)
            return elea_error_set(
                err, ELEA_EINVAL, "%lld values in child \"%s\" since the last row, expected %lld",
                (long long)found, builder->type->children[i]->name, (long long)wanted);
        ELEA_TRY(check_offset(builder, i, counts[i], err));
    }
    ELEA_TRY(elea__builder_bulk_room(builder, NULL, count, &nulls, err));
    for (int64_t i = 0; i < count; i++) {
        put_rows(builder, elea_type_union_child(builder->type, codes[i]), 1);
        builder->length++;
    }
    return ELEA_OK;
}

const elea__builder_ops elea__builder_union_ops = {.reserve_nulls = reserve_null_rows,
                                                   .put_nulls = put_null_rows,
                                                   .child_length = union_child_length,
                                                   .forget = forget_rows};

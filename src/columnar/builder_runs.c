// SPDX-License-Identifier: Apache-2.0
//
// Building run-end encoded values, where equal neighbours are written once. A value is appended to
// the builder of the values first; when it is that of the run before it, it is taken back.
#include <string.h>

#include "base/math_internal.h"
#include "columnar/builder_internal.h"

static void store_run_end(elea_builder *ends, int64_t run, int64_t end) {
    int64_t width = ends->row_bits[1] / 8;
    memcpy(ends->blocks[1].data + run * width, &end, (size_t)width);
}

// Both children have one value for each run; a value that is not yet in a run is pending.
static int64_t run_child_length(const elea_builder *builder, int64_t child, int64_t rows) {
    (void)child;
    (void)rows;
    return builder->children[0]->length;
}

static void forget_runs(elea_builder *builder, int64_t rows) {
    elea_builder *ends = builder->children[0];
    int64_t runs = ends->length;
    while (runs > 0 && (runs > 1 ? elea__builder_run_end(ends, runs - 2) : 0) >= rows)
        runs--;
    if (runs > 0)
        store_run_end(ends, runs - 1, elea__min(elea__builder_run_end(ends, runs - 1), rows));
    elea__builder_truncate(ends, runs);
}

// Room for `count` rows more, in so many runs.
static elea_status run_room(elea_builder *builder, int64_t count, int64_t runs, elea_error *err) {
    elea_builder *ends = builder->children[0];
    int64_t end_max = INT64_MAX >> (64 - ends->row_bits[1]);
    if (count > end_max - builder->length)
        return elea_error_set(err, ELEA_ECAPACITY, "%lld rows and %lld more, past run ends of %s",
                              (long long)builder->length, (long long)count,
                              elea_type_id_name(ends->type->id));
    return elea__builder_room(ends, runs, err);
}

// The value that was just appended becomes a run, or lengthens the one before it.
static void close_run(elea_builder *builder, int64_t count) {
    elea_builder *ends = builder->children[0];
    elea_builder *values = builder->children[1];
    int64_t last = values->length - 1;
    bool is_same = last > 0 && elea__builder_rows_equal(values, last, last - 1);
    if (is_same)
        elea__builder_truncate(values, last);
    else
        ends->length++;
    builder->length += count;
    store_run_end(ends, ends->length - 1, builder->length);
}

elea_status elea_builder_append_run(elea_builder *builder, int64_t length, elea_error *err) {
    if (builder->ops != &elea__builder_run_ops)
        return elea__builder_wrong_type(builder, "a run", err);
    int64_t found = builder->children[1]->length - builder->children[0]->length;
    if (found != 1 || length < 1)
        return elea_error_set(err, ELEA_EINVAL,
                              "a run of %lld rows of %lld values, expected one value",
                              (long long)length, (long long)found);
    ELEA_TRY(run_room(builder, length, 1, err));
    close_run(builder, length);
    return ELEA_OK;
}

elea_status elea_builder_append_runs(elea_builder *builder, const int64_t *lengths, int64_t count,
                                     elea_error *err) {
    if (builder->ops != &elea__builder_run_ops)
        return elea__builder_wrong_type(builder, "runs", err);
    elea_builder *ends = builder->children[0];
    int64_t found = builder->children[1]->length - ends->length;
    int64_t total = 0;
    if (found != count)
        return elea_error_set(err, ELEA_EINVAL, "%lld runs of %lld values", (long long)count,
                              (long long)found);
    for (int64_t i = 0; i < count; i++) {
        if (lengths[i] < 1 || elea__add_overflow(total, lengths[i], &total))
            return elea_error_set(err, ELEA_EINVAL, "run %lld has %lld rows behind %lld",
                                  (long long)i, (long long)lengths[i], (long long)total);
    }
    ELEA_TRY(run_room(builder, total, count, err));
    for (int64_t i = 0; i < count; i++) {
        builder->length += lengths[i];
        store_run_end(ends, ends->length++, builder->length);
    }
    return ELEA_OK;
}

static elea_status append_run_row(elea_builder *builder, elea_error *err) {
    return elea_builder_append_run(builder, 1, err);
}

// No value may be pending, and there must be room for a run.
static elea_status prepare_run(elea_builder *builder, elea_error *err) {
    ELEA_TRY(elea__builder_check_closed(builder, err));
    return run_room(builder, 1, 1, err);
}

static elea_status append_int(elea_builder *builder, int64_t value, elea_error *err) {
    ELEA_TRY(prepare_run(builder, err));
    ELEA_TRY(elea_builder_append_int(builder->children[1], value, err));
    close_run(builder, 1);
    return ELEA_OK;
}

static elea_status append_uint(elea_builder *builder, uint64_t value, elea_error *err) {
    ELEA_TRY(prepare_run(builder, err));
    ELEA_TRY(elea_builder_append_uint(builder->children[1], value, err));
    close_run(builder, 1);
    return ELEA_OK;
}

static elea_status append_double(elea_builder *builder, double value, elea_error *err) {
    ELEA_TRY(prepare_run(builder, err));
    ELEA_TRY(elea_builder_append_double(builder->children[1], value, err));
    close_run(builder, 1);
    return ELEA_OK;
}

static elea_status append_bytes(elea_builder *builder, elea_bytes value, elea_error *err) {
    ELEA_TRY(prepare_run(builder, err));
    ELEA_TRY(elea_builder_append_bytes(builder->children[1], value, err));
    close_run(builder, 1);
    return ELEA_OK;
}

static elea_status append_each(elea_builder *builder, const elea__bulk *bulk, elea_error *err) {
    for (int64_t i = 0; i < bulk->count; i++) {
        if (bulk->validity && !elea_bit_get(bulk->validity, i)) {
            ELEA_TRY(elea_builder_append_null(builder, err));
            continue;
        }
        ELEA_TRY(prepare_run(builder, err));
        ELEA_TRY(elea__bulk_append_one(bulk, i, builder->children[1], err));
        close_run(builder, 1);
    }
    return ELEA_OK;
}

static elea_status append_bulk(elea_builder *builder, const elea__bulk *bulk, elea_error *err) {
    int64_t rows = builder->length;
    ELEA_TRY(elea__builder_check_closed(builder, err));
    elea_status status = append_each(builder, bulk, err);
    if (status != ELEA_OK)
        elea__builder_truncate(builder, rows);
    return status;
}

// As many runs as values: no two neighbours need be equal.
static elea_status reserve_runs(elea_builder *builder, int64_t values, int64_t bytes,
                                elea_error *err) {
    ELEA_TRY(elea_builder_reserve(builder->children[0], values, 0, err));
    return elea_builder_reserve(builder->children[1], values, bytes, err);
}

static elea_status reserve_null_run(elea_builder *builder, int64_t count, elea_error *err) {
    ELEA_TRY(run_room(builder, count, 1, err));
    return elea__builder_reserve_nulls(builder->children[1], 1, err);
}

// The caller counts the rows, as for other layouts, and not the run.
static void put_null_run(elea_builder *builder, int64_t count) {
    elea__builder_put_nulls(builder->children[1], 1);
    close_run(builder, count);
    builder->length -= count;
}

const elea__builder_ops elea__builder_run_ops = {.append_int = append_int,
                                                 .append_uint = append_uint,
                                                 .append_double = append_double,
                                                 .append_bytes = append_bytes,
                                                 .append_row = append_run_row,
                                                 .append_bulk = append_bulk,
                                                 .reserve = reserve_runs,
                                                 .reserve_nulls = reserve_null_run,
                                                 .put_nulls = put_null_run,
                                                 .child_length = run_child_length,
                                                 .forget = forget_runs};

// SPDX-License-Identifier: Apache-2.0
//
// The shortest edit script between two arrays, by the greedy algorithm of Myers ("An O(ND)
// Difference Algorithm and Its Variations", 1986). As in Arrow C++, deletions are tried first and
// an insertion wins a tie, so that both give the same script; all furthest points are kept, which
// takes memory with the square of the number of edits.
#include "base/math_internal.h"
#include "columnar/array_internal.h"
#include "columnar/equal_internal.h"
#include "columnar/format_internal.h"

#define EDITS_MAX_DEFAULT 4096
#define DIFFERENCES_MAX_DEFAULT 10

void elea_diff_options_init(elea_diff_options *options) {
    *options = (elea_diff_options){.edits_max = EDITS_MAX_DEFAULT,
                                   .differences_max = DIFFERENCES_MAX_DEFAULT};
    elea_equal_options_init(&options->equal);
}

// After `edits` edits of which `insertions` are insertions, the furthest row of the base that was
// reached; its lowest bit tells whether the last edit was an insertion. Points after one number of
// edits lie together.
typedef struct search {
    elea_pool *pool;
    const elea_array *base;
    const elea_array *target;
    const elea_equal_options *equal;
    int64_t *points;
    int64_t capacity;
    int64_t edits;
    int64_t insertions; // of the shortest script
} search;

// Rows of base and target up to which all is done.
typedef struct edit_point {
    int64_t base;
    int64_t target;
} edit_point;

static int64_t point_index(int64_t edits, int64_t insertions) {
    return edits * (edits + 1) / 2 + insertions;
}

static edit_point get_point(const search *find, int64_t edits, int64_t insertions) {
    int64_t base = find->points[point_index(edits, insertions)] >> 1;
    int64_t target = base + 2 * insertions - edits;
    return (edit_point){base, elea__min(target, find->target->length)};
}

static bool is_insertion(const search *find, int64_t edits, int64_t insertions) {
    return (find->points[point_index(edits, insertions)] & 1) != 0;
}

static void put_point(search *find, int64_t edits, int64_t insertions, int64_t base,
                      bool inserted) {
    find->points[point_index(edits, insertions)] = base * 2 + inserted;
}

// Over all equal rows that follow.
static int64_t extend(const search *find, edit_point point) {
    while (point.base < find->base->length && point.target < find->target->length &&
           elea__range_equal(find->base, point.base, find->target, point.target, 1, find->equal)) {
        point.base++;
        point.target++;
    }
    return point.base;
}

static int64_t after_deletion(const search *find, edit_point point) {
    point.base = elea__min(point.base + 1, find->base->length);
    return extend(find, point);
}

static int64_t after_insertion(const search *find, edit_point point) {
    point.target = elea__min(point.target + 1, find->target->length);
    return extend(find, point);
}

static elea_status reserve_points(search *find, int64_t edits, elea_error *err) {
    int64_t needed = point_index(edits + 1, 0);
    if (needed <= find->capacity)
        return ELEA_OK;
    int64_t capacity = elea__max(needed, find->capacity * 2);
    int64_t width = (int64_t)sizeof(int64_t);
    void *block = find->points;
    ELEA_TRY(elea_realloc(find->pool, find->capacity * width, capacity * width, &block, err));
    find->points = block;
    find->capacity = capacity;
    return ELEA_OK;
}

// Whether any point after `edits` edits is the end of both.
static bool is_finished(search *find) {
    for (int64_t i = 0; i <= find->edits; i++) {
        edit_point point = get_point(find, find->edits, i);
        if (point.base == find->base->length && point.target == find->target->length) {
            find->insertions = i;
            return true;
        }
    }
    return false;
}

static void next_edit(search *find) {
    int64_t edits = ++find->edits;
    for (int64_t i = 0; i < edits; i++)
        put_point(find, edits, i, after_deletion(find, get_point(find, edits - 1, i)), false);
    put_point(find, edits, edits, 0, false);
    for (int64_t i = 0; i < edits; i++) {
        int64_t base = after_insertion(find, get_point(find, edits - 1, i));
        if (base >= get_point(find, edits, i + 1).base)
            put_point(find, edits, i + 1, base, true);
    }
}

static elea_status search_run(search *find, int64_t edits_max, elea_error *err) {
    ELEA_TRY(reserve_points(find, 0, err));
    put_point(find, 0, 0, extend(find, (edit_point){0, 0}), false);
    while (!is_finished(find)) {
        if (find->edits >= edits_max)
            return elea_error_set(err, ELEA_ECAPACITY, "the arrays differ by more than %lld edits",
                                  (long long)edits_max);
        ELEA_TRY(reserve_points(find, find->edits + 1, err));
        next_edit(find);
    }
    return ELEA_OK;
}

// Walks back from the end; edit 0 stands for the rows that both begin with.
static void trace_back(const search *find, uint8_t *inserts, int64_t *run_lengths) {
    int64_t insertions = find->insertions;
    edit_point end = get_point(find, find->edits, insertions);
    for (int64_t i = find->edits; i > 0; i--) {
        bool insert = is_insertion(find, i, insertions);
        insertions -= insert;
        edit_point begin = get_point(find, i - 1, insertions);
        inserts[i] = insert;
        run_lengths[i] = end.base - begin.base - !insert;
        end = begin;
    }
    inserts[0] = 0;
    run_lengths[0] = end.base;
}

// ---- the script

// Storage of the caller; run lengths and, behind them, a byte for each edit.
typedef struct script {
    elea_pool *pool;
    int64_t *run_lengths;
    uint8_t *inserts;
    int64_t length;
    int64_t size;
} script;

static void script_release(script *edits) {
    elea_dealloc(edits->pool, edits->run_lengths, edits->size);
}

static elea_status check_types(const elea_array *base, const elea_array *target, elea_error *err) {
    if (elea_type_equal(base->type, target->type, false))
        return ELEA_OK;
    return elea_error_set(err, ELEA_ETYPE, "a diff of %s and %s", elea_type_id_name(base->type->id),
                          elea_type_id_name(target->type->id));
}

static elea_status script_make(elea_pool *pool, const elea_array *base, const elea_array *target,
                               const elea_diff_options *options, script *out, elea_error *err) {
    void *block;
    search find = {.pool = pool, .base = base, .target = target, .equal = &options->equal};
    ELEA_TRY(check_types(base, target, err));
    elea_status status = search_run(&find, options->edits_max, err);
    if (status == ELEA_OK) {
        *out = (script){.pool = pool, .length = find.edits + 1};
        out->size = out->length * ((int64_t)sizeof(int64_t) + 1);
        status = elea_alloc(pool, out->size, &block, err);
    }
    if (status == ELEA_OK) {
        out->run_lengths = block;
        out->inserts = (uint8_t *)(out->run_lengths + out->length);
        trace_back(&find, out->inserts, out->run_lengths);
    }
    elea_dealloc(pool, find.points, find.capacity * (int64_t)sizeof(int64_t));
    return status;
}

static elea_status script_type(elea_pool *pool, elea_type **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_field *fields[2] = {NULL, NULL};
    ELEA_GOTO(done, elea_field_new(pool, elea_bytes_of("insert"), elea_type_of(ELEA_TYPE_BOOL),
                                   false, NULL, &fields[0], err));
    ELEA_GOTO(done, elea_field_new(pool, elea_bytes_of("run_length"), elea_type_of(ELEA_TYPE_INT64),
                                   false, NULL, &fields[1], err));
    ELEA_GOTO(done, elea_type_new_struct(pool, (const elea_field *const *)fields, 2, out, err));

done:
    elea_field_unref(fields[0]);
    elea_field_unref(fields[1]);
    return status;
}

static elea_status script_array(elea_pool *pool, const script *edits, elea_array **out,
                                elea_error *err) {
    elea_status status = ELEA_OK;
    elea_type *type = NULL;
    elea_builder *builder = NULL;
    ELEA_GOTO(done, script_type(pool, &type, err));
    ELEA_GOTO(done, elea_builder_new(pool, type, &builder, err));
    for (int64_t i = 0; i < edits->length; i++) {
        elea_builder *insert = elea_builder_child(builder, 0);
        elea_builder *run_length = elea_builder_child(builder, 1);
        ELEA_GOTO(done, elea_builder_append_int(insert, edits->inserts[i], err));
        ELEA_GOTO(done, elea_builder_append_int(run_length, edits->run_lengths[i], err));
        ELEA_GOTO(done, elea_builder_append_row(builder, err));
    }
    ELEA_GOTO(done, elea_builder_finish(builder, out, err));

done:
    elea_builder_free(builder);
    elea_type_unref(type);
    return status;
}

elea_status elea_array_diff(elea_pool *pool, const elea_array *base, const elea_array *target,
                            const elea_diff_options *options, elea_array **out, elea_error *err) {
    elea_diff_options defaults;
    script edits;
    elea_diff_options_init(&defaults);
    ELEA_TRY(script_make(pool, base, target, options ? options : &defaults, &edits, err));
    elea_status status = script_array(pool, &edits, out, err);
    script_release(&edits);
    return status;
}

// ---- as text

static elea_status put_rows(const elea_array *array, int64_t begin, int64_t end, const char *sign,
                            elea_text *text, elea_error *err) {
    elea_span span;
    elea_span_of(array, &span);
    for (int64_t row = begin; row < end; row++) {
        ELEA_TRY(elea_text_append(text, elea_bytes_of(sign), err));
        ELEA_TRY(elea_span_format(&span, row, true, text, err));
        ELEA_TRY(elea_text_append(text, elea_bytes_of("\n"), err));
    }
    return ELEA_OK;
}

static elea_status put_hunk(const elea_array *base, edit_point begin, const elea_array *target,
                            edit_point end, elea_text *text, elea_error *err) {
    ELEA_TRY(elea_text_append_format(text, err, "@@ -%lld, +%lld @@\n", (long long)begin.base,
                                     (long long)begin.target));
    ELEA_TRY(put_rows(base, begin.base, end.base, "-", text, err));
    return put_rows(target, begin.target, end.target, "+", text, err);
}

elea_status elea_array_diff_format(const elea_array *base, const elea_array *target,
                                   const elea_diff_options *options, elea_text *text,
                                   elea_error *err) {
    elea_status status = ELEA_OK;
    elea_diff_options defaults;
    script edits;
    elea_diff_options_init(&defaults);
    ELEA_TRY(script_make(text->pool, base, target, options ? options : &defaults, &edits, err));
    edit_point begin = {edits.run_lengths[0], edits.run_lengths[0]};
    edit_point end = begin;
    for (int64_t i = 1; i < edits.length && status == ELEA_OK; i++) {
        end.base += !edits.inserts[i];
        end.target += edits.inserts[i];
        if (i < edits.length - 1 && edits.run_lengths[i] == 0)
            continue;
        status = put_hunk(base, begin, target, end, text, err);
        end.base += edits.run_lengths[i];
        end.target += edits.run_lengths[i];
        begin = end;
    }
    script_release(&edits);
    return status;
}

// SPDX-License-Identifier: Apache-2.0
//
// Where two arrays or tables differ, row by row: the first differing values, each with the path
// that leads to it through lists, structs and unions.
#include "base/math_internal.h"
#include "columnar/array_internal.h"
#include "columnar/equal_internal.h"
#include "columnar/format_internal.h"

// Rows that are compared as a whole before they are looked at one by one.
#define BLOCK_LENGTH 1024

// Values of a list that are shown.
#define ITEMS_SHOWN 10

// A step of the way to a value: the name of a column or a field, or the number of a row or item.
typedef struct path_step {
    const struct path_step *above;
    const char *name; // or NULL
    int64_t index;
} path_step;

typedef struct report {
    const elea_equal_options *equal;
    int64_t left; // differences that may still be told
    elea_text *text;
} report;

// One row of each side.
typedef struct row_pair {
    const elea_array *a;
    int64_t a_row;
    const elea_array *b;
    int64_t b_row;
} row_pair;

static elea_status put_path(const report *to, const path_step *step, elea_error *err) {
    if (!step)
        return ELEA_OK;
    ELEA_TRY(put_path(to, step->above, err));
    if (!step->name)
        return elea_text_append_format(to->text, err, "[%lld]", (long long)step->index);
    if (step->above)
        ELEA_TRY(elea_text_append(to->text, elea_bytes_of("."), err));
    return elea__name_format(step->name, to->text, err);
}

static elea_status put_lengths(report *to, const path_step *path, int64_t a, int64_t b,
                               elea_error *err) {
    to->left--;
    ELEA_TRY(put_path(to, path, err));
    return elea_text_append_format(to->text, err, "%slength %lld != %lld\n", path ? ": " : "",
                                   (long long)a, (long long)b);
}

static elea_status put_values(report *to, const path_step *path, const row_pair *rows,
                              elea_error *err) {
    const elea__value_style style = {.quoted = true, .items_max = ITEMS_SHOWN, .null_text = "null"};
    elea_span span;
    to->left--;
    ELEA_TRY(put_path(to, path, err));
    ELEA_TRY(elea_text_append(to->text, elea_bytes_of(": "), err));
    elea_span_of(rows->a, &span);
    ELEA_TRY(elea__value_format(&span, rows->a_row, &style, to->text, err));
    ELEA_TRY(elea_text_append(to->text, elea_bytes_of(" != "), err));
    elea_span_of(rows->b, &span);
    ELEA_TRY(elea__value_format(&span, rows->b_row, &style, to->text, err));
    return elea_text_append(to->text, elea_bytes_of("\n"), err);
}

static elea_status tell_row(report *to, const path_step *path, const row_pair *rows,
                            elea_error *err);

// `length` rows from these on; they are numbered from `first`.
static elea_status tell_rows(report *to, const path_step *above, const row_pair *from,
                             int64_t length, int64_t first, elea_error *err) {
    for (int64_t begin = 0; begin < length && to->left > 0; begin += BLOCK_LENGTH) {
        int64_t end = elea__min(begin + BLOCK_LENGTH, length);
        if (elea__range_equal(from->a, from->a_row + begin, from->b, from->b_row + begin,
                              end - begin, to->equal))
            continue;
        for (int64_t i = begin; i < end && to->left > 0; i++) {
            path_step step = {above, NULL, first + i};
            row_pair rows = {from->a, from->a_row + i, from->b, from->b_row + i};
            ELEA_TRY(tell_row(to, &step, &rows, err));
        }
    }
    return ELEA_OK;
}

static elea_status tell_struct(report *to, const path_step *path, const row_pair *rows,
                               elea_error *err) {
    const elea_type *type = rows->a->type;
    for (int64_t i = 0; i < type->child_count && to->left > 0; i++) {
        path_step step = {path, type->children[i]->name, 0};
        row_pair below = {rows->a->children[i], rows->a->offset + rows->a_row, rows->b->children[i],
                          rows->b->offset + rows->b_row};
        ELEA_TRY(tell_row(to, &step, &below, err));
    }
    return ELEA_OK;
}

static elea_status tell_list(report *to, const path_step *path, const row_pair *rows,
                             const elea_span *a, const elea_span *b, elea_error *err) {
    row_pair items = {rows->a->children[0], 0, rows->b->children[0], 0};
    int64_t a_length;
    int64_t b_length;
    elea_span_get_list(a, rows->a_row, &items.a_row, &a_length);
    elea_span_get_list(b, rows->b_row, &items.b_row, &b_length);
    if (a_length != b_length)
        ELEA_TRY(put_lengths(to, path, a_length, b_length, err));
    return tell_rows(to, path, &items, elea__min(a_length, b_length), 0, err);
}

static elea_status tell_union(report *to, const path_step *path, const row_pair *rows,
                              const elea_span *a, const elea_span *b, elea_error *err) {
    int8_t code = (int8_t)a->buffers[1][a->offset + rows->a_row];
    if (code != (int8_t)b->buffers[1][b->offset + rows->b_row])
        return put_values(to, path, rows, err);
    int64_t child = elea_type_union_child(a->type, code);
    path_step step = {path, a->type->children[child]->name, 0};
    row_pair below = {rows->a->children[child], elea__union_child_row(a, rows->a_row),
                      rows->b->children[child], elea__union_child_row(b, rows->b_row)};
    return tell_row(to, &step, &below, err);
}

static elea_status tell_row(report *to, const path_step *path, const row_pair *rows,
                            elea_error *err) {
    elea_span a;
    elea_span b;
    if (elea__range_equal(rows->a, rows->a_row, rows->b, rows->b_row, 1, to->equal))
        return ELEA_OK;
    elea_span_of(rows->a, &a);
    elea_span_of(rows->b, &b);
    elea_layout layout = a.type->layout;
    if (layout == ELEA_LAYOUT_SPARSE_UNION || layout == ELEA_LAYOUT_DENSE_UNION)
        return tell_union(to, path, rows, &a, &b, err);
    if (layout == ELEA_LAYOUT_RUN_END_ENCODED) {
        row_pair below = {rows->a->children[1], elea__run_of(&a, rows->a_row), rows->b->children[1],
                          elea__run_of(&b, rows->b_row)};
        return tell_row(to, path, &below, err);
    }
    if (!elea_span_is_valid(&a, rows->a_row) || !elea_span_is_valid(&b, rows->b_row))
        return put_values(to, path, rows, err);
    if (layout == ELEA_LAYOUT_STRUCT)
        return tell_struct(to, path, rows, err);
    if (a.type->child_count == 1)
        return tell_list(to, path, rows, &a, &b, err);
    return put_values(to, path, rows, err);
}

static elea_status put_types(report *to, const path_step *path, const elea_type *a,
                             const elea_type *b, elea_error *err) {
    to->left--;
    ELEA_TRY(put_path(to, path, err));
    ELEA_TRY(elea_text_append(to->text, elea_bytes_of(path ? ": type " : "type "), err));
    ELEA_TRY(elea_type_format(a, to->text, err));
    ELEA_TRY(elea_text_append(to->text, elea_bytes_of(" != "), err));
    ELEA_TRY(elea_type_format(b, to->text, err));
    return elea_text_append(to->text, elea_bytes_of("\n"), err);
}

elea_status elea_array_differences(const elea_array *a, const elea_array *b,
                                   const elea_diff_options *options, elea_text *text,
                                   elea_error *err) {
    elea_diff_options defaults;
    elea_diff_options_init(&defaults);
    options = options ? options : &defaults;
    report to = {&options->equal, options->differences_max, text};
    if (to.left <= 0)
        return ELEA_OK;
    if (!elea_type_equal(a->type, b->type, options->equal.with_metadata))
        return put_types(&to, NULL, a->type, b->type, err);
    if (a->length != b->length)
        ELEA_TRY(put_lengths(&to, NULL, a->length, b->length, err));
    row_pair from = {a, 0, b, 0};
    return tell_rows(&to, NULL, &from, elea__min(a->length, b->length), 0, err);
}

// ---- tables

// Walks both by the pieces that lie in one chunk of each.
static elea_status tell_column(report *to, const path_step *path, const elea_chunked_array *a,
                               const elea_chunked_array *b, elea_error *err) {
    int64_t length = elea__min(elea_chunked_array_length(a), elea_chunked_array_length(b));
    for (int64_t row = 0; row < length && to->left > 0;) {
        row_pair from;
        int64_t i;
        int64_t j;
        elea_chunked_array_locate(a, row, &i, &from.a_row);
        elea_chunked_array_locate(b, row, &j, &from.b_row);
        from.a = elea_chunked_array_chunk(a, i);
        from.b = elea_chunked_array_chunk(b, j);
        int64_t piece = elea__min(from.a->length - from.a_row, from.b->length - from.b_row);
        ELEA_TRY(tell_rows(to, path, &from, piece, row, err));
        row += piece;
    }
    return ELEA_OK;
}

static elea_status tell_field(report *to, const elea_field *a, const elea_field *b,
                              const elea_equal_options *equal, bool *comparable, elea_error *err) {
    path_step step = {NULL, a->name, 0};
    *comparable = elea_type_equal(a->type, b->type, equal->with_metadata);
    if (!*comparable)
        return put_types(to, &step, a->type, b->type, err);
    if (elea_field_equal(a, b, equal->with_metadata))
        return ELEA_OK;
    to->left--;
    ELEA_TRY(put_path(to, &step, err));
    ELEA_TRY(elea_text_append(to->text, elea_bytes_of(": field "), err));
    ELEA_TRY(elea_field_format(a, to->text, err));
    ELEA_TRY(elea_text_append(to->text, elea_bytes_of(" != "), err));
    ELEA_TRY(elea_field_format(b, to->text, err));
    return elea_text_append(to->text, elea_bytes_of("\n"), err);
}

elea_status elea_table_differences(const elea_table *a, const elea_table *b,
                                   const elea_diff_options *options, elea_text *text,
                                   elea_error *err) {
    elea_diff_options defaults;
    elea_diff_options_init(&defaults);
    options = options ? options : &defaults;
    report to = {&options->equal, options->differences_max, text};
    int64_t a_count = elea_table_column_count(a);
    int64_t b_count = elea_table_column_count(b);
    if (a_count != b_count && to.left-- > 0)
        ELEA_TRY(elea_text_append_format(text, err, "columns %lld != %lld\n", (long long)a_count,
                                         (long long)b_count));
    if (elea_table_length(a) != elea_table_length(b) && to.left > 0)
        ELEA_TRY(put_lengths(&to, NULL, elea_table_length(a), elea_table_length(b), err));
    for (int64_t i = 0; i < elea__min(a_count, b_count) && to.left > 0; i++) {
        const elea_field *field = elea_schema_field(elea_table_schema(a), i);
        path_step step = {NULL, field->name, 0};
        bool comparable;
        ELEA_TRY(tell_field(&to, field, elea_schema_field(elea_table_schema(b), i), &options->equal,
                            &comparable, err));
        if (comparable)
            ELEA_TRY(
                tell_column(&to, &step, elea_table_column(a, i), elea_table_column(b, i), err));
    }
    return ELEA_OK;
}

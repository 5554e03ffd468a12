// SPDX-License-Identifier: Apache-2.0
//
// Building lists, maps, fixed-size lists and structs: rows around what was appended to children.
#include "base/math_internal.h"
#include "columnar/builder_internal.h"

// ---- null

const elea__builder_ops elea__builder_null_ops = {.append_int = NULL};

// ---- lists

static int64_t list_child_length(const elea_builder *builder, int64_t child, int64_t rows) {
    (void)child;
    return elea__builder_end_offset(builder, rows);
}

// Entries and keys of a map are never null.
static elea_status check_map(const elea_builder *builder, elea_error *err) {
    const elea_builder *entries = builder->children[0];
    int64_t nulls =
        elea__builder_null_count(entries) + elea__builder_null_count(entries->children[0]);
    if (nulls == 0)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL, "%lld keys or entries of a map are null",
                          (long long)nulls);
}

// Whether the values of the child can be those of rows.
static elea_status check_values(const elea_builder *builder, elea_error *err) {
    int64_t end = builder->children[0]->length;
    if (builder->type->id == ELEA_TYPE_MAP)
        ELEA_TRY(check_map(builder, err));
    if (end > elea__builder_offset_max(builder))
        return elea_error_set(err, ELEA_ECAPACITY, "%lld values are more than a %s holds",
                              (long long)end, elea_type_id_name(builder->type->id));
    return ELEA_OK;
}

// Whether the offsets of rows reach over exactly the values that are in no row yet.
static elea_status check_bulk(const elea_builder *builder, const elea__bulk *bulk,
                              elea_error *err) {
    int64_t found =
        builder->children[0]->length - builder->ops->child_length(builder, 0, builder->length);
    int64_t wanted = elea__load_offset(bulk->offsets, bulk->count, bulk->is_64) -
                     elea__load_offset(bulk->offsets, 0, bulk->is_64);
    if (found != wanted)
        return elea_error_set(err, ELEA_EINVAL, "offsets over %lld values, but there are %lld",
                              (long long)wanted, (long long)found);
    return check_values(builder, err);
}

static elea_status append_list(elea_builder *builder, elea_error *err) {
    int64_t end = builder->children[0]->length;
    ELEA_TRY(check_values(builder, err));
    ELEA_TRY(elea__builder_room(builder, 1, err));
    elea__builder_put_offset(builder, 1, builder->length + 1, end);
    elea__builder_put_valid(builder);
    return ELEA_OK;
}

static elea_status append_lists(elea_builder *builder, const elea__bulk *bulk, elea_error *err) {
    int64_t nulls = 0;
    int64_t first = elea__load_offset(bulk->offsets, 0, bulk->is_64);
    int64_t begin = elea__builder_end_offset(builder, builder->length);
    ELEA_TRY(check_bulk(builder, bulk, err));
    ELEA_TRY(elea__builder_bulk_room(builder, bulk->validity, bulk->count, &nulls, err));
    for (int64_t i = 1; i <= bulk->count; i++)
        elea__builder_put_offset(builder, 1, builder->length + i,
                                 elea__load_offset(bulk->offsets, i, bulk->is_64) - first + begin);
    elea__builder_put_rows(builder, bulk->validity, nulls, bulk->count);
    return ELEA_OK;
}

const elea__builder_ops elea__builder_list_ops = {.append_row = append_list,
                                                  .append_rows = append_lists,
                                                  .has_offsets = true,
                                                  .child_length = list_child_length};

// ---- list views

// Rows without values, null ones too, begin where the last one ended, so that the last row tells
// how many values there are.
static int64_t list_view_child_length(const elea_builder *builder, int64_t child, int64_t rows) {
    (void)child;
    bool is_64 = builder->row_bits[1] == 64;
    return rows == 0 ? 0
                     : elea__load_offset(builder->blocks[1].data, rows - 1, is_64) +
                           elea__load_offset(builder->blocks[2].data, rows - 1, is_64);
}

static elea_status append_list_view(elea_builder *builder, elea_error *err) {
    int64_t end = builder->children[0]->length;
    ELEA_TRY(check_values(builder, err));
    ELEA_TRY(elea__builder_room(builder, 1, err));
    int64_t begin = list_view_child_length(builder, 0, builder->length);
    elea__builder_put_offset(builder, 1, builder->length, begin);
    elea__builder_put_offset(builder, 2, builder->length, end - begin);
    elea__builder_put_valid(builder);
    return ELEA_OK;
}

static void put_null_list_views(elea_builder *builder, int64_t count) {
    int64_t end = list_view_child_length(builder, 0, builder->length);
    for (int64_t i = 0; i < count; i++)
        elea__builder_put_offset(builder, 1, builder->length + i, end);
}

static elea_status append_list_views(elea_builder *builder, const elea__bulk *bulk,
                                     elea_error *err) {
    int64_t nulls = 0;
    int64_t first = elea__load_offset(bulk->offsets, 0, bulk->is_64);
    int64_t begin = list_view_child_length(builder, 0, builder->length);
    ELEA_TRY(check_bulk(builder, bulk, err));
    ELEA_TRY(elea__builder_bulk_room(builder, bulk->validity, bulk->count, &nulls, err));
    for (int64_t i = 0; i < bulk->count; i++) {
        int64_t offset = elea__load_offset(bulk->offsets, i, bulk->is_64);
        int64_t end = elea__load_offset(bulk->offsets, i + 1, bulk->is_64);
        elea__builder_put_offset(builder, 1, builder->length + i, offset - first + begin);
        elea__builder_put_offset(builder, 2, builder->length + i, end - offset);
    }
    elea__builder_put_rows(builder, bulk->validity, nulls, bulk->count);
    return ELEA_OK;
}

const elea__builder_ops elea__builder_list_view_ops = {.append_row = append_list_view,
                                                       .append_rows = append_list_views,
                                                       .has_offsets = true,
                                                       .put_nulls = put_null_list_views,
                                                       .child_length = list_view_child_length};

// ---- children beside their parent

static int64_t struct_child_length(const elea_builder *builder, int64_t child, int64_t rows) {
    (void)builder;
    (void)child;
    return rows;
}

static int64_t fixed_size_list_child_length(const elea_builder *builder, int64_t child,
                                            int64_t rows) {
    (void)child;
    return rows * builder->type->fixed_size;
}

// The values that `count` rows take in each child. The product was checked when the rows before
// were made; only the new ones can be too many.
static elea_status child_count_of(const elea_builder *builder, int64_t count, int64_t *out,
                                  elea_error *err) {
    int64_t rows;
    int64_t width = builder->type->layout == ELEA_LAYOUT_STRUCT ? 1 : builder->type->fixed_size;
    if (elea__add_overflow(builder->length, count, &rows) || elea__mul_overflow(rows, width, out))
        return elea_error_set(err, ELEA_ECAPACITY,
                              "%lld rows of %lld values are more than memory holds",
                              (long long)count, (long long)width);
    *out = count * width;
    return ELEA_OK;
}

static elea_status reserve_children(elea_builder *builder, int64_t values, int64_t bytes,
                                    elea_error *err) {
    int64_t count;
    ELEA_TRY(child_count_of(builder, values, &count, err));
    for (int64_t i = 0; i < builder->child_count; i++)
        ELEA_TRY(elea_builder_reserve(builder->children[i], count, bytes, err));
    return ELEA_OK;
}

static elea_status reserve_child_nulls(elea_builder *builder, int64_t count, elea_error *err) {
    int64_t child_count;
    ELEA_TRY(child_count_of(builder, count, &child_count, err));
    for (int64_t i = 0; i < builder->child_count; i++)
        ELEA_TRY(elea__builder_reserve_nulls(builder->children[i], child_count, err));
    return ELEA_OK;
}

static void put_child_nulls(elea_builder *builder, int64_t count) {
    bool is_struct = builder->type->layout == ELEA_LAYOUT_STRUCT;
    for (int64_t i = 0; i < builder->child_count; i++)
        elea__builder_put_nulls(builder->children[i],
                                is_struct ? count : count * builder->type->fixed_size);
}

static elea_status append_all_beside(elea_builder *builder, const elea__bulk *bulk,
                                     elea_error *err) {
    int64_t count, nulls = 0;
    ELEA_TRY(child_count_of(builder, bulk->count, &count, err));
    for (int64_t i = 0; i < builder->child_count; i++) {
        int64_t before = builder->ops->child_length(builder, i, builder->length);
        int64_t found = builder->children[i]->length - before;
        if (found != count)
            return elea_error_set(
                err, ELEA_EINVAL, "%lld values in child \"%s\" since the last row, expected %lld",
                (long long)found, builder->type->children[i]->name, (long long)count);
    }
    ELEA_TRY(elea__builder_bulk_room(builder, bulk->validity, bulk->count, &nulls, err));
    elea__builder_put_rows(builder, bulk->validity, nulls, bulk->count);
    return ELEA_OK;
}

static elea_status append_beside(elea_builder *builder, elea_error *err) {
    return append_all_beside(builder, &(elea__bulk){.count = 1}, err);
}

const elea__builder_ops elea__builder_struct_ops = {.append_row = append_beside,
                                                    .append_rows = append_all_beside,
                                                    .reserve = reserve_children,
                                                    .reserve_nulls = reserve_child_nulls,
                                                    .put_nulls = put_child_nulls,
                                                    .child_length = struct_child_length};

const elea__builder_ops elea__builder_fixed_size_list_ops = {.append_row = append_beside,
                                                             .append_rows = append_all_beside,
                                                             .reserve = reserve_children,
                                                             .reserve_nulls = reserve_child_nulls,
                                                             .put_nulls = put_child_nulls,
                                                             .child_length =
                                                                 fixed_size_list_child_length};

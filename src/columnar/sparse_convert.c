// SPDX-License-Identifier: Apache-2.0
//
// Sparse tensors from dense ones, and back. All formats come from one walk over the elements, in
// the order in which the format has them: nodes of a tree, a level for each dimension. Its leaves
// are the elements, and the formats differ in which levels they write down.
#include <string.h>

#include "base/math_internal.h"
#include "columnar/sparse_tensor_internal.h"

typedef struct sparse_maker {
    elea_pool *pool;
    const elea_tensor *source;
    elea_sparse_format format;
    const elea_type *index_type;
    int32_t axes[ELEA_TENSOR_DIMENSIONS_MAX];  // of each level
    int64_t nodes[ELEA_TENSOR_DIMENSIONS_MAX]; // of each level
    elea_buffer *values;
    elea_tensor *indices[ELEA_TENSOR_DIMENSIONS_MAX];
    elea_tensor *offsets[ELEA_TENSOR_DIMENSIONS_MAX];
    // Where these are written, while nobody else sees them.
    uint8_t *index_entries[ELEA_TENSOR_DIMENSIONS_MAX];
    uint8_t *offset_entries[ELEA_TENSOR_DIMENSIONS_MAX];
} sparse_maker;

static int64_t nonzero_count(const sparse_maker *maker) {
    return maker->nodes[maker->source->dimension_count - 1];
}

// Rows for CSR, columns for CSC, the smallest dimension first for CSF.
static void choose_axes(sparse_maker *maker) {
    int32_t count = maker->source->dimension_count;
    for (int32_t i = 0; i < count; i++) {
        int32_t at = i;
        for (; maker->format == ELEA_SPARSE_CSF && at > 0 &&
               maker->source->shape[maker->axes[at - 1]] > maker->source->shape[i];
             at--)
            maker->axes[at] = maker->axes[at - 1];
        maker->axes[at] = maker->format == ELEA_SPARSE_CSC ? 1 - i : i;
    }
}

// Counts nodes: an element makes one in each level from the first where it differs from the element
// before it.
static void count_nodes(sparse_maker *maker) {
    int32_t count = maker->source->dimension_count, differs = 0;
    elea__tensor_walk walk;
    if (maker->format != ELEA_SPARSE_CSF) { // which alone has the other levels
        maker->nodes[count - 1] = elea_tensor_count_nonzero(maker->source);
        return;
    }
    elea__tensor_walk_init(&walk, maker->source, maker->axes);
    while (walk.left > 0) {
        if (elea__element_is_nonzero(maker->source->type->id, walk.value)) {
            for (int32_t i = differs; i < count; i++)
                maker->nodes[i]++;
            differs = count;
        }
        int32_t changed = elea__tensor_walk_next(&walk);
        differs = changed < differs ? changed : differs;
    }
}

// ---- the index

static elea_status check_fits(const sparse_maker *maker, int64_t value, elea_error *err) {
    int32_t bits = maker->index_type->bit_width;
    elea_type_id id = maker->index_type->id;
    bool is_signed = id == ELEA_TYPE_INT8 || id == ELEA_TYPE_INT16 || id == ELEA_TYPE_INT32 ||
                     id == ELEA_TYPE_INT64;
    int32_t usable = is_signed ? bits - 1 : bits;
    if (usable >= 63 || value < (int64_t)1 << usable)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL, "%s cannot hold the index %lld", elea_type_id_name(id),
                          (long long)value);
}

static elea_status check_index_type(const sparse_maker *maker, elea_error *err) {
    elea_type_id id = maker->index_type->id;
    if (id < ELEA_TYPE_UINT8 || id > ELEA_TYPE_INT64)
        return elea_error_set(err, ELEA_ETYPE, "indices of %s, expected an integer",
                              elea_type_id_name(id));
    for (int32_t i = 0; i < maker->source->dimension_count; i++)
        ELEA_TRY(check_fits(maker, maker->source->shape[i] - 1, err));
    return maker->format == ELEA_SPARSE_COO ? ELEA_OK
                                            : check_fits(maker, nonzero_count(maker), err);
}

// A tensor of indices, all 0, that is written to before anybody else sees it, at *entries.
static elea_status new_index(const sparse_maker *maker, int64_t rows, int64_t columns,
                             elea_tensor **out, uint8_t **entries, elea_error *err) {
    const int64_t shape[] = {rows, columns};
    int64_t size = 0, width = maker->index_type->bit_width / 8;
    elea_buffer *data = NULL;
    if (elea__mul_overflow(rows, elea__max(columns, 1) * width, &size))
        return elea_error_set(err, ELEA_ECAPACITY, "an index too large for memory");
    ELEA_TRY(elea_buffer_new(maker->pool, size, &data, err));
    *entries = elea_buffer_mutable_data(data);
    if (size > 0)
        memset(*entries, 0, (size_t)size);
    const elea_tensor_parts parts = {.type = maker->index_type,
                                     .data = data,
                                     .dimension_count = columns == 0 ? 1 : 2,
                                     .shape = shape};
    elea_status status = elea_tensor_new(maker->pool, &parts, out, err);
    elea_buffer_unref(data);
    return status;
}

static elea_status make_room(sparse_maker *maker, elea_error *err) {
    int32_t count = maker->source->dimension_count;
    int64_t nonzeros = nonzero_count(maker), width = maker->source->type->bit_width / 8;
    ELEA_TRY(elea_buffer_new(maker->pool, nonzeros * width, &maker->values, err));
    switch (maker->format) {
    case ELEA_SPARSE_COO:
        return new_index(maker, nonzeros, count, &maker->indices[0], &maker->index_entries[0], err);
    case ELEA_SPARSE_CSF:
        for (int32_t i = 0; i < count; i++) {
            ELEA_TRY(new_index(maker, maker->nodes[i], 0, &maker->indices[i],
                               &maker->index_entries[i], err));
            if (i < count - 1)
                ELEA_TRY(new_index(maker, maker->nodes[i] + 1, 0, &maker->offsets[i],
                                   &maker->offset_entries[i], err));
        }
        return ELEA_OK;
    default:
        ELEA_TRY(new_index(maker, nonzeros, 0, &maker->indices[0], &maker->index_entries[0], err));
        return new_index(maker, maker->source->shape[maker->axes[0]] + 1, 0, &maker->offsets[0],
                         &maker->offset_entries[0], err);
    }
}

// Entry `position` of an index that is row-major.
static void store(uint8_t *entries, int32_t bit_width, int64_t position, int64_t value) {
    uint8_t one = (uint8_t)value;
    uint16_t two = (uint16_t)value;
    uint32_t four = (uint32_t)value;
    switch (bit_width) {
    case 8:
        memcpy(entries + position, &one, sizeof one);
        break;
    case 16:
        memcpy(entries + 2 * position, &two, sizeof two);
        break;
    case 32:
        memcpy(entries + 4 * position, &four, sizeof four);
        break;
    default:
        memcpy(entries + 8 * position, &value, sizeof value);
    }
}

// Element number `number`, which opens nodes from level `differs` on; `done` counts those of each
// level.
static void put(sparse_maker *maker, const elea__tensor_walk *walk, int64_t number, int32_t differs,
                int64_t *done) {
    int32_t count = maker->source->dimension_count, width = maker->index_type->bit_width;
    switch (maker->format) {
    case ELEA_SPARSE_COO:
        for (int32_t i = 0; i < count; i++)
            store(maker->index_entries[0], width, number * count + i, walk->indices[i]);
        break;
    case ELEA_SPARSE_CSF:
        for (int32_t i = differs; i < count; i++) {
            store(maker->index_entries[i], width, done[i]++, walk->indices[i]);
            // Where the next node of the level above would have its first child.
            if (i > 0)
                store(maker->offset_entries[i - 1], width, done[i - 1], done[i]);
        }
        break;
    default:
        store(maker->index_entries[0], width, number, walk->indices[1]);
        store(maker->offset_entries[0], width, walk->indices[0] + 1, number + 1);
    }
}

static void fill(sparse_maker *maker) {
    int32_t count = maker->source->dimension_count, differs = 0;
    int64_t number = 0, width = maker->source->type->bit_width / 8;
    int64_t done[ELEA_TENSOR_DIMENSIONS_MAX] = {0};
    uint8_t *values = elea_buffer_mutable_data(maker->values);
    elea__tensor_walk walk;
    elea__tensor_walk_init(&walk, maker->source, maker->axes);
    while (walk.left > 0) {
        if (elea__element_is_nonzero(maker->source->type->id, walk.value)) {
            elea_copy_bytes(values + number * width, walk.value, width);
            put(maker, &walk, number, differs, done);
            number++;
            differs = count;
        }
        int32_t changed = elea__tensor_walk_next(&walk);
        differs = changed < differs ? changed : differs;
    }
}

// Rows without an element begin where the one before them ends.
static void complete_offsets(const sparse_maker *maker) {
    const elea_tensor *offsets = maker->offsets[0];
    int64_t before = 0;
    for (int64_t i = 1; i < offsets->shape[0]; i++) {
        int64_t found = elea__tensor_entry(offsets, i);
        before = found > before ? found : before;
        store(maker->offset_entries[0], maker->index_type->bit_width, i, before);
    }
}

static elea_status make(sparse_maker *maker, elea_sparse_tensor **out, elea_error *err) {
    int32_t count = maker->source->dimension_count;
    choose_axes(maker);
    count_nodes(maker);
    ELEA_TRY(check_index_type(maker, err));
    ELEA_TRY(make_room(maker, err));
    fill(maker);
    if (maker->format == ELEA_SPARSE_CSR || maker->format == ELEA_SPARSE_CSC)
        complete_offsets(maker);
    const elea_sparse_tensor_parts parts = {.format = maker->format,
                                            .type = maker->source->type,
                                            .data = maker->values,
                                            .nonzero_count = nonzero_count(maker),
                                            .dimension_count = count,
                                            .shape = maker->source->shape,
                                            .dimension_names = maker->source->names,
                                            .indices = (const elea_tensor *const *)maker->indices,
                                            .offsets = (const elea_tensor *const *)maker->offsets,
                                            .axis_order = maker->axes,
                                            .is_canonical = maker->format == ELEA_SPARSE_COO};
    return elea__sparse_new_unchecked(maker->pool, &parts, out, err);
}

elea_status elea_sparse_tensor_new_from_tensor(elea_pool *pool, const elea_tensor *tensor,
                                               elea_sparse_format format,
                                               const elea_type *index_type,
                                               elea_sparse_tensor **out, elea_error *err) {
    void *memory = NULL;
    bool is_matrix = format == ELEA_SPARSE_CSR || format == ELEA_SPARSE_CSC;
    if (tensor->dimension_count < 1 || (is_matrix && tensor->dimension_count != 2))
        return elea_error_set(err, ELEA_EINVAL, "a sparse tensor of %d dimensions, expected %s",
                              tensor->dimension_count, is_matrix ? "2" : "at least 1");
    ELEA_TRY(elea_alloc_zero(pool, sizeof(sparse_maker), &memory, err));
    sparse_maker *state = memory;
    state->pool = pool;
    state->source = tensor;
    state->format = format;
    state->index_type = index_type ? index_type : elea_type_of(ELEA_TYPE_INT64);
    elea_status status = make(state, out, err);
    elea_buffer_unref(state->values);
    for (int32_t i = 0; i < tensor->dimension_count; i++) {
        elea_tensor_unref(state->indices[i]);
        elea_tensor_unref(state->offsets[i]);
    }
    elea_dealloc(pool, state, sizeof(sparse_maker));
    return status;
}

// ---- to dense tensors

// Where element `number` belongs, in elements. `nodes`: of each level, the one it is in.
static int64_t place_of(const elea_sparse_tensor *tensor, int64_t number, int64_t *nodes,
                        const int64_t *steps) {
    int32_t count = tensor->dimension_count;
    int64_t place = 0;
    switch (tensor->format) {
    case ELEA_SPARSE_COO:
        for (int32_t i = 0; i < count; i++)
            place += elea__tensor_cell(tensor->indices[0], number, i) * steps[i];
        return place;
    case ELEA_SPARSE_CSF:
        nodes[count - 1] = number;
        for (int32_t i = count - 2; i >= 0; i--)
            while (elea__tensor_entry(tensor->offsets[i], nodes[i] + 1) <= nodes[i + 1])
                nodes[i]++;
        for (int32_t i = 0; i < count; i++)
            place +=
                elea__tensor_entry(tensor->indices[i], nodes[i]) * steps[tensor->axis_order[i]];
        return place;
    default:
        while (elea__tensor_entry(tensor->offsets[0], nodes[0] + 1) <= number)
            nodes[0]++;
        int32_t major = tensor->format == ELEA_SPARSE_CSR ? 0 : 1;
        return nodes[0] * steps[major] +
               elea__tensor_entry(tensor->indices[0], number) * steps[1 - major];
    }
}

static void scatter(const elea_sparse_tensor *tensor, uint8_t *target) {
    int64_t nodes[ELEA_TENSOR_DIMENSIONS_MAX] = {0}, steps[ELEA_TENSOR_DIMENSIONS_MAX] = {0};
    int64_t width = tensor->type->bit_width / 8, step = 1;
    const uint8_t *values = elea_buffer_data(tensor->data);
    for (int32_t i = tensor->dimension_count - 1; i >= 0; i--) {
        steps[i] = step;
        step *= tensor->shape[i];
    }
    for (int64_t i = 0; i < tensor->nonzero_count; i++)
        elea_copy_bytes(target + place_of(tensor, i, nodes, steps) * width, values + i * width,
                        width);
}

elea_status elea_sparse_tensor_to_tensor(elea_pool *pool, const elea_sparse_tensor *tensor,
                                         elea_tensor **out, elea_error *err) {
    int64_t size = tensor->length * (tensor->type->bit_width / 8); // which was checked
    elea_buffer *data = NULL;
    ELEA_TRY(elea_buffer_new(pool, size, &data, err));
    if (size > 0) {
        memset(elea_buffer_mutable_data(data), 0, (size_t)size);
        scatter(tensor, elea_buffer_mutable_data(data));
    }
    const elea_tensor_parts parts = {.type = tensor->type,
                                     .data = data,
                                     .dimension_count = tensor->dimension_count,
                                     .shape = tensor->shape,
                                     .dimension_names = tensor->names};
    elea_status status = elea_tensor_new(pool, &parts, out, err);
    elea_buffer_unref(data);
    return status;
}

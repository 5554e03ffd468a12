// SPDX-License-Identifier: Apache-2.0
//
// Concatenation. Each layout says how its buffers grow together and which rows of the children go
// along; the children are then concatenated in the same way. All sizes are summed and checked
// before anything is allocated for them.
#include <string.h>

#include "base/copy_internal.h"
#include "base/math_internal.h"
#include "columnar/concat_internal.h"

// One array in the making.
typedef struct concat_job {
    elea_pool *pool;
    const elea_type *type;
    const elea__range *ranges;
    int64_t count;
    int64_t length; // of all ranges
    int64_t null_count;
    elea_buffer **buffers;
    int64_t buffer_count;
    elea_array **children;
    elea_array *dictionary;
    elea__range *below; // for each range the rows of one child that belong to it
} concat_job;

typedef elea_status (*concat_layout)(concat_job *job, elea_error *err);

static elea_status too_large(const concat_job *job, const char *what, int64_t found,
                             elea_error *err) {
    return elea_error_set(err, ELEA_ECAPACITY, "concat of %lld arrays of %s: %lld %s are too many",
                          (long long)job->count, elea_type_id_name(job->type->id), (long long)found,
                          what);
}

// Buffer `index` of the new array: `count` entries of `width` bytes.
static elea_status new_buffer(concat_job *job, int64_t index, int64_t count, int64_t width,
                              uint8_t **data, elea_error *err) {
    int64_t size;
    if (elea__mul_overflow(count, width, &size))
        return too_large(job, "values", count, err);
    ELEA_TRY(elea_buffer_new(job->pool, size, &job->buffers[index], err));
    *data = elea_buffer_mutable_data(job->buffers[index]);
    return ELEA_OK;
}

// ---- bits and fixed width

static elea_status concat_bits(concat_job *job, int64_t index, elea_error *err) {
    uint8_t *target;
    int64_t size = elea_bitmap_size(job->length);
    int64_t at = 0;
    ELEA_TRY(new_buffer(job, index, size, 1, &target, err));
    if (size > 0)
        target[size - 1] = 0;
    for (int64_t i = 0; i < job->count; i++) {
        const elea__range *range = &job->ranges[i];
        const uint8_t *source = elea_buffer_data(range->array->buffers[index]);
        elea_bitmap_copy(source, range->array->offset + range->row, range->length, target, at);
        at += range->length;
    }
    return ELEA_OK;
}

static int64_t null_count_of(const elea__range *range) {
    const elea_array *array = range->array;
    if (!array->buffers[0] || __atomic_load_n(&array->null_count, __ATOMIC_RELAXED) == 0)
        return 0;
    if (range->length == array->length)
        return elea_array_null_count(array);
    return range->length - elea_bitmap_count(elea_buffer_data(array->buffers[0]),
                                             array->offset + range->row, range->length);
}

static elea_status concat_validity(concat_job *job, elea_error *err) {
    for (int64_t i = 0; i < job->count; i++)
        job->null_count += null_count_of(&job->ranges[i]);
    return job->null_count > 0 ? concat_bits(job, 0, err) : ELEA_OK;
}

static elea_status concat_bit(concat_job *job, elea_error *err) { return concat_bits(job, 1, err); }

// Entries of `width` bytes, as they are.
static elea_status concat_entries(concat_job *job, int64_t index, int64_t width, elea_error *err) {
    uint8_t *target;
    ELEA_TRY(new_buffer(job, index, job->length, width, &target, err));
    for (int64_t i = 0; i < job->count; i++) {
        const elea__range *range = &job->ranges[i];
        int64_t size = range->length * width;
        if (size == 0)
            continue;
        elea__copy_bytes_of(target,
                            elea_buffer_data(range->array->buffers[index]) +
                                (range->array->offset + range->row) * width,
                            size, job->length * width);
        target += size;
    }
    return ELEA_OK;
}

static elea_status concat_fixed(concat_job *job, elea_error *err) {
    return concat_entries(job, 1, elea__type_width(job->type), err);
}

// ---- offsets

// Writes `count` offsets with `delta` added.
static inline __attribute__((always_inline)) void
shift_offsets(const uint8_t *source, int64_t count, bool is_64, int64_t delta, uint8_t *target) {
    // Sums of 32 bits are known to fit.
    for (int64_t i = 0; i < count; i++) {
        if (is_64)
            ((int64_t *)target)[i] = elea__load_int64(source, i) + delta;
        else
            ((uint32_t *)target)[i] = (uint32_t)elea__load_int32(source, i) + (uint32_t)delta;
    }
}

// The same for a part of `count_whole` offsets. Many are made in the nearest cache and stored from
// there, a block at a time.
static inline __attribute__((always_inline)) void shift_offsets_of(const uint8_t *source,
                                                                   int64_t count, bool is_64,
                                                                   int64_t delta, uint8_t *target,
                                                                   int64_t count_whole) {
    enum { BLOCK = 4 << 10 };
    _Alignas(64) uint8_t block[BLOCK];
    int64_t width = is_64 ? 8 : 4;
    if (count_whole < ELEA__SIZE_FAR / width) {
        shift_offsets(source, count, is_64, delta, target);
        return;
    }
    for (int64_t at = 0; at < count; at += BLOCK / width) {
        int64_t part = elea__min(count - at, BLOCK / width);
        shift_offsets(source + at * width, part, is_64, delta, block);
        elea__store_far(target + at * width, block, part * width);
    }
}

// What offset, size or number of a row of a child may be at most.
static int64_t offset_max(bool is_64) { return is_64 ? INT64_MAX : INT32_MAX; }

// Fills `below` with what the offsets of each range enclose, and sums it.
static elea_status enclosed_ranges(concat_job *job, bool is_64, int64_t *total, elea_error *err) {
    *total = 0;
    for (int64_t i = 0; i < job->count; i++) {
        const elea__range *range = &job->ranges[i];
        const elea_array *array = range->array;
        int64_t first = array->offset + range->row;
        job->below[i] = (elea__range){array->child_count > 0 ? array->children[0] : NULL, 0, 0};
        if (range->length == 0)
            continue;
        const uint8_t *offsets = elea_buffer_data(array->buffers[1]);
        job->below[i].row = elea__load_offset(offsets, first, is_64);
        job->below[i].length =
            elea__load_offset(offsets, first + range->length, is_64) - job->below[i].row;
        if (elea__add_overflow(*total, job->below[i].length, total) || *total > offset_max(is_64))
            return too_large(job, is_64 ? "values" : "values or bytes for offsets of 32 bits",
                             *total, err);
    }
    return ELEA_OK;
}

static elea_status concat_offsets(concat_job *job, bool is_64, int64_t *total, elea_error *err) {
    uint8_t *target;
    int64_t width = is_64 ? 8 : 4;
    int64_t at = 0;
    ELEA_TRY(enclosed_ranges(job, is_64, total, err));
    ELEA_TRY(new_buffer(job, 1, job->length + 1, width, &target, err));
    memset(target, 0, (size_t)width);
    target += width;
    for (int64_t i = 0; i < job->count; i++) {
        const elea__range *range = &job->ranges[i];
        if (range->length == 0)
            continue;
        const uint8_t *source = elea_buffer_data(range->array->buffers[1]) +
                                (range->array->offset + range->row + 1) * width;
        int64_t delta = at - job->below[i].row;
        if (is_64)
            shift_offsets_of(source, range->length, true, delta, target, job->length);
        else
            shift_offsets_of(source, range->length, false, delta, target, job->length);
        elea__copy_count(range->length * width);
        target += range->length * width;
        at += job->below[i].length;
    }
    return ELEA_OK;
}

static elea_status concat_binary(concat_job *job, elea_error *err) {
    int64_t total;
    uint8_t *target;
    ELEA_TRY(concat_offsets(job, job->type->layout == ELEA_LAYOUT_LARGE_BINARY, &total, err));
    ELEA_TRY(new_buffer(job, 2, total, 1, &target, err));
    for (int64_t i = 0; i < job->count; i++) {
        const elea__range *below = &job->below[i];
        if (below->length == 0)
            continue;
        elea__copy_bytes_of(target, elea_buffer_data(job->ranges[i].array->buffers[2]) + below->row,
                            below->length, total);
        target += below->length;
    }
    return ELEA_OK;
}

// ---- views: the bytes behind them are shared

static bool same_buffers(const elea_array *a, const elea_array *b) {
    if (a->buffer_count != b->buffer_count)
        return false;
    for (int64_t i = 2; i < a->buffer_count; i++) {
        if (a->buffers[i] != b->buffers[i])
            return false;
    }
    return true;
}

// Slices of one array, as chunks often are, bring its byte buffers once.
static bool brings_buffers(const concat_job *job, int64_t i) {
    return i == 0 || !same_buffers(job->ranges[i - 1].array, job->ranges[i].array);
}

// Appends the byte buffers of all ranges to the list of buffers.
static elea_status share_buffers(concat_job *job, elea_error *err) {
    int64_t total = 2;
    void *list = job->buffers;
    for (int64_t i = 0; i < job->count; i++)
        total += brings_buffers(job, i) ? job->ranges[i].array->buffer_count - 2 : 0;
    if (total > INT32_MAX)
        return too_large(job, "buffers", total, err);
    int64_t width = (int64_t)sizeof(elea_buffer *);
    ELEA_TRY(elea_realloc(job->pool, job->buffer_count * width, total * width, &list, err));
    job->buffers = list;
    job->buffer_count = 2;
    for (int64_t i = 0; i < job->count; i++) {
        if (!brings_buffers(job, i))
            continue;
        const elea_array *array = job->ranges[i].array;
        for (int64_t k = 2; k < array->buffer_count; k++)
            job->buffers[job->buffer_count++] = elea_buffer_ref(array->buffers[k]);
    }
    return ELEA_OK;
}

// Adds `delta` to the buffer number of each view that has one.
static void shift_views(uint8_t *views, int64_t count, uint32_t delta) {
    for (uint8_t *view = views; view < views + count * 16; view += 16) {
        if (elea__load_int32(view, 0) > ELEA__VIEW_INLINE_MAX)
            ((uint32_t *)view)[2] += delta;
    }
}

static elea_status concat_views(concat_job *job, elea_error *err) {
    int64_t next = 0; // the number of the first buffer that is not given out yet
    int64_t base = 0; // that of the first one of this range
    ELEA_TRY(share_buffers(job, err));
    ELEA_TRY(concat_entries(job, 1, 16, err));
    uint8_t *views = elea_buffer_mutable_data(job->buffers[1]);
    for (int64_t i = 0; i < job->count; i++) {
        if (brings_buffers(job, i)) {
            base = next;
            next += job->ranges[i].array->buffer_count - 2;
        }
        if (base > 0)
            shift_views(views, job->ranges[i].length, (uint32_t)base);
        views += job->ranges[i].length * 16;
    }
    return ELEA_OK;
}

// ---- lists and structs

static elea_status concat_child(concat_job *job, int64_t child, elea_error *err) {
    return elea__ranges_concat(job->pool, job->type->children[child]->type, job->below, job->count,
                               &job->children[child], err);
}

static elea_status concat_lists(concat_job *job, elea_error *err) {
    int64_t total;
    ELEA_TRY(concat_offsets(job, job->type->layout == ELEA_LAYOUT_LARGE_LIST, &total, err));
    return concat_child(job, 0, err);
}

// Of each range what lies between the lowest and the highest row of the child that is in a list.
static elea_status viewed_ranges(concat_job *job, bool is_64, elea_error *err) {
    int64_t total = 0;
    for (int64_t i = 0; i < job->count; i++) {
        elea_span span;
        int64_t low = INT64_MAX;
        int64_t high = 0;
        elea_span_of(job->ranges[i].array, &span);
        for (int64_t row = 0; row < job->ranges[i].length; row++) {
            int64_t begin;
            int64_t size;
            elea_span_get_list(&span, job->ranges[i].row + row, &begin, &size);
            if (size > 0) {
                low = elea__min(low, begin);
                high = elea__max(high, begin + size);
            }
        }
        low = elea__min(low, high);
        job->below[i] = (elea__range){span.array->children[0], low, high - low};
        if (elea__add_overflow(total, high - low, &total) || total > offset_max(is_64))
            return too_large(job, is_64 ? "values" : "values for offsets of 32 bits", total, err);
    }
    return ELEA_OK;
}

// Lists keep their order in the child, and what they share. An empty one may point anywhere: it
// points to the beginning of its range now.
static elea_status concat_list_views(concat_job *job, elea_error *err) {
    uint8_t *targets[2];
    int64_t at = 0;
    int64_t to = 0;
    bool is_64 = job->type->layout == ELEA_LAYOUT_LARGE_LIST_VIEW;
    int64_t width = is_64 ? 8 : 4;
    ELEA_TRY(viewed_ranges(job, is_64, err));
    ELEA_TRY(new_buffer(job, 1, job->length, width, &targets[0], err));
    ELEA_TRY(new_buffer(job, 2, job->length, width, &targets[1], err));
    for (int64_t i = 0; i < job->count; i++) {
        elea_span span;
        elea_span_of(job->ranges[i].array, &span);
        for (int64_t row = 0; row < job->ranges[i].length; row++, to++) {
            int64_t begin;
            int64_t size;
            elea_span_get_list(&span, job->ranges[i].row + row, &begin, &size);
            begin = size > 0 ? begin - job->below[i].row + at : at;
            memcpy(targets[0] + to * width, is_64 ? (void *)&begin : &(int32_t){(int32_t)begin},
                   (size_t)width);
            memcpy(targets[1] + to * width, is_64 ? (void *)&size : &(int32_t){(int32_t)size},
                   (size_t)width);
        }
        elea__copy_count(job->ranges[i].length * width * 2);
        at += job->below[i].length;
    }
    return concat_child(job, 0, err);
}

static elea_status concat_fixed_size_lists(concat_job *job, elea_error *err) {
    int64_t size = job->type->fixed_size;
    int64_t total;
    if (elea__mul_overflow(job->length, size, &total))
        return too_large(job, "rows", job->length, err);
    for (int64_t i = 0; i < job->count; i++) {
        const elea__range *range = &job->ranges[i];
        job->below[i] =
            (elea__range){range->array->children[0], (range->array->offset + range->row) * size,
                          range->length * size};
    }
    return concat_child(job, 0, err);
}

// Children lie beside the rows.
static elea_status concat_structs(concat_job *job, elea_error *err) {
    for (int64_t child = 0; child < job->type->child_count; child++) {
        for (int64_t i = 0; i < job->count; i++) {
            const elea__range *range = &job->ranges[i];
            job->below[i] = (elea__range){range->array->children[child],
                                          range->array->offset + range->row, range->length};
        }
        ELEA_TRY(concat_child(job, child, err));
    }
    return ELEA_OK;
}

// ---- unions

static elea_status concat_sparse_unions(concat_job *job, elea_error *err) {
    ELEA_TRY(concat_entries(job, 0, 1, err));
    return concat_structs(job, err);
}

// The rows [low, high) of one child that one range uses.
typedef struct used_rows {
    int64_t low;
    int64_t high;
} used_rows;

// Which child each code stands for, in a table.
static void index_codes(const elea_type *type, int64_t children[ELEA__UNION_CODE_COUNT]) {
    memset(children, 0, ELEA__UNION_CODE_COUNT * sizeof *children);
    for (int64_t i = 0; i < type->child_count; i++)
        children[type->codes[i]] = i;
}

static void find_used(const elea__range *range, const int64_t *children, used_rows *used) {
    elea_span span;
    elea_span_of(range->array, &span);
    for (int64_t row = range->row; row < range->row + range->length; row++) {
        used_rows *rows = &used[children[span.buffers[1][span.offset + row]]];
        int64_t at = elea__union_child_row(&span, row);
        if (rows->high == 0)
            rows->low = at;
        rows->low = elea__min(rows->low, at);
        rows->high = elea__max(rows->high, at + 1);
    }
}

// Moves the offsets of a range by what `used` says of its rows; `bases` are the first new rows.
static int32_t *put_dense_offsets(const elea__range *range, const int64_t *children,
                                  const used_rows *used, const int64_t *bases, int32_t *target) {
    elea_span span;
    elea_span_of(range->array, &span);
    for (int64_t row = range->row; row < range->row + range->length; row++) {
        int64_t child = children[span.buffers[1][span.offset + row]];
        *target++ = (int32_t)(elea__union_child_row(&span, row) - used[child].low + bases[child]);
    }
    elea__copy_count(range->length * 4);
    return target;
}

static elea_status concat_dense(concat_job *job, used_rows *used, elea_error *err) {
    int64_t children[ELEA__UNION_CODE_COUNT];
    int64_t bases[ELEA__UNION_CODE_COUNT] = {0};
    int64_t width = job->type->child_count;
    uint8_t *offsets;
    ELEA_TRY(concat_entries(job, 0, 1, err));
    ELEA_TRY(new_buffer(job, 1, job->length, 4, &offsets, err));
    index_codes(job->type, children);
    int32_t *target = (int32_t *)offsets;
    for (int64_t i = 0; i < job->count; i++) {
        used_rows *rows = used + i * width;
        find_used(&job->ranges[i], children, rows);
        target = put_dense_offsets(&job->ranges[i], children, rows, bases, target);
        for (int64_t child = 0; child < width; child++) {
            bases[child] += rows[child].high - rows[child].low;
            if (bases[child] > INT32_MAX)
                return too_large(job, "values of one type for offsets of 32 bits", bases[child],
                                 err);
        }
    }
    for (int64_t child = 0; child < width; child++) {
        for (int64_t i = 0; i < job->count; i++) {
            const used_rows *rows = &used[i * width + child];
            job->below[i] = (elea__range){job->ranges[i].array->children[child], rows->low,
                                          rows->high - rows->low};
        }
        ELEA_TRY(concat_child(job, child, err));
    }
    return ELEA_OK;
}

static elea_status concat_dense_unions(concat_job *job, elea_error *err) {
    void *used;
    int64_t size;
    if (elea__mul_overflow(job->count, job->type->child_count * (int64_t)sizeof(used_rows), &size))
        return too_large(job, "ranges", job->count, err);
    ELEA_TRY(elea_alloc_zero(job->pool, size, &used, err));
    elea_status status = concat_dense(job, used, err);
    elea_dealloc(job->pool, used, size);
    return status;
}

// ---- dictionaries and runs

static bool one_dictionary(const concat_job *job) {
    const elea_equal_options strict = {.nans_equal = true};
    const elea_array *first = job->ranges[0].array->dictionary;
    for (int64_t i = 1; i < job->count; i++) {
        const elea_array *other = job->ranges[i].array->dictionary;
        if (first != other && !elea_array_equal(first, other, &strict))
            return false;
    }
    return true;
}

// The largest index that an index type can write.
static int64_t index_max(const elea_type *type) {
    bool is_signed = type->id == ELEA_TYPE_INT8 || type->id == ELEA_TYPE_INT16 ||
                     type->id == ELEA_TYPE_INT32 || type->id == ELEA_TYPE_INT64;
    int32_t bits = type->bit_width - is_signed;
    return bits >= 63 ? INT64_MAX : (INT64_C(1) << bits) - 1;
}

static void put_integer(uint8_t *target, int64_t at, int64_t width, int64_t value) {
    if (width == 8)
        ((int64_t *)target)[at] = value;
    else if (width == 4)
        ((uint32_t *)target)[at] = (uint32_t)value;
    else if (width == 2)
        ((uint16_t *)target)[at] = (uint16_t)value;
    else
        target[at] = (uint8_t)value;
}

// Indices into the unified dictionary; 0 under nulls.
static elea_status concat_indices(concat_job *job, const elea__unified *unified, elea_error *err) {
    uint8_t *target;
    int64_t at = 0;
    int64_t width = elea__type_width(job->type);
    ELEA_TRY(new_buffer(job, 1, job->length, width, &target, err));
    for (int64_t i = 0; i < job->count; i++) {
        elea_span span;
        elea_span_of(job->ranges[i].array, &span);
        span.id = job->type->index_type->id;
        for (int64_t row = 0; row < job->ranges[i].length; row++, at++) {
            int64_t from = job->ranges[i].row + row;
            bool valid = elea_span_is_valid(&span, from);
            put_integer(target, at, width,
                        valid ? unified->maps[i][elea_span_get_int(&span, from)] : 0);
        }
        elea__copy_count(job->ranges[i].length * width);
    }
    return ELEA_OK;
}

// The order of ordered values is known only when each dictionary continues those before it.
static elea_status check_unified(const concat_job *job, const elea__unified *unified,
                                 elea_error *err) {
    int64_t max = index_max(job->type->index_type);
    if (unified->dictionary->length - 1 > max)
        return elea_error_set(err, ELEA_ECAPACITY,
                              "the dictionaries of %lld arrays have %lld values together, and "
                              "indices of %s reach %lld",
                              (long long)job->count, (long long)unified->dictionary->length,
                              elea_type_id_name(job->type->index_type->id), (long long)max);
    for (int64_t i = 0; job->type->ordered && i < job->count; i++) {
        for (int64_t k = 0; k < job->ranges[i].array->dictionary->length; k++) {
            if (unified->maps[i][k] != k)
                return elea_error_set(err, ELEA_EINVAL,
                                      "value %lld of ordered dictionary %lld has another place in "
                                      "those before it",
                                      (long long)k, (long long)i);
        }
    }
    return ELEA_OK;
}

static elea_status concat_dictionaries(concat_job *job, elea_error *err) {
    elea__unified unified = {.dictionary = NULL};
    if (one_dictionary(job)) {
        job->dictionary = elea_array_ref(job->ranges[0].array->dictionary);
        return concat_fixed(job, err);
    }
    ELEA_TRY(elea__dictionaries_unify(job->pool, job->type->value_type, job->ranges, job->count,
                                      &unified, err));
    job->dictionary = unified.dictionary;
    elea_status status = check_unified(job, &unified, err);
    if (status == ELEA_OK)
        status = concat_indices(job, &unified, err);
    elea_dealloc(job->pool, unified.map_block, unified.map_size);
    return status;
}

// Fills `below` with the runs of each range; gives their number.
static int64_t runs_below(concat_job *job) {
    int64_t total = 0;
    for (int64_t i = 0; i < job->count; i++) {
        const elea__range *range = &job->ranges[i];
        job->below[i] = (elea__range){range->array->children[1], 0, 0};
        if (range->length == 0)
            continue;
        elea_span span;
        elea_span_of(range->array, &span);
        int64_t first = elea__run_of(&span, range->row);
        job->below[i].row = first;
        job->below[i].length = elea__run_of(&span, range->row + range->length - 1) - first + 1;
        total += job->below[i].length;
    }
    return total;
}

static void put_run_ends(const concat_job *job, int64_t width, uint8_t *target) {
    int64_t at = 0;
    int64_t rows = 0;
    for (int64_t i = 0; i < job->count; i++) {
        const elea__range *range = &job->ranges[i];
        const elea__range *below = &job->below[i];
        elea_span ends;
        elea_span_of(range->array->children[0], &ends);
        for (int64_t k = 0; k < below->length; k++) {
            int64_t end =
                elea_span_get_int(&ends, below->row + k) - (range->array->offset + range->row);
            put_integer(target, at++, width, rows + elea__min(end, range->length));
        }
        rows += range->length;
        elea__copy_count(below->length * width);
    }
}

static elea_status concat_runs(concat_job *job, elea_error *err) {
    const elea_type *type = job->type->children[0]->type;
    elea_buffer *buffer = NULL;
    int64_t width = elea__type_width(type);
    int64_t size;
    if (job->length > index_max(type))
        return too_large(job, "rows for the type of run ends", job->length, err);
    int64_t total = runs_below(job);
    if (elea__mul_overflow(total, width, &size))
        return too_large(job, "runs", total, err);
    ELEA_TRY(elea_buffer_new(job->pool, size, &buffer, err));
    put_run_ends(job, width, elea_buffer_mutable_data(buffer));
    elea_array_parts parts = {.type = type,
                              .length = total,
                              .buffers = (const elea_buffer *const[]){NULL, buffer},
                              .buffer_count = 2};
    elea_status status = elea__array_new_unchecked(job->pool, &parts, &job->children[0], err);
    elea_buffer_unref(buffer);
    return status == ELEA_OK ? concat_child(job, 1, err) : status;
}

// ---- any array

static concat_layout concat_of(elea_layout layout) {
    static const concat_layout functions[] = {
        [ELEA_LAYOUT_BIT] = concat_bit,
        [ELEA_LAYOUT_FIXED] = concat_fixed,
        [ELEA_LAYOUT_BINARY] = concat_binary,
        [ELEA_LAYOUT_LARGE_BINARY] = concat_binary,
        [ELEA_LAYOUT_BINARY_VIEW] = concat_views,
        [ELEA_LAYOUT_LIST] = concat_lists,
        [ELEA_LAYOUT_LARGE_LIST] = concat_lists,
        [ELEA_LAYOUT_LIST_VIEW] = concat_list_views,
        [ELEA_LAYOUT_LARGE_LIST_VIEW] = concat_list_views,
        [ELEA_LAYOUT_FIXED_SIZE_LIST] = concat_fixed_size_lists,
        [ELEA_LAYOUT_STRUCT] = concat_structs,
        [ELEA_LAYOUT_SPARSE_UNION] = concat_sparse_unions,
        [ELEA_LAYOUT_DENSE_UNION] = concat_dense_unions,
        [ELEA_LAYOUT_DICTIONARY] = concat_dictionaries,
        [ELEA_LAYOUT_RUN_END_ENCODED] = concat_runs,
        [ELEA_LAYOUT_EXTENSION] = NULL,
    };
    return functions[layout];
}

static elea_status job_run(concat_job *job, elea_array **out, elea_error *err) {
    concat_layout concat = concat_of(job->type->layout);
    if (elea__layout_has_validity(job->type->layout))
        ELEA_TRY(concat_validity(job, err));
    // The null type has nothing but its length.
    if (concat)
        ELEA_TRY(concat(job, err));
    elea_array_parts parts = {.type = job->type,
                              .length = job->length,
                              .null_count = job->null_count,
                              .buffers = (const elea_buffer *const *)job->buffers,
                              .buffer_count = job->buffer_count,
                              .children = (const elea_array *const *)job->children,
                              .child_count = job->type->child_count,
                              .dictionary = job->dictionary};
    return elea__array_new_unchecked(job->pool, &parts, out, err);
}

elea_status elea__ranges_concat(elea_pool *pool, const elea_type *type, const elea__range *ranges,
                                int64_t count, elea_array **out, elea_error *err) {
    elea_status status = ELEA_OK;
    void *buffers = NULL;
    void *children = NULL;
    void *below = NULL;
    concat_job job = {.pool = pool, .type = type, .ranges = ranges, .count = count};
    int64_t below_size = count * (int64_t)sizeof(elea__range);
    int64_t child_size = type->child_count * (int64_t)sizeof(elea_array *);
    if (count == 0)
        return elea_array_new_null(pool, type, 0, out, err);
    for (int64_t i = 0; i < count; i++) {
        if (elea__add_overflow(job.length, ranges[i].length, &job.length))
            return too_large(&job, "rows", INT64_MAX, err);
    }
    job.buffer_count = (int64_t)strlen(elea_layout_buffers(type->layout));
    ELEA_GOTO(done, elea_alloc_zero(pool, job.buffer_count * (int64_t)sizeof(elea_buffer *),
                                    &buffers, err));
    job.buffers = buffers;
    ELEA_GOTO(done, elea_alloc_zero(pool, child_size, &children, err));
    job.children = children;
    ELEA_GOTO(done, elea_alloc(pool, below_size, &below, err));
    job.below = below;
    ELEA_GOTO(done, job_run(&job, out, err));

done:
    for (int64_t i = 0; job.buffers && i < job.buffer_count; i++)
        elea_buffer_unref(job.buffers[i]);
    for (int64_t i = 0; job.children && i < type->child_count; i++)
        elea_array_unref(job.children[i]);
    elea_array_unref(job.dictionary);
    elea_dealloc(pool, job.buffers, job.buffer_count * (int64_t)sizeof(elea_buffer *));
    elea_dealloc(pool, children, child_size);
    elea_dealloc(pool, below, below_size);
    return status;
}

static elea_status check_types(const elea_array *const *arrays, int64_t count, elea_error *err) {
    for (int64_t i = 1; i < count; i++) {
        if (!elea_type_equal(arrays[i]->type, arrays[0]->type, false))
            return elea_error_set(err, ELEA_ETYPE, "array %lld is %s, the first is %s",
                                  (long long)i, elea_type_id_name(arrays[i]->type->id),
                                  elea_type_id_name(arrays[0]->type->id));
    }
    return ELEA_OK;
}

elea_status elea_array_concat(elea_pool *pool, const elea_array *const *arrays, int64_t count,
                              elea_array **out, elea_error *err) {
    int64_t size;
    void *table;
    if (count < 1)
        return elea_error_set(err, ELEA_EINVAL, "concat of %lld arrays, expected at least one",
                              (long long)count);
    ELEA_TRY(check_types(arrays, count, err));
    if (elea__mul_overflow(count, (int64_t)sizeof(elea__range), &size))
        return elea_error_set(err, ELEA_ECAPACITY, "concat of %lld arrays", (long long)count);
    ELEA_TRY(elea_alloc(pool, size, &table, err));
    elea__range *ranges = table;
    int64_t used = 0;
    for (int64_t i = 0; i < count; i++) {
        if (arrays[i]->length > 0)
            ranges[used++] = (elea__range){arrays[i], 0, arrays[i]->length};
    }
    elea_status status = ELEA_OK;
    if (used < 2)
        *out = elea_array_ref(used == 1 ? ranges[0].array : arrays[0]);
    else
        status = elea__ranges_concat(pool, arrays[0]->type, ranges, used, out, err);
    elea_dealloc(pool, table, size);
    return status;
}

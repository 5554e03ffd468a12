// SPDX-License-Identifier: Apache-2.0
//
// What a builder is made of. builder.c holds what all layouts share: rows that grow, validity,
// nulls, finishing. Each family of layouts adds its operations in a file of its own.
//
// An append first makes room everywhere it will write, children included, and then writes; only the
// first half can fail, and it changes nothing but capacities. That is why a failed append leaves
// the builder as it was.
#ifndef ELEA_COLUMNAR_BUILDER_INTERNAL_H
#define ELEA_COLUMNAR_BUILDER_INTERNAL_H

#include "columnar/array_internal.h"

// Memory of the pool that will be a buffer.
typedef struct elea__block {
    uint8_t *data; // NULL while nothing was allocated
    int64_t size;  // as asked of the pool
} elea__block;

// The byte buffers of a view builder that are full, and the size of the next one.
typedef struct elea__sealed {
    elea_buffer **buffers;
    int64_t count;
    int64_t capacity;
    int64_t block_size;
} elea__sealed;

// Values of a C array: of a fixed width, or behind offsets; or rows, by their offsets.
typedef struct elea__bulk {
    const uint8_t *data;
    const void *offsets; // count + 1, checked; NULL: values of a fixed width
    bool is_64;          // offsets
    bool is_bits;        // bytes that are 0 or not
    int64_t width;       // bytes of a value, without offsets
    const uint8_t *validity;
    int64_t count;
} elea__bulk;

typedef struct elea__builder_ops {
    elea_status (*append_int)(elea_builder *, int64_t, elea_error *);
    elea_status (*append_uint)(elea_builder *, uint64_t, elea_error *);
    elea_status (*append_double)(elea_builder *, double, elea_error *);
    elea_status (*append_bytes)(elea_builder *, elea_bytes, elea_error *);
    elea_status (*append_row)(elea_builder *, elea_error *);
    // All or nothing; NULL where one by one will do.
    elea_status (*append_bulk)(elea_builder *, const elea__bulk *, elea_error *);
    elea_status (*append_rows)(elea_builder *, const elea__bulk *, elea_error *);
    bool has_offsets; // of append_rows()
    // Room below the rows themselves for so many values (bytes of text) or nulls.
    elea_status (*reserve)(elea_builder *, int64_t values, int64_t bytes, elea_error *);
    elea_status (*reserve_nulls)(elea_builder *, int64_t count, elea_error *);
    // Writes what null rows need beside zeros and validity. Room is there; cannot fail.
    void (*put_nulls)(elea_builder *, int64_t count);
    // How many values a child holds when `rows` rows are closed; the operation below comes first
    // when that is fewer than there are.
    int64_t (*child_length)(const elea_builder *, int64_t child, int64_t rows);
    // Brings what is kept beside the rows back to its state at `rows` rows. Its children follow.
    void (*forget)(elea_builder *, int64_t rows);
} elea__builder_ops;

// Which values a dictionary builder has: their row numbers, placed by hash; -1 where none is.
typedef struct elea__value_table {
    int64_t *slots;
    int64_t capacity; // a power of two, at least twice the values; or 0
} elea__value_table;

// Arrays that were cut off.
typedef struct elea__chunks {
    elea_array **arrays;
    int64_t count;
    int64_t capacity;
    bool is_automatic; // when bytes do not fit
} elea__chunks;

struct elea_builder {
    const elea__builder_ops *ops;
    int64_t length;
    int64_t capacity;      // rows that fit without allocating
    elea__block blocks[3]; // validity (from the first null on), then in the layout's order
    int64_t null_count;    // zeros in the validity bitmap
    int64_t byte_size;     // used of the bytes that offsets or views point into
    int32_t row_bits[3];   // bits a row takes in each block; 0: not laid out by rows
    bool end_offset;       // blocks[1] has one entry more than rows, and begins with 0
    elea_pool *pool;
    elea_type *type;
    elea__sealed sealed;
    elea__value_table table;
    elea__chunks chunks; // of the builder at the top
    int64_t child_count;
    elea_builder **children; // of a dictionary: one, the values
    int64_t *closed; // of a dense union or dictionary: the values of each child that are in rows
    int64_t allocated;
};

// The operations of each family; `fixed` depends on the type.
const elea__builder_ops *elea__builder_fixed_ops(const elea_type *type);
extern const elea__builder_ops elea__builder_null_ops;
extern const elea__builder_ops elea__builder_binary_ops;
extern const elea__builder_ops elea__builder_view_ops;
extern const elea__builder_ops elea__builder_list_ops;
extern const elea__builder_ops elea__builder_fixed_size_list_ops;
extern const elea__builder_ops elea__builder_struct_ops;
extern const elea__builder_ops elea__builder_list_view_ops;
extern const elea__builder_ops elea__builder_union_ops;
extern const elea__builder_ops elea__builder_dictionary_ops;
extern const elea__builder_ops elea__builder_run_ops;

// Makes room for `count` more rows. Use elea__builder_room().
ELEA_CHECKED elea_status elea__builder_grow(elea_builder *builder, int64_t count, elea_error *err);
// Makes `block` at least `needed` bytes large, doubling.
ELEA_CHECKED elea_status elea__block_grow(elea_pool *pool, elea__block *block, int64_t needed,
                                          elea_error *err);
// Starts the validity bitmap, with ones so far, unless it is there.
ELEA_CHECKED elea_status elea__builder_begin_validity(elea_builder *builder, elea_error *err);
// Makes a buffer of the bytes of a view builder that are in its block.
ELEA_CHECKED elea_status elea__builder_seal(elea_builder *builder, elea_error *err);
// The two halves of appending nulls.
ELEA_CHECKED elea_status elea__builder_reserve_nulls(elea_builder *builder, int64_t count,
                                                     elea_error *err);
void elea__builder_put_nulls(elea_builder *builder, int64_t count);
// What operations that a type does not have answer.
ELEA_CHECKED elea_status elea__builder_wrong_type(const elea_builder *builder, const char *what,
                                                  elea_error *err);
// ELEA_EINVAL when children hold values that are in no row yet.
ELEA_CHECKED elea_status elea__builder_check_closed(const elea_builder *builder, elea_error *err);
// The array of the rows in no chunk; elea_builder_finish() once there are no chunks.
ELEA_CHECKED elea_status elea__builder_finish_rows(elea_builder *builder, elea_array **out,
                                                   elea_error *err);
void elea__builder_drop_chunks(elea_builder *builder);
// Forgets all rows from `length` on.
void elea__builder_truncate(elea_builder *builder, int64_t length);

// ---- bulks

// Room for `count` rows, and a validity bitmap when one of them is null. The count is checked.
ELEA_CHECKED elea_status elea__builder_bulk_room(elea_builder *builder, const uint8_t *validity,
                                                 int64_t count, int64_t *nulls, elea_error *err);
// Closes rows whose values are written.
void elea__builder_put_rows(elea_builder *builder, const uint8_t *validity, int64_t nulls,
                            int64_t count);
elea_bytes elea__bulk_value(const elea__bulk *bulk, int64_t index);
ELEA_CHECKED elea_status elea__bulk_append_one(const elea__bulk *bulk, int64_t index,
                                               elea_builder *builder, elea_error *err);

// ---- values of rows

// Whether a value is told by its own bytes: numbers, texts; not of nested types.
bool elea__builder_has_key(const elea_builder *builder);
// Those bytes.
elea_bytes elea__builder_key(const elea_builder *builder, int64_t row);
bool elea__builder_key_is(const elea_builder *builder, int64_t row, elea_bytes key);
// By validity, or as all of the null type; unions and encoded values never are.
bool elea__builder_is_null(const elea_builder *builder, int64_t row);
// Of any value; of one with a key it is elea_hash64() of that, with seed 0.
uint64_t elea__builder_hash(const elea_builder *builder, int64_t row);
bool elea__builder_rows_equal(const elea_builder *builder, int64_t a, int64_t b);

static inline elea_status elea__builder_room(elea_builder *builder, int64_t count,
                                             elea_error *err) {
    if (__builtin_expect(count <= builder->capacity - builder->length, 1))
        return ELEA_OK;
    return elea__builder_grow(builder, count, err);
}

// Closes a valid row whose values are written.
static inline void elea__builder_put_valid(elea_builder *builder) {
    if (builder->blocks[0].data)
        elea_bit_set(builder->blocks[0].data, builder->length);
    builder->length++;
}

// As elea_array_null_count() will tell it.
static inline int64_t elea__builder_null_count(const elea_builder *builder) {
    return builder->type->layout == ELEA_LAYOUT_NULL ? builder->length : builder->null_count;
}

// The entry behind the last row of an offsets block: where the next value begins.
static inline int64_t elea__builder_end_offset(const elea_builder *builder, int64_t row) {
    return builder->blocks[1].data
               ? elea__load_offset(builder->blocks[1].data, row, builder->row_bits[1] == 64)
               : 0;
}
static inline void elea__builder_put_offset(elea_builder *builder, int block, int64_t row,
                                            int64_t offset) {
    if (builder->row_bits[block] == 64)
        ((int64_t *)builder->blocks[block].data)[row] = offset;
    else
        ((int32_t *)builder->blocks[block].data)[row] = (int32_t)offset;
}
// The end of a run, in the builder of the run ends.
static inline int64_t elea__builder_run_end(const elea_builder *ends, int64_t run) {
    const uint8_t *data = ends->blocks[1].data;
    if (ends->row_bits[1] != 16)
        return elea__load_offset(data, run, ends->row_bits[1] == 64);
    int16_t end;
    __builtin_memcpy(&end, data + run * 2, sizeof end);
    return end;
}
// The largest offset of the layout.
static inline int64_t elea__builder_offset_max(const elea_builder *builder) {
    return builder->row_bits[1] == 64 ? INT64_MAX : INT32_MAX;
}

#endif // ELEA_COLUMNAR_BUILDER_INTERNAL_H

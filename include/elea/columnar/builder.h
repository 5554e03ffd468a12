// SPDX-License-Identifier: Apache-2.0
//
// Memory that grows and becomes an array. Part of elea/columnar.h.
#ifndef ELEA_COLUMNAR_BUILDER_H
#define ELEA_COLUMNAR_BUILDER_H

#include <elea/columnar/table.h>

#ifdef __cplusplus
extern "C" {
#endif

// Makes an array of any type by appending. After a failed append the builder is as before and can
// go on. Values appended to a builder of a dictionary or of run-end encoded values are those of the
// encoded type; equal ones, by their bytes, are written once: in a dictionary, or in a run.
typedef struct elea_builder elea_builder;

ELEA_API ELEA_CHECKED elea_status elea_builder_new(elea_pool *pool, const elea_type *type,
                                                   elea_builder **out, elea_error *err);
ELEA_API void elea_builder_free(elea_builder *builder);
ELEA_API const elea_type *elea_builder_type(const elea_builder *builder);
ELEA_API int64_t elea_builder_length(const elea_builder *builder);
// Room for so many more values (and bytes of text), so that appending them does not allocate; in
// the children of structs and fixed-size lists and in encoded values, too. Children of lists and
// unions are reserved by themselves.
ELEA_API ELEA_CHECKED elea_status elea_builder_reserve(elea_builder *builder, int64_t values,
                                                       int64_t bytes, elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_builder_append_null(elea_builder *builder, elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_builder_append_nulls(elea_builder *builder, int64_t count,
                                                            elea_error *err);
// Bool, integers, dates, times, timestamps, and floats (converted). ELEA_ECAPACITY when the value
// does not fit, ELEA_ETYPE for another type.
ELEA_API ELEA_CHECKED elea_status elea_builder_append_int(elea_builder *builder, int64_t value,
                                                          elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_builder_append_uint(elea_builder *builder, uint64_t value,
                                                           elea_error *err);
// Floats of any width, rounded to nearest.
ELEA_API ELEA_CHECKED elea_status elea_builder_append_double(elea_builder *builder, double value,
                                                             elea_error *err);
// Binary and utf8 in all layouts (not checked for UTF-8: elea_array_validate() does); and the bytes
// of one value of any other type that is no number to C: fixed-size binary, decimals and intervals,
// little-endian (ELEA_EINVAL when they are not as many as the type's). ELEA_ECAPACITY past 2 GiB
// where offsets have 32 bits.
ELEA_API ELEA_CHECKED elea_status elea_builder_append_bytes(elea_builder *builder, elea_bytes value,
                                                            elea_error *err);
// Many rows at once, from C arrays; all of them or, when that fails, none. `validity` is a bitmap
// beginning at bit 0, or NULL: no nulls.
//
// `count` values of a fixed-width type (bool: bytes 0 or 1), or of a dictionary or runs of such.
ELEA_API ELEA_CHECKED elea_status elea_builder_append_values(elea_builder *builder,
                                                             const void *values,
                                                             const uint8_t *validity, int64_t count,
                                                             elea_error *err);
// `count` values of whatever elea_builder_append_bytes() takes, or of a dictionary or runs of such:
// number i is the bytes from data + offsets[i] up to data + offsets[i + 1], as in an Arrow array.
// ELEA_EINVAL for offsets that fall.
ELEA_API ELEA_CHECKED elea_status elea_builder_append_binaries(elea_builder *builder,
                                                               const void *data,
                                                               const int32_t *offsets,
                                                               const uint8_t *validity,
                                                               int64_t count, elea_error *err);
ELEA_API ELEA_CHECKED elea_status
elea_builder_append_large_binaries(elea_builder *builder, const void *data, const int64_t *offsets,
                                   const uint8_t *validity, int64_t count, elea_error *err);
// The builder of a child: append to it first, then close the row of the parent with
// elea_builder_append_row(). A map's child 0 is the entries struct, a dictionary's its values.
ELEA_API elea_builder *elea_builder_child(elea_builder *builder, int64_t index);
// A row of a list or map: what was appended to the child since the last row. Of a struct: exactly
// one value in each child since the last; of a fixed-size list: exactly its size; of a dictionary
// or of run-end encoded values: exactly one value (ELEA_EINVAL otherwise), where a null one makes a
// null row. A null row appends what the children need by itself.
ELEA_API ELEA_CHECKED elea_status elea_builder_append_row(elea_builder *builder, elea_error *err);
// `count` rows around what was appended to the children since the last row. Row i of a list or map
// has the values from offsets[i] to offsets[i + 1], counted from any number: all offsets together
// reach over exactly the values there are (ELEA_EINVAL otherwise). Of a struct or fixed-size list
// `offsets` is NULL, and null rows have values in the children, too.
ELEA_API ELEA_CHECKED elea_status elea_builder_append_rows(elea_builder *builder,
                                                           const int32_t *offsets,
                                                           const uint8_t *validity, int64_t count,
                                                           elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_builder_append_large_rows(elea_builder *builder,
                                                                 const int64_t *offsets,
                                                                 const uint8_t *validity,
                                                                 int64_t count, elea_error *err);
// A row of a union: the one value that was appended to child `child` since the last row. The other
// children of a sparse union get a null by themselves. ELEA_EINVAL when it is not exactly one.
ELEA_API ELEA_CHECKED elea_status elea_builder_append_union(elea_builder *builder, int64_t child,
                                                            elea_error *err);
// `count` rows of a union: row i is the next value of the child that codes[i] stands for, of a
// dense union; of a sparse one the children have a value for each row. ELEA_EINVAL when they have
// more or fewer, or for a code that the type does not have.
ELEA_API ELEA_CHECKED elea_status elea_builder_append_unions(elea_builder *builder,
                                                             const int8_t *codes, int64_t count,
                                                             elea_error *err);
// `length` rows of run-end encoded values: of the one value that was appended to child 1.
ELEA_API ELEA_CHECKED elea_status elea_builder_append_run(elea_builder *builder, int64_t length,
                                                          elea_error *err);
// `count` runs, as they are: number i has lengths[i] rows, at least 1, of value i of those that
// were appended to child 1 since the last run, which are `count` (ELEA_EINVAL otherwise).
ELEA_API ELEA_CHECKED elea_status elea_builder_append_runs(elea_builder *builder,
                                                           const int64_t *lengths, int64_t count,
                                                           elea_error *err);
// Drops what was appended to the children since the last row: after a row that could not be closed.
ELEA_API void elea_builder_discard_row(elea_builder *builder);
// The array; the builder is empty then and can be used again. ELEA_EINVAL when children hold values
// that are in no row. After a failure the builder is as before.
ELEA_API ELEA_CHECKED elea_status elea_builder_finish(elea_builder *builder, elea_array **out,
                                                      elea_error *err);
// Chunks: how to go on where one array is full (2 GiB behind 32-bit offsets, indices of a
// dictionary, run ends). elea_builder_end_chunk() cuts the rows off as an array that the builder
// keeps, and goes on with none (without rows it does nothing); call it when an append gave
// ELEA_ECAPACITY, after elea_builder_discard_row() where the row was nested, and append again. A
// builder that is set to be chunked (by default it is not) does so by itself when bytes, or values
// or bytes in bulk, do not fit. elea_builder_length() counts the rows since the last cut;
// elea_builder_finish() is for builders without chunks. Only for the builder at the top.
ELEA_API void elea_builder_set_chunked(elea_builder *builder, bool chunked);
ELEA_API ELEA_CHECKED elea_status elea_builder_end_chunk(elea_builder *builder, elea_error *err);
// All chunks, the rows since the last cut as one of them. After a failure nothing is lost.
ELEA_API ELEA_CHECKED elea_status elea_builder_finish_chunked(elea_builder *builder,
                                                              elea_chunked_array **out,
                                                              elea_error *err);
// Forgets what was appended, chunks too, and keeps the memory.
ELEA_API void elea_builder_reset(elea_builder *builder);

#ifdef __cplusplus
}
#endif

#endif // ELEA_COLUMNAR_BUILDER_H

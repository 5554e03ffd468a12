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
// encoded type; equal ones are written once (in a dictionary: values that are not nested).
typedef struct elea_builder elea_builder;

ELEA_API ELEA_CHECKED elea_status elea_builder_new(elea_pool *pool, const elea_type *type,
                                                   elea_builder **out, elea_error *err);
ELEA_API void elea_builder_free(elea_builder *builder);
ELEA_API const elea_type *elea_builder_type(const elea_builder *builder);
ELEA_API int64_t elea_builder_length(const elea_builder *builder);
// Room for so many more values (and bytes of text), so that appending them does not allocate.
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
// `count` values of a fixed-width type from a C array of them (bool: bytes 0 or 1); `validity` is a
// bitmap beginning at bit 0, or NULL.
ELEA_API ELEA_CHECKED elea_status elea_builder_append_values(elea_builder *builder,
                                                             const void *values,
                                                             const uint8_t *validity, int64_t count,
                                                             elea_error *err);
// The builder of a child: append to it first, then close the row of the parent with
// elea_builder_append_row(). A map's child 0 is the entries struct.
ELEA_API elea_builder *elea_builder_child(elea_builder *builder, int64_t index);
// A row of a list or map: what was appended to the child since the last row. Of a struct: exactly
// one value in each child since the last; of a fixed-size list: exactly its size (ELEA_EINVAL
// otherwise). A null row appends what the children need by itself.
ELEA_API ELEA_CHECKED elea_status elea_builder_append_row(elea_builder *builder, elea_error *err);
// A row of a union: the one value that was appended to child `child` since the last row. The other
// children of a sparse union get a null by themselves. ELEA_EINVAL when it is not exactly one.
ELEA_API ELEA_CHECKED elea_status elea_builder_append_union(elea_builder *builder, int64_t child,
                                                            elea_error *err);
// `length` rows of run-end encoded values: of the one value that was appended to child 1.
ELEA_API ELEA_CHECKED elea_status elea_builder_append_run(elea_builder *builder, int64_t length,
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
// builder that is set to be chunked (by default it is not) does so by itself when
// elea_builder_append_bytes() does not fit. elea_builder_length() counts the rows since the last
// cut; elea_builder_finish() is for builders without chunks. Only for the builder at the top.
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

// SPDX-License-Identifier: Apache-2.0
//
// Arrays one after the other (chunked array), side by side (record batch), both (table), and one
// batch at a time (record stream). Part of elea/columnar.h.
#ifndef ELEA_COLUMNAR_TABLE_H
#define ELEA_COLUMNAR_TABLE_H

#include <elea/columnar/array.h>
#include <elea/columnar/schema.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- chunked array

typedef struct elea_chunked_array elea_chunked_array;

// All chunks have type `type`; there may be none.
ELEA_API ELEA_CHECKED elea_status elea_chunked_array_new(elea_pool *pool, const elea_type *type,
                                                         const elea_array *const *chunks,
                                                         int64_t count, elea_chunked_array **out,
                                                         elea_error *err);
ELEA_API elea_chunked_array *elea_chunked_array_ref(const elea_chunked_array *array);
ELEA_API void elea_chunked_array_unref(elea_chunked_array *array);
ELEA_API const elea_type *elea_chunked_array_type(const elea_chunked_array *array);
ELEA_API int64_t elea_chunked_array_length(const elea_chunked_array *array);
ELEA_API int64_t elea_chunked_array_null_count(const elea_chunked_array *array);
ELEA_API int64_t elea_chunked_array_chunk_count(const elea_chunked_array *array);
ELEA_API const elea_array *elea_chunked_array_chunk(const elea_chunked_array *array, int64_t index);
// Finds the chunk that holds row `row` and the row inside it. O(log chunks).
ELEA_API void elea_chunked_array_locate(const elea_chunked_array *array, int64_t row,
                                        int64_t *chunk, int64_t *row_in_chunk);
ELEA_API ELEA_CHECKED elea_status elea_chunked_array_slice(const elea_chunked_array *array,
                                                           int64_t offset, int64_t length,
                                                           elea_chunked_array **out,
                                                           elea_error *err);
// The same values, however they are cut.
ELEA_API ELEA_CHECKED elea_status elea_chunked_array_equal(const elea_chunked_array *a,
                                                           const elea_chunked_array *b,
                                                           const elea_equal_options *options,
                                                           bool *out, elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_chunked_array_validate(const elea_chunked_array *array,
                                                              elea_validation validation,
                                                              elea_error *err);

// All rows in one array, by elea_array_concat().
ELEA_API ELEA_CHECKED elea_status elea_chunked_array_combine(elea_pool *pool,
                                                             const elea_chunked_array *array,
                                                             elea_array **out, elea_error *err);

// ---- record batch

typedef struct elea_record_batch elea_record_batch;

// One array for each field of the schema, each of `length` rows and the field's type.
ELEA_API ELEA_CHECKED elea_status elea_record_batch_new(elea_pool *pool, const elea_schema *schema,
                                                        int64_t length,
                                                        const elea_array *const *columns,
                                                        elea_record_batch **out, elea_error *err);
ELEA_API elea_record_batch *elea_record_batch_ref(const elea_record_batch *batch);
ELEA_API void elea_record_batch_unref(elea_record_batch *batch);
ELEA_API const elea_schema *elea_record_batch_schema(const elea_record_batch *batch);
ELEA_API int64_t elea_record_batch_length(const elea_record_batch *batch);
ELEA_API int64_t elea_record_batch_column_count(const elea_record_batch *batch);
ELEA_API const elea_array *elea_record_batch_column(const elea_record_batch *batch, int64_t index);
ELEA_API ELEA_CHECKED elea_status elea_record_batch_slice(const elea_record_batch *batch,
                                                          int64_t offset, int64_t length,
                                                          elea_record_batch **out, elea_error *err);
// The columns with these indices, in that order.
ELEA_API ELEA_CHECKED elea_status elea_record_batch_select(const elea_record_batch *batch,
                                                           const int64_t *indices, int64_t count,
                                                           elea_record_batch **out,
                                                           elea_error *err);
ELEA_API bool elea_record_batch_equal(const elea_record_batch *a, const elea_record_batch *b,
                                      const elea_equal_options *options);
ELEA_API ELEA_CHECKED elea_status elea_record_batch_validate(const elea_record_batch *batch,
                                                             elea_validation validation,
                                                             elea_error *err);
// As for schemas; the columns are shared.
ELEA_API ELEA_CHECKED elea_status elea_record_batch_insert_column(
    elea_pool *pool, const elea_record_batch *batch, int64_t index, const elea_field *field,
    const elea_array *column, elea_record_batch **out, elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_record_batch_remove_column(elea_pool *pool,
                                                                  const elea_record_batch *batch,
                                                                  int64_t index,
                                                                  elea_record_batch **out,
                                                                  elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_record_batch_rename_columns(
    elea_pool *pool, const elea_record_batch *batch, const char *const *names, int64_t count,
    elea_record_batch **out, elea_error *err);

// ---- table

typedef struct elea_table elea_table;

// One chunked array for each field, each of `length` rows; chunks may differ between columns.
ELEA_API ELEA_CHECKED elea_status elea_table_new(elea_pool *pool, const elea_schema *schema,
                                                 int64_t length,
                                                 const elea_chunked_array *const *columns,
                                                 elea_table **out, elea_error *err);
// One chunk a batch, nothing copied. All batches have `schema` (metadata aside); there may be none.
ELEA_API ELEA_CHECKED elea_status elea_table_new_from_batches(
    elea_pool *pool, const elea_schema *schema, const elea_record_batch *const *batches,
    int64_t count, elea_table **out, elea_error *err);
ELEA_API elea_table *elea_table_ref(const elea_table *table);
ELEA_API void elea_table_unref(elea_table *table);
ELEA_API const elea_schema *elea_table_schema(const elea_table *table);
ELEA_API int64_t elea_table_length(const elea_table *table);
ELEA_API int64_t elea_table_column_count(const elea_table *table);
ELEA_API const elea_chunked_array *elea_table_column(const elea_table *table, int64_t index);
// NULL unless exactly one column has the name.
ELEA_API const elea_chunked_array *elea_table_column_named(const elea_table *table,
                                                           const char *name);
ELEA_API ELEA_CHECKED elea_status elea_table_slice(const elea_table *table, int64_t offset,
                                                   int64_t length, elea_table **out,
                                                   elea_error *err);
// The columns with these names, in that order; `names` ends with NULL. ELEA_ENOTFOUND names the
// missing one and lists those there are.
ELEA_API ELEA_CHECKED elea_status elea_table_select(const elea_table *table,
                                                    const char *const *names, elea_table **out,
                                                    elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_table_equal(const elea_table *a, const elea_table *b,
                                                   const elea_equal_options *options, bool *out,
                                                   elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_table_validate(const elea_table *table,
                                                      elea_validation validation, elea_error *err);
// As for schemas; the columns are shared.
ELEA_API ELEA_CHECKED elea_status elea_table_insert_column(elea_pool *pool, const elea_table *table,
                                                           int64_t index, const elea_field *field,
                                                           const elea_chunked_array *column,
                                                           elea_table **out, elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_table_remove_column(elea_pool *pool, const elea_table *table,
                                                           int64_t index, elea_table **out,
                                                           elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_table_rename_columns(elea_pool *pool,
                                                            const elea_table *table,
                                                            const char *const *names, int64_t count,
                                                            elea_table **out, elea_error *err);
// Every column in one chunk, by elea_array_concat(); in several where one would be too large for
// its type. A column of one chunk is shared.
ELEA_API ELEA_CHECKED elea_status elea_table_combine_chunks(elea_pool *pool,
                                                            const elea_table *table,
                                                            elea_table **out, elea_error *err);

// ---- record stream

// Batches of one schema, one after the other. To make one, put this first in a struct of yours.
typedef struct elea_record_stream elea_record_stream;

typedef struct elea_record_stream_ops {
    // Borrowed, the same for the life of the stream.
    const elea_schema *(*schema)(elea_record_stream *stream);
    // The next batch, or *out = NULL at the end. After a failure the stream gives nothing more.
    elea_status (*next)(elea_record_stream *stream, elea_record_batch **out, elea_error *err);
    void (*free)(elea_record_stream *stream);
} elea_record_stream_ops;

struct elea_record_stream {
    const elea_record_stream_ops *ops;
};

ELEA_API const elea_schema *elea_record_stream_schema(elea_record_stream *stream);
ELEA_API ELEA_CHECKED elea_status elea_record_stream_next(elea_record_stream *stream,
                                                          elea_record_batch **out, elea_error *err);
ELEA_API void elea_record_stream_free(elea_record_stream *stream);
// The rows of a table in batches of at most `batch_length` (0: as its chunks fall), as views.
ELEA_API ELEA_CHECKED elea_status elea_record_stream_new_from_table(elea_pool *pool,
                                                                    const elea_table *table,
                                                                    int64_t batch_length,
                                                                    elea_record_stream **out,
                                                                    elea_error *err);
// All that is left of a stream, nothing copied. The stream is not freed.
ELEA_API ELEA_CHECKED elea_status elea_table_new_from_stream(elea_pool *pool,
                                                             elea_record_stream *stream,
                                                             elea_table **out, elea_error *err);

#ifdef __cplusplus
}
#endif

#endif // ELEA_COLUMNAR_TABLE_H

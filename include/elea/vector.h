// SPDX-License-Identifier: Apache-2.0
//
// Similarity over rows of vectors that lie where they are: in a mapped file, an array's buffer, or
// the caller's memory. All scores, or the best k, of a block of queries. Exact; nothing is copied.
//
// What a score is, to the bit. A row and a query, both widened to float32, are thought of as padded
// with zeros to a multiple of 16. Lane l (0..15) sums the products of the elements l, l + 16, ...
// in that order with fused multiply-add, starting from +0; then lane l + 8 is added to lane l, l +
// 4 to l, l + 2 to l, and 1 to 0. Every instruction set and every number of threads does just this,
// so that scores and order are the same bits everywhere. With u = 2^-24, m = ceil(dimension / 16)
// and nothing over- or underflowing, an inner product differs from the exact one by at most (m + 4)
// u / (1 - (m + 4) u) times the sum of the absolute products. A cosine is dot / (|query| * |row|),
// with lengths from the same sum and a square root: it differs from the exact one by at most about
// (2 m + 12) u, which is 3.6e-6 at 384 dimensions. It is not clamped: a vector with itself may
// score 1.0000001.
//
// What matches. A score that is NaN never matches, so neither does a row or query with a NaN.
// A null row, a null query, and a row that the filter leaves out never match. Under cosine a vector
// of length zero or infinity has no direction: its score is NaN, it never matches. -0 equals +0.
#ifndef ELEA_VECTOR_H
#define ELEA_VECTOR_H

#include <elea/columnar.h>

#ifdef __cplusplus
extern "C" {
#endif

// What is compared. A larger score is a better one; a distance (squared Euclidean is the next to
// come) will be given with its sign turned.
typedef enum elea_vector_metric {
    ELEA_VECTOR_COSINE = 0,
    ELEA_VECTOR_INNER_PRODUCT = 1,
} elea_vector_metric;

typedef enum elea_vector_element {
    ELEA_VECTOR_FLOAT16 = 0,
    ELEA_VECTOR_FLOAT32 = 1,
} elea_vector_element;

// Rows of one dimension, borrowed. {0} is no rows at all. Bytes between and behind the rows are
// never read, so that the last row may end where its mapping ends; nothing needs to be aligned.
typedef struct elea_vectors {
    const void *values;          // the first row
    int64_t count;               // rows
    int64_t stride_bytes;        // from row to row; 0: they lie one after the other
    int32_t dimension;           // elements in a row, at least 1 where there are rows
    elea_vector_element element; // of all values
    const uint8_t *validity;     // bit validity_offset + i: row i is not null; NULL: none is
    int64_t validity_offset;     // in bits
    const float *norms;          // of each row, from elea_vector_norms(), or NULL: found on the way
    bool unit_length;            // the caller's word that rows have length 1: no norm is used
} elea_vectors;

// The rows of an array of type fixed_size_list<float16 or float32>, slices and nulls included, as a
// view of its buffers: nothing is copied, and the array must outlive it. A chunked array gives one
// view for each chunk. Norms and unit_length are left for the caller to set. ELEA_ETYPE for another
// type; ELEA_EINVAL when a row that is not null has a null element.
ELEA_API ELEA_CHECKED elea_status elea_vectors_of_array(const elea_array *array, elea_vectors *out,
                                                        elea_error *err);

typedef struct elea_vector_hit {
    int64_t row; // counted through all chunks
    float score;
} elea_vector_hit;

typedef struct elea_vector_options {
    const uint8_t *filter;     // bit filter_offset + row, counted through all chunks: 1 lets the
    int64_t filter_offset;     // row match, 0 keeps it out, unread; NULL: all rows may match
    elea_thread_pool *threads; // NULL: the default pool
    const elea_cancel *cancel; // NULL: cannot be cancelled
    elea_pool *pool;           // for scratch space, all given back at the end; NULL: the default
} elea_vector_options;

ELEA_API void elea_vector_options_init(elea_vector_options *options);

// The k best rows of each query: score descending, rows of equal score by number ascending.
// `chunks` (chunk_count of them, any of them empty, elements and flags may differ) are searched as
// one run of rows; `queries` are the rows of one view, its norms and unit_length are heeded. Query
// q's hits go to hits[q * k] and on, their number, min(k, rows that match), to hit_counts[q].
// Several queries at once share the reading of the rows. On failure what is in `hits` and
// `hit_counts` is undefined. ELEA_EINVAL: k negative, a bad view, or another dimension than the
// queries have (both numbers are in the message); ELEA_ECAPACITY: sizes that overflow;
// ELEA_ECANCELLED; ELEA_ENOMEM.
ELEA_API ELEA_CHECKED elea_status elea_vector_top_k(const elea_vectors *chunks, int64_t chunk_count,
                                                    const elea_vectors *queries, int64_t k,
                                                    elea_vector_metric metric,
                                                    const elea_vector_options *options,
                                                    elea_vector_hit *hits, int64_t *hit_counts,
                                                    elea_error *err);

// Every score: that of query q and row r goes to scores[q * row_count + r], where row_count is the
// number of rows in all chunks. NaN where nothing can match (see above). Errors as above.
ELEA_API ELEA_CHECKED elea_status elea_vector_scores(
    const elea_vectors *chunks, int64_t chunk_count, const elea_vectors *queries,
    elea_vector_metric metric, const elea_vector_options *options, float *scores, elea_error *err);

// The Euclidean length of each row, null or not, to keep beside rows that are not of unit length
// (elea_vectors.norms): a search with them gives the same bits as one without. `threads` and
// `cancel` of the options are heeded.
ELEA_API ELEA_CHECKED elea_status elea_vector_norms(const elea_vectors *rows,
                                                    const elea_vector_options *options,
                                                    float *norms, elea_error *err);

#ifdef __cplusplus
}
#endif

#endif // ELEA_VECTOR_H

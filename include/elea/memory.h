// SPDX-License-Identifier: Apache-2.0
//
// The agent memory: a store of texts with their embeddings in a directory of mapped Arrow files,
// and recall from it. Part of libelea_memory.
//
// A store holds memories in categories ("experiences", "identity", "preferences", "context",
// "summaries", or any other name). A memory is a row with the columns that
// elea_memory_schema_new() lists. Every add writes one immutable segment (an Arrow IPC file) and
// then a new MANIFEST, by rename: whatever happens on the way, the store holds all of an add or
// nothing of it. Any number of processes may use one store: writers take its file lock for the
// time of their write; readers take none and see one version until elea_store_refresh().
#ifndef ELEA_MEMORY_H
#define ELEA_MEMORY_H

#include <elea/base.h>
#include <elea/columnar.h>
#include <elea/embed.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- the columns of a memory

// The schema of every segment: memory_id, timestamp, text, embedding (fixed_size_list<float16> of
// `dimension`, which must be positive), and the counters, entities, compression and validity
// columns of the memory's documentation.
ELEA_API ELEA_CHECKED elea_status elea_memory_schema_new(elea_pool *pool, int32_t dimension,
                                                         elea_schema **out, elea_error *err);

// ---- store

typedef struct elea_store elea_store;

#define ELEA_STORE_DIMENSION_DEFAULT 384

// Zero means the default in every member.
typedef struct elea_store_options {
    elea_pool *pool;
    elea_thread_pool *threads;
    // Turns texts into vectors; borrowed for the life of the store. Without one, only calls that
    // bring their own vectors work. A store remembers whose vectors it holds (name, fingerprint,
    // dimension, pooling): another embedder is refused with ELEA_EINVAL and both names.
    elea_embedder *embedder;
    // Of a store that is made without embedder; default ELEA_STORE_DIMENSION_DEFAULT.
    int32_t dimension;
    // ELEA_ENOTFOUND instead of making the store when there is none.
    bool must_exist;
} elea_store_options;

ELEA_API void elea_store_options_init(elea_store_options *options);

// Opens the store in directory `path`, made when missing. Reads the MANIFEST, and no segment. An
// open store may be used by several threads at a time.
ELEA_API ELEA_CHECKED elea_status elea_store_open(const char *path,
                                                  const elea_store_options *options,
                                                  elea_store **out, elea_error *err);
ELEA_API void elea_store_free(elea_store *store);
ELEA_API int32_t elea_store_dimension(const elea_store *store);
// Rows of a category, or of all for NULL, in the version this store sees.
ELEA_API int64_t elea_store_row_count(elea_store *store, const char *category);
// Looks at the newest version, which may be another process's. The tables given out before stay as
// they are.
ELEA_API ELEA_CHECKED elea_status elea_store_refresh(elea_store *store, elea_error *err);

// ---- adding

// Zero means the default in every member.
typedef struct elea_store_add_options {
    const int64_t *timestamps; // microseconds since 1970 UTC, one a text; default: now
    // Called between batches of work from the calling thread or a worker, never from two at once.
    void (*progress)(void *context, int64_t done, int64_t total);
    void *progress_context;
    const elea_cancel *cancel;
} elea_store_add_options;

// Encodes `count` texts and adds them as memories, durable when it returns. ELEA_EINVAL names the
// text that is not UTF-8 and the offset in it; nothing is added then.
ELEA_API ELEA_CHECKED elea_status elea_store_add_texts(elea_store *store, const char *category,
                                                       const elea_bytes *texts, int64_t count,
                                                       const elea_store_add_options *options,
                                                       elea_error *err);

// Adds rows that the caller made. `memories` has any of the columns of elea_memory_schema_new(),
// by name and with its types; "embedding" must be there, without nulls. Missing columns get their
// defaults (a new memory_id, now, empty text, activation 1). A memory_id that the category has
// already, or twice in the batch, is ELEA_EEXISTS; a column that memories do not have
// ELEA_EUNSUPPORTED.
ELEA_API ELEA_CHECKED elea_status elea_store_add(elea_store *store, const char *category,
                                                 const elea_record_batch *memories,
                                                 elea_error *err);

// ---- reading

// Columns of a category as views on the mapped segments, a chunk each; `columns` ends with NULL,
// NULL for all. A category without memories gives an empty table. Values are fully validated the
// first time a segment's column is asked for; a damaged segment is an error that names it.
ELEA_API ELEA_CHECKED elea_status elea_store_table(elea_store *store, const char *category,
                                                   const char *const *columns, elea_table **out,
                                                   elea_error *err);

// What a recall cost.
typedef struct elea_recall_figures {
    int64_t rows;             // scanned
    int64_t encode_us;        // microseconds to turn the query into a vector
    int64_t scan_us;          // to find the best rows
    int64_t copied_bytes;     // payload bytes copied meanwhile, by the whole process
    int64_t damaged_segments; // left out, with skip_damaged
} elea_recall_figures;

// Zero means the default in every member.
typedef struct elea_recall_options {
    int64_t k;            // how many memories at most; default 5
    const char *category; // default: all of them
    bool skip_damaged;    // leave damaged segments out instead of failing
    const elea_cancel *cancel;
    elea_recall_figures *figures; // filled when not NULL
} elea_recall_options;

// The memories most similar to a text, best first, ties by age in the store: a table of memory_id
// (utf8_view), timestamp, text (utf8_view), similarity (float32, the cosine). Strings are views of
// the mapped segments; the search is exact. Rows beyond the store's are not invented: k may be
// larger than the result.
ELEA_API ELEA_CHECKED elea_status elea_recall(elea_store *store, const char *query,
                                              const elea_recall_options *options, elea_table **out,
                                              elea_error *err);
// The same for a vector of the store's dimension (ELEA_EINVAL names both when it differs).
ELEA_API ELEA_CHECKED elea_status elea_recall_vector(elea_store *store, const float *vector,
                                                     int32_t dimension,
                                                     const elea_recall_options *options,
                                                     elea_table **out, elea_error *err);

#ifdef __cplusplus
}
#endif

#endif // ELEA_MEMORY_H

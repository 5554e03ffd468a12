// SPDX-License-Identifier: Apache-2.0
//
// What the files of the memory room know of a store.
#ifndef ELEA_MEMORY_STORE_INTERNAL_H
#define ELEA_MEMORY_STORE_INTERNAL_H

#include "memory/segment.h"

// One version of the store: a MANIFEST and its segments, in its order. Shared, immutable.
typedef struct elea__snapshot {
    elea_pool *pool;
    int references; // atomic
    elea__manifest manifest;
    elea__segment **segments; // manifest.segment_count of them
} elea__snapshot;

struct elea_store {
    elea_pool *pool;
    elea_thread_pool *threads;
    elea_embedder *embedder; // or NULL
    elea__manifest_embedder identity;
    int32_t dimension;
    elea_schema *schema;
    elea_text path;
    elea__os_mutex lock; // guards `snapshot`
    elea__snapshot *snapshot;
};

// The version the store sees now, with a reference for the caller; NULL only while it is opened.
elea__snapshot *elea__store_snapshot(elea_store *store);
void elea__snapshot_unref(elea__snapshot *snapshot);

// The store's file lock, which one writer holds at a time.
elea_status elea__store_lock(elea_store *store, int *file, elea_error *err);
void elea__store_unlock(int file);

// Reads the MANIFEST again, checks that it is still this store, and makes it the version seen.
elea_status elea__store_reload(elea_store *store, elea_error *err);

#endif // ELEA_MEMORY_STORE_INTERNAL_H

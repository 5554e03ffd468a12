// SPDX-License-Identifier: Apache-2.0
#include "memory/store_internal.h"

#include <string.h>

// ---- snapshots

void elea__snapshot_unref(elea__snapshot *snapshot) {
    if (!snapshot || __atomic_sub_fetch(&snapshot->references, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    int64_t count = snapshot->manifest.segment_count;
    for (int64_t i = 0; i < count; i++)
        elea__segment_unref(snapshot->segments[i]);
    elea_dealloc(snapshot->pool, snapshot->segments, count * (int64_t)sizeof(*snapshot->segments));
    elea__manifest_release(&snapshot->manifest);
    elea_dealloc(snapshot->pool, snapshot, sizeof(*snapshot));
}

elea__snapshot *elea__store_snapshot(elea_store *store) {
    elea__os_mutex_lock(&store->lock);
    elea__snapshot *snapshot = store->snapshot;
    if (snapshot)
        __atomic_fetch_add(&snapshot->references, 1, __ATOMIC_RELAXED);
    elea__os_mutex_unlock(&store->lock);
    return snapshot;
}

static bool same_entry(const elea__manifest_segment *a, const elea__manifest_segment *b) {
    return a->id == b->id && a->rows == b->rows && a->size == b->size &&
           strcmp(a->category, b->category) == 0;
}

// Segments that `previous` (may be NULL) has open are shared, the others made. Both lists rise by
// id. Takes the manifest, also on failure.
static elea_status snapshot_new(elea_pool *pool, const char *directory, elea__manifest *manifest,
                                const elea__snapshot *previous, elea__snapshot **out,
                                elea_error *err) {
    void *block = NULL;
    elea_status status = elea_alloc_zero(pool, sizeof(elea__snapshot), &block, err);
    if (status != ELEA_OK) {
        elea__manifest_release(manifest);
        return status;
    }
    elea__snapshot *snapshot = block;
    snapshot->pool = pool;
    snapshot->references = 1;
    // Until the segments are there, the snapshot counts none.
    int64_t count = manifest->segment_count;
    int64_t next = 0, next_count = previous ? previous->manifest.segment_count : 0;
    status = elea_alloc_zero(pool, count * (int64_t)sizeof(*snapshot->segments), &block, err);
    if (status != ELEA_OK) {
        elea__manifest_release(manifest);
        elea_dealloc(pool, snapshot, sizeof(*snapshot));
        return status;
    }
    snapshot->segments = block;
    snapshot->manifest = *manifest;
    *manifest = (elea__manifest){0};

    for (int64_t i = 0; status == ELEA_OK && i < count; i++) {
        const elea__manifest_segment *entry = &snapshot->manifest.segments[i];
        while (next < next_count && previous->segments[next]->entry.id < entry->id)
            next++;
        if (next < next_count && same_entry(&previous->segments[next]->entry, entry))
            snapshot->segments[i] = elea__segment_ref(previous->segments[next]);
        else
            status = elea__segment_new(pool, directory, entry, &snapshot->segments[i], err);
    }
    if (status != ELEA_OK)
        elea__snapshot_unref(snapshot);
    else
        *out = snapshot;
    return status;
}

// ---- lock and version

elea_status elea__store_lock(elea_store *store, int *file, elea_error *err) {
    elea_text path;
    int lock_file = -1;
    bool locked = false;
    elea_text_init(&path, store->pool);
    elea_status status = elea_text_append_format(&path, err, "%s/LOCK", store->path.data);
    if (status == ELEA_OK)
        status = elea__os_open(path.data, ELEA__OS_LOCK, &lock_file, err);
    if (status == ELEA_OK)
        status = elea__os_lock(lock_file, path.data, true, true, &locked, err);
    elea_text_release(&path);
    if (status != ELEA_OK) {
        elea__os_close_quietly(lock_file);
        return status;
    }
    *file = lock_file;
    return ELEA_OK;
}

void elea__store_unlock(int file) {
    // Closing the only descriptor of this opening drops its lock.
    elea__os_close_quietly(file);
}

// Whether the vectors of `manifest` are those this store works with.
static elea_status check_identity(const elea_store *store, const elea__manifest *manifest,
                                  elea_error *err) {
    const elea__manifest_embedder *theirs = &manifest->embedder, *ours = &store->identity;
    bool same = strcmp(theirs->name, ours->name) == 0 &&
                strcmp(theirs->fingerprint, ours->fingerprint) == 0 &&
                strcmp(theirs->pooling, ours->pooling) == 0;
    if (store->embedder && !same && theirs->name[0] == '\0')
        return elea_error_set(err, ELEA_EINVAL,
                              "store %s holds vectors that were made elsewhere, not by embedder "
                              "\"%s\"",
                              store->path.data, ours->name);
    if (store->embedder && !same)
        return elea_error_set(
            err, ELEA_EINVAL,
            "store %s holds vectors of embedder \"%s\" (%s, %s pooling), not of \"%s\" (%s, %s "
            "pooling)",
            store->path.data, theirs->name, theirs->fingerprint, theirs->pooling, ours->name,
            ours->fingerprint, ours->pooling);
    if (store->dimension != manifest->dimension)
        return elea_error_set(err, ELEA_EINVAL, "store %s has dimension %d, not %d",
                              store->path.data, (int)manifest->dimension, (int)store->dimension);
    return ELEA_OK;
}

elea_status elea__store_reload(elea_store *store, elea_error *err) {
    elea__manifest manifest = {0};
    elea__snapshot *next = NULL;
    ELEA_TRY(elea__manifest_read(store->pool, store->path.data, &manifest, err));
    elea_status status = check_identity(store, &manifest, err);
    if (status != ELEA_OK) {
        elea__manifest_release(&manifest);
        return status;
    }
    elea__snapshot *previous = elea__store_snapshot(store);
    status = snapshot_new(store->pool, store->path.data, &manifest, previous, &next, err);
    elea__snapshot_unref(previous);
    if (status != ELEA_OK)
        return status;

    elea__os_mutex_lock(&store->lock);
    // Another thread may have seen a newer version meanwhile.
    elea__snapshot *old = store->snapshot;
    if (!old || old->manifest.generation <= next->manifest.generation) {
        store->snapshot = next;
        next = old;
    }
    elea__os_mutex_unlock(&store->lock);
    elea__snapshot_unref(next);
    return ELEA_OK;
}

// ---- opening

void elea_store_options_init(elea_store_options *options) {
    *options = (elea_store_options){.dimension = ELEA_STORE_DIMENSION_DEFAULT};
}

// Makes the directory and the first MANIFEST, if another process did not do so meanwhile.
static elea_status create(elea_store *store, elea_error *err) {
    elea__manifest manifest = {.pool = store->pool,
                               .next_segment = 1,
                               .dimension = store->dimension,
                               .embedder = store->identity};
    elea__manifest other = {0};
    int lock_file = -1;

    elea_status status = elea__os_mkdir(store->path.data, err);
    if (status != ELEA_OK && status != ELEA_EEXISTS)
        return status;
    ELEA_TRY(elea__store_lock(store, &lock_file, err));
    status = elea__manifest_read(store->pool, store->path.data, &other, err);
    if (status == ELEA_ENOTFOUND)
        status = elea__manifest_write(&manifest, store->path.data, err);
    elea__manifest_release(&other);
    elea__store_unlock(lock_file);
    return status;
}

static elea_status copy_name(const char *name, const char *what, char *out, size_t capacity,
                             elea_error *err) {
    size_t size = strlen(name);
    if (size == 0 || size >= capacity)
        return elea_error_set(err, ELEA_EINVAL, "%s of the embedder has %zu bytes, not 1 to %zu",
                              what, size, capacity - 1);
    memcpy(out, name, size + 1);
    return ELEA_OK;
}

static elea_status identify(elea_embedder *embedder, elea__manifest_embedder *out,
                            elea_error *err) {
    ELEA_TRY(copy_name(elea_embedder_name(embedder), "name", out->name, sizeof(out->name), err));
    ELEA_TRY(copy_name(elea_embedder_fingerprint(embedder), "fingerprint", out->fingerprint,
                       sizeof(out->fingerprint), err));
    return copy_name(elea_embedder_pooling(embedder), "pooling", out->pooling, sizeof(out->pooling),
                     err);
}

// The dimension: the embedder's, the MANIFEST's, or, for a new store, the option's.
static elea_status find_dimension(elea_store *store, const elea_store_options *options, bool *found,
                                  elea_error *err) {
    elea__manifest manifest = {0};
    elea_status status = elea__manifest_read(store->pool, store->path.data, &manifest, err);
    *found = status == ELEA_OK;
    if (status == ELEA_ENOTFOUND && !options->must_exist)
        status = ELEA_OK;
    else if (status == ELEA_ENOTFOUND)
        return elea_error_set(err, status, "there is no store in %s", store->path.data);
    if (status != ELEA_OK)
        return status;

    if (store->embedder)
        store->dimension = elea_embedder_dimension(store->embedder);
    else if (*found)
        store->dimension = manifest.dimension;
    else
        store->dimension = options->dimension ? options->dimension : ELEA_STORE_DIMENSION_DEFAULT;
    elea__manifest_release(&manifest);
    return ELEA_OK;
}

elea_status elea_store_open(const char *path, const elea_store_options *options, elea_store **out,
                            elea_error *err) {
    elea_store_options defaults;
    bool found = false;
    void *block = NULL;
    elea_store_options_init(&defaults);
    if (!options)
        options = &defaults;
    if (!path || !*path)
        return elea_error_set(err, ELEA_EINVAL, "the path of a store is empty");

    ELEA_TRY(elea_alloc_zero(options->pool, sizeof(elea_store), &block, err));
    elea_store *store = block;
    store->pool = options->pool;
    store->threads = options->threads;
    store->embedder = options->embedder;
    elea_text_init(&store->path, store->pool);
    elea__os_mutex_init(&store->lock);

    elea_status status = ELEA_OK;
    ELEA_GOTO(done, elea_text_append(&store->path, elea_bytes_of(path), err));
    if (store->embedder)
        ELEA_GOTO(done, identify(store->embedder, &store->identity, err));
    ELEA_GOTO(done, find_dimension(store, options, &found, err));
    ELEA_GOTO(done, elea_memory_schema_new(store->pool, store->dimension, &store->schema, err));
    if (!found)
        ELEA_GOTO(done, create(store, err));
    ELEA_GOTO(done, elea__store_reload(store, err));
    *out = store;
    store = NULL;
done:
    elea_store_free(store);
    return status;
}

void elea_store_free(elea_store *store) {
    if (!store)
        return;
    elea__snapshot_unref(store->snapshot);
    elea_schema_unref(store->schema);
    elea__os_mutex_release(&store->lock);
    elea_text_release(&store->path);
    elea_dealloc(store->pool, store, sizeof(*store));
}

int32_t elea_store_dimension(const elea_store *store) { return store->dimension; }

int64_t elea_store_row_count(elea_store *store, const char *category) {
    elea__snapshot *snapshot = elea__store_snapshot(store);
    int64_t rows = 0;
    for (int64_t i = 0; i < snapshot->manifest.segment_count; i++) {
        const elea__manifest_segment *entry = &snapshot->manifest.segments[i];
        if (!category || strcmp(entry->category, category) == 0)
            rows += entry->rows;
    }
    elea__snapshot_unref(snapshot);
    return rows;
}

elea_status elea_store_refresh(elea_store *store, elea_error *err) {
    return elea__store_reload(store, err);
}

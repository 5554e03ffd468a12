// SPDX-License-Identifier: Apache-2.0
//
// Adding memories: make a batch with all columns, then write it as a segment under the store's
// lock and name it in the next MANIFEST.
#include <math.h>
#include <string.h>

#include <elea/io.h>
#include <elea/ipc.h>
#include <elea/vector.h>

#include "base/os_internal.h"
#include "memory/id_set.h"
#include "memory/memory_defaults.h"
#include "memory/store_internal.h"

// A batch on its way into the store: columns in the order of the schema.
typedef struct new_memories {
    elea_array *columns[ELEA__MEMORY_COLUMN_COUNT];
    int64_t count;
    bool ids_given; // by the caller, so that they must be looked up
} new_memories;

static void release_memories(new_memories *memories) {
    for (int i = 0; i < ELEA__MEMORY_COLUMN_COUNT; i++)
        elea_array_unref(memories->columns[i]);
    *memories = (new_memories){0};
}

// ---- the columns

static elea_status fill_defaults(const elea_store *store, new_memories *memories, elea_error *err) {
    elea__memory_origin origin = {.pool = store->pool,
                                  .count = memories->count,
                                  .now_us = elea__os_clock_wall_ns() / 1000,
                                  .text = memories->columns[ELEA__MEMORY_TEXT]};
    for (int i = 0; i < ELEA__MEMORY_COLUMN_COUNT; i++) {
        const elea_type *type = elea_field_type(elea_schema_field(store->schema, i));
        if (!memories->columns[i])
            ELEA_TRY(elea__memory_default(&origin, (elea__memory_column)i, type,
                                          &memories->columns[i], err));
    }
    return ELEA_OK;
}

static elea_status timestamp_column(const elea_store *store, const int64_t *timestamps,
                                    int64_t count, elea_array **out, elea_error *err) {
    const elea_type *type =
        elea_field_type(elea_schema_field(store->schema, ELEA__MEMORY_TIMESTAMP));
    elea_builder *builder = NULL;
    ELEA_TRY(elea_builder_new(store->pool, type, &builder, err));
    elea_status status = elea_builder_append_values(builder, timestamps, NULL, count, err);
    if (status == ELEA_OK)
        status = elea_builder_finish(builder, out, err);
    elea_builder_free(builder);
    return status;
}

// Takes the caller's columns by reference. All of them are validated: they may come from anywhere.
static elea_status take_columns(const elea_store *store, const elea_record_batch *batch,
                                new_memories *memories, elea_error *err) {
    const elea_schema *theirs = elea_record_batch_schema(batch);
    memories->count = elea_record_batch_length(batch);
    for (int64_t i = 0; i < elea_schema_field_count(theirs); i++) {
        const char *name = elea_field_name(elea_schema_field(theirs, i));
        const elea_array *column = elea_record_batch_column(batch, i);
        int64_t index = elea_schema_find(store->schema, name);
        if (index < 0)
            return elea_error_set(err, ELEA_EUNSUPPORTED, "memories have no column \"%s\"", name);
        if (memories->columns[index])
            return elea_error_set(err, ELEA_EINVAL, "column \"%s\" is there twice", name);
        const elea_field *field = elea_schema_field(store->schema, index);
        if (!elea_type_equal(elea_array_type(column), elea_field_type(field), false))
            return elea_error_set(err, ELEA_ETYPE, "column \"%s\" has not the type of memories",
                                  name);
        if (!elea_field_nullable(field) && elea_array_null_count(column) > 0)
            return elea_error_set(err, ELEA_EINVAL, "column \"%s\" has %lld nulls, and may not",
                                  name, (long long)elea_array_null_count(column));
        elea_status status = elea_array_validate(column, ELEA_VALIDATE_FULL, err);
        if (status != ELEA_OK)
            return elea_error_prefix(err, status, "column \"%s\"", name);
        memories->columns[index] = elea_array_ref(column);
    }
    if (!memories->columns[ELEA__MEMORY_EMBEDDING])
        return elea_error_set(err, ELEA_EINVAL, "there is no column \"embedding\"");
    memories->ids_given = memories->columns[ELEA__MEMORY_MEMORY_ID] != NULL;
    return ELEA_OK;
}

// ---- unique ids

static elea_status check_ids_in_segment(elea_store *store, elea__segment *segment,
                                        const elea__id_set *ids, elea_error *err) {
    ELEA_TRY(elea__segment_open(segment, store->schema, err));
    ELEA_TRY(elea__segment_validate(segment, ELEA__MEMORY_MEMORY_ID, err));
    for (int64_t i = 0; i < segment->batch_count; i++) {
        elea_span span;
        elea_span_of(elea_record_batch_column(segment->batches[i], ELEA__MEMORY_MEMORY_ID), &span);
        for (int64_t row = 0; row < span.length; row++) {
            elea_bytes id = elea_span_get_bytes(&span, row);
            if (elea__id_set_has(ids, id))
                return elea_error_set(err, ELEA_EEXISTS,
                                      "memory_id \"%.*s\" is in category \"%s\" already",
                                      (int)id.size, id.data, segment->entry.category);
        }
    }
    return ELEA_OK;
}

// No id twice in the batch, and none that the category has. Reads the ids of all its segments.
static elea_status check_ids(elea_store *store, const elea__snapshot *snapshot,
                             const char *category, const new_memories *memories, elea_error *err) {
    elea_status status = ELEA_OK;
    elea__id_set ids = {0};
    elea_span span;
    elea_span_of(memories->columns[ELEA__MEMORY_MEMORY_ID], &span);
    ELEA_TRY(elea__id_set_init(&ids, store->pool, memories->count, err));
    for (int64_t row = 0; row < span.length; row++) {
        elea_bytes id = elea_span_get_bytes(&span, row);
        if (id.size == 0) {
            status =
                elea_error_set(err, ELEA_EINVAL, "memory_id of row %lld is empty", (long long)row);
            goto done;
        }
        if (!elea__id_set_add(&ids, id)) {
            status = elea_error_set(err, ELEA_EEXISTS,
                                    "memory_id \"%.*s\" is there twice, at row "
                                    "%lld again",
                                    (int)id.size, id.data, (long long)row);
            goto done;
        }
    }
    for (int64_t i = 0; i < snapshot->manifest.segment_count; i++) {
        if (strcmp(snapshot->segments[i]->entry.category, category) == 0)
            ELEA_GOTO(done, check_ids_in_segment(store, snapshot->segments[i], &ids, err));
    }
done:
    elea__id_set_release(&ids);
    return status;
}

// ---- writing

// Whether all embeddings have length 1, to within what rounding to float16 can do.
static elea_status check_unit_length(const elea_store *store, const elea_array *embeddings,
                                     bool *out, elea_error *err) {
    elea_vectors rows;
    void *block = NULL;
    ELEA_TRY(elea_vectors_of_array(embeddings, &rows, err));
    ELEA_TRY(elea_alloc(store->pool, rows.count * (int64_t)sizeof(float), &block, err));
    float *norms = block;
    elea_vector_options options = {.threads = store->threads, .pool = store->pool};
    elea_status status = elea_vector_norms(&rows, &options, norms, err);
    bool unit_length = true;
    for (int64_t i = 0; status == ELEA_OK && i < rows.count; i++)
        unit_length = unit_length && fabsf(norms[i] - 1) <= 1e-3F;
    elea_dealloc(store->pool, block, rows.count * (int64_t)sizeof(float));
    *out = unit_length;
    return status;
}

static elea_status make_category(elea_store *store, const char *category, elea_error *err) {
    elea_text path;
    elea_text_init(&path, store->pool);
    elea_status status = elea_text_append_format(&path, err, "%s/%s", store->path.data, category);
    if (status == ELEA_OK) {
        status = elea__os_mkdir(path.data, err);
        if (status == ELEA_OK)
            status = elea__os_sync_directory(store->path.data, err);
        else if (status == ELEA_EEXISTS)
            status = ELEA_OK;
    }
    elea_text_release(&path);
    return status;
}

static elea_status write_segment(elea_store *store, elea__manifest_segment *entry,
                                 const elea_record_batch *batch, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_text path;
    elea_output_stream *stream = NULL;
    elea_ipc_file_writer *writer = NULL;

    elea_text_init(&path, store->pool);
    ELEA_GOTO(done, elea__segment_path(store->path.data, entry, &path, err));
    ELEA_GOTO(done, elea_output_stream_open(path.data, &(elea_output_options){.atomic = true},
                                            store->pool, &stream, err));
    ELEA_GOTO(done, elea_ipc_file_writer_new(stream, store->schema,
                                             &(elea_ipc_write_options){.pool = store->pool}, NULL,
                                             &writer, err));
    ELEA_GOTO(done, elea_ipc_file_writer_write_batch(writer, batch, NULL, err));
    ELEA_GOTO(done, elea_ipc_file_writer_close(writer, err));
    entry->size = elea_output_stream_position(stream);
    ELEA_GOTO(done, elea_output_stream_close(stream, err));
done:
    elea_ipc_file_writer_free(writer);
    elea_output_stream_free(stream);
    elea_text_release(&path);
    return status;
}

// With the store's lock held: the segment first, then the MANIFEST that names it. A crash between
// the two leaves a file that nothing names, and that the next segment of this number replaces.
static elea_status commit_locked(elea_store *store, elea__manifest_segment *entry,
                                 const new_memories *memories, const elea_record_batch *batch,
                                 elea_error *err) {
    elea_status status = ELEA_OK;
    elea__snapshot *snapshot = NULL;
    elea__manifest next = {0};

    ELEA_GOTO(done, elea__store_reload(store, err));
    snapshot = elea__store_snapshot(store);
    if (memories->ids_given)
        ELEA_GOTO(done, check_ids(store, snapshot, entry->category, memories, err));
    ELEA_GOTO(done, make_category(store, entry->category, err));
    entry->id = snapshot->manifest.next_segment;
    ELEA_GOTO(done, write_segment(store, entry, batch, err));
    ELEA_GOTO(done, elea__manifest_append(&snapshot->manifest, entry, &next, err));
    ELEA_GOTO(done, elea__manifest_write(&next, store->path.data, err));
    ELEA_GOTO(done, elea__store_reload(store, err));
done:
    elea__manifest_release(&next);
    elea__snapshot_unref(snapshot);
    return status;
}

static elea_status commit(elea_store *store, const char *category, new_memories *memories,
                          elea_error *err) {
    elea_status status = ELEA_OK;
    elea_record_batch *batch = NULL;
    int lock_file = -1;
    elea__manifest_segment entry = {.rows = memories->count};

    memcpy(entry.category, category, strlen(category) + 1); // its size was checked
    ELEA_GOTO(done, fill_defaults(store, memories, err));
    ELEA_GOTO(done, check_unit_length(store, memories->columns[ELEA__MEMORY_EMBEDDING],
                                      &entry.unit_length, err));
    ELEA_GOTO(done,
              elea_record_batch_new(store->pool, store->schema, memories->count,
                                    (const elea_array *const *)memories->columns, &batch, err));
    ELEA_GOTO(done, elea__store_lock(store, &lock_file, err));
    status = commit_locked(store, &entry, memories, batch, err);
    elea__store_unlock(lock_file);
done:
    elea_record_batch_unref(batch);
    return status;
}

elea_status elea_store_add_texts(elea_store *store, const char *category, const elea_bytes *texts,
                                 int64_t count, const elea_store_add_options *options,
                                 elea_error *err) {
    static const elea_store_add_options defaults = {0};
    if (!options)
        options = &defaults;
    ELEA_TRY(elea__category_check(category, err));
    if (!store->embedder)
        return elea_error_set(err, ELEA_EINVAL,
                              "store %s was opened without an embedder, which texts need",
                              store->path.data);
    if (count == 0)
        return ELEA_OK;

    elea_status status = ELEA_OK;
    new_memories memories = {.count = count};
    elea_embed_run run = {.cancel = options->cancel,
                          .progress = options->progress,
                          .context = options->progress_context};
    ELEA_GOTO(done, elea_embedder_encode(store->embedder, texts, count, &run,
                                         &memories.columns[ELEA__MEMORY_EMBEDDING], NULL, err));
    ELEA_GOTO(done, elea__memory_text_column(store->pool, texts, count,
                                             &memories.columns[ELEA__MEMORY_TEXT], err));
    if (options->timestamps)
        ELEA_GOTO(done, timestamp_column(store, options->timestamps, count,
                                         &memories.columns[ELEA__MEMORY_TIMESTAMP], err));
    ELEA_GOTO(done, commit(store, category, &memories, err));
done:
    release_memories(&memories);
    return status;
}

// Texts that the caller left out are empty.
static elea_status fill_text(const elea_store *store, new_memories *memories, elea_error *err) {
    void *block = NULL;
    int64_t size = memories->count * (int64_t)sizeof(elea_bytes);
    ELEA_TRY(elea_alloc_zero(store->pool, size, &block, err));
    elea_status status = elea__memory_text_column(store->pool, block, memories->count,
                                                  &memories->columns[ELEA__MEMORY_TEXT], err);
    elea_dealloc(store->pool, block, size);
    return status;
}

elea_status elea_store_add(elea_store *store, const char *category,
                           const elea_record_batch *memories, elea_error *err) {
    elea_status status = ELEA_OK;
    new_memories taken = {0};
    ELEA_TRY(elea__category_check(category, err));
    ELEA_GOTO(done, take_columns(store, memories, &taken, err));
    if (taken.count == 0)
        goto done;
    if (!taken.columns[ELEA__MEMORY_TEXT])
        ELEA_GOTO(done, fill_text(store, &taken, err));
    ELEA_GOTO(done, commit(store, category, &taken, err));
done:
    release_memories(&taken);
    return status;
}

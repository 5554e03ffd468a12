// SPDX-License-Identifier: Apache-2.0
#include "memory/segment.h"

#include <elea/io.h>
#include <elea/ipc.h>

_Static_assert(ELEA__MEMORY_COLUMN_COUNT <= 32, "a column has a bit in `validated`");

elea_status elea__segment_path(const char *directory, const elea__manifest_segment *entry,
                               elea_text *out, elea_error *err) {
    return elea_text_append_format(out, err, "%s/%s/%08lld.arrow", directory, entry->category,
                                   (long long)entry->id);
}

elea_status elea__segment_new(elea_pool *pool, const char *directory,
                              const elea__manifest_segment *entry, elea__segment **out,
                              elea_error *err) {
    void *block = NULL;
    ELEA_TRY(elea_alloc_zero(pool, sizeof(elea__segment), &block, err));
    elea__segment *segment = block;
    segment->pool = pool;
    segment->references = 1;
    segment->entry = *entry;
    elea_text_init(&segment->path, pool);
    elea_status status = elea__segment_path(directory, entry, &segment->path, err);
    if (status != ELEA_OK) {
        elea_text_release(&segment->path);
        elea_dealloc(pool, segment, sizeof(*segment));
        return status;
    }
    elea__os_mutex_init(&segment->lock);
    *out = segment;
    return ELEA_OK;
}

elea__segment *elea__segment_ref(elea__segment *segment) {
    __atomic_fetch_add(&segment->references, 1, __ATOMIC_RELAXED);
    return segment;
}

static void drop_batches(elea__segment *segment) {
    for (int64_t i = 0; i < segment->batch_count; i++)
        elea_record_batch_unref(segment->batches[i]);
    elea_dealloc(segment->pool, segment->batches,
                 segment->batch_count * (int64_t)sizeof(*segment->batches));
    segment->batches = NULL;
    segment->batch_count = 0;
}

void elea__segment_unref(elea__segment *segment) {
    if (!segment || __atomic_sub_fetch(&segment->references, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    drop_batches(segment);
    elea__os_mutex_release(&segment->lock);
    elea_text_release(&segment->path);
    elea_dealloc(segment->pool, segment, sizeof(*segment));
}

// Reads all batches; the row count must be the MANIFEST's.
static elea_status read_batches(elea__segment *segment, elea_ipc_file_reader *reader,
                                elea_error *err) {
    int64_t count = elea_ipc_file_reader_batch_count(reader);
    int64_t rows = 0;
    void *block = NULL;
    ELEA_TRY(
        elea_alloc_zero(segment->pool, count * (int64_t)sizeof(*segment->batches), &block, err));
    segment->batches = block;
    segment->batch_count = count;
    for (int64_t i = 0; i < count; i++) {
        ELEA_TRY(elea_ipc_file_reader_read_batch(reader, i, &segment->batches[i], err));
        rows += elea_record_batch_length(segment->batches[i]);
    }
    if (rows != segment->entry.rows)
        return elea_error_set(err, ELEA_EINVAL, "%lld rows, where the MANIFEST says %lld",
                              (long long)rows, (long long)segment->entry.rows);
    return ELEA_OK;
}

static elea_status open_file(elea__segment *segment, const elea_schema *schema, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_file *file = NULL;
    elea_ipc_file_reader *reader = NULL;

    ELEA_GOTO(done, elea_file_map(segment->path.data, segment->pool, &file, err));
    if (elea_file_size(file) != segment->entry.size) {
        status = elea_error_set(err, ELEA_EINVAL, "%lld bytes, where the MANIFEST says %lld",
                                (long long)elea_file_size(file), (long long)segment->entry.size);
        goto done;
    }
    ELEA_GOTO(done, elea_ipc_file_reader_new(file, &(elea_ipc_read_options){.pool = segment->pool},
                                             &reader, err));
    if (!elea_schema_equal(elea_ipc_file_reader_schema(reader), schema, false)) {
        status = elea_error_set(err, ELEA_EINVAL, "its schema is not the one of memories");
        goto done;
    }
    ELEA_GOTO(done, read_batches(segment, reader, err));
done:
    if (status != ELEA_OK)
        drop_batches(segment);
    elea_ipc_file_reader_free(reader);
    elea_file_unref(file);
    return status;
}

elea_status elea__segment_open(elea__segment *segment, const elea_schema *schema, elea_error *err) {
    elea_status status = ELEA_OK;
    elea__os_mutex_lock(&segment->lock);
    if (!segment->opened) {
        status = open_file(segment, schema, err);
        segment->opened = status == ELEA_OK;
    }
    elea__os_mutex_unlock(&segment->lock);
    if (status != ELEA_OK)
        return elea_error_prefix(err, status, "segment %s is damaged or missing",
                                 segment->path.data);
    return ELEA_OK;
}

elea_status elea__segment_validate(elea__segment *segment, elea__memory_column column,
                                   elea_error *err) {
    elea_status status = ELEA_OK;
    uint32_t bit = UINT32_C(1) << column;
    elea__os_mutex_lock(&segment->lock);
    if (!(segment->validated & bit)) {
        for (int64_t i = 0; status == ELEA_OK && i < segment->batch_count; i++)
            status = elea_array_validate(elea_record_batch_column(segment->batches[i], column),
                                         ELEA_VALIDATE_FULL, err);
        if (status == ELEA_OK)
            segment->validated |= bit;
    }
    elea__os_mutex_unlock(&segment->lock);
    if (status != ELEA_OK)
        return elea_error_prefix(err, status, "segment %s is damaged: column \"%s\"",
                                 segment->path.data, elea__memory_column_name(column));
    return ELEA_OK;
}

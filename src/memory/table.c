// SPDX-License-Identifier: Apache-2.0
//
// A category as one table: views on its mapped segments.
#include <string.h>

#include "memory/store_internal.h"

// Opens the segments of a category and counts their batches; validates the columns asked for.
static elea_status open_segments(elea_store *store, const elea__snapshot *snapshot,
                                 const char *category, uint32_t columns, int64_t *batch_count,
                                 elea_error *err) {
    *batch_count = 0;
    for (int64_t i = 0; i < snapshot->manifest.segment_count; i++) {
        elea__segment *segment = snapshot->segments[i];
        if (strcmp(segment->entry.category, category) != 0)
            continue;
        ELEA_TRY(elea__segment_open(segment, store->schema, err));
        for (int column = 0; column < ELEA__MEMORY_COLUMN_COUNT; column++) {
            if (columns >> column & 1)
                ELEA_TRY(elea__segment_validate(segment, (elea__memory_column)column, err));
        }
        *batch_count += segment->batch_count;
    }
    return ELEA_OK;
}

static elea_status all_columns(elea_store *store, const elea__snapshot *snapshot,
                               const char *category, int64_t batch_count, elea_table **out,
                               elea_error *err) {
    void *block = NULL;
    int64_t size = batch_count * (int64_t)sizeof(elea_record_batch *), count = 0;
    ELEA_TRY(elea_alloc(store->pool, size, &block, err));
    const elea_record_batch **batches = block;
    for (int64_t i = 0; i < snapshot->manifest.segment_count; i++) {
        const elea__segment *segment = snapshot->segments[i];
        if (strcmp(segment->entry.category, category) != 0)
            continue;
        for (int64_t batch = 0; batch < segment->batch_count; batch++)
            batches[count++] = segment->batches[batch];
    }
    elea_status status =
        elea_table_new_from_batches(store->pool, store->schema, batches, count, out, err);
    elea_dealloc(store->pool, block, size);
    return status;
}

// A bit for each column that is asked for.
static elea_status find_columns(const elea_store *store, const char *const *names, uint32_t *out,
                                elea_error *err) {
    *out = names ? 0 : UINT32_MAX;
    for (; names && *names; names++) {
        int64_t index = elea_schema_find(store->schema, *names);
        if (index < 0)
            return elea_error_set(err, ELEA_ENOTFOUND, "memories have no column \"%s\"", *names);
        *out |= UINT32_C(1) << index;
    }
    return ELEA_OK;
}

elea_status elea_store_table(elea_store *store, const char *category, const char *const *columns,
                             elea_table **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_table *table = NULL;
    uint32_t wanted = 0;
    int64_t batch_count = 0;
    ELEA_TRY(elea__category_check(category, err));
    ELEA_TRY(find_columns(store, columns, &wanted, err));

    elea__snapshot *snapshot = elea__store_snapshot(store);
    ELEA_GOTO(done, open_segments(store, snapshot, category, wanted, &batch_count, err));
    ELEA_GOTO(done, all_columns(store, snapshot, category, batch_count, &table, err));
    if (columns) {
        ELEA_GOTO(done, elea_table_select(table, columns, out, err));
    } else {
        *out = table;
        table = NULL;
    }
done:
    elea_table_unref(table);
    elea__snapshot_unref(snapshot);
    return status;
}

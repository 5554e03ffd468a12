// SPDX-License-Identifier: Apache-2.0
//
// A segment: an immutable Arrow IPC file of memories, mapped when first needed and shared by the
// versions of the store that name it.
#ifndef ELEA_MEMORY_SEGMENT_H
#define ELEA_MEMORY_SEGMENT_H

#include "base/os_internal.h"
#include "memory/manifest.h"
#include "memory/memory_schema.h"

typedef struct elea__segment {
    elea_pool *pool;
    int references; // atomic
    elea__manifest_segment entry;
    elea_text path;
    elea__os_mutex lock; // guards what follows
    bool opened;
    uint32_t validated; // a bit for each column whose values were checked
    elea_record_batch **batches;
    int64_t batch_count;
} elea__segment;

// Does not touch the file.
elea_status elea__segment_new(elea_pool *pool, const char *directory,
                              const elea__manifest_segment *entry, elea__segment **out,
                              elea_error *err);
elea__segment *elea__segment_ref(elea__segment *segment);
void elea__segment_unref(elea__segment *segment);

// Maps the file if that was not done yet, and checks it against the MANIFEST and the schema of
// memories. The batches may be read by any thread after that.
elea_status elea__segment_open(elea__segment *segment, const elea_schema *schema, elea_error *err);

// Fully validates one column of an open segment, once.
elea_status elea__segment_validate(elea__segment *segment, elea__memory_column column,
                                   elea_error *err);

// "<directory>/<category>/00000001.arrow"
elea_status elea__segment_path(const char *directory, const elea__manifest_segment *entry,
                               elea_text *out, elea_error *err);

#endif // ELEA_MEMORY_SEGMENT_H

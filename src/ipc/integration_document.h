// SPDX-License-Identifier: Apache-2.0
//
// The integration format (the JSON of Arrow's cross-implementation tests): what its reader and its
// writer share. Source: the Arrow documentation, "Integration Testing", section "JSON test data
// format", and the golden files of apache/arrow-testing.
#ifndef ELEA_IPC_INTEGRATION_DOCUMENT_H
#define ELEA_IPC_INTEGRATION_DOCUMENT_H

#include "elea/ipc.h"

// How the format names a type. Those of its parameters that select the type are in the row: a word
// under `word_key`, a "bitWidth" unless 0, and "isSigned" for integers.
typedef struct elea__integration_name {
    const char *name; // NULL: the type has no name of its own (dictionary, extension)
    const char *word_key;
    const char *word;
    int bits;
    bool is_signed;
} elea__integration_name;

const elea__integration_name *elea__integration_name_of(elea_type_id id);

// The word under "unit" for times, timestamps and durations.
const char *elea__integration_unit_name(elea_time_unit unit);

// The prefix of a long view, in bytes.
#define ELEA__INTEGRATION_PREFIX_SIZE 4

// Schema, dictionaries and batches that were read.
struct elea_integration {
    elea_pool *pool;
    elea_schema *schema;
    elea_record_batch **batches;
    int64_t batch_count;
};

// Fills the empty `document` (but for its pool) from JSON; what it made before a failure stays in
// it. ELEA_EUNSUPPORTED in a build without jansson.
ELEA_CHECKED elea_status elea__integration_parse(elea_bytes json, elea_integration *document,
                                                 elea_error *err);

// One array as the format's column: {"name": ..., "count": ..., the buffers, "children": [...]}.
ELEA_CHECKED elea_status elea__integration_format_column(const elea_array *array, const char *name,
                                                         elea_pool *pool, elea_text *text,
                                                         elea_error *err);

#endif // ELEA_IPC_INTEGRATION_DOCUMENT_H

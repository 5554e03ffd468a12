// SPDX-License-Identifier: Apache-2.0
//
// The columns of a memory: one list, from which schema, names and defaults come.
#ifndef ELEA_MEMORY_MEMORY_SCHEMA_H
#define ELEA_MEMORY_MEMORY_SCHEMA_H

#include <elea/memory.h>

// X(name, text, kind, nullable): every column in its order on disk. Kinds are those of
// memory_schema.c.
#define ELEA_MEMORY_COLUMN_LIST(X)                                                                 \
    X(MEMORY_ID, "memory_id", UTF8, false)                                                         \
    X(TIMESTAMP, "timestamp", TIME, false)                                                         \
    X(TEXT, "text", UTF8, false)                                                                   \
    X(EMBEDDING, "embedding", EMBEDDING, false)                                                    \
    X(ACTIVATION, "activation", FLOAT32, false)                                                    \
    X(ACCESS_COUNT, "access_count", INT64, false)                                                  \
    X(SUCCESS_COUNT, "success_count", INT64, false)                                                \
    X(LAST_ACCESS, "last_access", TIME, true)                                                      \
    X(SUMMARY_HASH, "summary_hash", UTF8, true)                                                    \
    X(ENTITIES, "entities", ENTITIES, false)                                                       \
    X(DIFF_DATA, "diff_data", BINARY, true)                                                        \
    X(COMPRESSION, "compression", COMPRESSION, false)                                              \
    X(VALID_FROM, "valid_from", TIME, true)                                                        \
    X(VALID_TO, "valid_to", TIME, true)                                                            \
    X(SUPERSEDED_BY, "superseded_by", UTF8, true)                                                  \
    X(EXPIRES_AT, "expires_at", TIME, true)                                                        \
    X(PINNED, "pinned", BOOL, false)

typedef enum elea__memory_column {
#define ELEA_MEMORY_COLUMN_ENUM(name, text, kind, nullable) ELEA__MEMORY_##name,
    ELEA_MEMORY_COLUMN_LIST(ELEA_MEMORY_COLUMN_ENUM)
#undef ELEA_MEMORY_COLUMN_ENUM
        ELEA__MEMORY_COLUMN_COUNT
} elea__memory_column;

const char *elea__memory_column_name(elea__memory_column column);

#endif // ELEA_MEMORY_MEMORY_SCHEMA_H

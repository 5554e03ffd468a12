// SPDX-License-Identifier: Apache-2.0
//
// A schema: fields in order, and metadata.
#include <string.h>

#include "base/math_internal.h"
#include "columnar/ref_internal.h"
#include "columnar/type_internal.h"

struct elea_schema {
    int32_t refcount;
    elea_pool *pool;
    int64_t allocated;
    elea_metadata *metadata;
    int64_t count;
    elea_field *fields[];
};

elea_status elea_schema_new(elea_pool *pool, const elea_field *const *fields, int64_t count,
                            const elea_metadata *metadata, elea_schema **out, elea_error *err) {
    int64_t size;
    if (count < 0 || elea__mul_overflow(count, (int64_t)sizeof(elea_field *), &size) ||
        elea__add_overflow(size, (int64_t)sizeof(elea_schema), &size))
        return elea_error_set(err, ELEA_ECAPACITY, "a schema of %lld fields is too large",
                              (long long)count);
    void *block;
    ELEA_TRY(elea_alloc(pool, size, &block, err));
    elea_schema *schema = block;
    *schema = (elea_schema){.refcount = 1,
                            .pool = pool,
                            .allocated = size,
                            .metadata = elea_metadata_ref(metadata),
                            .count = count};
    for (int64_t i = 0; i < count; i++)
        schema->fields[i] = elea_field_ref(fields[i]);
    *out = schema;
    return ELEA_OK;
}

elea_schema *elea_schema_ref(const elea_schema *schema) {
    elea_schema *shared = elea__unconst(schema);
    if (shared)
        elea__count_ref(&shared->refcount);
    return shared;
}

void elea_schema_unref(elea_schema *schema) {
    if (!schema || !elea__count_unref(&schema->refcount))
        return;
    for (int64_t i = 0; i < schema->count; i++)
        elea_field_unref(schema->fields[i]);
    elea_metadata_unref(schema->metadata);
    elea_dealloc(schema->pool, schema, schema->allocated);
}

int64_t elea_schema_field_count(const elea_schema *schema) { return schema->count; }

const elea_field *elea_schema_field(const elea_schema *schema, int64_t index) {
    return schema->fields[index];
}

int64_t elea_schema_find(const elea_schema *schema, const char *name) {
    int64_t found = -1;
    for (int64_t i = 0; i < schema->count; i++) {
        if (strcmp(schema->fields[i]->name, name) != 0)
            continue;
        if (found >= 0)
            return -2;
        found = i;
    }
    return found;
}

const elea_metadata *elea_schema_metadata(const elea_schema *schema) { return schema->metadata; }

bool elea_schema_equal(const elea_schema *a, const elea_schema *b, bool with_metadata) {
    if (a == b)
        return true;
    if (a->count != b->count || (with_metadata && !elea_metadata_equal(a->metadata, b->metadata)))
        return false;
    for (int64_t i = 0; i < a->count; i++) {
        if (!elea_field_equal(a->fields[i], b->fields[i], with_metadata))
            return false;
    }
    return true;
}

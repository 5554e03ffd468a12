// SPDX-License-Identifier: Apache-2.0
//
// A field: a name, a type, whether nulls may be, and metadata.
#include <string.h>

#include "base/math_internal.h"
#include "columnar/ref_internal.h"
#include "columnar/type_internal.h"

elea_status elea_field_new(elea_pool *pool, elea_bytes name, const elea_type *type, bool nullable,
                           const elea_metadata *metadata, elea_field **out, elea_error *err) {
    int64_t size;
    if (name.size > 0 && memchr(name.data, '\0', (size_t)name.size))
        return elea_error_set(err, ELEA_EINVAL, "the name of a field has a NUL inside");
    if (name.size < 0 || elea__add_overflow(name.size, (int64_t)sizeof(elea_field) + 1, &size))
        return elea_error_set(err, ELEA_ECAPACITY, "a field name of %lld bytes is too long",
                              (long long)name.size);
    void *block;
    ELEA_TRY(elea_alloc(pool, size, &block, err));
    elea_field *field = block;
    *field = (elea_field){.refcount = 1,
                          .nullable = nullable,
                          .pool = pool,
                          .allocated = size,
                          .type = elea_type_ref(type),
                          .metadata = elea_metadata_ref(metadata)};
    if (name.size > 0)
        memcpy(field->name, name.data, (size_t)name.size);
    field->name[name.size] = '\0';
    *out = field;
    return ELEA_OK;
}

elea_field *elea_field_ref(const elea_field *field) {
    elea_field *shared = elea__unconst(field);
    if (shared)
        elea__count_ref(&shared->refcount);
    return shared;
}

void elea_field_unref(elea_field *field) {
    if (!field || !elea__count_unref(&field->refcount))
        return;
    elea_type_unref(field->type);
    elea_metadata_unref(field->metadata);
    elea_dealloc(field->pool, field, field->allocated);
}

const char *elea_field_name(const elea_field *field) { return field->name; }

const elea_type *elea_field_type(const elea_field *field) { return field->type; }

bool elea_field_nullable(const elea_field *field) { return field->nullable; }

const elea_metadata *elea_field_metadata(const elea_field *field) { return field->metadata; }

bool elea_field_equal(const elea_field *a, const elea_field *b, bool with_metadata) {
    return a == b || (strcmp(a->name, b->name) == 0 && a->nullable == b->nullable &&
                      elea_type_equal(a->type, b->type, with_metadata) &&
                      (!with_metadata || elea_metadata_equal(a->metadata, b->metadata)));
}

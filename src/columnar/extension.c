// SPDX-License-Identifier: Apache-2.0
//
// Extension types: what a field's metadata says of them, who knows their rules, and fields that
// are made with both.
#include <string.h>

#include "base/math_internal.h"
#include "base/os_internal.h"
#include "columnar/extension_internal.h"

#define KEY_NAME "ARROW:extension:name"
#define KEY_METADATA "ARROW:extension:metadata"

bool elea_extension_of(const elea_field *field, elea_extension *out) {
    const elea_metadata *metadata = elea_field_metadata(field);
    int64_t name = elea_metadata_find(metadata, KEY_NAME);
    int64_t text = elea_metadata_find(metadata, KEY_METADATA);
    if (name < 0)
        return false;
    *out = (elea_extension){.name = elea_metadata_value(metadata, name),
                            .storage = elea_field_type(field)};
    if (text >= 0)
        out->metadata = elea_metadata_value(metadata, text);
    return true;
}

// ---- the registry

// The canonical types are in a table of their own and need no lock.
typedef struct entry {
    struct entry *next;
    elea_extension_check check;
    void *context;
    int64_t allocated;
    elea_bytes name; // the bytes are behind this struct
} entry;

static elea__os_mutex registry_mutex = ELEA__OS_MUTEX_INIT;
static entry *registry;

bool elea__bytes_are(elea_bytes bytes, const char *text) {
    size_t size = strlen(text);
    return (size_t)bytes.size == size && (size == 0 || memcmp(bytes.data, text, size) == 0);
}

// The link that points to the entry of this name, or to the end. Under the mutex.
static entry **find_link(elea_bytes name) {
    entry **link = &registry;
    while (*link && ((*link)->name.size != name.size ||
                     memcmp((*link)->name.data, name.data, (size_t)name.size) != 0))
        link = &(*link)->next;
    return link;
}

static bool find_check(elea_bytes name, elea_extension_check *check, void **context) {
    *context = NULL;
    *check = elea__extension_canonical(name);
    if (*check || name.size <= 0)
        return *check != NULL;
    elea__os_mutex_lock(&registry_mutex);
    const entry *found = *find_link(name);
    if (found) {
        *check = found->check;
        *context = found->context;
    }
    elea__os_mutex_unlock(&registry_mutex);
    return *check != NULL;
}

bool elea_extension_is_known(elea_bytes name) {
    elea_extension_check check;
    void *context;
    return find_check(name, &check, &context);
}

static elea_status exists(elea_bytes name, elea_error *err) {
    return elea_error_set(err, ELEA_EEXISTS, "the extension type '%.*s' is registered already",
                          (int)elea__min(name.size, 200), name.data);
}

elea_status elea_extension_register(elea_bytes name, elea_extension_check check, void *context,
                                    elea_error *err) {
    void *block;
    int64_t size;
    if (name.size <= 0)
        return elea_error_set(err, ELEA_EINVAL, "the name of an extension type is empty");
    if (elea__extension_canonical(name))
        return exists(name, err);
    if (elea__add_overflow(name.size, (int64_t)sizeof(entry), &size))
        return elea_error_set(err, ELEA_ECAPACITY, "a name of %lld bytes", (long long)name.size);
    ELEA_TRY(elea_alloc(NULL, size, &block, err));
    entry *made = block;
    char *copy = (char *)(made + 1);
    memcpy(copy, name.data, (size_t)name.size);
    *made =
        (entry){.check = check, .context = context, .allocated = size, .name = {copy, name.size}};
    elea__os_mutex_lock(&registry_mutex);
    entry **link = find_link(name);
    bool is_new = *link == NULL;
    if (is_new)
        *link = made;
    elea__os_mutex_unlock(&registry_mutex);
    if (is_new)
        return ELEA_OK;
    elea_dealloc(NULL, made, size);
    return exists(name, err);
}

elea_status elea_extension_unregister(elea_bytes name, elea_error *err) {
    entry *found = NULL;
    if (name.size > 0) {
        elea__os_mutex_lock(&registry_mutex);
        entry **link = find_link(name);
        found = *link;
        if (found)
            *link = found->next;
        elea__os_mutex_unlock(&registry_mutex);
    }
    if (!found)
        return elea_error_set(err, ELEA_ENOTFOUND, "no extension type '%.*s' was registered",
                              (int)elea__min(name.size, 200), name.data);
    elea_dealloc(NULL, found, found->allocated);
    return ELEA_OK;
}

elea_status elea_extension_validate(const elea_extension *extension, elea_pool *pool,
                                    elea_error *err) {
    elea_extension_check check;
    void *context;
    if (extension->name.size <= 0)
        return elea_error_set(err, ELEA_EINVAL, "the name of an extension type is empty");
    if (!find_check(extension->name, &check, &context))
        return ELEA_OK;
    elea_status status = check(extension, pool, context, err);
    if (status == ELEA_OK)
        return ELEA_OK;
    return elea_error_prefix(err, status, "extension type '%.*s'",
                             (int)elea__min(extension->name.size, 200), extension->name.data);
}

// ---- fields from outside

elea_status elea__field_check_extension(const elea_field *field, elea_pool *pool, elea_error *err) {
    elea_extension extension;
    if (!elea_extension_of(field, &extension) || !elea_extension_is_known(extension.name))
        return ELEA_OK;
    elea_error own = {0};
    elea_status status = elea_extension_validate(&extension, pool, &own);
    if (status == ELEA_OK || status == ELEA_EUNSUPPORTED)
        return ELEA_OK;
    if (err)
        *err = own;
    return status;
}

static elea_status check_extensions(const elea_field *field, elea_pool *pool, elea_error *err) {
    const elea_type *type = elea_field_type(field);
    elea_status status = elea__field_check_extension(field, pool, err);
    // A dictionary has no fields of its own, but those of its values.
    while (elea_type_value_type(type))
        type = elea_type_value_type(type);
    for (int64_t i = 0; status == ELEA_OK && i < elea_type_child_count(type); i++)
        status = check_extensions(elea_type_child(type, i), pool, err);
    if (status == ELEA_OK)
        return ELEA_OK;
    return elea_error_prefix(err, status, "field '%s'", elea_field_name(field));
}

elea_status elea__schema_check_extensions(const elea_schema *schema, elea_pool *pool,
                                          elea_error *err) {
    for (int64_t i = 0; i < elea_schema_field_count(schema); i++)
        ELEA_TRY(check_extensions(elea_schema_field(schema, i), pool, err));
    return ELEA_OK;
}

// ---- fields

static elea_status metadata_with(elea_pool *pool, const elea_extension *extension,
                                 const elea_metadata *others, elea_metadata **out,
                                 elea_error *err) {
    int64_t count = elea_metadata_count(others);
    int64_t size = (count + 2) * 2 * (int64_t)sizeof(elea_bytes);
    void *block;
    if (elea_metadata_find(others, KEY_NAME) >= 0 || elea_metadata_find(others, KEY_METADATA) >= 0)
        return elea_error_set(err, ELEA_EINVAL, "the metadata name an extension type already");
    ELEA_TRY(elea_alloc(pool, size, &block, err));
    elea_bytes *keys = block;
    elea_bytes *values = keys + count + 2;
    for (int64_t i = 0; i < count; i++) {
        keys[i] = elea_metadata_key(others, i);
        values[i] = elea_metadata_value(others, i);
    }
    keys[count] = elea_bytes_of(KEY_NAME);
    values[count] = extension->name;
    keys[count + 1] = elea_bytes_of(KEY_METADATA);
    values[count + 1] = extension->metadata;
    elea_status status = elea_metadata_new(pool, keys, values, count + 2, out, err);
    elea_dealloc(pool, block, size);
    return status;
}

elea_status elea_field_new_extension(elea_pool *pool, elea_bytes name,
                                     const elea_extension *extension, bool nullable,
                                     const elea_metadata *metadata, elea_field **out,
                                     elea_error *err) {
    elea_metadata *whole = NULL;
    ELEA_TRY(elea_extension_validate(extension, pool, err));
    ELEA_TRY(metadata_with(pool, extension, metadata, &whole, err));
    elea_status status = elea_field_new(pool, name, extension->storage, nullable, whole, out, err);
    elea_metadata_unref(whole);
    return status;
}

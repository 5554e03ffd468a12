// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "abi/format_internal.h"
#include "base/math_internal.h"
#include "columnar/extension_internal.h"
#include "elea/abi.h"

#define DEPTH_MAX 64
// Structs that share children (against the rules) could stand for endless fields.
#define FIELD_COUNT_MAX (INT64_C(1) << 20)

// A list of child fields under construction.
typedef struct field_list {
    elea_field **fields;
    int64_t count; // of those present
    int64_t capacity;
} field_list;

static elea_status field_import(const struct ArrowSchema *source, elea_pool *pool, elea_field **out,
                                elea_error *err);

static void field_list_release(field_list *list, elea_pool *pool) {
    for (int64_t i = 0; i < list->count; i++)
        elea_field_unref(list->fields[i]);
    elea_dealloc(pool, list->fields, list->capacity * (int64_t)sizeof(elea_field *));
}

// ---- metadata

// Reads a native int32 that is a count or a size, and moves on.
static elea_status read_size(const char **cursor, int32_t *out, elea_error *err) {
    memcpy(out, *cursor, sizeof *out);
    *cursor += sizeof *out;
    if (*out < 0)
        return elea_error_set(err, ELEA_EINVAL, "metadata with a negative count or size, %d",
                              (int)*out);
    return ELEA_OK;
}

static elea_status read_bytes(const char **cursor, elea_bytes *out, elea_error *err) {
    int32_t size;
    ELEA_TRY(read_size(cursor, &size, err));
    *out = (elea_bytes){*cursor, size};
    *cursor += size;
    return ELEA_OK;
}

// `encoded` may be NULL. No end is given: the counts inside are all there is.
static elea_status metadata_import(const char *encoded, elea_pool *pool, elea_metadata **out,
                                   elea_error *err) {
    if (encoded == NULL) {
        *out = NULL;
        return ELEA_OK;
    }
    int32_t count;
    ELEA_TRY(read_size(&encoded, &count, err));
    // Walk it once before memory is asked for on the word of `count`.
    const char *cursor = encoded;
    elea_bytes skipped;
    for (int64_t i = 0; i < 2 * (int64_t)count; i++)
        ELEA_TRY(read_bytes(&cursor, &skipped, err));
    if (count == 0) {
        *out = NULL;
        return ELEA_OK;
    }

    elea_bytes *pairs;
    int64_t size = 2 * (int64_t)count * (int64_t)sizeof *pairs;
    ELEA_TRY(elea_alloc(pool, size, (void **)&pairs, err));
    elea_status status = ELEA_OK;
    elea_bytes *keys = pairs, *values = pairs + count;
    for (int32_t i = 0; i < count; i++) {
        ELEA_GOTO(done, read_bytes(&encoded, &keys[i], err));
        ELEA_GOTO(done, read_bytes(&encoded, &values[i], err));
    }
    ELEA_GOTO(done, elea_metadata_new(pool, keys, values, count, out, err));

done:
    elea_dealloc(pool, pairs, size);
    return status;
}

// ---- the tree, before anything is made of it

static elea_status struct_check(const struct ArrowSchema *source, elea_error *err) {
    if (source == NULL)
        return elea_error_set(err, ELEA_EINVAL, "the ArrowSchema is NULL");
    if (source->release == NULL)
        return elea_error_set(err, ELEA_EINVAL, "the ArrowSchema is released already");
    if (source->format == NULL)
        return elea_error_set(err, ELEA_EINVAL, "the format is NULL");
    if (source->n_children < 0 || (source->n_children > 0 && source->children == NULL))
        return elea_error_set(err, ELEA_EINVAL, "%lld children at %s",
                              (long long)source->n_children,
                              source->children == NULL ? "NULL" : "an address");
    elea_bytes name = elea_bytes_of(source->name);
    int64_t bad = elea_utf8_check(name.data, name.size);
    if (bad != name.size)
        return elea_error_set(err, ELEA_EINVAL, "the name is not UTF-8 at byte %lld",
                              (long long)bad);
    return ELEA_OK;
}

static elea_status tree_check(const struct ArrowSchema *source, int depth, int64_t *field_count,
                              elea_error *err) {
    if (depth >= DEPTH_MAX)
        return elea_error_set(err, ELEA_EINVAL, "types nested deeper than %d levels", DEPTH_MAX);
    ELEA_TRY(struct_check(source, err));
    if (source->n_children > FIELD_COUNT_MAX - *field_count)
        return elea_error_set(err, ELEA_ECAPACITY, "more than %lld fields",
                              (long long)FIELD_COUNT_MAX);
    *field_count += source->n_children;
    for (int64_t i = 0; i < source->n_children; i++) {
        elea_status status = tree_check(source->children[i], depth + 1, field_count, err);
        if (status != ELEA_OK)
            return elea_error_prefix(err, status, "child %lld", (long long)i);
    }
    if (source->dictionary == NULL)
        return ELEA_OK;
    elea_status status = tree_check(source->dictionary, depth + 1, field_count, err);
    return status == ELEA_OK ? status : elea_error_prefix(err, status, "dictionary");
}

// ---- fields

// The fields of the children. On failure the list is empty.
static elea_status children_import(const struct ArrowSchema *source, elea_pool *pool,
                                   field_list *out, elea_error *err) {
    elea_status status = ELEA_OK;
    field_list list = {.capacity = source->n_children};
    ELEA_TRY(elea_alloc(pool, list.capacity * (int64_t)sizeof(elea_field *), (void **)&list.fields,
                        err));
    for (; list.count < list.capacity; list.count++)
        ELEA_GOTO(done,
                  field_import(source->children[list.count], pool, &list.fields[list.count], err));
    *out = list;

done:
    if (status != ELEA_OK) {
        status = elea_error_prefix(err, status, "child %lld", (long long)list.count);
        field_list_release(&list, pool);
    }
    return status;
}

// Turns the type of indices into that of a dictionary.
static elea_status dictionary_import(const struct ArrowSchema *source, elea_pool *pool,
                                     elea_type **type, elea_error *err) {
    elea_type *indices = *type;
    elea_field *values;
    elea_status status = field_import(source->dictionary, pool, &values, err);
    if (status != ELEA_OK)
        return elea_error_prefix(err, status, "dictionary");
    bool ordered = (source->flags & ARROW_FLAG_DICTIONARY_ORDERED) != 0;
    status = elea_type_new_dictionary(pool, indices, elea_field_type(values), ordered, type, err);
    elea_field_unref(values);
    if (status == ELEA_OK)
        elea_type_unref(indices);
    return status;
}

static elea_status field_import(const struct ArrowSchema *source, elea_pool *pool, elea_field **out,
                                elea_error *err) {
    elea_status status = ELEA_OK;
    elea_metadata *metadata = NULL;
    elea_type *type = NULL;
    elea_field *field = NULL;
    field_list children = {0};
    ELEA_TRY(metadata_import(source->metadata, pool, &metadata, err));
    ELEA_GOTO(done, children_import(source, pool, &children, err));

    elea__format_context context = {
        .pool = pool,
        .children = (const elea_field *const *)children.fields,
        .child_count = children.count,
        .keys_sorted = (source->flags & ARROW_FLAG_MAP_KEYS_SORTED) != 0,
    };
    ELEA_GOTO(done, elea__format_parse(source->format, &context, &type, err));
    if (source->dictionary != NULL)
        ELEA_GOTO(done, dictionary_import(source, pool, &type, err));
    bool nullable = (source->flags & ARROW_FLAG_NULLABLE) != 0;
    ELEA_GOTO(done, elea_field_new(pool, elea_bytes_of(source->name), type, nullable, metadata,
                                   &field, err));
    ELEA_GOTO(done, elea__field_check_extension(field, pool, err));
    *out = elea_field_ref(field);

done:
    elea_field_unref(field);
    field_list_release(&children, pool);
    elea_type_unref(type);
    elea_metadata_unref(metadata);
    return status;
}

// The struct of the caller is empty after an import, whatever came of it.
static void schema_consume(struct ArrowSchema *source) {
    if (source == NULL || source->release == NULL)
        return;
    source->release(source);
    source->release = NULL;
}

elea_status elea_field_import(struct ArrowSchema *source, elea_pool *pool, elea_field **out,
                              elea_error *err) {
    int64_t field_count = 0;
    elea_status status = tree_check(source, 0, &field_count, err);
    if (status == ELEA_OK)
        status = field_import(source, pool, out, err);
    schema_consume(source);
    return status;
}

elea_status elea_schema_import(struct ArrowSchema *source, elea_pool *pool, elea_schema **out,
                               elea_error *err) {
    elea_status status = ELEA_OK;
    int64_t field_count = 0;
    elea_metadata *metadata = NULL;
    field_list fields = {0};
    ELEA_GOTO(done, tree_check(source, 0, &field_count, err));
    if (strcmp(source->format, "+s") != 0)
        ELEA_GOTO(done, elea_error_set(err, ELEA_EINVAL, "format '%s' where a schema's is '+s'",
                                       source->format));
    ELEA_GOTO(done, metadata_import(source->metadata, pool, &metadata, err));
    ELEA_GOTO(done, children_import(source, pool, &fields, err));
    ELEA_GOTO(done, elea_schema_new(pool, (const elea_field *const *)fields.fields, fields.count,
                                    metadata, out, err));

done:
    field_list_release(&fields, pool);
    elea_metadata_unref(metadata);
    schema_consume(source);
    return status;
}

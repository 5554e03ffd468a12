// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "abi/format_internal.h"
#include "elea/abi.h"

// What hangs on `private_data`: one block with the structs of the children behind it, the field
// whose name is lent, and what must be written. Every node stands for itself, so that a consumer
// may move a child away.
typedef struct schema_node {
    elea_pool *pool;
    int64_t size;
    elea_field *field; // a reference, or NULL
    elea_text strings; // metadata (first, for its alignment) and a format with parameters
} schema_node;

// One node to be: a type with what a field adds to it, or a schema.
typedef struct schema_source {
    const elea_type *type; // NULL for a schema
    const elea_schema *schema;
    const elea_field *field; // NULL: one without a name
    const elea_metadata *metadata;
    int64_t flags;
    int64_t child_count;
} schema_source;

static schema_source source_of_type(const elea_type *type) {
    int64_t flags = ARROW_FLAG_NULLABLE;
    if (elea_type_keys_sorted(type))
        flags |= ARROW_FLAG_MAP_KEYS_SORTED;
    if (elea_type_ordered(type))
        flags |= ARROW_FLAG_DICTIONARY_ORDERED;
    return (schema_source){
        .type = type, .flags = flags, .child_count = elea_type_child_count(type)};
}

static schema_source source_of_field(const elea_field *field) {
    schema_source source = source_of_type(elea_field_type(field));
    source.field = field;
    source.metadata = elea_field_metadata(field);
    if (!elea_field_nullable(field))
        source.flags &= ~(int64_t)ARROW_FLAG_NULLABLE;
    return source;
}

static const elea_field *source_child(const schema_source *source, int64_t index) {
    return source->type == NULL ? elea_schema_field(source->schema, index)
                                : elea_type_child(source->type, index);
}

// The type of the values of a dictionary, or NULL.
static const elea_type *source_dictionary(const schema_source *source) {
    return source->type == NULL ? NULL : elea_type_value_type(source->type);
}

static void schema_release(struct ArrowSchema *schema) {
    for (int64_t i = 0; i < schema->n_children; i++) {
        struct ArrowSchema *child = schema->children[i];
        if (child->release != NULL)
            child->release(child);
    }
    if (schema->dictionary != NULL && schema->dictionary->release != NULL)
        schema->dictionary->release(schema->dictionary);
    schema_node *node = schema->private_data;
    elea_field_unref(node->field);
    elea_text_release(&node->strings);
    elea_dealloc(node->pool, node, node->size);
    schema->release = NULL;
}

static elea_status append_int32(elea_text *text, int64_t value, elea_error *err) {
    if (value > INT32_MAX)
        return elea_error_set(err, ELEA_ECAPACITY,
                              "metadata with a count or size of %lld does not fit the C data "
                              "interface, which has 32 bits for it",
                              (long long)value);
    int32_t number = (int32_t)value;
    char bytes[sizeof number];
    memcpy(bytes, &number, sizeof number);
    return elea_text_append(text, (elea_bytes){bytes, (int64_t)sizeof bytes}, err);
}

static elea_status append_sized(elea_text *text, elea_bytes bytes, elea_error *err) {
    ELEA_TRY(append_int32(text, bytes.size, err));
    return elea_text_append(text, bytes, err);
}

static elea_status append_metadata(elea_text *text, const elea_metadata *metadata,
                                   elea_error *err) {
    int64_t count = elea_metadata_count(metadata);
    ELEA_TRY(append_int32(text, count, err));
    for (int64_t i = 0; i < count; i++) {
        ELEA_TRY(append_sized(text, elea_metadata_key(metadata, i), err));
        ELEA_TRY(append_sized(text, elea_metadata_value(metadata, i), err));
    }
    return ELEA_OK;
}

// The strings grow while they are written: the pointers are taken at the end.
static elea_status fill_strings(const schema_source *source, elea_text *strings,
                                struct ArrowSchema *schema, elea_error *err) {
    bool has_metadata = elea_metadata_count(source->metadata) > 0;
    schema->name = source->field == NULL ? "" : elea_field_name(source->field);
    schema->format = source->type == NULL ? "+s" : elea__format_fixed(source->type);
    if (has_metadata)
        ELEA_TRY(append_metadata(strings, source->metadata, err));
    int64_t format_offset = strings->size;
    if (schema->format == NULL) {
        ELEA_TRY(elea__format_append(source->type, strings, err));
        ELEA_TRY(elea_text_append(strings, (elea_bytes){"", 1}, err));
        schema->format = strings->data + format_offset;
    }
    schema->metadata = has_metadata ? strings->data : NULL;
    return ELEA_OK;
}

// A struct with room for children and a dictionary, which are marked as released.
static elea_status node_new(const schema_source *source, elea_pool *pool, struct ArrowSchema *out,
                            elea_error *err) {
    int64_t count = source->child_count;
    bool has_dictionary = source_dictionary(source) != NULL;
    int64_t size = (int64_t)sizeof(schema_node) + count * (int64_t)sizeof(struct ArrowSchema *) +
                   (count + has_dictionary) * (int64_t)sizeof(struct ArrowSchema);
    schema_node *node;
    ELEA_TRY(elea_alloc_zero(pool, size, (void **)&node, err));
    node->pool = pool;
    node->size = size;
    node->field = elea_field_ref(source->field);
    elea_text_init(&node->strings, pool);
    struct ArrowSchema **pointers = (struct ArrowSchema **)(node + 1);
    struct ArrowSchema *children = (struct ArrowSchema *)(pointers + count);
    for (int64_t i = 0; i < count; i++)
        pointers[i] = &children[i];
    *out = (struct ArrowSchema){.flags = source->flags,
                                .n_children = count,
                                .children = count > 0 ? pointers : NULL,
                                .dictionary = has_dictionary ? &children[count] : NULL,
                                .release = schema_release,
                                .private_data = node};
    return ELEA_OK;
}

static elea_status schema_export(const schema_source *source, elea_pool *pool,
                                 struct ArrowSchema *out, elea_error *err) {
    elea_status status = ELEA_OK;
    struct ArrowSchema schema;
    ELEA_TRY(node_new(source, pool, &schema, err));
    schema_node *node = schema.private_data;
    ELEA_GOTO(done, fill_strings(source, &node->strings, &schema, err));
    for (int64_t i = 0; i < schema.n_children; i++) {
        schema_source child = source_of_field(source_child(source, i));
        ELEA_GOTO(done, schema_export(&child, pool, schema.children[i], err));
    }
    if (schema.dictionary != NULL) {
        schema_source values = source_of_type(source_dictionary(source));
        ELEA_GOTO(done, schema_export(&values, pool, schema.dictionary, err));
    }
    *out = schema;

done:
    if (status != ELEA_OK)
        schema_release(&schema);
    return status;
}

elea_status elea_type_export(const elea_type *type, elea_pool *pool, struct ArrowSchema *out,
                             elea_error *err) {
    schema_source source = source_of_type(type);
    return schema_export(&source, pool, out, err);
}

elea_status elea_field_export(const elea_field *field, elea_pool *pool, struct ArrowSchema *out,
                              elea_error *err) {
    schema_source source = source_of_field(field);
    return schema_export(&source, pool, out, err);
}

elea_status elea_schema_export(const elea_schema *schema, elea_pool *pool, struct ArrowSchema *out,
                               elea_error *err) {
    schema_source source = {.schema = schema,
                            .metadata = elea_schema_metadata(schema),
                            .child_count = elea_schema_field_count(schema)};
    return schema_export(&source, pool, out, err);
}

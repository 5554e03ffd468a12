// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "ipc/format.h"
#include "ipc/schema.h"
#include "ipc/type_map.h"

void elea__ipc_metadata_write(elea__flat_builder *builder, int64_t location,
                              const elea_metadata *metadata) {
    int64_t count = elea_metadata_count(metadata);
    int64_t vector = elea__flat_add_vector(builder, location, count, 4, 4);
    for (int64_t i = 0; i < count; i++) {
        elea__flat_begin_table(builder, vector + 4 * i);
        int64_t key = elea__flat_add_offset(builder, ELEA__PAIR_KEY);
        int64_t value = elea__flat_add_offset(builder, ELEA__PAIR_VALUE);
        elea__flat_end_table(builder);
        elea__flat_add_string(builder, key, elea_metadata_key(metadata, i));
        elea__flat_add_string(builder, value, elea_metadata_value(metadata, i));
    }
}

// The parameters that are numbers and do not select the type.
static void write_parameters(elea__flat_builder *builder, const elea_type *type) {
    switch (elea_type_id_of(type)) {
    case ELEA_TYPE_TIMESTAMP:
    case ELEA_TYPE_TIME32:
    case ELEA_TYPE_TIME64:
    case ELEA_TYPE_DURATION:
        elea__flat_add_int(builder, ELEA__UNIT_SLOT, 2, elea_type_time_unit(type));
        break;
    case ELEA_TYPE_FIXED_SIZE_BINARY:
    case ELEA_TYPE_FIXED_SIZE_LIST:
        elea__flat_add_int(builder, ELEA__SIZE_SLOT, 4, elea_type_fixed_size(type));
        break;
    case ELEA_TYPE_MAP:
        elea__flat_add_int(builder, ELEA__SORTED_SLOT, 1, elea_type_keys_sorted(type));
        break;
    case ELEA_TYPE_DECIMAL32:
    case ELEA_TYPE_DECIMAL64:
    case ELEA_TYPE_DECIMAL128:
    case ELEA_TYPE_DECIMAL256:
        elea__flat_add_int(builder, ELEA__PRECISION_SLOT, 4, elea_type_precision(type));
        elea__flat_add_int(builder, ELEA__SCALE_SLOT, 4, elea_type_scale(type));
        break;
    default:
        break;
    }
}

void elea__ipc_type_write(elea__flat_builder *builder, int64_t location, const elea_type *type) {
    const elea__ipc_type_row *row = elea__ipc_type_row_of(elea_type_id_of(type));
    const elea__ipc_tag *tag = elea__ipc_tag_of(row->tag);
    const int8_t *codes = elea_type_union_codes(type);
    const char *zone = elea_type_time_zone(type);
    int64_t zone_location = 0, codes_location = 0;

    elea__flat_begin_table(builder, location);
    for (int i = 0; i < 2; i++)
        if (tag->keys[i].width > 0)
            elea__flat_add_int(builder, tag->keys[i].slot, tag->keys[i].width, row->keys[i]);
    write_parameters(builder, type);
    if (zone[0] != '\0')
        zone_location = elea__flat_add_offset(builder, ELEA__ZONE_SLOT);
    if (codes)
        codes_location = elea__flat_add_offset(builder, ELEA__CODES_SLOT);
    elea__flat_end_table(builder);
    if (zone[0] != '\0')
        elea__flat_add_string(builder, zone_location, elea_bytes_of(zone));
    if (!codes)
        return;
    int64_t count = elea_type_child_count(type);
    int64_t vector = elea__flat_add_vector(builder, codes_location, count, 4, 4);
    for (int64_t i = 0; i < count; i++)
        elea__flat_store(builder, vector + 4 * i, 4, codes[i]);
}

// The ids that slots get, in their order.
typedef struct numbering {
    const int64_t *ids; // NULL: 0, 1, ...
    int64_t next;
} numbering;

// How the dictionary of the next slot is encoded.
static void write_encoding(elea__flat_builder *builder, int64_t location, const elea_type *type,
                           numbering *slots) {
    int64_t id = slots->ids ? slots->ids[slots->next] : slots->next;
    slots->next++;
    elea__flat_begin_table(builder, location);
    elea__flat_add_int(builder, ELEA__ENCODING_ID, 8, id);
    int64_t index_location = elea__flat_add_offset(builder, ELEA__ENCODING_INDEX_TYPE);
    elea__flat_add_int(builder, ELEA__ENCODING_ORDERED, 1, elea_type_ordered(type));
    elea__flat_end_table(builder);
    elea__ipc_type_write(builder, index_location, elea_type_index_type(type));
}

static elea_status write_field(elea__flat_builder *builder, int64_t location,
                               const elea_field *field, numbering *slots, elea_error *err) {
    const elea_type *encoded = elea_field_type(field);
    const elea_type *type = elea_type_value_type(encoded); // of a dictionary
    const elea_metadata *metadata = elea_field_metadata(field);
    int64_t metadata_location = 0, encoding_location = 0;
    bool is_encoded = type;
    if (!is_encoded)
        type = encoded;
    const elea__ipc_type_row *row = elea__ipc_type_row_of(elea_type_id_of(type));
    if (row->tag == 0)
        return elea_error_set(err, ELEA_EUNSUPPORTED, "field \"%s\": the format has no %s%s",
                              elea_field_name(field), is_encoded ? "dictionary of " : "",
                              elea_type_id_name(elea_type_id_of(type)));
    elea__flat_begin_table(builder, location);
    int64_t name_location = elea__flat_add_offset(builder, ELEA__FIELD_NAME);
    int64_t type_location = elea__flat_add_offset(builder, ELEA__FIELD_TYPE);
    int64_t children_location = elea__flat_add_offset(builder, ELEA__FIELD_CHILDREN);
    if (is_encoded)
        encoding_location = elea__flat_add_offset(builder, ELEA__FIELD_DICTIONARY);
    if (elea_metadata_count(metadata) > 0)
        metadata_location = elea__flat_add_offset(builder, ELEA__FIELD_METADATA);
    elea__flat_add_int(builder, ELEA__FIELD_TYPE_TAG, 1, row->tag);
    elea__flat_add_int(builder, ELEA__FIELD_NULLABLE, 1, elea_field_nullable(field));
    elea__flat_end_table(builder);

    elea__flat_add_string(builder, name_location, elea_bytes_of(elea_field_name(field)));
    elea__ipc_type_write(builder, type_location, type);
    if (is_encoded)
        write_encoding(builder, encoding_location, encoded, slots);
    if (metadata_location)
        elea__ipc_metadata_write(builder, metadata_location, metadata);
    int64_t count = elea_type_child_count(type);
    int64_t vector = elea__flat_add_vector(builder, children_location, count, 4, 4);
    for (int64_t i = 0; i < count; i++)
        ELEA_TRY(write_field(builder, vector + 4 * i, elea_type_child(type, i), slots, err));
    return ELEA_OK;
}

elea_status elea__ipc_schema_write(elea__flat_builder *builder, int64_t location,
                                   const elea_schema *schema, const int64_t *ids, elea_error *err) {
    const elea_metadata *metadata = elea_schema_metadata(schema);
    numbering slots = {.ids = ids};
    int64_t metadata_location = 0;
    elea__flat_begin_table(builder, location);
    int64_t fields_location = elea__flat_add_offset(builder, ELEA__SCHEMA_FIELDS);
    if (elea_metadata_count(metadata) > 0)
        metadata_location = elea__flat_add_offset(builder, ELEA__SCHEMA_METADATA);
    elea__flat_add_int(builder, ELEA__SCHEMA_ENDIANNESS, 2, 0);
    elea__flat_end_table(builder);

    int64_t count = elea_schema_field_count(schema);
    int64_t vector = elea__flat_add_vector(builder, fields_location, count, 4, 4);
    for (int64_t i = 0; i < count; i++)
        ELEA_TRY(write_field(builder, vector + 4 * i, elea_schema_field(schema, i), &slots, err));
    if (metadata_location)
        elea__ipc_metadata_write(builder, metadata_location, metadata);
    return ELEA_OK;
}

// SPDX-License-Identifier: Apache-2.0
//
// Data types. The table and the types without parameters are laid out by the compiler from the type
// list; a type with parameters is one allocation that ends in its children and texts.
#include <string.h>

#include "base/math_internal.h"
#include "columnar/ref_internal.h"
#include "columnar/type_internal.h"

#define TYPE_ROW(name, number, text, format, layout, bit_width, c_type, physical)                  \
    [number] = {text,                                                                              \
                format,                                                                            \
                ELEA_LAYOUT_##layout,                                                              \
                bit_width,                                                                         \
                ELEA_TYPE_##physical,                                                              \
                !__builtin_types_compatible_p(c_type, void)},
const elea__type_row elea__type_table[ELEA__TYPE_ID_COUNT] = {ELEA_TYPE_LIST(TYPE_ROW)};
#undef TYPE_ROW

#define STATIC_TYPE(name, number, text, format, type_layout, width, c_type, physical)              \
    [number] = {.refcount = -1,                                                                    \
                .id = ELEA_TYPE_##name,                                                            \
                .layout = ELEA_LAYOUT_##type_layout,                                               \
                .bit_width = width,                                                                \
                .depth = 1,                                                                        \
                .zone = ""},
static const elea_type static_types[ELEA__TYPE_ID_COUNT] = {ELEA_TYPE_LIST(STATIC_TYPE)};
#undef STATIC_TYPE

const char *elea_type_id_name(elea_type_id id) {
    return elea__type_id_known(id) ? elea__type_table[id].name : "unknown";
}

const char *elea_type_id_format(elea_type_id id) {
    return elea__type_id_known(id) ? elea__type_table[id].format : "";
}

// A format that something must follow belongs to a type with parameters: those of nested types,
// those that end in a colon, and the times, whose two letters a third one, the unit, completes.
static bool has_parameters(elea_type_id id) {
    const char *format = elea__type_table[id].format;
    size_t size = strlen(format);
    return size == 0 || format[0] == '+' || format[size - 1] == ':' ||
           (format[0] == 't' && size == 2);
}

const elea_type *elea_type_of(elea_type_id id) {
    return elea__type_id_known(id) && !has_parameters(id) ? &static_types[id] : NULL;
}

// ---- making

// What varies between types with parameters; the rest is in the table.
typedef struct type_parts {
    const elea_field *const *children;
    int64_t child_count;
    const char *zone;
    const int8_t *codes;
    const elea_type *index_type;
    const elea_type *value_type;
} type_parts;

static int32_t depth_of(const type_parts *parts) {
    int32_t depth = parts->value_type ? parts->value_type->depth : 0;
    for (int64_t i = 0; i < parts->child_count; i++) {
        int32_t child_depth = parts->children[i]->type->depth;
        depth = child_depth > depth ? child_depth : depth;
    }
    return depth + 1;
}

static elea_status type_size(elea_type_id id, const type_parts *parts, int64_t *out,
                             elea_error *err) {
    int64_t size;
    // A code for each child is allotted to all types, to keep the sum simple.
    if (parts->child_count < 0 ||
        elea__mul_overflow(parts->child_count, (int64_t)sizeof(elea_field *) + 1, &size) ||
        elea__add_overflow(size, (int64_t)sizeof(elea_type) + (int64_t)strlen(parts->zone) + 1,
                           &size))
        return elea_error_set(err, ELEA_ECAPACITY, "a %s of %lld children is too large",
                              elea_type_id_name(id), (long long)parts->child_count);
    if (depth_of(parts) > ELEA__TYPE_DEPTH_MAX)
        return elea_error_set(err, ELEA_ECAPACITY, "a %s nested %d deep, the limit is %d",
                              elea_type_id_name(id), depth_of(parts), ELEA__TYPE_DEPTH_MAX);
    *out = size;
    return ELEA_OK;
}

static elea_status type_new(elea_pool *pool, elea_type_id id, const type_parts *parts,
                            elea_type **out, elea_error *err) {
    int64_t size;
    void *block;
    ELEA_TRY(type_size(id, parts, &size, err));
    ELEA_TRY(elea_alloc(pool, size, &block, err));
    elea_type *type = block;
    elea_field **children = (elea_field **)(type + 1);
    char *tail = (char *)(children + parts->child_count);
    *type = static_types[id];
    type->refcount = 1;
    type->pool = pool;
    type->allocated = size;
    type->depth = depth_of(parts);
    type->child_count = parts->child_count;
    type->children = children;
    for (int64_t i = 0; i < parts->child_count; i++)
        children[i] = elea_field_ref(parts->children[i]);
    if (parts->codes) {
        memcpy(tail, parts->codes, (size_t)parts->child_count);
        type->codes = (int8_t *)tail;
        tail += parts->child_count;
    }
    type->zone = memcpy(tail, parts->zone, strlen(parts->zone) + 1);
    type->index_type = elea_type_ref(parts->index_type);
    type->value_type = elea_type_ref(parts->value_type);
    *out = type;
    return ELEA_OK;
}

static elea_status wrong_id(elea_type_id id, const char *wanted, elea_error *err) {
    return elea_error_set(err, ELEA_ETYPE, "type %s, expected %s", elea_type_id_name(id), wanted);
}

static elea_status check_unit(elea_time_unit unit, unsigned first, unsigned last, elea_type_id id,
                              elea_error *err) {
    static const char *const names[] = {"seconds", "milliseconds", "microseconds", "nanoseconds"};
    if ((unsigned)unit >= first && (unsigned)unit <= last)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL, "a %s in %s", elea_type_id_name(id),
                          (unsigned)unit < 4 ? names[unit] : "an unknown unit");
}

elea_status elea_type_new_timestamp(elea_pool *pool, elea_time_unit unit, const char *zone,
                                    elea_type **out, elea_error *err) {
    ELEA_TRY(check_unit(unit, ELEA_TIME_SECOND, ELEA_TIME_NANO, ELEA_TYPE_TIMESTAMP, err));
    ELEA_TRY(
        type_new(pool, ELEA_TYPE_TIMESTAMP, &(type_parts){.zone = zone ? zone : ""}, out, err));
    (*out)->unit = unit;
    return ELEA_OK;
}

elea_status elea_type_new_time(elea_pool *pool, elea_type_id id, elea_time_unit unit,
                               elea_type **out, elea_error *err) {
    if (id != ELEA_TYPE_TIME32 && id != ELEA_TYPE_TIME64 && id != ELEA_TYPE_DURATION)
        return wrong_id(id, "time32, time64 or duration", err);
    unsigned first = id == ELEA_TYPE_TIME64 ? ELEA_TIME_MICRO : ELEA_TIME_SECOND;
    unsigned last = id == ELEA_TYPE_TIME32 ? ELEA_TIME_MILLI : ELEA_TIME_NANO;
    ELEA_TRY(check_unit(unit, first, last, id, err));
    ELEA_TRY(type_new(pool, id, &(type_parts){.zone = ""}, out, err));
    (*out)->unit = unit;
    return ELEA_OK;
}

elea_status elea_type_new_fixed_size_binary(elea_pool *pool, int32_t width, elea_type **out,
                                            elea_error *err) {
    if (width < 0 || width > INT32_MAX / 8)
        return elea_error_set(err, ELEA_EINVAL, "a fixed_size_binary of %d bytes, expected 0 to %d",
                              width, INT32_MAX / 8);
    ELEA_TRY(type_new(pool, ELEA_TYPE_FIXED_SIZE_BINARY, &(type_parts){.zone = ""}, out, err));
    (*out)->fixed_size = width;
    (*out)->bit_width = width * 8;
    return ELEA_OK;
}

elea_status elea_type_new_decimal(elea_pool *pool, elea_type_id id, int32_t precision,
                                  int32_t scale, elea_type **out, elea_error *err) {
    if (id != ELEA_TYPE_DECIMAL32 && id != ELEA_TYPE_DECIMAL64 && id != ELEA_TYPE_DECIMAL128 &&
        id != ELEA_TYPE_DECIMAL256)
        return wrong_id(id, "a decimal", err);
    // The digits that a signed integer of the width always holds: floor((bits - 1) * log10(2)).
    int32_t precision_max = (elea__type_table[id].bit_width - 1) * 30103 / 100000;
    if (precision < 1 || precision > precision_max)
        return elea_error_set(err, ELEA_EINVAL, "a %s with precision %d, expected 1 to %d",
                              elea_type_id_name(id), precision, precision_max);
    ELEA_TRY(type_new(pool, id, &(type_parts){.zone = ""}, out, err));
    (*out)->precision = precision;
    (*out)->scale = scale;
    return ELEA_OK;
}

static bool is_plain_list(elea_type_id id) {
    return id == ELEA_TYPE_LIST || id == ELEA_TYPE_LARGE_LIST || id == ELEA_TYPE_LIST_VIEW ||
           id == ELEA_TYPE_LARGE_LIST_VIEW;
}

elea_status elea_type_new_list(elea_pool *pool, elea_type_id id, const elea_field *item,
                               elea_type **out, elea_error *err) {
    if (!is_plain_list(id))
        return wrong_id(id, "a list, large list or list view", err);
    return type_new(pool, id, &(type_parts){.zone = "", .children = &item, .child_count = 1}, out,
                    err);
}

elea_status elea_type_new_fixed_size_list(elea_pool *pool, const elea_field *item,
                                          int32_t list_size, elea_type **out, elea_error *err) {
    if (list_size < 0)
        return elea_error_set(err, ELEA_EINVAL, "a fixed_size_list of %d values", list_size);
    ELEA_TRY(type_new(pool, ELEA_TYPE_FIXED_SIZE_LIST,
                      &(type_parts){.zone = "", .children = &item, .child_count = 1}, out, err));
    (*out)->fixed_size = list_size;
    return ELEA_OK;
}

elea_status elea_type_new_struct(elea_pool *pool, const elea_field *const *fields, int64_t count,
                                 elea_type **out, elea_error *err) {
    return type_new(pool, ELEA_TYPE_STRUCT,
                    &(type_parts){.zone = "", .children = fields, .child_count = count}, out, err);
}

elea_status elea_type_new_map_of_entries(elea_pool *pool, const elea_field *entries,
                                         bool keys_sorted, elea_type **out, elea_error *err) {
    const elea_type *pair = entries->type;
    if (pair->id != ELEA_TYPE_STRUCT || pair->child_count != 2)
        return elea_error_set(err, ELEA_EINVAL,
                              "the entries \"%s\" of a map are %s with %lld children, expected a "
                              "struct of key and value",
                              entries->name, elea_type_id_name(pair->id),
                              (long long)pair->child_count);
    if (pair->children[0]->nullable)
        return elea_error_set(err, ELEA_EINVAL, "the key \"%s\" of a map is nullable",
                              pair->children[0]->name);
    ELEA_TRY(type_new(pool, ELEA_TYPE_MAP,
                      &(type_parts){.zone = "", .children = &entries, .child_count = 1}, out, err));
    (*out)->ordered = keys_sorted;
    return ELEA_OK;
}

elea_status elea_type_new_map(elea_pool *pool, const elea_field *key, const elea_field *value,
                              bool keys_sorted, elea_type **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_type *pair = NULL;
    elea_field *entries = NULL;
    const elea_field *const fields[] = {key, value};
    ELEA_GOTO(done, elea_type_new_struct(pool, fields, 2, &pair, err));
    ELEA_GOTO(done,
              elea_field_new(pool, elea_bytes_of("entries"), pair, false, NULL, &entries, err));
    status = elea_type_new_map_of_entries(pool, entries, keys_sorted, out, err);

done:
    elea_field_unref(entries);
    elea_type_unref(pair);
    return status;
}

elea_status elea_type_new_union(elea_pool *pool, elea_type_id id, const elea_field *const *fields,
                                const int8_t *codes, int64_t count, elea_type **out,
                                elea_error *err) {
    bool seen[ELEA__UNION_CODE_COUNT] = {false};
    if (id != ELEA_TYPE_SPARSE_UNION && id != ELEA_TYPE_DENSE_UNION)
        return wrong_id(id, "a union", err);
    if (count < 0 || count > ELEA__UNION_CODE_COUNT)
        return elea_error_set(err, ELEA_EINVAL, "a union of %lld types, expected 0 to %d",
                              (long long)count, ELEA__UNION_CODE_COUNT);
    for (int64_t i = 0; i < count; i++) {
        if (codes[i] < 0)
            return elea_error_set(err, ELEA_EINVAL, "code %d of union type %lld is negative",
                                  codes[i], (long long)i);
        if (seen[codes[i]])
            return elea_error_set(err, ELEA_EINVAL, "code %d stands for two types of a union",
                                  codes[i]);
        seen[codes[i]] = true;
    }
    type_parts parts = {
        .zone = "", .children = fields, .child_count = count, .codes = count ? codes : NULL};
    return type_new(pool, id, &parts, out, err);
}

static bool is_integer(const elea_type *type) {
    return type->id >= ELEA_TYPE_UINT8 && type->id <= ELEA_TYPE_INT64;
}

elea_status elea_type_new_dictionary(elea_pool *pool, const elea_type *index_type,
                                     const elea_type *value_type, bool ordered, elea_type **out,
                                     elea_error *err) {
    if (!is_integer(index_type))
        return wrong_id(index_type->id, "an integer for the indices of a dictionary", err);
    ELEA_TRY(type_new(pool, ELEA_TYPE_DICTIONARY,
                      &(type_parts){.zone = "", .index_type = index_type, .value_type = value_type},
                      out, err));
    (*out)->bit_width = index_type->bit_width;
    (*out)->ordered = ordered;
    return ELEA_OK;
}

elea_status elea_type_new_run_end_encoded(elea_pool *pool, const elea_field *run_ends,
                                          const elea_field *values, elea_type **out,
                                          elea_error *err) {
    elea_type_id id = run_ends->type->id;
    if (id != ELEA_TYPE_INT16 && id != ELEA_TYPE_INT32 && id != ELEA_TYPE_INT64)
        return wrong_id(id, "int16, int32 or int64 for run ends", err);
    if (run_ends->nullable)
        return elea_error_set(err, ELEA_EINVAL, "the run ends \"%s\" are nullable", run_ends->name);
    const elea_field *const children[] = {run_ends, values};
    return type_new(pool, ELEA_TYPE_RUN_END_ENCODED,
                    &(type_parts){.zone = "", .children = children, .child_count = 2}, out, err);
}

elea_type *elea_type_ref(const elea_type *type) {
    elea_type *shared = elea__unconst(type);
    if (shared)
        elea__count_ref(&shared->refcount);
    return shared;
}

void elea_type_unref(elea_type *type) {
    if (!type || !elea__count_unref(&type->refcount))
        return;
    for (int64_t i = 0; i < type->child_count; i++)
        elea_field_unref(type->children[i]);
    elea_type_unref(type->index_type);
    elea_type_unref(type->value_type);
    elea_dealloc(type->pool, type, type->allocated);
}

// ---- asking

elea_type_id elea_type_id_of(const elea_type *type) { return type->id; }

elea_layout elea_type_layout_of(const elea_type *type) { return type->layout; }

elea_type_id elea_type_physical(const elea_type *type) {
    return elea__type_table[type->id].physical;
}

int32_t elea_type_bit_width(const elea_type *type) { return type->bit_width; }

elea_time_unit elea_type_time_unit(const elea_type *type) { return type->unit; }

const char *elea_type_time_zone(const elea_type *type) { return type->zone; }

int32_t elea_type_fixed_size(const elea_type *type) { return type->fixed_size; }

bool elea_type_keys_sorted(const elea_type *type) {
    return type->id == ELEA_TYPE_MAP && type->ordered;
}

int32_t elea_type_precision(const elea_type *type) { return type->precision; }

int32_t elea_type_scale(const elea_type *type) { return type->scale; }

const elea_type *elea_type_index_type(const elea_type *type) { return type->index_type; }

const elea_type *elea_type_value_type(const elea_type *type) { return type->value_type; }

bool elea_type_ordered(const elea_type *type) {
    return type->id == ELEA_TYPE_DICTIONARY && type->ordered;
}

const int8_t *elea_type_union_codes(const elea_type *type) { return type->codes; }

int64_t elea_type_union_child(const elea_type *type, int8_t code) {
    for (int64_t i = 0; type->codes && i < type->child_count; i++) {
        if (type->codes[i] == code)
            return i;
    }
    return -1;
}

int64_t elea_type_child_count(const elea_type *type) { return type->child_count; }

const elea_field *elea_type_child(const elea_type *type, int64_t index) {
    return type->children[index];
}

// The names of children mean something in structs and unions. In other nested types Arrow leaves
// them to the writer.
static bool names_matter(const elea_type *type) {
    return type->layout == ELEA_LAYOUT_STRUCT || type->codes != NULL;
}

static bool children_equal(const elea_type *a, const elea_type *b, bool with_names,
                           bool with_metadata) {
    for (int64_t i = 0; i < a->child_count; i++) {
        const elea_field *x = a->children[i];
        const elea_field *y = b->children[i];
        if (x == y)
            continue;
        bool names_below = a->id != ELEA_TYPE_MAP && names_matter(x->type);
        if (((with_names || with_metadata) && strcmp(x->name, y->name) != 0) ||
            x->nullable != y->nullable ||
            !elea__type_equal(x->type, y->type, names_below, with_metadata) ||
            (with_metadata && !elea_metadata_equal(x->metadata, y->metadata)))
            return false;
    }
    return true;
}

bool elea__type_equal(const elea_type *a, const elea_type *b, bool with_names, bool with_metadata) {
    if (a == b)
        return true;
    if (a->id != b->id || a->unit != b->unit || a->fixed_size != b->fixed_size ||
        a->precision != b->precision || a->scale != b->scale || a->ordered != b->ordered ||
        a->child_count != b->child_count || strcmp(a->zone, b->zone) != 0)
        return false;
    if (a->codes && memcmp(a->codes, b->codes, (size_t)a->child_count) != 0)
        return false;
    if (a->value_type && (!elea_type_equal(a->index_type, b->index_type, with_metadata) ||
                          !elea_type_equal(a->value_type, b->value_type, with_metadata)))
        return false;
    return children_equal(a, b, with_names, with_metadata);
}

bool elea_type_equal(const elea_type *a, const elea_type *b, bool with_metadata) {
    return elea__type_equal(a, b, names_matter(a), with_metadata);
}

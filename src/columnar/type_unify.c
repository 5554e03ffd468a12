// SPDX-License-Identifier: Apache-2.0
//
// Promotion of types. Each rule looks at two types and either makes the one that holds the values
// of both, or leaves them to the next rule. The rules and their options are those of Arrow C++'s
// Field::MergeOptions, but for integers beside decimals: here the decimal has room for every value
// of the integer.
#include <string.h>

#include "base/math_internal.h"
#include "columnar/unify_internal.h"

typedef struct promotion {
    elea_pool *pool;
    const elea_type *a;
    const elea_type *b;
    const elea_unify_options *options;
} promotion;

// Stores nothing when it has nothing to say.
typedef elea_status (*promotion_rule)(const promotion *pair, elea_type **out, elea_error *err);

static elea_status give(const elea_type *type, elea_type **out) {
    *out = elea_type_ref(type);
    return ELEA_OK;
}

// ---- numbers

static bool is_signed(elea_type_id id) {
    return id == ELEA_TYPE_INT8 || id == ELEA_TYPE_INT16 || id == ELEA_TYPE_INT32 ||
           id == ELEA_TYPE_INT64;
}

static bool is_integer(elea_type_id id) { return id >= ELEA_TYPE_UINT8 && id <= ELEA_TYPE_INT64; }

static bool is_float(elea_type_id id) { return id >= ELEA_TYPE_FLOAT16 && id <= ELEA_TYPE_FLOAT64; }

static bool is_decimal(const elea_type *type) { return type->precision > 0; }

static const elea_type *signed_of(int32_t bits) {
    return elea_type_of(bits <= 16   ? ELEA_TYPE_INT16
                        : bits <= 32 ? ELEA_TYPE_INT32
                                     : ELEA_TYPE_INT64);
}

// A signed type for an unsigned one is twice as wide, and at most 64 bits, as in Arrow C++: values
// of uint64 above those of int64 then do not fit.
static elea_status unify_integers(const promotion *pair, elea_type **out, elea_error *err) {
    (void)err;
    const elea_type *a = pair->a;
    const elea_type *b = pair->b;
    if (!is_integer(a->id) || !is_integer(b->id))
        return ELEA_OK;
    if (is_signed(a->id) == is_signed(b->id))
        return pair->options->promote_numeric_width ? give(a->bit_width > b->bit_width ? a : b, out)
                                                    : ELEA_OK;
    if (!pair->options->promote_integer_sign)
        return ELEA_OK;
    const elea_type *with_sign = is_signed(a->id) ? a : b;
    const elea_type *without = is_signed(a->id) ? b : a;
    if (with_sign->bit_width > without->bit_width)
        return give(with_sign, out);
    return give(signed_of(without->bit_width * 2), out);
}

// The narrowest float that holds the integers exactly, or float64.
static elea_type_id float_for(int32_t bits) {
    return bits <= 8 ? ELEA_TYPE_FLOAT16 : bits <= 16 ? ELEA_TYPE_FLOAT32 : ELEA_TYPE_FLOAT64;
}

static elea_status unify_floats(const promotion *pair, elea_type **out, elea_error *err) {
    (void)err;
    const elea_type *floating = is_float(pair->a->id) ? pair->a : pair->b;
    const elea_type *other = is_float(pair->a->id) ? pair->b : pair->a;
    if (!is_float(floating->id))
        return ELEA_OK;
    if (is_float(other->id) && pair->options->promote_numeric_width)
        return give(floating->bit_width > other->bit_width ? floating : other, out);
    if (is_integer(other->id) && pair->options->promote_integer_to_float) {
        const elea_type *needed = elea_type_of(float_for(other->bit_width));
        return give(floating->bit_width > needed->bit_width ? floating : needed, out);
    }
    if (is_decimal(other) && pair->options->promote_decimal_to_float)
        return give(floating, out);
    return ELEA_OK;
}

// Decimal digits of the largest value.
static int32_t digits_of(const elea_type *type) {
    static const int32_t digits[] = {3, 5, 10, 19};
    if (is_decimal(type))
        return type->precision;
    if (type->id == ELEA_TYPE_UINT64)
        return 20;
    return digits[type->bit_width == 64 ? 3 : type->bit_width / 16];
}

static bool decimals_apply(const promotion *pair) {
    bool a = is_decimal(pair->a);
    bool b = is_decimal(pair->b);
    if (a && b)
        return pair->options->promote_decimal;
    return pair->options->promote_integer_to_decimal &&
           ((a && is_integer(pair->b->id)) || (b && is_integer(pair->a->id)));
}

// Digits before and behind the point as the one needs them who needs more.
static elea_status unify_decimals(const promotion *pair, elea_type **out, elea_error *err) {
    static const elea_type_id ids[] = {ELEA_TYPE_DECIMAL32, ELEA_TYPE_DECIMAL64,
                                       ELEA_TYPE_DECIMAL128, ELEA_TYPE_DECIMAL256};
    static const int32_t precisions[] = {9, 18, 38, 76};
    if (!decimals_apply(pair))
        return ELEA_OK;
    int64_t scale = elea__max(pair->a->scale, pair->b->scale);
    if (!is_decimal(pair->a) || !is_decimal(pair->b))
        scale = elea__max(scale, 0);
    int64_t before = elea__max((int64_t)digits_of(pair->a) - pair->a->scale,
                               (int64_t)digits_of(pair->b) - pair->b->scale);
    int64_t precision = before + scale;
    int32_t width = (int32_t)elea__max(is_decimal(pair->a) ? pair->a->bit_width : 0,
                                       is_decimal(pair->b) ? pair->b->bit_width : 0);
    int place = width == 32 ? 0 : width == 64 ? 1 : width == 128 ? 2 : 3;
    while (place < 3 && precision > precisions[place])
        place++;
    bool widened = is_decimal(pair->a) && ids[place] != pair->a->id;
    widened = widened || (is_decimal(pair->b) && ids[place] != pair->b->id);
    if (precision > precisions[place] || (widened && !pair->options->promote_numeric_width))
        return elea_error_set(err, ELEA_ETYPE, "%s and %s together have %lld digits",
                              elea_type_id_name(pair->a->id), elea_type_id_name(pair->b->id),
                              (long long)precision);
    return elea_type_new_decimal(pair->pool, ids[place], (int32_t)precision, (int32_t)scale, out,
                                 err);
}

// ---- bytes and times

static bool is_text(elea_type_id id) { return id == ELEA_TYPE_UTF8 || id == ELEA_TYPE_LARGE_UTF8; }

static bool is_bytes(elea_type_id id) {
    return is_text(id) || id == ELEA_TYPE_BINARY || id == ELEA_TYPE_LARGE_BINARY ||
           id == ELEA_TYPE_FIXED_SIZE_BINARY;
}

static elea_status unify_bytes(const promotion *pair, elea_type **out, elea_error *err) {
    (void)err;
    elea_type_id a = pair->a->id;
    elea_type_id b = pair->b->id;
    if (!pair->options->promote_binary || !is_bytes(a) || !is_bytes(b))
        return ELEA_OK;
    bool is_large =
        pair->a->layout == ELEA_LAYOUT_LARGE_BINARY || pair->b->layout == ELEA_LAYOUT_LARGE_BINARY;
    if (is_text(a) && is_text(b))
        return give(elea_type_of(is_large ? ELEA_TYPE_LARGE_UTF8 : ELEA_TYPE_UTF8), out);
    return give(elea_type_of(is_large ? ELEA_TYPE_LARGE_BINARY : ELEA_TYPE_BINARY), out);
}

static bool is_date(elea_type_id id) { return id == ELEA_TYPE_DATE32 || id == ELEA_TYPE_DATE64; }

static bool is_time(elea_type_id id) { return id == ELEA_TYPE_TIME32 || id == ELEA_TYPE_TIME64; }

// The finer unit. Timestamps must have one zone.
static elea_status unify_times(const promotion *pair, elea_type **out, elea_error *err) {
    (void)err;
    const elea_type *a = pair->a;
    const elea_type *b = pair->b;
    if (!pair->options->promote_temporal_unit)
        return ELEA_OK;
    if (is_date(a->id) && is_date(b->id))
        return give(elea_type_of(ELEA_TYPE_DATE64), out);
    bool same_kind =
        (is_time(a->id) && is_time(b->id)) || (a->id == b->id && a->id == ELEA_TYPE_DURATION) ||
        (a->id == b->id && a->id == ELEA_TYPE_TIMESTAMP && strcmp(a->zone, b->zone) == 0);
    return same_kind ? give(a->unit > b->unit ? a : b, out) : ELEA_OK;
}

// ---- nested

static bool is_list(elea_type_id id) {
    return id == ELEA_TYPE_LIST || id == ELEA_TYPE_LARGE_LIST || id == ELEA_TYPE_FIXED_SIZE_LIST;
}

static elea_status unify_lists(const promotion *pair, elea_type **out, elea_error *err) {
    const elea_type *a = pair->a;
    const elea_type *b = pair->b;
    elea_field *item = NULL;
    bool same_kind = a->id == b->id && a->fixed_size == b->fixed_size;
    bool view = a->layout == ELEA_LAYOUT_LIST_VIEW || a->layout == ELEA_LAYOUT_LARGE_LIST_VIEW;
    bool both = is_list(a->id) && is_list(b->id);
    if (!(same_kind && (both || view)) && !(both && pair->options->promote_list))
        return ELEA_OK;
    ELEA_TRY(
        elea__field_unify(pair->pool, a->children[0], b->children[0], pair->options, &item, err));
    bool is_large = a->id == ELEA_TYPE_LARGE_LIST || b->id == ELEA_TYPE_LARGE_LIST;
    elea_type_id id = same_kind ? a->id : is_large ? ELEA_TYPE_LARGE_LIST : ELEA_TYPE_LIST;
    elea_status status =
        id == ELEA_TYPE_FIXED_SIZE_LIST
            ? elea_type_new_fixed_size_list(pair->pool, item, a->fixed_size, out, err)
            : elea_type_new_list(pair->pool, id, item, out, err);
    elea_field_unref(item);
    return status;
}

static elea_status unify_structs(const promotion *pair, elea_type **out, elea_error *err) {
    const elea_type *a = pair->a;
    const elea_type *b = pair->b;
    void *block;
    int64_t made = 0;
    if (a->id != ELEA_TYPE_STRUCT || b->id != ELEA_TYPE_STRUCT)
        return ELEA_OK;
    int64_t size = (a->child_count + b->child_count) * (int64_t)sizeof(elea_field *);
    ELEA_TRY(elea_alloc(pair->pool, size, &block, err));
    elea_field **fields = block;
    elea_status status = elea__fields_unify(pair->pool, (const elea_field *const *)a->children,
                                            a->child_count, (const elea_field *const *)b->children,
                                            b->child_count, pair->options, fields, &made, err);
    if (status == ELEA_OK)
        status =
            elea_type_new_struct(pair->pool, (const elea_field *const *)fields, made, out, err);
    for (int64_t i = 0; i < made; i++)
        elea_field_unref(fields[i]);
    elea_dealloc(pair->pool, block, size);
    return status;
}

static elea_status unify_maps(const promotion *pair, elea_type **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_field *fields[2] = {NULL, NULL};
    elea_type *entry = NULL;
    elea_field *entries = NULL;
    if (pair->a->id != ELEA_TYPE_MAP || pair->b->id != ELEA_TYPE_MAP)
        return ELEA_OK;
    const elea_field *a = pair->a->children[0];
    const elea_field *b = pair->b->children[0];
    for (int i = 0; i < 2; i++)
        ELEA_GOTO(done, elea__field_unify(pair->pool, a->type->children[i], b->type->children[i],
                                          pair->options, &fields[i], err));
    ELEA_GOTO(done,
              elea_type_new_struct(pair->pool, (const elea_field *const *)fields, 2, &entry, err));
    ELEA_GOTO(done, elea_field_new(pair->pool, elea_bytes_of(a->name), entry,
                                   a->nullable || b->nullable, a->metadata, &entries, err));
    status = elea_type_new_map_of_entries(pair->pool, entries, pair->a->ordered && pair->b->ordered,
                                          out, err);

done:
    elea_field_unref(entries);
    elea_type_unref(entry);
    elea_field_unref(fields[0]);
    elea_field_unref(fields[1]);
    return status;
}

static elea_status unify_dictionaries(const promotion *pair, elea_type **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_type *index = NULL;
    elea_type *value = NULL;
    const elea_type *a = pair->a;
    const elea_type *b = pair->b;
    if (!pair->options->promote_dictionary || !a->value_type || !b->value_type)
        return ELEA_OK;
    if (a->ordered != b->ordered && !pair->options->promote_dictionary_ordered)
        return ELEA_OK;
    // Indices are no values: their type follows the dictionary, whatever becomes of integers.
    elea_unify_options indices = *pair->options;
    indices.promote_integer_sign = true;
    indices.promote_numeric_width = true;
    ELEA_GOTO(done,
              elea__type_unify(pair->pool, a->index_type, b->index_type, &indices, &index, err));
    ELEA_GOTO(done, elea__type_unify(pair->pool, a->value_type, b->value_type, pair->options,
                                     &value, err));
    ELEA_GOTO(done, elea_type_new_dictionary(pair->pool, index, value, a->ordered && b->ordered,
                                             out, err));

done:
    elea_type_unref(index);
    elea_type_unref(value);
    return status;
}

// ---- any type

static elea_status no_common_type(const promotion *pair, elea_error *err) {
    elea_text text;
    elea_text_init(&text, pair->pool);
    elea_status status = elea_type_format(pair->a, &text, err);
    if (status == ELEA_OK)
        status = elea_text_append(&text, elea_bytes_of(" and "), err);
    if (status == ELEA_OK)
        status = elea_type_format(pair->b, &text, err);
    if (status == ELEA_OK)
        status =
            elea_error_set(err, ELEA_ETYPE, "no common type of %s under these options", text.data);
    elea_text_release(&text);
    return status;
}

elea_status elea__type_unify(elea_pool *pool, const elea_type *a, const elea_type *b,
                             const elea_unify_options *options, elea_type **out, elea_error *err) {
    static const promotion_rule rules[] = {unify_integers, unify_floats, unify_decimals,
                                           unify_bytes,    unify_times,  unify_lists,
                                           unify_structs,  unify_maps,   unify_dictionaries};
    promotion pair = {pool, a, b, options};
    elea_type *found = NULL;
    if (elea_type_equal(a, b, false))
        return give(a, out);
    if (options->promote_nullability && a->id == ELEA_TYPE_NULL)
        return give(b, out);
    if (options->promote_nullability && b->id == ELEA_TYPE_NULL)
        return give(a, out);
    for (size_t i = 0; i < sizeof rules / sizeof *rules && !found; i++)
        ELEA_TRY(rules[i](&pair, &found, err));
    if (!found)
        return no_common_type(&pair, err);
    *out = found;
    return ELEA_OK;
}

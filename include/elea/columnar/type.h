// SPDX-License-Identifier: Apache-2.0
//
// Types of Arrow data: ids, layouts, parameters; fields, which give a type a name; metadata. Part
// of elea/columnar.h.
#ifndef ELEA_COLUMNAR_TYPE_H
#define ELEA_COLUMNAR_TYPE_H

#include <elea/base.h>
#include <elea/base/type_list.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- metadata

// An ordered list of key and value pairs, as fields and schemas carry them. Keys may repeat; both
// are bytes. NULL is the empty list wherever a `const elea_metadata *` is expected.
typedef struct elea_metadata elea_metadata;

ELEA_API ELEA_CHECKED elea_status elea_metadata_new(elea_pool *pool, const elea_bytes *keys,
                                                    const elea_bytes *values, int64_t count,
                                                    elea_metadata **out, elea_error *err);
ELEA_API elea_metadata *elea_metadata_ref(const elea_metadata *metadata);
ELEA_API void elea_metadata_unref(elea_metadata *metadata);
ELEA_API int64_t elea_metadata_count(const elea_metadata *metadata);
ELEA_API elea_bytes elea_metadata_key(const elea_metadata *metadata, int64_t index);
ELEA_API elea_bytes elea_metadata_value(const elea_metadata *metadata, int64_t index);
// The index of the first pair with this key, or -1.
ELEA_API int64_t elea_metadata_find(const elea_metadata *metadata, const char *key);
// The same pairs, in any order.
ELEA_API bool elea_metadata_equal(const elea_metadata *a, const elea_metadata *b);

// ---- type

typedef enum elea_type_id {
#define ELEA_TYPE_ENUM(name, number, ...) ELEA_TYPE_##name = (number),
    ELEA_TYPE_LIST(ELEA_TYPE_ENUM)
#undef ELEA_TYPE_ENUM
} elea_type_id;

typedef enum elea_layout {
#define ELEA_LAYOUT_ENUM(name, ...) ELEA_LAYOUT_##name,
    ELEA_LAYOUT_LIST(ELEA_LAYOUT_ENUM)
#undef ELEA_LAYOUT_ENUM
} elea_layout;

typedef enum elea_buffer_kind {
#define ELEA_BUFFER_ENUM(name, ...) ELEA_BUFFER_##name,
    ELEA_BUFFER_LIST(ELEA_BUFFER_ENUM)
#undef ELEA_BUFFER_ENUM
} elea_buffer_kind;

typedef enum elea_time_unit {
    ELEA_TIME_SECOND = 0,
    ELEA_TIME_MILLI = 1,
    ELEA_TIME_MICRO = 2,
    ELEA_TIME_NANO = 3,
} elea_time_unit;

typedef struct elea_type elea_type;
typedef struct elea_field elea_field;

// The name in the type list ("int64"), whatever the parameters.
ELEA_API const char *elea_type_id_name(elea_type_id id);

// The format string of the C data interface in the type list: whole for a type without parameters,
// else its beginning. "" for an id that is not in the list.
ELEA_API const char *elea_type_id_format(elea_type_id id);

// "validity bitmap", "offsets", "type codes": what the list says.
ELEA_API const char *elea_buffer_kind_name(elea_buffer_kind kind);

// "fixed width", and what each buffer of the layout holds, a letter each (see ELEA_LAYOUT_LIST):
// "voc" for utf8. Static storage.
ELEA_API const char *elea_layout_name(elea_layout layout);
ELEA_API const char *elea_layout_buffers(elea_layout layout);

// The type of an id that has no parameters; static storage, never fails for such an id (ref and
// unref do nothing to it). NULL for an id with parameters.
ELEA_API const elea_type *elea_type_of(elea_type_id id);

// `zone` is an IANA name or "+HH:MM"; NULL or "" for a local time without zone.
ELEA_API ELEA_CHECKED elea_status elea_type_new_timestamp(elea_pool *pool, elea_time_unit unit,
                                                          const char *zone, elea_type **out,
                                                          elea_error *err);
// ELEA_TYPE_TIME32 (seconds, milliseconds), ELEA_TYPE_TIME64 (micro-, nanoseconds) or
// ELEA_TYPE_DURATION (any unit).
ELEA_API ELEA_CHECKED elea_status elea_type_new_time(elea_pool *pool, elea_type_id id,
                                                     elea_time_unit unit, elea_type **out,
                                                     elea_error *err);
// `width` bytes a value, at least 0.
ELEA_API ELEA_CHECKED elea_status elea_type_new_fixed_size_binary(elea_pool *pool, int32_t width,
                                                                  elea_type **out, elea_error *err);
// ELEA_TYPE_DECIMAL32, 64, 128, 256: `precision` digits (from 1 to 9, 18, 38, 76), `scale` of them
// (any, also negative) behind the point.
ELEA_API ELEA_CHECKED elea_status elea_type_new_decimal(elea_pool *pool, elea_type_id id,
                                                        int32_t precision, int32_t scale,
                                                        elea_type **out, elea_error *err);
// A list (ELEA_TYPE_LIST, LARGE_LIST, LIST_VIEW, LARGE_LIST_VIEW) of a child field, which Arrow
// calls "item".
ELEA_API ELEA_CHECKED elea_status elea_type_new_list(elea_pool *pool, elea_type_id id,
                                                     const elea_field *item, elea_type **out,
                                                     elea_error *err);
// `list_size` values a row, at least 0.
ELEA_API ELEA_CHECKED elea_status elea_type_new_fixed_size_list(elea_pool *pool,
                                                                const elea_field *item,
                                                                int32_t list_size, elea_type **out,
                                                                elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_type_new_struct(elea_pool *pool,
                                                       const elea_field *const *fields,
                                                       int64_t count, elea_type **out,
                                                       elea_error *err);
// A list of struct<key, value>, in a field that is named "entries" and not nullable. The key may
// not be nullable either (ELEA_EINVAL).
ELEA_API ELEA_CHECKED elea_status elea_type_new_map(elea_pool *pool, const elea_field *key,
                                                    const elea_field *value, bool keys_sorted,
                                                    elea_type **out, elea_error *err);
// The same of an entries field as others name it, kept as it is, nullable or not (no entry of an
// array is null in any case). ELEA_EINVAL when it is no struct of two fields, or the key is
// nullable.
ELEA_API ELEA_CHECKED elea_status elea_type_new_map_of_entries(elea_pool *pool,
                                                               const elea_field *entries,
                                                               bool keys_sorted, elea_type **out,
                                                               elea_error *err);

// ELEA_TYPE_SPARSE_UNION or DENSE_UNION; `codes[i]`, from 0 to 127 and all different, stands for
// child i.
ELEA_API ELEA_CHECKED elea_status elea_type_new_union(elea_pool *pool, elea_type_id id,
                                                      const elea_field *const *fields,
                                                      const int8_t *codes, int64_t count,
                                                      elea_type **out, elea_error *err);
// Values of any type, written once and named by indices of any integer type.
ELEA_API ELEA_CHECKED elea_status elea_type_new_dictionary(elea_pool *pool,
                                                           const elea_type *index_type,
                                                           const elea_type *value_type,
                                                           bool ordered, elea_type **out,
                                                           elea_error *err);
// Child 0, "run_ends", is int16, int32 or int64 and not nullable; child 1 holds the values.
ELEA_API ELEA_CHECKED elea_status elea_type_new_run_end_encoded(elea_pool *pool,
                                                                const elea_field *run_ends,
                                                                const elea_field *values,
                                                                elea_type **out, elea_error *err);

// Types nest at most 64 deep; to make a deeper one gives ELEA_ECAPACITY.
ELEA_API elea_type *elea_type_ref(const elea_type *type);
ELEA_API void elea_type_unref(elea_type *type);
ELEA_API elea_type_id elea_type_id_of(const elea_type *type);
ELEA_API elea_layout elea_type_layout_of(const elea_type *type);
// Bits of one value in the data buffer: 1 for bool, 64 for int64, 32 for the offsets of utf8; 0
// when there is none.
ELEA_API int32_t elea_type_bit_width(const elea_type *type);

// One buffer of the arrays of a type.
typedef struct elea_buffer_layout {
    elea_buffer_kind kind;
    int32_t bit_width;   // of an entry: 1 for bits, 64 for the values of int64, 8 for bytes
    int32_t alignment;   // in bytes, for reading entries through a pointer of their type
    bool is_variable;    // bytes that offsets point into; else it has an entry for each row,
    bool has_end_entry;  // and one more
    bool may_be_missing; // a validity bitmap without nulls
} elea_buffer_layout;

#define ELEA_TYPE_BUFFERS_MAX 3

// How arrays of a type lie in memory: the buffers in the order of the C data interface, and what
// comes with them.
typedef struct elea_type_layout {
    elea_layout layout;
    int32_t buffer_count;
    elea_buffer_layout buffers[ELEA_TYPE_BUFFERS_MAX];
    bool is_variadic;  // any number of ELEA_BUFFER_BYTES, 8 bits and variable, behind these
    bool has_validity; // a bitmap tells nulls
    bool can_be_null;  // a row itself; of unions and run-end encoded values, children are
    bool has_dictionary;
    int64_t child_count;
} elea_type_layout;

ELEA_API void elea_type_layout_init(elea_type_layout *layout, const elea_type *type);

// ELEA_TIME_SECOND for a type without a unit.
ELEA_API elea_time_unit elea_type_time_unit(const elea_type *type);
// The zone of a timestamp; "" when it has none.
ELEA_API const char *elea_type_time_zone(const elea_type *type);
// The size of a fixed-size list, the width in bytes of a fixed-size binary; else 0.
ELEA_API int32_t elea_type_fixed_size(const elea_type *type);
ELEA_API bool elea_type_keys_sorted(const elea_type *type);  // of a map
ELEA_API int32_t elea_type_precision(const elea_type *type); // of a decimal, else 0
ELEA_API int32_t elea_type_scale(const elea_type *type);
// Of a dictionary; NULL and false for other types.
ELEA_API const elea_type *elea_type_index_type(const elea_type *type);
ELEA_API const elea_type *elea_type_value_type(const elea_type *type);
ELEA_API bool elea_type_ordered(const elea_type *type);
// The codes of a union, one for each child; NULL for other types.
ELEA_API const int8_t *elea_type_union_codes(const elea_type *type);
// The child that a code of a union stands for, or -1.
ELEA_API int64_t elea_type_union_child(const elea_type *type, int8_t code);
// The type whose bytes it shares, to which kernels fold it: int64 for a timestamp, the type itself
// for a struct.
ELEA_API elea_type_id elea_type_physical(const elea_type *type);
ELEA_API int64_t elea_type_child_count(const elea_type *type);
ELEA_API const elea_field *elea_type_child(const elea_type *type, int64_t index);
// Names of children are compared in structs and unions. Their names in other types (the item of a
// list; entries, key and value of a map), which mean nothing, and metadata of children are compared
// when `with_metadata`, as Arrow C++ does.
ELEA_API bool elea_type_equal(const elea_type *a, const elea_type *b, bool with_metadata);

// ---- field

ELEA_API ELEA_CHECKED elea_status elea_field_new(elea_pool *pool, elea_bytes name,
                                                 const elea_type *type, bool nullable,
                                                 const elea_metadata *metadata, elea_field **out,
                                                 elea_error *err);
ELEA_API elea_field *elea_field_ref(const elea_field *field);
ELEA_API void elea_field_unref(elea_field *field);
// NUL-terminated. A name with a NUL inside is refused when the field is made.
ELEA_API const char *elea_field_name(const elea_field *field);
ELEA_API const elea_type *elea_field_type(const elea_field *field);
ELEA_API bool elea_field_nullable(const elea_field *field);
ELEA_API const elea_metadata *elea_field_metadata(const elea_field *field);
ELEA_API bool elea_field_equal(const elea_field *a, const elea_field *b, bool with_metadata);

#ifdef __cplusplus
}
#endif

#endif // ELEA_COLUMNAR_TYPE_H

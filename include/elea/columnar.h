// SPDX-License-Identifier: Apache-2.0
//
// Arrow's columnar data: types, fields, schemas; arrays, chunked arrays, record batches, tables,
// record streams; builders; validation, equality, printing. Its parts differences.h and
// unify.h lie in elea/columnar/.
//
// All objects here but builders and record streams are immutable and shared by reference count. A
// function that keeps what it is given takes a reference of its own; the caller keeps the one it
// had. Everything reached through a getter is borrowed and lives as long as its owner.
#ifndef ELEA_COLUMNAR_H
#define ELEA_COLUMNAR_H

#include <stdio.h>

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
// A list of struct<key, value>: the entries field is named "entries" and not nullable, nor may the
// key be (ELEA_EINVAL).
ELEA_API ELEA_CHECKED elea_status elea_type_new_map(elea_pool *pool, const elea_field *key,
                                                    const elea_field *value, bool keys_sorted,
                                                    elea_type **out, elea_error *err);

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
// Names of children are compared (but not those that Arrow fixes: of lists and maps); metadata of
// children when `with_metadata`.
ELEA_API bool elea_type_equal(const elea_type *a, const elea_type *b, bool with_metadata);

// ---- field and schema

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

typedef struct elea_schema elea_schema;

ELEA_API ELEA_CHECKED elea_status elea_schema_new(elea_pool *pool, const elea_field *const *fields,
                                                  int64_t count, const elea_metadata *metadata,
                                                  elea_schema **out, elea_error *err);
ELEA_API elea_schema *elea_schema_ref(const elea_schema *schema);
ELEA_API void elea_schema_unref(elea_schema *schema);
ELEA_API int64_t elea_schema_field_count(const elea_schema *schema);
ELEA_API const elea_field *elea_schema_field(const elea_schema *schema, int64_t index);
// The index of the only field with this name; -1 when there is none, -2 when there are several.
ELEA_API int64_t elea_schema_find(const elea_schema *schema, const char *name);
ELEA_API const elea_metadata *elea_schema_metadata(const elea_schema *schema);
ELEA_API bool elea_schema_equal(const elea_schema *a, const elea_schema *b, bool with_metadata);
// The schema with a field more, which gets this index (the field count: behind all), with one less,
// and with other names, one for each field (ELEA_EINVAL when `count` is another). ELEA_EINDEX for
// an index that is not there. Here and below, metadata of the schema stays.
ELEA_API ELEA_CHECKED elea_status elea_schema_insert_field(elea_pool *pool,
                                                           const elea_schema *schema, int64_t index,
                                                           const elea_field *field,
                                                           elea_schema **out, elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_schema_remove_field(elea_pool *pool,
                                                           const elea_schema *schema, int64_t index,
                                                           elea_schema **out, elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_schema_rename_fields(elea_pool *pool,
                                                            const elea_schema *schema,
                                                            const char *const *names, int64_t count,
                                                            elea_schema **out, elea_error *err);

// ---- extension types

// An extension type is a storage type and, in the metadata of the field that has it, a name and a
// text with its parameters ("ARROW:extension:name" and "ARROW:extension:metadata"). It is not a
// type here: arrays of it are arrays of the storage type, and all that works on those works on
// them. What nobody knows passes through every room untouched, as metadata do.
//
// This is a view: all is borrowed, from the field where it came from one.
typedef struct elea_extension {
    elea_bytes name;     // "arrow.uuid"
    elea_bytes metadata; // as the type wrote it; empty for none
    const elea_type *storage;
} elea_extension;

// Whether a field has an extension type, and which. It is not validated.
ELEA_API bool elea_extension_of(const elea_field *field, elea_extension *out);

// Whether storage and metadata are what the type of this name asks for. May be called by several
// threads at a time.
typedef elea_status (*elea_extension_check)(const elea_extension *extension, elea_pool *pool,
                                            void *context, elea_error *err);

// The registry is one for the process and may be used by any thread. It knows from the start:
// arrow.bool8, arrow.fixed_shape_tensor, arrow.json, arrow.opaque, arrow.parquet.variant,
// arrow.timestamp_with_offset, arrow.uuid, arrow.variable_shape_tensor. To register a name that is
// known gives ELEA_EEXISTS. `context` must live as long as the type is registered and checked.
ELEA_API ELEA_CHECKED elea_status elea_extension_register(elea_bytes name,
                                                          elea_extension_check check, void *context,
                                                          elea_error *err);
// Of those that were registered; ELEA_ENOTFOUND for others.
ELEA_API ELEA_CHECKED elea_status elea_extension_unregister(elea_bytes name, elea_error *err);
ELEA_API bool elea_extension_is_known(elea_bytes name);

// ELEA_OK for a name that is not known. ELEA_ETYPE for a wrong storage, ELEA_EINVAL for wrong
// metadata. ELEA_EUNSUPPORTED for tensors and opaque types, whose metadata are JSON, in a build
// with ELEA_WITH_JANSSON=OFF.
ELEA_API ELEA_CHECKED elea_status elea_extension_validate(const elea_extension *extension,
                                                          elea_pool *pool, elea_error *err);
// A field of an extension type, after elea_extension_validate(). `metadata` are other pairs to
// put before the two of the type (ELEA_EINVAL when these are among them), or NULL.
ELEA_API ELEA_CHECKED elea_status elea_field_new_extension(elea_pool *pool, elea_bytes name,
                                                           const elea_extension *extension,
                                                           bool nullable,
                                                           const elea_metadata *metadata,
                                                           elea_field **out, elea_error *err);

#define ELEA_TENSOR_DIMENSIONS_MAX 1024

// The parameters of a fixed- or variable-shape tensor. `shape` of a fixed one is always there; of a
// variable one it may be NULL, and -1 stands for a size that varies. Sizes and names are those of
// the dimensions in memory (row-major); dimension i of the logical tensor is `permutation[i]`.
typedef struct elea_tensor_layout {
    int32_t dimension_count;
    bool is_fixed;
    const int64_t *shape;
    const elea_bytes *dimension_names; // or NULL
    const int32_t *permutation;        // or NULL
    elea_pool *pool;                   // private from here on
    void *block;
    int64_t allocated;
} elea_tensor_layout;

// Validates, too. Release the layout with elea_tensor_layout_release().
ELEA_API ELEA_CHECKED elea_status elea_tensor_layout_read(const elea_extension *extension,
                                                          elea_pool *pool, elea_tensor_layout *out,
                                                          elea_error *err);
// A layout that was read, or one of zeros.
ELEA_API void elea_tensor_layout_release(elea_tensor_layout *layout);
// The metadata for elea_field_new_extension(), as JSON. What stands in `layout` is not checked.
ELEA_API ELEA_CHECKED elea_status elea_tensor_layout_format(const elea_tensor_layout *layout,
                                                            elea_text *text, elea_error *err);
// The names in the metadata of arrow.opaque, appended, and such metadata.
ELEA_API ELEA_CHECKED elea_status elea_opaque_read(const elea_extension *extension,
                                                   elea_text *type_name, elea_text *vendor_name,
                                                   elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_opaque_format(elea_bytes type_name, elea_bytes vendor_name,
                                                     elea_text *text, elea_error *err);

// ---- array

// Values of one type: buffers, children, and a window [offset, offset + length) on them.
typedef struct elea_array elea_array;

// What an array is made of. Buffers are in the order of the C data interface (validity first where
// the layout has one; NULL there means no nulls), with their references taken by the new array.
typedef struct elea_array_parts {
    const elea_type *type;
    int64_t length;
    int64_t offset;
    int64_t null_count; // -1: not known, counted when asked for
    const elea_buffer *const *buffers;
    int64_t buffer_count;
    const elea_array *const *children;
    int64_t child_count;
    const elea_array *dictionary;
} elea_array_parts;

// Puts an array together after quick validation (elea_array_validate()).
ELEA_API ELEA_CHECKED elea_status elea_array_new(elea_pool *pool, const elea_array_parts *parts,
                                                 elea_array **out, elea_error *err);
// `length` nulls.
ELEA_API ELEA_CHECKED elea_status elea_array_new_null(elea_pool *pool, const elea_type *type,
                                                      int64_t length, elea_array **out,
                                                      elea_error *err);
ELEA_API elea_array *elea_array_ref(const elea_array *array);
ELEA_API void elea_array_unref(elea_array *array);
ELEA_API const elea_type *elea_array_type(const elea_array *array);
ELEA_API int64_t elea_array_length(const elea_array *array);
ELEA_API int64_t elea_array_offset(const elea_array *array);
// Nulls by validity bitmap (or all, for the null type); counted once and remembered.
ELEA_API int64_t elea_array_null_count(const elea_array *array);
ELEA_API int64_t elea_array_buffer_count(const elea_array *array);
ELEA_API const elea_buffer *elea_array_buffer(const elea_array *array, int64_t index); // or NULL
ELEA_API int64_t elea_array_child_count(const elea_array *array);
// The child as it lies there: the parent's offset is not applied to it.
ELEA_API const elea_array *elea_array_child(const elea_array *array, int64_t index);
ELEA_API const elea_array *elea_array_dictionary(const elea_array *array); // or NULL
// Rows [offset, offset + length), a view. ELEA_EINDEX when they are not inside.
ELEA_API ELEA_CHECKED elea_status elea_array_slice(const elea_array *array, int64_t offset,
                                                   int64_t length, elea_array **out,
                                                   elea_error *err);

// The rows of all arrays, one after the other, in a new array; the type is that of the first, which
// the others must have, metadata aside. When only one has rows, that one is given and nothing is
// copied; the bytes behind views are always shared. Dictionaries that differ become one with each
// value once. ELEA_ECAPACITY when offsets, dictionary indices or run ends of the type cannot reach
// all values; ELEA_EINVAL for no arrays, or when ordered dictionaries do not continue each other.
ELEA_API ELEA_CHECKED elea_status elea_array_concat(elea_pool *pool,
                                                    const elea_array *const *arrays, int64_t count,
                                                    elea_array **out, elea_error *err);

typedef enum elea_validation {
    ELEA_VALIDATE_QUICK, // shape: counts, sizes against length, first and last offset; O(columns)
    ELEA_VALIDATE_SAFE,  // all that reading relies on: every offset, UTF-8, null counts; O(data)
    ELEA_VALIDATE_FULL,  // also what values mean: the ranges of dates, times and decimals
} elea_validation;

// Whether the array keeps the rules of the format. The message names the path of children.
ELEA_API ELEA_CHECKED elea_status elea_array_validate(const elea_array *array,
                                                      elea_validation validation, elea_error *err);

typedef struct elea_equal_options {
    bool nans_equal;         // default false: NaN differs from itself
    bool signed_zeros_equal; // default true
    bool with_metadata;      // default false: compare metadata of fields
    // Default 0: exact. Else floats, of any width and however nested, are equal as well when they
    // are no further apart than this, or by no more than so many values of their type.
    double absolute_tolerance;
    int64_t ulps_max;
} elea_equal_options;

ELEA_API void elea_equal_options_init(elea_equal_options *options);
// Same type, same length, same values; what lies under a null does not matter.
ELEA_API bool elea_array_equal(const elea_array *a, const elea_array *b,
                               const elea_equal_options *options);

// ---- span: a borrowed view

// The bare pointers of an array, for reading values. Valid while the array lives.
typedef struct elea_span {
    const elea_type *type;
    elea_type_id id;
    int64_t length;
    int64_t offset;            // of value 0, in values, into all buffers
    const uint8_t *buffers[3]; // [0] is always the validity, or NULL; then in the layout's order
    int64_t sizes[3];
    const elea_array *array;
} elea_span;

ELEA_API void elea_span_of(const elea_array *array, elea_span *out);
// The child's span as it lies there (see elea_array_child()).
ELEA_API void elea_span_child(const elea_span *span, int64_t index, elea_span *out);

static inline bool elea_span_is_valid(const elea_span *span, int64_t index) {
    return span->buffers[0] ? elea_bit_get(span->buffers[0], span->offset + index)
                            : span->id != ELEA_TYPE_NULL;
}

// Value `index` (below length, not checked) of a bool, integer, date, time, timestamp or duration.
ELEA_API int64_t elea_span_get_int(const elea_span *span, int64_t index);
// Of any number, converted.
ELEA_API double elea_span_get_double(const elea_span *span, int64_t index);
// Of a binary or utf8 (any layout) or fixed-size binary, borrowed.
ELEA_API elea_bytes elea_span_get_bytes(const elea_span *span, int64_t index);
// Where in the child the list (of any kind, or map) `index` lies.
ELEA_API void elea_span_get_list(const elea_span *span, int64_t index, int64_t *child_offset,
                                 int64_t *child_length);

// ---- scalar

// One value, or null, of any type: shared and immutable, as an array of one row.
typedef struct elea_scalar elea_scalar;

ELEA_API ELEA_CHECKED elea_status elea_scalar_new_null(elea_pool *pool, const elea_type *type,
                                                       elea_scalar **out, elea_error *err);
// Of type bool.
ELEA_API ELEA_CHECKED elea_status elea_scalar_new_bool(elea_pool *pool, bool value,
                                                       elea_scalar **out, elea_error *err);
// As a builder of `type` takes the value (elea_builder_append_int() and its like): ELEA_ECAPACITY
// when it does not fit, ELEA_ETYPE for another type.
ELEA_API ELEA_CHECKED elea_status elea_scalar_new_int(elea_pool *pool, const elea_type *type,
                                                      int64_t value, elea_scalar **out,
                                                      elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_scalar_new_uint(elea_pool *pool, const elea_type *type,
                                                       uint64_t value, elea_scalar **out,
                                                       elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_scalar_new_double(elea_pool *pool, const elea_type *type,
                                                         double value, elea_scalar **out,
                                                         elea_error *err);
// A copy of the bytes. ELEA_EINVAL when they are not what the type holds (UTF-8).
ELEA_API ELEA_CHECKED elea_status elea_scalar_new_bytes(elea_pool *pool, const elea_type *type,
                                                        elea_bytes value, elea_scalar **out,
                                                        elea_error *err);
// Row `index`, of any type. Nothing is copied: the scalar keeps the buffers of the array alive.
ELEA_API ELEA_CHECKED elea_status elea_scalar_new_from_array(elea_pool *pool,
                                                             const elea_array *array, int64_t index,
                                                             elea_scalar **out, elea_error *err);
ELEA_API elea_scalar *elea_scalar_ref(const elea_scalar *scalar);
ELEA_API void elea_scalar_unref(elea_scalar *scalar);
ELEA_API const elea_type *elea_scalar_type(const elea_scalar *scalar);
// The array of one row.
ELEA_API const elea_array *elea_scalar_array(const elea_scalar *scalar);
// Rows of unions, dictionaries and run-end encoded values are as valid as what they stand for.
ELEA_API bool elea_scalar_is_valid(const elea_scalar *scalar);
// The value, as elea_span_get_int() and its like give it; of dictionaries and run-end encoded
// values, what they stand for. 0 and no bytes for a null, and for a type that has no such value.
// The bytes live as long as the scalar.
ELEA_API int64_t elea_scalar_get_int(const elea_scalar *scalar);
ELEA_API double elea_scalar_get_double(const elea_scalar *scalar);
ELEA_API elea_bytes elea_scalar_get_bytes(const elea_scalar *scalar);
// As elea_array_equal().
ELEA_API bool elea_scalar_equal(const elea_scalar *a, const elea_scalar *b,
                                const elea_equal_options *options);
// Stores -1, 0 or 1 as `a` is before, at or behind `b` in the order of the type: of numbers,
// decimals and times by value (NaN behind all numbers), of texts by bytes, false before true; null
// is behind all values. ELEA_ETYPE for types that differ, and for those without an order: nested
// ones, unions, intervals of several units.
ELEA_API ELEA_CHECKED elea_status elea_scalar_compare(const elea_scalar *a, const elea_scalar *b,
                                                      int *out, elea_error *err);
// As elea_span_format().
ELEA_API ELEA_CHECKED elea_status elea_scalar_format(const elea_scalar *scalar, bool quoted,
                                                     elea_text *text, elea_error *err);
// `length` rows, all with this value.
ELEA_API ELEA_CHECKED elea_status elea_array_new_repeated(elea_pool *pool,
                                                          const elea_scalar *scalar, int64_t length,
                                                          elea_array **out, elea_error *err);

// ---- builder

// Makes an array of any type by appending. After a failed append the builder is as before and can
// go on. Values appended to a builder of a dictionary or of run-end encoded values are those of the
// encoded type; equal ones are written once (in a dictionary: values that are not nested).
typedef struct elea_builder elea_builder;
typedef struct elea_chunked_array elea_chunked_array;

ELEA_API ELEA_CHECKED elea_status elea_builder_new(elea_pool *pool, const elea_type *type,
                                                   elea_builder **out, elea_error *err);
ELEA_API void elea_builder_free(elea_builder *builder);
ELEA_API const elea_type *elea_builder_type(const elea_builder *builder);
ELEA_API int64_t elea_builder_length(const elea_builder *builder);
// Room for so many more values (and bytes of text), so that appending them does not allocate.
ELEA_API ELEA_CHECKED elea_status elea_builder_reserve(elea_builder *builder, int64_t values,
                                                       int64_t bytes, elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_builder_append_null(elea_builder *builder, elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_builder_append_nulls(elea_builder *builder, int64_t count,
                                                            elea_error *err);
// Bool, integers, dates, times, timestamps, and floats (converted). ELEA_ECAPACITY when the value
// does not fit, ELEA_ETYPE for another type.
ELEA_API ELEA_CHECKED elea_status elea_builder_append_int(elea_builder *builder, int64_t value,
                                                          elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_builder_append_uint(elea_builder *builder, uint64_t value,
                                                           elea_error *err);
// Floats of any width, rounded to nearest.
ELEA_API ELEA_CHECKED elea_status elea_builder_append_double(elea_builder *builder, double value,
                                                             elea_error *err);
// Binary and utf8 in all layouts (not checked for UTF-8: elea_array_validate() does); and the bytes
// of one value of any other type that is no number to C: fixed-size binary, decimals and intervals,
// little-endian (ELEA_EINVAL when they are not as many as the type's). ELEA_ECAPACITY past 2 GiB
// where offsets have 32 bits.
ELEA_API ELEA_CHECKED elea_status elea_builder_append_bytes(elea_builder *builder, elea_bytes value,
                                                            elea_error *err);
// `count` values of a fixed-width type from a C array of them (bool: bytes 0 or 1); `validity` is a
// bitmap beginning at bit 0, or NULL.
ELEA_API ELEA_CHECKED elea_status elea_builder_append_values(elea_builder *builder,
                                                             const void *values,
                                                             const uint8_t *validity, int64_t count,
                                                             elea_error *err);
// The builder of a child: append to it first, then close the row of the parent with
// elea_builder_append_row(). A map's child 0 is the entries struct.
ELEA_API elea_builder *elea_builder_child(elea_builder *builder, int64_t index);
// A row of a list or map: what was appended to the child since the last row. Of a struct: exactly
// one value in each child since the last; of a fixed-size list: exactly its size (ELEA_EINVAL
// otherwise). A null row appends what the children need by itself.
ELEA_API ELEA_CHECKED elea_status elea_builder_append_row(elea_builder *builder, elea_error *err);
// A row of a union: the one value that was appended to child `child` since the last row. The other
// children of a sparse union get a null by themselves. ELEA_EINVAL when it is not exactly one.
ELEA_API ELEA_CHECKED elea_status elea_builder_append_union(elea_builder *builder, int64_t child,
                                                            elea_error *err);
// `length` rows of run-end encoded values: of the one value that was appended to child 1.
ELEA_API ELEA_CHECKED elea_status elea_builder_append_run(elea_builder *builder, int64_t length,
                                                          elea_error *err);
// Drops what was appended to the children since the last row: after a row that could not be closed.
ELEA_API void elea_builder_discard_row(elea_builder *builder);
// The array; the builder is empty then and can be used again. ELEA_EINVAL when children hold values
// that are in no row. After a failure the builder is as before.
ELEA_API ELEA_CHECKED elea_status elea_builder_finish(elea_builder *builder, elea_array **out,
                                                      elea_error *err);
// Chunks: how to go on where one array is full (2 GiB behind 32-bit offsets, indices of a
// dictionary, run ends). elea_builder_end_chunk() cuts the rows off as an array that the builder
// keeps, and goes on with none (without rows it does nothing); call it when an append gave
// ELEA_ECAPACITY, after elea_builder_discard_row() where the row was nested, and append again. A
// builder that is set to be chunked (by default it is not) does so by itself when
// elea_builder_append_bytes() does not fit. elea_builder_length() counts the rows since the last
// cut; elea_builder_finish() is for builders without chunks. Only for the builder at the top.
ELEA_API void elea_builder_set_chunked(elea_builder *builder, bool chunked);
ELEA_API ELEA_CHECKED elea_status elea_builder_end_chunk(elea_builder *builder, elea_error *err);
// All chunks, the rows since the last cut as one of them. After a failure nothing is lost.
ELEA_API ELEA_CHECKED elea_status elea_builder_finish_chunked(elea_builder *builder,
                                                              elea_chunked_array **out,
                                                              elea_error *err);
// Forgets what was appended, chunks too, and keeps the memory.
ELEA_API void elea_builder_reset(elea_builder *builder);

// ---- chunked array

// All chunks have type `type`; there may be none.
ELEA_API ELEA_CHECKED elea_status elea_chunked_array_new(elea_pool *pool, const elea_type *type,
                                                         const elea_array *const *chunks,
                                                         int64_t count, elea_chunked_array **out,
                                                         elea_error *err);
ELEA_API elea_chunked_array *elea_chunked_array_ref(const elea_chunked_array *array);
ELEA_API void elea_chunked_array_unref(elea_chunked_array *array);
ELEA_API const elea_type *elea_chunked_array_type(const elea_chunked_array *array);
ELEA_API int64_t elea_chunked_array_length(const elea_chunked_array *array);
ELEA_API int64_t elea_chunked_array_null_count(const elea_chunked_array *array);
ELEA_API int64_t elea_chunked_array_chunk_count(const elea_chunked_array *array);
ELEA_API const elea_array *elea_chunked_array_chunk(const elea_chunked_array *array, int64_t index);
// Finds the chunk that holds row `row` and the row inside it. O(log chunks).
ELEA_API void elea_chunked_array_locate(const elea_chunked_array *array, int64_t row,
                                        int64_t *chunk, int64_t *row_in_chunk);
ELEA_API ELEA_CHECKED elea_status elea_chunked_array_slice(const elea_chunked_array *array,
                                                           int64_t offset, int64_t length,
                                                           elea_chunked_array **out,
                                                           elea_error *err);
// The same values, however they are cut.
ELEA_API ELEA_CHECKED elea_status elea_chunked_array_equal(const elea_chunked_array *a,
                                                           const elea_chunked_array *b,
                                                           const elea_equal_options *options,
                                                           bool *out, elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_chunked_array_validate(const elea_chunked_array *array,
                                                              elea_validation validation,
                                                              elea_error *err);

// All rows in one array, by elea_array_concat().
ELEA_API ELEA_CHECKED elea_status elea_chunked_array_combine(elea_pool *pool,
                                                             const elea_chunked_array *array,
                                                             elea_array **out, elea_error *err);

// ---- record batch

typedef struct elea_record_batch elea_record_batch;

// One array for each field of the schema, each of `length` rows and the field's type.
ELEA_API ELEA_CHECKED elea_status elea_record_batch_new(elea_pool *pool, const elea_schema *schema,
                                                        int64_t length,
                                                        const elea_array *const *columns,
                                                        elea_record_batch **out, elea_error *err);
ELEA_API elea_record_batch *elea_record_batch_ref(const elea_record_batch *batch);
ELEA_API void elea_record_batch_unref(elea_record_batch *batch);
ELEA_API const elea_schema *elea_record_batch_schema(const elea_record_batch *batch);
ELEA_API int64_t elea_record_batch_length(const elea_record_batch *batch);
ELEA_API int64_t elea_record_batch_column_count(const elea_record_batch *batch);
ELEA_API const elea_array *elea_record_batch_column(const elea_record_batch *batch, int64_t index);
ELEA_API ELEA_CHECKED elea_status elea_record_batch_slice(const elea_record_batch *batch,
                                                          int64_t offset, int64_t length,
                                                          elea_record_batch **out, elea_error *err);
// The columns with these indices, in that order.
ELEA_API ELEA_CHECKED elea_status elea_record_batch_select(const elea_record_batch *batch,
                                                           const int64_t *indices, int64_t count,
                                                           elea_record_batch **out,
                                                           elea_error *err);
ELEA_API bool elea_record_batch_equal(const elea_record_batch *a, const elea_record_batch *b,
                                      const elea_equal_options *options);
ELEA_API ELEA_CHECKED elea_status elea_record_batch_validate(const elea_record_batch *batch,
                                                             elea_validation validation,
                                                             elea_error *err);
// As for schemas; the columns are shared.
ELEA_API ELEA_CHECKED elea_status elea_record_batch_insert_column(
    elea_pool *pool, const elea_record_batch *batch, int64_t index, const elea_field *field,
    const elea_array *column, elea_record_batch **out, elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_record_batch_remove_column(elea_pool *pool,
                                                                  const elea_record_batch *batch,
                                                                  int64_t index,
                                                                  elea_record_batch **out,
                                                                  elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_record_batch_rename_columns(
    elea_pool *pool, const elea_record_batch *batch, const char *const *names, int64_t count,
    elea_record_batch **out, elea_error *err);

// ---- table

typedef struct elea_table elea_table;

// One chunked array for each field, each of `length` rows; chunks may differ between columns.
ELEA_API ELEA_CHECKED elea_status elea_table_new(elea_pool *pool, const elea_schema *schema,
                                                 int64_t length,
                                                 const elea_chunked_array *const *columns,
                                                 elea_table **out, elea_error *err);
// One chunk a batch, nothing copied. All batches have `schema` (metadata aside); there may be none.
ELEA_API ELEA_CHECKED elea_status elea_table_new_from_batches(
    elea_pool *pool, const elea_schema *schema, const elea_record_batch *const *batches,
    int64_t count, elea_table **out, elea_error *err);
ELEA_API elea_table *elea_table_ref(const elea_table *table);
ELEA_API void elea_table_unref(elea_table *table);
ELEA_API const elea_schema *elea_table_schema(const elea_table *table);
ELEA_API int64_t elea_table_length(const elea_table *table);
ELEA_API int64_t elea_table_column_count(const elea_table *table);
ELEA_API const elea_chunked_array *elea_table_column(const elea_table *table, int64_t index);
// NULL unless exactly one column has the name.
ELEA_API const elea_chunked_array *elea_table_column_named(const elea_table *table,
                                                           const char *name);
ELEA_API ELEA_CHECKED elea_status elea_table_slice(const elea_table *table, int64_t offset,
                                                   int64_t length, elea_table **out,
                                                   elea_error *err);
// The columns with these names, in that order; `names` ends with NULL. ELEA_ENOTFOUND names the
// missing one and lists those there are.
ELEA_API ELEA_CHECKED elea_status elea_table_select(const elea_table *table,
                                                    const char *const *names, elea_table **out,
                                                    elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_table_equal(const elea_table *a, const elea_table *b,
                                                   const elea_equal_options *options, bool *out,
                                                   elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_table_validate(const elea_table *table,
                                                      elea_validation validation, elea_error *err);
// As for schemas; the columns are shared.
ELEA_API ELEA_CHECKED elea_status elea_table_insert_column(elea_pool *pool, const elea_table *table,
                                                           int64_t index, const elea_field *field,
                                                           const elea_chunked_array *column,
                                                           elea_table **out, elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_table_remove_column(elea_pool *pool, const elea_table *table,
                                                           int64_t index, elea_table **out,
                                                           elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_table_rename_columns(elea_pool *pool,
                                                            const elea_table *table,
                                                            const char *const *names, int64_t count,
                                                            elea_table **out, elea_error *err);
// Every column in one chunk, by elea_array_concat(); in several where one would be too large for
// its type. A column of one chunk is shared.
ELEA_API ELEA_CHECKED elea_status elea_table_combine_chunks(elea_pool *pool,
                                                            const elea_table *table,
                                                            elea_table **out, elea_error *err);

// ---- record stream

// Batches of one schema, one after the other. To make one, put this first in a struct of yours.
typedef struct elea_record_stream elea_record_stream;

typedef struct elea_record_stream_ops {
    // Borrowed, the same for the life of the stream.
    const elea_schema *(*schema)(elea_record_stream *stream);
    // The next batch, or *out = NULL at the end. After a failure the stream gives nothing more.
    elea_status (*next)(elea_record_stream *stream, elea_record_batch **out, elea_error *err);
    void (*free)(elea_record_stream *stream);
} elea_record_stream_ops;

struct elea_record_stream {
    const elea_record_stream_ops *ops;
};

ELEA_API const elea_schema *elea_record_stream_schema(elea_record_stream *stream);
ELEA_API ELEA_CHECKED elea_status elea_record_stream_next(elea_record_stream *stream,
                                                          elea_record_batch **out, elea_error *err);
ELEA_API void elea_record_stream_free(elea_record_stream *stream);
// The rows of a table in batches of at most `batch_length` (0: as its chunks fall), as views.
ELEA_API ELEA_CHECKED elea_status elea_record_stream_new_from_table(elea_pool *pool,
                                                                    const elea_table *table,
                                                                    int64_t batch_length,
                                                                    elea_record_stream **out,
                                                                    elea_error *err);
// All that is left of a stream, nothing copied. The stream is not freed.
ELEA_API ELEA_CHECKED elea_status elea_table_new_from_stream(elea_pool *pool,
                                                             elea_record_stream *stream,
                                                             elea_table **out, elea_error *err);

// ---- printing

typedef struct elea_print_options {
    int64_t rows_max;      // default 20: the first and last half are shown when there are more
    int64_t items_max;     // default 10: values of a list, bytes / 8 of a string
    int64_t width_max;     // default 0: columns of text; 0 is no limit, else columns are left out
    const char *null_text; // default "null"
} elea_print_options;

ELEA_API void elea_print_options_init(elea_print_options *options);
// "timestamp[us, UTC]", "list<item: utf8>", "fixed_size_list<item: float16>[384]".
ELEA_API ELEA_CHECKED elea_status elea_type_format(const elea_type *type, elea_text *text,
                                                   elea_error *err);
// "name: type", then " not null" where it is; a line each for a schema, with metadata after it.
ELEA_API ELEA_CHECKED elea_status elea_field_format(const elea_field *field, elea_text *text,
                                                    elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_schema_format(const elea_schema *schema, elea_text *text,
                                                     elea_error *err);
// The fields on one line, ", " between them; no metadata.
ELEA_API ELEA_CHECKED elea_status elea_schema_format_line(const elea_schema *schema,
                                                          elea_text *text, elea_error *err);
// One value, as people write it: strings quoted and escaped when `quoted`, timestamps in ISO 8601,
// lists in [], structs in {}, the shortest number that reads back.
ELEA_API ELEA_CHECKED elea_status elea_span_format(const elea_span *span, int64_t index,
                                                   bool quoted, elea_text *text, elea_error *err);
// One value as JSON (RFC 8259): int64 as numbers, NaN and infinities as null, binary as base64,
// timestamps as ISO 8601 strings, maps as arrays of {"key", "value"}.
ELEA_API ELEA_CHECKED elea_status elea_span_format_json(const elea_span *span, int64_t index,
                                                        elea_text *text, elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_array_format(const elea_array *array,
                                                    const elea_print_options *options,
                                                    elea_text *text, elea_error *err);
// An aligned grid with names and types on top.
ELEA_API ELEA_CHECKED elea_status elea_table_format(const elea_table *table,
                                                    const elea_print_options *options,
                                                    elea_text *text, elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_table_print(const elea_table *table, FILE *file,
                                                   const elea_print_options *options,
                                                   elea_error *err);

// ---- parsing

// The way back: what the four functions above write for types, fields and schemas gives an equal
// one (with metadata, for elea_schema_format(); a value that was shortened in print is refused).
// Names and time zones must be UTF-8 for that.
//
// People may write more freely: spaces anywhere between words, lists without a name for their
// items ("list<utf8>"), names in JSON quotes, and in a schema commas or new lines between fields:
//
//     id: int64 not null, tags: list<utf8>, "first name": dictionary<values: utf8, indices: int8>
//
// ELEA_EINVAL with line, column (in bytes, from 1), what is there and what was expected. Types
// nested deeper than 64: ELEA_ECAPACITY.
ELEA_API ELEA_CHECKED elea_status elea_type_parse(elea_pool *pool, elea_bytes text, elea_type **out,
                                                  elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_field_parse(elea_pool *pool, elea_bytes text,
                                                   elea_field **out, elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_schema_parse(elea_pool *pool, elea_bytes text,
                                                    elea_schema **out, elea_error *err);

// A schema as YAML, for configuration and review:
//
//     fields:
//     - name: id
//       type: int64
//       nullable: false
//     - name: tags
//       type: 'list<item: utf8>'
//       metadata:
//         unit: word
//     metadata:
//       origin: here
//
// Types are as elea_type_format() writes them (metadata of fields inside a type is left out, as it
// is there); `nullable` is true when it is not said. Metadata whose keys repeat is a list of maps.
// ELEA_EINVAL for texts that are not UTF-8; ELEA_EUNSUPPORTED without ELEA_WITH_YAML. Besides
// `text`'s pool, libyaml takes memory of its own from the C library.
ELEA_API ELEA_CHECKED elea_status elea_schema_format_yaml(const elea_schema *schema,
                                                          elea_text *text, elea_error *err);
// The way back, of one document. ELEA_EINVAL with line and column for what is no YAML, no schema,
// or holds anything but the keys above; aliases are refused.
ELEA_API ELEA_CHECKED elea_status elea_schema_parse_yaml(elea_pool *pool, elea_bytes text,
                                                         elea_schema **out, elea_error *err);

#ifdef __cplusplus
}
#endif

#include <elea/columnar/differences.h>
#include <elea/columnar/unify.h>

#endif // ELEA_COLUMNAR_H

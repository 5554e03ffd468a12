// SPDX-License-Identifier: Apache-2.0
//
// Extension types: storage with a name, and who knows its rules. Part of elea/columnar.h.
#ifndef ELEA_COLUMNAR_EXTENSION_H
#define ELEA_COLUMNAR_EXTENSION_H

#include <elea/columnar/type.h>

#ifdef __cplusplus
extern "C" {
#endif

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

#ifdef __cplusplus
}
#endif

#endif // ELEA_COLUMNAR_EXTENSION_H

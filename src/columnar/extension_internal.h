// SPDX-License-Identifier: Apache-2.0
//
// The canonical extension types: their checks, and the JSON in the metadata of some. What importers
// do with extension types of fields that come from outside.
#ifndef ELEA_COLUMNAR_EXTENSION_INTERNAL_H
#define ELEA_COLUMNAR_EXTENSION_INTERNAL_H

#include "elea/columnar.h"

// The check of a canonical type; NULL for any other name.
elea_extension_check elea__extension_canonical(elea_bytes name);

// For importers, of a field as it came: ELEA_OK where it has no extension type, or one that is not
// known, which passes as it is; else what elea_extension_validate() says, but that a build which
// cannot read the metadata of a type believes them. The first is for one field, the second for all
// fields of a schema and those inside their types.
ELEA_CHECKED elea_status elea__field_check_extension(const elea_field *field, elea_pool *pool,
                                                     elea_error *err);
ELEA_CHECKED elea_status elea__schema_check_extensions(const elea_schema *schema, elea_pool *pool,
                                                       elea_error *err);

bool elea__bytes_are(elea_bytes bytes, const char *text);

// "the storage is FOUND, expected EXPECTED": ELEA_ETYPE, or ELEA_ENOMEM.
ELEA_CHECKED elea_status elea__extension_wrong_storage(const elea_extension *extension,
                                                       elea_pool *pool, const char *expected,
                                                       elea_error *err);

// The checks that read JSON (ELEA_EUNSUPPORTED in a build without it).
ELEA_CHECKED elea_status elea__check_tensor(const elea_extension *extension, elea_pool *pool,
                                            void *context, elea_error *err);
ELEA_CHECKED elea_status elea__check_opaque(const elea_extension *extension, elea_pool *pool,
                                            void *context, elea_error *err);

#endif // ELEA_COLUMNAR_EXTENSION_INTERNAL_H

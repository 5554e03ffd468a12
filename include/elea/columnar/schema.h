// SPDX-License-Identifier: Apache-2.0
//
// Schemas: the fields of rows, in order, and metadata. Part of elea/columnar.h.
#ifndef ELEA_COLUMNAR_SCHEMA_H
#define ELEA_COLUMNAR_SCHEMA_H

#include <elea/columnar/type.h>

#ifdef __cplusplus
extern "C" {
#endif

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

#ifdef __cplusplus
}
#endif

#endif // ELEA_COLUMNAR_SCHEMA_H

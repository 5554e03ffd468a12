// SPDX-License-Identifier: Apache-2.0
//
// The type that values of two types can both have.
#ifndef ELEA_COLUMNAR_UNIFY_INTERNAL_H
#define ELEA_COLUMNAR_UNIFY_INTERNAL_H

#include "columnar/type_internal.h"

// ELEA_ETYPE when there is none under the options.
ELEA_CHECKED elea_status elea__type_unify(elea_pool *pool, const elea_type *a, const elea_type *b,
                                          const elea_unify_options *options, elea_type **out,
                                          elea_error *err);

// A field of `a`'s name and metadata for the values of both.
ELEA_CHECKED elea_status elea__field_unify(elea_pool *pool, const elea_field *a,
                                           const elea_field *b, const elea_unify_options *options,
                                           elea_field **out, elea_error *err);

// The fields of `a`, each unified with that of its name in `b`, then the other fields of `b`. The
// list has `*out_count` fields and room for those of both; all belong to the caller, also after a
// failure.
ELEA_CHECKED elea_status elea__fields_unify(elea_pool *pool, const elea_field *const *a,
                                            int64_t a_count, const elea_field *const *b,
                                            int64_t b_count, const elea_unify_options *options,
                                            elea_field **out, int64_t *out_count, elea_error *err);

#endif // ELEA_COLUMNAR_UNIFY_INTERNAL_H

// SPDX-License-Identifier: Apache-2.0
//
// One schema for the rows of several, with promotion of types. Part of elea/columnar.h.
#ifndef ELEA_COLUMNAR_UNIFY_H
#define ELEA_COLUMNAR_UNIFY_H

#include <elea/columnar/schema.h>

#ifdef __cplusplus
extern "C" {
#endif

// What may be done to make one type of two; the names and meanings are those of Arrow C++.
typedef struct elea_unify_options {
    bool promote_nullability;        // null to any type; nullable when one of two fields is
    bool promote_decimal;            // decimals of other digits: as many as both need
    bool promote_decimal_to_float;   // to the float beside it
    bool promote_integer_to_decimal; // with room for every value of the integer
    bool promote_integer_to_float;   // to the narrowest that is exact, or float64
    bool promote_integer_sign;       // to a signed type wider than the unsigned, at most int64
    bool promote_numeric_width;      // to the wider integer, float or decimal
    bool promote_binary;             // utf8, binary, their large forms, fixed_size_binary
    bool promote_temporal_unit;      // to the finer unit of dates, times, durations, timestamps
    bool promote_list;               // list, large_list, fixed_size_list to a list
    bool promote_dictionary;         // by indices and values
    bool promote_dictionary_ordered; // ordered beside unordered: unordered
} elea_unify_options;

// promote_nullability alone.
ELEA_API void elea_unify_options_init(elea_unify_options *options);
// All but promote_dictionary_ordered.
ELEA_API void elea_unify_options_init_permissive(elea_unify_options *options);
// One schema for the rows of all: the fields in order of appearance by name, those of one name made
// one, down into structs, lists and maps; metadata as where a field came first, and of the first
// schema. ELEA_ETYPE for types that the options do not bring together and for extension types that
// differ (null becomes one, as it becomes any type), ELEA_EINVAL for two fields of one name in a
// schema or struct, or no schemas.
ELEA_API ELEA_CHECKED elea_status elea_schema_unify(elea_pool *pool,
                                                    const elea_schema *const *schemas,
                                                    int64_t count,
                                                    const elea_unify_options *options,
                                                    elea_schema **out, elea_error *err);

#ifdef __cplusplus
}
#endif

#endif // ELEA_COLUMNAR_UNIFY_H

// SPDX-License-Identifier: Apache-2.0
//
// Putting rows of several arrays one after the other.
#ifndef ELEA_COLUMNAR_CONCAT_INTERNAL_H
#define ELEA_COLUMNAR_CONCAT_INTERNAL_H

#include "columnar/array_internal.h"

// Rows [row, row + length) of an array, borrowed.
typedef struct elea__range {
    const elea_array *array;
    int64_t row;
    int64_t length;
} elea__range;

// A new array of the rows of all ranges, whose arrays are valid and of type `type` (metadata and
// names that Arrow fixes aside). Nothing is shared but dictionaries and the bytes behind views.
ELEA_CHECKED elea_status elea__ranges_concat(elea_pool *pool, const elea_type *type,
                                             const elea__range *ranges, int64_t count,
                                             elea_array **out, elea_error *err);

// One dictionary with each value of the dictionaries of all ranges once, in order of appearance,
// and for each range a row of `maps`: the new index of each old one. Ranges with one dictionary
// have one map. `map_block` owns the maps; give it back with elea_dealloc().
typedef struct elea__unified {
    elea_array *dictionary;
    const int64_t **maps; // one for each range
    void *map_block;
    int64_t map_size;
} elea__unified;

ELEA_CHECKED elea_status elea__dictionaries_unify(elea_pool *pool, const elea_type *value_type,
                                                  const elea__range *ranges, int64_t count,
                                                  elea__unified *out, elea_error *err);

#endif // ELEA_COLUMNAR_CONCAT_INTERNAL_H

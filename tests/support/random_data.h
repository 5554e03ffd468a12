// SPDX-License-Identifier: Apache-2.0
//
// Random types and arrays from a seed: every type that has a builder, nulls, nesting, slices. The
// same seed gives the same data on every machine. What fails here fails the running cmocka test.
#ifndef ELEA_TESTS_SUPPORT_RANDOM_DATA_H
#define ELEA_TESTS_SUPPORT_RANDOM_DATA_H

#include <elea/columnar.h>

typedef struct elea_test_random {
    uint64_t state;         // the seed, any number
    bool with_dictionaries; // among random types; not every room has them
    bool with_metadata;     // of fields, at any depth, and maps as others name their entries
} elea_test_random;

uint64_t elea_test_random_next(elea_test_random *random);
// From 0 to `count` - 1.
int64_t elea_test_random_below(elea_test_random *random, int64_t count);

// A type of the given id, with random parameters and children nested at most `depth` deep. NULL for
// an id that cannot be built.
elea_type *elea_test_random_type_of(elea_test_random *random, elea_type_id id, int depth);
// Any type.
elea_type *elea_test_random_type(elea_test_random *random, int depth);

// Appends `count` rows, about one in `null_every` null (0: none).
void elea_test_random_append(elea_test_random *random, elea_builder *builder, int64_t count,
                             int64_t null_every);
// An array of `length` rows. Half of them are slices, of arrays at odd offsets.
elea_array *elea_test_random_array(elea_test_random *random, const elea_type *type, int64_t length,
                                   int64_t null_every);
// A field of any type.
elea_field *elea_test_random_field(elea_test_random *random, const char *name, int depth);
// Columns named c0, c1, ... of any types.
elea_record_batch *elea_test_random_batch(elea_test_random *random, int64_t column_count,
                                          int64_t length, int depth);

#endif // ELEA_TESTS_SUPPORT_RANDOM_DATA_H

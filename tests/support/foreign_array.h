// SPDX-License-Identifier: Apache-2.0
//
// Arrays of another library, as it were: ArrowArray structs made by hand over static values, which
// count how often they are released. One sample for each layout, with nulls and an offset.
#ifndef ELEA_TESTS_SUPPORT_FOREIGN_ARRAY_H
#define ELEA_TESTS_SUPPORT_FOREIGN_ARRAY_H

#include <elea/abi.h>

#define FOREIGN_BUFFER_COUNT_MAX 6
#define FOREIGN_CHILD_COUNT_MAX 4

typedef struct foreign_array foreign_array;

struct foreign_array {
    struct ArrowArray array; // hand this to an importer
    const void *buffers[FOREIGN_BUFFER_COUNT_MAX];
    struct ArrowArray *child_pointers[FOREIGN_CHILD_COUNT_MAX];
    foreign_array *children[FOREIGN_CHILD_COUNT_MAX];
    foreign_array *dictionary;
    int released; // atomic
};

typedef enum foreign_sample {
    FOREIGN_NULL,
    FOREIGN_BOOL,
    FOREIGN_INT64,
    FOREIGN_UTF8,
    FOREIGN_LARGE_UTF8,
    FOREIGN_UTF8_VIEW,
    FOREIGN_LIST,
    FOREIGN_LARGE_LIST,
    FOREIGN_LIST_VIEW,
    FOREIGN_LARGE_LIST_VIEW,
    FOREIGN_FIXED_SIZE_LIST,
    FOREIGN_STRUCT,
    FOREIGN_MAP,
    FOREIGN_SPARSE_UNION,
    FOREIGN_DENSE_UNION,
    FOREIGN_DICTIONARY,
    FOREIGN_RUN_END_ENCODED,
    FOREIGN_SAMPLE_COUNT,
} foreign_sample;

// Length 4 at offset 2, valid in every respect.
foreign_array *foreign_array_new(foreign_sample sample);
// Frees the structs; what an importer holds must be released by then. NULL is allowed.
void foreign_array_free(foreign_array *array);
// The type of a sample; the caller has one reference.
elea_type *foreign_array_type(foreign_sample sample);

#endif // ELEA_TESTS_SUPPORT_FOREIGN_ARRAY_H

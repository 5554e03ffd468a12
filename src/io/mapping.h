// SPDX-License-Identifier: Apache-2.0
//
// A mapping that several share: buffers that view it, and the file that made it.
#ifndef ELEA_IO_MAPPING_H
#define ELEA_IO_MAPPING_H

#include "elea/base.h"

typedef struct elea__mapping {
    elea_pool *pool;
    void *data;
    int64_t size;
    int references; // atomic
} elea__mapping;

// Maps the first `size` bytes of an open file; one reference.
ELEA_CHECKED elea_status elea__mapping_new(int descriptor, const char *path, int64_t size,
                                           bool writable, elea_pool *pool, elea__mapping **out,
                                           elea_error *err);
void elea__mapping_unref(elea__mapping *mapping); // NULL is allowed
// Whether nobody else has a reference.
bool elea__mapping_is_alone(const elea__mapping *mapping);
// The range, which is inside, as a buffer that holds a reference.
ELEA_CHECKED elea_status elea__mapping_view(elea__mapping *mapping, int64_t offset, int64_t size,
                                            elea_buffer **out, elea_error *err);

#endif // ELEA_IO_MAPPING_H

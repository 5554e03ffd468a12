// SPDX-License-Identifier: Apache-2.0
//
// UUID version 7 (RFC 9562, section 5.7): identifiers that sort by the time they were made.
#ifndef ELEA_MEMORY_UUID_H
#define ELEA_MEMORY_UUID_H

#include <elea/base.h>

enum { ELEA__UUID_TEXT_SIZE = 36 };

// Makes identifiers in rising order: within a millisecond the 74 free bits count on from a random
// start.
typedef struct elea__uuid_maker {
    int64_t time_ms; // private
    uint64_t high;   // 12 bits
    uint64_t low;    // 62 bits
} elea__uuid_maker;

// Takes the clock and entropy from the operating system.
elea_status elea__uuid_maker_init(elea__uuid_maker *maker, elea_error *err);

// Writes the next identifier as 36 characters in lower case, not terminated.
void elea__uuid_maker_next(elea__uuid_maker *maker, char *text);

#endif // ELEA_MEMORY_UUID_H

// SPDX-License-Identifier: Apache-2.0
//
// Random numbers for tests, the same in every run: splitmix64 (Steele, Lea, Flood 2014). Begin with
// `uint64_t seed = 1;` (any number).
#ifndef ELEA_TESTS_SUPPORT_RANDOM_H
#define ELEA_TESTS_SUPPORT_RANDOM_H

#include <stdint.h>

static inline uint64_t elea_test_random(uint64_t *seed) {
    uint64_t value = *seed += UINT64_C(0x9E3779B97F4A7C15);
    value = (value ^ value >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    value = (value ^ value >> 27) * UINT64_C(0x94D049BB133111EB);
    return value ^ value >> 31;
}

// A number from 0 to bound - 1.
static inline int64_t elea_test_random_below(uint64_t *seed, int64_t bound) {
    return (int64_t)(elea_test_random(seed) % (uint64_t)bound);
}

static inline void elea_test_random_fill(uint64_t *seed, void *target, int64_t size) {
    for (int64_t i = 0; i < size; i++)
        ((uint8_t *)target)[i] = (uint8_t)elea_test_random(seed);
}

#endif // ELEA_TESTS_SUPPORT_RANDOM_H

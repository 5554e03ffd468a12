// SPDX-License-Identifier: Apache-2.0
//
// Runs a test once on every instruction set level of the machine:
//
//     static void check_utf8(void **state) { ... }
//     static void test_utf8(void **state) { elea_test_each_level(check_utf8, state); }
//
// With ELEA_CPU set it runs once, on that level: so ctest runs each test program of base/ and
// vector/ again for the lower levels.
#ifndef ELEA_TESTS_SUPPORT_LEVELS_H
#define ELEA_TESTS_SUPPORT_LEVELS_H

void elea_test_each_level(void (*check)(void **state), void **state);

#endif // ELEA_TESTS_SUPPORT_LEVELS_H

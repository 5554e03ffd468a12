// SPDX-License-Identifier: Apache-2.0
//
// Random tensors from a seed, mostly zeros, in row-major, column-major and scattered memory.
#ifndef ELEA_TESTS_SUPPORT_TENSORS_H
#define ELEA_TESTS_SUPPORT_TENSORS_H

#include <elea/columnar.h>

// `dimension_count` 0: from 1 to 4.
elea_tensor *elea_test_random_tensor(uint64_t seed, int32_t dimension_count, bool with_names);

#endif // ELEA_TESTS_SUPPORT_TENSORS_H

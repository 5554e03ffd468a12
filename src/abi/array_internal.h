// SPDX-License-Identifier: Apache-2.0
//
// Structs of arrays under export, for those who fill in the children.
#ifndef ELEA_ABI_ARRAY_INTERNAL_H
#define ELEA_ABI_ARRAY_INTERNAL_H

#include "elea/abi.h"

// A struct array of so many rows without nulls, whose children are marked as released and are the
// caller's to fill.
ELEA_CHECKED elea_status elea__array_export_struct(int64_t length, int64_t child_count,
                                                   elea_pool *pool, struct ArrowArray *out,
                                                   elea_error *err);

#endif // ELEA_ABI_ARRAY_INTERNAL_H

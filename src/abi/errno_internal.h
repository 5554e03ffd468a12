// SPDX-License-Identifier: Apache-2.0
//
// How statuses cross the C stream interface, which speaks in errno values.
#ifndef ELEA_ABI_ERRNO_INTERNAL_H
#define ELEA_ABI_ERRNO_INTERNAL_H

#include "elea/base.h"

// Never 0; EINVAL for a status without a value of its own.
int elea__errno_of_status(elea_status status);
// ELEA_EFOREIGN for a value that no status has.
elea_status elea__status_of_errno(int code);

#endif // ELEA_ABI_ERRNO_INTERNAL_H

// SPDX-License-Identifier: Apache-2.0
//
// The variants of CRC-32C. They work on the register as it is between bytes, that is, without the
// inversions at begin and end.
#ifndef ELEA_BASE_CRC32C_H
#define ELEA_BASE_CRC32C_H

#include "elea/base.h"

#if defined(__x86_64__)
uint32_t elea__crc32c_sse42(uint32_t state, const uint8_t *data, int64_t size);
#endif

#endif // ELEA_BASE_CRC32C_H

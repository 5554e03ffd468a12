// SPDX-License-Identifier: Apache-2.0
//
// Integers of any width from text.
#ifndef ELEA_IPC_INTEGRATION_INTEGER_H
#define ELEA_IPC_INTEGRATION_INTEGER_H

#include "elea/base.h"

#define ELEA__INTEGER_WIDTH_MAX 32

// The integer that `text` is ("-12", no blanks, no plus) as `width` bytes, little-endian, in two's
// complement. False when it is none or does not fit; `out` is then untouched.
bool elea__integer_parse(elea_bytes text, int width, bool is_signed, uint8_t *out);

#endif // ELEA_IPC_INTEGRATION_INTEGER_H

// SPDX-License-Identifier: Apache-2.0
//
// Single values of the integration format from JSON. With jansson only.
#ifndef ELEA_IPC_INTEGRATION_VALUE_H
#define ELEA_IPC_INTEGRATION_VALUE_H

#include <jansson.h>

#include "elea/columnar.h"

// An integer, as a number or as a string, in `width` bytes.
ELEA_CHECKED elea_status elea__integration_integer_read(const json_t *item, int width,
                                                        bool is_signed, uint8_t *target,
                                                        elea_error *err);
// An even number of hexadecimal digits of either case, as half as many bytes.
ELEA_CHECKED elea_status elea__integration_hex_read(elea_bytes text, uint8_t *target,
                                                    elea_error *err);
// A value of a type of fixed width (not bool), as that many bytes. A null may have an empty string
// for its bytes.
ELEA_CHECKED elea_status elea__integration_value_read(const json_t *item, const elea_type *type,
                                                      bool is_null, uint8_t *target,
                                                      elea_error *err);

#endif // ELEA_IPC_INTEGRATION_VALUE_H

// SPDX-License-Identifier: Apache-2.0
//
// Members of JSON objects that come from outside: each getter checks that the member is there, of
// the kind and within the bounds asked for, and names it when it is not. Objects may be NULL or no
// objects. With jansson only.
#ifndef ELEA_IPC_INTEGRATION_JSON_H
#define ELEA_IPC_INTEGRATION_JSON_H

#include <jansson.h>

#include "elea/columnar.h"

ELEA_CHECKED elea_status elea__json_get_int(const json_t *object, const char *key, int64_t low,
                                            int64_t high, int64_t *out, elea_error *err);
// Also 0 and 1.
ELEA_CHECKED elea_status elea__json_get_bool(const json_t *object, const char *key, bool *out,
                                             elea_error *err);
// May have NULs inside.
ELEA_CHECKED elea_status elea__json_get_string(const json_t *object, const char *key,
                                               elea_bytes *out, elea_error *err);
// `length` -1: any.
ELEA_CHECKED elea_status elea__json_get_list(const json_t *object, const char *key, int64_t length,
                                             const json_t **out, elea_error *err);

static inline elea_bytes elea__json_bytes(const json_t *string) {
    return (elea_bytes){json_string_value(string), (int64_t)json_string_length(string)};
}

#endif // ELEA_IPC_INTEGRATION_JSON_H

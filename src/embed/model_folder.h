// SPDX-License-Identifier: Apache-2.0
//
// The files of a model folder, and the JSON in them. Messages name the file.
#ifndef ELEA_EMBED_MODEL_FOLDER_H
#define ELEA_EMBED_MODEL_FOLDER_H

#include <jansson.h>

#include "elea/base.h"

// The bytes of "directory/name", read into memory. ELEA_ENOTFOUND when there is no such file.
ELEA_CHECKED elea_status elea__model_file_read(const char *directory, const char *name,
                                               elea_pool *pool, elea_buffer **out, elea_error *err);

// The JSON object in "directory/name"; the caller's reference. ELEA_ENOTFOUND when there is no such
// file, ELEA_EINVAL when there is no JSON object in it. The tree is jansson's own memory, not the
// pool's. Integers too large for 64 bits are real numbers.
ELEA_CHECKED elea_status elea__model_json_read(const char *directory, const char *name,
                                               elea_pool *pool, json_t **out, elea_error *err);

// The same for one that need not be there: *out is then NULL.
ELEA_CHECKED elea_status elea__model_json_read_if_any(const char *directory, const char *name,
                                                      elea_pool *pool, json_t **out,
                                                      elea_error *err);

// The JSON that `text` is, of any kind, and one that must be an object.
ELEA_CHECKED elea_status elea__json_parse_any(elea_bytes text, json_t **out, elea_error *err);
ELEA_CHECKED elea_status elea__json_parse(elea_bytes text, json_t **out, elea_error *err);

// Values of an object (NULL is an empty one), by key; one that is missing or null gives `missing`.
// ELEA_EINVAL for one of another type, or an integer that is not in [low, high].
ELEA_CHECKED elea_status elea__json_boolean(const json_t *object, const char *key, bool missing,
                                            bool *out, elea_error *err);
ELEA_CHECKED elea_status elea__json_integer(const json_t *object, const char *key, int32_t low,
                                            int32_t high, int32_t missing, int32_t *out,
                                            elea_error *err);
// Borrowed from the object.
ELEA_CHECKED elea_status elea__json_string(const json_t *object, const char *key,
                                           const char *missing, const char **out, elea_error *err);

// Whether a value is a whole number in [low, high].
bool elea__json_whole(const json_t *value, int32_t low, int32_t high, int32_t *out);

#endif // ELEA_EMBED_MODEL_FOLDER_H

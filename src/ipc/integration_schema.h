// SPDX-License-Identifier: Apache-2.0
//
// The schema of the integration format, and the dictionaries that its fields name. With jansson
// only.
#ifndef ELEA_IPC_INTEGRATION_SCHEMA_H
#define ELEA_IPC_INTEGRATION_SCHEMA_H

#include <jansson.h>

#include "elea/columnar.h"

// One dictionary, known by its number. All JSON is borrowed from the document.
typedef struct elea__integration_dictionary {
    int64_t id;
    const json_t *field;   // the first that names it: its children are those of the values
    elea_type *value_type; // owned
    const json_t *data;    // its batch, once found
    elea_array *values;    // owned, once read
} elea__integration_dictionary;

// In the order in which they can be read: those that values of others need come first.
typedef struct elea__integration_dictionaries {
    elea_pool *pool;
    elea__integration_dictionary *items;
    int64_t count;
    int64_t capacity;
} elea__integration_dictionaries;

void elea__integration_dictionaries_release(elea__integration_dictionaries *dictionaries);
// NULL when there is none with this number.
elea__integration_dictionary *
elea__integration_dictionary_find(const elea__integration_dictionaries *dictionaries, int64_t id);

// Reads {"fields": ..., "metadata": ...} and adds the dictionaries of its fields.
ELEA_CHECKED elea_status elea__integration_schema_read(const json_t *json, elea_pool *pool,
                                                       elea__integration_dictionaries *dictionaries,
                                                       elea_schema **out, elea_error *err);

#endif // ELEA_IPC_INTEGRATION_SCHEMA_H

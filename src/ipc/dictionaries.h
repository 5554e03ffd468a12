// SPDX-License-Identifier: Apache-2.0
//
// The dictionaries of a file or stream that is being read: the messages that carry them, by id, and
// the arrays they make, put together when a column first asks for one.
//
// A dictionary's values may themselves take values from dictionaries; these are asked for while the
// outer one is put together, so that messages may come in any order. Types do not contain
// themselves, which bounds that.
#ifndef ELEA_IPC_DICTIONARIES_H
#define ELEA_IPC_DICTIONARIES_H

#include <elea/columnar.h>

#include "ipc/list.h"
#include "ipc/message.h"
#include "ipc/schema.h"

struct elea__ipc_source;

typedef struct elea__ipc_dictionaries {
    elea_pool *pool;
    const elea__ipc_schema *schema;
    elea__ipc_list all; // of struct dictionary, ordered by id
    int64_t delta_count;
    int64_t replaced_count;
} elea__ipc_dictionaries;

// Makes room for the dictionaries of a schema, which is borrowed. ELEA_EINVAL when slots that share
// an id do not have the same values. Release also after a failure.
ELEA_CHECKED elea_status elea__ipc_dictionaries_init(elea__ipc_dictionaries *dictionaries,
                                                     elea_pool *pool,
                                                     const elea__ipc_schema *schema,
                                                     elea_error *err);
void elea__ipc_dictionaries_release(elea__ipc_dictionaries *dictionaries);
// Forgets the messages.
void elea__ipc_dictionaries_reset(elea__ipc_dictionaries *dictionaries);

// Takes over a message with a dictionary batch (it is empty then, whether this fails or not). One
// of a dictionary that no column asks for is dropped. ELEA_EINVAL for a delta without a dictionary
// before it, and, unless `replace`, for a dictionary that is there already.
ELEA_CHECKED elea_status elea__ipc_dictionaries_add(elea__ipc_dictionaries *dictionaries,
                                                    elea__ipc_message *message, bool replace,
                                                    elea_error *err);

// The values of slot `index` as of now, borrowed until the next add; *out is NULL when there are
// none yet.
ELEA_CHECKED elea_status elea__ipc_dictionaries_get(struct elea__ipc_source *source, int64_t index,
                                                    const elea_array **out, elea_error *err);

#endif // ELEA_IPC_DICTIONARIES_H

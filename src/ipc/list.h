// SPDX-License-Identifier: Apache-2.0
//
// A growing list of elements of one size: blocks of a file, buffers of a body.
#ifndef ELEA_IPC_LIST_H
#define ELEA_IPC_LIST_H

#include <elea/base.h>
#include <string.h>

typedef struct elea__ipc_list {
    void *data;
    int64_t count;
    int64_t capacity;
} elea__ipc_list;

// Makes room for more.
ELEA_CHECKED elea_status elea__ipc_list_grow(elea__ipc_list *list, elea_pool *pool,
                                             int64_t element_size, elea_error *err);

ELEA_CHECKED static inline elea_status elea__ipc_list_push(elea__ipc_list *list, elea_pool *pool,
                                                           const void *element,
                                                           int64_t element_size, elea_error *err) {
    if (list->count == list->capacity)
        ELEA_TRY(elea__ipc_list_grow(list, pool, element_size, err));
    memcpy((char *)list->data + list->count * element_size, element, (size_t)element_size);
    list->count++;
    return ELEA_OK;
}

void elea__ipc_list_release(elea__ipc_list *list, elea_pool *pool, int64_t element_size);

#endif // ELEA_IPC_LIST_H

// SPDX-License-Identifier: Apache-2.0
#include "ipc/list.h"

elea_status elea__ipc_list_grow(elea__ipc_list *list, elea_pool *pool, int64_t element_size,
                                elea_error *err) {
    int64_t capacity = list->capacity == 0 ? 16 : list->capacity * 2;
    ELEA_TRY(elea_realloc(pool, list->capacity * element_size, capacity * element_size, &list->data,
                          err));
    list->capacity = capacity;
    return ELEA_OK;
}

void elea__ipc_list_release(elea__ipc_list *list, elea_pool *pool, int64_t element_size) {
    elea_dealloc(pool, list->data, list->capacity * element_size);
    *list = (elea__ipc_list){.data = NULL};
}

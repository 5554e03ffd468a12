// SPDX-License-Identifier: Apache-2.0
#include "vector/vectors_internal.h"

// Null elements are fine under null rows, where builders put them, and nowhere else.
static elea_status check_items(const elea_span *list, const elea_span *items, int32_t dimension,
                               elea_error *err) {
    const uint8_t *validity = items->buffers[0];
    if (!validity || elea_array_null_count(items->array) == 0)
        return ELEA_OK;
    for (int64_t row = 0; row < list->length; row++) {
        int64_t first = items->offset + (list->offset + row) * dimension;
        if (elea_span_is_valid(list, row) &&
            elea_bitmap_count(validity, first, dimension) != dimension)
            return elea_error_set(err, ELEA_EINVAL, "row %lld: a vector with a null element",
                                  (long long)row);
    }
    return ELEA_OK;
}

elea_status elea_vectors_of_array(const elea_array *array, elea_vectors *out, elea_error *err) {
    elea_span list;
    elea_span items;
    elea_span_of(array, &list);
    if (list.id != ELEA_TYPE_FIXED_SIZE_LIST)
        return elea_error_set(err, ELEA_ETYPE,
                              "vectors must be a fixed_size_list of float16 or float32, not %s",
                              elea_type_id_name(list.id));
    elea_span_child(&list, 0, &items);
    if (items.id != ELEA_TYPE_FLOAT16 && items.id != ELEA_TYPE_FLOAT32)
        return elea_error_set(err, ELEA_ETYPE,
                              "vectors must be lists of float16 or float32, not of %s",
                              elea_type_id_name(items.id));
    elea_vectors view = {.count = list.length,
                         .dimension = elea_type_fixed_size(list.type),
                         .element = items.id == ELEA_TYPE_FLOAT16 ? ELEA_VECTOR_FLOAT16
                                                                  : ELEA_VECTOR_FLOAT32,
                         .validity = list.buffers[0],
                         .validity_offset = list.offset};
    int64_t item_size = items.id == ELEA_TYPE_FLOAT16 ? 2 : 4;
    if (view.count > 0 && items.buffers[1])
        view.values = items.buffers[1] + (items.offset + list.offset * view.dimension) * item_size;
    ELEA_TRY(elea__vectors_validate(&view, "array", err));
    ELEA_TRY(check_items(&list, &items, view.dimension, err));
    *out = view;
    return ELEA_OK;
}

// SPDX-License-Identifier: Apache-2.0
#include "ipc/windows.h"

#include <string.h>

#include "base/copy_internal.h"
#include "base/math_internal.h"
#include "columnar/array_internal.h"

// ---- list views

elea_status elea__ipc_views_window(const elea__ipc_views *views, elea__ipc_window *out,
                                   elea_error *err) {
    int64_t first = INT64_MAX, end = 0;
    for (int64_t i = 0; i < views->length; i++) {
        int64_t size = elea__load_offset(views->sizes, i, views->is_64);
        int64_t offset = elea__load_offset(views->offsets, i, views->is_64);
        if (size == 0)
            continue;
        if (!elea__range_inside(offset, size, views->limit))
            return elea_error_set(err, ELEA_EINVAL,
                                  "a list of %lld values at %lld, past the end of the child (%lld "
                                  "rows)",
                                  (long long)size, (long long)offset, (long long)views->limit);
        first = elea__min(first, offset);
        end = elea__max(end, offset + size);
    }
    *out = (elea__ipc_window){first <= end ? first : 0, first <= end ? end - first : 0};
    return ELEA_OK;
}

void elea__ipc_views_move(const elea__ipc_views *views, int64_t first, uint8_t *target) {
    int64_t width = views->is_64 ? 8 : 4;
    for (int64_t i = 0; i < views->length; i++) {
        int64_t offset = 0;
        if (elea__load_offset(views->sizes, i, views->is_64) != 0)
            offset = elea__load_offset(views->offsets, i, views->is_64) - first;
        int32_t narrow = (int32_t)offset;
        memcpy(target + i * width, views->is_64 ? (void *)&offset : (void *)&narrow, (size_t)width);
    }
    elea__copy_count(views->length * width);
}

// ---- dense unions

elea_status elea__ipc_union_windows(const elea__ipc_union_rows *rows, elea__ipc_window *windows,
                                    bool *moved, elea_error *err) {
    const elea_type *type = elea_array_type(rows->array);
    int64_t count = elea_array_child_count(rows->array);
    *moved = false;
    for (int64_t i = 0; i < count; i++)
        windows[i] = (elea__ipc_window){INT64_MAX, 0};
    // The count is the end until all rows were seen.
    for (int64_t i = 0; i < rows->length; i++) {
        int64_t child = elea_type_union_child(type, rows->codes[i]);
        int64_t offset = elea__load_int32(rows->offsets, i);
        int64_t limit = child < 0 ? 0 : elea_array_length(elea_array_child(rows->array, child));
        if (offset < 0 || offset >= limit)
            return elea_error_set(err, ELEA_EINVAL,
                                  "type code %d with offset %lld, where its child has %lld rows",
                                  rows->codes[i], (long long)offset, (long long)limit);
        windows[child].first = elea__min(windows[child].first, offset);
        windows[child].count = elea__max(windows[child].count, offset + 1);
    }
    for (int64_t i = 0; i < count; i++) {
        if (windows[i].count == 0)
            windows[i].first = 0;
        windows[i].count -= windows[i].first;
        *moved = *moved || windows[i].first > 0;
    }
    return ELEA_OK;
}

void elea__ipc_union_move(const elea__ipc_union_rows *rows, const elea__ipc_window *windows,
                          uint8_t *target) {
    const elea_type *type = elea_array_type(rows->array);
    for (int64_t i = 0; i < rows->length; i++) {
        int64_t first = windows[elea_type_union_child(type, rows->codes[i])].first;
        int32_t offset = elea__load_int32(rows->offsets, i) - (int32_t)first;
        memcpy(target + 4 * i, &offset, sizeof offset);
    }
    elea__copy_count(rows->length * 4);
}

// SPDX-License-Identifier: Apache-2.0
//
// Which rows of their children some rows of list views and dense unions use, so that no more of
// them is written, and offsets that count from there.
#ifndef ELEA_IPC_WINDOWS_H
#define ELEA_IPC_WINDOWS_H

#include <elea/columnar.h>

// The rows [first, first + count) of the values or the child that offsets point into.
typedef struct elea__ipc_window {
    int64_t first;
    int64_t count;
} elea__ipc_window;

// Offsets and sizes of `length` list views on a child of `limit` rows.
typedef struct elea__ipc_views {
    const uint8_t *offsets;
    const uint8_t *sizes;
    int64_t length;
    int64_t limit;
    bool is_64;
} elea__ipc_views;

// ELEA_EINVAL when a view reaches outside the child. Empty ones may point anywhere.
ELEA_CHECKED elea_status elea__ipc_views_window(const elea__ipc_views *views, elea__ipc_window *out,
                                                elea_error *err);
// Offsets from `first` on; those of empty views are 0.
void elea__ipc_views_move(const elea__ipc_views *views, int64_t first, uint8_t *target);

// Rows of a dense union: their codes and offsets.
typedef struct elea__ipc_union_rows {
    const elea_array *array;
    const int8_t *codes;
    const uint8_t *offsets;
    int64_t length;
} elea__ipc_union_rows;

// Sets a window for each child; *moved: some do not begin at 0. ELEA_EINVAL when a row has no child
// or is not in it.
ELEA_CHECKED elea_status elea__ipc_union_windows(const elea__ipc_union_rows *rows,
                                                 elea__ipc_window *windows, bool *moved,
                                                 elea_error *err);
// Offsets from the beginnings of the windows on.
void elea__ipc_union_move(const elea__ipc_union_rows *rows, const elea__ipc_window *windows,
                          uint8_t *target);

#endif // ELEA_IPC_WINDOWS_H

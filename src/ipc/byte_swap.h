// SPDX-License-Identifier: Apache-2.0
//
// Buffers of the other byte order, turned around. What a buffer holds follows from its letter in
// the layout and from the type; bitmaps, type codes and bytes are the same in both orders.
#ifndef ELEA_IPC_BYTE_SWAP_H
#define ELEA_IPC_BYTE_SWAP_H

#include <elea/columnar.h>

// How the entries of a buffer are turned around.
typedef enum elea__ipc_swap {
    ELEA__IPC_SWAP_NONE,
    ELEA__IPC_SWAP_2,
    ELEA__IPC_SWAP_4,
    ELEA__IPC_SWAP_8,
    ELEA__IPC_SWAP_16, // one number of 16 bytes
    ELEA__IPC_SWAP_32,
    ELEA__IPC_SWAP_MONTH_DAY_NANO, // 4, 4 and 8 bytes
    ELEA__IPC_SWAP_VIEW,           // size, then bytes, or bytes, buffer index and offset
} elea__ipc_swap;

// Of the buffer that has `letter` in the layout of `type`.
elea__ipc_swap elea__ipc_swap_of(const elea_type *type, char letter);

// Turns the whole entries among `size` bytes of `source` around; what follows the last is copied as
// it is. `target` may be `source`, else they do not overlap. Neither need be aligned. Counts as
// copied what is not turned in place.
void elea__ipc_swap_bytes(elea__ipc_swap swap, void *target, const void *source, int64_t size);

#endif // ELEA_IPC_BYTE_SWAP_H

// SPDX-License-Identifier: Apache-2.0
//
// A part of a buffer that holds numbers of some width.
#ifndef ELEA_IPC_SLICE_H
#define ELEA_IPC_SLICE_H

#include <elea/ipc.h>

// A view of the part, which is inside; a copy, or ELEA_EINVAL with `file_offset`, when it is not
// aligned for numbers of `width` bytes, as options->misaligned says.
ELEA_CHECKED elea_status elea__ipc_slice(const elea_ipc_read_options *options,
                                         const elea_buffer *buffer, int64_t offset, int64_t size,
                                         int64_t width, int64_t file_offset, elea_buffer **out,
                                         elea_error *err);

#endif // ELEA_IPC_SLICE_H

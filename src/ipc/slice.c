// SPDX-License-Identifier: Apache-2.0
#include "ipc/slice.h"

elea_status elea__ipc_slice(const elea_ipc_read_options *options, const elea_buffer *buffer,
                            int64_t offset, int64_t size, int64_t width, int64_t file_offset,
                            elea_buffer **out, elea_error *err) {
    const uint8_t *data = elea_buffer_data(buffer) + offset;
    if (size == 0 || (uintptr_t)data % (uintptr_t)width == 0)
        return elea_buffer_slice(buffer, offset, size, out, err);
    if (options->misaligned == ELEA_IPC_MISALIGNED_REFUSE)
        return elea_error_set(err, ELEA_EINVAL,
                              "file offset %lld: a buffer that is not aligned to %lld bytes",
                              (long long)file_offset, (long long)width);
    return elea_buffer_new_copy(options->pool, data, size, out, err);
}

// SPDX-License-Identifier: Apache-2.0
//
// Tensors and sparse tensors as messages of Arrow IPC. Part of elea/ipc.h. Source: the Arrow
// project's Tensor.fbs and SparseTensor.fbs.
#ifndef ELEA_IPC_TENSOR_H
#define ELEA_IPC_TENSOR_H

#include <elea/columnar/sparse_tensor.h>
#include <elea/io.h>
#include <elea/ipc/read_options.h>

#ifdef __cplusplus
extern "C" {
#endif

// Writes one message, whose elements begin at a multiple of 64 from the beginning of the stream.
// A tensor that is not contiguous is written row-major. `pool` is for scratch memory.
ELEA_API ELEA_CHECKED elea_status elea_ipc_write_tensor(elea_output_stream *stream,
                                                        const elea_tensor *tensor, elea_pool *pool,
                                                        elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_ipc_write_sparse_tensor(elea_output_stream *stream,
                                                               const elea_sparse_tensor *tensor,
                                                               elea_pool *pool, elea_error *err);
// The bytes that the message of a tensor takes at the beginning of a stream.
ELEA_API ELEA_CHECKED elea_status elea_ipc_tensor_size(const elea_tensor *tensor, elea_pool *pool,
                                                       int64_t *out, elea_error *err);

// Reads the message at *offset and sets *offset behind it, where the next may be. Where the file
// has views, the elements are a view of it. Everything is checked: shape, strides, every index.
// ELEA_EINVAL when the bytes are damaged or another message; `options` (NULL: the defaults) count
// for what is not aligned and for the pool.
ELEA_API ELEA_CHECKED elea_status elea_ipc_read_tensor(elea_file *file, int64_t *offset,
                                                       const elea_ipc_read_options *options,
                                                       elea_tensor **out, elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_ipc_read_sparse_tensor(elea_file *file, int64_t *offset,
                                                              const elea_ipc_read_options *options,
                                                              elea_sparse_tensor **out,
                                                              elea_error *err);

#ifdef __cplusplus
}
#endif

#endif // ELEA_IPC_TENSOR_H

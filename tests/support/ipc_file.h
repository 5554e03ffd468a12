// SPDX-License-Identifier: Apache-2.0
//
// IPC files for tests. A failure fails the running cmocka test.
#ifndef ELEA_TESTS_SUPPORT_IPC_FILE_H
#define ELEA_TESTS_SUPPORT_IPC_FILE_H

#include <elea/ipc.h>

// A batch of one nullable column.
elea_record_batch *elea_test_batch_of(const elea_array *array, const char *name);
// A file with one batch, on disk or in memory.
void elea_test_ipc_write(const char *path, const elea_record_batch *batch,
                         const elea_ipc_write_options *options);
elea_buffer *elea_test_ipc_bytes(const elea_record_batch *batch,
                                 const elea_ipc_write_options *options);
// A stream of batches of one schema, in memory.
elea_buffer *elea_test_ipc_stream_bytes(const elea_record_batch *const *batches, int64_t count,
                                        const elea_ipc_write_options *options);
// Whether this build has the codec they ask for.
bool elea_test_ipc_can_write(const elea_ipc_write_options *options);
// A reader over a mapping.
elea_ipc_file_reader *elea_test_ipc_open(const char *path, const elea_ipc_read_options *options);

#endif // ELEA_TESTS_SUPPORT_IPC_FILE_H

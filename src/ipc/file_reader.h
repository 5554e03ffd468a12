// SPDX-License-Identifier: Apache-2.0
//
// What those who append to a file ask its reader.
#ifndef ELEA__IPC_FILE_READER_H
#define ELEA__IPC_FILE_READER_H

#include "ipc/footer.h"
#include "ipc/source.h"

elea__ipc_source *elea__ipc_file_reader_source(elea_ipc_file_reader *reader);
const elea__ipc_footer *elea__ipc_file_reader_footer(const elea_ipc_file_reader *reader);
// The values of slot `slot`, borrowed from the reader, not validated by more than their shape; *out
// is NULL when the file has none.
ELEA_CHECKED elea_status elea__ipc_file_reader_dictionary(elea_ipc_file_reader *reader,
                                                          int64_t slot, const elea_array **out,
                                                          elea_error *err);

#endif // ELEA__IPC_FILE_READER_H

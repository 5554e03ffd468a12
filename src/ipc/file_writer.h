// SPDX-License-Identifier: Apache-2.0
//
// The writer of files, for those who make one that goes on where another ended.
#ifndef ELEA__IPC_FILE_WRITER_H
#define ELEA__IPC_FILE_WRITER_H

#include "ipc/writer.h"

struct elea_ipc_file_writer {
    elea__ipc_writer writer;
    elea_metadata *metadata; // of the footer, or NULL
};

#endif // ELEA__IPC_FILE_WRITER_H

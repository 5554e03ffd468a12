// SPDX-License-Identifier: Apache-2.0
//
// Bytes as an IPC file: opened, every batch read and fully validated, every value of what passed
// read.
// fuzz-source: tests/support/ipc_touch.c
#include "support/ipc_touch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    elea_error err;
    elea_test_ipc_touch(data, (int64_t)size, &err);
    return 0;
}

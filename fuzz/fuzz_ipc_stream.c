// SPDX-License-Identifier: Apache-2.0
//
// Bytes as an IPC stream: read to its end or its first damage, every batch fully validated, every
// value read.
// fuzz-source: tests/support/ipc_touch.c
#include "support/ipc_touch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    elea_error err;
    elea_test_ipc_touch_stream(data, (int64_t)size, &err);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
//
// Bytes as an IPC stream: read to its end or its first damage, every batch fully validated, every
// value read. Then its messages, one by one.
// fuzz-source: tests/support/ipc_touch.c
#include "ipc_mutate.h"
#include "support/ipc_touch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    elea_error err;
    elea_test_ipc_touch_stream(data, (int64_t)size, &err);
    elea_test_ipc_touch_messages(data, (int64_t)size, &err);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_max, unsigned int seed) {
    return ipc_mutate(data, size, size_max, seed);
}

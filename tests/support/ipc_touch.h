// SPDX-License-Identifier: Apache-2.0
//
// Reads all that can be read of bytes that claim to be an IPC file or stream, for tests of damage
// and for the fuzzers: nothing may crash, whatever the bytes are.
#ifndef ELEA_TESTS_SUPPORT_IPC_TOUCH_H
#define ELEA_TESTS_SUPPORT_IPC_TOUCH_H

#include <elea/ipc.h>

// Opens the bytes (copied to memory of their exact size), reads every batch with full validation,
// and every value of what passes. Gives the number of batches that were good, or -1 when the file
// could not be opened; *err says why the last failed.
int64_t elea_test_ipc_touch(const void *data, int64_t size, elea_error *err);

// The same for a stream, which gives nothing more after its first damage. *err says what it was;
// its status is ELEA_OK when there was none.
int64_t elea_test_ipc_touch_stream(const void *data, int64_t size, elea_error *err);

// Walks through the messages of a file or stream and their columns. Gives the number of sound ones.
int64_t elea_test_ipc_touch_messages(const void *data, int64_t size, elea_error *err);

#endif // ELEA_TESTS_SUPPORT_IPC_TOUCH_H

// SPDX-License-Identifier: Apache-2.0
//
// Bytes put through the push decoder in pieces, for tests and the fuzzer: how they are cut must not
// matter.
#ifndef ELEA_TESTS_SUPPORT_IPC_DECODE_H
#define ELEA_TESTS_SUPPORT_IPC_DECODE_H

#include <elea/ipc.h>

// How large the next piece is, at least 1.
typedef int64_t (*elea_test_cut)(void *context);

typedef struct elea_test_decoded {
    elea_record_batch *batches[64];
    int64_t count;
    elea_ipc_read_stats stats;
    int64_t taken;
    elea_error err; // why it stopped; its status is ELEA_OK at the end of the stream
} elea_test_decoded;

typedef struct elea_test_decode_options {
    elea_ipc_read_options read;
    elea_test_cut cut; // NULL: one piece
    void *context;
    bool as_buffers; // pieces are slices of one buffer
} elea_test_decode_options;

// Decodes all; more than 64 batches are left out.
void elea_test_decode(const void *data, int64_t size, const elea_test_decode_options *options,
                      elea_test_decoded *out);
void elea_test_decoded_release(elea_test_decoded *decoded);
// Whether both are the same in all but the addresses. NULL: they are; else what differs.
const char *elea_test_decoded_difference(const elea_test_decoded *a, const elea_test_decoded *b);

#endif // ELEA_TESTS_SUPPORT_IPC_DECODE_H

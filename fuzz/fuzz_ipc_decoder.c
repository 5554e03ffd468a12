// SPDX-License-Identifier: Apache-2.0
//
// Bytes put through the push decoder at once and in pieces, which must give the same. The first two
// bytes choose the pieces: how large they are at most, and whether they are copied.
// fuzz-source: tests/support/ipc_decode.c
#include <stdio.h>
#include <stdlib.h>

#include "ipc_mutate.h"
#include "support/ipc_decode.h"

#define HEAD_SIZE 2

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct cutter {
    uint64_t state;
    int64_t most;
} cutter;

static int64_t cut(void *context) {
    cutter *pieces = context;
    return 1 + mutate_random(&pieces->state) % pieces->most;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    // A small limit: hostile bytes would fill the memory.
    const elea_ipc_read_options read = {.validation = ELEA_VALIDATE_FULL,
                                        .decompressed_max = 1 << 20};
    elea_test_decoded whole, parts;
    if (size < HEAD_SIZE)
        return 0;
    cutter pieces = {.state = data[0], .most = (int64_t)1 << (data[0] % 8)};
    const elea_test_decode_options once = {.read = read, .as_buffers = (data[1] & 2) != 0};
    const elea_test_decode_options cuts = {
        .read = read, .cut = cut, .context = &pieces, .as_buffers = (data[1] & 1) != 0};
    data += HEAD_SIZE;
    size -= HEAD_SIZE;
    elea_test_decode(data, (int64_t)size, &once, &whole);
    elea_test_decode(data, (int64_t)size, &cuts, &parts);
    const char *difference = elea_test_decoded_difference(&whole, &parts);
    if (difference) {
        fprintf(stderr, "%s differs: \"%s\" and \"%s\"\n", difference, whole.err.message,
                parts.err.message);
        abort();
    }
    elea_test_decoded_release(&parts);
    elea_test_decoded_release(&whole);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_max, unsigned int seed) {
    if (size < HEAD_SIZE || seed % 32 == 0)
        return LLVMFuzzerMutate(data, size, size_max);
    return HEAD_SIZE + ipc_mutate(data + HEAD_SIZE, size - HEAD_SIZE, size_max - HEAD_SIZE, seed);
}

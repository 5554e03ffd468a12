// SPDX-License-Identifier: Apache-2.0
#include "ipc_stream_seeds.h"

int main(int argc, char **argv) {
    if (argc != 2)
        return 2;
    // What the fuzzer chooses its cuts by.
    seed_streams(argv[1], (elea_bytes){"\x05\x01", 2});
    return 0;
}

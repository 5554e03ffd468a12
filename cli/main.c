// SPDX-License-Identifier: Apache-2.0
// The program `elea`.
#include <elea/base.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "version") == 0) {
        printf("elea %s\n", elea_version());
        return 0;
    }
    fputs("usage: elea version\n", stderr);
    return 2;
}

// SPDX-License-Identifier: Apache-2.0
// The smallest program on Elea: says which version of the library it runs with, and whether the
// headers it was compiled with are of the same one.
#include <elea/base.h>
#include <stdio.h>
#include <string.h>

int main(void) {
    char headers[64];
    snprintf(headers, sizeof headers, "%d.%d.%d", ELEA_VERSION_MAJOR, ELEA_VERSION_MINOR,
             ELEA_VERSION_PATCH);
    printf("library %s, headers %s\n", elea_version(), headers);
    return strcmp(elea_version(), headers) == 0 ? 0 : 1;
}

// SPDX-License-Identifier: Apache-2.0
#include <elea/base.h>

#define TEXT_OF(number) #number
#define DOTTED(major, minor, patch) TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)

const char *elea_version(void) {
    return DOTTED(ELEA_VERSION_MAJOR, ELEA_VERSION_MINOR, ELEA_VERSION_PATCH);
}

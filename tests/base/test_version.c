// SPDX-License-Identifier: Apache-2.0
#include <elea/base.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void library_and_header_agree(void **state) {
    (void)state;
    char expected[64];
    snprintf(expected, sizeof expected, "%d.%d.%d", ELEA_VERSION_MAJOR, ELEA_VERSION_MINOR,
             ELEA_VERSION_PATCH);
    assert_string_equal(elea_version(), expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(library_and_header_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

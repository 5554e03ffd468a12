// SPDX-License-Identifier: Apache-2.0
//
// cmocka with what it needs before it, and checks that show Elea's error message on failure.
#ifndef ELEA_TESTS_SUPPORT_CMOCKA_ALL_H
#define ELEA_TESTS_SUPPORT_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <elea/base.h>

// The call must succeed. Needs a local `elea_error err`, which the call may use.
#define assert_ok(call)                                                                            \
    do {                                                                                           \
        elea_status status_ = (call);                                                              \
        if (status_ != ELEA_OK)                                                                    \
            fail_msg("%s: %s: %s", #call, elea_status_name(status_), elea_error_message(&err));    \
    } while (0)

// The call must fail with this status and a message that contains `part`. Needs a local
// `elea_error err` that the call fills.
#define assert_fails(expected, part, call)                                                         \
    do {                                                                                           \
        err = (elea_error){.status = ELEA_OK};                                                     \
        elea_status status_ = (call);                                                              \
        if (status_ != (expected))                                                                 \
            fail_msg("%s: %s instead of %s: %s", #call, elea_status_name(status_),                 \
                     elea_status_name(expected), elea_error_message(&err));                        \
        if (err.status != status_ || strstr(elea_error_message(&err), (part)) == NULL)             \
            fail_msg("%s: the message is %s: \"%s\"", #call, elea_status_name(err.status),         \
                     elea_error_message(&err));                                                    \
    } while (0)

#endif // ELEA_TESTS_SUPPORT_CMOCKA_ALL_H

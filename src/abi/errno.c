// SPDX-License-Identifier: Apache-2.0
#include "abi/errno_internal.h"

#include <errno.h>
#include <stddef.h>

static const struct {
    elea_status status;
    int code;
} pairs[] = {
    {ELEA_EINVAL, EINVAL},       {ELEA_ENOMEM, ENOMEM},        {ELEA_EIO, EIO},
    {ELEA_ENOTFOUND, ENOENT},    {ELEA_EEXISTS, EEXIST},       {ELEA_ECAPACITY, EOVERFLOW},
    {ELEA_EUNSUPPORTED, ENOSYS}, {ELEA_ECANCELLED, ECANCELED},
};

int elea__errno_of_status(elea_status status) {
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (pairs[i].status == status)
            return pairs[i].code;
    }
    return EINVAL;
}

elea_status elea__status_of_errno(int code) {
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (pairs[i].code == code)
            return pairs[i].status;
    }
    return ELEA_EFOREIGN;
}

// SPDX-License-Identifier: Apache-2.0
//
// Whole documents in and out of gzip (RFC 1952). ELEA_EUNSUPPORTED in a build without zlib.
#ifndef ELEA_IO_GZIP_INTERNAL_H
#define ELEA_IO_GZIP_INTERNAL_H

#include "elea/base.h"

// What is unpacked at most; more gives ELEA_ECAPACITY.
#define ELEA__GZIP_SIZE_MAX ((int64_t)1 << 31)

// Whether the bytes begin as gzip does.
bool elea__gzip_is(elea_bytes bytes);

// Appends what all members of `bytes` hold. ELEA_EINVAL when they are damaged or cut.
ELEA_CHECKED elea_status elea__gzip_unpack(elea_bytes bytes, elea_text *out, elea_error *err);

// Appends one member that holds `bytes`. The same bytes always give the same member.
ELEA_CHECKED elea_status elea__gzip_pack(elea_bytes bytes, elea_text *out, elea_error *err);

#endif // ELEA_IO_GZIP_INTERNAL_H

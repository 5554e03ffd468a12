// SPDX-License-Identifier: Apache-2.0
//
// Bytes to compress, and compressed bytes. What fails here fails the running cmocka test.
#ifndef ELEA_TESTS_SUPPORT_CODEC_BYTES_H
#define ELEA_TESTS_SUPPORT_CODEC_BYTES_H

#include <elea/io.h>

// Half noise, half runs of one byte; to be given to free().
char *elea_test_codec_bytes(int64_t size);

// One frame in memory of its exact size, so that the sanitizers see reads past it.
elea_bytes elea_test_compress(const elea_codec *codec, int32_t level, const char *data,
                              int64_t size);
// `bytes` twice or more, one after the other.
elea_bytes elea_test_repeat(elea_bytes bytes, int count);
// For what the two above gave.
void elea_test_release(elea_bytes bytes);

#endif // ELEA_TESTS_SUPPORT_CODEC_BYTES_H

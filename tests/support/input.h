// SPDX-License-Identifier: Apache-2.0
//
// Input streams that are hard to read, and reading of any kind that must give the right bytes.
#ifndef ELEA_TESTS_SUPPORT_INPUT_H
#define ELEA_TESTS_SUPPORT_INPUT_H

#include <elea/io.h>

// A stream of operations of our own that gives 1 to 7 of the borrowed bytes at a time, and fails
// with ELEA_EIO ("the tap is closed") at offset `fails_at`, unless it is -1.
elea_status elea_test_trickle_new(const void *bytes, int64_t size, int64_t fails_at,
                                  elea_pool *pool, elea_input_stream **out, elea_error *err);

// The stream, which is at `offset` of these bytes, must give a right view of `wanted` bytes.
void elea_test_check_view(elea_input_stream *stream, int64_t wanted, const void *bytes,
                          int64_t size, int64_t offset);

// Reads, skips, views and peeks in an order and by sizes of chance until the end: the stream must
// give these bytes, and count them.
void elea_test_walk_input(elea_input_stream *stream, const void *bytes, int64_t size,
                          uint64_t seed);

#endif // ELEA_TESTS_SUPPORT_INPUT_H

// SPDX-License-Identifier: Apache-2.0
//
// Safetensors files made in memory, for tests.
#ifndef ELEA_TESTS_EMBED_SAFETENSORS_FILE_H
#define ELEA_TESTS_EMBED_SAFETENSORS_FILE_H

#include <elea/base.h>
#include <string.h>

#include "support/cmocka_all.h"

// Eight bytes of header size (of `json`, plus `lie`), the header, and `body_size` bytes that count
// up from 0. The caller's reference.
static inline elea_buffer *safetensors_file(const char *json, int64_t lie, int64_t body_size) {
    elea_error err = {0};
    elea_buffer *buffer = NULL;
    int64_t size = (int64_t)strlen(json);
    assert_ok(elea_buffer_new(NULL, 8 + size + body_size, &buffer, &err));
    uint8_t *data = elea_buffer_mutable_data(buffer);
    for (int i = 0; i < 8; i++)
        data[i] = (uint8_t)((uint64_t)(size + lie) >> 8 * i);
    memcpy(data + 8, json, (size_t)size);
    for (int64_t i = 0; i < body_size; i++)
        data[8 + size + i] = (uint8_t)i;
    return buffer;
}

#endif // ELEA_TESTS_EMBED_SAFETENSORS_FILE_H

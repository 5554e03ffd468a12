// SPDX-License-Identifier: Apache-2.0
#include "support/codec_bytes.h"

#include <stdlib.h>

#include "support/cmocka_all.h"
#include "support/random.h"

char *elea_test_codec_bytes(int64_t size) {
    uint64_t seed = (uint64_t)size;
    char *bytes = malloc((size_t)size + 1);
    elea_test_random_fill(&seed, bytes, size / 2);
    memset(bytes + size / 2, 'z', (size_t)(size - size / 2));
    return bytes;
}

elea_bytes elea_test_compress(const elea_codec *codec, int32_t level, const char *data,
                              int64_t size) {
    elea_error err = {0};
    int64_t bound = 0, found = 0;
    const elea_bytes source = {.data = data, .size = size};
    assert_ok(elea_codec_compress_bound(codec, size, &bound, &err));
    char *target = malloc((size_t)bound);
    assert_ok(elea_codec_compress(codec, level, source, target, bound, &found, &err));
    assert_true(found > 0 && found <= bound);
    const elea_bytes exact = elea_test_repeat((elea_bytes){.data = target, .size = found}, 1);
    free(target);
    return exact;
}

elea_bytes elea_test_repeat(elea_bytes bytes, int count) {
    char *target = malloc((size_t)(bytes.size * count) + (bytes.size == 0));
    for (int i = 0; i < count && bytes.size > 0; i++)
        memcpy(target + i * bytes.size, bytes.data, (size_t)bytes.size);
    return (elea_bytes){.data = target, .size = bytes.size * count};
}

void elea_test_release(elea_bytes bytes) {
    union {
        const char *constant;
        char *owned;
    } pointer = {.constant = bytes.data};
    free(pointer.owned);
}

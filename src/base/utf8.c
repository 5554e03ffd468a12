// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

#include <string.h>

#include "base/utf8_internal.h"

// The end of the run of ASCII that begins at `at`, or a place up to 7 bytes before it.
static int64_t skip_ascii(const uint8_t *text, int64_t at, int64_t size) {
    for (; at + 8 <= size; at += 8) {
        uint64_t word;
        memcpy(&word, text + at, sizeof word);
        if ((word & UINT64_C(0x8080808080808080)) != 0)
            break;
    }
    return at;
}

static int64_t check_plain(const uint8_t *text, int64_t at, int64_t size) {
    while (at < size) {
        if (text[at] < 0x80) {
            int64_t end = skip_ascii(text, at, size);
            at = end > at ? end : at + 1;
            continue;
        }
        uint32_t code_point;
        int length = elea__utf8_decode(text + at, size - at, &code_point);
        if (length == 0)
            return at;
        at += length;
    }
    return size;
}

static int64_t skip_good(const uint8_t *text, int64_t size) {
    switch (elea_cpu_level_get()) {
#if defined(__x86_64__)
    case ELEA_CPU_AVX512:
        return elea__utf8_skip_avx512(text, size);
    case ELEA_CPU_AVX2:
        return elea__utf8_skip_avx2(text, size);
#endif
    default:
        return 0;
    }
}

static int64_t skip_good_ascii(const uint8_t *text, int64_t size) {
    switch (elea_cpu_level_get()) {
#if defined(__x86_64__)
    case ELEA_CPU_AVX512:
        return elea__utf8_skip_ascii_avx512(text, size);
    case ELEA_CPU_AVX2:
        return elea__utf8_skip_ascii_avx2(text, size);
#endif
    default:
        return 0;
    }
}

bool elea__utf8_is_ascii(const void *data, int64_t size) {
    const uint8_t *text = data;
    int64_t at = size >= 256 ? skip_good_ascii(text, size) : 0;
    at = skip_ascii(text, at, size);
    while (at < size && text[at] < 0x80)
        at++;
    return at == size;
}

int64_t elea_utf8_check(const void *data, int64_t size) {
    const uint8_t *text = data;
    return check_plain(text, skip_good(text, size), size);
}

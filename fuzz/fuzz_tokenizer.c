// SPDX-License-Identifier: Apache-2.0
// fuzz-library: memory
//
// By the first byte: a text for small tokenizers with all options, a tokenizer.json, or a
// vocab.txt. What opens must encode; ids are in range, and cutting a text cuts its ids.
#include <stdlib.h>
#include <string.h>

#include "embed/tokenizer.h"
#include "small_tokenizer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CAPACITY = 4096 };

static void require(bool condition) {
    if (!condition)
        abort();
}

static elea_status encode(const elea_tokenizer *tokenizer, elea_bytes text, int32_t *ids,
                          int32_t capacity, int32_t *length, bool *cut) {
    elea_error err;
    elea_status status = elea_tokenizer_encode(tokenizer, text, ids, capacity, length, cut, &err);
    if (status != ELEA_OK)
        return status;
    require(*length >= 0 && *length <= capacity && (!*cut || *length == capacity));
    for (int32_t i = 0; i < *length; i++)
        require(elea_tokenizer_token(tokenizer, ids[i]).data != NULL);
    return ELEA_OK;
}

// `capacity` is that of the second, shorter run.
static void try_text(const elea_tokenizer *tokenizer, elea_bytes text, int32_t capacity) {
    static int32_t all[CAPACITY];
    int32_t some[64];
    int32_t length = 0;
    int32_t some_length = 0;
    bool cut = false;
    bool some_cut = false;
    elea_status status = encode(tokenizer, text, all, CAPACITY, &length, &cut);
    bool is_text = elea_utf8_check(text.data, text.size) == text.size;
    require(status == (is_text ? ELEA_OK : ELEA_EINVAL));
    if (!is_text)
        return;
    status = encode(tokenizer, text, some, capacity, &some_length, &some_cut);
    int32_t closing = tokenizer->around.closing_count;
    if (capacity < closing + tokenizer->around.opening_count) {
        require(status == ELEA_ECAPACITY);
        return;
    }
    require(status == ELEA_OK && some_cut == (length > capacity));
    int32_t kept = some_length - closing;
    require(memcmp(all, some, (size_t)kept * sizeof some[0]) == 0);
    require(memcmp(all + length - closing, some + kept, (size_t)closing * sizeof some[0]) == 0);
}

static const elea_tokenizer *small_tokenizer(unsigned options) {
    static const char *const texts[] = {
        SMALL_TOKENIZER("true", "true", "null", "true"),
        SMALL_TOKENIZER("true", "true", "null", "false"),
        SMALL_TOKENIZER("true", "false", "true", "false"),
        SMALL_TOKENIZER("false", "true", "true", "true"),
        SMALL_TOKENIZER("false", "false", "false", "true"),
    };
    enum { COUNT = sizeof texts / sizeof texts[0] };
    static elea_tokenizer *made[COUNT]; // they live as long as the process
    unsigned index = options % COUNT;
    if (made[index] == NULL)
        require(elea__tokenizer_new_from_json(elea_bytes_of(texts[index]), false, NULL,
                                              &made[index], NULL) == ELEA_OK);
    return made[index];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2)
        return 0;
    int kind = data[0] % SMALL_KINDS;
    elea_bytes rest = {(const char *)data + 1, (int64_t)size - 1};
    if (kind == SMALL_TEXT) {
        rest = (elea_bytes){rest.data + 1, rest.size - 1};
        try_text(small_tokenizer(data[1]), rest, (data[1] >> 3) & 31);
        return 0;
    }
    elea_error err = {0};
    elea_tokenizer *tokenizer = NULL;
    elea_status status =
        kind == SMALL_JSON
            ? elea__tokenizer_new_from_json(rest, false, NULL, &tokenizer, &err)
            : elea__tokenizer_new_from_lines(rest, NULL, true, NULL, &tokenizer, &err);
    require((status == ELEA_OK) == (tokenizer != NULL));
    require(status == ELEA_OK || err.message[0] != '\0');
    if (tokenizer != NULL)
        try_text(tokenizer, elea_bytes_of("[MASK] Abab, \u00E9\u6F22 e\u0301 [MA"), 7);
    elea_tokenizer_free(tokenizer);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
// fuzz-library: memory
//
// The MANIFEST of a store: any bytes, parsed; what was accepted is written and must parse again.
#include <stdlib.h>

#include "memory/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    elea_error err = {0};
    elea__manifest manifest = {0}, again = {0}, next = {0};
    elea__manifest_segment segment = {.rows = 1, .size = 1, .category = "notes"};
    elea_text text;
    elea_bytes document = {(const char *)data, (int64_t)size};
    if (elea__manifest_parse(NULL, document, &manifest, &err) != ELEA_OK) {
        if (err.message[0] == '\0')
            abort();
        return 0;
    }
    elea_text_init(&text, NULL);
    if (elea__manifest_append(&manifest, &segment, &next, &err) == ELEA_OK) {
        if (elea__manifest_format(&next, &text, &err) != ELEA_OK ||
            elea__manifest_parse(NULL, (elea_bytes){text.data, text.size}, &again, &err) !=
                ELEA_OK ||
            again.segment_count != manifest.segment_count + 1)
            abort();
    }
    elea_text_release(&text);
    elea__manifest_release(&next);
    elea__manifest_release(&again);
    elea__manifest_release(&manifest);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
//
// Extension types with any storage and any metadata. The input: a digit for the name, the text of
// the storage type up to a newline, then the metadata. A tensor that is good must be good again
// after it was written.
#include <stdlib.h>
#include <string.h>

#include "elea/columnar.h"

static void must(bool condition) {
    if (!condition)
        abort();
}

static void tensor_returns(const elea_extension *extension) {
    elea_tensor_layout layout = {.dimension_count = 0};
    elea_tensor_layout back = {.dimension_count = 0};
    elea_text text, again;
    if (elea_tensor_layout_read(extension, NULL, &layout, NULL) != ELEA_OK)
        return;
    elea_text_init(&text, NULL);
    elea_text_init(&again, NULL);
    must(elea_tensor_layout_format(&layout, &text, NULL) == ELEA_OK);
    elea_extension written = *extension;
    written.metadata = (elea_bytes){text.data, text.size};
    must(elea_tensor_layout_read(&written, NULL, &back, NULL) == ELEA_OK);
    must(elea_tensor_layout_format(&back, &again, NULL) == ELEA_OK);
    must(strcmp(text.data, again.data) == 0);
    elea_tensor_layout_release(&back);
    elea_tensor_layout_release(&layout);
    elea_text_release(&again);
    elea_text_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const names[] = {
        "arrow.fixed_shape_tensor", "arrow.variable_shape_tensor", "arrow.opaque", "arrow.json",
        "arrow.parquet.variant",    "arrow.timestamp_with_offset", "arrow.uuid",   "arrow.bool8"};
    elea_type *type = NULL;
    const uint8_t *line = size > 0 ? memchr(data, '\n', size) : NULL;
    if (line == NULL)
        return 0;
    elea_bytes storage = {(const char *)data + 1, line > data ? line - data - 1 : 0};
    if (elea_type_parse(NULL, storage, &type, NULL) != ELEA_OK)
        return 0;
    elea_extension extension = {
        .name = elea_bytes_of(names[data[0] % (sizeof names / sizeof names[0])]),
        .metadata = {(const char *)line + 1, (int64_t)size - (line - data) - 1},
        .storage = type};
    elea_error err;
    elea_field *field = NULL;
    elea_status status = elea_extension_validate(&extension, NULL, &err);
    must(elea_field_new_extension(NULL, (elea_bytes){NULL, 0}, &extension, true, NULL, &field,
                                  NULL) == status);
    if (status == ELEA_OK) {
        elea_extension seen;
        must(elea_extension_of(field, &seen) && seen.storage == type);
        tensor_returns(&seen);
    }
    elea_field_unref(field);
    elea_type_unref(type);
    return 0;
}

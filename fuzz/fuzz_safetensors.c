// SPDX-License-Identifier: Apache-2.0
// fuzz-library: memory
//
// Any bytes as a weights file. What is accepted lies inside the bytes, in order and apart.
#include <elea/base.h>
#include <stdlib.h>

#include "embed/safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition) {
    if (!condition)
        abort();
}

static void look(const elea__safetensors *file, const uint8_t *begin, const uint8_t *end) {
    const uint8_t *before = begin;
    for (int64_t i = 0; i < elea__safetensors_count(file); i++) {
        const elea__tensor *tensor = elea__safetensors_at(file, i);
        int64_t count = 1;
        for (int32_t j = 0; j < tensor->rank; j++)
            count *= tensor->shape[j];
        require(count == tensor->count && tensor->size >= tensor->count);
        require(tensor->data >= before && tensor->size <= end - tensor->data);
        require(elea__safetensors_find(file, tensor->name) == tensor);
        before = tensor->data + tensor->size;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    elea_error err = {0};
    elea_buffer *bytes = NULL;
    elea__safetensors *file = NULL;
    if (elea_buffer_wrap(NULL, data, (int64_t)size, NULL, NULL, &bytes, &err) != ELEA_OK)
        return 0;
    if (elea__safetensors_parse(bytes, "fuzz", NULL, &file, &err) == ELEA_OK)
        look(file, data, data + size);
    else
        require(err.message[0] != 0);
    elea__safetensors_free(file);
    elea_buffer_unref(bytes);
    return 0;
}

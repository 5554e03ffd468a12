// SPDX-License-Identifier: Apache-2.0
#include "support/tensors.h"

#include <string.h>

#include "support/cmocka_all.h"
#include "support/random.h"

elea_tensor *elea_test_random_tensor(uint64_t seed, int32_t dimension_count, bool with_names) {
    static const elea_type_id types[] = {ELEA_TYPE_UINT8,   ELEA_TYPE_INT16,   ELEA_TYPE_UINT32,
                                         ELEA_TYPE_INT64,   ELEA_TYPE_FLOAT16, ELEA_TYPE_FLOAT32,
                                         ELEA_TYPE_FLOAT64, ELEA_TYPE_INT8};
    static const elea_bytes names[] = {{"lap", 3}, {"", 0}, {"runner", 6}, {"step", 4}};
    elea_error err = {0};
    elea_buffer *data;
    elea_tensor *tensor;
    const elea_type *type = elea_type_of(types[elea_test_random_below(&seed, 8)]);
    int64_t width = elea_type_bit_width(type) / 8, shape[4], strides[4], size = width;
    int64_t layout = elea_test_random_below(&seed, 3);
    int32_t count =
        dimension_count > 0 ? dimension_count : (int32_t)elea_test_random_below(&seed, 4) + 1;
    for (int32_t i = 0; i < count; i++)
        shape[i] = elea_test_random_below(&seed, 6) + (seed % 16 != 0);
    for (int32_t i = 0; i < count; i++) {
        int32_t axis = layout == 0 ? count - 1 - i : i;
        strides[axis] = size;
        // Scattered: with room between the elements, and in an order of its own.
        size *= shape[axis] + (layout == 2);
    }
    assert_ok(elea_buffer_new(NULL, size, &data, &err));
    uint8_t *bytes = elea_buffer_mutable_data(data);
    for (int64_t i = 0; i < size; i += width) {
        bool zero = elea_test_random_below(&seed, 3) > 0;
        for (int64_t k = 0; k < width; k++) // small bytes: no NaN
            bytes[i + k] = (uint8_t)(zero ? 0 : elea_test_random_below(&seed, 60));
    }
    const elea_tensor_parts parts = {.type = type,
                                     .data = data,
                                     .dimension_count = count,
                                     .shape = shape,
                                     .strides = strides,
                                     .dimension_names = with_names ? names : NULL};
    assert_ok(elea_tensor_new(NULL, &parts, &tensor, &err));
    elea_buffer_unref(data);
    return tensor;
}

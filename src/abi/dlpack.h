// SPDX-License-Identifier: Apache-2.0
//
// The structs of DLPack, laid out as version 1 of its specification says. They are not public: who
// looks inside them has DLPack's own header, with which these would collide. And what a tensor is
// to us, both ways: values at strides.
#ifndef ELEA_ABI_DLPACK_H
#define ELEA_ABI_DLPACK_H

#include <stdint.h>

#include "elea/abi/dlpack.h"

typedef struct dlpack_version {
    uint32_t major;
    uint32_t minor;
} dlpack_version;

typedef struct dlpack_device {
    int32_t type;
    int32_t id;
} dlpack_device;

typedef struct dlpack_type {
    uint8_t code;
    uint8_t bits;
    uint16_t lanes;
} dlpack_type;

typedef struct dlpack_tensor {
    void *data;
    dlpack_device device;
    int32_t dimension_count;
    dlpack_type type;
    int64_t *shape;
    int64_t *strides; // in values
    uint64_t byte_offset;
} dlpack_tensor;

struct DLManagedTensor {
    dlpack_tensor tensor;
    void *context;
    void (*deleter)(struct DLManagedTensor *self);
};

// All up to the flags is the same in every major version.
struct DLManagedTensorVersioned {
    dlpack_version version;
    void *context;
    void (*deleter)(struct DLManagedTensorVersioned *self);
    uint64_t flags;
    dlpack_tensor tensor;
};

#define DLPACK_MAJOR 1
#define DLPACK_CPU 1
#define DLPACK_READ_ONLY 1
#define DLPACK_IS_COPIED 2
#define DLPACK_INT 0
#define DLPACK_UINT 1
#define DLPACK_FLOAT 2
#define DLPACK_BOOL 6

// Values of one width at strides. Nobody owns anything here.
typedef struct tensor_view {
    dlpack_type type;
    elea_type_id id; // of the values; int8 for bool, which `type` tells
    int64_t width;   // of a value, in bytes
    int32_t dimension_count;
    int64_t shape[ELEA_DLPACK_DIMENSIONS_MAX];
    int64_t strides[ELEA_DLPACK_DIMENSIONS_MAX]; // in values
    int64_t value_count;
    const uint8_t *data; // the value with all indices 0; NULL when there is none
} tensor_view;

// The two columns of types: false where there is no counterpart. Bool is for the caller.
bool elea__dlpack_type_of(elea_type_id id, dlpack_type *out);
bool elea__dlpack_type_id(dlpack_type type, elea_type_id *out);

// Sets the strides to those of values that lie one behind the other, row by row.
void elea__tensor_set_row_major(tensor_view *tensor);
// Whether they lie so. (The stride of a dimension of one does not matter.)
bool elea__tensor_is_row_major(const tensor_view *tensor);
// Copies the values to one behind the other, row by row, through the ledger.
void elea__dlpack_gather(const tensor_view *tensor, uint8_t *target);

#endif // ELEA_ABI_DLPACK_H

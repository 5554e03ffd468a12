// SPDX-License-Identifier: Apache-2.0
//
// The structs of DLPack, laid out as version 1 of its specification says. They are not public: who
// looks inside them has DLPack's own header, with which these would collide.
#ifndef ELEA_ABI_DLPACK_H
#define ELEA_ABI_DLPACK_H

#include <stdint.h>

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
#define DLPACK_INT 0
#define DLPACK_UINT 1
#define DLPACK_FLOAT 2

#endif // ELEA_ABI_DLPACK_H

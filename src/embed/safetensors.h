// SPDX-License-Identifier: Apache-2.0
//
// The safetensors file: eight bytes with the size of a JSON header, the header, and the tensors'
// bytes, as https://huggingface.co/docs/safetensors describes it. Nothing is copied: a tensor is a
// view of the file.
#ifndef ELEA_EMBED_SAFETENSORS_H
#define ELEA_EMBED_SAFETENSORS_H

#include <elea/base.h>

#define ELEA_TENSOR_RANK_MAX 8

// Every type of the format: X(name, bytes a value).
#define ELEA_TENSOR_TYPE_LIST(X)                                                                   \
    X(BOOL, 1)                                                                                     \
    X(U8, 1)                                                                                       \
    X(I8, 1)                                                                                       \
    X(F8_E4M3, 1)                                                                                  \
    X(F8_E5M2, 1)                                                                                  \
    X(I16, 2)                                                                                      \
    X(U16, 2)                                                                                      \
    X(F16, 2)                                                                                      \
    X(BF16, 2)                                                                                     \
    X(I32, 4)                                                                                      \
    X(U32, 4)                                                                                      \
    X(F32, 4)                                                                                      \
    X(I64, 8)                                                                                      \
    X(U64, 8)                                                                                      \
    X(F64, 8)

typedef enum elea__tensor_type {
#define ELEA_TENSOR_ENUM(name, width) ELEA_TENSOR_##name,
    ELEA_TENSOR_TYPE_LIST(ELEA_TENSOR_ENUM)
#undef ELEA_TENSOR_ENUM
} elea__tensor_type;

// A tensor of an open file; borrowed from it.
typedef struct elea__tensor {
    const char *name;
    elea__tensor_type type;
    int32_t rank;
    int64_t shape[ELEA_TENSOR_RANK_MAX];
    int64_t count;       // of values
    const uint8_t *data; // little endian, row-major; aligned to nothing
    int64_t size;
} elea__tensor;

typedef struct elea__safetensors elea__safetensors;

// Maps and validates a file: header, types, shapes, offsets (inside the file, as large as the
// shape says, not overlapping). `path` is for the messages, too.
ELEA_CHECKED elea_status elea__safetensors_open(const char *path, elea_pool *pool,
                                                elea__safetensors **out, elea_error *err);
// The same for bytes in memory, of which it takes a reference.
ELEA_CHECKED elea_status elea__safetensors_parse(const elea_buffer *bytes, const char *path,
                                                 elea_pool *pool, elea__safetensors **out,
                                                 elea_error *err);
void elea__safetensors_free(elea__safetensors *file);

const char *elea__safetensors_path(const elea__safetensors *file);
// All bytes of the file.
elea_bytes elea__safetensors_bytes(const elea__safetensors *file);
int64_t elea__safetensors_count(const elea__safetensors *file);
const elea__tensor *elea__safetensors_at(const elea__safetensors *file, int64_t index);
// The tensor with this name, or NULL.
const elea__tensor *elea__safetensors_find(const elea__safetensors *file, const char *name);
// "F32".
const char *elea__tensor_type_name(elea__tensor_type type);
// "[30522, 384]", cut when `size` is too small. Returns `text`.
char *elea__tensor_shape_text(const int64_t *shape, int32_t rank, char *text, int64_t size);

#endif // ELEA_EMBED_SAFETENSORS_H

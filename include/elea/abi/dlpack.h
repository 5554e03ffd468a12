// SPDX-License-Identifier: Apache-2.0
//
// DLPack: arrays of numbers as tensors of any number of dimensions and back, on the CPU, by version
// 1 of DLPack and by the unversioned struct before it ("legacy"). The structs are those of
// dlpack.h, which is to be included beside this header by who looks inside them.
//
//     array or field                                     tensor
//     int8 to int64, uint8 to uint64,                    the same type of value, one dimension
//       float16 to float64
//     fixed_size_list, also of fixed_size_list           one dimension more for each list
//     a field of arrow.fixed_shape_tensor                its shape behind the rows, in the order of
//                                                        its permutation, with strides
//     int8 in a field of arrow.bool8                     bool (a byte each)
//     bool                                               bool, copied: bits are not bytes
//
// All else is no tensor: ELEA_ETYPE on the way out. On the way in complex numbers, bfloat16,
// numbers of less than 8 bits, vectors (lanes) and handles have no type here: ELEA_EUNSUPPORTED.
#ifndef ELEA_ABI_DLPACK_PUBLIC_H
#define ELEA_ABI_DLPACK_PUBLIC_H

#include <elea/base.h>
#include <elea/columnar.h>

#ifdef __cplusplus
extern "C" {
#endif

struct DLManagedTensor;
struct DLManagedTensorVersioned;

// At most so many dimensions, both ways.
#define ELEA_DLPACK_DIMENSIONS_MAX 32

// Whether values may be copied, through the copy ledger.
typedef enum elea_dlpack_copy {
    ELEA_DLPACK_COPY_NEVER,     // what cannot be shared gives ELEA_EUNSUPPORTED
    ELEA_DLPACK_COPY_IF_NEEDED, // what can be shared is
    ELEA_DLPACK_COPY_ALWAYS,
} elea_dlpack_copy;

// {0} are the defaults.
typedef struct elea_dlpack_options {
    elea_dlpack_copy copy;
    // Export: the field of the array, for its extension type; it must have the array's type. NULL:
    // the type alone says what the values are. (Fields inside the type are always heard.)
    const elea_field *field;
    // Import: the name of the field, when there is one.
    elea_bytes name;
} elea_dlpack_options;

// ---- export

// The consumer calls the tensor's deleter, once, in any thread; `pool` must live until then. Nulls
// give ELEA_EINVAL. The versioned struct says whether the values may be written: those that are
// shared may not (its flag read-only), those that were copied may (its flag is-copied). The legacy
// one cannot say so: its consumer must know. `options` may be NULL.
ELEA_API ELEA_CHECKED elea_status elea_dlpack_export(const elea_array *array,
                                                     const elea_dlpack_options *options,
                                                     elea_pool *pool,
                                                     struct DLManagedTensorVersioned **out,
                                                     elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_dlpack_export_legacy(const elea_array *array,
                                                            const elea_dlpack_options *options,
                                                            elea_pool *pool,
                                                            struct DLManagedTensor **out,
                                                            elea_error *err);
// With the default options.
ELEA_API ELEA_CHECKED elea_status elea_array_export_dlpack(const elea_array *array, elea_pool *pool,
                                                           struct DLManagedTensorVersioned **out,
                                                           elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_array_export_dlpack_legacy(const elea_array *array,
                                                                  elea_pool *pool,
                                                                  struct DLManagedTensor **out,
                                                                  elea_error *err);

// ---- import

// An array over the memory of the producer, which must not write to it any more, whatever its flags
// say. The tensor is taken whether the call succeeds or fails: its deleter runs once, when the last
// reference to the array's buffer goes, in whatever thread, or before the call returns when it
// fails or copies.
//
// Without `field` (NULL), the array is of numbers, in as many fixed-size lists as there are further
// dimensions; bool is copied. With `field`, it is a column of arrow.fixed_shape_tensor, a row for
// each step of the first dimension; numbers of one dimension stay numbers; bool comes as
// arrow.bool8, shared. The field says that there are nulls, as fields do, though there are none.
//
// Values are shared when they lie one behind the other row by row, at a multiple of their width; in
// a column of tensors the dimensions of a row may lie in any order, which becomes a permutation.
// Other strides and places (reversed, spread, repeated rows) ask for a copy.
//
// ELEA_EUNSUPPORTED: no dimension or too many, another device, type or major version, or what would
// have to be copied when that is not allowed. ELEA_EINVAL: negative sizes; data or shape that are
// NULL where they must not be; strides or a byte offset that leave the address space.
// ELEA_ECAPACITY for more values than memory holds and lists that are too long.
ELEA_API ELEA_CHECKED elea_status elea_dlpack_import(struct DLManagedTensorVersioned *source,
                                                     const elea_dlpack_options *options,
                                                     elea_pool *pool, elea_field **field,
                                                     elea_array **out, elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_dlpack_import_legacy(struct DLManagedTensor *source,
                                                            const elea_dlpack_options *options,
                                                            elea_pool *pool, elea_field **field,
                                                            elea_array **out, elea_error *err);
// Without a field, with the default options.
ELEA_API ELEA_CHECKED elea_status elea_array_import_dlpack(struct DLManagedTensorVersioned *source,
                                                           elea_pool *pool, elea_array **out,
                                                           elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_array_import_dlpack_legacy(struct DLManagedTensor *source,
                                                                  elea_pool *pool, elea_array **out,
                                                                  elea_error *err);

#ifdef __cplusplus
}
#endif

#endif // ELEA_ABI_DLPACK_PUBLIC_H

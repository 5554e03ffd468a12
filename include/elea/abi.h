// SPDX-License-Identifier: Apache-2.0
//
// The outside world's structs: the Arrow C data, stream and device interfaces and DLPack
// (elea/abi/dlpack.h), in both directions. Nothing of the payload is copied, but for the one case
// told at elea_array_import() and where options of DLPack allow it.
//
// What holds for all functions here:
//
// - Export fills a struct of the caller, which then owns what is in it and calls its `release`.
//   What was exported holds references of its own: the Elea object may be unreferenced at once. On
//   failure the struct is as it was. `pool` gives the memory of the struct's innards and must live
//   until they are released, which may happen in any thread.
// - Children and dictionaries may be moved out of an exported struct, as the specification allows,
//   and be released before or after their parent, in other threads.
// - Import takes the contents of a struct of the caller. Whether it succeeds or fails, it is marked
//   as released afterwards (`release` is NULL) and the caller has nothing to do with it any
//   more; on failure its contents have been released already. This is what Arrow C++ does. The only
//   exception is a struct that is NULL or released to begin with (ELEA_EINVAL).
// - Import checks before it believes: counts, lengths, offsets, presence of buffers and children,
//   names, and what elea_array_validate() calls quick. What the interface cannot tell (how large
//   the buffers really are) must be true. For values from somebody you do not trust, call
//   elea_array_validate() with ELEA_VALIDATE_FULL next.
// - The type that has no counterpart here gives ELEA_EUNSUPPORTED and a message with its format
//   string.
#ifndef ELEA_ABI_H
#define ELEA_ABI_H

#include <stdint.h>

#include <elea/abi/dlpack.h>
#include <elea/base.h>
#include <elea/columnar.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- the structs of the specification

// Names, layout and guards are those of the Arrow specification, so that headers of other Arrow
// libraries may stand beside this one.

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
    const char *format;   // the type, in the specification's short language
    const char *name;     // UTF-8, or NULL
    const char *metadata; // encoded pairs, or NULL
    int64_t flags;        // ARROW_FLAG_...
    int64_t n_children;
    struct ArrowSchema **children;
    struct ArrowSchema *dictionary;
    void (*release)(struct ArrowSchema *); // NULL: the struct is released
    void *private_data;
};

struct ArrowArray {
    int64_t length;
    int64_t null_count; // -1: not known
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void **buffers;
    struct ArrowArray **children;
    struct ArrowArray *dictionary;
    void (*release)(struct ArrowArray *); // NULL: the struct is released
    void *private_data;
};

#endif // ARROW_C_DATA_INTERFACE

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

struct ArrowArrayStream {
    // Each gives 0 or an errno value. `get_next` gives a released array at the end.
    int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
    int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
    // What the last failed call has to say, or NULL; valid until the next call.
    const char *(*get_last_error)(struct ArrowArrayStream *);
    void (*release)(struct ArrowArrayStream *); // NULL: the struct is released
    void *private_data;
};

#endif // ARROW_C_STREAM_INTERFACE

#ifndef ARROW_C_DEVICE_DATA_INTERFACE
#define ARROW_C_DEVICE_DATA_INTERFACE

// Kinds of memory, numbered as in DLPack.
typedef int32_t ArrowDeviceType;

#define ARROW_DEVICE_CPU 1
#define ARROW_DEVICE_CUDA 2
#define ARROW_DEVICE_CUDA_HOST 3
#define ARROW_DEVICE_OPENCL 4
#define ARROW_DEVICE_VULKAN 7
#define ARROW_DEVICE_METAL 8
#define ARROW_DEVICE_VPI 9
#define ARROW_DEVICE_ROCM 10
#define ARROW_DEVICE_ROCM_HOST 11
#define ARROW_DEVICE_EXT_DEV 12
#define ARROW_DEVICE_CUDA_MANAGED 13
#define ARROW_DEVICE_ONEAPI 14
#define ARROW_DEVICE_WEBGPU 15
#define ARROW_DEVICE_HEXAGON 16

struct ArrowDeviceArray {
    struct ArrowArray array; // its buffers lie on the device, the struct itself does not
    int64_t device_id;       // -1 where there is but one
    ArrowDeviceType device_type;
    void *sync_event;    // what to wait for before the buffers are read, or NULL
    int64_t reserved[3]; // zero
};

#endif // ARROW_C_DEVICE_DATA_INTERFACE

#ifndef ARROW_C_DEVICE_STREAM_INTERFACE
#define ARROW_C_DEVICE_STREAM_INTERFACE

// As ArrowArrayStream; all arrays are on devices of one type.
struct ArrowDeviceArrayStream {
    ArrowDeviceType device_type;
    int (*get_schema)(struct ArrowDeviceArrayStream *, struct ArrowSchema *out);
    int (*get_next)(struct ArrowDeviceArrayStream *, struct ArrowDeviceArray *out);
    const char *(*get_last_error)(struct ArrowDeviceArrayStream *);
    void (*release)(struct ArrowDeviceArrayStream *); // NULL: the struct is released
    void *private_data;
};

#endif // ARROW_C_DEVICE_STREAM_INTERFACE

#ifndef ARROW_C_ASYNC_STREAM_INTERFACE
#define ARROW_C_ASYNC_STREAM_INTERFACE

// One array that can be had: `extract_data` is to be called exactly once, with NULL by who does not
// want it.
struct ArrowAsyncTask {
    int (*extract_data)(struct ArrowAsyncTask *self, struct ArrowDeviceArray *out);
    void *private_data;
};

// Of the producer; for the consumer to call between `on_schema` and `release`.
struct ArrowAsyncProducer {
    ArrowDeviceType device_type;
    void (*request)(struct ArrowAsyncProducer *self, int64_t n); // so many arrays more
    void (*cancel)(struct ArrowAsyncProducer *self);
    const char *additional_metadata;
    void *private_data;
};

// Of the consumer; for the producer to call, never in two threads at a time. `release` is the last.
struct ArrowAsyncDeviceStreamHandler {
    int (*on_schema)(struct ArrowAsyncDeviceStreamHandler *self, struct ArrowSchema *stream_schema);
    int (*on_next_task)(struct ArrowAsyncDeviceStreamHandler *self, struct ArrowAsyncTask *task,
                        const char *metadata); // task NULL: the end
    void (*on_error)(struct ArrowAsyncDeviceStreamHandler *self, int code, const char *message,
                     const char *metadata);
    void (*release)(struct ArrowAsyncDeviceStreamHandler *self);
    struct ArrowAsyncProducer *producer; // filled by the producer before `on_schema`
    void *private_data;
};

#endif // ARROW_C_ASYNC_STREAM_INTERFACE

// ---- types, fields, schemas

// The type alone: the name is "", the flags say nullable, there is no metadata.
ELEA_API ELEA_CHECKED elea_status elea_type_export(const elea_type *type, elea_pool *pool,
                                                   struct ArrowSchema *out, elea_error *err);
// With name, nullability and metadata.
ELEA_API ELEA_CHECKED elea_status elea_field_export(const elea_field *field, elea_pool *pool,
                                                    struct ArrowSchema *out, elea_error *err);
// As a struct type with the fields as children and the metadata of the schema.
ELEA_API ELEA_CHECKED elea_status elea_schema_export(const elea_schema *schema, elea_pool *pool,
                                                     struct ArrowSchema *out, elea_error *err);

// Any type. A NULL name is read as "". Names that are not UTF-8, metadata with negative counts or
// sizes, types nested deeper than 64 levels (a schema counts as one): ELEA_EINVAL. More than 2^20
// fields in all: ELEA_ECAPACITY. The name of the entries field of a map is not kept, nor its
// metadata; of a dictionary's values only the type is.
//
// A field, at any depth, that names an extension type which is known (elea_extension_is_known())
// must be what that type asks for, as Arrow C++ has it: ELEA_ETYPE for another storage, ELEA_EINVAL
// for wrong metadata. Of other names nothing is asked, and their metadata pass untouched. (In a
// build without JSON those whose metadata are JSON pass, too.)
ELEA_API ELEA_CHECKED elea_status elea_field_import(struct ArrowSchema *source, elea_pool *pool,
                                                    elea_field **out, elea_error *err);
// The struct must be of a struct type; its own name and flags do not matter.
ELEA_API ELEA_CHECKED elea_status elea_schema_import(struct ArrowSchema *source, elea_pool *pool,
                                                     elea_schema **out, elea_error *err);

// ---- arrays and record batches

// The buffers are those of the array, offset and all; the struct keeps them alive.
ELEA_API ELEA_CHECKED elea_status elea_array_export(const elea_array *array, elea_pool *pool,
                                                    struct ArrowArray *out, elea_error *err);
// As a struct array without nulls, with the columns as children. ELEA_ECAPACITY for a column whose
// type is nested 64 levels deep, since the batch is one more.
ELEA_API ELEA_CHECKED elea_status elea_record_batch_export(const elea_record_batch *batch,
                                                           elea_pool *pool, struct ArrowArray *out,
                                                           elea_error *err);

// An array of the type given, over the memory of its producer, whose `release` runs once: in the
// thread that drops the last reference to the array, its children, its dictionary or any of their
// buffers. A buffer that does not lie at a multiple of its values' size
// (of 8 bytes at most) is copied to aligned memory through the copy ledger, since typed reads of it
// would be undefined.
ELEA_API ELEA_CHECKED elea_status elea_array_import(struct ArrowArray *source,
                                                    const elea_type *type, elea_pool *pool,
                                                    elea_array **out, elea_error *err);
// The struct must be a struct array with no null at its top level; an offset is applied to the
// columns as a slice.
ELEA_API ELEA_CHECKED elea_status elea_record_batch_import(struct ArrowArray *source,
                                                           const elea_schema *schema,
                                                           elea_pool *pool, elea_record_batch **out,
                                                           elea_error *err);

// ---- streams

// Takes the stream, and frees it when the struct is released; on failure the stream is freed, too.
// A failure inside it comes out as an errno value with its message at `get_last_error`: ELEA_ENOMEM
// as ENOMEM, ELEA_EIO as EIO, ELEA_ENOTFOUND as ENOENT, ELEA_EEXISTS as EEXIST, ELEA_ECAPACITY as
// EOVERFLOW, ELEA_EUNSUPPORTED as ENOSYS, ELEA_ECANCELLED as ECANCELED, the rest as EINVAL.
ELEA_API ELEA_CHECKED elea_status elea_record_stream_export(elea_record_stream *stream,
                                                            elea_pool *pool,
                                                            struct ArrowArrayStream *out,
                                                            elea_error *err);
// Asks for the schema, which must be of a struct type. A failure of the producer gives the status
// that belongs to its errno value (ELEA_EFOREIGN for one that is not in the list above), with its
// message and, in `os_code`, the value.
ELEA_API ELEA_CHECKED elea_status elea_record_stream_import(struct ArrowArrayStream *source,
                                                            elea_pool *pool,
                                                            elea_record_stream **out,
                                                            elea_error *err);

// A table as a stream of its batches, as its chunks fall.
ELEA_API ELEA_CHECKED elea_status elea_table_export(const elea_table *table, elea_pool *pool,
                                                    struct ArrowArrayStream *out, elea_error *err);
// All batches of a stream.
ELEA_API ELEA_CHECKED elea_status elea_table_import(struct ArrowArrayStream *source,
                                                    elea_pool *pool, elea_table **out,
                                                    elea_error *err);

// A chunked array as a stream of arrays of any type, a chunk each.
ELEA_API ELEA_CHECKED elea_status elea_chunked_array_export(const elea_chunked_array *array,
                                                            elea_pool *pool,
                                                            struct ArrowArrayStream *out,
                                                            elea_error *err);
// All arrays of a stream of any type.
ELEA_API ELEA_CHECKED elea_status elea_chunked_array_import(struct ArrowArrayStream *source,
                                                            elea_pool *pool,
                                                            elea_chunked_array **out,
                                                            elea_error *err);
// The same with the field that the stream's schema is: what an extension type of the array says is
// in its metadata. ELEA_ETYPE for a field of another type; NULL for none. `out_field` may be NULL;
// else the caller owns what it gets.
ELEA_API ELEA_CHECKED elea_status elea_chunked_array_export_field(const elea_chunked_array *array,
                                                                  const elea_field *field,
                                                                  elea_pool *pool,
                                                                  struct ArrowArrayStream *out,
                                                                  elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_chunked_array_import_field(struct ArrowArrayStream *source,
                                                                  elea_pool *pool,
                                                                  elea_chunked_array **out,
                                                                  elea_field **out_field,
                                                                  elea_error *err);

// ---- the C device interface

// As the functions of the same name without "device", for data on the CPU: device_type 1, device_id
// -1, no event. Importing from another device, or with an event to wait for, gives
// ELEA_EUNSUPPORTED (and releases what came, as every failed import does).
ELEA_API ELEA_CHECKED elea_status elea_array_export_device(const elea_array *array, elea_pool *pool,
                                                           struct ArrowDeviceArray *out,
                                                           elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_record_batch_export_device(const elea_record_batch *batch,
                                                                  elea_pool *pool,
                                                                  struct ArrowDeviceArray *out,
                                                                  elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_array_import_device(struct ArrowDeviceArray *source,
                                                           const elea_type *type, elea_pool *pool,
                                                           elea_array **out, elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_record_batch_import_device(struct ArrowDeviceArray *source,
                                                                  const elea_schema *schema,
                                                                  elea_pool *pool,
                                                                  elea_record_batch **out,
                                                                  elea_error *err);
ELEA_API ELEA_CHECKED elea_status
elea_record_stream_export_device(elea_record_stream *stream, elea_pool *pool,
                                 struct ArrowDeviceArrayStream *out, elea_error *err);
ELEA_API ELEA_CHECKED elea_status
elea_record_stream_import_device(struct ArrowDeviceArrayStream *source, elea_pool *pool,
                                 elea_record_stream **out, elea_error *err);
ELEA_API ELEA_CHECKED elea_status
elea_chunked_array_export_device(const elea_chunked_array *array, elea_pool *pool,
                                 struct ArrowDeviceArrayStream *out, elea_error *err);
ELEA_API ELEA_CHECKED elea_status
elea_chunked_array_import_device(struct ArrowDeviceArrayStream *source, elea_pool *pool,
                                 elea_chunked_array **out, elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_chunked_array_export_field_device(
    const elea_chunked_array *array, const elea_field *field, elea_pool *pool,
    struct ArrowDeviceArrayStream *out, elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_chunked_array_import_field_device(
    struct ArrowDeviceArrayStream *source, elea_pool *pool, elea_chunked_array **out,
    elea_field **out_field, elea_error *err);

// ---- the C async device stream interface

// Gives the rest of a stream to a consumer, from the thread of the caller, which waits until the
// consumer requests a batch, and returns when all is given and the handler released. The stream is
// not freed; `pool` must live until all arrays are released. A failure of the stream is told to the
// consumer, too. ELEA_ECANCELLED when the consumer cancelled; when one of its callbacks fails, the
// status of its errno value.
ELEA_API ELEA_CHECKED elea_status
elea_record_stream_send(elea_record_stream *stream, elea_pool *pool,
                        struct ArrowAsyncDeviceStreamHandler *handler, elea_error *err);

// Hands the handler to a producer, which calls it from a thread of its own. When this fails the
// producer has not got it.
typedef elea_status (*elea_async_start)(struct ArrowAsyncDeviceStreamHandler *handler,
                                        void *context, elea_error *err);

// A stream of what a producer gives: calls `start`, once, and waits for the schema. `next` waits
// for the next batch. At most `queue_max` (at least 1) arrays are requested ahead. The handler
// lives until the producer releases it, and so must `pool`, also when this call fails or when the
// stream is freed before its end, which cancels the producer. Errors are as those of
// elea_record_stream_import_device().
ELEA_API ELEA_CHECKED elea_status elea_record_stream_receive(elea_pool *pool, int64_t queue_max,
                                                             elea_async_start start, void *context,
                                                             elea_record_stream **out,
                                                             elea_error *err);

#ifdef __cplusplus
}
#endif

#endif // ELEA_ABI_H

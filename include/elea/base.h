// SPDX-License-Identifier: Apache-2.0
//
// The ground of Elea: status and error, memory pools, buffers, bitmaps, the copy ledger, CPU
// features, threads, hashes and UTF-8. Every other room stands on this one.
//
// Conventions that hold in all headers of Elea:
//
// - A function that can fail returns elea_status and is ELEA_CHECKED; its last parameter is an
//   optional elea_error. On failure its out-parameters are left untouched unless it says otherwise.
// - `init`/`release` are for storage of the caller, `new`/`free` for an object with one owner,
//   `ref`/`unref` for a shared one. `free`, `unref` and `release` accept NULL and empty objects.
// - A function that gives an object through `**out` gives the caller one reference; a parameter
//   `const elea_x *` is borrowed for the call. A parameter named `pool` may be NULL: the default.
// - Shared objects are immutable and may be used by any thread; their counts are atomic. Builders,
//   readers, writers and errors belong to one thread at a time.
// - Sizes are in bytes, lengths in values, both int64_t and never negative.
#ifndef ELEA_BASE_H
#define ELEA_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define ELEA_API __attribute__((visibility("default")))
#define ELEA_CHECKED __attribute__((warn_unused_result))
#define ELEA_PRINTF(template, first) __attribute__((format(printf, template, first)))
#else
#define ELEA_API
#define ELEA_CHECKED
#define ELEA_PRINTF(template, first)
#endif

// ---- version

#define ELEA_VERSION_MAJOR 0
#define ELEA_VERSION_MINOR 1
#define ELEA_VERSION_PATCH 0

// The version of the library in use, as "0.1.0". Static storage.
ELEA_API const char *elea_version(void);

// ---- bytes

// A borrowed run of bytes: text (UTF-8, not terminated) or anything else. `data` may be NULL when
// `size` is 0.
typedef struct elea_bytes {
    const char *data;
    int64_t size;
} elea_bytes;

// The bytes of a NUL-terminated string, borrowed; empty for NULL.
ELEA_API elea_bytes elea_bytes_of(const char *string);

// ---- status and error

// Every status: X(name, value, text). The text is what elea_status_text() gives.
#define ELEA_STATUS_LIST(X)                                                                        \
    X(OK, 0, "ok")                                                                                 \
    X(EINVAL, 1, "invalid argument or data")                                                       \
    X(ENOMEM, 2, "out of memory")                                                                  \
    X(EIO, 3, "input or output failed")                                                            \
    X(ETYPE, 4, "wrong type")                                                                      \
    X(EINDEX, 5, "index out of bounds")                                                            \
    X(ENOTFOUND, 6, "not found")                                                                   \
    X(EEXISTS, 7, "exists already")                                                                \
    X(ECAPACITY, 8, "too large for its type or limit")                                             \
    X(EUNSUPPORTED, 9, "not supported")                                                            \
    X(ECANCELLED, 10, "cancelled")                                                                 \
    X(EFOREIGN, 11, "another library failed")

typedef enum elea_status {
#define ELEA_STATUS_ENUM(name, value, text) ELEA_##name = (value),
    ELEA_STATUS_LIST(ELEA_STATUS_ENUM)
#undef ELEA_STATUS_ENUM
} elea_status;

// "EINVAL" and "invalid argument or data"; "unknown" for a value that is not in the list.
ELEA_API const char *elea_status_name(elea_status status);
ELEA_API const char *elea_status_text(elea_status status);

#define ELEA_ERROR_MESSAGE_SIZE 1000

// What went wrong, for people. Storage of the caller; {0} is empty. A longer message is cut at a
// character boundary and ends in "...".
typedef struct elea_error {
    elea_status status;
    int os_code; // errno of a failed system call, or 0
    char message[ELEA_ERROR_MESSAGE_SIZE];
} elea_error;

// Fills `err` (may be NULL) and returns `status`, so that `return elea_error_set(...)` works.
// Bytes of arguments that are not printable are written as \xHH.
ELEA_API elea_status elea_error_set(elea_error *err, elea_status status, const char *format, ...)
    ELEA_PRINTF(3, 4);

// The same for a failed system call: appends ": " and the text of `os_code`. ENOMEM gives
// ELEA_ENOMEM, ENOENT gives ELEA_ENOTFOUND, EEXIST gives ELEA_EEXISTS, the rest ELEA_EIO.
ELEA_API elea_status elea_error_set_os(elea_error *err, int os_code, const char *format, ...)
    ELEA_PRINTF(3, 4);

// Puts "context: " before the message of a failed call, and returns the status in `err`. For the
// outer function, which knows the file or the column. `status` is returned when `err` is NULL.
ELEA_API elea_status elea_error_prefix(elea_error *err, elea_status status, const char *format, ...)
    ELEA_PRINTF(3, 4);

// The three calls above never give ELEA_OK (ELEA_EINVAL when asked to). Said here in code, so that
// compilers and analysers know that an out-parameter is only read where it was set.
static inline elea_status elea_status_failed(elea_status status) {
    return status != ELEA_OK ? status : ELEA_EINVAL;
}
#define elea_error_set(...) elea_status_failed((elea_error_set)(__VA_ARGS__))
#define elea_error_set_os(...) elea_status_failed((elea_error_set_os)(__VA_ARGS__))
#define elea_error_prefix(...) elea_status_failed((elea_error_prefix)(__VA_ARGS__))

// The message, or the text of the status where none was set. Never NULL.
ELEA_API const char *elea_error_message(const elea_error *err);

// Returns early with the status of a call that failed.
#define ELEA_TRY(call)                                                                             \
    do {                                                                                           \
        elea_status elea_try_status_ = (call);                                                     \
        if (elea_try_status_ != ELEA_OK)                                                           \
            return elea_try_status_;                                                               \
    } while (0)

// Stores the status of a call in the local variable `status` and jumps to `label` on failure.
#define ELEA_GOTO(label, call)                                                                     \
    do {                                                                                           \
        status = (call);                                                                           \
        if (status != ELEA_OK)                                                                     \
            goto label;                                                                            \
    } while (0)

// ---- memory pool

// Every allocation is aligned to 64 bytes and its size rounded up to 64, the rest zeroed, so that
// vector code may read whole blocks.
#define ELEA_ALIGNMENT 64

// A source of memory. To supply one, make this the first member of your struct, and fill `ops`.
typedef struct elea_pool elea_pool;

typedef struct elea_pool_ops {
    // Both sizes are rounded up to ELEA_ALIGNMENT already and positive; NULL when memory runs out
    // (the old block then stays as it was). Must be safe to call from any thread.
    void *(*alloc)(elea_pool *pool, int64_t size);
    void *(*realloc)(elea_pool *pool, void *block, int64_t size_old, int64_t size_new);
    void (*free)(elea_pool *pool, void *block, int64_t size);
    const char *name;
} elea_pool_ops;

struct elea_pool {
    const elea_pool_ops *ops;
    // Read-only for others: what is allocated now, the most it ever was, and the number of
    // allocations made so far. Kept by the calls below, with atomic operations.
    int64_t bytes_allocated;
    int64_t bytes_peak;
    int64_t allocation_count;
};

// The system's memory, counted. Static storage.
ELEA_API elea_pool *elea_pool_default(void);

// `size` bytes, uninitialised but for the padding; size 0 gives a valid pointer to nothing. Gives
// ELEA_ENOMEM with the size asked for, or ELEA_ECAPACITY for a negative or absurd size.
ELEA_API ELEA_CHECKED elea_status elea_alloc(elea_pool *pool, int64_t size, void **out,
                                             elea_error *err);
// As above, all bytes zero.
ELEA_API ELEA_CHECKED elea_status elea_alloc_zero(elea_pool *pool, int64_t size, void **out,
                                                  elea_error *err);
// Changes the size of *block (NULL with size_old 0 allocates). On failure *block is as before.
ELEA_API ELEA_CHECKED elea_status elea_realloc(elea_pool *pool, int64_t size_old, int64_t size_new,
                                               void **block, elea_error *err);
// Gives back a block with the size it was asked for. NULL is allowed.
ELEA_API void elea_dealloc(elea_pool *pool, void *block, int64_t size);

// A pool that gives at most `limit` bytes at a time, taken from `parent`. Free it when everything
// it gave is back.
ELEA_API ELEA_CHECKED elea_status elea_pool_new_capped(elea_pool *parent, int64_t limit,
                                                       elea_pool **out, elea_error *err);
// A pool for tests: allocation number `nth` (from 1; a growing realloc counts) fails, and, when
// `forever`, all after it. 0 never fails.
ELEA_API ELEA_CHECKED elea_status elea_pool_new_failing(elea_pool *parent, int64_t nth,
                                                        bool forever, elea_pool **out,
                                                        elea_error *err);
// Frees a capped or failing pool.
ELEA_API void elea_pool_free(elea_pool *pool);

// The system's pool keeps freed blocks of 1 MiB and more, so that the next large block needs no
// fresh pages, which the system would have to clear: together an eighth of the machine's memory, at
// least 256 MiB and at most 4 GiB, those freed last first. Of what is kept the system may take the
// pages back when it runs short (where it can be told so: on Linux, MADV_FREE), though until then
// it counts them as the process's; a block that cannot be had otherwise makes the pool give back
// all it keeps. Kept blocks are not among `bytes_allocated`, and no cap counts them.
// ELEA_POOL_KEPT_MAX in the environment sets another number of bytes, 0 for none. Built with
// AddressSanitizer, nothing is kept.
//
// These are for the default pool and for pools on it, and may be called from any thread; other
// pools keep nothing (0, ELEA_EUNSUPPORTED).
ELEA_API int64_t elea_pool_bytes_kept(const elea_pool *pool);
// Gives all back to the system now. Returns how many bytes.
ELEA_API int64_t elea_pool_trim(elea_pool *pool);
// From now on at most `size` bytes; what is above goes back. A negative size gives ELEA_EINVAL.
ELEA_API ELEA_CHECKED elea_status elea_pool_kept_max_set(elea_pool *pool, int64_t size,
                                                         elea_error *err);

// ---- the copy ledger

// The one door through which payload bytes (values, offsets, validity of arrays) are copied from
// memory to memory. Counts `size`. The ranges do not overlap.
ELEA_API void elea_copy_bytes(void *target, const void *source, int64_t size);

// How many payload bytes this process has copied so far: the sum over all threads.
ELEA_API int64_t elea_copied_bytes(void);

// ---- buffer

// An immutable run of bytes that is shared by counting references: memory of a pool, memory of
// somebody else, part of another buffer, or a mapped file.
typedef struct elea_buffer elea_buffer;

// `size` bytes of `pool`. Not yet shared: its maker may write through elea_buffer_mutable_data()
// until it hands the buffer on. `size` need not be a multiple of anything; padding is zero.
ELEA_API ELEA_CHECKED elea_status elea_buffer_new(elea_pool *pool, int64_t size, elea_buffer **out,
                                                  elea_error *err);
// A buffer with a copy of `size` bytes (counted by the ledger).
ELEA_API ELEA_CHECKED elea_status elea_buffer_new_copy(elea_pool *pool, const void *data,
                                                       int64_t size, elea_buffer **out,
                                                       elea_error *err);
// Memory of somebody else, not copied. `release(context)` runs once, from whatever thread drops
// the last reference; it may be NULL. On failure it has not run.
ELEA_API ELEA_CHECKED elea_status elea_buffer_wrap(elea_pool *pool, const void *data, int64_t size,
                                                   void (*release)(void *context), void *context,
                                                   elea_buffer **out, elea_error *err);
// Bytes [offset, offset + size) of `parent`, which stays alive for it. Gives ELEA_EINDEX when the
// range is not inside.
ELEA_API ELEA_CHECKED elea_status elea_buffer_slice(const elea_buffer *parent, int64_t offset,
                                                    int64_t size, elea_buffer **out,
                                                    elea_error *err);
ELEA_API elea_buffer *elea_buffer_ref(const elea_buffer *buffer); // returns its argument
ELEA_API void elea_buffer_unref(elea_buffer *buffer);

// For NULL: NULL and 0.
ELEA_API const uint8_t *elea_buffer_data(const elea_buffer *buffer);
ELEA_API int64_t elea_buffer_size(const elea_buffer *buffer);

// The bytes for writing, or NULL unless the buffer was made by elea_buffer_new() and has exactly
// one reference.
ELEA_API uint8_t *elea_buffer_mutable_data(elea_buffer *buffer);

// ---- bitmap

// Bitmaps are least significant bit first, as in Arrow; offsets and lengths are in bits. NULL as a
// source bitmap stands for "all ones" where a function says so.

static inline bool elea_bit_get(const uint8_t *bits, int64_t index) {
    return ((bits[index >> 3] >> (index & 7)) & 1) != 0;
}
static inline void elea_bit_set(uint8_t *bits, int64_t index) {
    bits[index >> 3] = (uint8_t)(bits[index >> 3] | (1u << (index & 7)));
}
static inline void elea_bit_clear(uint8_t *bits, int64_t index) {
    bits[index >> 3] = (uint8_t)(bits[index >> 3] & ~(1u << (index & 7)));
}
static inline void elea_bit_put(uint8_t *bits, int64_t index, bool value) {
    if (value)
        elea_bit_set(bits, index);
    else
        elea_bit_clear(bits, index);
}
// Bytes that hold `length` bits.
static inline int64_t elea_bitmap_size(int64_t length) { return length / 8 + (length % 8 != 0); }

// The number of ones in [offset, offset + length). NULL: `length`.
ELEA_API int64_t elea_bitmap_count(const uint8_t *bits, int64_t offset, int64_t length);
// Sets the range to `value`; bits outside it keep their values.
ELEA_API void elea_bitmap_fill(uint8_t *bits, int64_t offset, int64_t length, bool value);
// Copies a range between any two offsets (counted by the ledger, a byte for 8 bits); target bits
// outside the range keep their values. Source NULL: ones. The ranges do not overlap.
ELEA_API void elea_bitmap_copy(const uint8_t *source, int64_t source_offset, int64_t length,
                               uint8_t *target, int64_t target_offset);
// target = a op b over the range, at any three offsets. For `and` and `or` NULL stands for ones.
// The target may be `a` or `b` itself at the same offset.
ELEA_API void elea_bitmap_and(const uint8_t *a, int64_t a_offset, const uint8_t *b,
                              int64_t b_offset, int64_t length, uint8_t *target,
                              int64_t target_offset);
ELEA_API void elea_bitmap_or(const uint8_t *a, int64_t a_offset, const uint8_t *b, int64_t b_offset,
                             int64_t length, uint8_t *target, int64_t target_offset);
ELEA_API void elea_bitmap_not(const uint8_t *a, int64_t a_offset, int64_t length, uint8_t *target,
                              int64_t target_offset);
// Whether two ranges hold the same bits. NULL stands for ones.
ELEA_API bool elea_bitmap_equal(const uint8_t *a, int64_t a_offset, const uint8_t *b,
                                int64_t b_offset, int64_t length);

// Walks the runs of ones. Storage of the caller.
typedef struct elea_bitmap_runs {
    const uint8_t *bits; // private from here on
    int64_t offset;
    int64_t length;
    int64_t position;
} elea_bitmap_runs;

typedef struct elea_bitmap_run {
    int64_t start; // relative to the offset the walk began with
    int64_t length;
} elea_bitmap_run;

// NULL: one run of `length`.
ELEA_API void elea_bitmap_runs_init(elea_bitmap_runs *runs, const uint8_t *bits, int64_t offset,
                                    int64_t length);
// The next run of ones, or false at the end.
ELEA_API bool elea_bitmap_runs_next(elea_bitmap_runs *runs, elea_bitmap_run *run);

// ---- CPU features

// Instruction set levels that have code of their own, each with all before it on its architecture.
// ELEA_CPU_AVX512 means F, BW, DQ, VL and VNNI; bf16 is a feature of its own, below.
typedef enum elea_cpu_level {
    ELEA_CPU_SCALAR = 0,
    ELEA_CPU_AVX2 = 1, // with FMA, F16C, BMI, BMI2, SSE4.2, POPCNT and PCLMULQDQ
    ELEA_CPU_AVX512 = 2,
    ELEA_CPU_NEON = 3,
} elea_cpu_level;

// The level in use: the best the machine has, or what the environment variable ELEA_CPU
// ("scalar", "avx2", "avx512", "neon") names, if the machine has it. Probed once.
ELEA_API elea_cpu_level elea_cpu_level_get(void);
ELEA_API const char *elea_cpu_level_name(elea_cpu_level level);
// Whether the CPU multiplies bfloat16 (AVX512_BF16 or AMX) and the level in use allows it.
ELEA_API bool elea_cpu_has_bf16(void);
// Processors this process may run on; at least 1.
ELEA_API int elea_cpu_count(void);

// ---- threads

// A flag that asks long work to stop. Storage of the caller; {0} is "not asked". Safe from any
// thread and from signal handlers.
typedef struct elea_cancel {
    int requested; // private
} elea_cancel;

ELEA_API void elea_cancel_request(elea_cancel *cancel);
ELEA_API bool elea_cancel_requested(const elea_cancel *cancel); // NULL: false

// A fixed number of workers. With one worker nothing is ever started and all runs in the caller.
typedef struct elea_thread_pool elea_thread_pool;

// `worker_count` 0 means the number of processors. The caller of a loop is one of its workers, so
// that `worker_count` - 1 threads are started, when first needed.
ELEA_API ELEA_CHECKED elea_status elea_thread_pool_new(elea_pool *pool, int worker_count,
                                                       elea_thread_pool **out, elea_error *err);
// Waits for its threads. No loop may be running.
ELEA_API void elea_thread_pool_free(elea_thread_pool *threads);
// The process's pool, made at first use with ELEA_NUM_THREADS workers (default: processors). Works
// in a forked child, too.
ELEA_API elea_thread_pool *elea_thread_pool_default(void);
// NULL: of the default pool.
ELEA_API int elea_thread_pool_worker_count(const elea_thread_pool *threads);

// Work on items [begin, end). `worker` is below the worker count and tells scratch spaces apart.
typedef elea_status (*elea_morsel_fn)(void *context, int64_t begin, int64_t end, int worker,
                                      elea_error *err);

// Runs `work` over [0, count) cut in morsels of `morsel` items (the last may be shorter; 0: a size
// chosen by count and workers), each exactly once, in no fixed order, and waits. `threads` NULL:
// the default pool. After a failure no further morsel is begun; the error of the failed morsel with
// the lowest `begin` among those that ran is returned. `cancel` (may be NULL) gives ELEA_ECANCELLED
// between morsels. May be called from inside `work`: the inner loop then runs in its caller alone.
ELEA_API ELEA_CHECKED elea_status elea_thread_pool_for(elea_thread_pool *threads, int64_t count,
                                                       int64_t morsel, elea_morsel_fn work,
                                                       void *context, const elea_cancel *cancel,
                                                       elea_error *err);

// ---- hashes

// CRC-32C (Castagnoli), reflected, as in iSCSI; `crc` is 0 or the result for the bytes before.
ELEA_API uint32_t elea_crc32c(uint32_t crc, const void *data, int64_t size);
// XXH64 with a seed. The same on every machine.
ELEA_API uint64_t elea_hash64(const void *data, int64_t size, uint64_t seed);

// ---- UTF-8

// The offset of the first byte that is not well-formed UTF-8 (Unicode 15, table 3-7: no overlong
// forms, no surrogates, nothing above U+10FFFF), or `size` when all is. For a character that is
// broken or cut this is where it begins, so that what is before is well-formed by itself.
ELEA_API int64_t elea_utf8_check(const void *data, int64_t size);

// ---- text

// A growing string. Storage of the caller: fill with elea_text_init(), end with
// elea_text_release(). Always NUL-terminated once something was appended.
typedef struct elea_text {
    char *data; // read-only; NULL while empty
    int64_t size;
    int64_t capacity; // private from here on
    elea_pool *pool;
} elea_text;

ELEA_API void elea_text_init(elea_text *text, elea_pool *pool);
ELEA_API void elea_text_release(elea_text *text);
// Empties it and keeps the memory.
ELEA_API void elea_text_reset(elea_text *text);
ELEA_API ELEA_CHECKED elea_status elea_text_append(elea_text *text, elea_bytes bytes,
                                                   elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_text_append_format(elea_text *text, elea_error *err,
                                                          const char *format, ...)
    ELEA_PRINTF(3, 4);
// A JSON string with its quotes (RFC 8259); bytes that are not UTF-8 become U+FFFD.
ELEA_API ELEA_CHECKED elea_status elea_text_append_json(elea_text *text, elea_bytes bytes,
                                                        elea_error *err);
// The shortest decimal that reads back as the same double (float: as the same float), as Arrow C++
// writes it: "1", "-0", "0.1", "1e+10", "1e-7", "nan", "-inf". Independent of the locale.
ELEA_API ELEA_CHECKED elea_status elea_text_append_double(elea_text *text, double value,
                                                          elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_text_append_float(elea_text *text, float value,
                                                         elea_error *err);
// ISO 8601 in UTC, of `value` units (a power of ten: 1, 1e3, 1e6, 1e9 a second) since 1970:
// "2009-02-13T23:31:30.123Z", with as many digits behind the point as the unit has; years beyond
// 0000 to 9999 have a sign.
ELEA_API ELEA_CHECKED elea_status elea_text_append_timestamp(elea_text *text, int64_t value,
                                                             int64_t units_per_second,
                                                             elea_error *err);

// ---- half precision

// float16 is carried as uint16_t bits, everywhere. Rounds to nearest even; NaN stays NaN.
ELEA_API float elea_half_to_float(uint16_t half);
ELEA_API uint16_t elea_half_from_float(float value);
// Whole runs, with the CPU's instructions.
ELEA_API void elea_half_to_float_run(const uint16_t *source, int64_t count, float *target);
ELEA_API void elea_half_from_float_run(const float *source, int64_t count, uint16_t *target);

#ifdef __cplusplus
}
#endif

#endif // ELEA_BASE_H

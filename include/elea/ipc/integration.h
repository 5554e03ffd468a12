// SPDX-License-Identifier: Apache-2.0
//
// The JSON of Arrow's tests between implementations (Arrow documentation, "Integration Testing"):
// schema, dictionaries and record batches, with every buffer spelled out. All data types are read
// and written. It has no NaN, no infinities: "NaN", "Infinity" and "-Infinity" are written, as
// strings, and read.
//
// What the format does not hold is not kept: what lies under nulls, and dictionaries that differ
// between batches (ELEA_EUNSUPPORTED, unless the shorter is the beginning of the longer).
//
// Part of elea/ipc.h.
#ifndef ELEA_IPC_INTEGRATION_H
#define ELEA_IPC_INTEGRATION_H

#include <elea/columnar.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- schemas

// Appends the schema object of such documents: {"fields": [...], "metadata": [...]}, a line for
// each field, without a new line at the end. Dictionaries are numbered from 0 in the order of their
// fields. ELEA_EINVAL for text that is not UTF-8, which JSON cannot hold; ELEA_EUNSUPPORTED for a
// dictionary whose values are themselves of a dictionary type, which the format cannot tell.
ELEA_API ELEA_CHECKED elea_status elea_schema_format_json(const elea_schema *schema,
                                                          elea_text *text, elea_error *err);
// The way back, of one such object; members that the format does not have are passed over.
// ELEA_EINVAL, with the path of the field, for what is no schema; ELEA_ECAPACITY for types nested
// deeper than 64; ELEA_EUNSUPPORTED in a build with ELEA_WITH_JANSSON=OFF. Besides `pool`, the JSON
// is held in memory of the C library while it is read.
ELEA_API ELEA_CHECKED elea_status elea_schema_parse_json(elea_pool *pool, elea_bytes text,
                                                         elea_schema **out, elea_error *err);

// ---- documents

// A document that was read. Immutable; any thread may use it.
typedef struct elea_integration elea_integration;

// Reads a document, plain or packed by a codec that its first bytes show (gzip, for one), whatever
// the name is; more than 2 GiB unpacked give ELEA_ECAPACITY. Everything in it is checked, all
// values included. ELEA_EINVAL when it is damaged: the message says in which batch, column and
// item. ELEA_EUNSUPPORTED in a build with ELEA_WITH_JANSSON=OFF, and for gzip with
// ELEA_WITH_ZLIB=OFF. The JSON itself is held in memory that is not of `pool` while it is read.
ELEA_API ELEA_CHECKED elea_status elea_integration_read(const char *path, elea_pool *pool,
                                                        elea_integration **out, elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_integration_parse(elea_bytes bytes, elea_pool *pool,
                                                         elea_integration **out, elea_error *err);
ELEA_API void elea_integration_free(elea_integration *document);
ELEA_API const elea_schema *elea_integration_schema(const elea_integration *document);
ELEA_API int64_t elea_integration_batch_count(const elea_integration *document);
// Borrowed. `index` is below the count.
ELEA_API const elea_record_batch *elea_integration_batch(const elea_integration *document,
                                                         int64_t index);

// Appends the document of `count` batches of `schema`. `pool` is for scratch memory. ELEA_EINVAL
// for text that is not UTF-8, in values or metadata, which JSON cannot hold.
ELEA_API ELEA_CHECKED elea_status elea_integration_format(const elea_schema *schema,
                                                          const elea_record_batch *const *batches,
                                                          int64_t count, elea_pool *pool,
                                                          elea_text *text, elea_error *err);
// The same as a file, atomically; packed as the end of the path says (".gz", for one; see
// elea_codec_of_path()).
ELEA_API ELEA_CHECKED elea_status elea_integration_write(const char *path,
                                                         const elea_schema *schema,
                                                         const elea_record_batch *const *batches,
                                                         int64_t count, elea_pool *pool,
                                                         elea_error *err);

#ifdef __cplusplus
}
#endif

#endif // ELEA_IPC_INTEGRATION_H

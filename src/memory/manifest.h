// SPDX-License-Identifier: Apache-2.0
//
// The MANIFEST of a store: one JSON document that names the live segments of one version.
//
//     {"format": "elea-store", "format_version": 1, "generation": 3, "dimension": 384,
//      "embedder": {"name": "all-MiniLM-L6-v2", "fingerprint": "9f86d081884c7d65", "pooling":
//      "mean"}, "next_segment": 3, "segments": [{"id": 1, "category": "experiences", "rows": 412,
//      "size": 661504,
//                    "unit_length": true}]}
//
// Segment 1 of experiences is the file experiences/00000001.arrow: paths are made, never read. It
// is replaced by writing a new file and renaming it, so that it is always whole. `embedder` is null
// in a store whose vectors came from outside.
#ifndef ELEA_MEMORY_MANIFEST_H
#define ELEA_MEMORY_MANIFEST_H

#include <elea/memory.h>

#define ELEA__MANIFEST_NAME "MANIFEST"

enum { ELEA__CATEGORY_SIZE_MAX = 100 };

typedef struct elea__manifest_segment {
    int64_t id;
    int64_t rows;
    int64_t size;     // of the file, in bytes
    bool unit_length; // every embedding is of length 1, to within the rounding of float16
    char category[ELEA__CATEGORY_SIZE_MAX + 1];
} elea__manifest_segment;

typedef struct elea__manifest_embedder {
    char name[200]; // empty: no embedder
    char fingerprint[40];
    char pooling[20];
} elea__manifest_embedder;

// Storage of the caller; {0} is empty.
typedef struct elea__manifest {
    elea_pool *pool;
    int64_t generation;
    int64_t next_segment;
    int32_t dimension;
    elea__manifest_embedder embedder;
    elea__manifest_segment *segments;
    int64_t segment_count;
} elea__manifest;

void elea__manifest_release(elea__manifest *manifest);

// Whether a name may be a category: 1 to 100 bytes of UTF-8 without control characters or '/', not
// beginning with '.', and none of the store's own names.
elea_status elea__category_check(const char *category, elea_error *err);

// Checks a document and takes it apart. The message tells what is wrong with which key.
elea_status elea__manifest_parse(elea_pool *pool, elea_bytes document, elea__manifest *out,
                                 elea_error *err);

// Reads and checks the MANIFEST in a store's directory. ELEA_ENOTFOUND when there is none.
elea_status elea__manifest_read(elea_pool *pool, const char *directory, elea__manifest *out,
                                elea_error *err);

// Appends the document of a manifest.
elea_status elea__manifest_format(const elea__manifest *manifest, elea_text *text, elea_error *err);

// Replaces the MANIFEST, durable when it returns.
elea_status elea__manifest_write(const elea__manifest *manifest, const char *directory,
                                 elea_error *err);

// `out` becomes the next version of `manifest`, with one segment more (its id is given to it).
elea_status elea__manifest_append(const elea__manifest *manifest,
                                  const elea__manifest_segment *segment, elea__manifest *out,
                                  elea_error *err);

#endif // ELEA_MEMORY_MANIFEST_H

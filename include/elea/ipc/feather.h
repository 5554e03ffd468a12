// SPDX-License-Identifier: Apache-2.0
//
// Feather files. Version 2 is the Arrow IPC file; version 1, with metadata of its own, is read.
// Part of elea/ipc.h. Source of version 1: the Arrow project's feather.fbs.
#ifndef ELEA_IPC_FEATHER_H
#define ELEA_IPC_FEATHER_H

#include <elea/columnar.h>
#include <elea/io.h>
#include <elea/ipc/read_options.h>

#ifdef __cplusplus
extern "C" {
#endif

// 1 or 2, by the bytes a file begins with; 0 for another file.
ELEA_API ELEA_CHECKED elea_status elea_feather_version(elea_file *file, int32_t *out,
                                                       elea_error *err);

// A file of either version as a table; one of version 1 has one chunk in each column. Where the
// file has views, the arrays are views. Of `options` (NULL: the defaults), all count for version 2,
// and columns, validation, misaligned, limits.metadata_size_max and the pool for version 1.
// ELEA_EINVAL when it is damaged or of another kind.
ELEA_API ELEA_CHECKED elea_status elea_feather_read_file(elea_file *file,
                                                         const elea_ipc_read_options *options,
                                                         elea_table **out, elea_error *err);
// The same of a path, mapped unless options->unmapped. ELEA_ENOTFOUND when there is no file.
ELEA_API ELEA_CHECKED elea_status elea_feather_read_table(const char *path,
                                                          const elea_ipc_read_options *options,
                                                          elea_table **out, elea_error *err);

#ifdef __cplusplus
}
#endif

#endif // ELEA_IPC_FEATHER_H

// SPDX-License-Identifier: Apache-2.0
//
// How arrays and tables differ: edit scripts, and the first places with the path to each. Part of
// elea/columnar.h.
#ifndef ELEA_COLUMNAR_DIFFERENCES_H
#define ELEA_COLUMNAR_DIFFERENCES_H

#include <elea/columnar/table.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct elea_diff_options {
    elea_equal_options equal;
    int64_t edits_max;       // default 4096; the time and memory of a script grow with its square
    int64_t differences_max; // default 10
} elea_diff_options;

ELEA_API void elea_diff_options_init(elea_diff_options *options);
// The shortest edit script from `base` to `target`, arrays of one type (ELEA_ETYPE), as Arrow C++
// gives it: a struct<insert: bool, run_length: int64> whose first row has the number of rows that
// both begin with, and each other row an insertion from the target or a deletion from the base, and
// how many equal rows follow it. ELEA_ECAPACITY for more than `edits_max` edits.
ELEA_API ELEA_CHECKED elea_status elea_array_diff(elea_pool *pool, const elea_array *base,
                                                  const elea_array *target,
                                                  const elea_diff_options *options,
                                                  elea_array **out, elea_error *err);
// That script as a unified diff: "@@ -3, +2 @@" with the rows where it begins, then the values, one
// a line behind "-" or "+". Nothing for equal arrays.
ELEA_API ELEA_CHECKED elea_status elea_array_diff_format(const elea_array *base,
                                                         const elea_array *target,
                                                         const elea_diff_options *options,
                                                         elea_text *text, elea_error *err);
// The first `differences_max` places where two arrays differ, row against row, a line each with the
// path to it: "[17].tags[2]: \"a\" != \"b\"", "[3]: length 2 != 4", "type int8 != utf8". Nothing
// for equal arrays. With tables, the path begins with the column: "price[17]: 1.5 != null".
ELEA_API ELEA_CHECKED elea_status elea_array_differences(const elea_array *a, const elea_array *b,
                                                         const elea_diff_options *options,
                                                         elea_text *text, elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_table_differences(const elea_table *a, const elea_table *b,
                                                         const elea_diff_options *options,
                                                         elea_text *text, elea_error *err);

#ifdef __cplusplus
}
#endif

#endif // ELEA_COLUMNAR_DIFFERENCES_H

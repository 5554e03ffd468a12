// SPDX-License-Identifier: Apache-2.0
//
// One dot product kernel. The includer has defined the type `lanes` (16 floats) with its inlines
// lanes_zero, lanes_load, lanes_fma, lanes_sum and the loads named below, and these parameters,
// which end with this file:
//
//   DOT_NAME       the function's name
//   DOT_SIZE       bytes of a row's element
//   DOT_LOAD       lanes from 16 elements of a row
//   DOT_LOAD_PART  lanes from fewer, the rest zero, without touching what is behind them
//   DOT_ROWS       rows at a time; divides ELEA__DOT_GROUP
//   DOT_QUERIES    queries at a time
//   DOT_SQUARES    1: squares, too

#define DOT_PASTE_(a, b) a##b
#define DOT_PASTE(a, b) DOT_PASTE_(a, b)
#define DOT_ADD DOT_PASTE(DOT_NAME, _add)
#define DOT_SUMS DOT_PASTE(DOT_NAME, _sums)
// Elements of one cache line of a row.
#define DOT_STEP (64 / DOT_SIZE)

typedef struct DOT_SUMS {
    lanes dot[DOT_ROWS][DOT_QUERIES];
    lanes square[DOT_ROWS];
} DOT_SUMS;

// Adds the products of elements [at, at + count) of each row; count is at most 16.
static inline __attribute__((always_inline)) void DOT_ADD(DOT_SUMS *sums, const uint8_t *const *row,
                                                          const float *queries, int64_t width,
                                                          int64_t at, int64_t count) {
    lanes query[DOT_QUERIES];
#pragma GCC unroll 8
    for (int j = 0; j < DOT_QUERIES; j++)
        query[j] = lanes_load(queries + j * width + at);
#pragma GCC unroll 8
    for (int i = 0; i < DOT_ROWS; i++) {
        const uint8_t *source = row[i] + at * DOT_SIZE;
        lanes value = count == ELEA__DOT_LANES ? DOT_LOAD(source) : DOT_LOAD_PART(source, count);
#pragma GCC unroll 8
        for (int j = 0; j < DOT_QUERIES; j++)
            sums->dot[i][j] = lanes_fma(value, query[j], sums->dot[i][j]);
        if (DOT_SQUARES)
            sums->square[i] = lanes_fma(value, value, sums->square[i]);
    }
}

static void DOT_NAME(const elea__dot_rows *rows, const float *queries, float *dots,
                     float *squares) {
    const int64_t dimension = rows->dimension;
    const int64_t width = (dimension + ELEA__DOT_LANES - 1) / ELEA__DOT_LANES * ELEA__DOT_LANES;
    const int64_t whole_lines = dimension / DOT_STEP * DOT_STEP;
    for (int64_t first = 0; first < rows->count; first += DOT_ROWS) {
        const uint8_t *row[DOT_ROWS];
        DOT_SUMS sums;
#pragma GCC unroll 8
        for (int i = 0; i < DOT_ROWS; i++) {
            row[i] = rows->rows[first + i];
            sums.square[i] = lanes_zero();
#pragma GCC unroll 8
            for (int j = 0; j < DOT_QUERIES; j++)
                sums.dot[i][j] = lanes_zero();
        }
        // Rows are walked side by side, which hardware prefetchers do not follow well. So each line
        // that is used asks for one line of the next group of rows, and brings one that is further
        // ahead into the second cache, both in the order of memory.
        uintptr_t near = (uintptr_t)row[0] + (uintptr_t)(DOT_ROWS * rows->stride_bytes);
        uintptr_t far = rows->stride_bytes > 0 ? near + DOT_FAR_BYTES : near;
        int64_t at = 0;
        for (; at < whole_lines; at += DOT_STEP) {
#pragma GCC unroll 8
            for (int i = 0; i < DOT_ROWS; i++) {
                __builtin_prefetch((const void *)(near + 64 * (uintptr_t)i), 0, 3);
                __builtin_prefetch((const void *)(far + 64 * (uintptr_t)i), 0, 2);
            }
            near += 64 * DOT_ROWS;
            far += 64 * DOT_ROWS;
#pragma GCC unroll 8
            for (int64_t part = 0; part < DOT_STEP; part += ELEA__DOT_LANES)
                DOT_ADD(&sums, row, queries, width, at + part, ELEA__DOT_LANES);
        }
        if (at + ELEA__DOT_LANES <= dimension) {
            DOT_ADD(&sums, row, queries, width, at, ELEA__DOT_LANES);
            at += ELEA__DOT_LANES;
        }
        if (at < dimension)
            DOT_ADD(&sums, row, queries, width, at, dimension - at);
#pragma GCC unroll 8
        for (int i = 0; i < DOT_ROWS; i++) {
#pragma GCC unroll 8
            for (int j = 0; j < DOT_QUERIES; j++)
                dots[j * ELEA__DOT_ROWS_MAX + first + i] = lanes_sum(sums.dot[i][j]);
            if (DOT_SQUARES)
                squares[first + i] = lanes_sum(sums.square[i]);
        }
    }
}

#undef DOT_PASTE_
#undef DOT_PASTE
#undef DOT_ADD
#undef DOT_SUMS
#undef DOT_STEP
#undef DOT_NAME
#undef DOT_SIZE
#undef DOT_LOAD
#undef DOT_LOAD_PART
#undef DOT_ROWS
#undef DOT_QUERIES
#undef DOT_SQUARES

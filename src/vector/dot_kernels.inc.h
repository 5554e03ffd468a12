// SPDX-License-Identifier: Apache-2.0
//
// All kernels of one level, from dot.inc.h, and their table. The includer has defined `lanes` and
// these parameters:
//
//   DOT_KERNELS               the name of the table
//   DOT_ONE_ROWS              rows at a time with one query
//   DOT_ONE_SQUARES_ROWS      the same when squares are summed, too
//   DOT_MANY_ROWS, DOT_TILE   rows and queries at a time with many queries

// How far behind the next rows the second cache is filled: measured on Sapphire Rapids, where 4 to
// 16 KiB are about as good, and without it a scan reaches 3/4 of the bandwidth.
#define DOT_FAR_BYTES 8192

#define DOT_NAME half_one
#define DOT_SIZE 2
#define DOT_LOAD lanes_load_half
#define DOT_LOAD_PART lanes_load_half_part
#define DOT_ROWS DOT_ONE_ROWS
#define DOT_QUERIES 1
#define DOT_SQUARES 0
#include "vector/dot.inc.h"

#define DOT_NAME half_one_squares
#define DOT_SIZE 2
#define DOT_LOAD lanes_load_half
#define DOT_LOAD_PART lanes_load_half_part
#define DOT_ROWS DOT_ONE_SQUARES_ROWS
#define DOT_QUERIES 1
#define DOT_SQUARES 1
#include "vector/dot.inc.h"

#define DOT_NAME half_many
#define DOT_SIZE 2
#define DOT_LOAD lanes_load_half
#define DOT_LOAD_PART lanes_load_half_part
#define DOT_ROWS DOT_MANY_ROWS
#define DOT_QUERIES DOT_TILE
#define DOT_SQUARES 0
#include "vector/dot.inc.h"

#define DOT_NAME half_many_squares
#define DOT_SIZE 2
#define DOT_LOAD lanes_load_half
#define DOT_LOAD_PART lanes_load_half_part
#define DOT_ROWS DOT_MANY_ROWS
#define DOT_QUERIES DOT_TILE
#define DOT_SQUARES 1
#include "vector/dot.inc.h"

#define DOT_NAME float_one
#define DOT_SIZE 4
#define DOT_LOAD lanes_load_float
#define DOT_LOAD_PART lanes_load_float_part
#define DOT_ROWS DOT_ONE_ROWS
#define DOT_QUERIES 1
#define DOT_SQUARES 0
#include "vector/dot.inc.h"

#define DOT_NAME float_one_squares
#define DOT_SIZE 4
#define DOT_LOAD lanes_load_float
#define DOT_LOAD_PART lanes_load_float_part
#define DOT_ROWS DOT_ONE_SQUARES_ROWS
#define DOT_QUERIES 1
#define DOT_SQUARES 1
#include "vector/dot.inc.h"

#define DOT_NAME float_many
#define DOT_SIZE 4
#define DOT_LOAD lanes_load_float
#define DOT_LOAD_PART lanes_load_float_part
#define DOT_ROWS DOT_MANY_ROWS
#define DOT_QUERIES DOT_TILE
#define DOT_SQUARES 0
#include "vector/dot.inc.h"

#define DOT_NAME float_many_squares
#define DOT_SIZE 4
#define DOT_LOAD lanes_load_float
#define DOT_LOAD_PART lanes_load_float_part
#define DOT_ROWS DOT_MANY_ROWS
#define DOT_QUERIES DOT_TILE
#define DOT_SQUARES 1
#include "vector/dot.inc.h"

const elea__dot_kernels DOT_KERNELS = {
    .one = {{half_one, half_one_squares}, {float_one, float_one_squares}},
    .many = {{half_many, half_many_squares}, {float_many, float_many_squares}},
    .tile = DOT_TILE,
};

_Static_assert(DOT_TILE <= ELEA__DOT_TILE_MAX, "callers have room for ELEA__DOT_TILE_MAX queries");

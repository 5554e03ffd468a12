// SPDX-License-Identifier: Apache-2.0
//
// Includes a template once for each number type of C that Arrow has. Parameter:
//
//   NUMBER_TEMPLATE   the file, as a string; undefined here at the end
//
// The template finds these, and undefines them at its end:
//
//   NUMBER_NAME       the type's name in the type list: UINT8
//   NUMBER_TYPE       its type in C: uint8_t
//   NUMBER_INTEGER    1, or 0 for a floating-point number

#define NUMBER_NAME UINT8
#define NUMBER_TYPE uint8_t
#define NUMBER_INTEGER 1
#include NUMBER_TEMPLATE

#define NUMBER_NAME INT8
#define NUMBER_TYPE int8_t
#define NUMBER_INTEGER 1
#include NUMBER_TEMPLATE

#define NUMBER_NAME UINT16
#define NUMBER_TYPE uint16_t
#define NUMBER_INTEGER 1
#include NUMBER_TEMPLATE

#define NUMBER_NAME INT16
#define NUMBER_TYPE int16_t
#define NUMBER_INTEGER 1
#include NUMBER_TEMPLATE

#define NUMBER_NAME UINT32
#define NUMBER_TYPE uint32_t
#define NUMBER_INTEGER 1
#include NUMBER_TEMPLATE

#define NUMBER_NAME INT32
#define NUMBER_TYPE int32_t
#define NUMBER_INTEGER 1
#include NUMBER_TEMPLATE

#define NUMBER_NAME UINT64
#define NUMBER_TYPE uint64_t
#define NUMBER_INTEGER 1
#include NUMBER_TEMPLATE

#define NUMBER_NAME INT64
#define NUMBER_TYPE int64_t
#define NUMBER_INTEGER 1
#include NUMBER_TEMPLATE

#define NUMBER_NAME FLOAT32
#define NUMBER_TYPE float
#define NUMBER_INTEGER 0
#include NUMBER_TEMPLATE

#define NUMBER_NAME FLOAT64
#define NUMBER_TYPE double
#define NUMBER_INTEGER 0
#include NUMBER_TEMPLATE

#undef NUMBER_TEMPLATE

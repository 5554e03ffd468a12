// SPDX-License-Identifier: Apache-2.0
//
// The one list of Arrow's data types. Enum, names, format strings, widths and dispatch tables all
// come from here, so that they cannot drift apart. Source: the Arrow columnar format and C data
// interface specifications. The numbers are those of Arrow C++ (Type::type) and never change.
#ifndef ELEA_BASE_TYPE_LIST_H
#define ELEA_BASE_TYPE_LIST_H

// What a buffer holds: X(name, letter, bits, text). `bits` are those of an entry; 0: the width of
// the type. Behind 16-byte views any number of buffers of bytes may follow.
#define ELEA_BUFFER_LIST(X)                                                                        \
    X(VALIDITY, 'v', 1, "validity bitmap")                                                         \
    X(BITS, 'b', 1, "values")                                                                      \
    X(VALUES, 'd', 0, "values")                                                                    \
    X(OFFSETS, 'o', 32, "offsets")                                                                 \
    X(LARGE_OFFSETS, 'O', 64, "offsets")                                                           \
    X(SIZES, 's', 32, "sizes")                                                                     \
    X(LARGE_SIZES, 'S', 64, "sizes")                                                               \
    X(BYTES, 'c', 8, "bytes")                                                                      \
    X(VIEWS, 'w', 128, "views")                                                                    \
    X(TYPE_CODES, 't', 8, "type codes")

// How the buffers and children of an array lie in memory: X(name, buffers, text). `buffers` tells
// what each buffer holds, by a letter of the list above.
#define ELEA_LAYOUT_LIST(X)                                                                        \
    X(NULL, "", "null")                                                                            \
    X(BIT, "vb", "bit")                                                                            \
    X(FIXED, "vd", "fixed width")                                                                  \
    X(BINARY, "voc", "variable binary")                                                            \
    X(LARGE_BINARY, "vOc", "large variable binary")                                                \
    X(BINARY_VIEW, "vw", "binary view")                                                            \
    X(LIST, "vo", "list")                                                                          \
    X(LARGE_LIST, "vO", "large list")                                                              \
    X(LIST_VIEW, "vos", "list view")                                                               \
    X(LARGE_LIST_VIEW, "vOS", "large list view")                                                   \
    X(FIXED_SIZE_LIST, "v", "fixed-size list")                                                     \
    X(STRUCT, "v", "struct")                                                                       \
    X(SPARSE_UNION, "t", "sparse union")                                                           \
    X(DENSE_UNION, "to", "dense union")                                                            \
    X(DICTIONARY, "vd", "dictionary")                                                              \
    X(RUN_END_ENCODED, "", "run-end encoded")                                                      \
    X(EXTENSION, "", "extension")

// X(name, number, text, format, layout, bit width, C type, physical)
//
// `text` is the name people read and write; `format` the C data interface's format string, or its
// fixed beginning when the type has parameters (then it ends in ':' or is completed by the
// parameters); `bit width` is that of one value in the data buffer (0: none, or a parameter);
// `C type` is how kernels see one value (void: none of its own); `physical` is the type whose
// bytes it shares, to which kernels fold it.
#define ELEA_TYPE_LIST(X)                                                                          \
    X(NULL, 0, "null", "n", NULL, 0, void, NULL)                                                   \
    X(BOOL, 1, "bool", "b", BIT, 1, bool, BOOL)                                                    \
    X(UINT8, 2, "uint8", "C", FIXED, 8, uint8_t, UINT8)                                            \
    X(INT8, 3, "int8", "c", FIXED, 8, int8_t, INT8)                                                \
    X(UINT16, 4, "uint16", "S", FIXED, 16, uint16_t, UINT16)                                       \
    X(INT16, 5, "int16", "s", FIXED, 16, int16_t, INT16)                                           \
    X(UINT32, 6, "uint32", "I", FIXED, 32, uint32_t, UINT32)                                       \
    X(INT32, 7, "int32", "i", FIXED, 32, int32_t, INT32)                                           \
    X(UINT64, 8, "uint64", "L", FIXED, 64, uint64_t, UINT64)                                       \
    X(INT64, 9, "int64", "l", FIXED, 64, int64_t, INT64)                                           \
    X(FLOAT16, 10, "float16", "e", FIXED, 16, uint16_t, FLOAT16)                                   \
    X(FLOAT32, 11, "float32", "f", FIXED, 32, float, FLOAT32)                                      \
    X(FLOAT64, 12, "float64", "g", FIXED, 64, double, FLOAT64)                                     \
    X(UTF8, 13, "utf8", "u", BINARY, 32, void, BINARY)                                             \
    X(BINARY, 14, "binary", "z", BINARY, 32, void, BINARY)                                         \
    X(FIXED_SIZE_BINARY, 15, "fixed_size_binary", "w:", FIXED, 0, void, FIXED_SIZE_BINARY)         \
    X(DATE32, 16, "date32", "tdD", FIXED, 32, int32_t, INT32)                                      \
    X(DATE64, 17, "date64", "tdm", FIXED, 64, int64_t, INT64)                                      \
    X(TIMESTAMP, 18, "timestamp", "ts", FIXED, 64, int64_t, INT64)                                 \
    X(TIME32, 19, "time32", "tt", FIXED, 32, int32_t, INT32)                                       \
    X(TIME64, 20, "time64", "tt", FIXED, 64, int64_t, INT64)                                       \
    X(INTERVAL_MONTHS, 21, "month_interval", "tiM", FIXED, 32, int32_t, INT32)                     \
    X(INTERVAL_DAY_TIME, 22, "day_time_interval", "tiD", FIXED, 64, void, INT64)                   \
    X(DECIMAL128, 23, "decimal128", "d:", FIXED, 128, void, FIXED_SIZE_BINARY)                     \
    X(DECIMAL256, 24, "decimal256", "d:", FIXED, 256, void, FIXED_SIZE_BINARY)                     \
    X(LIST, 25, "list", "+l", LIST, 32, void, LIST)                                                \
    X(STRUCT, 26, "struct", "+s", STRUCT, 0, void, STRUCT)                                         \
    X(SPARSE_UNION, 27, "sparse_union", "+us:", SPARSE_UNION, 8, void, SPARSE_UNION)               \
    X(DENSE_UNION, 28, "dense_union", "+ud:", DENSE_UNION, 8, void, DENSE_UNION)                   \
    X(DICTIONARY, 29, "dictionary", "", DICTIONARY, 0, void, DICTIONARY)                           \
    X(MAP, 30, "map", "+m", LIST, 32, void, LIST)                                                  \
    X(EXTENSION, 31, "extension", "", EXTENSION, 0, void, EXTENSION)                               \
    X(FIXED_SIZE_LIST, 32, "fixed_size_list", "+w:", FIXED_SIZE_LIST, 0, void, FIXED_SIZE_LIST)    \
    X(DURATION, 33, "duration", "tD", FIXED, 64, int64_t, INT64)                                   \
    X(LARGE_UTF8, 34, "large_utf8", "U", LARGE_BINARY, 64, void, LARGE_BINARY)                     \
    X(LARGE_BINARY, 35, "large_binary", "Z", LARGE_BINARY, 64, void, LARGE_BINARY)                 \
    X(LARGE_LIST, 36, "large_list", "+L", LARGE_LIST, 64, void, LARGE_LIST)                        \
    X(INTERVAL_MONTH_DAY_NANO, 37, "month_day_nano_interval", "tin", FIXED, 128, void,             \
      FIXED_SIZE_BINARY)                                                                           \
    X(RUN_END_ENCODED, 38, "run_end_encoded", "+r", RUN_END_ENCODED, 0, void, RUN_END_ENCODED)     \
    X(UTF8_VIEW, 39, "utf8_view", "vu", BINARY_VIEW, 128, void, BINARY_VIEW)                       \
    X(BINARY_VIEW, 40, "binary_view", "vz", BINARY_VIEW, 128, void, BINARY_VIEW)                   \
    X(LIST_VIEW, 41, "list_view", "+vl", LIST_VIEW, 32, void, LIST_VIEW)                           \
    X(LARGE_LIST_VIEW, 42, "large_list_view", "+vL", LARGE_LIST_VIEW, 64, void, LARGE_LIST_VIEW)   \
    X(DECIMAL32, 43, "decimal32", "d:", FIXED, 32, void, INT32)                                    \
    X(DECIMAL64, 44, "decimal64", "d:", FIXED, 64, void, INT64)

// The physical types with a C type of their own: X(name, C type). Kernels are instanced for these.
#define ELEA_INTEGER_TYPE_LIST(X)                                                                  \
    X(UINT8, uint8_t)                                                                              \
    X(INT8, int8_t)                                                                                \
    X(UINT16, uint16_t)                                                                            \
    X(INT16, int16_t)                                                                              \
    X(UINT32, uint32_t)                                                                            \
    X(INT32, int32_t)                                                                              \
    X(UINT64, uint64_t)                                                                            \
    X(INT64, int64_t)

#define ELEA_FLOAT_TYPE_LIST(X)                                                                    \
    X(FLOAT32, float)                                                                              \
    X(FLOAT64, double)

#endif // ELEA_BASE_TYPE_LIST_H

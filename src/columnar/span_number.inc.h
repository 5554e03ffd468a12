// SPDX-License-Identifier: Apache-2.0
//
// Reading one value of a physical number type, as another C type. Parameters, undefined at the end:
//   NUMBER_NAME  the word for the type in the functions' names
//   NUMBER_TYPE  the C type of one value
//   NUMBER_INTEGER  1 to make load_<name>_int(), too

#define NUMBER_GLUE(prefix, name, suffix) prefix##name##suffix
#define NUMBER_FUNCTION(name, suffix) NUMBER_GLUE(load_, name, suffix)

#if NUMBER_INTEGER
static int64_t NUMBER_FUNCTION(NUMBER_NAME, _int)(const uint8_t *values, int64_t index) {
    NUMBER_TYPE value;
    __builtin_memcpy(&value, values + index * (int64_t)sizeof value, sizeof value);
    return (int64_t)value;
}
#endif

static double NUMBER_FUNCTION(NUMBER_NAME, _double)(const uint8_t *values, int64_t index) {
    NUMBER_TYPE value;
    __builtin_memcpy(&value, values + index * (int64_t)sizeof value, sizeof value);
    return (double)value;
}

#undef NUMBER_FUNCTION
#undef NUMBER_GLUE
#undef NUMBER_NAME
#undef NUMBER_TYPE
#undef NUMBER_INTEGER

// SPDX-License-Identifier: Apache-2.0
//
// One type of each kind with the format string that the C data interface gives it.
#ifndef ELEA_TESTS_SUPPORT_TYPE_CASES_H
#define ELEA_TESTS_SUPPORT_TYPE_CASES_H

#include <elea/columnar.h>

typedef struct type_case {
    const char *format;
    elea_type *type;
} type_case;

#define TYPE_CASE_COUNT_MAX 96

typedef struct type_cases {
    type_case cases[TYPE_CASE_COUNT_MAX];
    int64_t count;
} type_cases;

void type_cases_init(type_cases *cases);
void type_cases_release(type_cases *cases);

// A nullable field without metadata.
elea_field *type_cases_field(const char *name, const elea_type *type, bool nullable);

#endif // ELEA_TESTS_SUPPORT_TYPE_CASES_H

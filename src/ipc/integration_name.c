// SPDX-License-Identifier: Apache-2.0
#include "columnar/type_internal.h"
#include "ipc/integration_document.h"

static const elea__integration_name names[ELEA__TYPE_ID_COUNT] = {
    [ELEA_TYPE_NULL] = {.name = "null"},
    [ELEA_TYPE_BOOL] = {.name = "bool"},
    [ELEA_TYPE_UINT8] = {.name = "int", .bits = 8},
    [ELEA_TYPE_INT8] = {.name = "int", .bits = 8, .is_signed = true},
    [ELEA_TYPE_UINT16] = {.name = "int", .bits = 16},
    [ELEA_TYPE_INT16] = {.name = "int", .bits = 16, .is_signed = true},
    [ELEA_TYPE_UINT32] = {.name = "int", .bits = 32},
    [ELEA_TYPE_INT32] = {.name = "int", .bits = 32, .is_signed = true},
    [ELEA_TYPE_UINT64] = {.name = "int", .bits = 64},
    [ELEA_TYPE_INT64] = {.name = "int", .bits = 64, .is_signed = true},
    [ELEA_TYPE_FLOAT16] = {"floatingpoint", "precision", "HALF", 0, false},
    [ELEA_TYPE_FLOAT32] = {"floatingpoint", "precision", "SINGLE", 0, false},
    [ELEA_TYPE_FLOAT64] = {"floatingpoint", "precision", "DOUBLE", 0, false},
    [ELEA_TYPE_UTF8] = {.name = "utf8"},
    [ELEA_TYPE_BINARY] = {.name = "binary"},
    [ELEA_TYPE_FIXED_SIZE_BINARY] = {.name = "fixedsizebinary"},
    [ELEA_TYPE_DATE32] = {"date", "unit", "DAY", 0, false},
    [ELEA_TYPE_DATE64] = {"date", "unit", "MILLISECOND", 0, false},
    [ELEA_TYPE_TIMESTAMP] = {.name = "timestamp"},
    [ELEA_TYPE_TIME32] = {.name = "time", .bits = 32},
    [ELEA_TYPE_TIME64] = {.name = "time", .bits = 64},
    [ELEA_TYPE_INTERVAL_MONTHS] = {"interval", "unit", "YEAR_MONTH", 0, false},
    [ELEA_TYPE_INTERVAL_DAY_TIME] = {"interval", "unit", "DAY_TIME", 0, false},
    [ELEA_TYPE_INTERVAL_MONTH_DAY_NANO] = {"interval", "unit", "MONTH_DAY_NANO", 0, false},
    [ELEA_TYPE_DECIMAL32] = {.name = "decimal", .bits = 32},
    [ELEA_TYPE_DECIMAL64] = {.name = "decimal", .bits = 64},
    [ELEA_TYPE_DECIMAL128] = {.name = "decimal", .bits = 128},
    [ELEA_TYPE_DECIMAL256] = {.name = "decimal", .bits = 256},
    [ELEA_TYPE_LIST] = {.name = "list"},
    [ELEA_TYPE_STRUCT] = {.name = "struct"},
    [ELEA_TYPE_SPARSE_UNION] = {"union", "mode", "SPARSE", 0, false},
    [ELEA_TYPE_DENSE_UNION] = {"union", "mode", "DENSE", 0, false},
    [ELEA_TYPE_MAP] = {.name = "map"},
    [ELEA_TYPE_FIXED_SIZE_LIST] = {.name = "fixedsizelist"},
    [ELEA_TYPE_DURATION] = {.name = "duration"},
    [ELEA_TYPE_LARGE_UTF8] = {.name = "largeutf8"},
    [ELEA_TYPE_LARGE_BINARY] = {.name = "largebinary"},
    [ELEA_TYPE_LARGE_LIST] = {.name = "largelist"},
    [ELEA_TYPE_RUN_END_ENCODED] = {.name = "runendencoded"},
    [ELEA_TYPE_UTF8_VIEW] = {.name = "utf8view"},
    [ELEA_TYPE_BINARY_VIEW] = {.name = "binaryview"},
    [ELEA_TYPE_LIST_VIEW] = {.name = "listview"},
    [ELEA_TYPE_LARGE_LIST_VIEW] = {.name = "largelistview"},
};

const elea__integration_name *elea__integration_name_of(elea_type_id id) { return &names[id]; }

const char *elea__integration_unit_name(elea_time_unit unit) {
    static const char *const units[] = {"SECOND", "MILLISECOND", "MICROSECOND", "NANOSECOND"};
    return units[unit];
}

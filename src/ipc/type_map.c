// SPDX-License-Identifier: Apache-2.0
#include "ipc/type_map.h"

#include "columnar/type_internal.h"
#include "ipc/format.h"

static const elea__ipc_tag tags[ELEA__TAG_COUNT] = {
    [ELEA__TAG_NULL] = {.name = "Null"},
    [ELEA__TAG_INT] = {"Int", {{0, 4, 0}, {1, 1, 0}}},
    [ELEA__TAG_FLOATING_POINT] = {"FloatingPoint", {{0, 2, 0}}},
    [ELEA__TAG_BINARY] = {.name = "Binary"},
    [ELEA__TAG_UTF8] = {.name = "Utf8"},
    [ELEA__TAG_BOOL] = {.name = "Bool"},
    [ELEA__TAG_DECIMAL] = {"Decimal", {{2, 4, 128}}},
    [ELEA__TAG_DATE] = {"Date", {{0, 2, 1}}},
    [ELEA__TAG_TIME] = {"Time", {{1, 4, 32}}},
    [ELEA__TAG_TIMESTAMP] = {.name = "Timestamp"},
    [ELEA__TAG_INTERVAL] = {"Interval", {{0, 2, 0}}},
    [ELEA__TAG_LIST] = {.name = "List"},
    [ELEA__TAG_STRUCT] = {.name = "Struct"},
    [ELEA__TAG_UNION] = {"Union", {{0, 2, 0}}},
    [ELEA__TAG_FIXED_SIZE_BINARY] = {.name = "FixedSizeBinary"},
    [ELEA__TAG_FIXED_SIZE_LIST] = {.name = "FixedSizeList"},
    [ELEA__TAG_MAP] = {.name = "Map"},
    [ELEA__TAG_DURATION] = {.name = "Duration"},
    [ELEA__TAG_LARGE_BINARY] = {.name = "LargeBinary"},
    [ELEA__TAG_LARGE_UTF8] = {.name = "LargeUtf8"},
    [ELEA__TAG_LARGE_LIST] = {.name = "LargeList"},
    [ELEA__TAG_RUN_END_ENCODED] = {.name = "RunEndEncoded"},
    [ELEA__TAG_BINARY_VIEW] = {.name = "BinaryView"},
    [ELEA__TAG_UTF8_VIEW] = {.name = "Utf8View"},
    [ELEA__TAG_LIST_VIEW] = {.name = "ListView"},
    [ELEA__TAG_LARGE_LIST_VIEW] = {.name = "LargeListView"},
};

// A dictionary is its values' table and an encoding, an extension its storage's and metadata.
static const elea__ipc_type_row rows[ELEA__TYPE_ID_COUNT] = {
    [ELEA_TYPE_NULL] = {ELEA__TAG_NULL, {0, 0}},
    [ELEA_TYPE_BOOL] = {ELEA__TAG_BOOL, {0, 0}},
    [ELEA_TYPE_UINT8] = {ELEA__TAG_INT, {8, 0}},
    [ELEA_TYPE_INT8] = {ELEA__TAG_INT, {8, 1}},
    [ELEA_TYPE_UINT16] = {ELEA__TAG_INT, {16, 0}},
    [ELEA_TYPE_INT16] = {ELEA__TAG_INT, {16, 1}},
    [ELEA_TYPE_UINT32] = {ELEA__TAG_INT, {32, 0}},
    [ELEA_TYPE_INT32] = {ELEA__TAG_INT, {32, 1}},
    [ELEA_TYPE_UINT64] = {ELEA__TAG_INT, {64, 0}},
    [ELEA_TYPE_INT64] = {ELEA__TAG_INT, {64, 1}},
    [ELEA_TYPE_FLOAT16] = {ELEA__TAG_FLOATING_POINT, {0, 0}},
    [ELEA_TYPE_FLOAT32] = {ELEA__TAG_FLOATING_POINT, {1, 0}},
    [ELEA_TYPE_FLOAT64] = {ELEA__TAG_FLOATING_POINT, {2, 0}},
    [ELEA_TYPE_UTF8] = {ELEA__TAG_UTF8, {0, 0}},
    [ELEA_TYPE_BINARY] = {ELEA__TAG_BINARY, {0, 0}},
    [ELEA_TYPE_FIXED_SIZE_BINARY] = {ELEA__TAG_FIXED_SIZE_BINARY, {0, 0}},
    [ELEA_TYPE_DATE32] = {ELEA__TAG_DATE, {0, 0}},
    [ELEA_TYPE_DATE64] = {ELEA__TAG_DATE, {1, 0}},
    [ELEA_TYPE_TIMESTAMP] = {ELEA__TAG_TIMESTAMP, {0, 0}},
    [ELEA_TYPE_TIME32] = {ELEA__TAG_TIME, {32, 0}},
    [ELEA_TYPE_TIME64] = {ELEA__TAG_TIME, {64, 0}},
    [ELEA_TYPE_INTERVAL_MONTHS] = {ELEA__TAG_INTERVAL, {0, 0}},
    [ELEA_TYPE_INTERVAL_DAY_TIME] = {ELEA__TAG_INTERVAL, {1, 0}},
    [ELEA_TYPE_INTERVAL_MONTH_DAY_NANO] = {ELEA__TAG_INTERVAL, {2, 0}},
    [ELEA_TYPE_DECIMAL32] = {ELEA__TAG_DECIMAL, {32, 0}},
    [ELEA_TYPE_DECIMAL64] = {ELEA__TAG_DECIMAL, {64, 0}},
    [ELEA_TYPE_DECIMAL128] = {ELEA__TAG_DECIMAL, {128, 0}},
    [ELEA_TYPE_DECIMAL256] = {ELEA__TAG_DECIMAL, {256, 0}},
    [ELEA_TYPE_LIST] = {ELEA__TAG_LIST, {0, 0}},
    [ELEA_TYPE_STRUCT] = {ELEA__TAG_STRUCT, {0, 0}},
    [ELEA_TYPE_SPARSE_UNION] = {ELEA__TAG_UNION, {0, 0}},
    [ELEA_TYPE_DENSE_UNION] = {ELEA__TAG_UNION, {1, 0}},
    [ELEA_TYPE_MAP] = {ELEA__TAG_MAP, {0, 0}},
    [ELEA_TYPE_FIXED_SIZE_LIST] = {ELEA__TAG_FIXED_SIZE_LIST, {0, 0}},
    [ELEA_TYPE_DURATION] = {ELEA__TAG_DURATION, {0, 0}},
    [ELEA_TYPE_LARGE_UTF8] = {ELEA__TAG_LARGE_UTF8, {0, 0}},
    [ELEA_TYPE_LARGE_BINARY] = {ELEA__TAG_LARGE_BINARY, {0, 0}},
    [ELEA_TYPE_LARGE_LIST] = {ELEA__TAG_LARGE_LIST, {0, 0}},
    [ELEA_TYPE_RUN_END_ENCODED] = {ELEA__TAG_RUN_END_ENCODED, {0, 0}},
    [ELEA_TYPE_UTF8_VIEW] = {ELEA__TAG_UTF8_VIEW, {0, 0}},
    [ELEA_TYPE_BINARY_VIEW] = {ELEA__TAG_BINARY_VIEW, {0, 0}},
    [ELEA_TYPE_LIST_VIEW] = {ELEA__TAG_LIST_VIEW, {0, 0}},
    [ELEA_TYPE_LARGE_LIST_VIEW] = {ELEA__TAG_LARGE_LIST_VIEW, {0, 0}},
};

const elea__ipc_tag *elea__ipc_tag_of(int tag) { return &tags[tag]; }

const elea__ipc_type_row *elea__ipc_type_row_of(elea_type_id id) { return &rows[id]; }

elea_status elea__ipc_type_find(const elea__flat_table *field, elea_type_id *id,
                                elea__flat_table *parameters, elea_error *err) {
    int64_t tag = 0;
    bool present = false;
    ELEA_TRY(elea__flat_get_int(field, ELEA__FIELD_TYPE_TAG, 1, 0, &tag, err));
    ELEA_TRY(elea__flat_get_table(field, ELEA__FIELD_TYPE, parameters, &present, err));
    if (!present || tag <= 0)
        return elea_error_set(err, ELEA_EINVAL, "a field has no type");
    if (tag >= ELEA__TAG_COUNT)
        return elea_error_set(err, ELEA_EUNSUPPORTED, "data type number %lld is not known",
                              (long long)tag);
    return elea__ipc_type_select(tag, parameters, id, err);
}

elea_status elea__ipc_type_select(int64_t tag, const elea__flat_table *parameters, elea_type_id *id,
                                  elea_error *err) {
    int64_t keys[2] = {0, 0};
    for (int i = 0; i < 2; i++) {
        const elea__ipc_key *key = &tags[tag].keys[i];
        if (key->width > 0)
            ELEA_TRY(
                elea__flat_get_int(parameters, key->slot, key->width, key->missing, &keys[i], err));
    }
    for (int i = 0; i < ELEA__TYPE_ID_COUNT; i++) {
        if (rows[i].tag == tag && rows[i].keys[0] == keys[0] && rows[i].keys[1] == keys[1]) {
            *id = (elea_type_id)i;
            return ELEA_OK;
        }
    }
    return elea_error_set(err, ELEA_EINVAL,
                          "there is no data type %s with the parameters %lld, "
                          "%lld",
                          tags[tag].name, (long long)keys[0], (long long)keys[1]);
}

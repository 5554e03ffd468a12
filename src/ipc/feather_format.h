// SPDX-License-Identifier: Apache-2.0
//
// The numbers of Feather version 1. Source: the Arrow project's feather.fbs.
#ifndef ELEA_IPC_FEATHER_FORMAT_H
#define ELEA_IPC_FEATHER_FORMAT_H

// A file: magic, padding to 8, columns, metadata (a CTable), its size (4 bytes), magic.
#define ELEA__FEATHER_MAGIC "FEA1"
#define ELEA__FEATHER_MAGIC_SIZE 4
#define ELEA__FEATHER_TAIL_SIZE 8
// Since this version of its metadata the parts of a column begin at multiples of 8.
#define ELEA__FEATHER_PADDED 2

enum { // CTable
    ELEA__CTABLE_DESCRIPTION,
    ELEA__CTABLE_ROW_COUNT,
    ELEA__CTABLE_COLUMNS,
    ELEA__CTABLE_VERSION,
};

enum { // Column
    ELEA__CCOLUMN_NAME,
    ELEA__CCOLUMN_VALUES,
    ELEA__CCOLUMN_METADATA_TAG,
    ELEA__CCOLUMN_METADATA,
};

enum { // PrimitiveArray
    ELEA__CARRAY_TYPE,
    ELEA__CARRAY_ENCODING, // 0: plain, alone
    ELEA__CARRAY_OFFSET,
    ELEA__CARRAY_LENGTH,
    ELEA__CARRAY_NULL_COUNT,
    ELEA__CARRAY_SIZE,
};

enum { // TypeMetadata, a union
    ELEA__CMETADATA_NONE,
    ELEA__CMETADATA_CATEGORY,
    ELEA__CMETADATA_TIMESTAMP,
    ELEA__CMETADATA_DATE,
    ELEA__CMETADATA_TIME,
};

enum { // CategoryMetadata
    ELEA__CATEGORY_LEVELS,
    ELEA__CATEGORY_ORDERED,
};

enum { // TimestampMetadata, TimeMetadata
    ELEA__CTIME_UNIT,
    ELEA__CTIME_ZONE,
};

#endif // ELEA_IPC_FEATHER_FORMAT_H

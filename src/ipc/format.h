// SPDX-License-Identifier: Apache-2.0
//
// The numbers of the IPC format: slots of its tables, members of its unions, framing. Source: the
// Arrow project's Schema.fbs, Message.fbs, File.fbs and columnar format specification.
#ifndef ELEA_IPC_FORMAT_H
#define ELEA_IPC_FORMAT_H

// A file: magic and two zero bytes, messages, the end marker, footer, its size (4 bytes), magic.
#define ELEA__IPC_MAGIC "ARROW1"
#define ELEA__IPC_MAGIC_SIZE 6
#define ELEA__IPC_HEAD_SIZE 8
#define ELEA__IPC_TAIL_SIZE 10

// A message: this, the size of the metadata, metadata, body. Before format version 5 (Arrow 0.15)
// the continuation was missing.
#define ELEA__IPC_CONTINUATION (-1)
#define ELEA__IPC_PREFIX_SIZE 8
#define ELEA__IPC_BODY_ALIGNMENT 8

#define ELEA__IPC_V4 3
#define ELEA__IPC_V5 4

#define ELEA__IPC_BLOCK_SIZE 24  // offset: 8, size of prefix and metadata: 4, padding: 4, body: 8
#define ELEA__IPC_NODE_SIZE 16   // length: 8, null count: 8
#define ELEA__IPC_BUFFER_SIZE 16 // offset: 8, size: 8

enum { // Footer
    ELEA__FOOTER_VERSION,
    ELEA__FOOTER_SCHEMA,
    ELEA__FOOTER_DICTIONARIES,
    ELEA__FOOTER_RECORD_BATCHES,
    ELEA__FOOTER_METADATA,
};

enum { // Message
    ELEA__MESSAGE_VERSION,
    ELEA__MESSAGE_HEADER_TYPE,
    ELEA__MESSAGE_HEADER,
    ELEA__MESSAGE_BODY_LENGTH,
    ELEA__MESSAGE_METADATA,
};

enum { // MessageHeader
    ELEA__HEADER_SCHEMA = 1,
    ELEA__HEADER_DICTIONARY_BATCH = 2,
    ELEA__HEADER_RECORD_BATCH = 3,
    ELEA__HEADER_TENSOR = 4,
    ELEA__HEADER_SPARSE_TENSOR = 5,
};

enum { // RecordBatch
    ELEA__BATCH_LENGTH,
    ELEA__BATCH_NODES,
    ELEA__BATCH_BUFFERS,
    ELEA__BATCH_COMPRESSION,
    ELEA__BATCH_VARIADIC_COUNTS,
};

enum { // DictionaryBatch
    ELEA__DICTIONARY_ID,
    ELEA__DICTIONARY_DATA,
    ELEA__DICTIONARY_IS_DELTA,
};

enum {                       // BodyCompression
    ELEA__COMPRESSION_CODEC, // one below elea_codec_id
    ELEA__COMPRESSION_METHOD,
};

// A buffer of a compressed body begins with the size it has without compression, or this, when it
// was left as it is.
#define ELEA__IPC_COMPRESSION_PREFIX_SIZE 8
#define ELEA__IPC_NOT_COMPRESSED (-1)

enum { // Tensor
    ELEA__TENSOR_TYPE_TAG,
    ELEA__TENSOR_TYPE,
    ELEA__TENSOR_SHAPE,
    ELEA__TENSOR_STRIDES,
    ELEA__TENSOR_DATA,
};

enum { // TensorDim
    ELEA__DIMENSION_SIZE,
    ELEA__DIMENSION_NAME,
};

enum { // SparseTensor
    ELEA__SPARSE_TYPE_TAG,
    ELEA__SPARSE_TYPE,
    ELEA__SPARSE_SHAPE,
    ELEA__SPARSE_NONZERO_COUNT,
    ELEA__SPARSE_INDEX_TAG,
    ELEA__SPARSE_INDEX,
    ELEA__SPARSE_DATA,
};

enum { // SparseTensorIndex, a union
    ELEA__INDEX_COO = 1,
    ELEA__INDEX_CSX = 2,
    ELEA__INDEX_CSF = 3,
};

enum { // SparseTensorIndexCOO
    ELEA__COO_TYPE,
    ELEA__COO_STRIDES,
    ELEA__COO_BUFFER,
    ELEA__COO_CANONICAL,
};

enum {              // SparseMatrixIndexCSX
    ELEA__CSX_AXIS, // 0: rows, 1: columns
    ELEA__CSX_OFFSETS_TYPE,
    ELEA__CSX_OFFSETS,
    ELEA__CSX_INDICES_TYPE,
    ELEA__CSX_INDICES,
};

enum { // SparseTensorIndexCSF
    ELEA__CSF_OFFSETS_TYPE,
    ELEA__CSF_OFFSETS,
    ELEA__CSF_INDICES_TYPE,
    ELEA__CSF_INDICES,
    ELEA__CSF_AXIS_ORDER,
};

#define ELEA__TENSOR_ALIGNMENT 64

enum { // Schema
    ELEA__SCHEMA_ENDIANNESS,
    ELEA__SCHEMA_FIELDS,
    ELEA__SCHEMA_METADATA,
};

enum { // Field
    ELEA__FIELD_NAME,
    ELEA__FIELD_NULLABLE,
    ELEA__FIELD_TYPE_TAG,
    ELEA__FIELD_TYPE,
    ELEA__FIELD_DICTIONARY,
    ELEA__FIELD_CHILDREN,
    ELEA__FIELD_METADATA,
};

enum { // DictionaryEncoding
    ELEA__ENCODING_ID,
    ELEA__ENCODING_INDEX_TYPE,
    ELEA__ENCODING_ORDERED,
    ELEA__ENCODING_KIND,
};

enum { // KeyValue
    ELEA__PAIR_KEY,
    ELEA__PAIR_VALUE,
};

enum { // Type, a union
    ELEA__TAG_NULL = 1,
    ELEA__TAG_INT = 2,
    ELEA__TAG_FLOATING_POINT = 3,
    ELEA__TAG_BINARY = 4,
    ELEA__TAG_UTF8 = 5,
    ELEA__TAG_BOOL = 6,
    ELEA__TAG_DECIMAL = 7,
    ELEA__TAG_DATE = 8,
    ELEA__TAG_TIME = 9,
    ELEA__TAG_TIMESTAMP = 10,
    ELEA__TAG_INTERVAL = 11,
    ELEA__TAG_LIST = 12,
    ELEA__TAG_STRUCT = 13,
    ELEA__TAG_UNION = 14,
    ELEA__TAG_FIXED_SIZE_BINARY = 15,
    ELEA__TAG_FIXED_SIZE_LIST = 16,
    ELEA__TAG_MAP = 17,
    ELEA__TAG_DURATION = 18,
    ELEA__TAG_LARGE_BINARY = 19,
    ELEA__TAG_LARGE_UTF8 = 20,
    ELEA__TAG_LARGE_LIST = 21,
    ELEA__TAG_RUN_END_ENCODED = 22,
    ELEA__TAG_BINARY_VIEW = 23,
    ELEA__TAG_UTF8_VIEW = 24,
    ELEA__TAG_LIST_VIEW = 25,
    ELEA__TAG_LARGE_LIST_VIEW = 26,
    ELEA__TAG_COUNT,
};

// The slots of those types' tables that hold a parameter of one value.
enum {
    ELEA__UNIT_SLOT = 0, // of time, timestamp, duration
    ELEA__ZONE_SLOT = 1, // of timestamp
    ELEA__SIZE_SLOT = 0, // of fixed-size binary and list
    ELEA__SORTED_SLOT = 0,
    ELEA__PRECISION_SLOT = 0,
    ELEA__SCALE_SLOT = 1,
    ELEA__CODES_SLOT = 1, // of union
};

#endif // ELEA_IPC_FORMAT_H

// SPDX-License-Identifier: Apache-2.0
//
// Arrow's columnar data: types, fields, schemas; arrays, chunked arrays, record batches, tables,
// record streams; builders; validation, equality, printing. This header includes its parts, which
// lie in elea/columnar/ and may be included by themselves.
//
// All objects here but builders and record streams are immutable and shared by reference count. A
// function that keeps what it is given takes a reference of its own; the caller keeps the one it
// had. Everything reached through a getter is borrowed and lives as long as its owner.
#ifndef ELEA_COLUMNAR_H
#define ELEA_COLUMNAR_H

#include <elea/columnar/array.h>
#include <elea/columnar/builder.h>
#include <elea/columnar/differences.h>
#include <elea/columnar/extension.h>
#include <elea/columnar/scalar.h>
#include <elea/columnar/schema.h>
#include <elea/columnar/sparse_tensor.h>
#include <elea/columnar/table.h>
#include <elea/columnar/tensor.h>
#include <elea/columnar/text.h>
#include <elea/columnar/type.h>
#include <elea/columnar/unify.h>

#endif // ELEA_COLUMNAR_H

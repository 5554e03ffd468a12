// SPDX-License-Identifier: Apache-2.0
//
// The Arrow IPC file format (also called Feather V2, *.arrow) and stream format (*.arrows): read
// over a mapping without copying a payload byte, written so that it can be. Source: the Arrow
// columnar format specification, "Serialization and interprocess communication", with Schema.fbs,
// Message.fbs and File.fbs.
//
// Metadata versions 4 and 5 are read and written; all data types are. Bodies may be compressed
// with LZ4 frames or Zstandard; those in the other byte order are turned around, which counts as
// copying. A column that is not asked for may have any type, and is not decompressed.
//
// Reading errors say which file, which record batch, which column (as a path through its
// children), at which file offset, and what was found and expected.
#ifndef ELEA_IPC_H
#define ELEA_IPC_H

#include <elea/columnar.h>
#include <elea/io.h>
#include <elea/ipc/decoder.h>
#include <elea/ipc/feather.h>
#include <elea/ipc/file_reader.h>
#include <elea/ipc/integration.h>
#include <elea/ipc/messages.h>
#include <elea/ipc/read_options.h>
#include <elea/ipc/serialize.h>
#include <elea/ipc/stream_reader.h>
#include <elea/ipc/tensor.h>
#include <elea/ipc/writer.h>

#endif // ELEA_IPC_H

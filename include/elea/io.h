// SPDX-License-Identifier: Apache-2.0
//
// Bytes in and out: random access files (read, mapped, in memory), sequential input and output
// (files, pipes, sockets, memory), codecs.
//
// Every message names the file it is about. Files are opened close-on-exec, interrupted calls go
// on, short reads and writes are completed.
#ifndef ELEA_IO_H
#define ELEA_IO_H

#include <elea/base.h>
#include <elea/io/codec.h>
#include <elea/io/compressed.h>
#include <elea/io/file.h>
#include <elea/io/input_stream.h>
#include <elea/io/mapped_file.h>
#include <elea/io/output_stream.h>
#include <elea/io/range_cache.h>
#include <elea/io/slow.h>

#endif // ELEA_IO_H

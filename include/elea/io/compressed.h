// SPDX-License-Identifier: Apache-2.0
//
// Streams that compress and decompress on the way, on any other stream. Part of elea/io.h.
#ifndef ELEA_IO_COMPRESSED_H
#define ELEA_IO_COMPRESSED_H

#include <elea/base.h>
#include <elea/io/codec.h>
#include <elea/io/input_stream.h>
#include <elea/io/output_stream.h>

#ifdef __cplusplus
extern "C" {
#endif

// What the bytes of `source` stand for. Takes `source` when it succeeds.
//
// `codec` NULL: it is told by the first bytes (elea_codec_of_magic()), else by the end of the
// source's name (elea_codec_of_path()); bytes that neither tells a codec for pass as they are.
// Nothing is read before the first call that reads; that one gives ELEA_EUNSUPPORTED for a codec
// that is found and not available or has no steps, as does this call for a codec that is given.
//
// Members that follow each other, limits and damage are as elea_decompressor says; input that is
// cut gives ELEA_EINVAL after all that came out before. Memory is a block of 256 KiB that views are
// given of, as much input where the source has no views, and the library's; a large read or view
// goes past the block. The position counts what comes out. `options` NULL: the defaults.
ELEA_API ELEA_CHECKED elea_status elea_input_stream_new_decompressed(
    elea_input_stream *source, const elea_codec *codec, const elea_decompressor_options *options,
    elea_pool *pool, elea_input_stream **out, elea_error *err);

// Compresses what is written to one frame of `codec` in `target`. Takes `target` when it succeeds:
// close completes the frame and closes it, also when nothing was written; free without close leaves
// the frame cut, and frees it. flush is elea_compressor_flush(), a sync point, and reaches the
// target. The position counts what is written, from 0. Errors as elea_compressor_new(). `options`
// NULL: the defaults.
ELEA_API ELEA_CHECKED elea_status elea_output_stream_new_compressed(
    elea_output_stream *target, const elea_codec *codec, const elea_compressor_options *options,
    elea_pool *pool, elea_output_stream **out, elea_error *err);

#ifdef __cplusplus
}
#endif

#endif // ELEA_IO_COMPRESSED_H

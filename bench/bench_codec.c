// SPDX-License-Identifier: Apache-2.0
// bench-codecs: zlib lz4 zstd brotli
//
// The codecs beside their libraries called directly, in the same run: all at once, and streams
// beside the library's own loop with buffers of the same size.
#include <elea/io.h>

#include <brotli/decode.h>
#include <brotli/encode.h>
#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include "bench_support.h"

#define DATA_SIZE ((int64_t)8 << 20)
#define BLOCK_SIZE ((int64_t)256 << 10)
#define LEVEL 1

typedef struct work {
    const elea_codec *codec;
    char *data;   // DATA_SIZE
    char *packed; // of capacity
    char *found;  // DATA_SIZE
    int64_t capacity, packed_size;
    elea_buffer *source; // the packed bytes
} work;

static void must(bool held) {
    if (!held) {
        fprintf(stderr, "bench_codec: a call failed\n");
        exit(1);
    }
}

// ---- ours

static void run_compress(void *context) {
    work *w = context;
    int64_t size = 0;
    must(elea_codec_compress(w->codec, LEVEL, (elea_bytes){w->data, DATA_SIZE}, w->packed,
                             w->capacity, &size, NULL) == ELEA_OK);
    bench_sink = (uint64_t)size;
}

static void run_decompress(void *context) {
    work *w = context;
    must(elea_codec_decompress(w->codec, (elea_bytes){w->packed, w->packed_size}, w->found,
                               DATA_SIZE, NULL) == ELEA_OK);
}

// A stream that drops what it gets.
static elea_status drop(elea_output_stream *stream, const elea_bytes *parts, int64_t count,
                        elea_error *err) {
    (void)stream;
    (void)err;
    bench_sink = (uint64_t)parts[count - 1].size;
    return ELEA_OK;
}

static void drop_free(elea_output_stream *stream) { (void)stream; }

static const elea_output_stream_ops drop_ops = {.write = drop, .free = drop_free};

static void run_output_stream(void *context) {
    work *w = context;
    const elea_compressor_options options = {.level = LEVEL};
    elea_output_stream nowhere, *stream = NULL;
    must(elea_output_stream_init(&nowhere, &drop_ops, NULL, "nowhere", NULL) == ELEA_OK);
    must(elea_output_stream_new_compressed(&nowhere, w->codec, &options, NULL, &stream, NULL) ==
         ELEA_OK);
    must(elea_output_stream_write(stream, w->data, DATA_SIZE, NULL) == ELEA_OK);
    must(elea_output_stream_close(stream, NULL) == ELEA_OK);
    elea_output_stream_free(stream);
}

static void run_input_stream(void *context) {
    work *w = context;
    elea_input_stream *memory = NULL, *stream = NULL;
    int64_t count = 0, total = 0;
    must(elea_input_stream_new_from_buffer(w->source, "bench", NULL, &memory, NULL) == ELEA_OK);
    must(elea_input_stream_new_decompressed(memory, w->codec, NULL, NULL, &stream, NULL) ==
         ELEA_OK);
    do {
        must(elea_input_stream_read_some(stream, BLOCK_SIZE, w->found, &count, NULL) == ELEA_OK);
        total += count;
    } while (count > 0);
    must(total == DATA_SIZE);
    elea_input_stream_free(stream);
}

// ---- zlib

static void zlib_compress(void *context) {
    work *w = context;
    z_stream stream = {0};
    must(deflateInit2(&stream, LEVEL, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    stream.next_in = (Bytef *)w->data;
    stream.avail_in = (uInt)DATA_SIZE;
    stream.next_out = (Bytef *)w->packed;
    stream.avail_out = (uInt)w->capacity;
    must(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    deflateEnd(&stream);
}

static void zlib_compress_blocks(void *context) {
    work *w = context;
    z_stream stream = {0};
    must(deflateInit2(&stream, LEVEL, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    stream.next_in = (Bytef *)w->data;
    stream.avail_in = (uInt)DATA_SIZE;
    do {
        stream.next_out = (Bytef *)w->found;
        stream.avail_out = (uInt)BLOCK_SIZE;
    } while (deflate(&stream, Z_FINISH) != Z_STREAM_END);
    deflateEnd(&stream);
}

static void zlib_decompress(void *context) {
    work *w = context;
    z_stream stream = {0};
    must(inflateInit2(&stream, 31) == Z_OK);
    stream.next_in = (Bytef *)w->packed;
    stream.avail_in = (uInt)w->packed_size;
    stream.next_out = (Bytef *)w->found;
    stream.avail_out = (uInt)DATA_SIZE;
    must(inflate(&stream, Z_FINISH) == Z_STREAM_END);
    inflateEnd(&stream);
}

static void zlib_decompress_blocks(void *context) {
    work *w = context;
    z_stream stream = {0};
    int code = Z_OK;
    must(inflateInit2(&stream, 31) == Z_OK);
    stream.next_in = (Bytef *)w->packed;
    stream.avail_in = (uInt)w->packed_size;
    do {
        stream.next_out = (Bytef *)w->found;
        stream.avail_out = (uInt)BLOCK_SIZE;
        code = inflate(&stream, Z_NO_FLUSH);
    } while (code == Z_OK);
    must(code == Z_STREAM_END);
    inflateEnd(&stream);
}

// ---- zstd

static void zstd_compress(void *context) {
    work *w = context;
    must(!ZSTD_isError(
        ZSTD_compress(w->packed, (size_t)w->capacity, w->data, (size_t)DATA_SIZE, LEVEL)));
}

static void zstd_compress_blocks(void *context) {
    work *w = context;
    ZSTD_CStream *stream = ZSTD_createCStream();
    ZSTD_inBuffer in = {.src = w->data, .size = (size_t)DATA_SIZE};
    size_t left = 0;
    must(!ZSTD_isError(ZSTD_CCtx_setParameter(stream, ZSTD_c_compressionLevel, LEVEL)));
    do {
        ZSTD_outBuffer out = {.dst = w->found, .size = (size_t)BLOCK_SIZE};
        left = ZSTD_compressStream2(stream, &out, &in,
                                    in.pos < in.size ? ZSTD_e_continue : ZSTD_e_end);
        must(!ZSTD_isError(left));
    } while (in.pos < in.size || left > 0);
    ZSTD_freeCStream(stream);
}

static void zstd_decompress(void *context) {
    work *w = context;
    must(ZSTD_decompress(w->found, (size_t)DATA_SIZE, w->packed, (size_t)w->packed_size) ==
         (size_t)DATA_SIZE);
}

static void zstd_decompress_blocks(void *context) {
    work *w = context;
    ZSTD_DStream *stream = ZSTD_createDStream();
    ZSTD_inBuffer in = {.src = w->packed, .size = (size_t)w->packed_size};
    size_t left = 1;
    while (left > 0) {
        ZSTD_outBuffer out = {.dst = w->found, .size = (size_t)BLOCK_SIZE};
        left = ZSTD_decompressStream(stream, &out, &in);
        must(!ZSTD_isError(left));
    }
    ZSTD_freeDStream(stream);
}

// ---- lz4

static void lz4_compress(void *context) {
    work *w = context;
    const LZ4F_preferences_t wanted = {.compressionLevel = LEVEL,
                                       .frameInfo = {.contentSize = (unsigned long long)DATA_SIZE}};
    must(!LZ4F_isError(
        LZ4F_compressFrame(w->packed, (size_t)w->capacity, w->data, (size_t)DATA_SIZE, &wanted)));
}

static void lz4_compress_blocks(void *context) {
    work *w = context;
    LZ4F_cctx *stream = NULL;
    const LZ4F_preferences_t wanted = {.compressionLevel = LEVEL};
    must(!LZ4F_isError(LZ4F_createCompressionContext(&stream, LZ4F_VERSION)));
    must(!LZ4F_isError(LZ4F_compressBegin(stream, w->found, (size_t)BLOCK_SIZE, &wanted)));
    for (int64_t at = 0; at < DATA_SIZE; at += BLOCK_SIZE / 2)
        must(!LZ4F_isError(LZ4F_compressUpdate(stream, w->found, (size_t)DATA_SIZE, w->data + at,
                                               (size_t)BLOCK_SIZE / 2, NULL)));
    must(!LZ4F_isError(LZ4F_compressEnd(stream, w->found, (size_t)DATA_SIZE, NULL)));
    LZ4F_freeCompressionContext(stream);
}

static void lz4_loop(const work *w, int64_t room) {
    LZ4F_dctx *stream = NULL;
    const LZ4F_decompressOptions_t stable = {.stableDst = room == DATA_SIZE};
    int64_t taken = 0;
    size_t left = 1;
    must(!LZ4F_isError(LZ4F_createDecompressionContext(&stream, LZ4F_VERSION)));
    while (left > 0) {
        size_t in = (size_t)(w->packed_size - taken), out = (size_t)room;
        left = LZ4F_decompress(stream, w->found, &out, w->packed + taken, &in, &stable);
        must(!LZ4F_isError(left));
        taken += (int64_t)in;
    }
    LZ4F_freeDecompressionContext(stream);
}

static void lz4_decompress(void *context) { lz4_loop(context, DATA_SIZE); }

static void lz4_decompress_blocks(void *context) { lz4_loop(context, BLOCK_SIZE); }

// ---- brotli

static void brotli_compress(void *context) {
    work *w = context;
    size_t size = (size_t)w->capacity;
    must(BrotliEncoderCompress(LEVEL, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_GENERIC, (size_t)DATA_SIZE,
                               (const uint8_t *)w->data, &size, (uint8_t *)w->packed));
}

static void brotli_compress_blocks(void *context) {
    work *w = context;
    BrotliEncoderState *stream = BrotliEncoderCreateInstance(NULL, NULL, NULL);
    const uint8_t *in = (const uint8_t *)w->data;
    size_t in_size = (size_t)DATA_SIZE;
    must(BrotliEncoderSetParameter(stream, BROTLI_PARAM_QUALITY, LEVEL));
    while (!BrotliEncoderIsFinished(stream)) {
        size_t room = (size_t)BLOCK_SIZE;
        uint8_t *out = (uint8_t *)w->found;
        must(BrotliEncoderCompressStream(
            stream, in_size > 0 ? BROTLI_OPERATION_PROCESS : BROTLI_OPERATION_FINISH, &in_size, &in,
            &room, &out, NULL));
    }
    BrotliEncoderDestroyInstance(stream);
}

static void brotli_decompress(void *context) {
    work *w = context;
    size_t size = (size_t)DATA_SIZE;
    must(BrotliDecoderDecompress((size_t)w->packed_size, (const uint8_t *)w->packed, &size,
                                 (uint8_t *)w->found) == BROTLI_DECODER_RESULT_SUCCESS);
}

static void brotli_decompress_blocks(void *context) {
    work *w = context;
    BrotliDecoderState *stream = BrotliDecoderCreateInstance(NULL, NULL, NULL);
    const uint8_t *in = (const uint8_t *)w->packed;
    size_t in_size = (size_t)w->packed_size;
    BrotliDecoderResult result;
    do {
        size_t room = (size_t)BLOCK_SIZE;
        uint8_t *out = (uint8_t *)w->found;
        result = BrotliDecoderDecompressStream(stream, &in_size, &in, &room, &out, NULL);
    } while (result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT);
    must(result == BROTLI_DECODER_RESULT_SUCCESS);
    BrotliDecoderDestroyInstance(stream);
}

typedef struct bench_calls_of {
    elea_codec_id id;
    bench_fn compress, compress_blocks, decompress, decompress_blocks;
} bench_calls_of;

static const bench_calls_of libraries[] = {
    {ELEA_CODEC_GZIP, zlib_compress, zlib_compress_blocks, zlib_decompress, zlib_decompress_blocks},
    {ELEA_CODEC_ZSTD, zstd_compress, zstd_compress_blocks, zstd_decompress, zstd_decompress_blocks},
    {ELEA_CODEC_LZ4_FRAME, lz4_compress, lz4_compress_blocks, lz4_decompress,
     lz4_decompress_blocks},
    {ELEA_CODEC_BROTLI, brotli_compress, brotli_compress_blocks, brotli_decompress,
     brotli_decompress_blocks},
};

// Lines of numbers and words that repeat here and there.
static void fill(char *data) {
    static const char *const words[] = {"arrow", "flight", "stands", "still", "Elea", "Zeno"};
    uint64_t seed = 1;
    for (int64_t at = 0; at < DATA_SIZE;) {
        char line[64];
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        int size = snprintf(line, sizeof line, "%llu,%s,%d\n", (unsigned long long)(seed >> 44),
                            words[seed >> 33 & 3], (int)(at % 1000));
        for (int i = 0; i < size && at < DATA_SIZE; i++)
            data[at++] = line[i];
    }
}

static void bench_library(const bench_calls_of *library, work *w) {
    char title[96];
    w->codec = elea_codec_of(library->id);
    must(elea_codec_compress_bound(w->codec, DATA_SIZE, &w->capacity, NULL) == ELEA_OK);
    w->packed = malloc((size_t)w->capacity);
    must(w->packed != NULL);
    snprintf(title, sizeof title, "%s, level %d, 8 MiB (reference: its library)",
             elea_codec_name(w->codec), LEVEL);
    bench_head(title);
    bench_row("compress, all at once", DATA_SIZE,
              bench_compare(run_compress, w, library->compress, w));
    bench_row("compress, output stream", DATA_SIZE,
              bench_compare(run_output_stream, w, library->compress_blocks, w));
    must(elea_codec_compress(w->codec, LEVEL, (elea_bytes){w->data, DATA_SIZE}, w->packed,
                             w->capacity, &w->packed_size, NULL) == ELEA_OK);
    must(elea_buffer_wrap(NULL, w->packed, w->packed_size, NULL, NULL, &w->source, NULL) ==
         ELEA_OK);
    bench_row("decompress, all at once", DATA_SIZE,
              bench_compare(run_decompress, w, library->decompress, w));
    bench_row("decompress, input stream", DATA_SIZE,
              bench_compare(run_input_stream, w, library->decompress_blocks, w));
    elea_buffer_unref(w->source);
    free(w->packed);
}

int main(void) {
    work w = {.data = malloc((size_t)DATA_SIZE), .found = malloc((size_t)DATA_SIZE)};
    must(w.data && w.found);
    fill(w.data);
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++)
        bench_library(&libraries[i], &w);
    free(w.found);
    free(w.data);
    return 0;
}

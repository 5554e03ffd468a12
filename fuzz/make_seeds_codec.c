// SPDX-License-Identifier: Apache-2.0
//
// For each codec: a text to compress, and frames of it, of nothing, of two members, with a flush
// and with a checksum.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <elea/io.h>

enum { ROOM = 1 << 12 };

static const char text[] = "an arrow in flight does not move, does not move, does not move";

static void check(bool held) {
    if (!held)
        exit(1);
}

static void write_seed(const char *folder, int codec, const char *name, int mode, const char *data,
                       int64_t size) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%02d_%s", folder, codec, name);
    FILE *file = fopen(path, "wb");
    check(file);
    fputc(codec | mode, file);
    fputc(6, file);
    check(fwrite(data, 1, (size_t)size, file) == (size_t)size);
    check(fclose(file) == 0);
}

static void write_steps(const char *folder, int index, const elea_codec *codec) {
    const elea_compressor_options checked = {.checksum = true};
    const elea_bytes bytes = {.data = text, .size = sizeof text - 1};
    elea_compressor *compressor = NULL;
    elea_codec_progress progress = {0};
    elea_error err = {0};
    char packed[ROOM];
    if (elea_compressor_new(codec, &checked, NULL, &compressor, &err) != ELEA_OK)
        check(elea_compressor_new(codec, NULL, NULL, &compressor, &err) == ELEA_OK);
    check(elea_compressor_run(compressor, bytes, packed, ROOM, &progress, &err) == ELEA_OK);
    int64_t size = progress.produced;
    check(elea_compressor_flush(compressor, packed + size, ROOM - size, &progress, &err) ==
          ELEA_OK);
    size += progress.produced;
    check(elea_compressor_end(compressor, bytes, packed + size, ROOM - size, &progress, &err) ==
          ELEA_OK);
    write_seed(folder, index, "steps", 0, packed, size + progress.produced);
    elea_compressor_free(compressor);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: make_seeds_codec FOLDER\n");
        return 2;
    }
    for (int i = 0; elea_codec_at(i); i++) {
        const elea_codec *codec = elea_codec_at(i);
        const elea_bytes bytes = {.data = text, .size = sizeof text - 1};
        elea_error err = {0};
        char packed[ROOM];
        int64_t first = 0, second = 0;
        write_seed(argv[1], i, "text", 128, text, bytes.size);
        if (!elea_codec_available(codec))
            continue;
        check(elea_codec_compress(codec, 0, bytes, packed, ROOM, &first, &err) == ELEA_OK);
        write_seed(argv[1], i, "frame", 0, packed, first);
        check(elea_codec_compress(codec, 0, (elea_bytes){.data = text, .size = 0}, packed + first,
                                  ROOM - first, &second, &err) == ELEA_OK);
        write_seed(argv[1], i, "empty", 0, packed + first, second);
        write_seed(argv[1], i, "members", 0, packed, first + second);
        if (elea_codec_has_steps(codec))
            write_steps(argv[1], i, codec);
    }
    return 0;
}

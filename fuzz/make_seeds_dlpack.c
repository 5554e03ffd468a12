// SPDX-License-Identifier: Apache-2.0
//
// Seeds for fuzz_dlpack: each type, one to six dimensions, with and without strides, by both
// structs, with each option.
#include <stdint.h>
#include <stdio.h>

enum { PATH_SIZE = 4096, TYPE_COUNT = 14 };

static int write_seed(const char *folder, int type, int way) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%02d_%02d", folder, type, way);
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        perror(path);
        return 1;
    }
    int count = (type + way) % 6, stride = 1;
    const int head[] = {way, way % 4, type, count};
    for (size_t i = 0; i < sizeof head / sizeof head[0]; i++)
        fputc(head[i], file);
    // Short rows, in steps of one value or of two.
    for (int i = 0; i <= count; i++) {
        fputc(1 + (i + type) % 3, file);
        fputc(stride * (1 + way % 2) % 8, file);
        stride *= 2;
    }
    for (int i = 0; i < 4; i++)
        fputc(i == 0 ? way % 3 : 0, file);
    return fclose(file) != 0;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: make_seeds_dlpack FOLDER\n");
        return 2;
    }
    for (int type = 0; type < TYPE_COUNT; type++) {
        for (int way = 0; way < 12; way++) {
            if (write_seed(argv[1], type, way) != 0)
                return 1;
        }
    }
    return 0;
}

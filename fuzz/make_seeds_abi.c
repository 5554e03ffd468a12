// SPDX-License-Identifier: Apache-2.0
//
// Seeds for fuzz_abi: for each format it knows a few scripts of a field with plain children, and
// arrays made of a fixed sequence of numbers.
#include <stdint.h>
#include <stdio.h>

enum { PATH_SIZE = 4096, FORMAT_COUNT = 47, VARIANT_COUNT = 4, TAIL = 600 };

// A field: its format, no name, no metadata, nullable, so many children.
static void put_field(FILE *file, int format, int child_count) {
    const int bytes[] = {format, 8, 0, 2, child_count};
    for (size_t i = 0; i < sizeof bytes / sizeof bytes[0]; i++)
        fputc(bytes[i], file);
}

static int write_seed(const char *folder, int format, int variant) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%02d_%d", folder, format, variant);
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        perror(path);
        return 1;
    }
    int child_count = variant % 2 + 1;
    put_field(file, format, child_count);
    for (int i = 0; i < child_count; i++) {
        fputc(0, file); // the child is there
        put_field(file, (format + i * 7 + variant) % 24, 0);
    }
    uint32_t state = (uint32_t)(format * VARIANT_COUNT + variant + 1);
    for (int i = 0; i < TAIL; i++) {
        state = state * 1664525u + 1013904223u;
        fputc((int)(state >> 24), file);
    }
    return fclose(file) != 0;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: make_seeds_abi FOLDER\n");
        return 2;
    }
    for (int format = 0; format < FORMAT_COUNT; format++) {
        for (int variant = 0; variant < VARIANT_COUNT; variant++) {
            if (write_seed(argv[1], format, variant) != 0)
                return 1;
        }
    }
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
//
// Seeds for fuzz_safetensors: small right files, and each kind of wrong one.
#include <stdio.h>
#include <string.h>

enum { PATH_SIZE = 4096 };

static const struct {
    const char *json;
    int body;
} files[] = {
    {"{}", 0},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}}", 24},
    {"{\"__metadata__\":{\"format\":\"pt\"},\"a\":{\"dtype\":\"F16\",\"shape\":[],\"data_offsets\":"
     "[0,2]},\"b\":{\"dtype\":\"BF16\",\"shape\":[0,9],\"data_offsets\":[2,2]}}   ",
     2},
    {"{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"I8\","
     "\"shape\":[2],\"data_offsets\":[1,3]}}",
     3},
    {"{\"a\":{\"dtype\":\"I64\",\"shape\":[4611686018427387904,2],\"data_offsets\":[0,8]}}", 8},
    {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[-1,99]}}", 1},
    {"[1,2", 0},
};

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: make_seeds_safetensors FOLDER\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[PATH_SIZE];
        snprintf(path, sizeof path, "%s/%02zu", argv[1], i);
        FILE *file = fopen(path, "wb");
        if (file == NULL) {
            perror(path);
            return 1;
        }
        size_t size = strlen(files[i].json);
        for (int byte = 0; byte < 8; byte++)
            fputc((int)(size >> 8 * byte & 255), file);
        fwrite(files[i].json, 1, size, file);
        for (int byte = 0; byte < files[i].body; byte++)
            fputc(byte, file);
        if (fclose(file) != 0) {
            perror(path);
            return 1;
        }
    }
    return 0;
}

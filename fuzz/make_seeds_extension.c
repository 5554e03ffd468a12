// SPDX-License-Identifier: Apache-2.0
//
// Seeds for fuzz_extension: good ones of each canonical type, and wrong metadata.
#include <stdio.h>

static const char *const seeds[] = {
    "0fixed_size_list<float32>[6]\n{\"shape\": [2, 3]}",
    "0fixed_size_list<int8>[24]\n"
    "{\"shape\":[2,3,4],\"dim_names\":[\"a\",\"\",\"\\u00e9\"],\"permutation\":[2,0,1]}",
    "0fixed_size_list<int8>[0]\n{\"shape\": [4294967296, 4294967296, 0]}",
    "0fixed_size_list<int8>[6]\n{\"shape\": [2, 3.0], \"permutation\": [1, 1]}",
    "1struct<data: list<float32>, shape: fixed_size_list<int32>[3]>\n",
    "1struct<data: list<utf8>, shape: fixed_size_list<int32>[2]>\n"
    "{\"uniform_shape\": [400, null], \"dim_names\": [\"H\", \"W\"]}",
    "2null\n{\"type_name\": \"varray\", \"vendor_name\": \"Oracle\"}",
    "3utf8\n{ }",
    "4struct<metadata: binary not null, value: binary_view, typed_value: struct<a: struct<"
    "typed_value: list<struct<value: binary> not null>> not null>>\n",
    "5struct<timestamp: timestamp[us, UTC], offset_minutes: int16>\n",
    "6fixed_size_binary[16]\n",
    "7int8\n",
};

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: make_seeds_extension FOLDER\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/seed%02zu", argv[1], i);
        FILE *file = fopen(path, "wb");
        if (file == NULL || fputs(seeds[i], file) == EOF || fclose(file) != 0) {
            perror(path);
            return 1;
        }
    }
    return 0;
}

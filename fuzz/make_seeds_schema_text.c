// SPDX-License-Identifier: Apache-2.0
//
// Seeds for fuzz_schema_text: every form of type, names that need quotes, schemas on lines and on
// one, metadata, and texts that are wrong at the end only.
#include <stdio.h>

static const char *const seeds[] = {
    "id: int64 not null, tags: list<utf8>, \"first name\": utf8_view",
    ("a: null\nb: bool\nc: uint8\n\"d e\": float16 not null\n    \"k\" = "
     "\"v\\u00e9\\n\"\nmetadata:\n"
     "    \"origin\" = \"\\ud83d\\ude00\"\n"),
    ("time: timestamp[us, Europe/Paris], \"\": timestamp[s, \"a]b\"], t: time32[ms], d: "
     "duration[ns]"),
    "decimal32(9, 2)",
    "decimal256(76, -2147483648)",
    "fixed_size_binary[16]",
    "fixed_size_list<item: float16>[384]",
    "list_view<large_list<large_list_view<item: int8 not null>>>",
    "struct<a: struct<>, b: struct<\"x\\\"y\": utf8 not null>>",
    "sparse_union<a: int32=5, b: utf8 not null=0>",
    "dense_union<>",
    "m: map<e: struct<k: utf8 not null {\"a\" = \"b\"}, v: int8> not null, keys sorted>",
    "map<utf8, map<int8, bool not null>, keys sorted>",
    "dictionary<values: list<item: utf8>, indices: uint16, ordered>",
    "run_end_encoded<run_ends: int32 not null, values: dictionary<values: utf8, indices: int8>>",
    "month_interval",
    "m: month_day_nano_interval not null",
    "metadata: int8\nmetadata:\n\"k\" = \"v\"... (100 bytes)",
    "list<list<list<list<list<list<list<list<list<list<list<list<list<list<list<list<",
    "dense_union<a: int8=1, b: int8=1>",
    "struct<\"\\ud800\\u0041\": int8>",
};

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: make_seeds_schema_text FOLDER\n");
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

// SPDX-License-Identifier: Apache-2.0
//
// Seeds for fuzz_schema_yaml: block and flow style, every way to quote, metadata in both forms,
// aliases, and documents that are wrong at the end only.
#include <stdio.h>

static const char *const seeds[] = {
    "fields:\n- name: id\n  type: int64\n  nullable: false\n- name: tags\n  type: 'list<utf8>'\n"
    "  metadata:\n    unit: word\nmetadata:\n  origin: here\n",
    "{fields: [{name: a, type: \"struct<x: int8, \\\"y z\\\": utf8>\", nullable: true}]}",
    "fields:\n- {name: \"a\\u00e9\\U0001F600\\n\\L\\_\", type: 'timestamp[us, Europe/Rome]'}\n",
    "fields:\n- name: |\n    two\n    lines\n  type: >-\n    map<utf8,\n    int32>\n",
    "metadata: [{k: a}, {k: b, m: ''}]\nfields: []\n",
    "%YAML 1.1\n---\nfields: []\n...\n",
    "fields:\n- name: &n a\n  type: int8\n- name: *n\n  type: int8\n",
    "fields: !!seq []\nmetadata: !!map {? k : !!str 1}\n",
    "\xEF\xBB\xBF"
    "fields: [] # comment\n",
    "fields:\n- name: null\n  type: null\n- name: ~\n  type: dictionary<values: utf8, indices: "
    "int8>",
    "fields: []\n---\nfields: []\n",
    "fields: [[[[[[[[[[[[[[[[",
    "fields:\n- name: a\n  type: dense_union<a: int32=5, b: utf8=0>\n  nullable: maybe\n",
};

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: make_seeds_schema_yaml FOLDER\n");
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

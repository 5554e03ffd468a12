// SPDX-License-Identifier: Apache-2.0
//
// Columnar data as text: types and schemas both ways, values and tables for people. Part of
// elea/columnar.h.
#ifndef ELEA_COLUMNAR_TEXT_H
#define ELEA_COLUMNAR_TEXT_H

#include <stdio.h>

#include <elea/columnar/array.h>
#include <elea/columnar/schema.h>
#include <elea/columnar/table.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- printing

typedef struct elea_print_options {
    int64_t rows_max;  // default 20: the first and last half are shown when there are more
    int64_t items_max; // default 10: values of a list, bytes / 8 of a string
    // Default 0: no limit. Else lines of a grid take at most so many columns of text: those of a
    // table that are wide, but not numbers, are cut, down to 8; where that is not enough, those at
    // the right are left out and named below.
    int64_t width_max;
    const char *null_text; // default "null"
} elea_print_options;

ELEA_API void elea_print_options_init(elea_print_options *options);
// "timestamp[us, UTC]", "list<item: utf8>", "fixed_size_list<item: float16>[384]"; no metadata of
// children. A map is "map<utf8, int8>", or with its entries field where that is not what
// elea_type_new_map() makes: "map<pairs: struct<k: utf8 not null, v: int8> not null>".
ELEA_API ELEA_CHECKED elea_status elea_type_format(const elea_type *type, elea_text *text,
                                                   elea_error *err);
// "name: type", then " not null" where it is; a line each for a schema, with metadata after it, and
// those of children in braces: "tags: list<item: utf8 {"unit" = "word"}>". Of values longer than
// 72 bytes the beginning is shown.
ELEA_API ELEA_CHECKED elea_status elea_field_format(const elea_field *field, elea_text *text,
                                                    elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_schema_format(const elea_schema *schema, elea_text *text,
                                                     elea_error *err);
// The fields on one line, ", " between them; no metadata.
ELEA_API ELEA_CHECKED elea_status elea_schema_format_line(const elea_schema *schema,
                                                          elea_text *text, elea_error *err);
// One value, as people write it: strings quoted and escaped when `quoted`, timestamps in ISO 8601,
// lists in [], structs in {}, the shortest number that reads back.
ELEA_API ELEA_CHECKED elea_status elea_span_format(const elea_span *span, int64_t index,
                                                   bool quoted, elea_text *text, elea_error *err);
// One value as JSON (RFC 8259): int64 as numbers, NaN and infinities as null, binary as base64,
// timestamps as ISO 8601 strings, maps as arrays of {"key", "value"}.
ELEA_API ELEA_CHECKED elea_status elea_span_format_json(const elea_span *span, int64_t index,
                                                        elea_text *text, elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_array_format(const elea_array *array,
                                                    const elea_print_options *options,
                                                    elea_text *text, elea_error *err);
// An aligned grid with names and types on top.
ELEA_API ELEA_CHECKED elea_status elea_table_format(const elea_table *table,
                                                    const elea_print_options *options,
                                                    elea_text *text, elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_table_print(const elea_table *table, FILE *file,
                                                   const elea_print_options *options,
                                                   elea_error *err);

// ---- parsing

// The way back: what the functions above write for types, fields and schemas gives an equal one
// (with metadata, for elea_schema_format(); a value that was shortened in print is refused).
// Names and time zones must be UTF-8 for that.
//
// People may write more freely: spaces anywhere between words, lists without a name for their
// items ("list<utf8>"), names in JSON quotes, and in a schema commas or new lines between fields:
//
//     id: int64 not null, tags: list<utf8>, "first name": dictionary<values: utf8, indices: int8>
//
// ELEA_EINVAL with line, column (in bytes, from 1), what is there and what was expected. Types
// nested deeper than 64: ELEA_ECAPACITY.
ELEA_API ELEA_CHECKED elea_status elea_type_parse(elea_pool *pool, elea_bytes text, elea_type **out,
                                                  elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_field_parse(elea_pool *pool, elea_bytes text,
                                                   elea_field **out, elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_schema_parse(elea_pool *pool, elea_bytes text,
                                                    elea_schema **out, elea_error *err);

// A schema as YAML, for configuration and review:
//
//     fields:
//     - name: id
//       type: int64
//       nullable: false
//     - name: tags
//       type: 'list<item: utf8>'
//       metadata:
//         unit: word
//     metadata:
//       origin: here
//
// Types are as elea_schema_format() writes them, metadata of children whole; `nullable` is true
// when it is not said. Metadata whose keys repeat is a list of maps. ELEA_EINVAL for texts that are
// not UTF-8; ELEA_EUNSUPPORTED without ELEA_WITH_YAML. Besides `text`'s pool, libyaml takes memory
// of its own from the C library.
ELEA_API ELEA_CHECKED elea_status elea_schema_format_yaml(const elea_schema *schema,
                                                          elea_text *text, elea_error *err);
// The way back, of one document. ELEA_EINVAL with line and column for what is no YAML, no schema,
// or holds anything but the keys above; aliases are refused.
ELEA_API ELEA_CHECKED elea_status elea_schema_parse_yaml(elea_pool *pool, elea_bytes text,
                                                         elea_schema **out, elea_error *err);

#ifdef __cplusplus
}
#endif

#endif // ELEA_COLUMNAR_TEXT_H

// SPDX-License-Identifier: Apache-2.0
//
// Folders for files that tests make.
#ifndef ELEA_TESTS_SUPPORT_SCRATCH_H
#define ELEA_TESTS_SUPPORT_SCRATCH_H

#include <stdint.h>

typedef struct elea_test_scratch {
    char folder[256];
    char path[512]; // what elea_test_scratch_path() gave last
} elea_test_scratch;

// Makes a new folder under $TMPDIR or /tmp. A failure fails the running cmocka test.
void elea_test_scratch_init(elea_test_scratch *scratch);
// Removes the folder and all that is in it.
void elea_test_scratch_release(elea_test_scratch *scratch);
// "folder/name"; valid until the next call.
const char *elea_test_scratch_path(elea_test_scratch *scratch, const char *name);
// How many files and folders are in the folder.
int elea_test_scratch_count(const elea_test_scratch *scratch);
// Makes or replaces a file with these bytes and gives its path, as above.
const char *elea_test_scratch_write(elea_test_scratch *scratch, const char *name, const void *data,
                                    int64_t size);

// A folder that a test finds made, for cmocka_unit_test_setup_teardown(): these make and remove it.
extern elea_test_scratch elea_test_folder;
int elea_test_folder_make(void **state);
int elea_test_folder_remove(void **state);

#endif // ELEA_TESTS_SUPPORT_SCRATCH_H

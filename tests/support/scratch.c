// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE // nftw

#include "support/scratch.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/cmocka_all.h"

static int remove_entry(const char *path, const struct stat *info, int flag, struct FTW *walk) {
    (void)info;
    (void)flag;
    (void)walk;
    return remove(path);
}

void elea_test_scratch_init(elea_test_scratch *scratch) {
    const char *parent = getenv("TMPDIR");
    snprintf(scratch->folder, sizeof scratch->folder, "%s/elea-test-XXXXXX",
             parent && *parent ? parent : "/tmp");
    assert_non_null(mkdtemp(scratch->folder));
}

void elea_test_scratch_release(elea_test_scratch *scratch) {
    assert_int_equal(nftw(scratch->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
}

const char *elea_test_scratch_path(elea_test_scratch *scratch, const char *name) {
    snprintf(scratch->path, sizeof scratch->path, "%s/%s", scratch->folder, name);
    return scratch->path;
}

int elea_test_scratch_count(const elea_test_scratch *scratch) {
    DIR *stream = opendir(scratch->folder);
    assert_non_null(stream);
    int count = 0;
    for (struct dirent *entry = readdir(stream); entry; entry = readdir(stream))
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(stream);
    return count;
}

const char *elea_test_scratch_write(elea_test_scratch *scratch, const char *name, const void *data,
                                    int64_t size) {
    const char *path = elea_test_scratch_path(scratch, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, (size_t)size, file), size);
    assert_int_equal(fclose(file), 0);
    return path;
}

elea_test_scratch elea_test_folder;

int elea_test_folder_make(void **state) {
    (void)state;
    elea_test_scratch_init(&elea_test_folder);
    return 0;
}

int elea_test_folder_remove(void **state) {
    (void)state;
    elea_test_scratch_release(&elea_test_folder);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "support/scratch.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/cmocka_all.h"

// Calls unlink() for each file when `remove`; gives how many there are.
static int walk(const char *folder, int remove_them) {
    DIR *stream = opendir(folder);
    assert_non_null(stream);
    int count = 0;
    for (struct dirent *entry = readdir(stream); entry; entry = readdir(stream)) {
        char path[600];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (remove_them)
            unlink(path);
        count++;
    }
    closedir(stream);
    return count;
}

void elea_test_scratch_init(elea_test_scratch *scratch) {
    const char *parent = getenv("TMPDIR");
    snprintf(scratch->folder, sizeof scratch->folder, "%s/elea-test-XXXXXX",
             parent && *parent ? parent : "/tmp");
    assert_non_null(mkdtemp(scratch->folder));
}

void elea_test_scratch_release(elea_test_scratch *scratch) {
    walk(scratch->folder, 1);
    assert_int_equal(rmdir(scratch->folder), 0);
}

const char *elea_test_scratch_path(elea_test_scratch *scratch, const char *name) {
    snprintf(scratch->path, sizeof scratch->path, "%s/%s", scratch->folder, name);
    return scratch->path;
}

int elea_test_scratch_count(const elea_test_scratch *scratch) { return walk(scratch->folder, 0); }

const char *elea_test_scratch_write(elea_test_scratch *scratch, const char *name, const void *data,
                                    int64_t size) {
    const char *path = elea_test_scratch_path(scratch, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, (size_t)size, file), size);
    assert_int_equal(fclose(file), 0);
    return path;
}

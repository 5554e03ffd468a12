// SPDX-License-Identifier: Apache-2.0
// Replays seeds through a fuzz target without libFuzzer: each argument is a file or a folder of
// files. Each seed is also replayed cut short at every eighth of its length. Reading no seed at all
// is a failure, so that an emptied corpus does not pass unseen.
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CUTS = 8, PATH_SIZE = 4096 };

static int replay_file(const char *path, size_t size) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return -1;
    }
    // A block of exactly the seed's size, so that AddressSanitizer sees one byte too many.
    uint8_t *data = malloc(size > 0 ? size : 1);
    const size_t got = data != NULL ? fread(data, 1, size, file) : 0;
    fclose(file);
    free(data != NULL && got != size ? data : NULL);
    if (data == NULL || got != size) {
        fprintf(stderr, "%s: read %zu of %zu bytes\n", path, got, size);
        return -1;
    }
    LLVMFuzzerTestOneInput(data, size);
    for (size_t cut = 0; cut < CUTS; ++cut) {
        const size_t length = size * cut / CUTS;
        uint8_t *part = malloc(length > 0 ? length : 1);
        if (part != NULL) {
            memcpy(part, data, length);
            LLVMFuzzerTestOneInput(part, length);
        }
        free(part);
    }
    free(data);
    return 1;
}

// Gives how many seeds ran, or -1.
static int replay_path(const char *path) {
    struct stat info;
    if (stat(path, &info) != 0) {
        perror(path);
        return -1;
    }
    if (!S_ISDIR(info.st_mode)) {
        return replay_file(path, (size_t)info.st_size);
    }
    DIR *folder = opendir(path);
    if (folder == NULL) {
        perror(path);
        return -1;
    }
    int count = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL && count >= 0;
         entry = readdir(folder)) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        char inner[PATH_SIZE];
        snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        const int ran = replay_path(inner);
        count = ran < 0 ? -1 : count + ran;
    }
    closedir(folder);
    return count;
}

int main(int argc, char **argv) {
    int count = 0;
    for (int i = 1; i < argc; ++i) {
        const int ran = replay_path(argv[i]);
        if (ran < 0) {
            return 1;
        }
        count += ran;
    }
    printf("%d seeds\n", count);
    return count > 0 ? 0 : 1;
}

// SPDX-License-Identifier: Apache-2.0
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "base/os_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

// Linux transfers at most 2^31 - 4096 bytes at a time; larger requests are cut to this.
#define TRANSFER_MAX ((int64_t)1 << 30)

static size_t transfer_size(int64_t size) {
    return (size_t)(size < TRANSFER_MAX ? size : TRANSFER_MAX);
}

void elea__os_error_text(int os_code, char *target, size_t size) {
    char scratch[128];
#if defined(__GLIBC__)
    const char *text = strerror_r(os_code, scratch, sizeof scratch);
#else
    const char *text =
        strerror_r(os_code, scratch, sizeof scratch) == 0 ? scratch : "unknown error";
#endif
    snprintf(target, size, "%s", text);
}

elea_status elea__os_open(const char *path, elea__os_open_mode mode, int *out, elea_error *err) {
    static const int flags[] = {
        [ELEA__OS_READ] = O_RDONLY,
        [ELEA__OS_READ_WRITE] = O_RDWR,
        [ELEA__OS_REPLACE] = O_WRONLY | O_CREAT | O_TRUNC,
        [ELEA__OS_REPLACE_READ_WRITE] = O_RDWR | O_CREAT | O_TRUNC,
        [ELEA__OS_CREATE] = O_WRONLY | O_CREAT | O_EXCL,
        [ELEA__OS_APPEND] = O_WRONLY | O_CREAT | O_APPEND,
        [ELEA__OS_LOCK] = O_RDWR | O_CREAT,
    };
    int file;
    do
        file = open(path, flags[mode] | O_CLOEXEC, 0666);
    while (file < 0 && errno == EINTR);
    if (file < 0)
        return elea_error_set_os(err, errno, "cannot open \"%s\"", path);
    *out = file;
    return ELEA_OK;
}

elea_status elea__os_close(int file, const char *path, elea_error *err) {
    // EINTR: Linux has closed the descriptor nevertheless; to try again would be wrong.
    if (file >= 0 && close(file) != 0 && errno != EINTR)
        return elea_error_set_os(err, errno, "cannot close \"%s\"", path);
    return ELEA_OK;
}

void elea__os_close_quietly(int file) {
    if (file >= 0)
        (void)close(file);
}

elea_status elea__os_read_at(int file, const char *path, int64_t offset, void *target, int64_t size,
                             int64_t *out_read, elea_error *err) {
    int64_t done = 0;
    while (done < size) {
        ssize_t part =
            pread(file, (char *)target + done, transfer_size(size - done), offset + done);
        if (part < 0 && errno == EINTR)
            continue;
        if (part < 0)
            return elea_error_set_os(err, errno, "cannot read \"%s\" at offset %lld", path,
                                     (long long)(offset + done));
        if (part == 0)
            break;
        done += part;
    }
    *out_read = done;
    return ELEA_OK;
}

elea_status elea__os_read_some(int file, const char *path, void *target, int64_t size,
                               int64_t *out_read, elea_error *err) {
    ssize_t part;
    do
        part = read(file, target, transfer_size(size));
    while (part < 0 && errno == EINTR);
    if (part < 0)
        return elea_error_set_os(err, errno, "cannot read \"%s\"", path);
    *out_read = part;
    return ELEA_OK;
}

elea_status elea__os_read(int file, const char *path, void *target, int64_t size, int64_t *out_read,
                          elea_error *err) {
    int64_t done = 0;
    while (done < size) {
        int64_t part;
        ELEA_TRY(elea__os_read_some(file, path, (char *)target + done, size - done, &part, err));
        if (part == 0)
            break;
        done += part;
    }
    *out_read = done;
    return ELEA_OK;
}

elea_status elea__os_write(int file, const char *path, const void *data, int64_t size,
                           elea_error *err) {
    int64_t done = 0;
    while (done < size) {
        ssize_t part = write(file, (const char *)data + done, transfer_size(size - done));
        if (part < 0 && errno == EINTR)
            continue;
        if (part < 0)
            return elea_error_set_os(err, errno, "cannot write %lld bytes to \"%s\"",
                                     (long long)size, path);
        done += part;
    }
    return ELEA_OK;
}

elea_status elea__os_write_parts(int file, const char *path, const elea_bytes *parts, int64_t count,
                                 elea_error *err) {
    struct iovec chunk[64];
    int64_t part = 0; // the first that is not wholly written, and how much of it is
    int64_t done = 0;
    while (part < count) {
        int filled = 0;
        int64_t total = 0;
        for (int64_t i = part; i < count && filled < 64 && total < TRANSFER_MAX; i++) {
            int64_t start = i == part ? done : 0;
            size_t size = transfer_size(parts[i].size - start);
            chunk[filled++] =
                (struct iovec){(void *)((uintptr_t)parts[i].data + (uintptr_t)start), size};
            total += (int64_t)size;
        }
        ssize_t written = writev(file, chunk, filled);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return elea_error_set_os(err, errno, "cannot write %lld bytes to \"%s\"",
                                     (long long)total, path);
        for (done += written; part < count && done >= parts[part].size; part++)
            done -= parts[part].size;
    }
    return ELEA_OK;
}

elea_status elea__os_send_parts(int file, const char *path, const elea_bytes *parts, int64_t count,
                                elea_error *err) {
    // The signal is kept from this thread for the call, and taken away if it came. Where it is
    // blocked already, what becomes of it is for those to say who blocked it.
    sigset_t broken_pipe, before;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    if (pthread_sigmask(SIG_BLOCK, &broken_pipe, &before) != 0 || sigismember(&before, SIGPIPE))
        return elea__os_write_parts(file, path, parts, count, err);
    elea_status status = elea__os_write_parts(file, path, parts, count, err);
    if (status != ELEA_OK) {
        const struct timespec at_once = {0};
        while (sigtimedwait(&broken_pipe, NULL, &at_once) < 0 && errno == EINTR)
            continue;
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

elea_status elea__os_write_at(int file, const char *path, int64_t offset, const void *data,
                              int64_t size, elea_error *err) {
    int64_t done = 0;
    while (done < size) {
        ssize_t part =
            pwrite(file, (const char *)data + done, transfer_size(size - done), offset + done);
        if (part < 0 && errno == EINTR)
            continue;
        if (part < 0)
            return elea_error_set_os(err, errno, "cannot write %lld bytes to \"%s\" at offset %lld",
                                     (long long)size, path, (long long)offset);
        done += part;
    }
    return ELEA_OK;
}

elea_status elea__os_seek(int file, const char *path, int64_t offset, elea_error *err) {
    if (lseek(file, offset, SEEK_SET) < 0)
        return elea_error_set_os(err, errno, "cannot go to offset %lld of \"%s\"",
                                 (long long)offset, path);
    return ELEA_OK;
}

elea_status elea__os_skip(int file, const char *path, int64_t size, int64_t *skipped,
                          elea_error *err) {
    int64_t end = 0;
    ELEA_TRY(elea__os_file_size(file, path, &end, err));
    int64_t begin = lseek(file, 0, SEEK_CUR);
    int64_t left = end > begin ? end - begin : 0;
    size = size < left ? size : left;
    if (begin < 0 || lseek(file, size, SEEK_CUR) < 0)
        return elea_error_set_os(err, errno, "cannot skip %lld bytes of \"%s\"", (long long)size,
                                 path);
    *skipped = size;
    return ELEA_OK;
}

elea_status elea__os_file_size(int file, const char *path, int64_t *out, elea_error *err) {
    struct stat info;
    if (fstat(file, &info) != 0)
        return elea_error_set_os(err, errno, "cannot get the size of \"%s\"", path);
    *out = info.st_size;
    return ELEA_OK;
}

elea_status elea__os_truncate(int file, const char *path, int64_t size, elea_error *err) {
    int result;
    do
        result = ftruncate(file, size);
    while (result != 0 && errno == EINTR);
    if (result != 0)
        return elea_error_set_os(err, errno, "cannot set the size of \"%s\" to %lld bytes", path,
                                 (long long)size);
    return ELEA_OK;
}

elea_status elea__os_allocate(int file, const char *path, int64_t size, elea_error *err) {
    int os_code;
    do
        os_code = size > 0 ? posix_fallocate(file, 0, size) : 0;
    while (os_code == EINTR);
    if (os_code != 0)
        return elea_error_set_os(err, os_code, "cannot make \"%s\" %lld bytes long", path,
                                 (long long)size);
    return ELEA_OK;
}

elea_status elea__os_sync(int file, const char *path, elea_error *err) {
    int result;
    do
        result = fsync(file);
    while (result != 0 && errno == EINTR);
    if (result != 0)
        return elea_error_set_os(err, errno, "cannot bring \"%s\" to the disk", path);
    return ELEA_OK;
}

elea_status elea__os_lock(int file, const char *path, bool exclusive, bool wait, bool *locked,
                          elea_error *err) {
    int operation = (exclusive ? LOCK_EX : LOCK_SH) | (wait ? 0 : LOCK_NB);
    int result;
    do
        result = flock(file, operation);
    while (result != 0 && errno == EINTR);
    if (result != 0 && errno != EWOULDBLOCK)
        return elea_error_set_os(err, errno, "cannot lock \"%s\"", path);
    *locked = result == 0;
    return ELEA_OK;
}

elea_status elea__os_unlock(int file, const char *path, elea_error *err) {
    if (flock(file, LOCK_UN) != 0)
        return elea_error_set_os(err, errno, "cannot unlock \"%s\"", path);
    return ELEA_OK;
}

static elea__os_stat_info stat_info_of(const struct stat *info) {
    return (elea__os_stat_info){
        .kind = S_ISREG(info->st_mode)   ? ELEA__OS_FILE
                : S_ISDIR(info->st_mode) ? ELEA__OS_DIRECTORY
                                         : ELEA__OS_OTHER,
        .size = info->st_size,
        .modified_ns = (int64_t)info->st_mtim.tv_sec * 1000000000 + info->st_mtim.tv_nsec,
    };
}

elea_status elea__os_stat_file(int file, const char *path, elea__os_stat_info *out,
                               elea_error *err) {
    struct stat info;
    if (fstat(file, &info) != 0)
        return elea_error_set_os(err, errno, "cannot look at \"%s\"", path);
    *out = stat_info_of(&info);
    return ELEA_OK;
}

elea_status elea__os_stat(const char *path, elea__os_stat_info *out, elea_error *err) {
    struct stat info;
    if (stat(path, &info) != 0) {
        if (errno != ENOENT)
            return elea_error_set_os(err, errno, "cannot look at \"%s\"", path);
        *out = (elea__os_stat_info){.kind = ELEA__OS_NONE};
        return ELEA_OK;
    }
    *out = stat_info_of(&info);
    return ELEA_OK;
}

elea_status elea__os_rename(const char *from, const char *to, elea_error *err) {
    if (rename(from, to) != 0)
        return elea_error_set_os(err, errno, "cannot rename \"%s\" to \"%s\"", from, to);
    return ELEA_OK;
}

elea_status elea__os_unlink(const char *path, elea_error *err) {
    if (unlink(path) != 0)
        return elea_error_set_os(err, errno, "cannot remove \"%s\"", path);
    return ELEA_OK;
}

elea_status elea__os_mkdir(const char *path, elea_error *err) {
    if (mkdir(path, 0777) != 0)
        return elea_error_set_os(err, errno, "cannot make the directory \"%s\"", path);
    return ELEA_OK;
}

elea_status elea__os_rmdir(const char *path, elea_error *err) {
    if (rmdir(path) != 0)
        return elea_error_set_os(err, errno, "cannot remove the directory \"%s\"", path);
    return ELEA_OK;
}

elea_status elea__os_sync_directory(const char *path, elea_error *err) {
    int directory;
    do
        directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (directory < 0 && errno == EINTR);
    if (directory < 0)
        return elea_error_set_os(err, errno, "cannot open the directory \"%s\"", path);
    elea_status status = elea__os_sync(directory, path, err);
    elea__os_close_quietly(directory);
    return status;
}

elea_status elea__os_list(const char *path,
                          elea_status (*visit)(void *context, const char *name, elea_error *err),
                          void *context, elea_error *err) {
    DIR *directory = opendir(path);
    if (directory == NULL)
        return elea_error_set_os(err, errno, "cannot open the directory \"%s\"", path);
    elea_status status = ELEA_OK;
    while (status == ELEA_OK) {
        errno = 0;
        struct dirent *entry = readdir(directory);
        if (entry == NULL) {
            if (errno != 0)
                status = elea_error_set_os(err, errno, "cannot read the directory \"%s\"", path);
            break;
        }
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            status = visit(context, entry->d_name, err);
    }
    closedir(directory);
    return status;
}

elea_status elea__os_map(int file, const char *path, int64_t size, const void **out,
                         elea_error *err) {
    static const char nothing[ELEA_ALIGNMENT] __attribute__((aligned(ELEA_ALIGNMENT)));
    if (size == 0) {
        *out = nothing;
        return ELEA_OK;
    }
    void *data = mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, file, 0);
    if (data == MAP_FAILED)
        return elea_error_set_os(err, errno, "cannot map %lld bytes of \"%s\"", (long long)size,
                                 path);
    *out = data;
    return ELEA_OK;
}

elea_status elea__os_map_writable(int file, const char *path, int64_t size, void **out,
                                  elea_error *err) {
    static char nothing[ELEA_ALIGNMENT] __attribute__((aligned(ELEA_ALIGNMENT)));
    void *data = nothing;
    if (size > 0)
        data = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (data == MAP_FAILED)
        return elea_error_set_os(err, errno, "cannot map %lld bytes of \"%s\"", (long long)size,
                                 path);
    *out = data;
    return ELEA_OK;
}

elea_status elea__os_sync_map(const void *data, const char *path, int64_t size, elea_error *err) {
    if (size > 0 && msync((void *)(uintptr_t)data, (size_t)size, MS_SYNC) != 0)
        return elea_error_set_os(err, errno, "cannot bring \"%s\" to the disk", path);
    return ELEA_OK;
}

void elea__os_unmap(const void *data, int64_t size) {
    if (data != NULL && size > 0)
        (void)munmap((void *)(uintptr_t)data, (size_t)size);
}

void elea__os_advise(const void *data, int64_t size, elea__os_advice advice) {
    static const int codes[] = {
        [ELEA__OS_NORMAL] = MADV_NORMAL,      [ELEA__OS_SEQUENTIAL] = MADV_SEQUENTIAL,
        [ELEA__OS_RANDOM] = MADV_RANDOM,      [ELEA__OS_WILL_NEED] = MADV_WILLNEED,
        [ELEA__OS_DONT_NEED] = MADV_DONTNEED,
    };
    if (size <= 0)
        return;
    // The system wants the start of a page.
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t begin = (uintptr_t)data & ~(page - 1);
    size_t whole = (size_t)size + ((uintptr_t)data - begin);
    (void)madvise((void *)begin, whole, codes[advice]);
}

void elea__os_advise_file(int file, int64_t offset, int64_t size, elea__os_advice advice) {
    static const int codes[] = {
        [ELEA__OS_NORMAL] = POSIX_FADV_NORMAL,      [ELEA__OS_SEQUENTIAL] = POSIX_FADV_SEQUENTIAL,
        [ELEA__OS_RANDOM] = POSIX_FADV_RANDOM,      [ELEA__OS_WILL_NEED] = POSIX_FADV_WILLNEED,
        [ELEA__OS_DONT_NEED] = POSIX_FADV_DONTNEED,
    };
    // A size of 0 would mean: to the end.
    if (size > 0)
        (void)posix_fadvise(file, offset, size, codes[advice]);
}

// Large pages where the system gives them: the first touch of fresh memory costs a fault a page,
// and with small ones that is most of the time of filling it.
static void ask_for_large_pages(void *pages, int64_t size) {
#if defined(MADV_HUGEPAGE)
    (void)madvise(pages, (size_t)size, MADV_HUGEPAGE);
#else
    (void)pages;
    (void)size;
#endif
}

void *elea__os_pages_new(int64_t size) {
    void *pages =
        mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        return NULL;
    ask_for_large_pages(pages, size);
    return pages;
}

// The thread sanitizer does not see pages move, and takes who gets the old address next for a
// racer.
#if defined(__linux__) && !defined(__SANITIZE_THREAD__)
#define PAGES_MOVE 1
#else
#define PAGES_MOVE 0
#endif

static void *copy_pages(const void *pages, int64_t size_old, int64_t size_new) {
    void *moved = elea__os_pages_new(size_new);
    if (moved != NULL)
        memcpy(moved, pages, (size_t)(size_old < size_new ? size_old : size_new));
    return moved;
}

void *elea__os_pages_resize(void *pages, int64_t size_old, int64_t size_new) {
#if PAGES_MOVE
    void *moved = mremap(pages, (size_t)size_old, (size_t)size_new, MREMAP_MAYMOVE);
    if (moved != MAP_FAILED) {
        ask_for_large_pages(moved, size_new);
        return moved;
    }
    // Not pages of one mapping, though they are side by side.
    if (errno != EFAULT)
        return NULL;
#endif
    void *moved_by_copy = copy_pages(pages, size_old, size_new);
    if (moved_by_copy != NULL)
        elea__os_pages_free(pages, size_old);
    return moved_by_copy;
}

void elea__os_pages_free(void *pages, int64_t size) { (void)munmap(pages, (size_t)size); }

void elea__os_pages_offer(void *pages, int64_t size) {
#if defined(MADV_FREE)
    (void)madvise(pages, (size_t)size, MADV_FREE);
#else
    (void)pages;
    (void)size;
#endif
}

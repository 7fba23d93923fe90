/* A disk that fails on command, for the tests in faults.rs: preloaded into `h5rest serve`.
 *
 * DISK_UNDER   Files below this folder are on the disk; all others are left alone.
 * DISK_FAULT   A file of lines `OPERATION ERRNO [SKIP]`: calls of this kind (write, grow, sync,
 *              fsync, read, create) fail with this number, after the first SKIP. `sync` is any of both
 *              calls, `fsync` the one that brings a file's times to the disk, too. It is read at each call, so
 *              that a test can change it. `grow` is any write to places that no sync has reached yet:
 *              a full disk lets what it holds already be overwritten. With `hold` a sync does not
 *              fail but waits, with a file beside this one whose name ends in `.held`, until the line is
 *              gone.
 * DISK_SHADOW  A folder for what would be there after a power cut: of each file the pages that a
 *              sync has reached. As on Linux, a sync that fails forgets which pages it was for: the
 *              next one does not write them, and they can be read until the power goes.
 *
 * Written for one process; removing and making files counts as durable at once.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 4096
#define MOST_FILES 65536

typedef struct {
    char path[1024];
    char shadow[1024];
    unsigned char *dirty; /* one byte for each page */
    size_t pages;
} File;

static File *open_files[MOST_FILES];
static File *files[MOST_FILES];
static size_t file_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int (*real_open)(const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);
static ssize_t (*real_read)(int, void *, size_t);
static ssize_t (*real_pread)(int, void *, size_t, off64_t);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off64_t);
static int (*real_unlink)(const char *);

static void find_real(void)
{
    if (real_open)
        return;
    *(void **)&real_close     = dlsym(RTLD_NEXT, "close");
    *(void **)&real_write     = dlsym(RTLD_NEXT, "write");
    *(void **)&real_pwrite    = dlsym(RTLD_NEXT, "pwrite64");
    *(void **)&real_read      = dlsym(RTLD_NEXT, "read");
    *(void **)&real_pread     = dlsym(RTLD_NEXT, "pread64");
    *(void **)&real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    *(void **)&real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    *(void **)&real_unlink    = dlsym(RTLD_NEXT, "unlink");
    *(void **)&real_open      = dlsym(RTLD_NEXT, "open64");
}

/* The error with which this operation fails now; 0 if it does not. */
static int fault(const char *operation)
{
    static struct { char line[64]; unsigned long seen; } counts[64];
    static size_t counted;
    const char *path = getenv("DISK_FAULT");
    char text[1024], *save = NULL;
    int file = path ? real_open(path, O_RDONLY) : -1;
    if (file < 0)
        return 0;
    ssize_t length = real_read(file, text, sizeof text - 1);
    real_close(file);
    text[length > 0 ? length : 0] = 0;
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        char name[16];
        int number = 0;
        unsigned long skip = 0, at = 0;
        if (sscanf(line, "%15s %d %lu", name, &number, &skip) < 2 || strcmp(name, operation))
            continue;
        while (at < counted && strcmp(counts[at].line, line))
            at++;
        if (at == counted && counted < 63)
            snprintf(counts[counted++].line, sizeof counts[0].line, "%s", line);
        if (counts[at].seen++ >= skip)
            return number;
    }
    return 0;
}

static File *file_of(int fd)
{
    return fd >= 0 && fd < MOST_FILES ? open_files[fd] : NULL;
}

static void mark(File *file, off64_t from, size_t length)
{
    size_t first = from / PAGE, end = (from + length + PAGE - 1) / PAGE;
    if (end > file->pages) {
        file->dirty = realloc(file->dirty, end);
        memset(file->dirty + file->pages, 0, end - file->pages);
        file->pages = end;
    }
    memset(file->dirty + first, 1, end - first);
}

/* Copies the pages from `from` up to `end` that are dirty, or all of them. */
static void harden(File *file, int from, int all)
{
    char page[PAGE];
    struct stat64 now;
    if (fstat64(from, &now) != 0)
        return;
    int to = real_open(file->shadow, O_RDWR | O_CREAT, 0600);
    size_t pages = (now.st_size + PAGE - 1) / PAGE;
    for (size_t at = 0; at < pages; at++) {
        if (!all && (at >= file->pages || !file->dirty[at]))
            continue;
        ssize_t length = real_pread(from, page, PAGE, (off64_t)at * PAGE);
        if (length <= 0 || real_pwrite(to, page, length, (off64_t)at * PAGE) != length)
            break;
    }
    real_ftruncate(to, now.st_size);
    real_close(to);
}

static int on_disk(const char *path)
{
    const char *under = getenv("DISK_UNDER");
    return under && strncmp(path, under, strlen(under)) == 0;
}

static void shadow_of(const char *path, char *shadow, size_t size)
{
    const char *rest = path + strlen(getenv("DISK_UNDER"));
    snprintf(shadow, size, "%s%s", getenv("DISK_SHADOW"), rest);
}

static File *known(const char *path)
{
    for (size_t at = 0; at < file_count; at++)
        if (files[at] && strcmp(files[at]->path, path) == 0)
            return files[at];
    return NULL;
}

static void track(int fd, const char *path)
{
    struct stat64 now;
    if (fd < 0 || fd >= MOST_FILES || fstat64(fd, &now) != 0 || !S_ISREG(now.st_mode))
        return;
    File *file = known(path);
    if (!file) {
        file = calloc(1, sizeof *file);
        snprintf(file->path, sizeof file->path, "%s", path);
        shadow_of(path, file->shadow, sizeof file->shadow);
        files[file_count++] = file;
        if (access(file->shadow, F_OK) != 0) {
            int readable = real_open(path, O_RDONLY);
            harden(file, readable, 1);
            real_close(readable);
        }
    }
    open_files[fd] = file;
}

int open64(const char *path, int flags, ...)
{
    mode_t mode = 0;
    if (flags & (O_CREAT | O_TMPFILE)) {
        va_list rest;
        va_start(rest, flags);
        mode = va_arg(rest, mode_t);
        va_end(rest);
    }
    find_real();
    if (!on_disk(path))
        return real_open(path, flags, mode);
    pthread_mutex_lock(&lock);
    int error = flags & O_CREAT && access(path, F_OK) != 0 ? fault("create") : 0;
    int fd = error ? -1 : real_open(path, flags, mode);
    int kept = error ? error : errno;
    track(fd, path);
    pthread_mutex_unlock(&lock);
    errno = kept;
    return fd;
}

int open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    if (flags & (O_CREAT | O_TMPFILE)) {
        va_list rest;
        va_start(rest, flags);
        mode = va_arg(rest, mode_t);
        va_end(rest);
    }
    return open64(path, flags, mode);
}

int close(int fd)
{
    find_real();
    if (file_of(fd)) {
        pthread_mutex_lock(&lock);
        open_files[fd] = NULL;
        pthread_mutex_unlock(&lock);
    }
    return real_close(fd);
}

/* Whether all of these bytes lie where the shadow has room already. */
static int has_room(File *file, off64_t at, size_t length)
{
    struct stat64 durable;
    return stat64(file->shadow, &durable) == 0 && at + (off64_t)length <= durable.st_size;
}

static ssize_t write_at(int fd, const void *from, size_t length, off64_t at)
{
    File *file = file_of(fd);
    pthread_mutex_lock(&lock);
    int error = fault("write");
    if (!error && !has_room(file, at, length))
        error = fault("grow");
    ssize_t written = error ? -1 : real_pwrite(fd, from, length, at);
    int kept = error ? error : errno;
    if (written > 0)
        mark(file, at, written);
    pthread_mutex_unlock(&lock);
    errno = kept;
    return written;
}

ssize_t pwrite64(int fd, const void *from, size_t length, off64_t at)
{
    find_real();
    return file_of(fd) ? write_at(fd, from, length, at) : real_pwrite(fd, from, length, at);
}

ssize_t pwrite(int fd, const void *from, size_t length, off_t at)
{
    return pwrite64(fd, from, length, at);
}

ssize_t write(int fd, const void *from, size_t length)
{
    find_real();
    if (!file_of(fd))
        return real_write(fd, from, length);
    off64_t at = lseek64(fd, 0, SEEK_CUR);
    ssize_t written = write_at(fd, from, length, at);
    if (written > 0)
        lseek64(fd, at + written, SEEK_SET);
    return written;
}

static ssize_t refuse_read(void)
{
    pthread_mutex_lock(&lock);
    int error = fault("read");
    pthread_mutex_unlock(&lock);
    errno = error;
    return error;
}

ssize_t pread64(int fd, void *to, size_t length, off64_t at)
{
    find_real();
    return file_of(fd) && refuse_read() ? -1 : real_pread(fd, to, length, at);
}

ssize_t pread(int fd, void *to, size_t length, off_t at)
{
    return pread64(fd, to, length, at);
}

ssize_t read(int fd, void *to, size_t length)
{
    find_real();
    return file_of(fd) && refuse_read() ? -1 : real_read(fd, to, length);
}

static void wait_if_held(void)
{
    char name[1024];
    int told = 0;
    pthread_mutex_lock(&lock);
    while (fault("hold")) {
        if (!told++) {
            snprintf(name, sizeof name, "%s.held", getenv("DISK_FAULT"));
            real_close(real_open(name, O_WRONLY | O_CREAT, 0600));
        }
        pthread_mutex_unlock(&lock);
        usleep(1000);
        pthread_mutex_lock(&lock);
    }
    pthread_mutex_unlock(&lock);
}

int fdatasync(int fd)
{
    find_real();
    File *file = file_of(fd);
    if (!file)
        return real_fdatasync(fd);
    wait_if_held();
    pthread_mutex_lock(&lock);
    int error = fault("sync");
    if (!error) {
        int readable = real_open(file->path, O_RDONLY);
        harden(file, readable, 0);
        real_close(readable);
    }
    if (file->dirty)
        memset(file->dirty, 0, file->pages);
    pthread_mutex_unlock(&lock);
    errno = error;
    return error ? -1 : 0;
}

int fsync(int fd)
{
    find_real();
    pthread_mutex_lock(&lock);
    int error = file_of(fd) ? fault("fsync") : 0;
    pthread_mutex_unlock(&lock);
    if (error) {
        errno = error;
        return -1;
    }
    return fdatasync(fd);
}

int ftruncate64(int fd, off64_t length)
{
    find_real();
    File *file = file_of(fd);
    if (!file)
        return real_ftruncate(fd, length);
    pthread_mutex_lock(&lock);
    int error = fault("write");
    int outcome = error ? -1 : real_ftruncate(fd, length);
    int kept = error ? error : errno;
    pthread_mutex_unlock(&lock);
    errno = kept;
    return outcome;
}

int ftruncate(int fd, off_t length)
{
    return ftruncate64(fd, length);
}

int unlink(const char *path)
{
    find_real();
    if (!on_disk(path))
        return real_unlink(path);
    pthread_mutex_lock(&lock);
    File *file = known(path);
    int outcome = real_unlink(path);
    if (outcome == 0 && file) {
        real_unlink(file->shadow);
        for (size_t at = 0; at < file_count; at++)
            if (files[at] == file)
                files[at] = NULL;
    }
    pthread_mutex_unlock(&lock);
    return outcome;
}

/*
 * Keeps beside a folder what a power loss would leave of it: file contents as of their last fsync, and names as of the
 * last fsync of their directory. kill -9 alone leaves the page cache intact and therefore proves little.
 *
 * Preloaded into the process under test (LD_PRELOAD). UNSYNCED_ROOT is the folder watched, UNSYNCED_SHADOW the folder
 * written: `data/<id>` holds a file's synced bytes, `names/<directory id>` one line "<f|d> <id> <name>" per entry.
 * After the kill the harness rebuilds the folder from the shadow. Ids, not inode numbers, name files, since a file
 * system gives the inode of a deleted file to the next one.
 *
 * Model (POSIX, deliberately harsher than ext4): writes, truncation, creation, renaming and deletion count only after
 * the fsync of the file or directory concerned. sync_file_range and O_SYNC-less writes promise nothing.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define BUCKETS 4096

struct file {
    ino_t inode;
    long id;
    off_t dirty_from; /* lowest byte written since the last sync; -1 for none */
    struct file *next;
};

static struct file *table[BUCKETS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char root[PATH_MAX], shadow[PATH_MAX];
static size_t root_length;
static long next_id = 1;

static int (*real_open)(const char *, int, ...);
static int (*real_openat)(int, const char *, int, ...);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_pwritev)(int, const struct iovec *, int, off_t);
static int (*real_ftruncate)(int, off_t);

static struct file *entry(ino_t inode) {
    for (struct file *f = table[inode % BUCKETS]; f; f = f->next)
        if (f->inode == inode) return f;
    struct file *f = calloc(1, sizeof *f);
    f->inode = inode;
    f->id = next_id++;
    f->dirty_from = -1;
    f->next = table[inode % BUCKETS];
    table[inode % BUCKETS] = f;
    return f;
}

/* True if the descriptor is a regular file or a directory below the root. */
static int watched(int fd, struct stat *st) {
    char link[64], path[PATH_MAX];
    if (!root_length || fstat(fd, st) != 0 || !(S_ISREG(st->st_mode) || S_ISDIR(st->st_mode))) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0) return 0;
    path[n] = 0;
    return strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || path[root_length] == 0);
}

static void copy_from(int fd, struct file *f, off_t from, off_t size) {
    char path[PATH_MAX + 32], buffer[65536];
    snprintf(path, sizeof path, "%s/data/%ld", shadow, f->id);
    int out = real_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (out < 0) { perror("unsynced: shadow"); abort(); }
    struct stat have;
    fstat(out, &have);
    if (from < 0 || from > have.st_size) from = have.st_size;
    while (from < size) {
        ssize_t n = pread(fd, buffer, sizeof buffer, from);
        if (n <= 0) break;
        if (real_pwrite(out, buffer, n, from) != n) { perror("unsynced: shadow"); abort(); }
        from += n;
    }
    if (have.st_size > size && real_ftruncate(out, size) != 0) abort();
    close(out);
}

static void keep_file(int fd, const struct stat *st) {
    struct file *f = entry(st->st_ino);
    off_t from = f->dirty_from;
    f->dirty_from = -1;
    /* The descriptor may be write-only: read through a second one. */
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    int in = real_open(link, O_RDONLY | O_CLOEXEC);
    if (in < 0) return;
    copy_from(in, f, from, st->st_size);
    close(in);
}

static void keep_names(const char *directory, ino_t inode) {
    char path[PATH_MAX + 64], final[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/names/tmp-%ld", shadow, entry(inode)->id);
    snprintf(final, sizeof final, "%s/names/%ld", shadow, entry(inode)->id);
    FILE *out = fopen(path, "w");
    DIR *d = opendir(directory);
    if (!out || !d) { perror("unsynced: names"); abort(); }
    struct dirent *e;
    while ((e = readdir(d))) {
        struct stat st;
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") || fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW)) continue;
        if (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
            fprintf(out, "%c %ld %s\n", S_ISDIR(st.st_mode) ? 'd' : 'f', entry(st.st_ino)->id, e->d_name);
    }
    closedir(d);
    fclose(out);
    rename(path, final);
}

/* What is there at the start is what an earlier crash left: all of it counts as synced. */
static void keep_all(const char *directory) {
    struct stat st;
    DIR *d = opendir(directory);
    if (!d || fstat(dirfd(d), &st)) return;
    keep_names(directory, st.st_ino);
    struct dirent *e;
    while ((e = readdir(d))) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")) continue;
        char path[PATH_MAX + 256];
        snprintf(path, sizeof path, "%s/%s", directory, e->d_name);
        if (lstat(path, &st)) continue;
        if (S_ISDIR(st.st_mode)) keep_all(path);
        if (!S_ISREG(st.st_mode)) continue;
        int fd = real_open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0) continue;
        copy_from(fd, entry(st.st_ino), 0, st.st_size);
        close(fd);
    }
    closedir(d);
}

__attribute__((constructor)) static void start(void) {
    real_open = dlsym(RTLD_NEXT, "open64");
    real_openat = dlsym(RTLD_NEXT, "openat64");
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_writev = dlsym(RTLD_NEXT, "writev");
    real_pwritev = dlsym(RTLD_NEXT, "pwritev64");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    const char *r = getenv("UNSYNCED_ROOT"), *s = getenv("UNSYNCED_SHADOW");
    if (!r || !s || !realpath(r, root)) return;
    snprintf(shadow, sizeof shadow, "%s", s);
    char path[PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/data", shadow);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/names", shadow);
    mkdir(path, 0700);
    struct stat st;
    stat(root, &st);
    entry(st.st_ino); /* the root is id 1 */
    keep_all(root);
    root_length = strlen(root);
}

static void opened(int fd, int flags) {
    struct stat st;
    if (fd < 0 || !(flags & (O_CREAT | O_TRUNC)) || !watched(fd, &st) || st.st_size != 0) return;
    pthread_mutex_lock(&lock);
    struct file *f = entry(st.st_ino);
    /* Created, not truncated: the inode may have belonged to a deleted file. One name and no bytes tells them apart well
       enough, since the store never truncates a file it keeps to nothing. */
    if (flags & O_CREAT) f->id = next_id++;
    f->dirty_from = 0;
    pthread_mutex_unlock(&lock);
}

static void wrote(int fd, off_t at) {
    struct stat st;
    if (!watched(fd, &st)) return;
    pthread_mutex_lock(&lock);
    struct file *f = entry(st.st_ino);
    if (f->dirty_from < 0 || at < f->dirty_from) f->dirty_from = at;
    pthread_mutex_unlock(&lock);
}

static off_t place(int fd, ssize_t n) {
    off_t now = lseek(fd, 0, SEEK_CUR);
    return now >= n ? now - n : 0;
}

#define MODE_OF(flags, mode) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | __O_TMPFILE)) { va_list list; va_start(list, flags); mode = va_arg(list, mode_t); va_end(list); }

int open(const char *p, int flags, ...) { MODE_OF(flags, mode) int fd = real_open(p, flags, mode); opened(fd, flags); return fd; }
int open64(const char *p, int flags, ...) { MODE_OF(flags, mode) int fd = real_open(p, flags, mode); opened(fd, flags); return fd; }
int openat(int d, const char *p, int flags, ...) { MODE_OF(flags, mode) int fd = real_openat(d, p, flags, mode); opened(fd, flags); return fd; }
int openat64(int d, const char *p, int flags, ...) { MODE_OF(flags, mode) int fd = real_openat(d, p, flags, mode); opened(fd, flags); return fd; }

ssize_t write(int fd, const void *b, size_t n) {
    ssize_t r = real_write ? real_write(fd, b, n) : ((ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write"))(fd, b, n);
    if (r > 0 && root_length) wrote(fd, place(fd, r));
    return r;
}
ssize_t writev(int fd, const struct iovec *v, int c) { ssize_t r = real_writev(fd, v, c); if (r > 0) wrote(fd, place(fd, r)); return r; }
ssize_t pwrite(int fd, const void *b, size_t n, off_t at) { ssize_t r = real_pwrite(fd, b, n, at); if (r > 0) wrote(fd, at); return r; }
ssize_t pwrite64(int fd, const void *b, size_t n, off_t at) { ssize_t r = real_pwrite(fd, b, n, at); if (r > 0) wrote(fd, at); return r; }
ssize_t pwritev(int fd, const struct iovec *v, int c, off_t at) { ssize_t r = real_pwritev(fd, v, c, at); if (r > 0) wrote(fd, at); return r; }
ssize_t pwritev64(int fd, const struct iovec *v, int c, off_t at) { ssize_t r = real_pwritev(fd, v, c, at); if (r > 0) wrote(fd, at); return r; }
int ftruncate(int fd, off_t n) { int r = real_ftruncate(fd, n); if (!r) wrote(fd, n); return r; }
int ftruncate64(int fd, off_t n) { int r = real_ftruncate(fd, n); if (!r) wrote(fd, n); return r; }

static int synced(int fd) {
    struct stat st;
    if (!watched(fd, &st)) return 0;
    pthread_mutex_lock(&lock);
    if (S_ISDIR(st.st_mode)) {
        char link[64], path[PATH_MAX];
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t n = readlink(link, path, sizeof path - 1);
        path[n < 0 ? 0 : n] = 0;
        keep_names(path, st.st_ino);
    } else {
        keep_file(fd, &st);
    }
    pthread_mutex_unlock(&lock);
    return 0;
}

/* The disk itself is left out of it: the shadow is the disk. */
int fsync(int fd) { return synced(fd); }
int fdatasync(int fd) { return synced(fd); }

#include "os/ledger.h"

#include "base/log.h"
#include "os/store.h"
#include "os/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK 16384u
#define OLD   ".old"

static enum err path_of(const struct ledger *l, const char *suffix, char *ret, size_t cap)
{
    char name[NAME_MAX];
    int n = snprintf(name, sizeof name, "%s%s", l->name, suffix);
    return n > 0 && (size_t)n < sizeof name ? store_path(STORE_STATE, name, ret, cap)
                                            : ERR_TOO_LARGE;
}

static int open_private(const char *path, int flags)
{
    struct stat st;
    /* Non-blocking: a fifo in its place must not hold us. */
    int fd = open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
                    (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)) {
        close(fd);
        fd = -1;
        errno = EACCES;
    }
    return fd;
}

/* The file may have been renamed between open and lock: then it is the old one. */
static int open_locked(const char *path)
{
    for (int round = 0; round < 8; round++) {
        struct stat ours, there;
        int fd = open_private(path, O_RDWR | O_APPEND | O_CREAT);
        if (fd < 0 || (flock(fd, LOCK_EX) == 0 && fstat(fd, &ours) == 0 &&
                       stat(path, &there) == 0 && ours.st_ino == there.st_ino)) {
            return fd;
        }
        close(fd);
    }
    return -1;
}

/* The last line, and whether it has its end. */
static enum err read_last(int fd, const struct ledger *l, struct buf *ret, bool *ret_ended)
{
    uint8_t block[BLOCK];
    off_t size = lseek(fd, 0, SEEK_END);
    off_t most = (off_t)l->max_line + 1;
    off_t from = size > most ? size - most : 0;
    enum err e = ERR_OK;
    while (e == ERR_OK && from < size) {
        ssize_t n = pread(fd, block, sizeof block, from);
        if (n <= 0) {
            return ERR_CLOSED;
        }
        from += n;
        e = buf_append(ret, span_of(block, (size_t)n));
    }
    struct span all = buf_span(ret);
    *ret_ended = all.len == 0 || all.at[all.len - 1] == '\n';
    all.len -= all.len > 0 && *ret_ended ? 1 : 0;
    size_t start = all.len;
    while (start > 0 && all.at[start - 1] != '\n') {
        start--;
    }
    if (e == ERR_OK) {
        buf_truncate(ret, all.len);
        buf_consume(ret, start);
    }
    return e;
}

/* A new file goes on from the old one. */
static enum err read_last_of_both(int fd, const char *old, const struct ledger *l, struct buf *ret,
                                  bool *ret_ended)
{
    enum err e = read_last(fd, l, ret, ret_ended);
    bool ignored;
    int old_fd = e == ERR_OK && ret->len == 0 ? open_private(old, O_RDONLY) : -1;
    if (old_fd >= 0) {
        e = read_last(old_fd, l, ret, &ignored);
        close(old_fd);
    }
    return e;
}

static enum err append(int fd, const char *old, const struct ledger *l, ledger_make make,
                       void *user)
{
    struct buf last, line;
    bool ended = true;
    buf_init(&last, l->max_line + 1 + BLOCK);
    buf_init(&line, l->max_line + 2);
    enum err e = read_last_of_both(fd, old, l, &last, &ended);
    if (e == ERR_OK && !ended) {
        e = buf_append_u8(&line, '\n'); /* of a line that was cut off */
    }
    if (e == ERR_OK) {
        e = make(user, buf_span(&last), &line);
    }
    if (e == ERR_OK) {
        e = buf_append_u8(&line, '\n');
    }
    if (e == ERR_OK) {
        e = stream_write(fd, buf_span(&line));
    }
    buf_clear(&last);
    buf_clear(&line);
    return e;
}

enum err ledger_append(const struct ledger *l, ledger_make make, void *user)
{
    char path[PATH_MAX], old[PATH_MAX];
    enum err e = path_of(l, "", path, sizeof path);
    if (e == ERR_OK) {
        e = path_of(l, OLD, old, sizeof old);
    }
    if (e != ERR_OK) {
        return e;
    }
    int fd = open_locked(path);
    if (fd < 0) {
        log_line(LOG_WARN, "%s: %s", path, strerror(errno));
        return ERR_CLOSED;
    }
    e = append(fd, old, l, make, user);
    if (e == ERR_OK && lseek(fd, 0, SEEK_END) > (off_t)l->max_file && rename(path, old) != 0) {
        log_line(LOG_WARN, "%s: %s", path, strerror(errno));
    }
    close(fd);
    return e;
}

/* False: enough. */
static bool give_lines(struct buf *pending, bool at_end, const struct ledger *l, ledger_each each,
                       void *user)
{
    struct span all = buf_span(pending);
    size_t from = 0;
    bool more = true;
    for (size_t i = 0; more && i < all.len; i++) {
        bool ends = all.at[i] == '\n';
        if (ends || i - from == l->max_line) {
            more = each(user, span_sub(all, from, i - from));
            from = ends ? i + 1 : i;
        }
    }
    if (more && at_end && from < all.len) {
        more = each(user, span_sub(all, from, all.len));
        from = all.len;
    }
    buf_consume(pending, from);
    return more;
}

static enum err read_file(const char *path, const struct ledger *l, ledger_each each, void *user,
                          bool *more)
{
    struct buf pending;
    uint8_t block[BLOCK];
    int fd = open_private(path, O_RDONLY);
    if (fd < 0) {
        return ERR_CLOSED;
    }
    buf_init(&pending, l->max_line + 1 + BLOCK);
    enum err e = ERR_OK;
    while (e == ERR_OK && *more) {
        size_t len = sizeof block;
        e = stream_read(fd, block, &len);
        bool at_end = e == ERR_CLOSED;
        e = e == ERR_OK ? buf_append(&pending, span_of(block, len)) : e;
        *more = (e == ERR_OK || at_end) && give_lines(&pending, at_end, l, each, user);
    }
    close(fd);
    buf_clear(&pending);
    return e == ERR_CLOSED ? ERR_OK : e;
}

enum err ledger_read(const struct ledger *l, ledger_each each, void *user)
{
    char path[PATH_MAX], old[PATH_MAX];
    bool more = true;
    enum err e = path_of(l, "", path, sizeof path);
    if (e == ERR_OK) {
        e = path_of(l, OLD, old, sizeof old);
    }
    if (e != ERR_OK) {
        return e;
    }
    enum err before = read_file(old, l, each, user, &more);
    e = more ? read_file(path, l, each, user, &more) : ERR_OK;
    return before == ERR_OK && e == ERR_CLOSED ? ERR_OK : e;
}

void ledger_remove(const struct ledger *l)
{
    static const char *const suffixes[] = {"", OLD};
    char path[PATH_MAX];
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        if (path_of(l, suffixes[i], path, sizeof path) == ERR_OK) {
            unlink(path);
        }
    }
}

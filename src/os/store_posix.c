#include "os/store.h"

#include "base/log.h"
#include "os/paths.h"
#include "os/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK 4096u

static enum err path_of(enum store_place place, char *ret, size_t cap, const char *name,
                        const char *suffix)
{
    enum err e = place == STORE_STATE ? paths_state(ret, cap) : paths_runtime(ret, cap);
    if (e != ERR_OK) {
        return e;
    }
    size_t len = strlen(ret);
    int n = snprintf(ret + len, cap - len, "/%s%s", name, suffix);
    return n > 0 && (size_t)n < cap - len ? ERR_OK : ERR_TOO_LARGE;
}

static bool is_private(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
           (st.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

static enum err read_all(int fd, struct buf *out)
{
    enum err e = ERR_OK;
    while (e == ERR_OK) {
        uint8_t block[BLOCK];
        size_t len = sizeof block;
        e = stream_read(fd, block, &len);
        if (e == ERR_OK) {
            e = buf_append(out, span_of(block, len));
        }
    }
    return e == ERR_CLOSED ? ERR_OK : e; /* the end of the file */
}

enum err store_path(enum store_place place, const char *name, char *ret, size_t cap)
{
    return path_of(place, ret, cap, name, "");
}

enum err store_read(enum store_place place, const char *name, struct buf *out)
{
    char path[PATH_MAX];
    enum err e = path_of(place, path, sizeof path, name, "");
    if (e != ERR_OK) {
        return e;
    }
    /* Non-blocking: a fifo in its place must not hold us. */
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return ERR_CLOSED;
    }
    e = is_private(fd) ? read_all(fd, out) : ERR_CLOSED;
    close(fd);
    return e;
}

enum err store_replace(enum store_place place, const char *name, struct span bytes)
{
    char path[PATH_MAX], fresh[PATH_MAX];
    enum err e = path_of(place, path, sizeof path, name, "");
    if (e == ERR_OK) {
        e = path_of(place, fresh, sizeof fresh, name, ".XXXXXX");
    }
    if (e != ERR_OK) {
        return e;
    }
    int fd = mkostemp(fresh, O_CLOEXEC); /* mode 0600 */
    if (fd < 0) {
        log_line(LOG_INFO, "%s: %s", fresh, strerror(errno));
        return ERR_CLOSED;
    }
    e = stream_write(fd, bytes);
    if (close(fd) != 0 || e != ERR_OK || rename(fresh, path) != 0) {
        log_line(LOG_INFO, "%s: %s", path, strerror(errno));
        unlink(fresh);
        e = ERR_CLOSED;
    }
    return e;
}

void store_remove(enum store_place place, const char *name)
{
    char path[PATH_MAX];
    if (path_of(place, path, sizeof path, name, "") == ERR_OK) {
        unlink(path);
    }
}

uint64_t store_stamp(enum store_place place, const char *name)
{
    char path[PATH_MAX];
    struct stat st;
    if (path_of(place, path, sizeof path, name, "") != ERR_OK || lstat(path, &st) != 0) {
        return 0;
    }
    return (uint64_t)st.st_ino ^ (uint64_t)st.st_mtim.tv_sec << 20 ^
           (uint64_t)st.st_mtim.tv_nsec << 1 ^ 1;
}

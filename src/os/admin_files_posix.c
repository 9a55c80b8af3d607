#include "os/admin_files.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "os/stream.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_trusted(const struct stat *st)
{
    return st->st_uid == 0 && (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static enum err read_all(int fd, struct buf *out)
{
    enum err e = ERR_OK;
    while (e == ERR_OK) {
        uint8_t block[1024];
        size_t len = sizeof block;
        e = stream_read(fd, block, &len);
        if (e == ERR_OK) {
            e = buf_append(out, span_of(block, len));
        }
    }
    return e == ERR_CLOSED ? ERR_OK : e; /* the end of the file */
}

static enum err read_trusted(int folder, const char *name, struct buf *out)
{
    struct stat st;
    /* Non-blocking: a fifo in its place must not hold us. */
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return ERR_CLOSED;
    }
    bool good = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && is_trusted(&st);
    enum err e = good ? read_all(fd, out) : ERR_CLOSED;
    close(fd);
    return e;
}

static bool has_suffix(const char *name, const char *suffix)
{
    size_t len = strlen(name), tail = strlen(suffix);
    return len > tail && name[0] != '.' && strcmp(name + len - tail, suffix) == 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Takes `folder`. Names are the caller's to free. False when there are more of them. */
static bool list(int folder, const char *suffix, char **ret_names, size_t *ret_n)
{
    DIR *dir = fdopendir(folder);
    size_t n = 0;
    bool all = true;
    struct dirent *entry;
    if (dir == NULL) {
        close(folder);
        return false;
    }
    while ((entry = readdir(dir)) != NULL) {
        if (!has_suffix(entry->d_name, suffix)) {
            continue;
        }
        if (n == LIMIT_ADMIN_FILES) {
            log_line(LOG_WARN, "%s: one file too many", entry->d_name);
            all = false;
        } else if ((ret_names[n] = strdup(entry->d_name)) != NULL) {
            n++;
        }
    }
    closedir(dir);
    qsort(ret_names, n, sizeof ret_names[0], compare_names);
    *ret_n = n;
    return all;
}

bool admin_files_each(const char *folder, const char *suffix, admin_file_use use, void *user)
{
    char *names[LIMIT_ADMIN_FILES];
    struct stat st;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return true;
    }
    if (fstat(fd, &st) != 0 || !is_trusted(&st)) {
        log_line(LOG_WARN, "%s: others than root may write to it, so it is not read", folder);
        close(fd);
        return false;
    }
    int listing = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    size_t n = 0;
    bool all = listing >= 0 && list(listing, suffix, names, &n);
    bool go_on = true;
    for (size_t i = 0; i < n; i++) {
        struct buf content;
        buf_init(&content, LIMIT_ADMIN_FILE);
        enum err e = go_on ? read_trusted(fd, names[i], &content) : ERR_OK;
        if (e != ERR_OK) {
            log_line(LOG_WARN, "%s/%s: not read (%s)", folder, names[i], err_name(e));
            all = false;
        } else if (go_on) {
            go_on = use(user, names[i], buf_span(&content));
        }
        buf_clear(&content);
        free(names[i]);
    }
    close(fd);
    return all;
}

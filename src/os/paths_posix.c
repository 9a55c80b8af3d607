#include "os/paths.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PRODUCT "korttisilta"

/* Copies a formatted path; the length is what snprintf said. */
static enum err fits(int len, size_t cap)
{
    return len > 0 && (size_t)len < cap ? ERR_OK : ERR_TOO_LARGE;
}

/* Through one descriptor, so that what was judged is what stands there; a symbolic link is refused.
 */
static enum err folder_check(const char *path)
{
    struct stat st;
    enum err e = ERR_AGENT_DOWN;
    int fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        log_line(LOG_ERROR, "%s: %s", path, strerror(errno));
        return e;
    }
    if (fstat(fd, &st) != 0 || st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        log_line(LOG_ERROR, "%s belongs to another user or can be written by others", path);
    } else {
        e = ERR_OK;
    }
    close(fd);
    return e;
}

static enum err folder_make(const char *path)
{
    if (mkdir(path, S_IRWXU) != 0 && errno != EEXIST) {
        log_line(LOG_ERROR, "%s: %s", path, strerror(errno));
        return ERR_AGENT_DOWN;
    }
    return folder_check(path);
}

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

enum err paths_in_home(const char *const parts[], char *ret, size_t cap)
{
    const char *home = getenv("HOME");
    char path[PATH_MAX];
    if (home == NULL || home[0] != '/') {
        log_line(LOG_ERROR, "HOME is not set");
        return ERR_AGENT_DOWN;
    }
    enum err e = fits(snprintf(path, sizeof path, "%s", home), sizeof path);
    for (size_t i = 0; e == ERR_OK && parts[i] != NULL; i++) {
        size_t len = strlen(path);
        e = fits(snprintf(path + len, sizeof path - len, "%s", parts[i]), sizeof path - len);
        if (e == ERR_OK) {
            e = folder_make(path);
        }
    }
    return e == ERR_OK ? fits(snprintf(ret, cap, "%s", path), cap) : e;
}

enum err paths_runtime(char *ret, size_t cap)
{
    /* For sessions that no login manager has opened. */
    static const char *const parts[] = {"/.cache", ("/" PRODUCT), "/run", NULL};
    char base[PATH_MAX], path[PATH_MAX];
    const char *given = getenv("XDG_RUNTIME_DIR");
    /* XDG Base Directory Specification: a relative path is to be ignored. */
    if (given == NULL || given[0] != '/') {
        snprintf(base, sizeof base, "/run/user/%lu", (unsigned long)geteuid());
        given = base;
    }
    if (!is_folder(given)) {
        return paths_in_home(parts, ret, cap);
    }
    enum err e = fits(snprintf(path, sizeof path, "%s/" PRODUCT, given), sizeof path);
    if (e == ERR_OK) {
        e = folder_make(path);
    }
    return e == ERR_OK ? fits(snprintf(ret, cap, "%s", path), cap) : e;
}

enum err paths_state(char *ret, size_t cap)
{
    static const char *const parts[] = {"/.local", "/state", ("/" PRODUCT), NULL};
    char path[PATH_MAX];
    const char *given = getenv("XDG_STATE_HOME");
    if (given == NULL || given[0] != '/' || !is_folder(given)) {
        return paths_in_home(parts, ret, cap);
    }
    enum err e = fits(snprintf(path, sizeof path, "%s/" PRODUCT, given), sizeof path);
    if (e == ERR_OK) {
        e = folder_make(path);
    }
    return e == ERR_OK ? fits(snprintf(ret, cap, "%s", path), cap) : e;
}

/* Folder of the running program. An upgrade adds " (deleted)" to the name of the program only. */
static enum err program_folder(char *ret, size_t cap)
{
    ssize_t len = readlink("/proc/self/exe", ret, cap);
    if (len <= 0 || (size_t)len >= cap) {
        return ERR_TOO_LARGE;
    }
    ret[len] = '\0';
    char *slash = strrchr(ret, '/');
    if (slash == NULL) {
        return ERR_AGENT_DOWN;
    }
    *slash = '\0';
    return ERR_OK;
}

enum err paths_sibling(const char *program, char *ret, size_t cap)
{
    char folder[PATH_MAX];
    enum err e = program_folder(folder, sizeof folder);
    return e == ERR_OK ? fits(snprintf(ret, cap, "%s/%s", folder, program), cap) : e;
}

enum err paths_locale(char *ret, size_t cap)
{
    static const char *const from_program[] = {"/../share/locale", "/../../share/locale"};
    char folder[PATH_MAX];
    enum err e = program_folder(folder, sizeof folder);
    for (size_t i = 0; e == ERR_OK && i < sizeof from_program / sizeof from_program[0]; i++) {
        e = fits(snprintf(ret, cap, "%s%s", folder, from_program[i]), cap);
        if (e == ERR_OK && is_folder(ret)) {
            break;
        }
    }
    return e;
}

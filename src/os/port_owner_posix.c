#include "os/port_owner.h"

#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_CAP 300u
#define LISTEN   0x0Au /* TCP_LISTEN of the kernel's net/tcp_states.h */

/* One line of /proc/net/tcp or tcp6 (proc(5)). */
static bool read_line(const char *line, uint16_t port, struct port_owner *ret,
                      unsigned long *ret_inode)
{
    char at[5], state[3], uid[11], inode[21];
    if (sscanf(line, " %*u: %*32[0-9A-F]:%4s %*s %2s %*s %*s %*s %10s %*s %20s", at, state, uid,
               inode) != 4 ||
        strtoul(at, NULL, 16) != port || strtoul(state, NULL, 16) != LISTEN) {
        return false;
    }
    ret->uid = (unsigned)strtoul(uid, NULL, 10);
    *ret_inode = strtoul(inode, NULL, 10);
    return true;
}

static bool find_socket(uint16_t port, struct port_owner *ret, unsigned long *ret_inode)
{
    static const char *const tables[] = {"/proc/net/tcp", "/proc/net/tcp6"};
    bool found = false;
    for (size_t i = 0; !found && i < sizeof tables / sizeof tables[0]; i++) {
        char line[512];
        FILE *f = fopen(tables[i], "re");
        while (f != NULL && !found && fgets(line, sizeof line, f) != NULL) {
            found = read_line(line, port, ret, ret_inode);
        }
        if (f != NULL) {
            fclose(f);
        }
    }
    return found;
}

static bool holds(const char *pid, const char *wanted)
{
    char path[PATH_CAP], target[64];
    bool found = false;
    snprintf(path, sizeof path, "/proc/%.16s/fd", pid);
    DIR *fds = opendir(path);
    for (struct dirent *d = NULL; fds != NULL && !found && (d = readdir(fds)) != NULL;) {
        snprintf(path, sizeof path, "/proc/%.16s/fd/%.16s", pid, d->d_name);
        ssize_t len = readlink(path, target, sizeof target - 1);
        target[len > 0 ? len : 0] = '\0';
        found = strcmp(target, wanted) == 0;
    }
    if (fds != NULL) {
        closedir(fds);
    }
    return found;
}

static void read_name(const char *pid, struct port_owner *ret)
{
    char path[PATH_CAP];
    snprintf(path, sizeof path, "/proc/%.16s/comm", pid);
    FILE *f = fopen(path, "re");
    if (f != NULL && fgets(ret->program, (int)sizeof ret->program, f) != NULL) {
        ret->program[strcspn(ret->program, "\n")] = '\0';
    }
    if (f != NULL) {
        fclose(f);
    }
    ret->pid = (int)strtol(pid, NULL, 10);
}

static void find_process(unsigned long inode, struct port_owner *ret)
{
    char wanted[64];
    DIR *all = opendir("/proc");
    snprintf(wanted, sizeof wanted, "socket:[%lu]", inode);
    for (struct dirent *d = NULL; all != NULL && ret->pid == 0 && (d = readdir(all)) != NULL;) {
        if (isdigit((unsigned char)d->d_name[0]) && holds(d->d_name, wanted)) {
            read_name(d->d_name, ret);
        }
    }
    if (all != NULL) {
        closedir(all);
    }
}

bool port_owner_find(uint16_t port, struct port_owner *ret)
{
    unsigned long inode;
    *ret = (struct port_owner){0};
    if (!find_socket(port, ret, &inode)) {
        return false;
    }
    find_process(inode, ret);
    if (ret->pid == 0) {
        const struct passwd *user = getpwuid(ret->uid);
        snprintf(ret->program, sizeof ret->program, "%.32s", user != NULL ? user->pw_name : "?");
    }
    return true;
}

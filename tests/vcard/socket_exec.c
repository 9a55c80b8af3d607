/* socket-exec: binds listening sockets and becomes a program that finds them as fd 3 and up, the
 * way systemd starts a program on demand (sd_listen_fds(3): LISTEN_FDS, LISTEN_PID). */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_FD 3
#define SOCKETS  8
#define BACKLOG  16

static const char usage[] =
    "socket-exec [--unix PATH]... [--tcp PORT]... [--die-with-parent] -- program [arguments]\n"
    "    --tcp listens on 127.0.0.1; PORT 0 takes a free one, whose number goes to stdout\n";

static int fail(const char *what)
{
    fprintf(stderr, "socket-exec: %s: %s\n", what, strerror(errno));
    return -1;
}

/* Bound under another name and renamed: who sees the socket can connect to it at once. */
static int bind_unix(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if (strlen(path) + 1 >= sizeof at.sun_path) {
        errno = ENAMETOOLONG;
        return fail(path);
    }
    memcpy(at.sun_path, path, strlen(path));
    at.sun_path[strlen(path)] = '~';
    unlink(at.sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, BACKLOG) != 0 ||
        rename(at.sun_path, path) != 0) {
        return fail(path);
    }
    return fd;
}

static int bind_tcp(const char *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int one = 1;
    char *end;
    unsigned long number = strtoul(port, &end, 10);
    if (end == port || *end != '\0' || number > 65535) {
        errno = EINVAL;
        return fail(port);
    }
    at.sin_port = htons((uint16_t)number);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &len) != 0) {
        return fail(port);
    }
    if (number == 0) {
        printf("%u\n", ntohs(at.sin_port));
        fflush(stdout);
    }
    return fd;
}

/* Moves the sockets to 3, 4, … whatever was open there. */
static bool place(const int *fds, int n)
{
    int high[SOCKETS];
    for (int i = 0; i < n; i++) {
        high[i] = fcntl(fds[i], F_DUPFD, FIRST_FD + SOCKETS);
        if (high[i] < 0) {
            return false;
        }
        close(fds[i]);
    }
    for (int i = 0; i < n; i++) {
        if (dup2(high[i], FIRST_FD + i) < 0) {
            return false;
        }
        close(high[i]);
    }
    return true;
}

static bool announce(int n)
{
    char fds[12];
    char pid[24];
    snprintf(fds, sizeof fds, "%d", n);
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    return setenv("LISTEN_FDS", fds, 1) == 0 && setenv("LISTEN_PID", pid, 1) == 0;
}

/* Reads the options; -1 when they are wrong, else the index of the program. */
static int take_options(int argc, char **argv, int *fds, int *ret_n)
{
    int n = 0;
    int i = 1;
    for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--die-with-parent") == 0) {
            prctl(PR_SET_PDEATHSIG, SIGTERM);
            continue;
        }
        bool tcp = strcmp(argv[i], "--tcp") == 0;
        if ((!tcp && strcmp(argv[i], "--unix") != 0) || i + 1 >= argc || n == SOCKETS) {
            fputs(usage, stderr);
            return -1;
        }
        i++;
        fds[n] = tcp ? bind_tcp(argv[i]) : bind_unix(argv[i]);
        if (fds[n++] < 0) {
            return -1;
        }
    }
    if (i + 1 >= argc) {
        fputs(usage, stderr);
        return -1;
    }
    *ret_n = n;
    return i + 1;
}

int main(int argc, char **argv)
{
    int fds[SOCKETS];
    int n = 0;
    int program = take_options(argc, argv, fds, &n);
    if (program < 0) {
        return 2;
    }
    if (!place(fds, n) || !announce(n)) {
        return 2;
    }
    execvp(argv[program], argv + program);
    fail(argv[program]);
    return 127;
}

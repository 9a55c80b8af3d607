#include "os/spawn.h"

#include "base/limits.h"
#include "base/log.h"
#include "os/clock.h"
#include "os/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_ARGS     16
#define MAX_ENV      64
#define MAX_RELEASED 16
#define END_GRACE_MS 200
/* Descriptors are moved above the targets 0..4 before they are laid in their places. */
#define ABOVE_TARGETS 10

/* A name ending in '=' must fit whole, any other is a prefix. The agent's and the window's
 * libraries see nothing else: no LD_*, no GTK_MODULES, and no NO_AT_BRIDGE, which Chromium sets for
 * its children and which would hide the window from screen readers. */
static const char *const allowed[] = {
    "HOME=",
    "USER=",
    "LOGNAME=",
    "PATH=",
    "LANG=",
    "LANGUAGE=",
    "LC_",
    "DISPLAY=",
    "WAYLAND_DISPLAY=",
    "XAUTHORITY=",
    "XDG_RUNTIME_DIR=",
    "XDG_STATE_HOME=",
    "XDG_SESSION_TYPE=",
    "DBUS_SESSION_BUS_ADDRESS=",
    "AT_SPI_BUS_ADDRESS=",
    "GDK_SCALE=",
    "GDK_DPI_SCALE=",
    "TZ=",
    "http_proxy=",
    "no_proxy=",
    "TERM=",
    "PCSCLITE_CSOCK_NAME=",
    "KORTTISILTA_LOG=",
    "ASAN_OPTIONS=",
    "UBSAN_OPTIONS=",
};

/* All that the child needs between fork and exec, where only system calls are safe. */
struct start {
    char path[PATH_MAX];
    const char *argv[MAX_ARGS + 2];
    const char *envp[MAX_ENV + 1];
    int in, out, errors, ready; /* become 0, 1, 2, 3; -1: left as it is, ready: none */
    int report;                 /* tells errno when exec fails */
    pid_t parent;               /* 0: detached */
};

/* Children of spawn_release. */
static pid_t released[MAX_RELEASED];

static bool is_allowed(const char *variable)
{
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
        if (strncmp(variable, allowed[i], strlen(allowed[i])) == 0) {
            return true;
        }
    }
    return false;
}

static void start_environment(struct start *s)
{
    size_t n = 0;
    for (char **at = environ; at != NULL && *at != NULL && n < MAX_ENV; at++) {
        if (is_allowed(*at)) {
            s->envp[n++] = *at;
        }
    }
    s->envp[n] = NULL;
}

static enum err start_prepare(struct start *s, const char *name, const char *const argv[])
{
    size_t n = 0;
    s->argv[n++] = name;
    for (; argv[n - 1] != NULL; n++) {
        if (n > MAX_ARGS) {
            return ERR_TOO_LARGE;
        }
        s->argv[n] = argv[n - 1];
    }
    s->argv[n] = NULL;
    start_environment(s);
    s->in = s->out = s->errors = s->ready = s->report = -1;
    s->parent = 0;
    return ERR_OK;
}

static enum err start_sibling(struct start *s, const char *name, const char *const argv[])
{
    enum err e = start_prepare(s, name, argv);
    return e == ERR_OK ? paths_sibling(name, s->path, sizeof s->path) : e;
}

static void child_signals(void)
{
    sigset_t none;
    for (int sig = 1; sig < NSIG; sig++) {
        (void)signal(sig, sig == SIGPIPE ? SIG_IGN : SIG_DFL);
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Lays the descriptors in their places and closes every other. */
static bool child_descriptors(struct start *s)
{
    int *from[] = {&s->in, &s->out, &s->errors, &s->ready, &s->report};
    for (int to = 0; to < 5; to++) {
        if (*from[to] >= 0 && (*from[to] = fcntl(*from[to], F_DUPFD_CLOEXEC, ABOVE_TARGETS)) < 0) {
            return false;
        }
    }
    for (int to = 0; to < 4; to++) {
        if (*from[to] >= 0 && dup2(*from[to], to) < 0) {
            return false;
        }
    }
    if (s->ready < 0) {
        close(3);
    }
    if (dup3(s->report, 4, O_CLOEXEC) < 0) {
        return false;
    }
    s->report = 4;
    return syscall(SYS_close_range, 5u, ~0u, 0u) == 0;
}

static _Noreturn void child_run(struct start *s)
{
    child_signals();
    if (s->parent == 0) {
        (void)setsid();
    } else if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != s->parent) {
        _exit(127); /* the parent was gone before its death could be heard */
    }
    if (child_descriptors(s) && (s->parent != 0 || chdir("/") == 0)) {
        execve(s->path, (char *const *)s->argv, (char *const *)s->envp);
    }
    int why = errno;
    (void)!write(s->report, &why, sizeof why);
    _exit(127);
}

/* Runs the program; returns only when exec has succeeded or failed. */
static enum err start_run(struct start *s, pid_t *ret_pid)
{
    int report[2];
    int why = 0;
    if (pipe2(report, O_CLOEXEC) != 0) {
        return ERR_AGENT_DOWN;
    }
    s->report = report[1];
    pid_t pid = fork();
    if (pid == 0) {
        child_run(s);
    }
    close(report[1]);
    ssize_t got = pid < 0 ? 0 : read(report[0], &why, sizeof why);
    close(report[0]);
    if (pid < 0 || got != 0) {
        log_line(LOG_ERROR, "can't start %s: %s", s->path, strerror(pid < 0 ? errno : why));
        if (pid > 0) {
            waitpid(pid, NULL, 0);
        }
        return ERR_AGENT_DOWN;
    }
    *ret_pid = pid;
    return ERR_OK;
}

/* With a socket pair as its standard input and output. */
static enum err start_paired(struct start *s, struct child *ret)
{
    int pair[2];
    pid_t pid;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        return ERR_AGENT_DOWN;
    }
    s->in = s->out = pair[1];
    s->parent = getpid();
    enum err e = start_run(s, &pid);
    close(pair[1]);
    if (e != ERR_OK) {
        close(pair[0]);
        return e;
    }
    *ret = (struct child){pid, pair[0]};
    return ERR_OK;
}

enum err spawn_sibling(const char *name, const char *const argv[], struct child *ret)
{
    struct start s;
    enum err e = start_sibling(&s, name, argv);
    return e == ERR_OK ? start_paired(&s, ret) : e;
}

enum err spawn_program(const char *path, const char *const argv[], struct child *ret)
{
    struct start s;
    enum err e = start_prepare(&s, path, argv);
    if (e != ERR_OK) {
        return e;
    }
    int len = snprintf(s.path, sizeof s.path, "%s", path);
    s.errors = open("/dev/null", O_WRONLY | O_CLOEXEC);
    e = s.errors < 0 || (size_t)len >= sizeof s.path ? ERR_AGENT_DOWN : start_paired(&s, ret);
    if (s.errors >= 0) {
        close(s.errors);
    }
    return e;
}

/* What earlier runs wrote is kept until it is much; nobody else rotates this file. */
static int log_file(const char *name)
{
    char folder[PATH_MAX], path[PATH_MAX + NAME_MAX];
    struct stat st;
    if (paths_runtime(folder, sizeof folder) != ERR_OK) {
        return -1;
    }
    snprintf(path, sizeof path, "%s/%s.log", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > (off_t)LIMIT_LOG) {
        (void)!ftruncate(fd, 0);
    }
    return fd;
}

enum err spawn_detached(const char *name, const char *const argv[], struct child *ret)
{
    struct start s;
    int ready[2] = {-1, -1};
    pid_t pid;
    enum err e = start_sibling(&s, name, argv);
    if (e != ERR_OK) {
        return e;
    }
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int errors = log_file(name);
    if (null < 0 || errors < 0 || pipe2(ready, O_CLOEXEC) != 0) {
        e = ERR_AGENT_DOWN;
        goto out;
    }
    s.in = s.out = null;
    s.errors = errors;
    s.ready = ready[1];
    e = start_run(&s, &pid);
    if (e == ERR_OK) {
        *ret = (struct child){pid, ready[0]};
        ready[0] = -1;
    }
out:
    for (size_t i = 0; i < 2; i++) {
        if (ready[i] >= 0) {
            close(ready[i]);
        }
    }
    if (null >= 0) {
        close(null);
    }
    if (errors >= 0) {
        close(errors);
    }
    return e;
}

static void close_end(struct child *c)
{
    if (c->fd >= 0) {
        close(c->fd);
    }
    c->fd = -1;
}

void spawn_hang_up(struct child *c)
{
    close_end(c);
}

static int status_of(int raw)
{
    return WIFEXITED(raw) ? WEXITSTATUS(raw) : SPAWN_STATUS_SIGNAL + WTERMSIG(raw);
}

bool spawn_has_ended(struct child *c, int *ret_status)
{
    int raw = 0;
    if (c->pid == 0) {
        return false;
    }
    pid_t got = waitpid(c->pid, &raw, WNOHANG);
    if (got == 0 || (got < 0 && errno == EINTR)) {
        return false;
    }
    *ret_status = got > 0 ? status_of(raw) : SPAWN_STATUS_SIGNAL;
    c->pid = 0;
    return true;
}

int spawn_wait_status(struct child *c)
{
    int raw = 0;
    pid_t got;
    close_end(c);
    do {
        got = c->pid > 0 ? waitpid(c->pid, &raw, 0) : -1;
    } while (got < 0 && c->pid > 0 && errno == EINTR);
    *c = (struct child){0, -1};
    return got > 0 ? status_of(raw) : SPAWN_STATUS_SIGNAL;
}

/* Waits on a descriptor of the process instead of asking again and again. */
static bool ends_within(pid_t pid, int ms)
{
    uint64_t until = clock_monotonic_ms() + (uint64_t)ms;
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd wait = {fd, POLLIN, 0};
    int n = 0;
    if (fd < 0) {
        return false;
    }
    do {
        uint64_t now = clock_monotonic_ms();
        n = poll(&wait, 1, now < until ? (int)(until - now) : 0);
    } while (n < 0 && errno == EINTR);
    close(fd);
    return n > 0;
}

void spawn_end(struct child *c)
{
    close_end(c);
    if (c->pid > 0) {
        (void)kill(c->pid, SIGTERM);
        if (!ends_within(c->pid, END_GRACE_MS)) {
            (void)kill(c->pid, SIGKILL);
        }
        (void)spawn_wait_status(c);
    }
    *c = (struct child){0, -1};
}

void spawn_release(struct child *c)
{
    close_end(c);
    spawn_reap();
    for (size_t i = 0; c->pid > 0 && i < MAX_RELEASED; i++) {
        if (released[i] == 0) {
            released[i] = c->pid;
            c->pid = 0;
        }
    }
    if (c->pid > 0) {
        spawn_end(c); /* too many that do not end by themselves */
    }
    *c = (struct child){0, -1};
}

void spawn_reap(void)
{
    for (size_t i = 0; i < MAX_RELEASED; i++) {
        if (released[i] != 0 && waitpid(released[i], NULL, WNOHANG) != 0) {
            released[i] = 0;
        }
    }
}

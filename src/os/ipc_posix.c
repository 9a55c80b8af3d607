#include "os/ipc.h"

#include "base/log.h"
#include "os/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET_NAME "/agent.sock"
#define LOCK_NAME   "/agent.lock"
#define ASIDE       ".ending"
#define BACKLOG     32

/* Two bytes of the lock file. LIFE is held as long as the agent serves; START only while an agent
 * comes or goes, so that whoever got it knows that the socket is there, or is not there, for good.
 */
enum lock_byte { LOCK_LIFE, LOCK_START };

static int lock_fd = -1;
static bool owns_socket;
/* Where it is, and where it goes at the end: by then the folder may have gone with the session, and
 * another one have taken its place. */
static struct sockaddr_un own, own_aside;

static enum err endpoint(const char *name, char *ret, size_t cap)
{
    char folder[PATH_MAX];
    enum err e = paths_runtime(folder, sizeof folder);
    if (e != ERR_OK) {
        return e;
    }
    int len = snprintf(ret, cap, "%s%s", folder, name);
    if (len < 0 || (size_t)len >= cap) {
        log_line(LOG_ERROR, "%s: the name of the runtime folder is too long", folder);
        return ERR_TOO_LARGE;
    }
    return ERR_OK;
}

static enum err address(const char *suffix, struct sockaddr_un *ret)
{
    char name[sizeof SOCKET_NAME + sizeof ASIDE];
    snprintf(name, sizeof name, SOCKET_NAME "%s", suffix);
    ret->sun_family = AF_UNIX;
    return endpoint(name, ret->sun_path, sizeof ret->sun_path);
}

/* Locks of the open file, not of the process: a library that opens and closes the file can't lose
 * them. */
static bool lock_byte(enum lock_byte which, short type, bool wait)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)which, .l_len = 1};
    int n;
    do {
        n = fcntl(lock_fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &lock);
    } while (n != 0 && errno == EINTR);
    return n == 0;
}

static enum err lock_open(void)
{
    char path[PATH_MAX];
    if (lock_fd >= 0) {
        return ERR_OK;
    }
    enum err e = endpoint(LOCK_NAME, path, sizeof path);
    if (e != ERR_OK) {
        return e;
    }
    lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock_fd < 0) {
        log_line(LOG_ERROR, "%s: %s", path, strerror(errno));
        return ERR_AGENT_DOWN;
    }
    return ERR_OK;
}

static void lock_close(void)
{
    if (lock_fd >= 0) {
        close(lock_fd); /* and with it every lock */
    }
    lock_fd = -1;
}

enum err ipc_lock(void)
{
    enum err e = lock_open();
    if (e != ERR_OK) {
        return e;
    }
    /* Waits for an agent that is coming or going; that takes as long as a bind. */
    if (!lock_byte(LOCK_START, F_WRLCK, true)) {
        lock_close();
        return ERR_AGENT_DOWN;
    }
    if (!lock_byte(LOCK_LIFE, F_WRLCK, false)) {
        lock_close();
        return ERR_BUSY;
    }
    (void)lock_byte(LOCK_START, F_UNLCK, false);
    return ERR_OK;
}

static bool someone_listens(const struct sockaddr_un *at)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool yes = fd >= 0 && (connect(fd, (const struct sockaddr *)at, sizeof *at) == 0 ||
                           errno == EAGAIN); /* EAGAIN: the queue of a listener is full */
    if (fd >= 0) {
        close(fd);
    }
    return yes;
}

static enum err bind_local(const struct sockaddr_un *at, int *ret_fd)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return ERR_AGENT_DOWN;
    }
    (void)unlink(at->sun_path);
    mode_t before = umask(S_IRWXG | S_IRWXO | S_IXUSR);
    bool ok = bind(fd, (const struct sockaddr *)at, sizeof *at) == 0;
    umask(before);
    if (!ok || listen(fd, BACKLOG) != 0) {
        log_line(LOG_ERROR, "%s: %s", at->sun_path, strerror(errno));
        close(fd);
        return ERR_AGENT_DOWN;
    }
    *ret_fd = fd;
    return ERR_OK;
}

enum err ipc_listen(int *ret_fd)
{
    enum err e = address("", &own);
    if (e == ERR_OK) {
        e = address(ASIDE, &own_aside);
    }
    if (e == ERR_OK) {
        e = lock_open();
    }
    if (e != ERR_OK) {
        return e;
    }
    if (!lock_byte(LOCK_START, F_WRLCK, true)) {
        e = ERR_AGENT_DOWN;
    } else if (!lock_byte(LOCK_LIFE, F_WRLCK, false) || someone_listens(&own)) {
        e = ERR_BUSY;
    } else {
        e = bind_local(&own, ret_fd);
    }
    if (e != ERR_OK) {
        lock_close();
        return e;
    }
    owns_socket = true;
    (void)lock_byte(LOCK_START, F_UNLCK, false);
    return ERR_OK;
}

static bool someone_waits(int fd)
{
    struct pollfd wait = {fd, POLLIN, 0};
    return poll(&wait, 1, 0) > 0;
}

/* The name is moved aside first: after that nobody new can come, and who came before is seen. A
 * socket of systemd's stays, with whoever waits at it. */
enum err ipc_retire(int fd, bool if_idle)
{
    if (!owns_socket) {
        return ERR_OK;
    }
    (void)lock_byte(LOCK_START, F_WRLCK, true);
    (void)rename(own.sun_path, own_aside.sun_path);
    if (if_idle && someone_waits(fd)) {
        (void)rename(own_aside.sun_path, own.sun_path);
        (void)lock_byte(LOCK_START, F_UNLCK, false);
        return ERR_BUSY;
    }
    (void)unlink(own_aside.sun_path);
    owns_socket = false;
    return ERR_OK;
}

void ipc_unlisten(void)
{
    (void)!ipc_retire(-1, false);
    owns_socket = false;
    lock_close();
}

enum err ipc_check_peer(int fd)
{
    struct ucred peer;
    socklen_t len = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 || peer.uid != geteuid()) {
        return ERR_PEER_DENIED;
    }
    return ERR_OK;
}

enum err ipc_connect(int *ret_fd)
{
    struct sockaddr_un at;
    enum err e = address("", &at);
    if (e != ERR_OK) {
        return e;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&at, sizeof at) != 0) {
        e = ERR_AGENT_DOWN;
    } else {
        e = ipc_check_peer(fd);
    }
    if (e != ERR_OK) {
        ipc_close(fd);
        return e;
    }
    (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    *ret_fd = fd;
    return ERR_OK;
}

int ipc_inherited(void)
{
    const char *pid = getenv("LISTEN_PID");
    const char *fds = getenv("LISTEN_FDS");
    bool ours = pid != NULL && fds != NULL && strtol(pid, NULL, 10) == getpid();
    long passed = ours ? strtol(fds, NULL, 10) : 0;
    int n = passed < 0 ? 0 : passed > BACKLOG ? BACKLOG : (int)passed;
    for (int fd = 3; fd < 3 + n; fd++) {
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
        (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    }
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return n;
}

enum err ipc_read(int fd, uint8_t *to, size_t cap, size_t *ret_len)
{
    ssize_t n;
    do {
        n = read(fd, to, cap);
    } while (n < 0 && errno == EINTR);
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        return ERR_CLOSED;
    }
    *ret_len = n > 0 ? (size_t)n : 0;
    return ERR_OK;
}

enum err ipc_write(int fd, struct span bytes, size_t *ret_len)
{
    ssize_t n;
    do {
        n = write(fd, bytes.at, bytes.len);
    } while (n < 0 && errno == EINTR);
    if (n < 0 && errno != EAGAIN) {
        return ERR_CLOSED;
    }
    *ret_len = n > 0 ? (size_t)n : 0;
    return ERR_OK;
}

static void set_low_water(int fd, size_t len)
{
    int low = (int)len;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &low, sizeof low);
}

enum err ipc_peek(int fd, uint8_t *to, size_t cap, size_t *ret_len)
{
    ssize_t n;
    do {
        n = recv(fd, to, cap, MSG_PEEK);
    } while (n < 0 && errno == EINTR);
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        return ERR_CLOSED;
    }
    *ret_len = n > 0 ? (size_t)n : 0;
    set_low_water(fd, *ret_len + 1);
    return ERR_OK;
}

void ipc_peek_end(int fd)
{
    set_low_water(fd, 1);
}

int ipc_duplicate(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

void ipc_close(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}

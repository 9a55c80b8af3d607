#include "os/ipc.h"

#include "base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG     32
#define ESTABLISHED 1u /* TCP_ESTABLISHED of the kernel's table */

union endpoint {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static union endpoint loopback(uint16_t port, bool v6)
{
    union endpoint at;
    memset(&at, 0, sizeof at);
    if (v6) {
        at.v6.sin6_family = AF_INET6;
        at.v6.sin6_port = htons(port);
        at.v6.sin6_addr = in6addr_loopback;
    } else {
        at.v4.sin_family = AF_INET;
        at.v4.sin_port = htons(port);
        at.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    }
    return at;
}

static socklen_t endpoint_size(bool v6)
{
    return v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}

enum err ipc_listen_loopback(uint16_t port, bool v6, int *ret_fd)
{
    static const int on = 1;
    union endpoint at = loopback(port, v6);
    int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return ERR_UNSUPPORTED;
    }
    /* Without SO_REUSEADDR a new agent could not bind while connections of the last one are in
     * TIME_WAIT; on Linux it lets nobody take a port that is being listened on. */
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (v6) {
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    }
    if (bind(fd, &at.any, endpoint_size(v6)) != 0 || listen(fd, BACKLOG) != 0) {
        enum err e = errno == EADDRINUSE ? ERR_BUSY : ERR_UNSUPPORTED;
        close(fd);
        return e;
    }
    *ret_fd = fd;
    return ERR_OK;
}

enum err ipc_accept(int listener, int *ret_fd)
{
    static const int on = 1;
    int fd;
    do {
        fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    } while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    if (fd < 0) {
        return ERR_CLOSED;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    *ret_fd = fd;
    return ERR_OK;
}

enum ipc_kind ipc_kind_of(int fd, uint16_t *ret_port)
{
    union endpoint at;
    socklen_t len = sizeof at;
    int listening = 0;
    socklen_t size = sizeof listening;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || !listening ||
        getsockname(fd, &at.any, &len) != 0) {
        return IPC_OTHER;
    }
    if (at.any.sa_family == AF_UNIX) {
        return IPC_LOCAL;
    }
    if (at.any.sa_family == AF_INET && at.v4.sin_addr.s_addr == htonl(INADDR_LOOPBACK)) {
        *ret_port = ntohs(at.v4.sin_port);
        return IPC_LOOPBACK;
    }
    if (at.any.sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&at.v6.sin6_addr)) {
        *ret_port = ntohs(at.v6.sin6_port);
        return IPC_LOOPBACK;
    }
    return IPC_OTHER;
}

/* ---- whose is the other end ---- */

/* Address and port as /proc/net/tcp6 prints them; an IPv4 address as the mapped form (RFC 4291
 * §2.5.5.2), which is how the socket of a dual-stack client stands there. */
struct end {
    uint32_t words[4]; /* each in network order, printed as one native number */
    unsigned port;
};

static struct end end_of(const union endpoint *at)
{
    struct end end = {{0, 0, htonl(0xFFFF), at->v4.sin_addr.s_addr}, ntohs(at->v4.sin_port)};
    if (at->any.sa_family == AF_INET6) {
        memcpy(end.words, &at->v6.sin6_addr, sizeof end.words);
        end.port = ntohs(at->v6.sin6_port);
    }
    return end;
}

static void end_print(const struct end *end, bool v6, char ret[40])
{
    if (v6) {
        snprintf(ret, 40, "%08X%08X%08X%08X:%04X", end->words[0], end->words[1], end->words[2],
                 end->words[3], end->port);
    } else {
        snprintf(ret, 40, "%08X:%04X", end->words[3], end->port);
    }
}

/* Looks for the client's row: its local address is our peer's. Only a connected row counts, since a
 * socket without an owner is listed as root's. */
static bool find_owner(const char *table, bool v6, const struct end *client,
                       const struct end *server, unsigned *ret_uid)
{
    char want_local[40], want_remote[40], local[40], remote[40], line[512];
    bool found = false;
    FILE *f = fopen(table, "re");
    if (f == NULL) {
        return false;
    }
    end_print(client, v6, want_local);
    end_print(server, v6, want_remote);
    while (!found && fgets(line, sizeof line, f) != NULL) {
        unsigned state, uid;
        if (sscanf(line, "%*u: %39s %39s %X %*X:%*X %*X:%*X %*X %u", local, remote, &state, &uid) ==
                4 &&
            state == ESTABLISHED && strcmp(local, want_local) == 0 &&
            strcmp(remote, want_remote) == 0) {
            *ret_uid = uid;
            found = true;
        }
    }
    fclose(f);
    return found;
}

enum err ipc_check_tcp_peer(int fd)
{
    union endpoint here, there;
    socklen_t here_len = sizeof here, there_len = sizeof there;
    unsigned uid;
    if (getsockname(fd, &here.any, &here_len) != 0 ||
        getpeername(fd, &there.any, &there_len) != 0) {
        return ERR_PEER_DENIED;
    }
    struct end server = end_of(&here), client = end_of(&there);
    bool v4 = here.any.sa_family == AF_INET;
    bool found = (v4 && find_owner("/proc/net/tcp", false, &client, &server, &uid)) ||
                 find_owner("/proc/net/tcp6", true, &client, &server, &uid);
    if (!found || uid != geteuid()) {
        log_line(LOG_INFO, "a connection from port %u was refused: not this user's", client.port);
        return ERR_PEER_DENIED;
    }
    return ERR_OK;
}

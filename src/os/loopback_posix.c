#include "os/ipc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 128

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
    union endpoint at = {0};
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

#include "os/probe.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

bool probe_is_executable(const char *path)
{
    return access(path, X_OK) == 0;
}

bool probe_is_file(const char *path)
{
    return access(path, R_OK) == 0;
}

enum err probe_read_file(const char *path, struct buf *out)
{
    enum err e = ERR_OK;
    ssize_t n = 1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        return ERR_CLOSED;
    }
    buf_clear(out);
    while (e == ERR_OK && n > 0) {
        uint8_t chunk[1024];
        n = read(fd, chunk, sizeof chunk);
        e = n > 0 ? buf_append(out, span_of(chunk, (size_t)n)) : n < 0 ? ERR_CLOSED : ERR_OK;
    }
    close(fd);
    return e;
}

bool probe_loopback_port(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool up = fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return up;
}

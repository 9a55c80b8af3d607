#include "os/stream.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

static void wait_for(int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events};
    (void)poll(&p, 1, -1);
}

enum err stream_read(int fd, uint8_t *to, size_t *len)
{
    for (;;) {
        ssize_t n = read(fd, to, *len);
        if (n > 0) {
            *len = (size_t)n;
            return ERR_OK;
        }
        if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
            return ERR_CLOSED;
        }
        wait_for(fd, POLLIN);
    }
}

enum err stream_write(int fd, struct span bytes)
{
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.at, bytes.len);
        if (n > 0) {
            bytes = span_sub(bytes, (size_t)n, bytes.len);
        } else if (n < 0 && errno != EINTR && errno != EAGAIN) {
            return ERR_CLOSED;
        } else {
            wait_for(fd, POLLOUT);
        }
    }
    return ERR_OK;
}

void stream_close(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}

void stream_ignore_broken_pipe(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
}

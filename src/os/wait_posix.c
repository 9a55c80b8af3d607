#include "os/wait.h"

#include "os/clock.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>

#define WAIT_MAX 8

static int left_ms(uint64_t until_ms)
{
    uint64_t now = clock_monotonic_ms();
    if (until_ms <= now) {
        return 0;
    }
    return until_ms - now > INT_MAX ? INT_MAX : (int)(until_ms - now);
}

unsigned wait_readable(const int *fds, size_t n, uint64_t until_ms)
{
    struct pollfd polled[WAIT_MAX];
    unsigned ready = 0;
    int got;
    n = n < WAIT_MAX ? n : WAIT_MAX;
    for (size_t i = 0; i < n; i++) {
        polled[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
    }
    do {
        got = poll(polled, (nfds_t)n, left_ms(until_ms));
    } while (got < 0 && errno == EINTR);
    for (size_t i = 0; got > 0 && i < n; i++) {
        ready |= polled[i].revents != 0 ? 1u << i : 0;
    }
    return ready;
}

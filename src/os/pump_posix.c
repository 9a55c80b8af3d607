#include "os/pump.h"

#include "base/wipe.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#define CHUNK 16384

struct way {
    const struct pump_way *rule;
    int from, to;
    size_t write_max; /* bytes that a write after POLLOUT takes without blocking */
    bool ended;       /* nothing more is read */
    size_t at, len;   /* what waits to be written */
    uint8_t bytes[CHUNK];
};

static bool is_empty(const struct way *w)
{
    return w->at == w->len;
}

static bool would_block(void)
{
    return errno == EAGAIN || errno == EINTR;
}

/* False: the source has ended. */
static bool way_read(struct way *w)
{
    ssize_t n = read(w->from, w->bytes, sizeof w->bytes);
    if (n <= 0) {
        return n < 0 && would_block();
    }
    w->at = 0;
    w->len = w->rule->check(w->rule->user, span_of(w->bytes, (size_t)n), &w->ended);
    return true;
}

/* False: the destination is gone. */
static bool way_write(struct way *w)
{
    size_t len = w->len - w->at < w->write_max ? w->len - w->at : w->write_max;
    ssize_t n = write(w->to, w->bytes + w->at, len);
    if (n < 0) {
        return would_block();
    }
    wipe(w->bytes + w->at, (size_t)n); /* it may be what a card has decrypted */
    w->at += (size_t)n;
    return true;
}

enum { IN, OUT, SOCKET, POLLED };

static bool broken(const struct pollfd *p)
{
    return (p->revents & (POLLERR | POLLNVAL)) != 0;
}

static bool wait_for(struct pollfd *polled, const struct way *inward, const struct way *outward)
{
    int n;
    bool may_read = !inward->ended && is_empty(inward);
    polled[IN].events = (short)((may_read ? POLLIN : 0) | POLLRDHUP);
    polled[OUT].events = is_empty(outward) ? 0 : POLLOUT;
    polled[SOCKET].events = (short)((is_empty(outward) && !outward->ended ? POLLIN : 0) |
                                    (is_empty(inward) ? 0 : POLLOUT));
    do {
        n = poll(polled, POLLED, -1);
    } while (n < 0 && errno == EINTR);
    return n > 0;
}

/* Input that has hung up and has nothing that may be read now is at its end. */
static bool input_ended(const struct pollfd *p)
{
    return (p->revents & (POLLHUP | POLLRDHUP | POLLERR | POLLNVAL)) != 0 &&
           (p->revents & POLLIN) == 0;
}

/* One round; false: everything is over. */
static bool step(struct pollfd *polled, struct way *inward, struct way *outward)
{
    if (!wait_for(polled, inward, outward) || input_ended(&polled[IN]) || broken(&polled[OUT])) {
        return false;
    }
    if ((polled[IN].revents & POLLIN) != 0 && !way_read(inward)) {
        return false;
    }
    if ((polled[SOCKET].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && is_empty(outward) &&
        !outward->ended) {
        outward->ended = !way_read(outward) || outward->ended;
    }
    /* The socket's end is met by its read; a write that fails says nothing new. */
    if ((polled[SOCKET].revents & POLLOUT) != 0 && !is_empty(inward) && !way_write(inward)) {
        inward->ended = true;
        inward->at = inward->len;
    }
    if ((polled[OUT].revents & POLLOUT) != 0 && !is_empty(outward) && !way_write(outward)) {
        return false;
    }
    return !outward->ended || !is_empty(outward);
}

void pump_run(int in, int out, int socket, const struct pump_way *inward,
              const struct pump_way *outward)
{
    static struct way ways[2];
    struct pollfd polled[POLLED] = {
        [IN] = {.fd = in}, [OUT] = {.fd = out}, [SOCKET] = {.fd = socket}};
    ways[0] = (struct way){.rule = inward, .from = in, .to = socket, .write_max = CHUNK};
    ways[1] = (struct way){.rule = outward, .from = socket, .to = out, .write_max = PIPE_BUF};
    while (step(polled, &ways[0], &ways[1])) {
    }
}

enum err pump_wait(int fd, int hang_up_fd)
{
    struct pollfd polled[] = {{.fd = fd, .events = POLLIN},
                              {.fd = hang_up_fd, .events = POLLRDHUP}};
    int n;
    do {
        n = poll(polled, 2, -1);
    } while (n < 0 && errno == EINTR);
    return polled[1].revents != 0 ? ERR_CLOSED : ERR_OK;
}

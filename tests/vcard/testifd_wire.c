/* The socket of a test reader: vpcd's framing, as link.h has it. */
#include "testifd.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#define HEADER            2u
#define FRAME_MAX         65535u
#define ANSWER_TIMEOUT_MS 10000 /* KS_TESTIFD_TIMEOUT_MS: how long a silent card is waited for */

void testifd_hang_up(struct testifd_reader *r)
{
    if (r->fd >= 0) {
        shutdown(r->fd, SHUT_RDWR); /* the waiting thread may hold a copy of the descriptor */
        close(r->fd);
    }
    r->fd = -1;
    r->atr_len = 0;
    memset(&r->entry, 0, sizeof r->entry);
}

void testifd_card_left(struct testifd_reader *r)
{
    testifd_hang_up(r);
    r->gone = true;
}

static long timeout_ms(void)
{
    const char *text = getenv("KS_TESTIFD_TIMEOUT_MS");
    long ms = text != NULL ? strtol(text, NULL, 10) : 0;
    return ms > 0 ? ms : ANSWER_TIMEOUT_MS;
}

static int call(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    long ms = timeout_ms();
    struct timeval limit = {ms / 1000, (ms % 1000) * 1000};
    memcpy(at.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(fd, (struct sockaddr *)&at, sizeof at) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

void testifd_reach(struct testifd_reader *r)
{
    static const uint64_t one = 1;
    r->fd = call(r->path);
    if (r->fd >= 0 && write(r->wake, &one, sizeof one) != sizeof one) {
        testifd_hang_up(r);
    }
}

bool testifd_put(struct testifd_reader *r, const uint8_t *body, size_t len)
{
    uint8_t frame[HEADER + MAX_BUFFER_SIZE_EXTENDED];
    if (len == 0 || len > FRAME_MAX || HEADER + len > sizeof frame) {
        return false;
    }
    frame[0] = (uint8_t)(len >> 8);
    frame[1] = (uint8_t)len;
    memcpy(frame + HEADER, body, len);
    ssize_t n = send(r->fd, frame, HEADER + len, MSG_NOSIGNAL);
    return n == (ssize_t)(HEADER + len);
}

static ssize_t get_exactly(struct testifd_reader *r, uint8_t *at, size_t len)
{
    return recv(r->fd, at, len, MSG_WAITALL);
}

/* Reads one frame of at most `cap` bytes. Which of the two errors it was decides what pcscd hears.
 */
RESPONSECODE testifd_get(struct testifd_reader *r, uint8_t *at, size_t cap, size_t *ret_len)
{
    uint8_t header[HEADER];
    errno = 0;
    if (get_exactly(r, header, HEADER) != HEADER) {
        return errno == EAGAIN ? IFD_RESPONSE_TIMEOUT : IFD_COMMUNICATION_ERROR;
    }
    size_t len = (size_t)(header[0] << 8 | header[1]);
    if (len > cap || get_exactly(r, at, len) != (ssize_t)len) {
        return IFD_COMMUNICATION_ERROR;
    }
    *ret_len = len;
    return IFD_SUCCESS;
}

bool testifd_ended(int fd)
{
    struct pollfd p = {fd, POLLRDHUP, 0};
    return poll(&p, 1, 0) > 0;
}

/* After a command without an answer. The card may have left; one that is only silent is taken up
 * anew, so that what it says later is not taken for the answer to the next command. */
static void give_up(struct testifd_reader *r)
{
    if (r->fd >= 0 && testifd_ended(r->fd)) {
        testifd_card_left(r);
    } else if (r->fd >= 0) {
        testifd_hang_up(r);
        testifd_reach(r);
        r->gone = r->fd < 0;
    }
}

RESPONSECODE testifd_exchange(struct testifd_reader *r, const uint8_t *command, size_t len,
                              uint8_t *answer, size_t cap, size_t *ret_len)
{
    RESPONSECODE rc = IFD_COMMUNICATION_ERROR;
    *ret_len = 0;
    if (r->fd >= 0 && testifd_put(r, command, len)) {
        rc = testifd_get(r, answer, cap, ret_len);
    }
    if (rc == IFD_SUCCESS && *ret_len == 0) { /* session.h, SESSION_NO_READER */
        testifd_hang_up(r);
        r->lost = true;
        return IFD_NO_SUCH_DEVICE;
    }
    if (rc != IFD_SUCCESS) {
        give_up(r);
    }
    return rc;
}

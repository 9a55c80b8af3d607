#include "link.h"

#include "base/log.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define HEADER   2u
#define RETRY_MS 20u

void link_open(struct link *l, struct session *s)
{
    l->session = s;
    l->listener = -1;
    l->fd = -1;
    l->waiting = false;
    l->retry = 0;
    buf_init(&l->in, LINK_FRAME);
    buf_init(&l->answer, ENGINE_ANSWER_MAX);
}

static void drop(struct link *l)
{
    if (l->fd >= 0) {
        close(l->fd);
    }
    l->fd = -1;
    l->waiting = false;
    l->session->pad.waiting = false;
    buf_truncate(&l->in, 0);
    engine_reset(&l->session->engine);
}

static void stop_listening(struct link *l)
{
    if (l->listener >= 0) {
        unlink(l->unix_path);
        close(l->listener);
    }
    l->listener = -1;
}

void link_close(struct link *l)
{
    drop(l);
    stop_listening(l);
    buf_clear(&l->in);
    buf_clear(&l->answer);
}

/* Bound under another name and renamed: who sees the socket can connect to it at once. */
static int listen_unix(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    if (len + 2 > sizeof at.sun_path) {
        return -1;
    }
    memcpy(at.sun_path, path, len);
    memcpy(at.sun_path + len, "~", 2);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    unlink(at.sun_path);
    if (fd >= 0 && (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 4) != 0 ||
                    rename(at.sun_path, path) != 0)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static int connect_tcp(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *list = NULL;
    int fd = -1;
    if (getaddrinfo(host, port, &hints, &list) != 0) {
        return -1;
    }
    for (const struct addrinfo *a = list; a != NULL && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(list);
    return fd;
}

static void send_frame(struct link *l, struct span body)
{
    uint8_t frame[HEADER + ENGINE_ANSWER_MAX];
    frame[0] = (uint8_t)(body.len >> 8);
    frame[1] = (uint8_t)body.len;
    memcpy(frame + HEADER, body.at, body.len);
    size_t sent = 0;
    while (sent < HEADER + body.len) {
        ssize_t n = send(l->fd, frame + sent, HEADER + body.len - sent, MSG_NOSIGNAL);
        if (n <= 0) {
            drop(l);
            return;
        }
        sent += (size_t)n;
    }
}

/* What a test has keyed in goes to the reader that waits for it. */
static void serve_pad(struct link *l)
{
    enum pad_kind kind;
    struct buf reply;
    buf_init(&reply, PAD_KEYS + 1);
    if (l->fd >= 0 && pad_take(&l->session->pad, &kind, &reply)) {
        if (kind == PAD_REMOVED) {
            l->session->inserted = false;
        } else {
            send_frame(l, buf_span(&reply));
        }
    }
    buf_clear(&reply);
}

enum err link_follow(struct link *l, uint64_t now)
{
    serve_pad(l);
    if (!l->session->inserted) {
        drop(l);
        stop_listening(l);
        return ERR_OK;
    }
    if (l->unix_path != NULL && l->listener < 0) {
        l->listener = listen_unix(l->unix_path);
        if (l->listener < 0) {
            log_line(LOG_ERROR, "%s: %s", l->unix_path, strerror(errno));
            return ERR_NO_READER;
        }
    }
    if (l->unix_path == NULL && l->fd < 0 && now >= l->retry) {
        l->fd = connect_tcp(l->host, l->port);
        l->retry = now + RETRY_MS;
    }
    return ERR_OK;
}

size_t link_polls(const struct link *l, struct pollfd *ret)
{
    size_t n = 0;
    if (l->listener >= 0) {
        ret[n++] = (struct pollfd){l->listener, POLLIN, 0};
    }
    if (l->fd >= 0) {
        /* While an answer waits, only the end of the connection is of interest. */
        ret[n++] = (struct pollfd){l->fd, l->waiting ? POLLRDHUP : POLLIN | POLLRDHUP, 0};
    }
    return n;
}

int link_timeout(const struct link *l, uint64_t now)
{
    uint64_t when;
    if (l->waiting) {
        when = l->due;
    } else if (l->unix_path == NULL && l->fd < 0 && l->session->inserted) {
        when = l->retry;
    } else {
        return -1;
    }
    return when > now ? (int)(when - now) : 0;
}

static void command(struct link *l, struct span body, uint64_t now)
{
    static const uint8_t nothing = 0;
    unsigned delay = 0;
    switch (session_exchange(l->session, body, &l->answer, &delay)) {
    case SESSION_ANSWER:
        l->waiting = true;
        l->due = now + delay;
        break;
    case SESSION_NO_READER:
        send_frame(l, span_of(&nothing, 0));
        break;
    case SESSION_REMOVED: /* link_follow closes the sockets */
    case SESSION_MUTE:
        break;
    }
}

/* On T=0 until the reader says otherwise. vpcd never does, and pcscd takes T=1 where both are
 * offered. */
static void power(struct link *l)
{
    struct engine *e = &l->session->engine;
    engine_reset(e);
    e->t1 = l->unix_path == NULL && e->folder.profile->t1;
}

static void control(struct link *l, uint8_t code)
{
    static const uint8_t ended = PAD_ENDED;
    switch (code) {
    case LINK_POWER_OFF:
    case LINK_POWER_ON:
    case LINK_RESET:
        power(l);
        break;
    case LINK_ATR:
        send_frame(l, engine_atr(&l->session->engine));
        break;
    case LINK_T0:
    case LINK_T1:
        l->session->engine.t1 = code == LINK_T1;
        break;
    case LINK_PAD_ASK:
        l->session->pad.waiting = true;
        l->session->pad.asked++;
        serve_pad(l);
        break;
    case LINK_PAD_END:
        l->session->pad.waiting = false;
        send_frame(l, span_of(&ended, 1));
        break;
    case LINK_PAD_SENDS:
        l->session->from_pad = true;
        break;
    default:
        break;
    }
}

static void run_frames(struct link *l, uint64_t now)
{
    while (!l->waiting && l->session->inserted) {
        struct span in = buf_span(&l->in);
        if (in.at == NULL || in.len < HEADER) {
            return;
        }
        size_t len = (size_t)(in.at[0] << 8 | in.at[1]);
        if (in.len < HEADER + len) {
            return;
        }
        struct span body = span_sub(in, HEADER, len);
        if (len == 1) {
            control(l, body.at[0]);
        } else if (len > 0) {
            command(l, body, now);
        }
        if (l->fd < 0) {
            return; /* sending failed: the buffer is gone */
        }
        buf_consume(&l->in, HEADER + len);
    }
}

static void receive(struct link *l, uint64_t now)
{
    uint8_t block[4096];
    int one = 1;
    if (l->unix_path == NULL) {
        /* vpcd writes length and body apart; a delayed ACK would cost 40 ms for each command. The
         * kernel forgets the option, so it is set before every recv. */
        setsockopt(l->fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof one);
    }
    ssize_t n = recv(l->fd, block, sizeof block, 0);
    if (n <= 0 || buf_append(&l->in, span_of(block, (size_t)n)) != ERR_OK) {
        drop(l);
        return;
    }
    run_frames(l, now);
}

static void take_reader(struct link *l)
{
    int fd = accept4(l->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0) {
        drop(l); /* a reader that comes again has given up the old connection */
        l->fd = fd;
    }
}

static void answer_due(struct link *l, uint64_t now)
{
    if (l->waiting && now >= l->due) {
        l->waiting = false;
        send_frame(l, buf_span(&l->answer));
        run_frames(l, now);
    }
}

void link_run(struct link *l, const struct pollfd *polls, size_t n, uint64_t now)
{
    for (size_t i = 0; i < n; i++) {
        if (polls[i].revents == 0) {
            continue;
        }
        if (polls[i].fd == l->listener) {
            take_reader(l);
        } else if (l->waiting) {
            drop(l); /* ended while the answer was being delayed */
        } else if (polls[i].fd == l->fd) {
            receive(l, now);
        }
    }
    answer_due(l, now);
}

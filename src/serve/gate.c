#include "serve/gate.h"

#include "base/limits.h"
#include "base/log.h"
#include "os/clock.h"
#include "os/ipc.h"
#include "serve/upgrade.h"

#include <stdlib.h>

#define LISTENERS 8
#define ACCEPT_ROUND                                                                               \
    32 /* connections taken at one event, so that one door can't starve another                    \
        */

struct listener {
    struct gate *gate;
    struct watch *watch; /* NULL: free */
    enum gate_door door;
    int fd;
    unsigned port;
};

/* A connection that has not been judged yet. */
struct knock {
    struct gate *gate; /* NULL: free */
    struct watch *watch;
    int fd;
    unsigned port;
    size_t seen; /* bytes of the head */
    uint64_t deadline_ms;
};

struct gate {
    struct loop *loop;
    struct ws *door;
    struct scs_door *scs;
    struct timer *timer;
    struct listener listeners[LISTENERS];
    struct knock knocks[LIMIT_HALF_OPEN];
};

static void knock_close(struct knock *k)
{
    watch_close(&k->watch);
    *k = (struct knock){0};
}

/* The one that has been given the most time. */
static struct knock *oldest(struct gate *g)
{
    struct knock *old = NULL;
    for (size_t i = 0; i < LIMIT_HALF_OPEN; i++) {
        struct knock *k = &g->knocks[i];
        if (k->gate != NULL && (old == NULL || k->deadline_ms < old->deadline_ms)) {
            old = k;
        }
    }
    return old;
}

static void set_timer(struct gate *g)
{
    struct knock *next = oldest(g);
    uint64_t now = clock_monotonic_ms();
    if (next == NULL) {
        timer_stop(g->timer);
    } else {
        timer_set(g->timer, next->deadline_ms > now ? next->deadline_ms - now : 0);
    }
}

static void on_deadline(void *user)
{
    struct gate *g = user;
    uint64_t now = clock_monotonic_ms();
    for (struct knock *k = oldest(g); k != NULL && k->deadline_ms <= now; k = oldest(g)) {
        knock_close(k);
    }
    set_timer(g);
}

/* What has come is taken first: a close with bytes unread would reset the connection, and the
 * answer with it. More than this is no mistake. */
static void drain(int fd)
{
    uint8_t head[LIMIT_HTTP_HEAD];
    size_t len = 1;
    ipc_peek_end(fd);
    for (int i = 0; i < 4 && len > 0; i++) {
        if (ipc_read(fd, head, sizeof head, &len) != ERR_OK) {
            return;
        }
    }
}

static void refuse(struct knock *k, enum upgrade verdict)
{
    struct span answer = upgrade_refusal(verdict);
    size_t len;
    drain(k->fd);
    (void)!ipc_write(k->fd, answer, &len);
    log_line(LOG_INFO, "a websocket was refused: %.3s",
             (const char *)answer.at + strlen("HTTP/1.1 "));
    knock_close(k);
}

static void admit(struct knock *k, struct span origin)
{
    int fd = ipc_duplicate(k->fd); /* the watch closes its own */
    ipc_peek_end(k->fd);
    if (fd < 0 || ws_admit(k->gate->door, fd, origin) != ERR_OK) {
        ipc_close(fd);
        refuse(k, UPGRADE_FULL);
        return;
    }
    knock_close(k);
}

static void on_head(void *user)
{
    struct knock *k = user;
    struct gate *g = k->gate;
    uint8_t head[LIMIT_HTTP_HEAD];
    size_t len = 0;
    struct span origin;
    if (ipc_peek(k->fd, head, sizeof head, &len) != ERR_OK || len == k->seen) {
        knock_close(k);
        set_timer(g);
        return;
    }
    k->seen = len;
    enum upgrade verdict = upgrade_check(span_of(head, len), k->port, &origin);
    if (verdict == UPGRADE_MORE) {
        return;
    }
    if (verdict == UPGRADE_GO) {
        admit(k, origin);
    } else {
        refuse(k, verdict);
    }
    set_timer(g);
}

static const struct watch_calls knock_calls = {on_head, NULL};

/* When all places are taken the oldest gives way: a page needs its place for a millisecond, and who
 * holds many can't keep it out. */
static void knock_open(struct listener *at, int fd)
{
    struct gate *g = at->gate;
    size_t slot = 0;
    while (slot < LIMIT_HALF_OPEN && g->knocks[slot].gate != NULL) {
        slot++;
    }
    struct knock *k = slot < LIMIT_HALF_OPEN ? &g->knocks[slot] : oldest(g);
    if (k->gate != NULL) {
        knock_close(k);
    }
    *k = (struct knock){g, NULL, fd, at->port, 0, clock_monotonic_ms() + LIMIT_HANDSHAKE_MS};
    if (loop_watch(g->loop, fd, &knock_calls, k, &k->watch) != ERR_OK) {
        knock_close(k);
    }
    set_timer(g);
}

static void on_knock(void *user)
{
    struct listener *at = user;
    int fd;
    for (int i = 0; i < ACCEPT_ROUND && ipc_accept(at->fd, &fd) == ERR_OK; i++) {
        if (ipc_check_tcp_peer(fd) != ERR_OK) {
            ipc_close(fd);
        } else if (at->door == GATE_SCS) {
            scs_door_admit(at->gate->scs, fd, at->port);
        } else {
            knock_open(at, fd);
        }
    }
}

static const struct watch_calls listener_calls = {on_knock, NULL};

enum err gate_open(struct loop *l, struct ws *door, struct scs_door *scs, struct gate **ret)
{
    struct gate *g = calloc(1, sizeof *g);
    if (g == NULL) {
        return ERR_NOMEM;
    }
    g->loop = l;
    g->door = door;
    g->scs = scs;
    enum err e = loop_timer(l, on_deadline, g, &g->timer);
    if (e != ERR_OK) {
        free(g);
        return e;
    }
    *ret = g;
    return ERR_OK;
}

enum err gate_listen(struct gate *g, enum gate_door door, int take_fd, unsigned port)
{
    size_t slot = 0;
    while (slot < LISTENERS && g->listeners[slot].watch != NULL) {
        slot++;
    }
    if (slot == LISTENERS || (door == GATE_SCS && g->scs == NULL)) {
        ipc_close(take_fd);
        return ERR_TOO_LARGE;
    }
    struct listener *at = &g->listeners[slot];
    *at = (struct listener){g, NULL, door, take_fd, port};
    return loop_watch(g->loop, take_fd, &listener_calls, at, &at->watch);
}

void gate_close(struct gate **g)
{
    if (*g == NULL) {
        return;
    }
    for (size_t i = 0; i < LISTENERS; i++) {
        watch_close(&(*g)->listeners[i].watch);
    }
    for (size_t i = 0; i < LIMIT_HALF_OPEN; i++) {
        knock_close(&(*g)->knocks[i]);
    }
    timer_close(&(*g)->timer);
    free(*g);
    *g = NULL;
}

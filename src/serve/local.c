#include "serve/local.h"

#include "base/log.h"
#include "os/ipc.h"
#include "serve/outbox.h"
#include "wire/frame.h"
#include "wire/native.h"
#include "wire/webeid.h"

#include <stdlib.h>

#define CHUNK 16384
#define ACCEPT_ROUND                                                                               \
    32 /* connections taken at one event, so that one door can't starve another                    \
        */

struct host {
    struct local *door;
    struct watch *watch;
    int fd; /* lent by the watch */
    struct frame_reader in;
    struct outbox out;
    struct client *client;
    bool introduced; /* the first frame has said who started it */
    bool finishing;  /* closed when everything is written */
    bool broken;
};

struct local {
    struct loop *loop;
    struct clients *clients;
    struct watch *listener;
    int fd;
    struct timer *sweep; /* closes what is broken, outside every call into it */
    struct host *hosts[LIMIT_CONNECTIONS];
};

static void host_close(struct host *h)
{
    for (size_t i = 0; i < LIMIT_CONNECTIONS; i++) {
        if (h->door->hosts[i] == h) {
            h->door->hosts[i] = NULL;
        }
    }
    client_close(&h->client);
    watch_close(&h->watch);
    frame_reader_clear(&h->in);
    outbox_clear(&h->out);
    free(h);
}

static void on_sweep(void *user)
{
    struct local *d = user;
    for (size_t i = 0; i < LIMIT_CONNECTIONS; i++) {
        if (d->hosts[i] != NULL && d->hosts[i]->broken) {
            host_close(d->hosts[i]);
        }
    }
}

static void host_break(struct host *h)
{
    h->broken = true;
    timer_set(h->door->sweep, 0);
}

static enum err flush(struct host *h)
{
    bool more = false;
    enum err e = outbox_flush(&h->out, h->fd, &more);
    if (more) {
        watch_want_write(h->watch);
    } else if (h->finishing) {
        host_break(h);
    }
    return e;
}

static enum err host_send(void *connection, struct span json)
{
    struct host *h = connection;
    if (h->broken) {
        return ERR_CLOSED;
    }
    enum err e = outbox_add(&h->out, json);
    if (e == ERR_OK) {
        e = flush(h);
    }
    if (e != ERR_OK) {
        host_break(h);
    }
    return e;
}

static void host_finish(void *connection)
{
    struct host *h = connection;
    h->finishing = true;
    if (flush(h) != ERR_OK) {
        host_break(h);
    }
}

static const struct client_door door_calls = {.send = host_send, .finish = host_finish};

static void on_host_writable(void *user)
{
    struct host *h = user;
    if (flush(h) != ERR_OK) {
        host_close(h);
    }
}

static enum err introduce(struct host *h, struct span record)
{
    struct caller caller;
    enum err e = caller_unpack(record, &caller);
    h->introduced = e == ERR_OK;
    if (e == ERR_OK && webeid_is_caller(&caller)) {
        client_greet(h->client);
    }
    return e;
}

static enum err take_frame(struct host *h, struct span body)
{
    if (!h->introduced) {
        return introduce(h, body);
    }
    client_message(h->client, body);
    return ERR_OK;
}

/* Every whole message that is there. */
static enum err take_messages(struct host *h)
{
    struct span body;
    enum err e = ERR_OK;
    while (e == ERR_OK && !h->broken && frame_reader_has(&h->in, &body)) {
        e = take_frame(h, body);
        if (e == ERR_OK) {
            e = frame_reader_next(&h->in);
        }
    }
    return e;
}

/* The stream can't be trusted after a bad length: one error, and the end. */
static void on_host_readable(void *user)
{
    struct host *h = user;
    uint8_t chunk[CHUNK];
    size_t len = 0;
    enum err e = ERR_OK;
    while (!h->broken && e == ERR_OK) {
        if (ipc_read(h->fd, chunk, sizeof chunk, &len) != ERR_OK) {
            host_close(h);
            return;
        }
        if (len == 0) {
            return;
        }
        e = frame_reader_feed(&h->in, span_of(chunk, len));
        if (e == ERR_OK) {
            e = take_messages(h);
        }
    }
    if (e != ERR_OK) {
        client_refuse(h->client, e);
    }
    host_close(h);
}

static const struct watch_calls host_calls = {on_host_readable, on_host_writable};

/* Not one of the clients: there is no room for it. The socket's own buffer holds the answer. */
static void refuse(int fd, enum err why)
{
    struct buf json;
    struct outbox out;
    bool more;
    buf_init(&json, LIMIT_REPLY);
    outbox_init(&out, LIMIT_REPLY);
    if (native_encode_error(span_of(NULL, 0), why, &json) == ERR_OK &&
        outbox_add(&out, buf_span(&json)) == ERR_OK) {
        (void)!outbox_flush(&out, fd, &more);
    }
    outbox_clear(&out);
    buf_clear(&json);
    ipc_close(fd);
}

static size_t free_slot(const struct local *d)
{
    size_t slot = 0;
    while (slot < LIMIT_CONNECTIONS && d->hosts[slot] != NULL) {
        slot++;
    }
    return slot;
}

static void admit(struct local *d, int fd)
{
    struct span unknown = span_of(NULL, 0);
    size_t slot = free_slot(d);
    struct host *h = slot < LIMIT_CONNECTIONS ? calloc(1, sizeof *h) : NULL;
    if (h == NULL) {
        refuse(fd, ERR_BUSY);
        return;
    }
    h->door = d;
    h->fd = fd;
    frame_reader_init(&h->in, LIMIT_MESSAGE);
    outbox_init(&h->out, LIMIT_UNSENT);
    enum err e = client_open(d->clients, DOOR_NATIVE, unknown, &door_calls, h, &h->client);
    if (e != ERR_OK) {
        refuse(fd, e);
        free(h);
        return;
    }
    d->hosts[slot] = h;
    if (loop_watch(d->loop, fd, &host_calls, h, &h->watch) != ERR_OK) {
        host_close(h);
    }
}

static void on_knock(void *user)
{
    struct local *d = user;
    int fd;
    for (int i = 0; i < ACCEPT_ROUND && ipc_accept(d->fd, &fd) == ERR_OK; i++) {
        if (ipc_check_peer(fd) == ERR_OK) {
            admit(d, fd);
        } else {
            log_line(LOG_WARN, "a local connection of another user was refused");
            ipc_close(fd);
        }
    }
}

static const struct watch_calls listener_calls = {on_knock, NULL};

enum err local_open(struct loop *l, struct clients *clients, int take_listener, struct local **ret)
{
    struct local *d = calloc(1, sizeof *d);
    if (d == NULL) {
        ipc_close(take_listener);
        return ERR_NOMEM;
    }
    d->loop = l;
    d->clients = clients;
    d->fd = take_listener;
    enum err e = loop_watch(l, take_listener, &listener_calls, d, &d->listener);
    if (e == ERR_OK) {
        e = loop_timer(l, on_sweep, d, &d->sweep);
    }
    if (e != ERR_OK) {
        local_close(&d);
        return e;
    }
    *ret = d;
    return ERR_OK;
}

void local_close(struct local **d)
{
    if (*d == NULL) {
        return;
    }
    for (size_t i = 0; i < LIMIT_CONNECTIONS; i++) {
        if ((*d)->hosts[i] != NULL) {
            host_close((*d)->hosts[i]);
        }
    }
    watch_close(&(*d)->listener);
    timer_close(&(*d)->sweep);
    free(*d);
    *d = NULL;
}

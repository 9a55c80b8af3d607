#include "serve/loop.h"

#include "base/log.h"
#include "os/ipc.h"

#include <libwebsockets.h>
#include <stdlib.h>

/* Connections, handshakes, listeners, signals, readers, signers: with room to spare. */
#define MAX_DESCRIPTORS 128
#define HEAD_BYTES      16384

struct loop {
    struct lws_context *lws;
    struct lws_vhost *vhost; /* of the raw descriptors */
    bool stopped;
    bool closing;
};

struct watch {
    lws_sorted_usec_list_t writing; /* asks lws for a writable event */
    struct loop *loop;
    struct lws *wsi;
    const struct watch_calls *calls;
    void *user;
};

struct timer {
    lws_sorted_usec_list_t entry; /* first: lws gives it back, we want what it stands in */
    struct loop *loop;
    void (*expired)(void *user);
    void *user;
};

static int on_readable(struct watch *w)
{
    if (w == NULL) {
        return -1; /* closed by watch_close a moment ago */
    }
    w->calls->readable(w->user);
    return 0;
}

static int on_writable(struct watch *w)
{
    if (w == NULL) {
        return -1;
    }
    if (w->calls->writable != NULL) {
        w->calls->writable(w->user);
    }
    return 0;
}

/* lws closes by itself only at its end, or on a hang-up that has nothing to read: that is told as
 * readable, for the read to find the end. */
static int on_closed(struct watch *w)
{
    if (w != NULL) {
        w->wsi = NULL;
        if (!w->loop->closing) {
            w->calls->readable(w->user);
        }
    }
    return 0;
}

static int watch_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                          size_t len)
{
    (void)user, (void)in, (void)len;
    switch ((int)reason) {
    case LWS_CALLBACK_RAW_RX_FILE:
        return on_readable(lws_get_opaque_user_data(wsi));
    case LWS_CALLBACK_RAW_WRITEABLE_FILE:
        return on_writable(lws_get_opaque_user_data(wsi));
    case LWS_CALLBACK_RAW_CLOSE_FILE:
        return on_closed(lws_get_opaque_user_data(wsi));
    default:
        return 0;
    }
}

static const struct lws_protocols protocols[] = {
    {"watch", watch_callback, 0, 0, 0, NULL, 0},
    {NULL, NULL, 0, 0, 0, NULL, 0},
};

static void log_from_lws(int level, const char *line)
{
    log_line((level & LLL_ERR) != 0 ? LOG_WARN : LOG_DEBUG, "%.*s", (int)strcspn(line, "\n"), line);
}

/* Without TLS, whose start takes 4 MB: the vhost of serve/scs_door.c asks for it when it is needed.
 */
enum err loop_open(struct loop **ret)
{
    struct lws_context_creation_info info = {
        .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
        .fd_limit_per_thread = MAX_DESCRIPTORS,
        .max_http_header_data = HEAD_BYTES,
        .port = CONTEXT_PORT_NO_LISTEN,
        .protocols = protocols,
        .vhost_name = "watch",
    };
    struct loop *l = calloc(1, sizeof *l);
    if (l == NULL) {
        return ERR_NOMEM;
    }
    lws_set_log_level(LLL_ERR | LLL_WARN, log_from_lws);
    l->lws = lws_create_context(&info);
    l->vhost = l->lws == NULL ? NULL : lws_create_vhost(l->lws, &info);
    if (l->vhost == NULL) {
        loop_close(&l);
        return ERR_NOMEM;
    }
    *ret = l;
    return ERR_OK;
}

void loop_close(struct loop **l)
{
    if (*l == NULL) {
        return;
    }
    (*l)->closing = true;
    if ((*l)->lws != NULL) {
        lws_context_destroy((*l)->lws);
    }
    free(*l);
    *l = NULL;
}

void loop_run(struct loop *l)
{
    while (!l->stopped && lws_service(l->lws, 0) >= 0) {
    }
}

void loop_stop(struct loop *l)
{
    l->stopped = true;
    lws_cancel_service(l->lws);
}

struct lws_context *loop_lws(struct loop *l)
{
    return l->lws;
}

/* ---- descriptors ---- */

enum err loop_watch(struct loop *l, int take_fd, const struct watch_calls *calls, void *user,
                    struct watch **ret)
{
    struct watch *w = calloc(1, sizeof *w);
    if (w == NULL) {
        ipc_close(take_fd);
        return ERR_NOMEM;
    }
    lws_adopt_desc_t desc = {
        .vh = l->vhost,
        .type = LWS_ADOPT_RAW_FILE_DESC,
        .fd.filefd = take_fd,
        .vh_prot_name = protocols[0].name,
        .opaque = w,
    };
    w->loop = l;
    w->calls = calls;
    w->user = user;
    w->wsi = lws_adopt_descriptor_vhost_via_info(&desc);
    if (w->wsi == NULL) {
        free(w);
        ipc_close(take_fd);
        return ERR_NOMEM;
    }
    *ret = w;
    return ERR_OK;
}

static void on_write_wanted(lws_sorted_usec_list_t *entry)
{
    struct watch *w = lws_container_of(entry, struct watch, writing);
    if (w->wsi != NULL) {
        lws_callback_on_writable(w->wsi);
    }
}

/* Asked for a moment later: after its writable event lws 4.1 drops what was asked for inside it. */
void watch_want_write(struct watch *w)
{
    lws_sul_schedule(w->loop->lws, 0, &w->writing, on_write_wanted, 1);
}

void watch_close(struct watch **w)
{
    if (*w == NULL) {
        return;
    }
    struct lws *wsi = (*w)->wsi; /* lws_wsi_close is a macro that wants this name */
    if (wsi != NULL) {
        lws_set_opaque_user_data(wsi, NULL);
        lws_wsi_close(wsi, LWS_TO_KILL_ASYNC);
    }
    lws_sul_cancel(&(*w)->writing);
    free(*w);
    *w = NULL;
}

/* ---- timers ---- */

static void on_expired(lws_sorted_usec_list_t *entry)
{
    struct timer *t = lws_container_of(entry, struct timer, entry);
    t->expired(t->user);
}

enum err loop_timer(struct loop *l, void (*expired)(void *user), void *user, struct timer **ret)
{
    struct timer *t = calloc(1, sizeof *t);
    if (t == NULL) {
        return ERR_NOMEM;
    }
    t->loop = l;
    t->expired = expired;
    t->user = user;
    *ret = t;
    return ERR_OK;
}

void timer_set(struct timer *t, uint64_t ms)
{
    lws_sul_schedule(t->loop->lws, 0, &t->entry, on_expired, (lws_usec_t)ms * LWS_US_PER_MS);
}

void timer_stop(struct timer *t)
{
    lws_sul_cancel(&t->entry);
}

void timer_close(struct timer **t)
{
    if (*t != NULL) {
        timer_stop(*t);
        free(*t);
        *t = NULL;
    }
}

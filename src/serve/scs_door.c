#include "serve/scs_door.h"

#include "base/log.h"
#include "core/listener_cert.h"
#include "core/scs_page.h"
#include "os/clock.h"
#include "os/ipc.h"
#include "serve/scs_http.h"

#include <libwebsockets.h>
#include <stdlib.h>

#define PATH_CAP 512u
#define JSON     "application/json"
/* TLS 1.2 with forward secrecy and authenticated encryption, which no older version has; the suites
 * of TLS 1.3 are all of that kind. */
#define SUITES                                                                                     \
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305"

enum phase {
    READING, /* a request is coming */
    ASKING,  /* it has been asked; the answer comes when it comes */
    WRITING, /* the answer is on its way */
    DRAINING /* it is out, and what still comes is thrown away for a moment: a close with bytes
                unread would reset the connection, and the answer with it */
};

struct link {
    struct scs_door *door;
    struct lws *wsi; /* NULL until it is adopted */
    unsigned port;
    enum phase phase;
    uint64_t deadline_ms; /* while READING or DRAINING */
    struct timer *timer;
    struct buf in;  /* the request, from its first byte */
    struct buf out; /* LWS_PRE bytes of room, and the answer */
    bool written;
    bool continued; /* "100 Continue" was sent */
    bool more;      /* the request has more bytes than will be read */
    lws_sorted_usec_list_t writing;
    struct client *client; /* of POST /sign; NULL: none */
};

struct scs_door {
    struct loop *loop;
    struct clients *clients;
    struct lws_vhost *vhost; /* NULL: there is no certificate */
    uint64_t stamp;          /* of the certificate that it has */
    struct link *links[LIMIT_CONNECTIONS];
};

/* ---- the end of one ---- */

static void link_free(struct link *k)
{
    for (size_t i = 0; i < LIMIT_CONNECTIONS; i++) {
        if (k->door->links[i] == k) {
            k->door->links[i] = NULL;
        }
    }
    client_close(&k->client);
    timer_close(&k->timer);
    lws_sul_cancel(&k->writing);
    buf_clear(&k->in);
    buf_clear(&k->out);
    free(k);
}

static void link_kill(struct link *k)
{
    struct lws *wsi = k->wsi; /* lws_wsi_close is a macro that wants this name */
    if (wsi != NULL) {
        lws_set_opaque_user_data(wsi, NULL);
        lws_wsi_close(wsi, LWS_TO_KILL_ASYNC);
    }
    link_free(k);
}

static void on_deadline(void *user)
{
    link_kill(user);
}

/* ---- answers ---- */

static void on_write_wanted(lws_sorted_usec_list_t *entry)
{
    struct link *k = lws_container_of(entry, struct link, writing);
    lws_callback_on_writable(k->wsi);
}

/* Asked for a moment later: lws drops what is asked for inside a writable event. */
static void want_write(struct link *k)
{
    lws_sul_schedule(loop_lws(k->door->loop), 0, &k->writing, on_write_wanted, 1);
}

/* The whole head is at the start of k->in, where it was read from. */
static enum scs_status judge(const struct link *k, struct scs_ask *ret)
{
    struct http_head h;
    *ret = (struct scs_ask){0};
    return http_head_read(buf_span(&k->in), &h) == HTTP_WHOLE ? scs_http_judge(&h, k->port, ret)
                                                              : SCS_BAD;
}

static enum err answer(struct link *k, enum scs_status status, const char *type, const char *policy,
                       struct span body)
{
    struct scs_ask ask;
    uint8_t *room;
    (void)judge(k, &ask);
    buf_clear(&k->out);
    enum err e = buf_extend(&k->out, LWS_PRE, &room);
    if (e == ERR_OK) {
        e = scs_http_answer(status, &ask, type, policy, body, &k->out);
    }
    if (e == ERR_OK) {
        timer_stop(k->timer);
        k->phase = WRITING;
        want_write(k);
    }
    return e;
}

static enum err link_send(void *connection, struct span json)
{
    return answer(connection, SCS_OK, JSON, NULL, json);
}

static const struct client_door door_calls = {.send = link_send};

static enum err answer_error(struct link *k, enum scs_status status, enum err why)
{
    struct buf body;
    buf_init(&body, LIMIT_REPLY);
    enum err e = clients_scs_error(k->door->clients, why, &body);
    if (e == ERR_OK) {
        e = answer(k, status, JSON, NULL, buf_span(&body));
    }
    buf_clear(&body);
    return e;
}

static enum err answer_version(struct link *k, const struct scs_ask *ask)
{
    struct buf body;
    buf_init(&body, LIMIT_REPLY);
    enum err e = clients_version(k->door->clients, ask->origin, ask->is_own, &body);
    if (e == ERR_OK) {
        e = answer(k, SCS_OK, JSON, NULL, buf_span(&body));
    }
    buf_clear(&body);
    return e;
}

static enum err answer_page(struct link *k, enum lang lang)
{
    struct buf body;
    buf_init(&body, SCS_PAGE_MAX);
    enum err e = scs_page_html(lang, &body);
    if (e == ERR_OK) {
        e = answer(k, SCS_OK, "text/html; charset=utf-8", SCS_PAGE_POLICY, buf_span(&body));
    }
    buf_clear(&body);
    return e;
}

static enum err sign(struct link *k, const struct scs_ask *ask, struct span body)
{
    if (ask->origin.len == 0) {
        return answer_error(k, SCS_OK, ERR_ORIGIN_INVALID);
    }
    enum err e = client_open(k->door->clients, DOOR_SCS, ask->origin, &door_calls, k, &k->client);
    if (e != ERR_OK) {
        return answer_error(k, SCS_OK, e);
    }
    timer_stop(k->timer);
    k->phase = ASKING;
    client_sign(k->client, body);
    return ERR_OK;
}

/* ---- a request ---- */

static enum err refuse(struct link *k, enum scs_status status)
{
    if (status == SCS_TOO_LARGE) {
        k->more = true;
        return answer_error(k, status, ERR_TOO_LARGE);
    }
    k->more = status == SCS_NEEDS_LENGTH;
    log_line(LOG_INFO, "a request to the SCS listener was refused (%d)", (int)status);
    return answer(k, status, NULL, NULL, span_of(NULL, 0));
}

static enum err go_on(struct link *k)
{
    static const uint8_t line[] = "HTTP/1.1 100 Continue\r\n\r\n";
    uint8_t bytes[LWS_PRE + sizeof line];
    memcpy(bytes + LWS_PRE, line, sizeof line - 1);
    k->continued = true;
    return lws_write(k->wsi, bytes + LWS_PRE, sizeof line - 1, LWS_WRITE_RAW) < 0 ? ERR_CLOSED
                                                                                  : ERR_OK;
}

static enum err serve(struct link *k, const struct scs_ask *ask, struct span body)
{
    switch (ask->route) {
    case SCS_VERSION:
        return answer_version(k, ask);
    case SCS_SIGN:
        return sign(k, ask, body);
    case SCS_PAGE:
        return answer_page(k, ask->lang);
    case SCS_SCRIPT:
        return answer(k, SCS_OK, "text/javascript", NULL, scs_page_script());
    case SCS_STYLE:
        return answer(k, SCS_OK, "text/css", NULL, scs_page_style());
    default:
        return answer(k, SCS_OK, NULL, NULL, span_of(NULL, 0));
    }
}

/* Not ERR_OK: the connection is of no use any more. */
static enum err take_request(struct link *k)
{
    struct http_head h;
    struct scs_ask ask;
    struct span in = buf_span(&k->in);
    enum http_state state = http_head_read(in, &h);
    if (state == HTTP_MORE) {
        return ERR_OK;
    }
    enum scs_status status = state == HTTP_BAD ? SCS_BAD : scs_http_judge(&h, k->port, &ask);
    if (status != SCS_OK) {
        return refuse(k, status);
    }
    if (in.len < h.len + ask.body) {
        return ask.wants_continue && !k->continued ? go_on(k) : ERR_OK;
    }
    return serve(k, &ask, span_sub(in, h.len, ask.body));
}

/* ---- events ---- */

static int on_receive(struct link *k, struct span bytes)
{
    if (k == NULL) {
        return -1;
    }
    if (k->phase != READING) {
        return 0; /* one request a connection */
    }
    /* lws gives a connection that it has accepted a few seconds and never takes that back: from
     * here on the time is ours to keep. */
    lws_set_timeout(k->wsi, NO_PENDING_TIMEOUT, 0);
    enum err e = buf_append(&k->in, bytes);
    if (e == ERR_OK) {
        e = take_request(k);
    }
    return e == ERR_OK ? 0 : -1;
}

static int on_written(struct link *k)
{
    client_close(&k->client);
    if (!k->more) {
        return -1;
    }
    k->phase = DRAINING;
    timer_set(k->timer, LIMIT_DRAIN_MS);
    return 0;
}

static int on_writeable(struct link *k, struct lws *wsi)
{
    if (k == NULL) {
        return -1;
    }
    if (k->phase != WRITING) {
        return 0;
    }
    if (!k->written) {
        size_t len = k->out.len - LWS_PRE;
        k->written = true;
        if (lws_write(wsi, k->out.at + LWS_PRE, len, LWS_WRITE_RAW) < (int)len) {
            return -1;
        }
    }
    if (lws_partial_buffered(wsi)) {
        want_write(k);
        return 0;
    }
    return on_written(k);
}

static int on_destroy(struct link *k)
{
    if (k != NULL) {
        link_free(k);
    }
    return 0;
}

static int scs_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                        size_t len)
{
    (void)user;
    switch ((int)reason) {
    case LWS_CALLBACK_RAW_RX:
        return on_receive(lws_get_opaque_user_data(wsi), span_of(in, len));
    case LWS_CALLBACK_RAW_WRITEABLE:
        return on_writeable(lws_get_opaque_user_data(wsi), wsi);
    case LWS_CALLBACK_WSI_DESTROY:
        return on_destroy(lws_get_opaque_user_data(wsi));
    default:
        return 0;
    }
}

static const struct lws_protocols protocols[] = {
    {"scs", scs_callback, 0, 16384, 0, NULL, 0},
    {NULL, NULL, 0, 0, 0, NULL, 0},
};

/* ---- the door ---- */

/* A new certificate needs a new home; the old one goes with it. */
static enum err load(struct scs_door *d)
{
    char pem[PATH_CAP];
    int64_t now = clock_calendar_s();
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .protocols = protocols,
        .vhost_name = "scs",
        .alpn = "http/1.1",
        .ssl_cert_filepath = pem,
        .ssl_private_key_filepath = pem,
        .ssl_cipher_list = SUITES,
        .options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
    };
    if (d->vhost != NULL) {
        lws_vhost_destroy(d->vhost);
        d->vhost = NULL;
    }
    enum err e = listener_cert_ready(now, pem, sizeof pem);
    d->stamp = listener_cert_stamp(now);
    if (e == ERR_OK) {
        d->vhost = lws_create_vhost(loop_lws(d->loop), &info);
        e = d->vhost != NULL ? ERR_OK : ERR_CERT_NOT_FOUND;
    }
    if (e != ERR_OK) {
        log_line(LOG_ERROR, "the SCS listener has no certificate: %s", err_name(e));
    }
    return e;
}

enum err scs_door_open(struct loop *l, struct clients *clients, struct scs_door **ret)
{
    struct scs_door *d = calloc(1, sizeof *d);
    if (d == NULL) {
        return ERR_NOMEM;
    }
    d->loop = l;
    d->clients = clients;
    *ret = d;
    return ERR_OK;
}

void scs_door_close(struct scs_door **d)
{
    if (*d == NULL) {
        return;
    }
    for (size_t i = 0; i < LIMIT_CONNECTIONS; i++) {
        if ((*d)->links[i] != NULL) {
            link_kill((*d)->links[i]);
        }
    }
    free(*d);
    *d = NULL;
}

static bool is_idle(const struct scs_door *d)
{
    for (size_t i = 0; i < LIMIT_CONNECTIONS; i++) {
        if (d->links[i] != NULL) {
            return false;
        }
    }
    return true;
}

/* The place of a request that has been coming for the longest time is given away when there is no
 * other: a page needs its own for a millisecond. Who waits for the person keeps theirs. */
static size_t find_place(struct scs_door *d)
{
    size_t slot = LIMIT_CONNECTIONS;
    for (size_t i = 0; i < LIMIT_CONNECTIONS; i++) {
        const struct link *k = d->links[i];
        if (k == NULL) {
            return i;
        }
        if (k->phase == READING &&
            (slot == LIMIT_CONNECTIONS || k->deadline_ms < d->links[slot]->deadline_ms)) {
            slot = i;
        }
    }
    if (slot < LIMIT_CONNECTIONS) {
        link_kill(d->links[slot]);
    }
    return slot;
}

/* From here on the connection's end frees the link, also when lws refuses it at once: it is then
 * gone from the list. */
static void adopt(struct scs_door *d, size_t slot, int take_fd)
{
    lws_adopt_desc_t desc = {
        .vh = d->vhost,
        .type = LWS_ADOPT_SOCKET | LWS_ADOPT_ALLOW_SSL,
        .fd.sockfd = take_fd,
        .vh_prot_name = protocols[0].name,
        .opaque = d->links[slot],
    };
    struct lws *wsi = lws_adopt_descriptor_vhost_via_info(&desc);
    if (wsi != NULL && d->links[slot] != NULL) {
        d->links[slot]->wsi = wsi;
    } else if (d->links[slot] != NULL) {
        link_free(d->links[slot]);
    }
}

/* The certificate is loaded for the first connection: an agent at which no such page knocks stays
 * small, without the memory that TLS takes. */
void scs_door_admit(struct scs_door *d, int take_fd, unsigned port)
{
    uint64_t stamp = listener_cert_stamp(clock_calendar_s());
    if ((stamp == 0 || stamp != d->stamp) && is_idle(d)) {
        (void)!load(d); /* the log says when it can't */
    }
    size_t slot = d->vhost != NULL ? find_place(d) : LIMIT_CONNECTIONS;
    struct link *k = slot < LIMIT_CONNECTIONS ? calloc(1, sizeof *k) : NULL;
    if (k == NULL) {
        ipc_close(take_fd);
        return;
    }
    k->door = d;
    k->port = port;
    buf_init(&k->in, LIMIT_HTTP_HEAD + LIMIT_MESSAGE);
    buf_init(&k->out, LWS_PRE + SCS_HTTP_HEAD * 2 + LIMIT_REPLY);
    if (loop_timer(d->loop, on_deadline, k, &k->timer) != ERR_OK) {
        free(k);
        ipc_close(take_fd);
        return;
    }
    k->deadline_ms = clock_monotonic_ms() + LIMIT_REQUEST_MS;
    timer_set(k->timer, LIMIT_REQUEST_MS);
    d->links[slot] = k;
    adopt(d, slot, take_fd);
}

#include "serve/ws.h"

#include "base/log.h"
#include "base/wipe.h"
#include "os/ipc.h"
#include "serve/upgrade.h"
#include "wire/frame.h"

#include <libwebsockets.h>
#include <stdlib.h>

#define RX_CHUNK 16384 /* largest piece that lws gives at once */

struct page {
    struct ws *door;
    struct lws *wsi; /* NULL until it is adopted */
    struct client *client;
    struct buf in;
    struct buf out;                   /* frames, to keep messages apart */
    enum lws_close_status close_with; /* 0: open; else close when everything is written */
};

struct ws {
    struct clients *clients;
    struct lws_vhost *vhost;
    struct page *pages[LIMIT_CONNECTIONS];
};

/* ---- one connection ---- */

static void page_free(struct page *p)
{
    for (size_t i = 0; i < LIMIT_CONNECTIONS; i++) {
        if (p->door->pages[i] == p) {
            p->door->pages[i] = NULL;
        }
    }
    client_close(&p->client);
    buf_clear(&p->in);
    buf_clear(&p->out);
    free(p);
}

static enum err page_send(void *connection, struct span json)
{
    struct page *p = connection;
    struct lws *wsi = p->wsi; /* lws_wsi_close is a macro that wants this name */
    enum err e = p->close_with != 0 || wsi == NULL ? ERR_CLOSED : frame_append(&p->out, json);
    if (e == ERR_OK) {
        lws_callback_on_writable(wsi);
    } else if (e == ERR_TOO_LARGE || e == ERR_NOMEM) {
        p->close_with = LWS_CLOSE_STATUS_POLICY_VIOLATION; /* it asks and does not read */
        lws_wsi_close(wsi, LWS_TO_KILL_ASYNC);
    }
    return e;
}

static void page_finish(void *connection)
{
    struct page *p = connection;
    if (p->close_with == 0 && p->wsi != NULL) {
        p->close_with = LWS_CLOSE_STATUS_NORMAL;
        lws_callback_on_writable(p->wsi);
    }
}

static const struct client_door door_calls = {.send = page_send, .finish = page_finish};

static int page_refuse(struct page *p, enum err why, enum lws_close_status status)
{
    buf_clear(&p->in);
    client_refuse(p->client, why);
    p->close_with = status;
    lws_callback_on_writable(p->wsi);
    return 0;
}

/* ---- events ---- */

static int on_established(struct page *p, struct lws *wsi)
{
    if (p == NULL) {
        return -1;
    }
    p->wsi = wsi;
    return 0;
}

static int on_receive(struct page *p, struct lws *wsi, struct span piece)
{
    if (p == NULL || p->close_with != 0) {
        return 0; /* on its way out: what still comes is not looked at */
    }
    if (lws_frame_is_binary(wsi)) {
        return page_refuse(p, ERR_MALFORMED, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE);
    }
    enum err e = buf_append(&p->in, piece);
    if (e != ERR_OK) {
        return page_refuse(p, e, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE);
    }
    if (lws_is_final_fragment(wsi) && lws_remaining_packet_payload(wsi) == 0) {
        client_message(p->client, buf_span(&p->in));
        buf_clear(&p->in);
    }
    return 0;
}

/* One message, with the room before it that lws wants. */
static enum err write_message(struct lws *wsi, struct span json)
{
    uint8_t *at = json.len > 0 ? malloc(LWS_PRE + json.len) : NULL;
    if (at == NULL) {
        return ERR_NOMEM;
    }
    memcpy(at + LWS_PRE, json.at, json.len);
    int n = lws_write(wsi, at + LWS_PRE, json.len, LWS_WRITE_TEXT);
    wipe(at + LWS_PRE, json.len); /* it may be what a card has decrypted */
    free(at);
    return n < (int)json.len ? ERR_CLOSED : ERR_OK;
}

static int on_writeable(struct page *p, struct lws *wsi)
{
    if (p == NULL) {
        return -1;
    }
    if (p->out.len >= FRAME_HEADER) {
        size_t len = frame_length(p->out.at);
        if (write_message(wsi, span_sub(buf_span(&p->out), FRAME_HEADER, len)) != ERR_OK) {
            return -1;
        }
        buf_consume(&p->out, FRAME_HEADER + len);
    }
    if (p->out.len > 0 || lws_partial_buffered(wsi)) {
        lws_callback_on_writable(wsi);
        return 0;
    }
    buf_clear(&p->out);
    if (p->close_with != 0) {
        lws_close_reason(wsi, p->close_with, NULL, 0);
        return -1;
    }
    return 0;
}

static int on_destroy(struct page *p)
{
    if (p != NULL) {
        page_free(p);
    }
    return 0;
}

static int ws_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                       size_t len)
{
    struct page *p = lws_get_opaque_user_data(wsi);
    (void)user;
    switch ((int)reason) {
    case LWS_CALLBACK_ESTABLISHED:
        return on_established(p, wsi);
    case LWS_CALLBACK_RECEIVE:
        return on_receive(p, wsi, span_of(in, len));
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return on_writeable(p, wsi);
    default:
        return 0;
    }
}

/* The vhost's first protocol: it hears of every connection's end, and serves nothing. */
static int door_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                         size_t len)
{
    (void)user, (void)in, (void)len;
    switch ((int)reason) {
    case LWS_CALLBACK_WSI_DESTROY:
        return on_destroy(lws_get_opaque_user_data(wsi));
    case LWS_CALLBACK_HTTP:
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
    case LWS_CALLBACK_RAW_ADOPT:
        return -1;
    default:
        return 0;
    }
}

static const struct lws_protocols protocols[] = {
    {"nothing", door_callback, 0, 0, 0, NULL, 0},
    {UPGRADE_SUBPROTOCOL, ws_callback, 0, RX_CHUNK, 0, NULL, 0},
    {NULL, NULL, 0, 0, 0, NULL, 0},
};

/* ---- the door ---- */

enum err ws_open(struct loop *l, struct clients *clients, struct ws **ret)
{
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .protocols = protocols,
        .vhost_name = "websocket",
        .timeout_secs = LIMIT_HANDSHAKE_MS / 1000,
        .timeout_secs_ah_idle = LIMIT_HANDSHAKE_MS / 1000,
    };
    struct ws *d = calloc(1, sizeof *d);
    if (d == NULL) {
        return ERR_NOMEM;
    }
    d->clients = clients;
    d->vhost = lws_create_vhost(loop_lws(l), &info);
    if (d->vhost == NULL) {
        free(d);
        return ERR_NOMEM;
    }
    *ret = d;
    return ERR_OK;
}

void ws_close(struct ws **d)
{
    if (*d == NULL) {
        return;
    }
    for (size_t i = 0; i < LIMIT_CONNECTIONS; i++) {
        struct page *p = (*d)->pages[i];
        struct lws *wsi = p == NULL ? NULL : p->wsi;
        if (wsi != NULL) {
            lws_set_opaque_user_data(wsi, NULL);
            lws_wsi_close(wsi, LWS_TO_KILL_ASYNC);
        }
        if (p != NULL) {
            page_free(p);
        }
    }
    free(*d);
    *d = NULL;
}

/* From here on the connection's end frees the page, also when lws refuses it at once: the page is
 * then gone from the list. */
static enum err adopt(struct ws *d, size_t slot, int take_fd)
{
    lws_adopt_desc_t desc = {
        .vh = d->vhost,
        .type = LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP,
        .fd.sockfd = take_fd,
        .opaque = d->pages[slot],
    };
    struct lws *wsi = lws_adopt_descriptor_vhost_via_info(&desc);
    if (wsi != NULL) {
        d->pages[slot]->wsi = wsi;
    } else if (d->pages[slot] != NULL) {
        page_free(d->pages[slot]);
    }
    return ERR_OK;
}

enum err ws_admit(struct ws *d, int take_fd, struct span origin)
{
    size_t slot = 0;
    while (slot < LIMIT_CONNECTIONS && d->pages[slot] != NULL) {
        slot++;
    }
    struct page *p = slot < LIMIT_CONNECTIONS ? calloc(1, sizeof *p) : NULL;
    if (p == NULL) {
        return ERR_BUSY;
    }
    p->door = d;
    buf_init(&p->in, LIMIT_MESSAGE);
    buf_init(&p->out, LIMIT_UNSENT);
    enum err e = client_open(d->clients, DOOR_WEBSOCKET, origin, &door_calls, p, &p->client);
    if (e != ERR_OK) {
        free(p);
        return e;
    }
    d->pages[slot] = p;
    return adopt(d, slot, take_fd);
}

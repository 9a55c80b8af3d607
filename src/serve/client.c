#include "serve/client_inside.h"

#include "base/log.h"
#include "core/origin.h"
#include "core/scs_rules.h"
#include "os/clock.h"
#include "wire/native.h"
#include "wire/scs.h"
#include "wire/webeid.h"

#include <stdlib.h>

static struct span name_span(const struct name *n)
{
    return span_of(n->at, n->len);
}

/* `text` has passed origin_check, so it fits. */
static void name_set(struct name *n, struct span text)
{
    n->len = text.len < sizeof n->at ? text.len : sizeof n->at;
    memcpy(n->at, text.at, n->len);
}

/* ---- all of them ---- */

enum err clients_open(const struct client_events *events, void *user, const struct policy *policy,
                      struct clients **ret)
{
    struct clients *c = calloc(1, sizeof *c);
    if (c == NULL) {
        return ERR_NOMEM;
    }
    c->events = events;
    c->user = user;
    c->policy = policy;
    *ret = c;
    return ERR_OK;
}

void clients_close(struct clients **c)
{
    free(*c);
    *c = NULL;
}

void clients_set_queue(struct clients *c, struct queue *q)
{
    c->queue = q;
}

size_t clients_count(const struct clients *c)
{
    size_t n = 0;
    for (size_t i = 0; i < LIMIT_CONNECTIONS; i++) {
        n += c->list[i] != NULL;
    }
    return n;
}

static bool origin_has_room(const struct clients *c, struct span origin)
{
    size_t n = 0;
    for (size_t i = 0; i < LIMIT_CONNECTIONS; i++) {
        n += c->list[i] != NULL && span_eq(name_span(&c->list[i]->origin), origin);
    }
    return n < LIMIT_PER_ORIGIN;
}

static bool is_granted(const struct clients *c, struct span origin)
{
    for (size_t i = 0; i < LIMIT_ORIGINS; i++) {
        if (span_eq(name_span(&c->granted[i]), origin)) {
            return true;
        }
    }
    return false;
}

static void grant(struct clients *c, struct span origin)
{
    if (!is_granted(c, origin)) {
        name_set(&c->granted[c->next_grant], origin);
        c->next_grant = (c->next_grant + 1) % LIMIT_ORIGINS;
    }
}

static struct client *find(struct clients *c, uint64_t number)
{
    for (size_t i = 0; i < LIMIT_CONNECTIONS; i++) {
        if (c->list[i] != NULL && c->list[i]->number == number) {
            return c->list[i];
        }
    }
    return NULL;
}

/* ---- one ---- */

enum err client_open(struct clients *c, enum door door, struct span origin,
                     const struct client_door *calls, void *connection, struct client **ret)
{
    size_t slot = 0;
    while (slot < LIMIT_CONNECTIONS && c->list[slot] != NULL) {
        slot++;
    }
    if (slot == LIMIT_CONNECTIONS || (origin.len > 0 && !origin_has_room(c, origin))) {
        return ERR_BUSY;
    }
    struct client *one = calloc(1, sizeof *one);
    if (one == NULL) {
        return ERR_NOMEM;
    }
    one->all = c;
    one->number = ++c->last_number;
    one->door = door;
    one->calls = calls;
    one->connection = connection;
    if (origin.len > 0) {
        name_set(&one->origin, origin);
    }
    c->list[slot] = one;
    *ret = one;
    c->events->changed(c->user);
    return ERR_OK;
}

void client_close(struct client **c)
{
    struct client *one = *c;
    if (one == NULL) {
        return;
    }
    struct clients *all = one->all;
    *c = NULL;
    for (size_t i = 0; i < LIMIT_CONNECTIONS; i++) {
        if (all->list[i] == one) {
            all->list[i] = NULL;
        }
    }
    queue_drop(all->queue, one->number);
    free(one);
    all->events->changed(all->user);
}

/* ---- answers ---- */

static enum err encode_error(const struct client *c, struct span id, enum err why, struct buf *json)
{
    return client_is_webeid(c) ? webeid_encode_error(why, json)
                               : native_encode_error(id, why, json);
}

/* e: how the encoding went. An answer that is too large to send is an error to send instead. */
void client_send(struct client *c, struct span id, enum err e, struct buf *json)
{
    if (e != ERR_OK) {
        buf_clear(json);
        e = encode_error(c, id, e, json);
    }
    if (e == ERR_OK) {
        e = c->calls->send(c->connection, buf_span(json));
    }
    if (e != ERR_OK) {
        log_line(LOG_INFO, "an answer could not be sent: %s", err_name(e));
    }
    buf_clear(json);
}

static void send_error(struct client *c, struct span id, enum err why)
{
    struct buf json;
    buf_init(&json, LIMIT_REPLY);
    client_send(c, id, encode_error(c, id, why, &json), &json);
}

static void send_empty(struct client *c, struct span id)
{
    struct buf json;
    buf_init(&json, LIMIT_REPLY);
    client_send(c, id, native_encode_empty(id, &json), &json);
}

static void subscribe(struct client *c)
{
    grant(c->all, name_span(&c->origin));
    c->subscribed = true;
    c->all->events->subscribed(c->all->user);
}

/* All but what the answer itself brings; returns the first signature of that. */
static size_t send_pieces(struct client *c, const struct request *r, const struct response *resp)
{
    size_t from = 0;
    for (size_t to = native_piece(r, resp, from); to < resp->n_sigs;
         to = native_piece(r, resp, from)) {
        struct buf json;
        buf_init(&json, LIMIT_REPLY);
        client_send(c, r->id, native_encode_signatures(r, resp, from, to, &json), &json);
        from = to;
    }
    return from;
}

/* ---- answers of SCS ---- */

static enum scs_codes codes_of(const struct clients *c)
{
    return c->policy->scs.codes_as_strings ? SCS_CODES_STRING : SCS_CODES_NUMBER;
}

/* The listener sends the body as it is, the native door inside an answer of its own. */
static void send_scs(struct client *c, struct span id, int status, enum err e, struct buf *body)
{
    struct buf json;
    if (e != ERR_OK) {
        buf_clear(body);
        e = scs_encode_error(e, codes_of(c->all), body);
    }
    if (c->door == DOOR_SCS) {
        if (e == ERR_OK) {
            e = c->calls->send(c->connection, buf_span(body));
        }
        if (e != ERR_OK) {
            log_line(LOG_INFO, "an answer could not be sent: %s", err_name(e));
        }
    } else {
        buf_init(&json, LIMIT_REPLY);
        if (e == ERR_OK) {
            e = native_encode_scs(id, status, buf_span(body), &json);
        }
        client_send(c, id, e, &json);
    }
    buf_clear(body);
}

static void send_scs_response(struct client *c, const struct request *r,
                              const struct response *resp)
{
    struct buf body;
    buf_init(&body, LIMIT_REPLY);
    send_scs(c, r->id, 200, scs_encode_response(r, resp, codes_of(c->all), &body), &body);
}

enum err clients_scs_error(const struct clients *c, enum err why, struct buf *out)
{
    return scs_encode_error(why, codes_of(c), out);
}

/* Others hear what they would hear without a card. */
static bool may_hear_of_card(const struct clients *c, struct span origin)
{
    return c->policy->scs.presence_to_all || is_granted(c, origin) ||
           policy_grants(c->policy, origin, POLICY_CARD_PRESENCE);
}

static enum err put_version(struct clients *c, bool may_hear, struct buf *out)
{
    return scs_encode_version(may_hear && c->events->has_card(c->user), out);
}

enum err clients_version(struct clients *c, struct span origin, bool is_own, struct buf *out)
{
    c->events->changed(c->user); /* who asks again and again keeps the agent */
    return put_version(c, is_own || may_hear_of_card(c, origin), out);
}

void clients_answer(struct clients *c, uint64_t connection, const struct request *r,
                    const struct response *resp)
{
    struct client *one = find(c, connection);
    if (one != NULL && r->door == DOOR_SCS) {
        send_scs_response(one, r, resp);
    } else if (one != NULL && client_is_webeid(one)) {
        client_webeid_answer(one, r, resp);
    } else if (one != NULL) {
        struct buf json;
        buf_init(&json, LIMIT_REPLY);
        if (r->method == METHOD_SUBSCRIBE && resp->err == ERR_OK) {
            subscribe(one);
        }
        size_t from = send_pieces(one, r, resp);
        client_send(one, r->id, native_encode_response(r, resp, from, &json), &json);
    }
    c->events->changed(c->user);
}

void clients_progress(struct clients *c, uint64_t connection, const struct request *r,
                      const struct progress *p)
{
    struct client *one = find(c, connection);
    if (one != NULL && !client_is_webeid(one)) {
        struct buf json;
        buf_init(&json, LIMIT_REPLY);
        client_send(one, r->id, native_encode_progress(r->id, p, &json), &json);
    }
}

void clients_card_event(struct clients *c, bool inserted)
{
    for (size_t i = 0; i < LIMIT_CONNECTIONS; i++) {
        struct client *one = c->list[i];
        if (one != NULL && one->subscribed) {
            struct buf json;
            buf_init(&json, LIMIT_REPLY);
            client_send(one, span_of(NULL, 0), native_encode_card_event(inserted, &json), &json);
        }
    }
}

void client_refuse(struct client *c, enum err e)
{
    send_error(c, span_of(NULL, 0), e);
}

/* ---- methods: each answers, or says what the answer is ---- */

static enum err on_hello(struct client *c, struct request *r)
{
    struct buf json;
    buf_init(&json, LIMIT_REPLY);
    client_send(c, r->id, native_encode_hello(r->id, &json), &json);
    return ERR_OK;
}

static enum err on_cancel(struct client *c, struct request *r)
{
    /* Not found: it was answered while this was on its way. */
    (void)queue_cancel(c->all->queue, c->number, r->cancel_id);
    if (r->id.len > 0) {
        send_empty(c, r->id);
    }
    return ERR_OK;
}

static enum err on_unsubscribe(struct client *c, struct request *r)
{
    c->subscribed = false;
    send_empty(c, r->id);
    return ERR_OK;
}

enum err client_ask_person(struct client *c, struct request *r)
{
    return queue_add(c->all->queue, c->number, r, clock_monotonic_ms());
}

static enum err on_subscribe(struct client *c, struct request *r)
{
    if (!is_granted(c->all, name_span(&c->origin))) {
        return client_ask_person(c, r);
    }
    subscribe(c);
    send_empty(c, r->id);
    return ERR_OK;
}

static void sign(struct client *c, struct span id, struct span body)
{
    struct request r;
    struct buf answer;
    request_init(&r);
    enum err e = scs_rules_decode(c->all->policy, body, id, name_span(&c->origin), &r);
    if (e == ERR_OK) {
        e = queue_add(c->all->queue, c->number, &r, clock_monotonic_ms());
    }
    if (e != ERR_OK) {
        buf_init(&answer, LIMIT_REPLY);
        send_scs(c, id, 200, e, &answer);
    }
    request_clear(&r);
}

void client_sign(struct client *c, struct span body)
{
    sign(c, span_of(NULL, 0), body);
}

/* An exchange that an extension passes on. The page for people is the listener's own. */
static enum err on_scs(struct client *c, struct request *r)
{
    struct buf body;
    struct clients *all = c->all;
    enum scs_route route = scs_rules_route(r->scs.verb, r->scs.path);
    if (route == SCS_SIGN) {
        sign(c, r->id, r->scs.body);
        return ERR_OK;
    }
    buf_init(&body, LIMIT_REPLY);
    if (route == SCS_VERSION) {
        bool may_hear = r->scs.chosen || may_hear_of_card(all, name_span(&c->origin));
        send_scs(c, r->id, 200, put_version(all, may_hear, &body), &body);
    } else {
        int status = route == SCS_PREFLIGHT ? 200 : route == SCS_NO_VERB ? 405 : 404;
        send_scs(c, r->id, status, ERR_OK, &body);
    }
    return ERR_OK;
}

static enum err on_scs_sites(struct client *c, struct request *r)
{
    struct span origins[LIMIT_POLICY_ORIGINS];
    size_t n = policy_list(c->all->policy, POLICY_SCS_EXTENSION, origins);
    struct buf json;
    buf_init(&json, LIMIT_REPLY);
    client_send(c, r->id, native_encode_scs_sites(r->id, origins, n, &json), &json);
    return ERR_OK;
}

static enum err (*const methods[METHOD_COUNT])(struct client *c, struct request *r) = {
    [METHOD_AUTHENTICATE] = client_ask_person,
    [METHOD_GET_SIGNING_CERTIFICATE] = client_ask_person,
    [METHOD_SIGN] = client_ask_person,
    [METHOD_DECRYPT] = client_ask_person,
    [METHOD_SUBSCRIBE] = on_subscribe,
    [METHOD_UNSUBSCRIBE] = on_unsubscribe,
    [METHOD_HELLO] = on_hello,
    [METHOD_CANCEL] = on_cancel,
    [METHOD_SCS] = on_scs,
    [METHOD_SCS_SITES] = on_scs_sites,
};

enum err client_take_origin(struct client *c, struct span origin)
{
    if (c->origin.len > 0) {
        return span_eq(name_span(&c->origin), origin) ? ERR_OK : ERR_ORIGIN_DENIED;
    }
    enum err e = origin_check(origin);
    if (e == ERR_OK && !origin_has_room(c->all, origin)) {
        e = ERR_BUSY;
    }
    if (e == ERR_OK) {
        name_set(&c->origin, origin);
    }
    return e;
}

struct span client_door_origin(const struct client *c)
{
    return c->door == DOOR_NATIVE ? span_of(NULL, 0) : name_span(&c->origin);
}

static enum err may_ask(struct client *c, const struct request *r)
{
    if (r->method == METHOD_SCS_SITES) {
        return ERR_OK; /* no page, but the extension: the decoder knows it by that */
    }
    enum err e = client_take_origin(c, r->origin);
    /* What the person has chosen in the extension needs no word of the administrator. */
    if (e == ERR_OK && !r->scs.chosen) {
        e = policy_decide(c->all->policy, r->origin, c->door, r->method);
    }
    return e;
}

static void own_message(struct client *c, struct span json)
{
    struct request r;
    request_init(&r);
    enum err e = native_decode(json, c->door, client_door_origin(c), &r);
    bool answered = e != ERR_OK || r.id.len > 0; /* a notification that was understood is not */
    if (e == ERR_OK) {
        e = may_ask(c, &r);
    }
    if (e == ERR_OK) {
        e = methods[r.method](c, &r);
    }
    if (e != ERR_OK && answered) {
        send_error(c, r.id, e);
    }
    request_clear(&r);
}

void client_message(struct client *c, struct span json)
{
    if (c->dialect == DIALECT_OPEN && webeid_speaks(json)) {
        client_greet(c);
    }
    if (c->dialect == DIALECT_WEBEID) {
        client_webeid_message(c, json);
    } else if (c->dialect != DIALECT_WEBEID_ASKED) {
        c->dialect = DIALECT_OWN;
        own_message(c, json);
    }
}

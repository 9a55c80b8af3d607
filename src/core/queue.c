#include "core/queue.h"

#include <assert.h>
#include <stdlib.h>

struct item {
    uint64_t connection;
    uint64_t deadline_ms; /* of its waiting; the operation itself has its time from its start */
    struct request request;
};

enum state { IDLE, RUNNING, STOPPING };

/* An origin whose requests the person keeps cancelling. */
struct strike {
    uint8_t origin[LIMIT_ORIGIN];
    size_t len; /* 0: free */
    unsigned cancels;
    uint64_t paused_until_ms; /* 0: not paused */
};

struct queue {
    const struct queue_calls *calls;
    void *user;
    enum state state;
    struct item running; /* while RUNNING */
    struct item waiting[LIMIT_QUEUE];
    size_t n_waiting;
    struct strike strikes[LIMIT_ORIGINS];
};

enum err queue_open(const struct queue_calls *calls, void *user, struct queue **ret)
{
    struct queue *q = calloc(1, sizeof *q);
    if (q == NULL) {
        return ERR_NOMEM;
    }
    q->calls = calls;
    q->user = user;
    *ret = q;
    return ERR_OK;
}

void queue_close(struct queue **q)
{
    if (*q == NULL) {
        return;
    }
    request_clear(&(*q)->running.request);
    for (size_t i = 0; i < (*q)->n_waiting; i++) {
        request_clear(&(*q)->waiting[i].request);
    }
    free(*q);
    *q = NULL;
}

/* Moves the content: a request holds no pointer into itself. */
static void item_move(struct item *to, struct item *from)
{
    *to = *from;
    *from = (struct item){0};
    request_init(&from->request);
}

static void waiting_remove(struct queue *q, size_t at)
{
    request_clear(&q->waiting[at].request);
    for (size_t i = at + 1; i < q->n_waiting; i++) {
        item_move(&q->waiting[i - 1], &q->waiting[i]);
    }
    q->n_waiting--;
}

/* ---- strikes ---- */

static struct strike *strike_find(struct queue *q, struct span origin)
{
    for (size_t i = 0; i < LIMIT_ORIGINS; i++) {
        if (q->strikes[i].len > 0 &&
            span_eq(span_of(q->strikes[i].origin, q->strikes[i].len), origin)) {
            return &q->strikes[i];
        }
    }
    return NULL;
}

/* A free row, or the one whose pause ends first. */
static struct strike *strike_make(struct queue *q, struct span origin)
{
    struct strike *s = &q->strikes[0];
    for (size_t i = 1; i < LIMIT_ORIGINS && s->len > 0; i++) {
        if (q->strikes[i].len == 0 || q->strikes[i].paused_until_ms < s->paused_until_ms) {
            s = &q->strikes[i];
        }
    }
    *s = (struct strike){.len = origin.len};
    memcpy(s->origin, origin.at, origin.len);
    return s;
}

static bool must_pause(struct queue *q, struct span origin, uint64_t now_ms)
{
    struct strike *s = strike_find(q, origin);
    if (s == NULL || s->paused_until_ms == 0) {
        return false;
    }
    if (now_ms < s->paused_until_ms) {
        return true;
    }
    *s = (struct strike){0};
    return false;
}

static void count_strike(struct queue *q, struct span origin, enum err e, uint64_t now_ms)
{
    struct strike *s = strike_find(q, origin);
    if (e == ERR_OK && s != NULL) {
        *s = (struct strike){0};
    }
    if (e != ERR_CANCELLED || origin.len == 0 || origin.len > LIMIT_ORIGIN) {
        return;
    }
    if (s == NULL) {
        s = strike_make(q, origin);
    }
    if (++s->cancels >= LIMIT_CANCELS) {
        s->paused_until_ms = now_ms + LIMIT_PAUSE_MS;
    }
}

/* ---- answers ---- */

static void answer(struct queue *q, const struct item *item, const struct response *resp)
{
    q->calls->answer(q->user, item->connection, &item->request, resp);
}

static void answer_error(struct queue *q, const struct item *item, enum err e)
{
    struct response resp;
    response_init(&resp, item->request.method);
    resp.err = e;
    answer(q, item, &resp);
    response_clear(&resp);
}

/* Takes the item out before the answer goes out: whatever the receiver does to the queue then, the
 * item can't be answered again. */
static void waiting_end(struct queue *q, size_t at, enum err e)
{
    struct item item;
    item_move(&item, &q->waiting[at]);
    waiting_remove(q, at);
    answer_error(q, &item, e);
    request_clear(&item.request);
}

/* ---- the running one ---- */

static void start_next(struct queue *q)
{
    while (q->state == IDLE && q->n_waiting > 0) {
        item_move(&q->running, &q->waiting[0]);
        waiting_remove(q, 0);
        q->state = RUNNING;
        enum err e = q->calls->start(q->user, &q->running.request);
        if (e != ERR_OK) {
            struct item item;
            item_move(&item, &q->running);
            q->state = IDLE;
            answer_error(q, &item, e);
            request_clear(&item.request);
        }
    }
}

/* The item leaves with its answer still owed; the caller gives it, or nobody is there to hear it.
 */
static void stop_running(struct queue *q, struct item *ret_item)
{
    assert(q->state == RUNNING);
    item_move(ret_item, &q->running);
    q->state = STOPPING;
    if (q->calls->stop(q->user)) {
        q->state = IDLE;
    }
}

void queue_done(struct queue *q, const struct response *resp, uint64_t now_ms)
{
    struct item item;
    assert(q->state != IDLE);
    enum state was = q->state;
    item_move(&item, &q->running);
    q->state = IDLE;
    if (was == RUNNING) {
        count_strike(q, item.request.origin, resp->err, now_ms);
        answer(q, &item, resp);
    }
    request_clear(&item.request);
    start_next(q);
}

/* ---- coming and going ---- */

static bool same_id(const struct item *item, uint64_t connection, struct span id)
{
    return item->connection == connection && span_eq(item->request.id, id);
}

/* Of the running one and those that wait. */
static size_t count(const struct queue *q, uint64_t connection, struct span origin,
                    size_t *ret_of_origin)
{
    size_t of_connection = 0, of_origin = 0;
    for (size_t i = 0; i <= q->n_waiting; i++) {
        const struct item *item = i < q->n_waiting ? &q->waiting[i] : &q->running;
        if (item == &q->running && q->state != RUNNING) {
            break;
        }
        of_connection += item->connection == connection;
        of_origin += span_eq(item->request.origin, origin);
    }
    *ret_of_origin = of_origin;
    return of_connection;
}

static bool is_pending(const struct queue *q, uint64_t connection, struct span id)
{
    for (size_t i = 0; i < q->n_waiting; i++) {
        if (same_id(&q->waiting[i], connection, id)) {
            return true;
        }
    }
    return q->state == RUNNING && same_id(&q->running, connection, id);
}

enum err queue_add(struct queue *q, uint64_t connection, struct request *r, uint64_t now_ms)
{
    size_t of_origin;
    if (is_pending(q, connection, r->id)) {
        return ERR_REQUEST_INVALID;
    }
    if (count(q, connection, r->origin, &of_origin) > 0 || of_origin >= LIMIT_PER_ORIGIN ||
        q->n_waiting == LIMIT_QUEUE || must_pause(q, r->origin, now_ms)) {
        return ERR_BUSY;
    }
    struct item *item = &q->waiting[q->n_waiting++];
    *item = (struct item){connection, now_ms + r->timeout_ms, *r};
    request_init(r);
    start_next(q);
    return ERR_OK;
}

bool queue_cancel(struct queue *q, uint64_t connection, struct span id)
{
    for (size_t i = 0; i < q->n_waiting; i++) {
        if (same_id(&q->waiting[i], connection, id)) {
            waiting_end(q, i, ERR_ABORTED);
            return true;
        }
    }
    if (q->state != RUNNING || !same_id(&q->running, connection, id)) {
        return false;
    }
    struct item item;
    stop_running(q, &item);
    answer_error(q, &item, ERR_ABORTED);
    request_clear(&item.request);
    start_next(q);
    return true;
}

void queue_drop(struct queue *q, uint64_t connection)
{
    for (size_t i = q->n_waiting; i > 0; i--) {
        if (q->waiting[i - 1].connection == connection) {
            waiting_remove(q, i - 1);
        }
    }
    if (q->state == RUNNING && q->running.connection == connection) {
        struct item item;
        stop_running(q, &item);
        request_clear(&item.request);
    }
    start_next(q);
}

void queue_progress(struct queue *q, const struct progress *p)
{
    if (q->state == RUNNING) {
        q->calls->progress(q->user, q->running.connection, &q->running.request, p);
    }
}

void queue_expire(struct queue *q, uint64_t now_ms)
{
    for (size_t i = 0; i < q->n_waiting;) {
        if (q->waiting[i].deadline_ms <= now_ms) {
            waiting_end(q, i, ERR_TIMED_OUT);
            i = 0; /* the answer may have changed the queue */
        } else {
            i++;
        }
    }
}

uint64_t queue_deadline(const struct queue *q)
{
    uint64_t first = UINT64_MAX;
    for (size_t i = 0; i < q->n_waiting; i++) {
        first = q->waiting[i].deadline_ms < first ? q->waiting[i].deadline_ms : first;
    }
    return first;
}

bool queue_is_empty(const struct queue *q)
{
    return q->state == IDLE && q->n_waiting == 0;
}

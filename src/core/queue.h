/* Who asks the person when: one operation at a time, the others wait in the order they came. Pure
 * logic; processes and connections are behind three calls. Every request that was taken gets
 * exactly one answer, unless its connection goes away. */
#ifndef CORE_QUEUE_H
#define CORE_QUEUE_H

#include "wire/msg.h"

struct queue_calls {
    /* Begins the operation; its answer comes by queue_done, never from inside this call. Anything
     * but ERR_OK: it could not begin, and that is the answer. */
    enum err (*start)(void *user, struct request *r);
    /* Nobody wants the running operation any more. True when it has ended at once; else queue_done
     * says later that it has (its response is dropped). */
    bool (*stop)(void *user);
    /* Delivers to the connection that asked. */
    void (*answer)(void *user, uint64_t connection, const struct request *r,
                   const struct response *resp);
    void (*progress)(void *user, uint64_t connection, const struct request *r,
                     const struct progress *p);
};

struct queue;

/* calls is borrowed. */
enum err queue_open(const struct queue_calls *calls, void *user, struct queue **ret) MUST_CHECK;
/* Drops what waits without an answer; clears the pointer. */
void queue_close(struct queue **q);

/* ERR_OK: the request has moved into the queue, *r is empty. Else *r is untouched:
 * ERR_REQUEST_INVALID when a request with this id is pending on the connection; ERR_BUSY when the
 * connection has one already, the origin has LIMIT_PER_ORIGIN, LIMIT_QUEUE wait, or the origin must
 * pause because the person has cancelled LIMIT_CANCELS times in a row. */
enum err queue_add(struct queue *q, uint64_t connection, struct request *r,
                   uint64_t now_ms) MUST_CHECK;
/* The request gets ERR_ABORTED. False when there is no such request (any more). */
bool queue_cancel(struct queue *q, uint64_t connection, struct span id);
/* The connection is gone: its requests end without an answer. */
void queue_drop(struct queue *q, uint64_t connection);
/* The running operation has its answer, or has ended after stop (resp is then not looked at and may
 * be NULL). The next one starts. */
void queue_done(struct queue *q, const struct response *resp, uint64_t now_ms);
/* The running operation is so far; nothing happens when nobody wants it any more. */
void queue_progress(struct queue *q, const struct progress *p);
/* Requests that waited for longer than they wanted get ERR_TIMED_OUT. */
void queue_expire(struct queue *q, uint64_t now_ms);
/* When queue_expire should be called next; UINT64_MAX: never. */
uint64_t queue_deadline(const struct queue *q);
/* Nothing runs and nothing waits. */
bool queue_is_empty(const struct queue *q);

#endif

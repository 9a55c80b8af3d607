/* The pages that are connected, whichever door they came through: from one JSON text to its answer.
 * Knows origins, methods and the queue; nothing of sockets. */
#ifndef SERVE_CLIENT_H
#define SERVE_CLIENT_H

#include "core/policy.h"
#include "core/queue.h"
#include "wire/msg.h"

struct client;
struct clients;

/* What a door can do with a connection. Neither calls back into this module. */
struct client_door {
    /* Queues one JSON text for the page. Not ERR_OK: it can't take more, and will close. */
    enum err (*send)(void *connection, struct span json);
    /* Closes the connection when everything that was sent has gone out. */
    void (*finish)(void *connection);
};

struct client_events {
    /* A connection was opened or closed, or an operation has ended. */
    void (*changed)(void *user);
    /* The first page may hear of cards: watch them from now on. */
    void (*subscribed)(void *user);
    /* Is a card in, as far as it is known at this moment? */
    bool (*has_card)(void *user);
};

/* events and policy are borrowed. */
enum err clients_open(const struct client_events *events, void *user, const struct policy *policy,
                      struct clients **ret) MUST_CHECK;
/* After every connection is closed. */
void clients_close(struct clients **c);
/* The queue whose answers come to clients_answer; borrowed. Set once, before the first connection.
 */
void clients_set_queue(struct clients *c, struct queue *q);
size_t clients_count(const struct clients *c);

/* A page has come. `origin` is what the door knows: judged already on the websocket, empty on the
 * native door, whose first message brings it. ERR_BUSY when there are LIMIT_CONNECTIONS, or
 * LIMIT_PER_ORIGIN of this origin. calls and connection are borrowed until client_close. */
enum err client_open(struct clients *c, enum door door, struct span origin,
                     const struct client_door *calls, void *connection,
                     struct client **ret) MUST_CHECK;
/* Its requests end; clears the pointer; NULL is fine. */
void client_close(struct client **c);
/* The page's extension speaks Web eID's dialect and waits for a greeting. Before any message; other
 * connections choose their dialect by their first message. */
void client_greet(struct client *c);
/* One message. Every answer that is known at once is sent before this returns. */
void client_message(struct client *c, struct span json);
/* A connection of DOOR_SCS has the body of POST /sign. What it is sent is the body of the answer,
 * one for each. */
void client_sign(struct client *c, struct span body);
/* Appends the answer of GET /version for this origin, which may be empty; is_own: for our own page.
 */
enum err clients_version(struct clients *c, struct span origin, bool is_own,
                         struct buf *out) MUST_CHECK;
/* The body of an answer to a page that can't have a connection. */
enum err clients_scs_error(const struct clients *c, enum err why, struct buf *out) MUST_CHECK;
/* What came could not be taken for a message at all: one error without an id. */
void client_refuse(struct client *c, enum err e);

/* For the queue: delivers, if the connection is still there. */
void clients_answer(struct clients *c, uint64_t connection, const struct request *r,
                    const struct response *resp);
void clients_progress(struct clients *c, uint64_t connection, const struct request *r,
                      const struct progress *p);
/* Tells every page that the person allowed to hear of it. */
void clients_card_event(struct clients *c, bool inserted);

#endif

/* What client.c and the files of its dialects share. Nobody else includes this. */
#ifndef SERVE_CLIENT_INSIDE_H
#define SERVE_CLIENT_INSIDE_H

#include "serve/client.h"

/* How a connection speaks. Web eID's is one conversation: greeting, command, reply, the end. */
enum dialect { DIALECT_OPEN, DIALECT_OWN, DIALECT_WEBEID, DIALECT_WEBEID_ASKED };

struct name {
    uint8_t at[LIMIT_ORIGIN];
    size_t len; /* 0: none */
};

struct client {
    struct clients *all;
    uint64_t number; /* never used twice */
    enum door door;
    enum dialect dialect;
    struct name origin;
    bool subscribed;
    const struct client_door *calls;
    void *connection;
};

struct clients {
    const struct client_events *events;
    void *user;
    const struct policy *policy;
    struct queue *queue;
    struct client *list[LIMIT_CONNECTIONS];
    uint64_t last_number;
    struct name granted[LIMIT_ORIGINS]; /* may hear of cards */
    size_t next_grant;                  /* where the next one goes: the oldest gives way */
};

static inline bool client_is_webeid(const struct client *c)
{
    return c->dialect >= DIALECT_WEBEID;
}

/* The origin that the door knows, for a decoder: empty where the message has to bring it. */
struct span client_door_origin(const struct client *c);
/* Judges the origin of a message; the first one of a native connection fixes it, and a later one
 * can't change it. */
enum err client_take_origin(struct client *c, struct span origin) MUST_CHECK;
/* Into the queue; takes what `r` holds when it succeeds. */
enum err client_ask_person(struct client *c, struct request *r) MUST_CHECK;
/* Sends the text, or when there is none an error in its place. e: how the encoding went. */
void client_send(struct client *c, struct span id, enum err e, struct buf *json);

/* One message in Web eID's dialect, the only one of its connection, and the answer to it. */
void client_webeid_message(struct client *c, struct span json);
void client_webeid_answer(struct client *c, const struct request *r, const struct response *resp);

#endif

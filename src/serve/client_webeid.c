/* Web eID's dialect (wire/webeid.h) in a connection: greeting, one command, one reply, the end. */
#include "core/policy.h"
#include "serve/client_inside.h"
#include "wire/webeid.h"

void client_greet(struct client *c)
{
    struct buf json;
    buf_init(&json, LIMIT_REPLY);
    c->dialect = DIALECT_WEBEID;
    client_send(c, span_of(NULL, 0), webeid_encode_greeting(&json), &json);
}

/* e: how its encoding went. */
static void reply(struct client *c, enum err e, struct buf *json)
{
    client_send(c, span_of(NULL, 0), e, json);
    c->calls->finish(c->connection);
}

void client_webeid_answer(struct client *c, const struct request *r, const struct response *resp)
{
    struct buf json;
    buf_init(&json, LIMIT_REPLY);
    reply(c, webeid_encode_response(r, resp, &json), &json);
}

void client_webeid_message(struct client *c, struct span json)
{
    struct request r;
    struct buf text;
    request_init(&r);
    buf_init(&text, LIMIT_REPLY);
    c->dialect = DIALECT_WEBEID_ASKED;
    enum err e = webeid_decode(json, c->door, client_door_origin(c), &r);
    if (e == ERR_OK && r.method == METHOD_HELLO) {
        reply(c, webeid_encode_quit(&text), &text);
    } else {
        if (e == ERR_OK) {
            e = client_take_origin(c, r.origin);
        }
        if (e == ERR_OK) {
            e = policy_decide(c->all->policy, r.origin, r.door, r.method);
        }
        if (e == ERR_OK) {
            e = client_ask_person(c, &r);
        }
        if (e != ERR_OK) {
            reply(c, webeid_encode_error(e, &text), &text);
        }
    }
    request_clear(&r);
}

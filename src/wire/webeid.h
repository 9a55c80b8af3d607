/* Web eID's native messages (docs/webeid.md) to and from struct request and struct response. The
 * only knowledge of their member names is in webeid*.c. A connection that speaks so carries one
 * conversation: our greeting, one command, one reply. */
#ifndef WIRE_WEBEID_H
#define WIRE_WEBEID_H

#include "wire/caller.h"
#include "wire/msg.h"

/* True for the extensions that Web eID publishes (webeid_callers.def). */
bool webeid_is_caller(const struct caller *c);
/* True when the text is a JSON object with a command in it, and so meant for webeid_decode. */
bool webeid_speaks(struct span json);

/* `r` was request_init'ed; its door becomes DOOR_WEBEID. carrier is the door that the message came
 * through: DOOR_WEBSOCKET brings the Origin header as door_origin and has no "origin" among its
 * arguments; on DOOR_NATIVE that argument, which the extension writes, is required and door_origin
 * is empty. "quit" is METHOD_HELLO without an origin. Origin syntax is not judged here.
 * ERR_MALFORMED, ERR_TOO_LARGE, ERR_REQUEST_INVALID, ERR_METHOD_UNKNOWN, ERR_ARGUMENT,
 * ERR_UNSUPPORTED (hash), ERR_NOMEM. */
enum err webeid_decode(struct span json, enum door carrier, struct span door_origin,
                       struct request *r) MUST_CHECK;

/* Each appends one JSON text; ERR_TOO_LARGE past LIMIT_REPLY. The greeting is a constant: nothing
 * of the computer can be learnt from it. */
enum err webeid_encode_greeting(struct buf *out) MUST_CHECK;
enum err webeid_encode_quit(struct buf *out) MUST_CHECK;
/* The reply to what webeid_decode gave, success or error. */
enum err webeid_encode_response(const struct request *r, const struct response *resp,
                                struct buf *out) MUST_CHECK;
enum err webeid_encode_error(enum err why, struct buf *out) MUST_CHECK;

#endif

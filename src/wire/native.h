/* The JSON-RPC 2.0 dialect of our own doors (docs/protocol.md) to and from struct request and
 * struct response. The only knowledge of JSON member names is in native*.c and filter_json.c. */
#ifndef WIRE_NATIVE_H
#define WIRE_NATIVE_H

#include "wire/msg.h"

/* `r` was request_init'ed. door_origin is the origin that the door itself knows (websocket: the
 * Origin header); empty on the native door, where the message's own top-level "origin" member,
 * which the extension writes, is required instead
 * (and refused with METHOD_SCS_SITES). r->id is set as soon as it could be read, so
 * that an error can be answered with it. Origin syntax is not judged here (core/origin.h).
 * ERR_MALFORMED, ERR_TOO_LARGE, ERR_REQUEST_INVALID, ERR_METHOD_UNKNOWN, ERR_ARGUMENT,
 * ERR_UNSUPPORTED (format or hash), ERR_NOMEM. */
enum err native_decode(struct span json, enum door door, struct span door_origin,
                       struct request *r) MUST_CHECK;

/* A browser takes LIMIT_REPLY at a time: signatures that are more go out in pieces, each as a
 * notification, and the last ones with the answer. Returns where the piece that begins with
 * signature `from` ends; resp->n_sigs: the rest fits the answer. */
size_t native_piece(const struct request *r, const struct response *resp, size_t from);
/* Each appends one JSON text. A piece that is not the last: the signatures from `from` to before
 * `to`. ERR_TOO_LARGE past LIMIT_REPLY, here and below. */
enum err native_encode_signatures(const struct request *r, const struct response *resp, size_t from,
                                  size_t to, struct buf *out) MUST_CHECK;
/* The answer to a request that went to a signer, success or error, with the signatures from `from`
 * on; for subscribe the result is {}. */
enum err native_encode_response(const struct request *r, const struct response *resp, size_t from,
                                struct buf *out) MUST_CHECK;
/* id: raw JSON, empty: null. */
enum err native_encode_error(struct span id, enum err e, struct buf *out) MUST_CHECK;
enum err native_encode_hello(struct span id, struct buf *out) MUST_CHECK;
enum err native_encode_empty(struct span id, struct buf *out) MUST_CHECK; /* result {} */
/* Of scs: the HTTP status and the body, a text, that the page would have got. */
enum err native_encode_scs(struct span id, int status, struct span body,
                           struct buf *out) MUST_CHECK;
enum err native_encode_scs_sites(struct span id, const struct span *origins, size_t n_origins,
                                 struct buf *out) MUST_CHECK;
/* Notification for the request with this id. */
enum err native_encode_progress(struct span id, const struct progress *p,
                                struct buf *out) MUST_CHECK;
enum err native_encode_card_event(bool inserted, struct buf *out) MUST_CHECK;

#endif

/* The one HTTP request that the websocket door answers to (RFC 6455 §4.2.1), judged before
 * libwebsockets sees a byte of it. Pure: bytes in, verdict out. */
#ifndef SERVE_UPGRADE_H
#define SERVE_UPGRADE_H

#include "base/span.h"

#define UPGRADE_SUBPROTOCOL "korttisilta.v1"

enum upgrade {
    UPGRADE_MORE,       /* the head is not complete yet */
    UPGRADE_GO,         /* *ret_origin is the page's origin, borrowed from the head */
    UPGRADE_BAD,        /* 400 */
    UPGRADE_BAD_ORIGIN, /* 403 */
    UPGRADE_NOT_FOUND,  /* 404: any other request; it tells nothing */
    UPGRADE_BAD_HOST,   /* 421 */
    UPGRADE_FULL,       /* 503: for the caller, this function never says it */
    UPGRADE_COUNT
};

/* `head`: what has come so far. Host must name this loopback listener on `port`, Origin must be a
 * secure web origin; each of the headers that decide may stand there once, and nothing may follow
 * the head: a page sends its first message after the answer. */
enum upgrade upgrade_check(struct span head, unsigned port, struct span *ret_origin);

/* The whole refusal, status line to body. Static storage. */
struct span upgrade_refusal(enum upgrade verdict);

#endif

/* What the SCS listener makes of one HTTP request, and the bytes of its answers (docs/scs.md).
 * Pure. */
#ifndef SERVE_SCS_HTTP_H
#define SERVE_SCS_HTTP_H

#include "base/buf.h"
#include "core/scs_rules.h"
#include "serve/http_head.h"

#define SCS_HTTP_HEAD 1024u /* an answer's head is never longer */

enum scs_status {
    SCS_OK,           /* 200 */
    SCS_BAD,          /* 400 */
    SCS_BAD_ORIGIN,   /* 403 */
    SCS_NOT_FOUND,    /* 404 */
    SCS_NOT_ALLOWED,  /* 405 */
    SCS_NEEDS_LENGTH, /* 411: chunked bodies are not read */
    SCS_TOO_LARGE,    /* 413 */
    SCS_BAD_HOST,     /* 421 */
    SCS_STATUS_COUNT
};

struct scs_ask {
    enum scs_route route;
    struct span origin; /* borrowed from the head; empty: the request has none */
    bool is_own;        /* sent by our own page, as the browser says */
    bool private_network;
    bool wants_continue;
    enum lang lang; /* of the page for people */
    size_t body;    /* bytes that follow the head */
};

/* SCS_OK: *ret says what is asked; of SCS_TOO_LARGE, SCS_NOT_FOUND and SCS_NOT_ALLOWED its origin
 * is set too. Host must name this loopback listener on `port`. */
enum scs_status scs_http_judge(const struct http_head *h, unsigned port, struct scs_ask *ret);

/* Appends a whole answer that ends the connection. type: of the body, NULL when it has none;
 * policy: Content-Security-Policy, NULL: nothing of it may run. */
enum err scs_http_answer(enum scs_status status, const struct scs_ask *ask, const char *type,
                         const char *policy, struct span body, struct buf *out) MUST_CHECK;

#endif

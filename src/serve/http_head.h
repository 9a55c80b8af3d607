/* The head of one HTTP/1.1 request (RFC 7230 §3), read strictly: what two readers could take for
 * two different things is refused. Pure: bytes in, spans out. */
#ifndef SERVE_HTTP_HEAD_H
#define SERVE_HTTP_HEAD_H

#include "base/span.h"

/* The fields that decide something here; each may stand there once. */
enum http_field {
    HTTP_HOST,
    HTTP_ORIGIN,
    HTTP_UPGRADE,
    HTTP_CONNECTION,
    HTTP_KEY,      /* Sec-WebSocket-Key */
    HTTP_VERSION,  /* Sec-WebSocket-Version */
    HTTP_PROTOCOL, /* Sec-WebSocket-Protocol */
    HTTP_LENGTH,
    HTTP_ENCODING,
    HTTP_EXPECT,
    HTTP_LANGUAGE,        /* Accept-Language */
    HTTP_SITE,            /* Sec-Fetch-Site */
    HTTP_PRIVATE_NETWORK, /* Access-Control-Request-Private-Network */
    HTTP_FIELDS
};

struct http_head {
    bool is_1_1; /* the first line is a verb, a path and "HTTP/1.1" */
    struct span verb;
    struct span path;
    struct span values[HTTP_FIELDS]; /* without the blanks around them */
    bool present[HTTP_FIELDS];
    size_t len; /* with the empty line */
};

enum http_state { HTTP_MORE, HTTP_WHOLE, HTTP_BAD };

/* `bytes`: what has come so far; the spans of *ret point into it. HTTP_MORE: the head is not
 * complete; HTTP_BAD also when it will never be, because it is longer than LIMIT_HTTP_HEAD. */
enum http_state http_head_read(struct span bytes, struct http_head *ret);
/* In any case of ASCII. */
bool http_is_word(struct span text, const char *lower_case);
/* The word is one of a list with commas. */
bool http_lists_word(struct span list, const char *lower_case);

#endif

#include "serve/scs_http.h"

#include "base/limits.h"
#include "core/origin.h"
#include "core/scs_page.h"

#include <stdio.h>

/* Plain digits; one more than the largest body when there are too many of them. */
static bool parse_length(struct span text, size_t *ret)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return false;
        }
        n = n > LIMIT_MESSAGE ? n : n * 10 + (size_t)(text.at[i] - '0');
    }
    *ret = n;
    return text.len > 0;
}

static enum scs_status status_of(enum scs_route route)
{
    return route == SCS_NO_PATH ? SCS_NOT_FOUND : route == SCS_NO_VERB ? SCS_NOT_ALLOWED : SCS_OK;
}

enum scs_status scs_http_judge(const struct http_head *h, unsigned port, struct scs_ask *ret)
{
    *ret = (struct scs_ask){.route = scs_rules_route(h->verb, h->path)};
    if (!h->is_1_1) {
        return SCS_BAD;
    }
    if (origin_check_host(h->values[HTTP_HOST], port) != ERR_OK) {
        return SCS_BAD_HOST;
    }
    if (h->present[HTTP_ORIGIN]) {
        if (origin_check(h->values[HTTP_ORIGIN]) != ERR_OK) {
            return SCS_BAD_ORIGIN;
        }
        ret->origin = h->values[HTTP_ORIGIN];
    }
    ret->is_own = !h->present[HTTP_ORIGIN] && span_is(h->values[HTTP_SITE], "same-origin");
    ret->private_network = h->present[HTTP_PRIVATE_NETWORK];
    ret->wants_continue = h->present[HTTP_EXPECT];
    ret->lang = scs_page_lang(h->path, h->values[HTTP_LANGUAGE]);
    if (h->present[HTTP_ENCODING]) {
        return SCS_NEEDS_LENGTH;
    }
    if (h->present[HTTP_LENGTH] && !parse_length(h->values[HTTP_LENGTH], &ret->body)) {
        return SCS_BAD;
    }
    return ret->body > LIMIT_MESSAGE ? SCS_TOO_LARGE : status_of(ret->route);
}

static enum err put_cors(const struct scs_ask *ask, struct buf *out)
{
    enum err e = buf_append_str(out, "Access-Control-Allow-Origin: ");
    if (e == ERR_OK) {
        e = buf_append(out, ask->origin);
    }
    if (e == ERR_OK) {
        e = buf_append_str(out, "\r\nAccess-Control-Allow-Methods: GET, POST\r\n"
                                "Access-Control-Allow-Headers: Accept, Content-Type\r\n"
                                "Access-Control-Max-Age: 3600\r\n");
    }
    if (e == ERR_OK && ask->private_network) {
        e = buf_append_str(out, "Access-Control-Allow-Private-Network: true\r\n");
    }
    return e;
}

enum err scs_http_answer(enum scs_status status, const struct scs_ask *ask, const char *type,
                         const char *policy, struct span body, struct buf *out)
{
    static const char *const lines[SCS_STATUS_COUNT] = {
        [SCS_OK] = "200 OK",
        [SCS_BAD] = "400 Bad Request",
        [SCS_BAD_ORIGIN] = "403 Forbidden",
        [SCS_NOT_FOUND] = "404 Not Found",
        [SCS_NOT_ALLOWED] = "405 Method Not Allowed\r\nAllow: GET, POST, OPTIONS",
        [SCS_NEEDS_LENGTH] = "411 Length Required",
        [SCS_TOO_LARGE] = "413 Content Too Large",
        [SCS_BAD_HOST] = "421 Misdirected Request",
    };
    char head[SCS_HTTP_HEAD];
    snprintf(head, sizeof head,
             "HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: %zu\r\n%s%s%s"
             "Cache-Control: no-store\r\nVary: Origin\r\nX-Content-Type-Options: nosniff\r\n"
             "Referrer-Policy: no-referrer\r\nX-Frame-Options: DENY\r\n"
             "Content-Security-Policy: %s\r\n",
             lines[status], body.len, type != NULL ? "Content-Type: " : "",
             type != NULL ? type : "", type != NULL ? "\r\n" : "",
             policy != NULL ? policy : "default-src 'none'; frame-ancestors 'none'");
    enum err e = buf_append_str(out, head);
    if (e == ERR_OK && ask->origin.len > 0) {
        e = put_cors(ask, out);
    }
    if (e == ERR_OK) {
        e = buf_append_str(out, "\r\n");
    }
    return e == ERR_OK ? buf_append(out, body) : e;
}

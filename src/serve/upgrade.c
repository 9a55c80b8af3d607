#include "serve/upgrade.h"

#include "core/origin.h"
#include "serve/http_head.h"

#define KEY_LEN 24u /* base64 of 16 bytes, RFC 6455 §4.1 */

static bool asks_for_websocket(const struct http_head *h)
{
    return h->is_1_1 && span_is(h->verb, "GET") && span_is(h->path, "/") &&
           http_is_word(h->values[HTTP_UPGRADE], "websocket") &&
           http_lists_word(h->values[HTTP_CONNECTION], "upgrade");
}

static bool speaks_our_protocol(const struct http_head *h)
{
    return span_is(h->values[HTTP_PROTOCOL], UPGRADE_SUBPROTOCOL) &&
           span_is(h->values[HTTP_VERSION], "13") && h->values[HTTP_KEY].len == KEY_LEN &&
           !h->present[HTTP_LENGTH] && !h->present[HTTP_ENCODING];
}

enum upgrade upgrade_check(struct span head, unsigned port, struct span *ret_origin)
{
    struct http_head h;
    enum http_state state = http_head_read(head, &h);
    if (state == HTTP_MORE) {
        return UPGRADE_MORE;
    }
    bool is_get = h.is_1_1 && span_is(h.verb, "GET");
    if (state == HTTP_BAD || (is_get && h.len < head.len)) {
        return UPGRADE_BAD;
    }
    if (origin_check_host(h.values[HTTP_HOST], port) != ERR_OK) {
        return UPGRADE_BAD_HOST;
    }
    if (!asks_for_websocket(&h)) {
        return UPGRADE_NOT_FOUND;
    }
    if (origin_check(h.values[HTTP_ORIGIN]) != ERR_OK) {
        return UPGRADE_BAD_ORIGIN;
    }
    if (!speaks_our_protocol(&h)) {
        return UPGRADE_BAD;
    }
    *ret_origin = h.values[HTTP_ORIGIN];
    return UPGRADE_GO;
}

#define REFUSAL(status, length, body)                                                              \
    "HTTP/1.1 " status                                                                             \
    "\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: " length "\r\n\r\n" body

struct span upgrade_refusal(enum upgrade verdict)
{
    static const char *const texts[UPGRADE_COUNT] = {
        [UPGRADE_BAD] = REFUSAL("400 Bad Request", "12", "bad request\n"),
        [UPGRADE_BAD_ORIGIN] = REFUSAL("403 Forbidden", "15", "origin refused\n"),
        [UPGRADE_NOT_FOUND] = REFUSAL("404 Not Found", "0", ""),
        [UPGRADE_BAD_HOST] = REFUSAL("421 Misdirected Request", "13", "host refused\n"),
        [UPGRADE_FULL] = REFUSAL("503 Service Unavailable", "21", "too many connections\n"),
    };
    return texts[verdict] == NULL ? span_of(NULL, 0) : span_str(texts[verdict]);
}

#include "serve/upgrade.h"

#include "base/limits.h"
#include "core/origin.h"

#define KEY_LEN 24u /* base64 of 16 bytes, RFC 6455 §4.1 */

enum header {
    HOST,
    ORIGIN,
    UPGRADE,
    CONNECTION,
    KEY,
    VERSION,
    PROTOCOL,
    LENGTH,
    ENCODING,
    HEADERS
};

static const char *const header_names[HEADERS] = {
    [HOST] = "host",
    [ORIGIN] = "origin",
    [UPGRADE] = "upgrade",
    [CONNECTION] = "connection",
    [KEY] = "sec-websocket-key",
    [VERSION] = "sec-websocket-version",
    [PROTOCOL] = "sec-websocket-protocol",
    [LENGTH] = "content-length",
    [ENCODING] = "transfer-encoding",
};

struct head {
    struct span path;
    struct span values[HEADERS];
    bool present[HEADERS];
};

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 'a' - 'A') : c;
}

static bool is_word(struct span text, const char *lower_case)
{
    size_t len = strlen(lower_case);
    bool same = text.len == len;
    for (size_t i = 0; same && i < len; i++) {
        same = lower(text.at[i]) == (uint8_t)lower_case[i];
    }
    return same;
}

/* RFC 7230 §3.2.6 tchar. */
static bool is_token(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = lower(text.at[i]);
        bool alnum = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (c == 0 || (!alnum && strchr("!#$%&'*+-.^_`|~", c) == NULL)) {
            return false;
        }
    }
    return text.len > 0;
}

/* RFC 7230 §3.2: visible characters, space, tab, and obs-text, which a cookie may hold. */
static bool is_field_value(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((text.at[i] < 0x20 && text.at[i] != '\t') || text.at[i] == 0x7F) {
            return false;
        }
    }
    return true;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static struct span trim(struct span text)
{
    while (text.len > 0 && is_blank(text.at[0])) {
        text = span_sub(text, 1, text.len);
    }
    while (text.len > 0 && is_blank(text.at[text.len - 1])) {
        text.len--;
    }
    return text;
}

/* Cuts *rest at the first `c`; false when there is none. */
static bool cut(struct span *rest, uint8_t c, struct span *ret_before)
{
    const uint8_t *at = rest->len == 0 ? NULL : memchr(rest->at, c, rest->len);
    if (at == NULL) {
        return false;
    }
    size_t len = (size_t)(at - rest->at);
    *ret_before = span_sub(*rest, 0, len);
    *rest = span_sub(*rest, len + 1, rest->len);
    return true;
}

static bool cut_line(struct span *rest, struct span *ret_line)
{
    if (!cut(rest, '\n', ret_line) || ret_line->len == 0 ||
        ret_line->at[ret_line->len - 1] != '\r') {
        return false;
    }
    ret_line->len--;
    return true;
}

static bool read_request_line(struct span line, struct head *h)
{
    struct span method;
    return cut(&line, ' ', &method) && span_is(method, "GET") && cut(&line, ' ', &h->path) &&
           span_is(line, "HTTP/1.1");
}

/* A header that decides may come once; a fold (RFC 7230 §3.2.4) has no name and is refused. */
static bool read_field(struct span line, struct head *h)
{
    struct span name;
    if (!cut(&line, ':', &name) || !is_token(name) || !is_field_value(line)) {
        return false;
    }
    for (size_t i = 0; i < HEADERS; i++) {
        if (is_word(name, header_names[i])) {
            if (h->present[i]) {
                return false;
            }
            h->present[i] = true;
            h->values[i] = trim(line);
        }
    }
    return true;
}

/* Up to the empty line, after which nothing may stand. */
static bool read_head(struct span rest, struct head *h, bool *ret_get)
{
    struct span line;
    if (!cut_line(&rest, &line)) {
        return false;
    }
    *ret_get = read_request_line(line, h);
    while (cut_line(&rest, &line)) {
        if (line.len == 0) {
            return rest.len == 0 || !*ret_get;
        }
        if (!read_field(line, h)) {
            return false;
        }
    }
    return false;
}

/* An empty line has come; one without its CR ends the head too, and is refused then. */
static bool is_complete(struct span head)
{
    for (size_t i = 0; i + 2 <= head.len; i++) {
        if (span_is(span_sub(head, i, 2), "\n\n") || span_is(span_sub(head, i, 3), "\n\r\n")) {
            return true;
        }
    }
    return false;
}

static bool lists_word(struct span list, const char *lower_case)
{
    struct span one;
    while (cut(&list, ',', &one)) {
        if (is_word(trim(one), lower_case)) {
            return true;
        }
    }
    return is_word(trim(list), lower_case);
}

static bool asks_for_websocket(const struct head *h)
{
    return span_is(h->path, "/") && is_word(h->values[UPGRADE], "websocket") &&
           lists_word(h->values[CONNECTION], "upgrade");
}

static bool speaks_our_protocol(const struct head *h)
{
    return span_is(h->values[PROTOCOL], UPGRADE_SUBPROTOCOL) && span_is(h->values[VERSION], "13") &&
           h->values[KEY].len == KEY_LEN && !h->present[LENGTH] && !h->present[ENCODING];
}

enum upgrade upgrade_check(struct span head, unsigned port, struct span *ret_origin)
{
    struct head h = {0};
    bool get = false;
    if (head.len > 0 && (head.at[0] < 'A' || head.at[0] > 'Z')) {
        return UPGRADE_BAD; /* TLS, for example: no end of a head would ever come */
    }
    if (!is_complete(head)) {
        return head.len >= LIMIT_HTTP_HEAD ? UPGRADE_BAD : UPGRADE_MORE;
    }
    if (!read_head(head, &h, &get)) {
        return UPGRADE_BAD;
    }
    if (origin_check_host(h.values[HOST], port) != ERR_OK) {
        return UPGRADE_BAD_HOST;
    }
    if (!get || !asks_for_websocket(&h)) {
        return UPGRADE_NOT_FOUND;
    }
    if (origin_check(h.values[ORIGIN]) != ERR_OK) {
        return UPGRADE_BAD_ORIGIN;
    }
    if (!speaks_our_protocol(&h)) {
        return UPGRADE_BAD;
    }
    *ret_origin = h.values[ORIGIN];
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

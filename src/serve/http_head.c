#include "serve/http_head.h"

#include "base/limits.h"

static const char *const field_names[HTTP_FIELDS] = {
    [HTTP_HOST] = "host",
    [HTTP_ORIGIN] = "origin",
    [HTTP_UPGRADE] = "upgrade",
    [HTTP_CONNECTION] = "connection",
    [HTTP_KEY] = "sec-websocket-key",
    [HTTP_VERSION] = "sec-websocket-version",
    [HTTP_PROTOCOL] = "sec-websocket-protocol",
    [HTTP_LENGTH] = "content-length",
    [HTTP_ENCODING] = "transfer-encoding",
    [HTTP_EXPECT] = "expect",
    [HTTP_LANGUAGE] = "accept-language",
    [HTTP_SITE] = "sec-fetch-site",
    [HTTP_PRIVATE_NETWORK] = "access-control-request-private-network",
};

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 'a' - 'A') : c;
}

bool http_is_word(struct span text, const char *lower_case)
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

static bool read_request_line(struct span line, struct http_head *h)
{
    return cut(&line, ' ', &h->verb) && is_token(h->verb) && cut(&line, ' ', &h->path) &&
           h->path.len > 0 && span_is(line, "HTTP/1.1");
}

/* A header that decides may come once; a fold (RFC 7230 §3.2.4) has no name and is refused. */
static bool read_field(struct span line, struct http_head *h)
{
    struct span name;
    if (!cut(&line, ':', &name) || !is_token(name) || !is_field_value(line)) {
        return false;
    }
    for (size_t i = 0; i < HTTP_FIELDS; i++) {
        if (http_is_word(name, field_names[i])) {
            if (h->present[i]) {
                return false;
            }
            h->present[i] = true;
            h->values[i] = trim(line);
        }
    }
    return true;
}

static bool read_lines(struct span rest, struct http_head *h)
{
    struct span line;
    size_t all = rest.len;
    if (!cut_line(&rest, &line)) {
        return false;
    }
    h->is_1_1 = read_request_line(line, h);
    while (cut_line(&rest, &line)) {
        if (line.len == 0) {
            h->len = all - rest.len;
            return true;
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

enum http_state http_head_read(struct span bytes, struct http_head *ret)
{
    *ret = (struct http_head){0};
    if (bytes.len > 0 && (bytes.at[0] < 'A' || bytes.at[0] > 'Z')) {
        return HTTP_BAD; /* TLS, for example: no end of a head would ever come */
    }
    if (!is_complete(bytes)) {
        return bytes.len >= LIMIT_HTTP_HEAD ? HTTP_BAD : HTTP_MORE;
    }
    return read_lines(bytes, ret) ? HTTP_WHOLE : HTTP_BAD;
}

bool http_lists_word(struct span list, const char *lower_case)
{
    struct span one;
    while (cut(&list, ',', &one)) {
        if (http_is_word(trim(one), lower_case)) {
            return true;
        }
    }
    return http_is_word(trim(list), lower_case);
}

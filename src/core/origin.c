#include "core/origin.h"

#include "base/limits.h"

#include <stdio.h>

#define LABEL_MAX 63u /* RFC 1035 §2.3.4 */

/* Removes the start of *text when it is `prefix`. */
static bool take(struct span *text, const char *prefix)
{
    size_t len = strlen(prefix);
    if (!span_is(span_sub(*text, 0, len), prefix)) {
        return false;
    }
    *text = span_sub(*text, len, text->len);
    return true;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_lower(uint8_t c)
{
    return c >= 'a' && c <= 'z';
}

/* RFC 1123 §2.1, lower case. Browsers also resolve names with underscores or with hyphens at the
 * end of a label; no public certificate is issued for such a name, and none is served here. */
static bool is_label(struct span label)
{
    if (label.len == 0 || label.len > LABEL_MAX || label.at[0] == '-' ||
        label.at[label.len - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < label.len; i++) {
        if (!is_digit(label.at[i]) && !is_lower(label.at[i]) && label.at[i] != '-') {
            return false;
        }
    }
    return true;
}

/* A host whose last label is a number is an IPv4 address in one of its spellings, or nothing
 * (WHATWG URL, "ends in a number"). A name can't start with "0x" there either way. */
static bool is_number(struct span label)
{
    bool hex = take(&label, "0x");
    for (size_t i = 0; i < label.len; i++) {
        bool letter = hex && label.at[i] >= 'a' && label.at[i] <= 'f';
        if (!is_digit(label.at[i]) && !letter) {
            return false;
        }
    }
    return true;
}

/* Longer than a DNS name can be does not fit LIMIT_ORIGIN. */
static bool is_dns_name(struct span host)
{
    for (;;) {
        const uint8_t *dot = host.len > 0 ? memchr(host.at, '.', host.len) : NULL;
        size_t len = dot != NULL ? (size_t)(dot - host.at) : host.len;
        struct span label = span_sub(host, 0, len);
        if (!is_label(label)) {
            return false;
        }
        if (dot == NULL) {
            return !is_number(label);
        }
        host = span_sub(host, len + 1, host.len);
    }
}

static bool is_loopback(struct span host)
{
    return span_is(host, "localhost") || span_is(host, "127.0.0.1") || span_is(host, "[::1]");
}

/* Up to the port's colon; a bracket shields the colons of an IPv6 address. */
static struct span host_of(struct span authority)
{
    const uint8_t *end = NULL;
    if (authority.len > 0 && authority.at[0] == '[') {
        end = memchr(authority.at, ']', authority.len);
        end = end != NULL ? end + 1 : NULL;
    } else if (authority.len > 0) {
        end = memchr(authority.at, ':', authority.len);
    }
    return end != NULL ? span_sub(authority, 0, (size_t)(end - authority.at)) : authority;
}

/* ":port", or nothing for the scheme's default. */
static bool is_port(struct span text, unsigned default_port)
{
    unsigned port = 0;
    if (text.len == 0) {
        return true;
    }
    if (!take(&text, ":") || text.len == 0 || text.len > 5 || text.at[0] == '0') {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (!is_digit(text.at[i])) {
            return false;
        }
        port = port * 10 + (unsigned)(text.at[i] - '0');
    }
    return port <= 65535 && port != default_port;
}

enum err origin_check(struct span origin)
{
    if (origin.len > LIMIT_ORIGIN) {
        return ERR_ORIGIN_INVALID;
    }
    bool secure = take(&origin, "https://");
    if (!secure && !take(&origin, "http://")) {
        return ERR_ORIGIN_INVALID;
    }
    struct span host = host_of(origin);
    bool ok = is_loopback(host) || (secure && is_dns_name(host));
    ok = ok && is_port(span_sub(origin, host.len, origin.len), secure ? 443 : 80);
    return ok ? ERR_OK : ERR_ORIGIN_INVALID;
}

enum err origin_check_host(struct span host, unsigned port)
{
    static const char *const names[] = {"127.0.0.1", "localhost", "[::1]"};
    char expected[32];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(expected, sizeof expected, "%s:%u", names[i], port);
        if (span_is(host, expected)) {
            return ERR_OK;
        }
    }
    return ERR_HOST_INVALID;
}

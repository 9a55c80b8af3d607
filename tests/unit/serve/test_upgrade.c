#include "base/limits.h"
#include "serve/upgrade.h"
#include "unit/test.h"

#include <stdio.h>

#define PORT 53951u

#define LINE       "GET / HTTP/1.1\r\n"
#define HOST       "Host: 127.0.0.1:53951\r\n"
#define UP         "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define ORIGIN     "Origin: https://palvelu.example.fi\r\n"
#define KEY        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define VERSION    "Sec-WebSocket-Version: 13\r\n"
#define PROTOCOL   "Sec-WebSocket-Protocol: korttisilta.v1\r\n"
#define END        "\r\n"
#define GOOD       LINE HOST UP ORIGIN KEY VERSION PROTOCOL END
#define WITH(line) LINE HOST UP ORIGIN KEY VERSION PROTOCOL line END

static enum upgrade check(struct span head, struct span *ret_origin)
{
    /* A copy of exact size: a read past the end is seen by AddressSanitizer. */
    uint8_t *at = malloc(head.len + 1);
    assert_non_null(at);
    memcpy(at, head.at, head.len);
    uint8_t *exact = realloc(at, head.len > 0 ? head.len : 1);
    assert_non_null(exact);
    enum upgrade verdict = upgrade_check(span_of(exact, head.len), PORT, ret_origin);
    if (verdict == UPGRADE_GO) {
        *ret_origin = span_of(head.at + (ret_origin->at - exact), ret_origin->len);
    }
    free(exact);
    return verdict;
}

static void expect(const char *head, enum upgrade want)
{
    struct span origin = span_of(NULL, 0);
    enum upgrade got = check(span_str(head), &origin);
    if (got != want) {
        fail_msg("got %d, want %d for\n%s", (int)got, (int)want, head);
    }
}

static void a_good_request_passes_with_its_origin(void **state)
{
    static const char *const heads[] = {
        GOOD,
        /* As Firefox and Chromium send them. */
        LINE HOST "User-Agent: Mozilla/5.0\r\nAccept: */*\r\nAccept-Language: fi,en;q=0.5\r\n"
                  "Accept-Encoding: gzip, deflate, br, zstd\r\n" VERSION ORIGIN PROTOCOL
                  "Sec-WebSocket-Extensions: permessage-deflate\r\n" KEY
                  "Connection: keep-alive, Upgrade\r\nSec-Fetch-Dest: empty\r\n"
                  "Pragma: no-cache\r\nUpgrade: websocket\r\n" END,
        "GET / HTTP/1.1\r\nhOST:127.0.0.1:53951\r\nUPGRADE:WebSocket "
        "\r\nconnection:\tupgrade\r\n" ORIGIN KEY VERSION PROTOCOL END,
        WITH("Cookie: a=\xC3\xA4; b=2\r\nCookie: c=3\r\n"),
    };
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        struct span origin;
        assert_int_equal(check(span_str(heads[i]), &origin), UPGRADE_GO);
        assert_true(span_is(origin, "https://palvelu.example.fi"));
    }
}

static void every_beginning_of_a_good_request_waits_for_more(void **state)
{
    (void)state;
    for (size_t len = 0; len < strlen(GOOD); len++) {
        struct span origin;
        assert_int_equal(check(span_of(GOOD, len), &origin), UPGRADE_MORE);
    }
}

static void a_wrong_host_is_misdirected(void **state)
{
    static const char *const hosts[] = {
        "",
        "Host: \r\n",
        "Host: evil.example\r\n",
        "Host: evil.example:53951\r\n",
        "Host: 127.0.0.1\r\n",
        "Host: 127.0.0.1:53952\r\n",
        "Host: 127.0.0.1:53951.evil.example\r\n",
        "Host: 127.0.0.1:053951\r\n",
        "Host: localhost.:53951\r\n",
        "Host: LOCALHOST:53951\r\n",
        "Host: 127.1:53951\r\n",
        "Host: [::ffff:127.0.0.1]:53951\r\n",
        "Host: user@127.0.0.1:53951\r\n",
        "Host: 127.0.0.1:53951, evil.example\r\n",
        "X-Host: 127.0.0.1:53951\r\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        char head[512];
        snprintf(head, sizeof head, LINE "%s" UP ORIGIN KEY VERSION PROTOCOL END, hosts[i]);
        expect(head, UPGRADE_BAD_HOST);
    }
}

static void an_origin_that_is_not_a_secure_page_is_refused(void **state)
{
    static const char *const origins[] = {
        "",
        "Origin: \r\n",
        "Origin: null\r\n",
        "Origin: http://palvelu.example.fi\r\n",
        "Origin: https://palvelu.example.fi/\r\n",
        "Origin: https://a.fi https://b.fi\r\n",
        "Origin: file://\r\n",
        "Origin: chrome-extension://abcdefghijklmnop\r\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof origins / sizeof origins[0]; i++) {
        char head[512];
        snprintf(head, sizeof head, LINE HOST UP "%s" KEY VERSION PROTOCOL END, origins[i]);
        expect(head, UPGRADE_BAD_ORIGIN);
    }
}

static void any_other_request_is_not_found(void **state)
{
    static const char *const heads[] = {
        LINE HOST END,
        LINE HOST ORIGIN END,
        "POST / HTTP/1.1\r\n" HOST END,
        "POST / HTTP/1.1\r\n" HOST "Content-Length: 2\r\n" END "{}",
        "OPTIONS / HTTP/1.1\r\n" HOST ORIGIN END,
        "CONNECT 127.0.0.1:22 HTTP/1.1\r\n" HOST END,
        "GET /x HTTP/1.1\r\n" HOST UP ORIGIN KEY VERSION PROTOCOL END,
        "GET http://127.0.0.1:53951/ HTTP/1.1\r\n" HOST UP ORIGIN KEY VERSION PROTOCOL END,
        "GET / HTTP/1.0\r\n" HOST UP ORIGIN KEY VERSION PROTOCOL END,
        LINE HOST
        "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n" END,
        LINE HOST "Upgrade: websocket\r\n" ORIGIN KEY VERSION PROTOCOL END,
        LINE HOST
        "Upgrade: websocket, h2c\r\nConnection: Upgrade\r\n" ORIGIN KEY VERSION PROTOCOL END,
        LINE HOST "Upgrade: websocket\r\nConnection: upgraded\r\n" ORIGIN KEY VERSION PROTOCOL END,
    };
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        expect(heads[i], UPGRADE_NOT_FOUND);
    }
}

static void a_request_with_a_flaw_is_bad(void **state)
{
    static const char *const heads[] = {
        LINE HOST UP ORIGIN KEY VERSION END,
        LINE HOST UP ORIGIN KEY VERSION "Sec-WebSocket-Protocol: other\r\n" END,
        LINE HOST UP ORIGIN KEY VERSION "Sec-WebSocket-Protocol: korttisilta.v1, other\r\n" END,
        LINE HOST UP ORIGIN KEY VERSION "Sec-WebSocket-Protocol: KORTTISILTA.V1\r\n" END,
        LINE HOST UP ORIGIN KEY VERSION "Sec-WebSocket-Protocol: watch\r\n" END,
        LINE HOST UP ORIGIN KEY PROTOCOL END,
        LINE HOST UP ORIGIN KEY PROTOCOL "Sec-WebSocket-Version: 8\r\n" END,
        LINE HOST UP ORIGIN VERSION PROTOCOL END,
        LINE HOST UP ORIGIN VERSION PROTOCOL "Sec-WebSocket-Key: short\r\n" END,
        WITH(HOST),
        WITH(ORIGIN),
        WITH("Host: evil.example\r\n"),
        WITH("origin: https://evil.example\r\n"),
        WITH(PROTOCOL),
        WITH(KEY),
        WITH(UP),
        WITH(VERSION),
        WITH("Content-Length: 0\r\n"),
        WITH("Transfer-Encoding: chunked\r\n"),
        WITH("no colon\r\n"),
        WITH(": no name\r\n"),
        WITH("Na me: x\r\n"),
        WITH("Name : x\r\n"),
        WITH(" folded: x\r\n"),
        WITH("X: a\x01z\r\n"),
        WITH("X: a\x7Fz\r\n"),
        WITH("X: a\rb\r\n"),
        WITH("X: bare newline\n"),
        LINE "X: bare newlines\n\n",
        GOOD "more",
        "\x16\x03\x01\x02",
        " " GOOD,
        "get / http/1.1\r\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        expect(heads[i], UPGRADE_BAD);
    }
}

static void a_nul_byte_is_bad(void **state)
{
    static const char head[] = LINE HOST UP "X: a\0b\r\n" ORIGIN KEY VERSION PROTOCOL END;
    struct span origin;
    (void)state;
    assert_int_equal(check(span_of(head, sizeof head - 1), &origin), UPGRADE_BAD);
}

static void a_head_without_end_is_bad_at_the_limit(void **state)
{
    uint8_t *head = malloc(LIMIT_HTTP_HEAD);
    struct span origin;
    (void)state;
    assert_non_null(head);
    memset(head, 'G', LIMIT_HTTP_HEAD);
    assert_int_equal(check(span_of(head, LIMIT_HTTP_HEAD - 1), &origin), UPGRADE_MORE);
    assert_int_equal(check(span_of(head, LIMIT_HTTP_HEAD), &origin), UPGRADE_BAD);
    free(head);
}

static void a_refusal_is_a_whole_answer(void **state)
{
    static const struct {
        enum upgrade verdict;
        const char *status, *body;
    } rows[] = {
        {UPGRADE_BAD, "400 ", "bad request\n"},
        {UPGRADE_BAD_ORIGIN, "403 ", "origin refused\n"},
        {UPGRADE_NOT_FOUND, "404 ", ""},
        {UPGRADE_BAD_HOST, "421 ", "host refused\n"},
        {UPGRADE_FULL, "503 ", "too many connections\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[512], length[64];
        struct span answer = upgrade_refusal(rows[i].verdict);
        assert_true(answer.len < sizeof text);
        memcpy(text, answer.at, answer.len);
        text[answer.len] = '\0';
        snprintf(length, sizeof length, "\r\nContent-Length: %zu\r\n", strlen(rows[i].body));
        assert_int_equal(strncmp(text, "HTTP/1.1 ", 9), 0);
        assert_int_equal(strncmp(text + 9, rows[i].status, 4), 0);
        assert_non_null(strstr(text, length));
        assert_string_equal(strstr(text, "\r\n\r\n") + 4, rows[i].body);
    }
    assert_int_equal(upgrade_refusal(UPGRADE_GO).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_request_passes_with_its_origin),
        cmocka_unit_test(every_beginning_of_a_good_request_waits_for_more),
        cmocka_unit_test(a_wrong_host_is_misdirected),
        cmocka_unit_test(an_origin_that_is_not_a_secure_page_is_refused),
        cmocka_unit_test(any_other_request_is_not_found),
        cmocka_unit_test(a_request_with_a_flaw_is_bad),
        cmocka_unit_test(a_nul_byte_is_bad),
        cmocka_unit_test(a_head_without_end_is_bad_at_the_limit),
        cmocka_unit_test(a_refusal_is_a_whole_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

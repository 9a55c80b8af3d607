#include "serve/scs_http.h"

#include "base/limits.h"
#include "unit/test.h"

#define HOST   "Host: localhost:53952\r\n"
#define ORIGIN "Origin: https://a.example\r\n"

static struct http_head head;

static enum scs_status judge(const char *text, struct scs_ask *ret)
{
    assert_int_equal(http_head_read(span_str(text), &head), HTTP_WHOLE);
    return scs_http_judge(&head, 53952, ret);
}

static void requests_are_judged(void **state)
{
    static const struct {
        const char *head;
        enum scs_status want;
        enum scs_route route;
    } rows[] = {
        {"GET /version HTTP/1.1\r\n" HOST "\r\n", SCS_OK, SCS_VERSION},
        {"GET /version HTTP/1.1\r\n" HOST ORIGIN "\r\n", SCS_OK, SCS_VERSION},
        {"POST /sign HTTP/1.1\r\n" HOST ORIGIN "Content-Length: 17\r\n\r\n", SCS_OK, SCS_SIGN},
        {"OPTIONS /sign HTTP/1.1\r\n" HOST ORIGIN "\r\n", SCS_OK, SCS_PREFLIGHT},
        {"GET / HTTP/1.1\r\n" HOST "\r\n", SCS_OK, SCS_PAGE},
        {"GET /x HTTP/1.1\r\n" HOST "\r\n", SCS_NOT_FOUND, SCS_NO_PATH},
        {"GET /sign HTTP/1.1\r\n" HOST "\r\n", SCS_NOT_ALLOWED, SCS_NO_VERB},
        {"GET /version HTTP/1.0\r\n" HOST "\r\n", SCS_BAD, SCS_VERSION},
        {"GET /version HTTP/1.1\r\n\r\n", SCS_BAD_HOST, SCS_VERSION},
        {"GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n", SCS_BAD_HOST, SCS_VERSION},
        {"GET /version HTTP/1.1\r\nHost: evil.example:53952\r\n\r\n", SCS_BAD_HOST, SCS_VERSION},
        {"GET /version HTTP/1.1\r\nHost: localhost:53951\r\n\r\n", SCS_BAD_HOST, SCS_VERSION},
        {"GET /version HTTP/1.1\r\n" HOST "Origin: null\r\n\r\n", SCS_BAD_ORIGIN, SCS_VERSION},
        {"GET /version HTTP/1.1\r\n" HOST "Origin: http://a.example\r\n\r\n", SCS_BAD_ORIGIN,
         SCS_VERSION},
        {"OPTIONS /sign HTTP/1.1\r\n" HOST "Origin: https://a.example/\r\n\r\n", SCS_BAD_ORIGIN,
         SCS_PREFLIGHT},
        {"POST /sign HTTP/1.1\r\n" HOST ORIGIN "Content-Length: +1\r\n\r\n", SCS_BAD, SCS_SIGN},
        {"POST /sign HTTP/1.1\r\n" HOST ORIGIN "Content-Length:\r\n\r\n", SCS_BAD, SCS_SIGN},
        {"POST /sign HTTP/1.1\r\n" HOST ORIGIN "Content-Length: 1, 1\r\n\r\n", SCS_BAD, SCS_SIGN},
        {"POST /sign HTTP/1.1\r\n" HOST ORIGIN "Content-Length: 4194304\r\n\r\n", SCS_OK, SCS_SIGN},
        {"POST /sign HTTP/1.1\r\n" HOST ORIGIN "Content-Length: 4194305\r\n\r\n", SCS_TOO_LARGE,
         SCS_SIGN},
        {"POST /sign HTTP/1.1\r\n" HOST ORIGIN
         "Content-Length: 99999999999999999999999999999999\r\n\r\n",
         SCS_TOO_LARGE, SCS_SIGN},
        {"POST /sign HTTP/1.1\r\n" HOST ORIGIN "Transfer-Encoding: chunked\r\n\r\n",
         SCS_NEEDS_LENGTH, SCS_SIGN},
        {"POST /sign HTTP/1.1\r\n" HOST ORIGIN
         "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
         SCS_NEEDS_LENGTH, SCS_SIGN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct scs_ask ask;
        enum scs_status got = judge(rows[i].head, &ask);
        if (got != rows[i].want || ask.route != rows[i].route) {
            fail_msg("%s: %d, route %d", rows[i].head, (int)got, (int)ask.route);
        }
    }
}

static void what_a_head_says_is_taken_over(void **state)
{
    struct scs_ask ask;
    (void)state;
    assert_int_equal(judge("POST /sign HTTP/1.1\r\n" HOST ORIGIN
                           "Content-Length: 12\r\nExpect: 100-continue\r\n"
                           "Access-Control-Request-Private-Network: true\r\n\r\n",
                           &ask),
                     SCS_OK);
    assert_true(span_is(ask.origin, "https://a.example"));
    assert_true(ask.private_network && ask.wants_continue && !ask.is_own);
    assert_int_equal(ask.body, 12);
}

/* Only the browser can write Sec-Fetch-Site, and it leaves Origin out of a GET of the same site. */
static void our_own_page_is_known(void **state)
{
    struct scs_ask ask;
    (void)state;
    assert_int_equal(
        judge("GET /version HTTP/1.1\r\n" HOST "Sec-Fetch-Site: same-origin\r\n\r\n", &ask),
        SCS_OK);
    assert_true(ask.is_own);
    assert_int_equal(
        judge("GET /version HTTP/1.1\r\n" HOST "Sec-Fetch-Site: cross-site\r\n\r\n", &ask), SCS_OK);
    assert_false(ask.is_own);
    assert_int_equal(
        judge("GET /version HTTP/1.1\r\n" HOST ORIGIN "Sec-Fetch-Site: same-origin\r\n\r\n", &ask),
        SCS_OK);
    assert_false(ask.is_own);
}

static const char *answer(enum scs_status status, const struct scs_ask *ask, const char *type,
                          const char *body)
{
    static char text[4096];
    struct buf out;
    buf_init(&out, sizeof text - 1);
    assert_int_equal(scs_http_answer(status, ask, type, NULL, span_str(body), &out), ERR_OK);
    memcpy(text, out.at, out.len);
    text[out.len] = '\0';
    assert_true(out.len - strlen(body) < 2 * SCS_HTTP_HEAD);
    buf_clear(&out);
    return text;
}

static void an_answer_has_what_the_browser_wants(void **state)
{
    struct scs_ask ask = {.origin = span_str("https://a.example"), .private_network = true};
    const char *text = answer(SCS_OK, &ask, "application/json", "{}");
    (void)state;
    assert_ptr_equal(strstr(text, "HTTP/1.1 200 OK\r\n"), text);
    assert_non_null(strstr(text, "\r\nContent-Length: 2\r\n"));
    assert_non_null(strstr(text, "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(text, "\r\nAccess-Control-Allow-Origin: https://a.example\r\n"));
    assert_non_null(strstr(text, "\r\nAccess-Control-Allow-Methods: GET, POST\r\n"));
    assert_non_null(strstr(text, "\r\nAccess-Control-Allow-Headers: Accept, Content-Type\r\n"));
    assert_non_null(strstr(text, "\r\nAccess-Control-Allow-Private-Network: true\r\n"));
    assert_non_null(strstr(text, "\r\nAccess-Control-Max-Age: 3600\r\n"));
    assert_non_null(strstr(text, "\r\nVary: Origin\r\n"));
    assert_non_null(strstr(text, "\r\n\r\n{}"));
    ask.private_network = false;
    assert_null(strstr(answer(SCS_OK, &ask, NULL, ""), "Private-Network"));
}

/* An origin of 255 bytes fits the head; without one no other site may read the answer. */
static void an_answer_to_nobody_is_for_nobody(void **state)
{
    static char longest[LIMIT_ORIGIN + 1];
    struct scs_ask none = {0}, most = {.private_network = true};
    (void)state;
    memset(longest, 'a', LIMIT_ORIGIN);
    most.origin = span_str(longest);
    (void)answer(SCS_NOT_ALLOWED, &most, "application/json", "");
    for (int i = 0; i < SCS_STATUS_COUNT; i++) {
        const char *text = answer((enum scs_status)i, &none, NULL, "");
        assert_null(strstr(text, "Access-Control"));
        assert_null(strstr(text, "\r\nContent-Type:"));
        assert_non_null(strstr(text, "Content-Length: 0\r\n"));
        assert_non_null(strstr(text, "Content-Security-Policy: default-src 'none'"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_judged),
        cmocka_unit_test(what_a_head_says_is_taken_over),
        cmocka_unit_test(our_own_page_is_known),
        cmocka_unit_test(an_answer_has_what_the_browser_wants),
        cmocka_unit_test(an_answer_to_nobody_is_for_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

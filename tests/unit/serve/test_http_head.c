#include "serve/http_head.h"

#include "base/limits.h"
#include "unit/test.h"

#include <stdio.h>

#define LINE "POST /sign HTTP/1.1\r\n"
#define HOST "Host: localhost:53952\r\n"

static enum http_state read_text(const char *text, struct http_head *ret)
{
    return http_head_read(span_str(text), ret);
}

static void a_head_gives_its_parts_and_its_length(void **state)
{
    struct http_head h;
    (void)state;
    assert_int_equal(read_text(LINE HOST "origin:https://a.example \r\nContent-Length: 2\r\n"
                                         "X-Other: 1\r\nX-Other: 2\r\n\r\n{}more",
                               &h),
                     HTTP_WHOLE);
    assert_true(h.is_1_1 && span_is(h.verb, "POST") && span_is(h.path, "/sign"));
    assert_true(span_is(h.values[HTTP_HOST], "localhost:53952"));
    assert_true(span_is(h.values[HTTP_ORIGIN], "https://a.example"));
    assert_true(h.present[HTTP_LENGTH] && span_is(h.values[HTTP_LENGTH], "2"));
    assert_false(h.present[HTTP_EXPECT]);
    assert_int_equal(h.len, strlen(LINE HOST "origin:https://a.example \r\nContent-Length: 2\r\n"
                                             "X-Other: 1\r\nX-Other: 2\r\n\r\n"));
}

static void a_part_of_a_head_is_waited_for(void **state)
{
    static const char whole[] = LINE HOST "\r\n";
    struct http_head h;
    (void)state;
    for (size_t len = 0; len < sizeof whole - 1; len++) {
        assert_int_equal(http_head_read(span_of(whole, len), &h), HTTP_MORE);
    }
    assert_int_equal(http_head_read(span_of(whole, sizeof whole - 1), &h), HTTP_WHOLE);
}

static void what_can_be_read_in_two_ways_is_refused(void **state)
{
    static const char *const heads[] = {
        LINE HOST HOST "\r\n",
        LINE HOST "Origin: https://a.example\r\nOrigin: https://b.example\r\n\r\n",
        LINE HOST "Content-Length: 1\r\ncontent-length: 2\r\n\r\n",
        LINE HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        LINE "Host : localhost:53952\r\n\r\n",
        LINE " Host: localhost:53952\r\n\r\n",
        LINE HOST "X: a\r\n b\r\n\r\n",
        LINE HOST "X: a\x01\r\n\r\n",
        LINE HOST "no colon\r\n\r\n",
        LINE HOST ": no name\r\n\r\n",
        LINE "Host: localhost:53952\n\r\n",
        LINE HOST "\n\n",
        "\x16\x03\x01",
        "get / HTTP/1.1\r\n\r\n",
    };
    struct http_head h;
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        if (read_text(heads[i], &h) != HTTP_BAD) {
            fail_msg("not refused: %s", heads[i]);
        }
    }
}

static void another_first_line_is_told(void **state)
{
    static const char *const lines[] = {"GET / HTTP/1.0",  "GET /",          "GET  / HTTP/1.1",
                                        "GET / HTTP/1.1 ", "G@T / HTTP/1.1", "GET / HTTP/2"};
    struct http_head h;
    char text[64];
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        snprintf(text, sizeof text, "%s\r\n" HOST "\r\n", lines[i]);
        assert_int_equal(read_text(text, &h), HTTP_WHOLE);
        assert_false(h.is_1_1);
    }
}

static void a_head_is_bounded(void **state)
{
    static uint8_t bytes[LIMIT_HTTP_HEAD];
    struct http_head h;
    (void)state;
    memset(bytes, 'A', sizeof bytes);
    assert_int_equal(http_head_read(span_of(bytes, sizeof bytes - 1), &h), HTTP_MORE);
    assert_int_equal(http_head_read(span_of(bytes, sizeof bytes), &h), HTTP_BAD);
}

static void words_of_lists_are_found_in_any_case(void **state)
{
    (void)state;
    assert_true(http_lists_word(span_str("keep-alive, Upgrade"), "upgrade"));
    assert_false(http_lists_word(span_str("upgrades"), "upgrade"));
    assert_false(http_lists_word(span_of(NULL, 0), "upgrade"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_gives_its_parts_and_its_length),
        cmocka_unit_test(a_part_of_a_head_is_waited_for),
        cmocka_unit_test(what_can_be_read_in_two_ways_is_refused),
        cmocka_unit_test(another_first_line_is_told),
        cmocka_unit_test(a_head_is_bounded),
        cmocka_unit_test(words_of_lists_are_found_in_any_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

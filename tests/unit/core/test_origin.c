#include "core/origin.h"

#include "base/limits.h"
#include "unit/test.h"

#define L10 "abcdefghij"
#define L60 L10 L10 L10 L10 L10 L10
#define L63 L60 "xyz"

struct row {
    const char *origin;
    size_t len; /* 0: strlen */
};

static void origins_of_secure_pages_pass(void **state)
{
    static const char *const rows[] = {
        "https://example.fi",
        "https://palvelu.example.fi",
        "https://example.fi:8443",
        "https://example.fi:1",
        "https://example.fi:65535",
        "https://example.fi:80",
        "https://intranet",
        "https://a.b.c.d.e.f.g",
        "https://3com.com",
        "https://123.example",
        "https://127.0.0.1.example.fi",
        "https://a-b--c.fi",
        "https://xn--4ca.fi",
        "https://xn--p1ai.xn--p1ai",
        "https://example.0xg",
        "https://example.x0",
        "https://example.a1",
        "https://" L63 ".fi",
        "https://" L63 "." L63 "." L63 "." L10 L10 L10 L10 L10 "xy.fi", /* 255 bytes */
        "https://localhost",
        "https://localhost:8443",
        "https://127.0.0.1",
        "https://127.0.0.1:8443",
        "https://[::1]",
        "https://[::1]:8443",
        "https://evil.localhost",
        "https://localhost.evil.example",
        "http://localhost",
        "http://localhost:8080",
        "http://localhost:443",
        "http://127.0.0.1",
        "http://127.0.0.1:3000",
        "http://[::1]",
        "http://[::1]:3000",
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (origin_check(span_str(rows[i])) != ERR_OK) {
            fail_msg("refused: %s", rows[i]);
        }
    }
    assert_int_equal(strlen(rows[18]), LIMIT_ORIGIN);
}

static void everything_else_is_refused(void **state)
{
    static const struct row rows[] = {
        /* absent, opaque, or more than one */
        {"", 0},
        {"null", 0},
        {"NULL", 0},
        {"undefined", 0},
        {"*", 0},
        {"https://example.fi https://evil.example", 0},
        {"https://example.fi,https://evil.example", 0},
        {"https://example.fi, https://evil.example", 0},
        {"null https://example.fi", 0},
        /* schemes */
        {"http://example.fi", 0},
        {"http://example.fi:443", 0},
        {"HTTPS://example.fi", 0},
        {"Https://example.fi", 0},
        {"https:/example.fi", 0},
        {"https:example.fi", 0},
        {"https//example.fi", 0},
        {"https:\\\\example.fi", 0},
        {"//example.fi", 0},
        {"example.fi", 0},
        {"https", 0},
        {"https:", 0},
        {"https://", 0},
        {"http://", 0},
        {"httpss://example.fi", 0},
        {"xhttps://example.fi", 0},
        {"ws://example.fi", 0},
        {"wss://example.fi", 0},
        {"file://", 0},
        {"file:///etc/passwd", 0},
        {"ftp://example.fi", 0},
        {"data:text/html,x", 0},
        {"about:blank", 0},
        {"javascript:alert(1)", 0},
        {"blob:https://example.fi", 0},
        {"filesystem:https://example.fi", 0},
        {"view-source:https://example.fi", 0},
        {"chrome-extension://abcdefghijklmnopabcdefghijklmnop", 0},
        {"moz-extension://12345678-1234-1234-1234-123456789012", 0},
        {"https://https://a.fi", 0},
        /* user info, path, query, fragment */
        {"https://user@example.fi", 0},
        {"https://user:pass@example.fi", 0},
        {"https://@example.fi", 0},
        {"https://example.fi@evil.example", 0},
        {"https://example.fi:443@evil.example", 0},
        {"https://example.fi%40evil.example", 0},
        {"https://example.fi/", 0},
        {"https://example.fi/login", 0},
        {"https://example.fi?x", 0},
        {"https://example.fi#x", 0},
        {"https://example.fi\\evil", 0},
        {"https://example.fi;x", 0},
        {"https://example.fi:8443/", 0},
        /* white space, controls, other characters */
        {" https://example.fi", 0},
        {"https://example.fi ", 0},
        {"https://exam ple.fi", 0},
        {"\thttps://example.fi", 0},
        {"https://example.fi\t", 0},
        {"https://example.fi\n", 0},
        {"https://example.fi\r\nX: y", 0},
        {"https://exam\tple.fi", 0},
        {"https://example.fi\0", 19},
        {"https://example.fi\0.evil.example", 32},
        {"https://exam\0ple.fi", 19},
        {"https://example.fi\x7F", 0},
        {"https://ex*mple.fi", 0},
        {"https://*.example.fi", 0},
        {"https://exa%6Dple.fi", 0},
        {"https://<script>", 0},
        {"https://example.fi\"", 0},
        {"https://{host}", 0},
        {"https://ex+ample.fi", 0},
        {"https://my_service.example", 0},
        {"https://_dmarc.example", 0},
        /* names that are not lower-case ASCII labels */
        {"https://EXAMPLE.fi", 0},
        {"https://example.FI", 0},
        {"https://example.fI", 0},
        {"https://\xC3\xA4.fi", 0},
        {"https://p\xD0\xB0lvelu.fi", 0},
        {"https://\xEF\xBD\x85xample.fi", 0},
        {"https://example\xE3\x80\x82"
         "fi",
         0},
        {"https://example\xC2\xAD.fi", 0},
        {"https://XN--4CA.fi", 0},
        {"https://xn--.fi", 0},
        {"https://\xFF.fi", 0},
        {"https://example.fi.", 0},
        {"https://.example.fi", 0},
        {"https://example..fi", 0},
        {"https://.", 0},
        {"https://..", 0},
        {"https://-example.fi", 0},
        {"https://example-.fi", 0},
        {"https://example.-fi", 0},
        {"https://example.fi-", 0},
        {"https://-", 0},
        {"https://" L63 "a.fi", 0},
        {"https://a." L63 "a", 0},
        {"https://" L63 "." L63 "." L63 "." L10 L10 L10 L10 L10 "xyz.fi", 0}, /* 256 bytes */
        {"https://" L63 "." L63 "." L63 "." L60 ".fi", 0},
        /* addresses, in every spelling */
        {"https://192.0.2.1", 0},
        {"https://10.0.0.1:8443", 0},
        {"https://127.0.0.2", 0},
        {"https://127.1", 0},
        {"https://127.0.1", 0},
        {"https://0", 0},
        {"https://0.0.0.0", 0},
        {"https://2130706433", 0},
        {"https://0x7f000001", 0},
        {"https://0x7f.1", 0},
        {"https://0x7f.0x0.0x0.0x1", 0},
        {"https://017700000001", 0},
        {"https://0177.0.0.1", 0},
        {"https://127.0.0.01", 0},
        {"https://127.0.0.1.", 0},
        {"https://256.256.256.256", 0},
        {"https://1.2.3.4.5", 0},
        {"https://example.123", 0},
        {"https://example.0x", 0},
        {"https://example.0xff", 0},
        {"https://127.0.0.1:443", 0},
        {"http://127.1", 0},
        {"http://0x7f.1", 0},
        {"http://127.0.0.2", 0},
        {"http://0.0.0.0", 0},
        {"https://[2001:db8::1]", 0},
        {"https://[::]", 0},
        {"https://[::ffff:127.0.0.1]", 0},
        {"https://[0:0:0:0:0:0:0:1]", 0},
        {"https://[::01]", 0},
        {"https://[::1", 0},
        {"https://::1", 0},
        {"https://::1]", 0},
        {"https://[::1]x", 0},
        {"https://[::1]]", 0},
        {"https://[]", 0},
        {"https://[", 0},
        {"https://]", 0},
        {"https://[::1%25eth0]", 0},
        {"https://[::1].example.fi", 0},
        {"https://[v1.x]", 0},
        {"https://[example.fi]", 0},
        {"https://x[::1]", 0},
        /* ports */
        {"https://example.fi:443", 0},
        {"http://localhost:80", 0},
        {"http://[::1]:80", 0},
        {"https://[::1]:443", 0},
        {"https://example.fi:", 0},
        {"https://example.fi:0", 0},
        {"https://example.fi:00", 0},
        {"https://example.fi:08443", 0},
        {"https://example.fi:0443", 0},
        {"https://example.fi:65536", 0},
        {"https://example.fi:99999", 0},
        {"https://example.fi:100000", 0},
        {"https://example.fi:4294967739", 0},
        {"https://example.fi:18446744073709552059", 0},
        {"https://example.fi:-1", 0},
        {"https://example.fi:+1", 0},
        {"https://example.fi: 1", 0},
        {"https://example.fi:1 ", 0},
        {"https://example.fi:1:2", 0},
        {"https://example.fi::1", 0},
        {"https://example.fi:0x50", 0},
        {"https://example.fi:8e3", 0},
        {"https://example.fi:http", 0},
        {"https://example.fi:8\xD9\xA1", 0},
        {"https://:443", 0},
        {"https://:8443", 0},
        {"https://example.fi:8443.evil.example", 0},
        {"https://example.fi:.5", 0},
        {"https://[::1]8443", 0},
        /* almost the loopback names */
        {"http://localhost.", 0},
        {"http://LOCALHOST", 0},
        {"http://localhost.localdomain", 0},
        {"http://app.localhost", 0},
        {"http://localhost.evil.example", 0},
        {"http://xlocalhost", 0},
        {"http://localhostx", 0},
        {"http://localhost@evil.example", 0},
        {"http://localhost:8080/", 0},
        {"http://127.0.0.1.evil.example", 0},
        {"http://[::1].evil.example", 0},
        {"http://[::2]", 0},
        {"http://localhost:", 0},
        {"http://localhost:0", 0},
        {"http://localhost:08080", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t len = rows[i].len > 0 ? rows[i].len : strlen(rows[i].origin);
        if (origin_check(span_of(rows[i].origin, len)) != ERR_ORIGIN_INVALID) {
            fail_msg("accepted: %s", rows[i].origin);
        }
    }
    assert_int_equal(origin_check(span_of(NULL, 0)), ERR_ORIGIN_INVALID);
}

/* A byte put anywhere into a good origin makes a bad one, unless it may stand in a name or a port.
 */
static void no_foreign_byte_gets_in_anywhere(void **state)
{
    static const char good[] = "https://ab.example.fi:8443";
    (void)state;
    for (size_t at = 0; at < sizeof good - 1; at++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            char text[sizeof good];
            bool may = byte != 0 && strchr("abcdefghijklmnopqrstuvwxyz0123456789-.:", (int)byte);
            memcpy(text, good, sizeof good);
            text[at] = (char)byte;
            if (!may && text[at] != good[at] &&
                origin_check(span_of(text, sizeof good - 1)) == ERR_OK) {
                fail_msg("accepted byte %u at %zu", byte, at);
            }
        }
    }
}

static void every_cut_of_an_origin_is_judged_by_itself(void **state)
{
    static const char good[] = "https://[::1]:8443";
    (void)state;
    for (size_t len = 0; len < sizeof good; len++) {
        uint8_t *copy = malloc(len + 1); /* its own block: reading past the end is seen */
        assert_non_null(copy);
        memcpy(copy, good, len);
        bool whole = len == 13 || len >= 15; /* "https://[::1]", then with :8, :84 ... */
        enum err e = origin_check(span_of(copy, len));
        free(copy);
        assert_int_equal(e, whole ? ERR_OK : ERR_ORIGIN_INVALID);
    }
}

static void the_host_header_names_this_listener(void **state)
{
    static const struct {
        const char *host;
        size_t len;
        unsigned port;
        enum err want;
    } rows[] = {
        {"127.0.0.1:53951", 0, 53951, ERR_OK},
        {"localhost:53951", 0, 53951, ERR_OK},
        {"[::1]:53951", 0, 53951, ERR_OK},
        {"localhost:1", 0, 1, ERR_OK},
        {"", 0, 53951, ERR_HOST_INVALID},
        {"127.0.0.1", 0, 53951, ERR_HOST_INVALID},
        {"localhost", 0, 53951, ERR_HOST_INVALID},
        {"[::1]", 0, 53951, ERR_HOST_INVALID},
        {"::1:53951", 0, 53951, ERR_HOST_INVALID},
        {"127.0.0.1:53952", 0, 53951, ERR_HOST_INVALID},
        {"127.0.0.1:5395", 0, 53951, ERR_HOST_INVALID},
        {"127.0.0.1:539510", 0, 53951, ERR_HOST_INVALID},
        {"127.0.0.1:053951", 0, 53951, ERR_HOST_INVALID},
        {"127.0.0.1:", 0, 53951, ERR_HOST_INVALID},
        {"127.0.0.1:53951:53951", 0, 53951, ERR_HOST_INVALID},
        {"127.0.0.1:53951/", 0, 53951, ERR_HOST_INVALID},
        {"127.0.0.1:53951 ", 0, 53951, ERR_HOST_INVALID},
        {" 127.0.0.1:53951", 0, 53951, ERR_HOST_INVALID},
        {"127.0.0.1:53951, evil.example", 0, 53951, ERR_HOST_INVALID},
        {"127.0.0.1:53951\0", 16, 53951, ERR_HOST_INVALID},
        {"127.0.0.1\0:53951", 16, 53951, ERR_HOST_INVALID},
        {"user@127.0.0.1:53951", 0, 53951, ERR_HOST_INVALID},
        {"127.0.0.2:53951", 0, 53951, ERR_HOST_INVALID},
        {"127.1:53951", 0, 53951, ERR_HOST_INVALID},
        {"0.0.0.0:53951", 0, 53951, ERR_HOST_INVALID},
        {"0x7f.1:53951", 0, 53951, ERR_HOST_INVALID},
        {"2130706433:53951", 0, 53951, ERR_HOST_INVALID},
        {"LOCALHOST:53951", 0, 53951, ERR_HOST_INVALID},
        {"localhost.:53951", 0, 53951, ERR_HOST_INVALID},
        {"localhost.evil.example:53951", 0, 53951, ERR_HOST_INVALID},
        {"evil.localhost:53951", 0, 53951, ERR_HOST_INVALID},
        {"evil.example:53951", 0, 53951, ERR_HOST_INVALID},
        {"127.0.0.1.evil.example:53951", 0, 53951, ERR_HOST_INVALID},
        {"[0:0:0:0:0:0:0:1]:53951", 0, 53951, ERR_HOST_INVALID},
        {"[::ffff:127.0.0.1]:53951", 0, 53951, ERR_HOST_INVALID},
        {"http://127.0.0.1:53951", 0, 53951, ERR_HOST_INVALID},
        {"*", 0, 53951, ERR_HOST_INVALID},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t len = rows[i].len > 0 ? rows[i].len : strlen(rows[i].host);
        if (origin_check_host(span_of(rows[i].host, len), rows[i].port) != rows[i].want) {
            fail_msg("wrong: %s", rows[i].host);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(origins_of_secure_pages_pass),
        cmocka_unit_test(everything_else_is_refused),
        cmocka_unit_test(no_foreign_byte_gets_in_anywhere),
        cmocka_unit_test(every_cut_of_an_origin_is_judged_by_itself),
        cmocka_unit_test(the_host_header_names_this_listener),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

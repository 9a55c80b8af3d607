#include "ui/origin_text.h"

#include "unit/test.h"

#include <glib.h>

static void a_host_is_cut_out_of_its_origin(void **state)
{
    static const struct {
        const char *origin;
        const char *host;
        bool is_local;
    } rows[] = {
        {"https://www.suomi.fi", "www.suomi.fi", false},
        {"https://asiointi.hel.fi:8443", "asiointi.hel.fi", false},
        {"http://localhost:3000", "localhost", true},
        {"http://localhost", "localhost", true},
        {"http://127.0.0.1:80", "127.0.0.1", true},
        {"http://[::1]:8080", "[::1]", true},
        {"http://[::1]", "[::1]", true},
        {"https://localhost.example.fi", "localhost.example.fi", false},
        {"", "", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct origin_text t;
        origin_text_make(span_str(rows[i].origin), &t);
        assert_string_equal(t.host, rows[i].host);
        assert_int_equal(t.is_local, rows[i].is_local);
        assert_null(t.decoded);
        assert_int_equal(t.note, ORIGIN_PLAIN);
        origin_text_clear(&t);
    }
}

static void the_longest_origin_fits(void **state)
{
    char longest[LIMIT_ORIGIN];
    struct origin_text t;
    (void)state;
    memset(longest, 'a', sizeof longest);
    origin_text_make(span_of(longest, sizeof longest), &t);
    assert_int_equal(strlen(t.host), LIMIT_ORIGIN);
    origin_text_clear(&t);
}

/* Names are given in their own letters and sent as browsers send them. */
static void an_international_name_is_judged_by_its_letters(void **state)
{
    static const struct {
        const char *name;
        enum origin_note note;
    } rows[] = {
        {"päiväkoti.fi", ORIGIN_PLAIN},    {"åland.fi", ORIGIN_PLAIN},
        {"sámediggi.fi", ORIGIN_PLAIN},    {"täällä.äö.fi", ORIGIN_PLAIN},
        {"suomí.fi", ORIGIN_UNUSUAL},      {"ķela.fi", ORIGIN_UNUSUAL},
        {"suomı.fi", ORIGIN_UNUSUAL},      {"kelɑ.fi", ORIGIN_UNUSUAL},
        {"пример.fi", ORIGIN_FOREIGN},     {"例え.fi", ORIGIN_FOREIGN},
        {"日本カード.fi", ORIGIN_FOREIGN}, {"한국어.fi", ORIGIN_FOREIGN},
        {"аррӏе.com", ORIGIN_LOOKALIKE},   {"ѕсоре.fi", ORIGIN_LOOKALIKE},
        {"κοινο.fi", ORIGIN_LOOKALIKE},    {"kеla.fi", ORIGIN_MIXED}, /* Cyrillic е */
        {"suοmi.fi", ORIGIN_MIXED},                                   /* Greek ο */
        {"а漢.fi", ORIGIN_MIXED},          {"www.аррӏе.päivä.fi", ORIGIN_LOOKALIKE},
        {"пример.kеla.fi", ORIGIN_MIXED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct origin_text t;
        char *ascii = g_hostname_to_ascii(rows[i].name);
        assert_non_null(ascii);
        char *origin = g_strconcat("https://", ascii, ":8443", NULL);
        origin_text_make(span_str(origin), &t);
        print_message("%s\n", rows[i].name);
        assert_string_equal(t.host, ascii);
        assert_string_equal(t.decoded, rows[i].name);
        assert_int_equal(t.note, rows[i].note);
        origin_text_clear(&t);
        g_free(origin);
        g_free(ascii);
    }
}

static void a_name_that_can_not_be_read_is_not_shown_in_its_own_letters(void **state)
{
    static const char *const origins[] = {
        "https://xn--.fi",
        "https://xn--a.fi",            /* not Punycode */
        "https://xn--99999999999.fi",  /* past the last code point */
        "https://xn--abc-.fi",         /* ASCII hidden in Punycode */
        "https://xn--suomixx-4z6c.fi", /* U+200B, zero width space */
        "https://xn--kela-yd7a.fi",    /* U+202E, right-to-left override */
        "https://xn--a-vca.fi",        /* U+00AD, soft hyphen */
        "https://xn--kela-9vr.fi",     /* U+115F, a filler */
        "https://xn--kela-676a.fi",    /* U+200D, zero width joiner */
        "https://xn--vhk.fi",          /* U+3164, a filler */
    };
    (void)state;
    for (size_t i = 0; i < sizeof origins / sizeof origins[0]; i++) {
        struct origin_text t;
        origin_text_make(span_str(origins[i]), &t);
        print_message("%s %s\n", origins[i], t.decoded != NULL ? t.decoded : "-");
        assert_null(t.decoded);
        assert_int_equal(t.note, ORIGIN_UNREADABLE);
        origin_text_clear(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_is_cut_out_of_its_origin),
        cmocka_unit_test(the_longest_origin_fits),
        cmocka_unit_test(an_international_name_is_judged_by_its_letters),
        cmocka_unit_test(a_name_that_can_not_be_read_is_not_shown_in_its_own_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

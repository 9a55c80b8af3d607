#include "core/scs_page.h"

#include "unit/test.h"

#include <stdio.h>
#include <stdlib.h>

static void the_language_is_the_switchs_or_the_browsers(void **state)
{
    static const struct {
        const char *path, *accept;
        enum lang want;
    } rows[] = {
        {"/", "", LANG_EN},
        {"/", "fi", LANG_FI},
        {"/", "sv-FI,sv;q=0.9,en;q=0.5", LANG_SV},
        {"/", "de, fr;q=0.9, fi-FI;q=0.8, en;q=0.7", LANG_FI},
        {"/", "fil,et", LANG_EN},
        {"/", "f", LANG_EN},
        {"/", ",,,", LANG_EN},
        {"/?lang=sv", "fi", LANG_SV},
        {"/?lang=xx", "fi", LANG_FI},
        {"/?lang=", "fi", LANG_FI},
        {"/?other=sv", "", LANG_EN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum lang got = scs_page_lang(span_str(rows[i].path), span_str(rows[i].accept));
        if (got != rows[i].want) {
            fail_msg("%s, %s: %s", rows[i].path, rows[i].accept, msg_lang_name(got));
        }
    }
}

static void the_page_is_whole_and_the_session_keeps_its_language(void **state)
{
    struct buf out;
    (void)state;
    for (enum lang l = LANG_FI; l < LANG_COUNT; l++) {
        char start[64];
        buf_init(&out, SCS_PAGE_MAX);
        assert_int_equal(setenv("LANGUAGE", "sv", 1), 0);
        assert_int_equal(scs_page_html(l, &out), ERR_OK);
        assert_string_equal(getenv("LANGUAGE"), "sv");
        snprintf(start, sizeof start, "<!DOCTYPE html><html lang=\"%s\">", msg_lang_name(l));
        assert_memory_equal(out.at, start, strlen(start));
        assert_memory_equal(out.at + out.len - 8, "</html>\n", 8);
        assert_null(memmem(out.at, out.len, "style=", 6));
        buf_clear(&out);
    }
    assert_int_equal(unsetenv("LANGUAGE"), 0);
    buf_init(&out, 100);
    assert_int_equal(scs_page_html(LANG_FI, &out), ERR_TOO_LARGE);
    assert_null(getenv("LANGUAGE"));
    buf_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_language_is_the_switchs_or_the_browsers),
        cmocka_unit_test(the_page_is_whole_and_the_session_keeps_its_language),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Each row in a process of its own: the C library keeps the first locale that it saw. */
#include "ui/translate.h"

#include "unit/test.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"};

/* NULL: not set. None of the locales of the rows is installed on a minimal system but C.UTF-8. */
static const struct row {
    const char *values[4]; /* as in variables */
    enum lang lang;
    const char *want; /* "Done." */
} rows[] = {
    {{NULL, NULL, NULL, NULL}, LANG_FI, "Valmis."},
    {{NULL, NULL, NULL, NULL}, LANG_SV, "Klart."},
    {{NULL, NULL, NULL, NULL}, LANG_EN, "Done."},
    {{NULL, NULL, NULL, NULL}, LANG_SYSTEM, "Done."},
    {{"C", NULL, NULL, NULL}, LANG_FI, "Valmis."},
    {{"POSIX", NULL, NULL, NULL}, LANG_SV, "Klart."},
    {{"C.UTF-8", NULL, NULL, NULL}, LANG_FI, "Valmis."},
    {{"fi_FI.UTF-8", NULL, NULL, NULL}, LANG_SV, "Klart."},
    {{"fi_FI.UTF-8", NULL, NULL, NULL}, LANG_EN, "Done."},
    {{"fi_FI.UTF-8", NULL, NULL, NULL}, LANG_SYSTEM, "Valmis."},
    {{NULL, "sv_FI.UTF-8", "fi_FI.UTF-8", NULL}, LANG_SYSTEM, "Klart."},
    {{NULL, NULL, "sv_SE.UTF-8", NULL}, LANG_SYSTEM, "Klart."},
    {{NULL, NULL, "C.UTF-8", "fi"}, LANG_SYSTEM, "Valmis."},
    {{NULL, NULL, "fi_FI.UTF-8", "de"}, LANG_FI, "Valmis."},
    {{NULL, NULL, "de_DE.UTF-8", NULL}, LANG_SYSTEM, "Done."},
};

static int say(const struct row *row)
{
    for (size_t i = 0; i < 4; i++) {
        if (row->values[i] == NULL) {
            unsetenv(variables[i]);
        } else {
            setenv(variables[i], row->values[i], 1);
        }
    }
    translate_open(row->lang);
    const char *text = gettext("Done.");
    if (strcmp(text, row->want) != 0) {
        fprintf(stderr, "%s instead of %s\n", text, row->want);
        return 1;
    }
    /* Never one of the names that only gettext likes: Xlib must know the encoding. */
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 &&
                   strstr(setlocale(LC_CTYPE, NULL), "C_") == NULL
               ? 0
               : 2;
}

static void the_language_of_the_question_wins_whatever_is_installed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int status;
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            _exit(say(&rows[i]));
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        print_message("row %zu\n", i);
        assert_int_equal(status, 0);
    }
}

static void keep_text(void *user)
{
    snprintf(user, 32, "%s", gettext("Done."));
}

/* In a process of its own: the environment is changed. */
static int say_in_between(void)
{
    char between[32], want[32];
    setenv("LANGUAGE", "sv", 1);
    translate_open(LANG_SV);
    snprintf(want, sizeof want, "%s", gettext("Done."));
    translate_with(LANG_FI, keep_text, between);
    return strcmp(between, "Valmis.") == 0 && strcmp(gettext("Done."), want) == 0 &&
                   strcmp(want, between) != 0 && strcmp(getenv("LANGUAGE"), "sv") == 0
               ? 0
               : 1;
}

static void another_language_lasts_for_one_work_only(void **state)
{
    int status;
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(say_in_between());
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_language_lasts_for_one_work_only),
        cmocka_unit_test(the_language_of_the_question_wins_whatever_is_installed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "ui/translate.h"

#include "os/paths.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#define DOMAIN   "korttisilta"
#define PATH_CAP 512u

/* The first of the variables that POSIX looks at, in its order (XBD 8.2). */
static const char *session_locale(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0') {
            return value;
        }
    }
    return "";
}

static enum lang session_lang(void)
{
    const char *wanted = getenv("LANGUAGE");
    if (wanted == NULL || wanted[0] == '\0') {
        wanted = session_locale();
    }
    for (unsigned l = LANG_FI; l < LANG_COUNT; l++) {
        if (strncmp(wanted, msg_lang_name((enum lang)l), 2) == 0) {
            return (enum lang)l;
        }
    }
    return LANG_EN;
}

uint16_t translate_windows_id(enum lang lang)
{
    static const uint16_t ids[LANG_COUNT] = {
        [LANG_FI] = 0x040B, [LANG_SV] = 0x041D, [LANG_EN] = 0x0409};
    return ids[lang == LANG_SYSTEM ? session_lang() : lang];
}

/* gettext(3) looks at LANGUAGE only while LC_MESSAGES is not "C", and since glibc 2.39 (bug 16621)
 * not "C.anything" either. */
static bool language_is_off(void)
{
    const char *name = setlocale(LC_MESSAGES, NULL);
    return name == NULL || strcmp(name, "C") == 0 || strcmp(name, "POSIX") == 0 ||
           strncmp(name, "C.", 2) == 0;
}

/* No locale has this territory, so setlocale(3) takes the files of C.UTF-8, which every glibc
 * system has, but keeps the name, which is not one of those that switch LANGUAGE off. */
#define LOCALE_LAST_RESORT "C_FI.UTF-8"

void translate_open(enum lang lang)
{
    char folder[PATH_CAP];
    (void)setlocale(LC_ALL, "");
    if (language_is_off()) {
        (void)setlocale(LC_CTYPE, "C.UTF-8"); /* a name that Xlib knows too */
        (void)setlocale(LC_MESSAGES, LOCALE_LAST_RESORT);
    }
    if (lang == LANG_SYSTEM) {
        lang = session_lang();
    }
    (void)setenv("LANGUAGE", msg_lang_name(lang), 1);
    if (paths_locale(folder, sizeof folder) == ERR_OK) {
        bindtextdomain(DOMAIN, folder);
    }
    bind_textdomain_codeset(DOMAIN, "UTF-8");
    textdomain(DOMAIN);
}

void translate_with(enum lang lang, void (*work)(void *user), void *user)
{
    const char *now = getenv("LANGUAGE");
    char *before = now != NULL ? strdup(now) : NULL;
    if (now != NULL && before == NULL) {
        return; /* no memory: nothing is better than another language for good */
    }
    translate_open(lang);
    work(user);
    if (before != NULL) {
        (void)setenv("LANGUAGE", before, 1);
    } else {
        (void)unsetenv("LANGUAGE");
    }
    textdomain(DOMAIN); /* tells gettext that the variable has changed */
    free(before);
}

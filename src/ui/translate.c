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

void translate_open(enum lang lang)
{
    char folder[PATH_CAP];
    const char *set = setlocale(LC_ALL, "");
    if (set == NULL || strcmp(setlocale(LC_MESSAGES, NULL), "C") == 0 ||
        strcmp(setlocale(LC_MESSAGES, NULL), "POSIX") == 0) {
        (void)setlocale(LC_ALL, "C.UTF-8");
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

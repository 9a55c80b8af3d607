/* Translations by gettext. English is in the source; po/ holds Finnish and Swedish. */
#ifndef UI_TRANSLATE_H
#define UI_TRANSLATE_H

#include "wire/msg.h"

#include <libintl.h>

#define _(text)  gettext(text)
#define N_(text) text

/* Once, before any text. LANG_SYSTEM: the language of the person's session, English when it is none
 * of ours. Works with no other locale installed than C.UTF-8. */
void translate_open(enum lang lang);
/* Calls `work` with another language, for a program whose own children keep the session's. */
void translate_with(enum lang lang, void (*work)(void *user), void *user);
/* Windows language identifier of the language that this would be, for a reader's own words. */
uint16_t translate_windows_id(enum lang lang);

#endif

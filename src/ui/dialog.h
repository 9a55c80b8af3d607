/* The two faces of korttisilta-prompt: a window, and where there is no display, the terminal. Both
 * run the whole conversation over a link and return the exit status of the program. */
#ifndef UI_DIALOG_H
#define UI_DIALOG_H

#include "ui/dialog_link.h"

/* Exit status: there is neither a display nor a terminal to ask on. */
#define PROMPT_NO_DISPLAY 3

/* The question is there already and the language is set (translate_open).
 * PROMPT_NO_DISPLAY when the display can't be reached; nothing has been sent then. */
int dialog_gtk_run(struct link *l);
/* PROMPT_NO_DISPLAY when the program has no controlling terminal. */
int dialog_tty_run(struct link *l);

#endif

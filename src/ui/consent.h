/* Asking side of a question to the person: starts korttisilta-prompt and talks with it. Used by the
 * signer only. */
#ifndef UI_CONSENT_H
#define UI_CONSENT_H

#include "wire/ask.h"

struct consent;

/* Starts the prompt and sends the question. ERR_PROMPT_FAILED when it can't be started. */
enum err consent_open(const struct ask_question *q, struct consent **ret) MUST_CHECK;
/* For poll(2): readable when consent_read has something. */
int consent_fd(const struct consent *c);
/* ERR_CLOSED when the window is gone. */
enum err consent_show(struct consent *c, const struct ask_state *s) MUST_CHECK;
/* Reads what has come, without blocking. ERR_OK and *ret_has true: *ret is one answer (clear it).
 * ERR_CLOSED: the window is gone without an answer; ERR_PROMPT_FAILED: it said something else, or
 * ended before it could be shown (exit status PROMPT_NO_DISPLAY). */
enum err consent_read(struct consent *c, struct ask_answer *ret, bool *ret_has) MUST_CHECK;
/* Closes the window at once; NULL is fine. */
void consent_close(struct consent **c);

#endif

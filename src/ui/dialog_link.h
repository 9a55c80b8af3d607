/* The prompt's end of the conversation with the signer, on standard input and output. */
#ifndef UI_DIALOG_LINK_H
#define UI_DIALOG_LINK_H

#include "wire/ask.h"
#include "wire/frame.h"

#define LINK_IN  0
#define LINK_OUT 1

struct link {
    struct frame_reader in;
    struct ask_question question;
    struct ask_state state; /* the last one */
    bool has_state;
};

void link_init(struct link *l);
void link_clear(struct link *l);
/* Waits for the question, which comes first. ERR_CLOSED, ERR_MALFORMED, ERR_TOO_LARGE, ERR_NOMEM.
 */
enum err link_read_question(struct link *l) MUST_CHECK;
/* Takes what has come already, at the start together with the question. *ret_new: l->state is a new
 * one (states that it has overtaken are dropped). All errors end the conversation. */
enum err link_take(struct link *l, bool *ret_new) MUST_CHECK;
/* LINK_IN is readable: reads, then takes. */
enum err link_read(struct link *l, bool *ret_new) MUST_CHECK;
/* Sends an answer to the last state and wipes every copy but a->pin, which stays the caller's.
 * pin: NULL when none was asked. ERR_CLOSED, ERR_NOMEM, ERR_TOO_LARGE. */
enum err link_answer(struct link *l, struct ask_answer a) MUST_CHECK;

#endif

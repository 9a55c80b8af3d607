/* One operation from the decoded request to the answer, in the signer: look for cards, ask the
 * person, let the card sign, verify. Each step happens in one place; exactly one response comes. */
#ifndef CORE_SESSION_H
#define CORE_SESSION_H

#include "wire/msg.h"

/* To the caller: the response as soon as it is final (the session may go on to explain something to
 * the person after that), and how far a long operation is. */
struct session_calls {
    /* Called exactly once. */
    void (*answer)(void *user, const struct response *resp);
    /* Before the answer, after each signature of several. */
    void (*progress)(void *user, const struct progress *p);
};

/* caller_fd: becomes readable when the caller has gone away, which ends the session at once (never
 * inside a card transaction: then after it). */
void session_run(const struct request *r, int caller_fd, const struct session_calls *calls,
                 void *user);

#endif

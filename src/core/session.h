/* One operation from the decoded request to the answer, in the signer: look for cards, ask the
 * person, let the card sign, verify. Each step happens in one place; exactly one response comes. */
#ifndef CORE_SESSION_H
#define CORE_SESSION_H

#include "wire/msg.h"

/* Delivers the response to the caller as soon as it is final; the session may go on to explain
 * something to the person after that. Called exactly once. */
typedef void (*session_answer)(void *user, const struct response *resp);

/* caller_fd: becomes readable when the caller has gone away, which ends the session at once (never
 * inside a card transaction: then after it). */
void session_run(const struct request *r, int caller_fd, session_answer answer, void *user);

#endif

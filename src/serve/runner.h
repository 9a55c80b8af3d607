/* Runs one operation: starts a signer, sends it the request, waits for its response. The signer may
 * live on after that to explain something to the person; it is told to end when the next operation
 * starts. A signer is never killed while it may be inside a card transaction. */
#ifndef SERVE_RUNNER_H
#define SERVE_RUNNER_H

#include "serve/loop.h"
#include "wire/msg.h"

struct runner;

/* Called from the loop, never from inside another call of this module. */
struct runner_calls {
    /* The operation has ended: with its response, or after runner_stop with NULL. */
    void (*done)(void *user, const struct response *resp);
    void (*progress)(void *user, const struct progress *p);
};

/* calls is borrowed. */
enum err runner_open(struct loop *l, const struct runner_calls *calls, void *user,
                     struct runner **ret) MUST_CHECK;
/* Tells every signer to end; clears the pointer; NULL is fine. */
void runner_close(struct runner **r);
/* One at a time. ERR_AGENT_DOWN when the signer can't be started. */
enum err runner_start(struct runner *r, const struct request *request) MUST_CHECK;
/* Nobody wants the result. True when the signer has ended at once, else runner_done comes when it
 * has. */
bool runner_stop(struct runner *r);
/* A child process of this program has ended. */
void runner_reap(struct runner *r);
/* A signer lives, with an operation or with an explanation. */
bool runner_is_busy(const struct runner *r);

#endif

/* Start one of our own programs with a socket pair as its standard input and output. No shell, no
 * PATH: the program is the sibling of the running one. The child gets a short list of environment
 * variables (display, language, runtime folder), no open descriptor but 0, 1 and 2, and dies with
 * its parent (PR_SET_PDEATHSIG). */
#ifndef OS_SPAWN_H
#define OS_SPAWN_H

#include "base/err.h"

struct child {
    int pid; /* 0: none */
    int fd;  /* our end of the pair, close-on-exec; -1: none */
};

/* argv holds the arguments after argv[0], ended by NULL. ERR_AGENT_DOWN when it can't be started. */
enum err spawn_sibling(const char *name, const char *const argv[], struct child *ret) MUST_CHECK;
/* Closes our end, asks the process to end (SIGTERM) and waits for it; at most 200 ms, then SIGKILL.
 * Clears *c; an empty one is fine. */
void spawn_end(struct child *c);
/* Closes our end and lets the process live on its own; it is reaped later by spawn_reap. */
void spawn_release(struct child *c);
/* Collects ended children of spawn_release; never blocks. */
void spawn_reap(void);

#endif

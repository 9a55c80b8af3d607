/* Start one of our own programs with a socket pair as its standard input and output. No shell, no
 * PATH: the program is the sibling of the running one. The child gets a short list of environment
 * variables (display, language, runtime folder), no open descriptor but 0, 1 and 2, ignores SIGPIPE
 * (a write to a closed pair is an error, not a death), and dies with its parent (PR_SET_PDEATHSIG,
 * SIGTERM). "Parent" is the thread: call from the main one, or from one that waits for the child.
 */
#ifndef OS_SPAWN_H
#define OS_SPAWN_H

#include "base/err.h"

#include <stdbool.h>

struct child {
    int pid; /* 0: none */
    int fd;  /* our end of the pair, close-on-exec; -1: none */
};

/* Exit status of an agent that gave way to one which was faster. */
#define SPAWN_STATUS_BUSY 75
/* Status of a child that a signal ended, or whose status could not be had: this and the signal. */
#define SPAWN_STATUS_SIGNAL 256
/* Where the program of spawn_detached finds the descriptor for its readiness byte. */
#define SPAWN_READY_FD "3"

/* argv holds the arguments after argv[0], ended by NULL. ERR_AGENT_DOWN when it can't be started.
 */
enum err spawn_sibling(const char *name, const char *const argv[], struct child *ret) MUST_CHECK;
/* A program of the system, by its full path, in the same way; what it says to standard error is
 * thrown away. */
enum err spawn_program(const char *path, const char *const argv[], struct child *ret) MUST_CHECK;
/* Starts a program that outlives us, in a session of its own, its standard error going to
 * <runtime>/<name>.log. ret->fd is the reading end of a pipe whose writing end it has as
 * SPAWN_READY_FD: one byte says that it serves; end of file, that it ended (spawn_wait_status). */
enum err spawn_detached(const char *name, const char *const argv[], struct child *ret) MUST_CHECK;
/* Closes our end, asks the process to end (SIGTERM) and waits for it; at most 200 ms, then SIGKILL.
 * Clears *c; an empty one is fine. */
void spawn_end(struct child *c);
/* Closes our end and lets the process live on its own; it is reaped later by spawn_reap. */
void spawn_release(struct child *c);
/* Closes our end and keeps the process in sight for spawn_has_ended. */
void spawn_hang_up(struct child *c);
/* True when the process has ended; it is reaped, c->pid is then 0. Never blocks. */
bool spawn_has_ended(struct child *c, int *ret_status) MUST_CHECK;
/* Closes our end and waits for a process that is known to be ending; its exit status. Clears *c. */
int spawn_wait_status(struct child *c);
/* Collects ended children of spawn_release; never blocks. */
void spawn_reap(void);

#endif

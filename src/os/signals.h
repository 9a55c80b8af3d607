/* Signals as events of the main loop. */
#ifndef OS_SIGNALS_H
#define OS_SIGNALS_H

#include "base/err.h"

#include <stdbool.h>

/* Blocks SIGTERM, SIGINT, SIGHUP and SIGCHLD in this thread and the ones started after it, ignores
 * SIGPIPE, and gives a descriptor that is readable when one has come. Call before any thread. */
enum err signals_open(int *ret_fd) MUST_CHECK;
/* Takes all that have come. */
void signals_take(int fd, bool *ret_end, bool *ret_child);

#endif

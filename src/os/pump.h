/* Passes bytes both ways between a pair of standard streams and a socket, a chunk at a time; waits
 * only in poll(2). */
#ifndef OS_PUMP_H
#define OS_PUMP_H

#include "base/err.h"
#include "base/span.h"

/* Looks at bytes on their way: how many of them may pass. *ret_end is set when nothing after those
 * may: that way is closed then. */
typedef size_t (*pump_check)(void *user, struct span bytes, bool *ret_end);

struct pump_way {
    pump_check check;
    void *user;
};

/* Until `in` ends (at once, whatever is on its way), `out` is closed, or the socket ends (what came
 * from it is still written). The socket is non-blocking; in and out may be anything. inward: what
 * comes from `in` to the socket; when its check ends it, the other way goes on until the socket
 * ends. outward: the other way; when its check ends it, everything ends. */
void pump_run(int in, int out, int socket, const struct pump_way *inward,
              const struct pump_way *outward);

/* Waits until fd is readable. ERR_CLOSED: hang_up_fd ended before. */
enum err pump_wait(int fd, int hang_up_fd) MUST_CHECK;

#endif

/* The socket of the control commands: a few clients at a time, one line each way. */
#ifndef VCARD_CONTROL_SERVER_H
#define VCARD_CONTROL_SERVER_H

#include "control.h"

#include <poll.h>

#define CONTROL_CLIENTS 8u
#define CONTROL_POLLS   (CONTROL_CLIENTS + 1u)

struct control_client {
    int fd; /* -1: free */
    char line[CONTROL_LINE];
    size_t len;
};

struct control_server {
    const char *path;
    int listener; /* -1: no control socket was asked for */
    struct control_client clients[CONTROL_CLIENTS];
};

/* `path` may be NULL. ERR_NO_READER when the socket can't be made. */
enum err control_server_open(struct control_server *c, const char *path) MUST_CHECK;
void control_server_close(struct control_server *c);
size_t control_server_polls(const struct control_server *c, struct pollfd *ret);
/* Runs what came in. `settle` is called after each command and before its reply, so that a client
 * that has read "ok" finds the sockets of the card as it wanted them. */
void control_server_run(struct control_server *c, const struct pollfd *polls, size_t n,
                        struct session *s, void (*settle)(void *user), void *user);

#endif

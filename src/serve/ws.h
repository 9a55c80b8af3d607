/* The websocket door: whose handshake has been judged comes in here. One text message is one JSON
 * text; the framing is libwebsockets'. */
#ifndef SERVE_WS_H
#define SERVE_WS_H

#include "serve/client.h"
#include "serve/loop.h"

struct ws;

enum err ws_open(struct loop *l, struct clients *clients, struct ws **ret) MUST_CHECK;
/* Closes every connection; clears the pointer; NULL is fine. */
void ws_close(struct ws **d);
/* A connection whose whole request head waits to be read and whose `origin` was judged. The loop
 * closes take_fd when this succeeds, the caller keeps it else: ERR_BUSY when there is no room. */
enum err ws_admit(struct ws *d, int take_fd, struct span origin) MUST_CHECK;

#endif

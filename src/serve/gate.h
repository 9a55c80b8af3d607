/* Before the websocket door: listens on loopback, finds out whose process knocks, reads the request
 * head and judges it. Only what passes is handed to libwebsockets. */
#ifndef SERVE_GATE_H
#define SERVE_GATE_H

#include "serve/ws.h"

struct gate;

enum err gate_open(struct loop *l, struct ws *door, struct gate **ret) MUST_CHECK;
/* A listening loopback socket on `port`; the loop closes take_fd, also when this fails.
 * ERR_TOO_LARGE after the fourth. */
enum err gate_listen(struct gate *g, int take_fd, unsigned port) MUST_CHECK;
/* Closes the listeners and the handshakes that are not finished; NULL is fine. */
void gate_close(struct gate **g);

#endif

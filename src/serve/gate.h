/* Before the doors on TCP ports: listens on loopback and finds out whose process knocks. Of who
 * comes for the websocket it reads the request head and judges it; who comes for SCS goes to that
 * door, which speaks TLS. Only what passes is handed to libwebsockets. */
#ifndef SERVE_GATE_H
#define SERVE_GATE_H

#include "serve/scs_door.h"
#include "serve/ws.h"

struct gate;

/* scs NULL: no such door. */
enum err gate_open(struct loop *l, struct ws *door, struct scs_door *scs,
                   struct gate **ret) MUST_CHECK;
enum gate_door { GATE_WEBSOCKET, GATE_SCS };
/* A listening loopback socket on `port`; the loop closes take_fd, also when this fails.
 * ERR_TOO_LARGE after the eighth. */
enum err gate_listen(struct gate *g, enum gate_door door, int take_fd, unsigned port) MUST_CHECK;
/* Closes the listeners and the handshakes that are not finished; NULL is fine. */
void gate_close(struct gate **g);

#endif

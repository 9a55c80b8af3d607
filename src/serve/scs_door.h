/* The SCS listener's connections: TLS by libwebsockets, one HTTP request each. */
#ifndef SERVE_SCS_DOOR_H
#define SERVE_SCS_DOOR_H

#include "serve/client.h"
#include "serve/loop.h"

struct scs_door;

/* ERR_NOMEM. */
enum err scs_door_open(struct loop *l, struct clients *clients, struct scs_door **ret) MUST_CHECK;
/* Closes every connection; clears the pointer; NULL is fine. */
void scs_door_close(struct scs_door **d);
/* A connection of this user, nothing read of it yet, to the listener on `port`. Closes take_fd when
 * there is no room, or no certificate and none can be made. */
void scs_door_admit(struct scs_door *d, int take_fd, unsigned port);

#endif

/* Which TCP ports the doors have. */
#ifndef SERVE_PORTS_H
#define SERVE_PORTS_H

#include "core/policy.h"
#include "serve/gate.h"

/* Listens on the first port of the door's list that is free, and logs who has those before it.
 * Without one the other doors serve alone. */
void ports_open(struct gate *g, const struct policy *p, enum gate_door door);
/* Of a listener that systemd gave: its port says which door is behind it. */
enum gate_door ports_door_of(const struct policy *p, uint16_t port);

#endif

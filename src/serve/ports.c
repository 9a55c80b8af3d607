#include "serve/ports.h"

#include "base/log.h"
#include "os/ipc.h"
#include "os/port_owner.h"

/* js/transport_websocket.js tries the same ones in the same order. */
static const uint16_t ws_ports[] = {53951, 23123, 8088};
/* As SCS has them (docs/scs.md). */
static const uint16_t scs_ports[] = {53952, 23124, 8089};

struct list {
    const uint16_t *at;
    size_t n;
};

static struct list list_of(const struct policy *p, enum gate_door door)
{
    if (door == GATE_WEBSOCKET) {
        return (struct list){ws_ports, sizeof ws_ports / sizeof ws_ports[0]};
    }
    if (p->scs.n_ports > 0) {
        return (struct list){p->scs.ports, p->scs.n_ports};
    }
    return (struct list){scs_ports, sizeof scs_ports / sizeof scs_ports[0]};
}

/* Both addresses or neither: a stranger on the other one would answer for us at "localhost". */
static enum err listen_on(struct gate *g, enum gate_door door, uint16_t port)
{
    int v4, v6 = -1;
    enum err e = ipc_listen_loopback(port, false, &v4);
    if (e != ERR_OK) {
        return e;
    }
    if (ipc_listen_loopback(port, true, &v6) == ERR_BUSY) {
        ipc_close(v4);
        return ERR_BUSY;
    }
    e = gate_listen(g, door, v4, port);
    if (v6 >= 0 && e == ERR_OK) {
        e = gate_listen(g, door, v6, port);
    } else {
        ipc_close(v6);
    }
    return e;
}

static void log_taken(uint16_t port, enum err e)
{
    struct port_owner owner;
    if (e != ERR_BUSY || !port_owner_find(port, &owner)) {
        log_line(LOG_WARN, "port %u can't be used: %s", port, err_name(e));
    } else if (owner.pid != 0) {
        log_line(LOG_WARN, "port %u is taken by %s (pid %d)", port, owner.program, owner.pid);
    } else {
        log_line(LOG_WARN, "port %u is taken by a program of user %s", port, owner.program);
    }
}

void ports_open(struct gate *g, const struct policy *p, enum gate_door door)
{
    const struct list list = list_of(p, door);
    for (size_t i = 0; i < list.n; i++) {
        enum err e = listen_on(g, door, list.at[i]);
        if (e == ERR_OK) {
            return;
        }
        log_taken(list.at[i], e);
    }
    log_line(LOG_ERROR, "no port is free for %s", door == GATE_SCS ? "SCS" : "the websocket");
}

enum gate_door ports_door_of(const struct policy *p, uint16_t port)
{
    const struct list list = list_of(p, GATE_SCS);
    for (size_t i = 0; i < list.n; i++) {
        if (list.at[i] == port) {
            return GATE_SCS;
        }
    }
    return GATE_WEBSOCKET;
}

/* The agent's local endpoint (a unix socket in the runtime folder; a named pipe on Windows), and
 * who is at the other end of a connection. */
#ifndef OS_IPC_H
#define OS_IPC_H

#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

/* Listens on <runtime>/agent.sock with mode 0600, close-on-exec, non-blocking. Takes the agent lock
 * first: ERR_BUSY when another agent of this user holds it, or when somebody (systemd) listens
 * there already; that socket can be connected to by the time this returns. */
enum err ipc_listen(int *ret_fd) MUST_CHECK;
/* The lock only, for an agent that inherited its socket. ERR_BUSY. */
enum err ipc_lock(void) MUST_CHECK;
/* The end of an agent has two halves. This one takes the socket file away, so that nobody new can
 * come; an agent that is started now waits for the other half. if_idle: ERR_BUSY, and nothing has
 * changed, when somebody is connecting to `fd` at this moment. */
enum err ipc_retire(int fd, bool if_idle) MUST_CHECK;
/* The other half, when every descriptor is closed: gives the lock back. Does both when ipc_retire
 * was not called. */
void ipc_unlisten(void);
/* ERR_AGENT_DOWN when nobody listens; ERR_PEER_DENIED when the listener is another user's. */
enum err ipc_connect(int *ret_fd) MUST_CHECK;
/* The next connection, close-on-exec and non-blocking, without delay (TCP_NODELAY) where that
 * exists. ERR_CLOSED when there is none at the moment. */
enum err ipc_accept(int listener, int *ret_fd) MUST_CHECK;
/* ERR_PEER_DENIED unless the peer of the unix socket has our own uid. */
enum err ipc_check_peer(int fd) MUST_CHECK;
/* The same for an accepted loopback TCP connection: the uid that owns the other end, looked up in
 * the kernel's socket table (both addresses and ports must fit). ERR_PEER_DENIED also when it can't
 * be found. */
enum err ipc_check_tcp_peer(int fd) MUST_CHECK;
/* A listening TCP socket on 127.0.0.1 (or ::1) and `port`, close-on-exec, non-blocking.
 * ERR_BUSY when the port is taken. */
enum err ipc_listen_loopback(uint16_t port, bool v6, int *ret_fd) MUST_CHECK;
/* Sockets that systemd passed (sd_listen_fds(3)): the number, the first is descriptor 3. They are
 * close-on-exec and non-blocking afterwards; a second call finds none. */
int ipc_inherited(void);

enum ipc_kind { IPC_LOCAL, IPC_LOOPBACK, IPC_OTHER };
/* What an inherited descriptor is. IPC_LOOPBACK: a TCP socket that listens on 127.0.0.1 or ::1 and
 * nothing else, *ret_port says where; IPC_OTHER must not be served. */
enum ipc_kind ipc_kind_of(int fd, uint16_t *ret_port);

/* Non-blocking input and output. ERR_OK with *ret_len 0: not now. ERR_CLOSED: the end. */
enum err ipc_read(int fd, uint8_t *to, size_t cap, size_t *ret_len) MUST_CHECK;
enum err ipc_write(int fd, struct span bytes, size_t *ret_len) MUST_CHECK;
/* Looks at what has come, from its start, without taking it. The descriptor becomes readable again
 * only when more has come, or the other end has closed: the length is then the same as before. */
enum err ipc_peek(int fd, uint8_t *to, size_t cap, size_t *ret_len) MUST_CHECK;
/* Readable again by what was peeked at. */
void ipc_peek_end(int fd);
/* A second descriptor for the same connection, close-on-exec; -1 when there can't be one. */
int ipc_duplicate(int fd);
/* -1 is fine. */
void ipc_close(int fd);

#endif

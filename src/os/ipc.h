/* The agent's local endpoint (a unix socket in the runtime folder; a named pipe on Windows), and
 * who is at the other end of a connection. */
#ifndef OS_IPC_H
#define OS_IPC_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Listens on <runtime>/agent.sock with mode 0600. Takes the agent lock first: ERR_BUSY when another
 * agent of this user holds it (its socket is then the one to use). */
enum err ipc_listen(int *ret_fd) MUST_CHECK;
/* Gives the lock and the socket file back. */
void ipc_unlisten(int fd);
/* ERR_AGENT_DOWN when nobody listens; ERR_PEER_DENIED when the listener is another user's. */
enum err ipc_connect(int *ret_fd) MUST_CHECK;
/* ERR_PEER_DENIED unless the peer of the unix socket has our own uid. */
enum err ipc_check_peer(int fd) MUST_CHECK;
/* The same for an accepted loopback TCP connection: the uid that owns the other end, looked up in
 * the kernel's socket table (both addresses and ports must fit). ERR_PEER_DENIED also when it can't
 * be found. */
enum err ipc_check_tcp_peer(int fd) MUST_CHECK;
/* A listening TCP socket on 127.0.0.1 (or ::1) and `port`, close-on-exec, non-blocking.
 * ERR_BUSY when the port is taken. */
enum err ipc_listen_loopback(uint16_t port, bool v6, int *ret_fd) MUST_CHECK;
/* Sockets that systemd passed (sd_listen_fds(3)): the number, the first is descriptor 3. */
int ipc_inherited(void);

#endif

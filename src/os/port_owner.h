/* Who has taken a port that we want. */
#ifndef OS_PORT_OWNER_H
#define OS_PORT_OWNER_H

#include <stdbool.h>
#include <stdint.h>

#define PORT_OWNER_TEXT 64u

struct port_owner {
    unsigned uid;
    int pid;                       /* 0: the program is another user's, or hides */
    char program[PORT_OWNER_TEXT]; /* its name as the kernel keeps it; the user's when pid is 0 */
};

/* The process that listens on the TCP port at loopback or at every address. False: nobody does, or
 * the kernel does not say. */
bool port_owner_find(uint16_t port, struct port_owner *ret);

#endif

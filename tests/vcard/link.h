/* The wire to the reader: vpcd's framing (two bytes of length, big-endian; a payload of one byte is
 * a control code, all else a command) over a unix socket where the card listens, or over TCP to
 * vsmartcard-vpcd. No card in the reader = no socket. */
#ifndef VCARD_LINK_H
#define VCARD_LINK_H

/* Control codes. The first four are vpcd's; only ATR is answered. The others are the test reader's:
 * which protocol was agreed on; keys of its PIN pad, answered by one frame (pad.h) when a test has
 * pressed them; the end of that waiting, answered by a frame PAD_ENDED; and that the next command
 * is one that the pad has made. testifd.h says the same again, because the driver shares no header
 * with us. */
enum link_code {
    LINK_POWER_OFF = 0x00,
    LINK_POWER_ON = 0x01,
    LINK_RESET = 0x02,
    LINK_ATR = 0x04,
    LINK_T0 = 0x10,
    LINK_T1 = 0x11,
    LINK_PAD_ASK = 0x20,
    LINK_PAD_END = 0x21,
    LINK_PAD_SENDS = 0x22,
};

#include "session.h"

#include <poll.h>

#define LINK_POLLS 2u
#define LINK_FRAME (2u + 65535u)

struct link {
    const char *unix_path; /* NULL: vpcd */
    const char *host;
    const char *port;
    struct session *session;
    int listener; /* -1: none */
    int fd;       /* -1: no reader is connected */
    struct buf in;
    struct buf answer; /* goes out at `due`, if `waiting` */
    bool waiting;
    uint64_t due;   /* ms of the monotonic clock */
    uint64_t retry; /* vpcd: next attempt to connect */
};

void link_open(struct link *l, struct session *s);
void link_close(struct link *l);
/* Makes the sockets fit s->inserted. ERR_NO_READER when the unix socket can't be made. */
enum err link_follow(struct link *l, uint64_t now) MUST_CHECK;
/* What to wait for; returns how many entries were set. */
size_t link_polls(const struct link *l, struct pollfd *ret);
/* ms until the link wants to be called, -1: no time set. */
int link_timeout(const struct link *l, uint64_t now);
/* After poll: `polls` as filled by link_polls. */
void link_run(struct link *l, const struct pollfd *polls, size_t n, uint64_t now);

#endif

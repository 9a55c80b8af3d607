/* Inside the test reader: the reader's record, the socket to its card, and its PIN pad. Every name
 * is prefixed because pcscd loads this into a process with names of its own. */
#ifndef VCARD_TESTIFD_H
#define VCARD_TESTIFD_H

#include "pad_apdu.h"

#include <ifdhandler.h>

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#define TESTIFD_PATH (sizeof((struct sockaddr_un *)NULL)->sun_path)

/* The control codes of link.h. */
#define CODE_POWER_OFF 0x00u
#define CODE_POWER_ON  0x01u
#define CODE_RESET     0x02u
#define CODE_ATR       0x04u
#define CODE_T0        0x10u
#define CODE_T1        0x11u
#define CODE_PAD_ASK   0x20u
#define CODE_PAD_END   0x21u
#define CODE_PAD_SENDS 0x22u

enum testifd_pad_kind {
    TESTIFD_PAD_NONE,
    TESTIFD_PAD_DIRECT,
    TESTIFD_PAD_START,  /* START, key by key, FINISH; no DIRECT */
    TESTIFD_PAD_VERIFY, /* DIRECT for VERIFY alone */
    TESTIFD_PAD_FALSE,  /* claims DIRECT, and every use of it fails, as some OMNIKEYs do */
};

/* An entry that is under way. */
struct testifd_entry {
    bool busy;
    bool modify;
    bool asked; /* the card process has been told that we wait for keys */
    uint8_t request[PAD_REQUEST_MAX];
    size_t request_len;
    struct pad_values values;
    unsigned keys_told; /* of the value typed last, for GET_KEY_PRESSED */
    uint16_t sw;        /* not 0: how it ended without a command */
};

struct testifd_reader {
    pthread_mutex_t lock;
    bool used;
    DWORD lun;
    char path[TESTIFD_PATH];
    enum testifd_pad_kind pad;
    bool t0_only;
    DWORD protocol; /* SCARD_PROTOCOL_T0 or _T1 */
    int fd;         /* to the card; -1: none */
    bool gone;      /* a card has left and pcscd has not been told yet */
    bool lost;      /* the reader is out of its socket, until a card can be reached again */
    int wake;       /* eventfd: ends the wait for an event */
    int watch;      /* inotify on the folder of the socket */
    uint8_t atr[MAX_ATR_SIZE];
    DWORD atr_len;
    struct testifd_entry entry;
};

/* testifd_wire.c; the caller holds r->lock. */
void testifd_hang_up(struct testifd_reader *r);
void testifd_card_left(struct testifd_reader *r);
/* A new connection in r->fd, or -1 there when no card listens. Whoever finds the card first: the
 * waiting thread must watch this connection from now on, or it would never hear that the card has
 * left. */
void testifd_reach(struct testifd_reader *r);
bool testifd_put(struct testifd_reader *r, const uint8_t *body, size_t len);
/* Reads one frame of at most `cap` bytes. */
RESPONSECODE testifd_get(struct testifd_reader *r, uint8_t *at, size_t cap, size_t *ret_len);
bool testifd_ended(int fd);
/* One command and its answer; what to do when there is none is done. */
RESPONSECODE testifd_exchange(struct testifd_reader *r, const uint8_t *command, size_t len,
                              uint8_t *answer, size_t cap, size_t *ret_len);

/* testifd_pad.c: SCardControl of PC/SC part 10; the caller holds r->lock. */
RESPONSECODE testifd_control(struct testifd_reader *r, DWORD code, const uint8_t *in, size_t in_len,
                             uint8_t *out, size_t cap, size_t *ret_len);

#endif

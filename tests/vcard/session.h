/* One card with what a test plans for it: faults at a given exchange, delays, figures, and the log.
 */
#ifndef VCARD_SESSION_H
#define VCARD_SESSION_H

#include "engine.h"
#include "pad.h"
#include "stats.h"

#include <stdio.h>

#define SESSION_FAULTS    32u
#define SESSION_DELAY_MAX 600000u /* ms */

enum fault_kind {
    FAULT_REMOVE,
    FAULT_GARBAGE,
    FAULT_SHORT,
    FAULT_SW,
    FAULT_DELAY,
    FAULT_MUTE,
    FAULT_NO_READER
};

struct fault {
    enum fault_kind kind;
    unsigned long at; /* number of the exchange, counted from the start of the process */
    unsigned arg;     /* status word, or ms */
};

struct session {
    struct engine engine;
    struct stats stats;
    FILE *log; /* NULL: none */
    unsigned long exchanges;
    unsigned delay; /* ms before every answer */
    struct fault faults[SESSION_FAULTS];
    size_t n_faults;
    struct pad pad;
    bool from_pad; /* the next command is one that the reader's PIN pad has made */
    bool inserted;
    bool quit; /* a control command asked for the end */
};

/* SESSION_NO_READER: the reader itself is gone, with the card. */
enum session_result { SESSION_ANSWER, SESSION_MUTE, SESSION_REMOVED, SESSION_NO_READER };

/* `take_log` may be NULL; closed by session_close. */
enum err session_open(struct session *s, const char *folder, FILE *take_log) MUST_CHECK;
void session_close(struct session *s);
/* Reads the folder again, as a new process would. */
enum err session_reload(struct session *s) MUST_CHECK;
/* `at` counts exchanges from now, the next one is 1. ERR_ARGUMENT, ERR_TOO_LARGE. */
enum err session_plan(struct session *s, enum fault_kind kind, unsigned long at,
                      unsigned arg) MUST_CHECK;
/* Plays a command. With SESSION_ANSWER the answer is to be sent after *ret_delay ms. */
enum session_result session_exchange(struct session *s, struct span command, struct buf *answer,
                                     unsigned *ret_delay);

#endif

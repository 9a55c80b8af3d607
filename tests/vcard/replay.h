/* Replays of command and answer, as text (README.md says how they are written). They run
 * against any card that can be reached through `struct replay_card`. */
#ifndef VCARD_REPLAY_H
#define VCARD_REPLAY_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdio.h>

#define REPLAY_LINE   4096u
#define REPLAY_ANSWER 4096u

struct replay_card {
    void *user;
    const char *folder; /* of the card, for the files that checks look into */
    /* ERR_CARD_IO: no answer. */
    enum err (*exchange)(void *user, struct span command, struct buf *answer);
    /* A feature of the reader; NULL where there is no reader. */
    enum err (*feature)(void *user, uint8_t feature, struct span request, struct buf *answer);
    bool (*reset)(void *user);
    /* Runs a control command; `reply` gets its one line. */
    bool (*control)(void *user, const char *line, struct buf *reply);
};

/* Plays the whole file; false after printing the line that differs. Prints how many steps were run.
 */
bool replay_run(const char *path, const struct replay_card *card);

/* replay_check.c: "ecdsa|pkcs1|pss FILE HASH DIGEST", "file FILE", "size FILE MIN MAX" about what
 * the last command (with its GET RESPONSEs) returned. NULL: it holds; else what is wrong. */
const char *replay_check(const struct replay_card *card, const char *text, struct span data);
/* Size of a file of the card, such as "5016/4332"; 0 when there is none. */
size_t replay_file_size(const struct replay_card *card, const char *name);

#endif

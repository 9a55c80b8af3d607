/* The keys of a reader with a PIN pad, pressed by a test: entries wait here until the reader asks
 * for one (link.h tells how it does). */
#ifndef VCARD_PAD_H
#define VCARD_PAD_H

#include "base/buf.h"

#define PAD_ENTRIES 8u
#define PAD_KEYS    16u

/* First byte of what the reader gets; the digits follow. */
enum pad_kind {
    PAD_TYPED = 0,
    PAD_CANCELLED = 1,
    PAD_TIMED_OUT = 2,
    PAD_ENDED = 3,  /* the reader itself gave the entry up */
    PAD_REMOVED = 4 /* the card is pulled instead; never told */
};

struct pad {
    struct {
        enum pad_kind kind;
        char keys[PAD_KEYS + 1];
    } entries[PAD_ENTRIES];
    size_t n;
    unsigned long asked; /* entries that the reader asked for, ever */
    bool waiting;        /* the reader waits for one now */
};

/* ERR_TOO_LARGE: too many entries wait; ERR_ARGUMENT: `keys` are not 1 to PAD_KEYS digits. */
enum err pad_add(struct pad *p, enum pad_kind kind, const char *keys) MUST_CHECK;
void pad_clear(struct pad *p);
/* The reader's entry, when it waits for one and one is there: `ret_reply` (cleared first) is what
 * it gets, empty for PAD_REMOVED. */
bool pad_take(struct pad *p, enum pad_kind *ret_kind, struct buf *ret_reply);

#endif

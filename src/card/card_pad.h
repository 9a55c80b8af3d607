/* The seam to a reader's PIN pad (PC/SC part 10): what is to be typed there, and the person who is
 * told so. The digits go from the pad's keys into the command that the reader sends to the card;
 * nothing here, or anywhere in the program, ever holds them. */
#ifndef CARD_CARD_PAD_H
#define CARD_CARD_PAD_H

#include "base/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the reader's pad can do. */
struct card_pad {
    bool can_verify;
    bool can_modify;
    bool can_stop; /* an entry can be given up from here (the START features) */
};

/* One entry. The template is a command as for apdu.h with padding where digits go, or its header
 * and Lc 00 alone: the digits then follow as typed. Digits are ASCII, from the left. */
struct pad_entry {
    uint8_t command[LIMIT_PAD_TEMPLATE];
    size_t len;
    uint8_t min; /* digits of each value */
    uint8_t max;
    uint8_t block;      /* bytes of one value on the card; 0: as many as are typed */
    bool modify;        /* a new value, typed twice; else one value that the card has */
    bool asks_old;      /* modify: the value that the card has stands before the new one */
    uint16_t language;  /* of the reader's own words; Windows language identifier */
    uint8_t new_offset; /* modify: of the new value in the command's data */
};

/* The person, as far as the card layer knows one. Both are called inside an open bracket. */
struct pad_person {
    uint16_t language;
    /* The reader is about to wait for this. can_stop: `wait` will be called meanwhile. False: it
     * shall not. */
    bool (*begins)(void *user, const struct pad_entry *entry, bool can_stop);
    /* Returns true after at most `ms`, false as soon as the entry is to be given up. */
    bool (*wait)(void *user, unsigned ms);
    void *user;
};

#endif

/* What a host has made the card do, by kind of command. */
#ifndef VCARD_STATS_H
#define VCARD_STATS_H

#include "base/buf.h"

#define STATS_KINDS 12u
#define STATS_REFS  4u

struct stats {
    unsigned long exchanges;
    unsigned long command_bytes;
    unsigned long answer_bytes;
    unsigned long kinds[STATS_KINDS]; /* parallel to the table in stats.c */
    unsigned long other;
    unsigned long from_pad; /* of all of them, those that the reader's PIN pad has made */
    /* VERIFY with a PIN in it, by reference: what the card was asked to believe, right or wrong. */
    uint8_t refs[STATS_REFS];
    unsigned long sent[STATS_REFS];
};

void stats_note(struct stats *s, struct span command, size_t answer_len);
/* One line of JSON, without the line end. */
enum err stats_print(const struct stats *s, struct buf *out) MUST_CHECK;

#endif

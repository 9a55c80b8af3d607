/* The PIN pad of a PC/SC reader (PC/SC part 10, version 2.02.09), for pcsc.c. What the reader
 * answers is not trusted: rows are bounded, unknown ones passed over. */
#ifndef CARD_PCSC_PAD_H
#define CARD_PCSC_PAD_H

#include "base/err.h"
#include "card/card_pad.h"
#include "card/scard.h"

/* Features by their number in part 10 §2.3. */
#define PCSC_PAD_FEATURES 0x0Cu

struct pcsc_pad {
    struct card_pad can;
    DWORD codes[PCSC_PAD_FEATURES]; /* control codes; 0: the reader lacks it */
    uint8_t conditions;             /* bEntryValidationCondition that it knows */
    bool has_display;
};

/* Asks the reader what it can. All false when it has no pad, or claims one that it is known to
 * lack. */
void pcsc_pad_find(SCARDHANDLE card, const char *reader, struct pcsc_pad *ret);
/* What is known of an entry when it has ended. */
struct pcsc_pad_end {
    bool stopped; /* the person gave up here: there is no answer */
    bool typed;   /* the reader told of every value: what fails then is not its keys */
};

/* Until the reader has the card's answer, or its own status word (64xx). Returns what PC/SC says.
 * *len: in capacity, out length. */
LONG pcsc_pad_enter(SCARDHANDLE card, const struct pcsc_pad *pad, const struct pad_entry *entry,
                    const struct pad_person *person, uint8_t *answer, size_t *len,
                    struct pcsc_pad_end *ret_end);

#endif

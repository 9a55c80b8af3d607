/* A command as the card sees it: five header bytes (P3 is 00 when left out), and data when the
 * instruction carries some. Status words and what the transport makes of them are in engine.c.
 */
#ifndef VCARD_APDU_H
#define VCARD_APDU_H

#include "base/err.h"
#include "base/span.h"

struct apdu {
    uint8_t cla;
    uint8_t ins;
    uint8_t p1;
    uint8_t p2;
    uint8_t p3;
    struct span data; /* borrowed from the command */
    bool bare;        /* four bytes: no P3 */
    bool has_le;      /* an Le stands behind data */
    unsigned le;      /* 1..256; of the byte behind data, or of P3 when there is no data */
};

/* ERR_ARGUMENT: not a short APDU; the lengths don't fit each other. */
enum err apdu_parse(struct span command, struct apdu *ret) MUST_CHECK;

#endif

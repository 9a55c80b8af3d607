/* The seam below the card layer: a connection that carries APDUs. card/pcsc.c is the product's;
 * replay, fuzz and unit tests bring their own. */
#ifndef CARD_CARD_IO_H
#define CARD_CARD_IO_H

#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct card_io {
    /* Exclusive use begins; *ret_reset tells that the card was reset or powered since the last
     * bracket (selected application and verified PINs are then gone). ERR_CARD_REMOVED,
     * ERR_CARD_CHANGED when PC/SC tells that a card was inserted since, ERR_PCSC_DOWN. */
    enum err (*begin)(struct card_io *io, bool *ret_reset);
    /* One command, one answer with SW1 SW2 at its end. *len: in capacity, out length.
     * ERR_CARD_REMOVED, ERR_CARD_IO. */
    enum err (*transmit)(struct card_io *io, struct span command, uint8_t *answer, size_t *len);
    /* Ends exclusive use; reset drops every verified PIN. Never fails: nothing is left to do. */
    void (*end)(struct card_io *io, bool reset);
    void (*free)(struct card_io *io);
    const char *reader;
    const uint8_t *atr;
    size_t atr_len;
    bool t1;                  /* T=1 negotiated, else T=0 */
    uint32_t insertion_count; /* PC/SC's event counter of the reader when it was opened */
};

#endif

/* The seam below the card layer: a connection that carries APDUs. card/pcsc.c is the product's;
 * replay, fuzz and unit tests bring their own. */
#ifndef CARD_CARD_IO_H
#define CARD_CARD_IO_H

#include "base/err.h"
#include "base/span.h"
#include "card/card_pad.h"

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
    /* One entry on the reader's PIN pad, and the answer to the command that the reader then sent,
     * or its own status word. Only while `pad` is not NULL. ERR_ABORTED: `person` said no.
     * ERR_PAD_FAILED: the reader refuses, and `pad` is NULL from now on. ERR_CARD_REMOVED,
     * ERR_CARD_IO. */
    enum err (*enter)(struct card_io *io, const struct pad_entry *entry,
                      const struct pad_person *person, uint8_t *answer, size_t *len);
    /* Ends exclusive use; reset drops every verified PIN. Never fails: nothing is left to do. */
    void (*end)(struct card_io *io, bool reset);
    void (*free)(struct card_io *io);
    const struct card_pad *pad; /* the reader's; NULL: none, or it is left alone */
    const char *reader;
    const uint8_t *atr;
    size_t atr_len;
    bool t1;                  /* T=1 negotiated, else T=0 */
    uint32_t insertion_count; /* PC/SC's event counter of the reader when it was opened */
};

#endif

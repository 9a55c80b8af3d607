/* What kind of card is in the reader. The ATR decides where it can; where several kinds share one,
 * or none is known, the card is asked, by nothing that counts or changes anything. */
#ifndef CARD_RECOGNISE_H
#define CARD_RECOGNISE_H

#include "card/card_io.h"
#include "card/profile.h"

/* *ret_own is what *ret points into, to be freed by the caller, or NULL when *ret is a built-in
 * row. One bracket when the card had to be asked. ERR_CARD_UNKNOWN, ERR_NOMEM, and what the
 * connection says. */
enum err recognise_card(struct card_io *io, const struct profile **ret,
                        struct profile_store **ret_own) MUST_CHECK;

#endif

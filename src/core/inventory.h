/* Readers, cards, certificates and PIN tries, as text. */
#ifndef CORE_INVENTORY_H
#define CORE_INVENTORY_H

#include "card/card.h"
#include "card/readers.h"

/* Opens the card in a reader and reads both kinds of keys into *ret. A card with only one kind is
 * fine. ERR_NO_CARD and whatever pcsc_open, card_open and card_read_keys return. */
enum err inventory_open(const struct reader_state *reader, struct card **ret) MUST_CHECK;

/* Prints to stdout in the person's language; `check`: and asks the issuers if the certificates have
 * been revoked. Returns the exit status: 0 when a card was read. */
int inventory_print(bool check);

#endif

/* The file layout of IDPrime cards: an index of files, a list of containers, and a map from
 * containers to key and PIN references. */
#ifndef CARD_MINIDRIVER_H
#define CARD_MINIDRIVER_H

#include "card/profile.h"

/* For profile.read_layout: the row brings AID, PINs (PIN1, then PIN2) and algorithms; the keys come
 * from the card. ERR_CARD_UNKNOWN when the layout is not there. */
enum err minidriver_read_layout(struct card_io *io, const struct profile *row,
                                struct profile_store *ret) MUST_CHECK;

/* The keys that the three files describe; returns how many, at most LIMIT_CERTS. What does not fit
 * together is left out. */
size_t minidriver_keys(struct span index, struct span containers, struct span key_map,
                       struct profile_key *ret);

#endif

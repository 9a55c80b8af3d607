/* Reads the ISO 7816-15 directories of a card that no row is for. */
#ifndef CARD_PKCS15_CARD_H
#define CARD_PKCS15_CARD_H

#include "card/profile.h"

/* EF.DIR names the applications; without it the registered name of PKCS #15 is tried. The first one
 * that gives enough to sign with is taken. Inside a bracket. ERR_CARD_UNKNOWN, ERR_NOMEM, and what
 * the connection says. */
enum err pkcs15_card_read(struct card_io *io, struct profile_store *ret) MUST_CHECK;

#endif

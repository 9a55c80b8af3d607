/* The algorithms in EF.TokenInfo (ISO 7816-15 CIAInfo): which scheme and hash each number of MSE
 * SET stands for. */
#ifndef CARD_PKCS15_INFO_H
#define CARD_PKCS15_INFO_H

#include "card/profile.h"

/* In the card's order; returns how many, at most `cap`. What the program does not sign with is left
 * out: SHA-1, raw RSA, PSS with a salt of another length than the hash. */
size_t pkcs15_info_algs(struct span info, struct profile_alg *ret, size_t cap);
/* What DECIPHER can do; key agreement needs no number. Returns how many. */
size_t pkcs15_info_decs(struct span info, struct profile_dec ret[DEC_COUNT]);

#endif

/* Kind and size of the key in a certificate, which on FINEID differ between cards of one
 * generation; its first day, which tells how the card is activated; and the name of its revocation
 * list, which tells cards of two services apart. Enough of X.509 (RFC 5280 §4.1) for these and no
 * more: what a certificate says to people is read in crypto/. */
#ifndef CARD_CERTKEY_H
#define CARD_CERTKEY_H

#include "base/alg.h"

/* RSA by the length of the modulus (1024 to 4096 bits), EC by the named curve P-256, P-384 or
 * P-521. ERR_ALG_UNSUPPORTED for everything else, malformed certificates too. */
enum err certkey_type(struct span der, struct key_type *ret) MUST_CHECK;
/* The day from which the certificate is valid as one decimal number, 20260113. ERR_CERT_INVALID. */
enum err certkey_not_before(struct span der, uint32_t *ret_day) MUST_CHECK;
/* Does a cRLDistributionPoints (RFC 5280 §4.2.1.13) name an address whose last part, behind the
 * last "/", is `file`? False also when the certificate is malformed. */
bool certkey_has_crl(struct span der, const char *file);

#endif

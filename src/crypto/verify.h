/* Does a raw signature fit a certificate and a digest? Nothing leaves the program that does not. */
#ifndef CRYPTO_VERIFY_H
#define CRYPTO_VERIFY_H

#include "base/alg.h"

/* ECDSA value: r then s of field width. PSS: MGF1 with the same hash, salt as long as the hash.
 * ERR_SIGNATURE_BAD, ERR_CERT_INVALID, ERR_ALG_UNSUPPORTED (scheme and key don't fit). */
enum err verify_digest(struct span cert_der, struct sig_alg alg, struct span digest,
                       struct span value) MUST_CHECK;

#endif

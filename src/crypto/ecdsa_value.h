/* A card's ECDSA value, r then s of field width, as the DER that OpenSSL and CMS want. */
#ifndef CRYPTO_ECDSA_VALUE_H
#define CRYPTO_ECDSA_VALUE_H

#include "base/err.h"
#include "base/span.h"

/* ECDSA-Sig-Value of RFC 3279 §2.2.3. *ret_der is freed with OPENSSL_free. ERR_NOMEM. */
enum err ecdsa_value_der(struct span value, unsigned char **ret_der, size_t *ret_len) MUST_CHECK;

#endif

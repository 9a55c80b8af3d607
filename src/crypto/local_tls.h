/* The TLS certificate of a listener on the loopback address. It is made on this computer for this
 * user, and nothing else can be made of what is left: the issuer may name loopback only (RFC 5280
 * §4.2.1.10, critical), and its key is gone before the certificate is used. */
#ifndef CRYPTO_LOCAL_TLS_H
#define CRYPTO_LOCAL_TLS_H

#include "base/buf.h"

/* Browsers take at most 398 days from certificates that are not their own roots'. */
#define LOCAL_TLS_DAYS 397
/* A new one is made so long before the end. */
#define LOCAL_TLS_RENEW_DAYS 30

/* Appends three PEM blocks: the private key (P-256, PKCS #8), its certificate for localhost,
 * 127.0.0.1 and ::1, and the issuer's, which browsers are told to trust. `now`: seconds since 1970.
 * ERR_NOMEM, ERR_TOO_LARGE; ERR_INTERNAL when OpenSSL can't. `out` holds a secret. */
enum err local_tls_make(int64_t now, struct buf *out) MUST_CHECK;
/* True when it is what local_tls_make gives, and good for LOCAL_TLS_RENEW_DAYS from `now`. */
bool local_tls_is_good(struct span pem, int64_t now);
/* Appends one block of it, without the key: the issuer's certificate, DER. ERR_CERT_INVALID. */
enum err local_tls_issuer(struct span pem, struct buf *out) MUST_CHECK;

#endif

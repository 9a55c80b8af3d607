/* The TLS certificates of a listener on the loopback address, made on this computer for this user.
 * One issuer signs a row of them at once, each for its own period of LOCAL_TLS_PERIOD_DAYS, and its
 * key is gone before the first is used: nothing else can be made of what is left, and a browser
 * that trusts the issuer goes on trusting while the listener changes from one to the next. The
 * issuer may name loopback only (RFC 5280 §4.2.1.10, critical). */
#ifndef CRYPTO_LOCAL_TLS_H
#define CRYPTO_LOCAL_TLS_H

#include "base/buf.h"

#include <stdint.h>

#define LOCAL_TLS_PERIOD_DAYS 30
/* Five years, as long as a citizen's card lives. */
#define LOCAL_TLS_PERIODS 62

/* Number of the period of a moment, in seconds since 1970. */
static inline int64_t local_tls_period(int64_t now)
{
    return now / (LOCAL_TLS_PERIOD_DAYS * INT64_C(86400));
}

/* Takes one: PEM of its private key (P-256, PKCS #8: a secret), of its certificate for localhost,
 * 127.0.0.1 and ::1, and of the issuer's. */
typedef enum err (*local_tls_take)(void *user, int64_t period, struct span pem);

/* The periods from that of `now` on, LOCAL_TLS_PERIODS of them, each with a key of its own; then
 * appends the issuer's certificate, PEM, to `issuer`. ERR_INTERNAL when OpenSSL can't, or what
 * `take` says. */
enum err local_tls_make(int64_t now, local_tls_take take, void *user,
                        struct buf *issuer) MUST_CHECK;
/* True when `pem` is what local_tls_make gives for the period, by this issuer. */
bool local_tls_is_good(struct span pem, struct span issuer, int64_t period);
/* When the issuer ends, in seconds since 1970. ERR_CERT_INVALID. */
enum err local_tls_end(struct span issuer, int64_t *ret) MUST_CHECK;
/* True when both hold the same certificate, however the PEM is written. */
bool local_tls_same(struct span a, struct span b);

#endif

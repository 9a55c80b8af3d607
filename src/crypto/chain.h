/* Who issued a certificate, up to the root (RFC 5280 §6.1, without judging trust or time: the
 * service does that). */
#ifndef CRYPTO_CHAIN_H
#define CRYPTO_CHAIN_H

#include "base/buf.h"
#include "base/limits.h"

/* Certificates of CAs that a chain may be made of. */
struct chain_pool;

enum err chain_pool_open(struct chain_pool **ret) MUST_CHECK;
/* NULL is fine; clears the pointer. */
void chain_pool_free(struct chain_pool **p);
/* `file` is one certificate in DER, or any number in PEM. What is no certificate of a CA, or longer
 * than LIMIT_CERT, is left out. Returns how many were taken. */
size_t chain_pool_add(struct chain_pool *p, struct span file);

/* The issuer of `leaf`, the issuer of that, and so on: at most LIMIT_CHAIN, a root last when it is
 * there. Each link is one by name, by key identifier where both have it, by key usage and by a
 * signature that verifies. ret[] were buf_init'ed with LIMIT_CERT. Returns how many were found. */
size_t chain_build(const struct chain_pool *p, struct span leaf, struct buf ret[LIMIT_CHAIN]);

#endif

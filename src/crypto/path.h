/* Does a certificate lead to a CA of a pool (RFC 5280 §6.1)? For the files of this folder. */
#ifndef CRYPTO_PATH_H
#define CRYPTO_PATH_H

#include "crypto/chain.h"

#include <openssl/x509.h>

#include <stdbool.h>

struct path {
    bool is_trusted;            /* apart from time */
    bool has_expired, is_early; /* at `now`, one of the certificates */
    X509 *issuer, *last;        /* owned by the caller; NULL when there is no path */
};

/* `helpers` may stand between and are not trusted; NULL for none. A CA of the pool is believed
 * without its own issuer. `now`: seconds since 1970. ERR_NOMEM. */
enum err path_find(const struct chain_pool *p, X509 *leaf, STACK_OF(X509) * helpers, int64_t now,
                   struct path *ret) MUST_CHECK;

#endif

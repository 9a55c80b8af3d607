/* Our algorithm names to OpenSSL's, for the files of this folder. */
#ifndef CRYPTO_ALGORITHM_H
#define CRYPTO_ALGORITHM_H

#include "base/alg.h"

#include <openssl/evp.h>

/* Static storage; never NULL. */
const EVP_MD *algorithm_md(enum hash_alg hash);

#endif

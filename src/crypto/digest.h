/* Hashes of byte spans. */
#ifndef CRYPTO_DIGEST_H
#define CRYPTO_DIGEST_H

#include "base/alg.h"
#include "base/limits.h"

/* Hash of the concatenation of n parts into ret (alg_hash_len bytes). */
enum err digest_of(enum hash_alg hash, const struct span *parts, size_t n,
                   uint8_t ret[LIMIT_DIGEST]) MUST_CHECK;

#endif

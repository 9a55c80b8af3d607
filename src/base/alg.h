/* Hash, key and signature algorithms and their spelling in each dialect. One table, alg.c. */
#ifndef BASE_ALG_H
#define BASE_ALG_H

#include "base/err.h"
#include "base/span.h"

enum hash_alg { HASH_SHA224, HASH_SHA256, HASH_SHA384, HASH_SHA512, HASH_COUNT };
enum key_kind { KEY_RSA, KEY_EC };
enum sig_scheme { SIG_RSA_PKCS1, SIG_RSA_PSS, SIG_ECDSA };

struct key_type {
    enum key_kind kind;
    unsigned bits; /* modulus or field size: 2048, 3072, 4096; 256, 384, 521 */
};

struct sig_alg {
    enum sig_scheme scheme;
    enum hash_alg hash;
};

/* Bytes of a digest. */
size_t alg_hash_len(enum hash_alg hash);
/* "SHA-256" and so on (as W3C Web Cryptography and Web eID spell it). */
const char *alg_hash_name(enum hash_alg hash);
/* ERR_UNSUPPORTED when the name is not one of ours (SHA-1 is not). */
enum err alg_hash_from_name(struct span name, enum hash_alg *ret_hash) MUST_CHECK;

/* Web eID's three-part spelling: "ECC"/"RSA", hash name, "NONE"/"PKCS1.5"/"PSS". */
const char *alg_crypto_name(enum sig_scheme scheme);
const char *alg_padding_name(enum sig_scheme scheme);

/* JWA name (RFC 7518 §3.1), such as "ES384" or "PS256"; NULL when JWA has none for the pair
 * (ES256 is P-256 with SHA-256 only, and so on). */
const char *alg_jwa_name(struct sig_alg alg, struct key_type key);

/* Bytes of a signature: modulus, or r and s each of field width. */
size_t alg_signature_len(struct key_type key);

#endif

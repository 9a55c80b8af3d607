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

/* How a key decrypts: RSA key transport (RFC 8017 §7; OAEP with MGF1 over the same hash and an
 * empty label), or key agreement (SEC 1 §3.3.1; the x-coordinate, before any KDF). */
enum dec_alg {
    DEC_RSA_PKCS1,
    DEC_OAEP_SHA1,
    DEC_OAEP_SHA224,
    DEC_OAEP_SHA256,
    DEC_OAEP_SHA384,
    DEC_OAEP_SHA512,
    DEC_ECDH,
    DEC_COUNT
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

/* Pairs of scheme and hash as a set: bit n of ALG_BITS. */
#define ALG_BITS (3u * HASH_COUNT)
static inline uint16_t alg_bit(struct sig_alg alg)
{
    return (uint16_t)(1u << ((unsigned)alg.scheme * HASH_COUNT + (unsigned)alg.hash));
}
/* The bits of every scheme with this hash. */
uint16_t alg_bits_of_hash(enum hash_alg hash);
/* From the three parts; ERR_UNSUPPORTED when they are not those of one of ours. */
enum err alg_from_names(struct span crypto, struct span hash, struct span padding,
                        struct sig_alg *ret) MUST_CHECK;

/* JWA name (RFC 7518 §3.1), such as "ES384" or "PS256"; NULL when JWA has none for the pair
 * (ES256 is P-256 with SHA-256 only, and so on). */
const char *alg_jwa_name(struct sig_alg alg, struct key_type key);

/* "RSAES-PKCS1-v1_5", "RSA-OAEP" (W3C Web Cryptography) and "ECDH", OAEP with the name of its hash;
 * an empty `hash` is SHA-1, the default of RFC 8017 §A.2.1. ERR_UNSUPPORTED for other names,
 * ERR_ARGUMENT for a hash where there is none. */
enum err alg_dec_from_names(struct span name, struct span hash, enum dec_alg *ret) MUST_CHECK;
enum key_kind alg_dec_kind(enum dec_alg alg);
/* Bytes of what is decrypted: as wide as the modulus, or an uncompressed point (SEC 1 §2.3.3). */
size_t alg_dec_input_len(struct key_type key);
/* The most bytes that can come out; for ECDH exactly so many do. 0 when the key is too small. */
size_t alg_dec_output_max(enum dec_alg alg, struct key_type key);

/* Bytes of a signature: modulus, or r and s each of field width. */
size_t alg_signature_len(struct key_type key);

#endif

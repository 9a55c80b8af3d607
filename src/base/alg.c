#include "base/alg.h"

static const struct {
    const char *name;
    size_t len;
    unsigned jwa_curve; /* field size that the ES name stands for */
} hashes[HASH_COUNT] = {
    [HASH_SHA224] = {"SHA-224", 28, 0},
    [HASH_SHA256] = {"SHA-256", 32, 256},
    [HASH_SHA384] = {"SHA-384", 48, 384},
    [HASH_SHA512] = {"SHA-512", 64, 521},
};

static const struct {
    const char *crypto;
    const char *padding;
    const char *jwa[HASH_COUNT];
} schemes[] = {
    [SIG_RSA_PKCS1] = {"RSA", "PKCS1.5", {NULL, "RS256", "RS384", "RS512"}},
    [SIG_RSA_PSS] = {"RSA", "PSS", {NULL, "PS256", "PS384", "PS512"}},
    [SIG_ECDSA] = {"ECC", "NONE", {NULL, "ES256", "ES384", "ES512"}},
};

size_t alg_hash_len(enum hash_alg hash)
{
    return hashes[hash].len;
}

const char *alg_hash_name(enum hash_alg hash)
{
    return hashes[hash].name;
}

enum err alg_hash_from_name(struct span name, enum hash_alg *ret_hash)
{
    for (unsigned i = 0; i < HASH_COUNT; i++) {
        if (span_is(name, hashes[i].name)) {
            *ret_hash = (enum hash_alg)i;
            return ERR_OK;
        }
    }
    return ERR_UNSUPPORTED;
}

const char *alg_crypto_name(enum sig_scheme scheme)
{
    return schemes[scheme].crypto;
}

const char *alg_padding_name(enum sig_scheme scheme)
{
    return schemes[scheme].padding;
}

const char *alg_jwa_name(struct sig_alg alg, struct key_type key)
{
    if (alg.scheme == SIG_ECDSA && hashes[alg.hash].jwa_curve != key.bits) {
        return NULL;
    }
    return schemes[alg.scheme].jwa[alg.hash];
}

size_t alg_signature_len(struct key_type key)
{
    size_t width = (key.bits + 7) / 8;
    return key.kind == KEY_EC ? 2 * width : width;
}

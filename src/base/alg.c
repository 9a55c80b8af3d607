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

#define OAEP(hash, len)                                                                            \
    {                                                                                              \
        "RSA-OAEP", (hash), 2 * (len) + 2                                                          \
    }

/* overhead: bytes of the modulus that the padding takes at least. */
static const struct {
    const char *name;
    const char *hash;
    size_t overhead;
} decs[DEC_COUNT] = {
    [DEC_RSA_PKCS1] = {"RSAES-PKCS1-v1_5", "", 11},
    [DEC_OAEP_SHA1] = OAEP("SHA-1", 20),
    [DEC_OAEP_SHA224] = OAEP("SHA-224", 28),
    [DEC_OAEP_SHA256] = OAEP("SHA-256", 32),
    [DEC_OAEP_SHA384] = OAEP("SHA-384", 48),
    [DEC_OAEP_SHA512] = OAEP("SHA-512", 64),
    [DEC_ECDH] = {"ECDH", "", 0},
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

uint16_t alg_bits_of_hash(enum hash_alg hash)
{
    uint16_t bits = 0;
    for (unsigned i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        bits = (uint16_t)(bits | alg_bit((struct sig_alg){(enum sig_scheme)i, hash}));
    }
    return bits;
}

enum err alg_from_names(struct span crypto, struct span hash, struct span padding,
                        struct sig_alg *ret)
{
    enum err e = alg_hash_from_name(hash, &ret->hash);
    for (unsigned i = 0; e == ERR_OK && i < sizeof schemes / sizeof schemes[0]; i++) {
        if (span_is(crypto, schemes[i].crypto) && span_is(padding, schemes[i].padding)) {
            ret->scheme = (enum sig_scheme)i;
            return ERR_OK;
        }
    }
    return ERR_UNSUPPORTED;
}

const char *alg_jwa_name(struct sig_alg alg, struct key_type key)
{
    if (alg.scheme == SIG_ECDSA && hashes[alg.hash].jwa_curve != key.bits) {
        return NULL;
    }
    return schemes[alg.scheme].jwa[alg.hash];
}

static size_t width_of(struct key_type key)
{
    return (key.bits + 7) / 8;
}

size_t alg_signature_len(struct key_type key)
{
    return key.kind == KEY_EC ? 2 * width_of(key) : width_of(key);
}

enum err alg_dec_from_names(struct span name, struct span hash, enum dec_alg *ret)
{
    bool known = false, has_hash = false;
    for (unsigned i = 0; i < DEC_COUNT; i++) {
        if (!span_is(name, decs[i].name)) {
            continue;
        }
        known = true;
        has_hash = decs[i].hash[0] != '\0';
        if (hash.len == 0 || span_is(hash, decs[i].hash)) {
            *ret = (enum dec_alg)i;
            return ERR_OK;
        }
    }
    return known && !has_hash ? ERR_ARGUMENT : ERR_UNSUPPORTED;
}

enum key_kind alg_dec_kind(enum dec_alg alg)
{
    return alg == DEC_ECDH ? KEY_EC : KEY_RSA;
}

size_t alg_dec_input_len(struct key_type key)
{
    return key.kind == KEY_EC ? 1 + 2 * width_of(key) : width_of(key);
}

size_t alg_dec_output_max(enum dec_alg alg, struct key_type key)
{
    size_t width = width_of(key);
    return width > decs[alg].overhead ? width - decs[alg].overhead : 0;
}

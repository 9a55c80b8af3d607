/* A key that answers as a card does: the raw value of a signature over a digest. */
#ifndef TEST_CARD_KEY_H
#define TEST_CARD_KEY_H

#include "base/alg.h"

#include <openssl/ecdsa.h>

#include "unit/crypto/test_certs.h"

static const EVP_MD *test_md(enum hash_alg hash)
{
    return EVP_get_digestbyname(alg_hash_name(hash));
}

/* What a card would return: OpenSSL's signature, ECDSA turned into r || s. */
static size_t test_card_sign(EVP_PKEY *key, struct sig_alg alg, struct span digest, uint8_t *ret)
{
    uint8_t der[1024];
    size_t len = sizeof der;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
    if (alg.scheme == SIG_RSA_PSS) {
        EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING);
        EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST);
    }
    assert_int_equal(EVP_PKEY_CTX_set_signature_md(ctx, test_md(alg.hash)), 1);
    assert_int_equal(EVP_PKEY_sign(ctx, der, &len, digest.at, digest.len), 1);
    EVP_PKEY_CTX_free(ctx);
    if (alg.scheme != SIG_ECDSA) {
        memcpy(ret, der, len);
        return len;
    }
    const unsigned char *at = der;
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)len);
    int width = (EVP_PKEY_get_bits(key) + 7) / 8;
    BN_bn2binpad(ECDSA_SIG_get0_r(sig), ret, width);
    BN_bn2binpad(ECDSA_SIG_get0_s(sig), ret + width, width);
    ECDSA_SIG_free(sig);
    return (size_t)width * 2;
}

#endif

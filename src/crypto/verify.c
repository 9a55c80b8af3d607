#include "crypto/verify.h"

#include "base/limits.h"
#include "crypto/algorithm.h"

#include <openssl/ecdsa.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

static EVP_PKEY *public_key(struct span cert_der)
{
    const unsigned char *at = cert_der.at;
    X509 *x = cert_der.len <= LIMIT_CERT ? d2i_X509(NULL, &at, (long)cert_der.len) : NULL;
    EVP_PKEY *key = x != NULL && at == cert_der.at + cert_der.len ? X509_get_pubkey(x) : NULL;
    X509_free(x);
    return key;
}

/* ECDSA-Sig-Value of RFC 3279 §2.2.3 from r || s. *ret_der is freed with OPENSSL_free. */
static enum err ecdsa_der(struct span value, unsigned char **ret_der, size_t *ret_len)
{
    size_t half = value.len / 2;
    ECDSA_SIG *sig = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(value.at, (int)half, NULL);
    BIGNUM *s = BN_bin2bn(value.at + half, (int)half, NULL);
    if (sig == NULL || r == NULL || s == NULL || ECDSA_SIG_set0(sig, r, s) != 1) {
        BN_free(r);
        BN_free(s);
        ECDSA_SIG_free(sig);
        return ERR_NOMEM;
    }
    int len = i2d_ECDSA_SIG(sig, ret_der);
    ECDSA_SIG_free(sig);
    if (len <= 0) {
        return ERR_INTERNAL;
    }
    *ret_len = (size_t)len;
    return ERR_OK;
}

static bool set_padding(EVP_PKEY_CTX *ctx, struct sig_alg alg)
{
    switch (alg.scheme) {
    case SIG_RSA_PKCS1:
        return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1;
    case SIG_RSA_PSS:
        return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1;
    case SIG_ECDSA:
        return true;
    }
    return false;
}

static enum err check(EVP_PKEY *key, struct sig_alg alg, struct span digest, struct span value)
{
    enum err e = ERR_INTERNAL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    if (ctx == NULL) {
        return ERR_NOMEM;
    }
    if (EVP_PKEY_verify_init(ctx) == 1 && set_padding(ctx, alg) &&
        EVP_PKEY_CTX_set_signature_md(ctx, algorithm_md(alg.hash)) == 1) {
        int verdict = EVP_PKEY_verify(ctx, value.at, value.len, digest.at, digest.len);
        e = verdict == 1 ? ERR_OK : ERR_SIGNATURE_BAD;
    }
    EVP_PKEY_CTX_free(ctx);
    return e;
}

enum err verify_digest(struct span cert_der, struct sig_alg alg, struct span digest,
                       struct span value)
{
    unsigned char *der = NULL;
    size_t der_len = 0;
    enum err e = ERR_OK;
    EVP_PKEY *key = public_key(cert_der);
    if (key == NULL) {
        return ERR_CERT_INVALID;
    }
    bool is_ec = EVP_PKEY_get_base_id(key) == EVP_PKEY_EC;
    struct key_type type = {is_ec ? KEY_EC : KEY_RSA, (unsigned)EVP_PKEY_get_bits(key)};
    if (is_ec != (alg.scheme == SIG_ECDSA)) {
        e = ERR_ALG_UNSUPPORTED;
    } else if (digest.len != alg_hash_len(alg.hash) || value.len != alg_signature_len(type)) {
        e = ERR_SIGNATURE_BAD;
    } else if (is_ec) {
        e = ecdsa_der(value, &der, &der_len);
        value = span_of(der, der_len);
    }
    if (e == ERR_OK) {
        e = check(key, alg, digest, value);
    }
    OPENSSL_free(der);
    EVP_PKEY_free(key);
    return e;
}

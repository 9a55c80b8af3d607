#include "crypto/verify.h"

#include "base/limits.h"
#include "crypto/algorithm.h"
#include "crypto/ecdsa_value.h"

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
        e = ecdsa_value_der(value, &der, &der_len);
        value = span_of(der, der_len);
    }
    if (e == ERR_OK) {
        e = check(key, alg, digest, value);
    }
    OPENSSL_free(der);
    EVP_PKEY_free(key);
    return e;
}

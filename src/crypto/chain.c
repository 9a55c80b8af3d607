#include "crypto/chain.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdlib.h>

struct chain_pool {
    STACK_OF(X509) * certs;
};

enum err chain_pool_open(struct chain_pool **ret)
{
    struct chain_pool *p = calloc(1, sizeof *p);
    if (p != NULL) {
        p->certs = sk_X509_new_null();
    }
    if (p == NULL || p->certs == NULL) {
        free(p);
        return ERR_NOMEM;
    }
    *ret = p;
    return ERR_OK;
}

void chain_pool_free(struct chain_pool **p)
{
    if (*p != NULL) {
        sk_X509_pop_free((*p)->certs, X509_free);
        free(*p);
        *p = NULL;
    }
}

/* 1 is a CA by its basicConstraints; OpenSSL's other values are guesses for certificates of old. */
static bool take(struct chain_pool *p, X509 *take_cert)
{
    bool is_ca = take_cert != NULL && X509_check_ca(take_cert) == 1 &&
                 i2d_X509(take_cert, NULL) <= (int)LIMIT_CERT;
    if (is_ca && sk_X509_push(p->certs, take_cert) > 0) {
        return true;
    }
    X509_free(take_cert);
    return false;
}

size_t chain_pool_add(struct chain_pool *p, struct span file)
{
    const unsigned char *at = file.at;
    size_t n = 0;
    if (file.len == 0 || file.len > LIMIT_ADMIN_FILE) {
        return 0;
    }
    X509 *der = d2i_X509(NULL, &at, (long)file.len);
    if (der != NULL && at == file.at + file.len) {
        return take(p, der) ? 1 : 0;
    }
    X509_free(der);
    BIO *in = BIO_new_mem_buf(file.at, (int)file.len);
    X509 *pem;
    while (in != NULL && (pem = PEM_read_bio_X509(in, NULL, NULL, NULL)) != NULL) {
        n += take(p, pem) ? 1 : 0;
    }
    BIO_free(in);
    return n;
}

static X509 *issuer_of(const struct chain_pool *p, X509 *cert)
{
    for (int i = 0; i < sk_X509_num(p->certs); i++) {
        X509 *issuer = sk_X509_value(p->certs, i);
        if (X509_check_issued(issuer, cert) == X509_V_OK &&
            X509_verify(cert, X509_get0_pubkey(issuer)) == 1) {
            return issuer;
        }
    }
    return NULL;
}

static enum err append_der(X509 *cert, struct buf *out)
{
    unsigned char *der = NULL;
    int len = i2d_X509(cert, &der);
    enum err e = len > 0 ? buf_append(out, span_of(der, (size_t)len)) : ERR_NOMEM;
    OPENSSL_free(der);
    return e;
}

size_t chain_build(const struct chain_pool *p, struct span leaf, struct buf ret[LIMIT_CHAIN])
{
    const unsigned char *at = leaf.at;
    X509 *first = leaf.len <= LIMIT_CERT ? d2i_X509(NULL, &at, (long)leaf.len) : NULL;
    X509 *cert = first;
    size_t n = 0;
    while (cert != NULL && n < LIMIT_CHAIN) {
        bool is_root = X509_self_signed(cert, 1) == 1;
        cert = is_root ? NULL : issuer_of(p, cert);
        if (cert != NULL && append_der(cert, &ret[n]) != ERR_OK) {
            break;
        }
        n += cert != NULL ? 1 : 0;
    }
    X509_free(first);
    return n;
}

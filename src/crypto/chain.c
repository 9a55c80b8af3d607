#include "crypto/chain.h"

#include "crypto/path.h"
#include "crypto/x509_read.h"

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

size_t chain_build(const struct chain_pool *p, struct span leaf, struct buf ret[LIMIT_CHAIN])
{
    const unsigned char *at = leaf.at;
    X509 *first = leaf.len <= LIMIT_CERT ? d2i_X509(NULL, &at, (long)leaf.len) : NULL;
    X509 *cert = first;
    size_t n = 0;
    while (cert != NULL && n < LIMIT_CHAIN) {
        bool is_root = X509_self_signed(cert, 1) == 1;
        cert = is_root ? NULL : issuer_of(p, cert);
        if (cert != NULL && x509_append_der(cert, &ret[n]) != ERR_OK) {
            break;
        }
        n += cert != NULL ? 1 : 0;
    }
    X509_free(first);
    return n;
}

/* Times are told apart from everything else, and the path is followed to its end. */
static int note_times(int ok, X509_STORE_CTX *ctx)
{
    struct path *p = X509_STORE_CTX_get_ex_data(ctx, 0);
    int error = X509_STORE_CTX_get_error(ctx);
    if (error == X509_V_ERR_CERT_HAS_EXPIRED || error == X509_V_ERR_CERT_NOT_YET_VALID) {
        p->has_expired = p->has_expired || error == X509_V_ERR_CERT_HAS_EXPIRED;
        p->is_early = p->is_early || error == X509_V_ERR_CERT_NOT_YET_VALID;
        X509_STORE_CTX_set_error(ctx, X509_V_OK);
        return 1;
    }
    return ok;
}

static X509 *keep(const X509_STORE_CTX *ctx, int at)
{
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);
    X509 *x = at < sk_X509_num(chain) ? sk_X509_value(chain, at) : NULL;
    return x != NULL && X509_up_ref(x) == 1 ? x : NULL;
}

/* OpenSSL's path ends at the first CA that is believed: the pool may know who stands above it. */
static X509 *top_of(const struct chain_pool *p, X509 *take_cert)
{
    X509 *top = take_cert;
    for (unsigned i = 0; top != NULL && i < LIMIT_CHAIN && X509_self_signed(top, 0) != 1; i++) {
        X509 *above = issuer_of(p, top);
        if (above == NULL || X509_up_ref(above) != 1) {
            break;
        }
        X509_free(top);
        top = above;
    }
    return top;
}

static X509_STORE *store_of(const struct chain_pool *p)
{
    X509_STORE *store = X509_STORE_new();
    for (int i = 0; store != NULL && i < sk_X509_num(p->certs); i++) {
        if (X509_STORE_add_cert(store, sk_X509_value(p->certs, i)) != 1) {
            X509_STORE_free(store);
            store = NULL;
        }
    }
    return store;
}

#define AUTH_LEVEL 2 /* 112 bits of security: RSA-2048, SHA-224, and no SHA-1 */

enum err path_find(const struct chain_pool *p, X509 *leaf, STACK_OF(X509) * helpers, int64_t now,
                   struct path *ret)
{
    struct path path = {0};
    X509_STORE *store = store_of(p);
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    enum err e = ERR_NOMEM;
    if (store != NULL && ctx != NULL && X509_STORE_CTX_init(ctx, store, leaf, helpers) == 1 &&
        X509_STORE_CTX_set_ex_data(ctx, 0, &path) == 1) {
        X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
        X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
        X509_VERIFY_PARAM_set_depth(param, (int)LIMIT_CHAIN);
        X509_VERIFY_PARAM_set_auth_level(param, AUTH_LEVEL);
        X509_VERIFY_PARAM_set_time(param, (time_t)now);
        X509_STORE_CTX_set_verify_cb(ctx, note_times);
        path.is_trusted = X509_verify_cert(ctx) == 1;
        if (path.is_trusted) {
            path.issuer = keep(ctx, 1);
            path.last = top_of(p, keep(ctx, sk_X509_num(X509_STORE_CTX_get0_chain(ctx)) - 1));
        }
        *ret = path;
        e = ERR_OK;
    }
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    return e;
}

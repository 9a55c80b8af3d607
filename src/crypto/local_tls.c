#include "crypto/local_tls.h"

#include "base/limits.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdio.h>

#define DAY_S       86400
#define BACKDATE_S  3600 /* clocks that were set back a little */
#define SERIAL_BITS 127

struct extension {
    int nid;
    const char *value; /* NULL ends the list */
};

static const struct extension issuer_extensions[] = {
    {NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
    {NID_key_usage, "critical,keyCertSign"},
    {NID_ext_key_usage, "serverAuth"},
    {NID_name_constraints, "critical,permitted;DNS:localhost,"
                           "permitted;IP:127.0.0.1/255.255.255.255,"
                           "permitted;IP:::1/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {NID_subject_key_identifier, "hash"},
    {0, NULL},
};
static const struct extension leaf_extensions[] = {
    {NID_basic_constraints, "critical,CA:FALSE"},
    {NID_key_usage, "critical,digitalSignature"},
    {NID_ext_key_usage, "serverAuth"},
    {NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1"},
    {NID_subject_key_identifier, "hash"},
    {NID_authority_key_identifier, "keyid:always"},
    {0, NULL},
};

struct parts {
    EVP_PKEY *key;
    X509 *leaf;
    X509 *issuer;
};

static void parts_free(struct parts *p)
{
    EVP_PKEY_free(p->key);
    X509_free(p->leaf);
    X509_free(p->issuer);
    *p = (struct parts){0};
}

/* ---- making ---- */

static bool set_serial(X509 *cert)
{
    BIGNUM *n = BN_new();
    bool ok = n != NULL && BN_rand(n, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
              BN_to_ASN1_INTEGER(n, X509_get_serialNumber(cert)) != NULL;
    BN_free(n);
    return ok;
}

static bool set_name(X509 *cert, const char *name)
{
    return X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_UTF8,
                                      (const unsigned char *)name, -1, -1, 0) == 1;
}

static bool set_time(X509 *cert, int64_t now)
{
    time_t at = (time_t)now;
    return X509_time_adj_ex(X509_getm_notBefore(cert), 0, -BACKDATE_S, &at) != NULL &&
           X509_time_adj_ex(X509_getm_notAfter(cert), LOCAL_TLS_DAYS, -BACKDATE_S, &at) != NULL;
}

static bool add_extensions(X509 *cert, X509 *issuer, const struct extension *list)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    for (; list->value != NULL; list++) {
        X509_EXTENSION *one = X509V3_EXT_conf_nid(NULL, &ctx, list->nid, list->value);
        bool ok = one != NULL && X509_add_ext(cert, one, -1) == 1;
        X509_EXTENSION_free(one);
        if (!ok) {
            return false;
        }
    }
    return true;
}

/* `issuer` NULL: signs itself. */
static X509 *issue(const char *name, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key, int64_t now)
{
    X509 *cert = X509_new();
    bool ok = cert != NULL && X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert) &&
              set_name(cert, name) && set_time(cert, now) && X509_set_pubkey(cert, key) == 1;
    X509 *by = issuer != NULL ? issuer : cert;
    ok = ok && X509_set_issuer_name(cert, X509_get_subject_name(by)) == 1 &&
         add_extensions(cert, by, issuer != NULL ? leaf_extensions : issuer_extensions) &&
         X509_sign(cert, issuer_key, EVP_sha256()) > 0;
    if (!ok) {
        X509_free(cert);
        return NULL;
    }
    return cert;
}

/* The issuer's key lives in this function only. Names differ each time: browsers that still hold an
 * old issuer must not take it for the new one. */
static bool make_parts(int64_t now, struct parts *ret)
{
    char name[64];
    EVP_PKEY *issuer_key = EVP_EC_gen("P-256");
    snprintf(name, sizeof name, "Korttisilta localhost %lld", (long long)now);
    ret->key = EVP_EC_gen("P-256");
    if (issuer_key != NULL && ret->key != NULL) {
        ret->issuer = issue(name, issuer_key, NULL, issuer_key, now);
    }
    if (ret->issuer != NULL) {
        ret->leaf = issue("127.0.0.1", ret->key, ret->issuer, issuer_key, now);
    }
    EVP_PKEY_free(issuer_key);
    return ret->leaf != NULL;
}

static enum err take_text(BIO *bio, struct buf *out)
{
    char *at = NULL;
    long len = BIO_get_mem_data(bio, &at);
    return len > 0 ? buf_append(out, span_of(at, (size_t)len)) : ERR_INTERNAL;
}

enum err local_tls_make(int64_t now, struct buf *out)
{
    struct parts p = {0};
    enum err e = ERR_INTERNAL;
    BIO *bio = BIO_new(BIO_s_secmem());
    if (bio != NULL && make_parts(now, &p) &&
        PEM_write_bio_PrivateKey(bio, p.key, NULL, NULL, 0, NULL, NULL) == 1 &&
        PEM_write_bio_X509(bio, p.leaf) == 1 && PEM_write_bio_X509(bio, p.issuer) == 1) {
        e = take_text(bio, out);
    }
    BIO_free(bio);
    parts_free(&p);
    return e;
}

/* ---- reading ---- */

static bool read_parts(struct span pem, struct parts *ret)
{
    if (pem.len == 0 || pem.len > LIMIT_ADMIN_FILE) {
        return false;
    }
    BIO *in = BIO_new_mem_buf(pem.at, (int)pem.len);
    if (in != NULL) {
        ret->key = PEM_read_bio_PrivateKey(in, NULL, NULL, (void *)"");
        ret->leaf = PEM_read_bio_X509(in, NULL, NULL, NULL);
        ret->issuer = PEM_read_bio_X509(in, NULL, NULL, NULL);
    }
    BIO_free(in);
    return ret->key != NULL && ret->leaf != NULL && ret->issuer != NULL;
}

/* As a browser would that trusts the issuer, on the day `at`, for each name. */
static bool verifies(const struct parts *p, int64_t at)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    bool ok = store != NULL && ctx != NULL && X509_STORE_add_cert(store, p->issuer) == 1 &&
              X509_STORE_CTX_init(ctx, store, p->leaf, NULL) == 1 &&
              X509_STORE_CTX_set_purpose(ctx, X509_PURPOSE_SSL_SERVER) == 1;
    if (ok) {
        X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(ctx), (time_t)at);
        ok = X509_verify_cert(ctx) == 1 && X509_check_host(p->leaf, "localhost", 0, 0, NULL) == 1 &&
             X509_check_ip_asc(p->leaf, "127.0.0.1", 0) == 1 &&
             X509_check_ip_asc(p->leaf, "::1", 0) == 1;
    }
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    return ok;
}

bool local_tls_is_good(struct span pem, int64_t now)
{
    struct parts p = {0};
    bool ok = read_parts(pem, &p) && X509_check_private_key(p.leaf, p.key) == 1 &&
              X509_get_ext_by_NID(p.issuer, NID_name_constraints, -1) >= 0 && verifies(&p, now) &&
              verifies(&p, now + (int64_t)LOCAL_TLS_RENEW_DAYS * DAY_S);
    parts_free(&p);
    return ok;
}

enum err local_tls_issuer(struct span pem, struct buf *out)
{
    struct parts p = {0};
    unsigned char *der = NULL;
    enum err e = ERR_CERT_INVALID;
    int len = read_parts(pem, &p) ? i2d_X509(p.issuer, &der) : 0;
    if (len > 0) {
        e = buf_append(out, span_of(der, (size_t)len));
    }
    OPENSSL_free(der);
    parts_free(&p);
    return e;
}

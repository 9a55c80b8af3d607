#include "crypto/local_tls.h"

#include "base/limits.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <time.h>

#define DAY_S       INT64_C(86400)
#define PERIOD_S    (LOCAL_TLS_PERIOD_DAYS * DAY_S)
#define OVERLAP_S   (PERIOD_S) /* a listener that runs on keeps its certificate for a while */
#define BACKDATE_S  3600       /* clocks that were set back a little */
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

static bool set_time(X509 *cert, int64_t from, int64_t to)
{
    time_t first = (time_t)(from - BACKDATE_S), last = (time_t)to;
    return X509_time_adj_ex(X509_getm_notBefore(cert), 0, 0, &first) != NULL &&
           X509_time_adj_ex(X509_getm_notAfter(cert), 0, 0, &last) != NULL;
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

struct issuing {
    X509 *cert;    /* NULL: what is issued signs itself */
    EVP_PKEY *key; /* lives in local_tls_make only */
};

static X509 *issue(const struct issuing *by, const char *name, EVP_PKEY *key, int64_t from,
                   int64_t to)
{
    X509 *cert = X509_new();
    bool ok = cert != NULL && X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert) &&
              set_name(cert, name) && set_time(cert, from, to) && X509_set_pubkey(cert, key) == 1;
    X509 *issuer = by->cert != NULL ? by->cert : cert;
    ok = ok && X509_set_issuer_name(cert, X509_get_subject_name(issuer)) == 1 &&
         add_extensions(cert, issuer, by->cert != NULL ? leaf_extensions : issuer_extensions) &&
         X509_sign(cert, by->key, EVP_sha256()) > 0;
    if (!ok) {
        X509_free(cert);
        return NULL;
    }
    return cert;
}

static enum err take_text(BIO *bio, struct buf *out)
{
    char *at = NULL;
    long len = BIO_get_mem_data(bio, &at);
    return len > 0 ? buf_append(out, span_of(at, (size_t)len)) : ERR_INTERNAL;
}

/* One of the row. */
static enum err give(const struct issuing *by, int64_t period, int64_t from, local_tls_take take,
                     void *user)
{
    struct buf pem;
    struct parts p = {.key = EVP_EC_gen("P-256")};
    enum err e = ERR_INTERNAL;
    BIO *bio = BIO_new(BIO_s_secmem());
    buf_init(&pem, LIMIT_ADMIN_FILE);
    if (p.key != NULL) {
        p.leaf = issue(by, "127.0.0.1", p.key, from, (period + 1) * PERIOD_S + OVERLAP_S);
    }
    if (bio != NULL && p.leaf != NULL &&
        PEM_write_bio_PrivateKey(bio, p.key, NULL, NULL, 0, NULL, NULL) == 1 &&
        PEM_write_bio_X509(bio, p.leaf) == 1 && PEM_write_bio_X509(bio, by->cert) == 1) {
        e = take_text(bio, &pem);
    }
    if (e == ERR_OK) {
        e = take(user, period, buf_span(&pem));
    }
    BIO_free(bio);
    buf_clear(&pem);
    parts_free(&p);
    return e;
}

static enum err put_issuer(X509 *cert, struct buf *out)
{
    BIO *bio = BIO_new(BIO_s_mem());
    enum err e =
        bio != NULL && PEM_write_bio_X509(bio, cert) == 1 ? take_text(bio, out) : ERR_INTERNAL;
    BIO_free(bio);
    return e;
}

/* Names differ each time: browsers that still hold an old issuer must not take it for the new one.
 */
enum err local_tls_make(int64_t now, local_tls_take take, void *user, struct buf *issuer)
{
    char name[64];
    int64_t first = local_tls_period(now), end = first + LOCAL_TLS_PERIODS;
    struct issuing by = {NULL, EVP_EC_gen("P-256")};
    snprintf(name, sizeof name, "Korttisilta localhost %lld", (long long)now);
    if (by.key != NULL) {
        by.cert = issue(&by, name, by.key, now, end * PERIOD_S + OVERLAP_S);
    }
    enum err e = by.cert != NULL ? ERR_OK : ERR_INTERNAL;
    for (int64_t period = first; e == ERR_OK && period < end; period++) {
        int64_t start = period * PERIOD_S;
        e = give(&by, period, start > now ? start : now, take, user);
    }
    EVP_PKEY_free(by.key);
    if (e == ERR_OK) {
        e = put_issuer(by.cert, issuer);
    }
    X509_free(by.cert);
    return e;
}

/* ---- reading ---- */

static X509 *read_cert(struct span pem)
{
    BIO *in =
        pem.len == 0 || pem.len > LIMIT_ADMIN_FILE ? NULL : BIO_new_mem_buf(pem.at, (int)pem.len);
    X509 *cert = in != NULL ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
    BIO_free(in);
    return cert;
}

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

/* As a browser would that trusts the issuer, at the time `at`, for each name. */
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

bool local_tls_is_good(struct span pem, struct span issuer, int64_t period)
{
    struct parts p = {0};
    X509 *expected = read_cert(issuer);
    bool ok = expected != NULL && read_parts(pem, &p) && X509_cmp(expected, p.issuer) == 0 &&
              X509_check_private_key(p.leaf, p.key) == 1 &&
              X509_get_ext_by_NID(p.issuer, NID_name_constraints, -1) >= 0 &&
              verifies(&p, (period + 1) * PERIOD_S - 1);
    parts_free(&p);
    X509_free(expected);
    return ok;
}

enum err local_tls_end(struct span issuer, int64_t *ret)
{
    X509 *cert = read_cert(issuer);
    struct tm end;
    bool ok = cert != NULL && ASN1_TIME_to_tm(X509_get0_notAfter(cert), &end) == 1;
    if (ok) {
        *ret = (int64_t)timegm(&end);
    }
    X509_free(cert);
    return ok ? ERR_OK : ERR_CERT_INVALID;
}

bool local_tls_same(struct span a, struct span b)
{
    X509 *one = read_cert(a), *other = read_cert(b);
    bool same = one != NULL && other != NULL && X509_cmp(one, other) == 0;
    X509_free(one);
    X509_free(other);
    return same;
}

/* Keys and certificates made at run time for the tests of this folder. */
#ifndef TEST_CERTS_H
#define TEST_CERTS_H

#include "base/span.h"
#include "unit/test.h"

#include <openssl/conf.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

struct test_cert {
    EVP_PKEY *key;
    unsigned char *der;
    int der_len;
};

static EVP_PKEY *test_key(const char *kind)
{
    EVP_PKEY *key =
        strncmp(kind, "RSA", 3) == 0 ? EVP_RSA_gen((unsigned)atoi(kind + 3)) : EVP_EC_gen(kind);
    assert_non_null(key);
    return key;
}

static void test_add_name(X509_NAME *name, const char *field, const char *value)
{
    assert_int_equal(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                                (const unsigned char *)value, -1, -1, 0),
                     1);
}

/* usage: an OpenSSL keyUsage text such as "critical,nonRepudiation", or NULL for no extension. */
static inline struct test_cert test_cert_make(const char *kind, const char *usage, const char *cn,
                                              long from_s, long to_s)
{
    struct test_cert c = {.key = test_key(kind)};
    X509 *x = X509_new();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 7);
    X509_gmtime_adj(X509_getm_notBefore(x), from_s);
    X509_gmtime_adj(X509_getm_notAfter(x), to_s);
    test_add_name(X509_get_subject_name(x), "C", "FI");
    test_add_name(X509_get_subject_name(x), "serialNumber", "99900335E");
    test_add_name(X509_get_subject_name(x), "CN", cn);
    test_add_name(X509_get_issuer_name(x), "CN", "Test CA G1");
    X509_set_pubkey(x, c.key);
    if (usage != NULL) {
        X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, NID_key_usage, usage);
        assert_non_null(ext);
        X509_add_ext(x, ext, -1);
        X509_EXTENSION_free(ext);
    }
    assert_true(X509_sign(x, c.key, EVP_sha256()) > 0);
    c.der_len = i2d_X509(x, &c.der);
    assert_true(c.der_len > 0);
    X509_free(x);
    return c;
}

/* A certificate with what the tests of names, chains and revocation want. */
struct test_spec {
    const char *kind;               /* of the key */
    const char *cn;                 /* subject: C=FI and this */
    const char *name[4];            /* more of the subject: field, value, field, value */
    const struct test_cert *issuer; /* NULL: self-signed */
    long from_s, to_s;
    const char *extensions[12]; /* OpenSSL name, value, ... */
};

static inline X509 *test_x509(const struct test_cert *c)
{
    const unsigned char *at = c->der;
    X509 *x = d2i_X509(NULL, &at, c->der_len);
    assert_non_null(x);
    return x;
}

static inline struct test_cert test_cert_issue(const struct test_spec *s)
{
    static long serial = 1000;
    struct test_cert c = {.key = test_key(s->kind)};
    X509 *x = X509_new();
    X509 *issuer = s->issuer != NULL ? test_x509(s->issuer) : NULL;
    X509V3_CTX ctx;
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
    X509_gmtime_adj(X509_getm_notBefore(x), s->from_s);
    X509_gmtime_adj(X509_getm_notAfter(x), s->to_s);
    test_add_name(X509_get_subject_name(x), "C", "FI");
    for (size_t i = 0; i < 4 && s->name[i] != NULL; i += 2) {
        test_add_name(X509_get_subject_name(x), s->name[i], s->name[i + 1]);
    }
    test_add_name(X509_get_subject_name(x), "CN", s->cn);
    X509_set_issuer_name(x, X509_get_subject_name(issuer != NULL ? issuer : x));
    X509_set_pubkey(x, c.key);
    X509V3_set_ctx(&ctx, issuer != NULL ? issuer : x, x, NULL, NULL, 0);
    CONF *conf = NCONF_new(NULL);
    X509V3_set_nconf(&ctx, conf);
    for (size_t i = 0; i < 12 && s->extensions[i] != NULL; i += 2) {
        X509_EXTENSION *ext = X509V3_EXT_nconf(conf, &ctx, s->extensions[i], s->extensions[i + 1]);
        assert_non_null(ext);
        X509_add_ext(x, ext, -1);
        X509_EXTENSION_free(ext);
    }
    assert_true(X509_sign(x, s->issuer != NULL ? s->issuer->key : c.key, EVP_sha256()) > 0);
    c.der_len = i2d_X509(x, &c.der);
    assert_true(c.der_len > 0);
    NCONF_free(conf);
    X509_free(issuer);
    X509_free(x);
    return c;
}

static inline struct span test_der(const struct test_cert *c)
{
    return span_of(c->der, (size_t)c->der_len);
}

static void test_cert_free(struct test_cert *c)
{
    EVP_PKEY_free(c->key);
    OPENSSL_free(c->der);
}

#endif

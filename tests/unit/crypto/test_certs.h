/* Keys and certificates made at run time for the tests of this folder. */
#ifndef TEST_CERTS_H
#define TEST_CERTS_H

#include "unit/test.h"

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
static struct test_cert test_cert_make(const char *kind, const char *usage, const char *cn,
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

static void test_cert_free(struct test_cert *c)
{
    EVP_PKEY_free(c->key);
    OPENSSL_free(c->der);
}

#endif

#include "crypto/cms.h"

#include "crypto/digest.h"

#include <openssl/cms.h>

#include "unit/crypto/test_card_key.h"

#define CONTENT "a contract"

static const struct {
    const char *kind;
    struct sig_alg alg;
} keys[] = {
    {"P-256", {SIG_ECDSA, HASH_SHA256}},       {"P-384", {SIG_ECDSA, HASH_SHA384}},
    {"P-384", {SIG_ECDSA, HASH_SHA256}},       {"P-384", {SIG_ECDSA, HASH_SHA512}},
    {"RSA2048", {SIG_RSA_PKCS1, HASH_SHA256}}, {"RSA3072", {SIG_RSA_PKCS1, HASH_SHA512}},
    {"RSA3072", {SIG_RSA_PSS, HASH_SHA256}},   {"RSA2048", {SIG_RSA_PSS, HASH_SHA384}},
};
#define KEYS (sizeof keys / sizeof keys[0])

struct made {
    struct test_cert cert;
    uint8_t hash[LIMIT_DIGEST];
    uint8_t tbs[LIMIT_DIGEST];
    uint8_t value[LIMIT_SIGNATURE];
    size_t value_len;
    struct cms_spec spec;
    struct cms *cms;
    struct buf der;
};

static void made_free(struct made *m)
{
    cms_free(&m->cms);
    assert_null(m->cms);
    buf_clear(&m->der);
    test_cert_free(&m->cert);
}

/* Up to the card's value, which the test may spoil. */
static void prepare(struct made *m, size_t key, enum cms_profile profile, bool attached)
{
    struct span text = span_str(CONTENT);
    *m = (struct made){.cert =
                           test_cert_make(keys[key].kind, "critical,nonRepudiation", "A", -1, 60)};
    buf_init(&m->der, LIMIT_MESSAGE);
    assert_int_equal(digest_of(keys[key].alg.hash, &text, 1, m->hash), ERR_OK);
    m->spec = (struct cms_spec){
        .profile = profile,
        .alg = keys[key].alg,
        .cert = span_of(m->cert.der, (size_t)m->cert.der_len),
        .digest = span_of(m->hash, alg_hash_len(keys[key].alg.hash)),
        .attached = attached,
        .content = attached ? text : span_of(NULL, 0),
    };
    assert_int_equal(cms_prepare(&m->spec, &m->cms, m->tbs), ERR_OK);
    m->value_len = test_card_sign(m->cert.key, keys[key].alg,
                                  span_of(m->tbs, alg_hash_len(keys[key].alg.hash)), m->value);
}

static enum err complete(struct made *m)
{
    return cms_complete(m->cms, span_of(m->value, m->value_len), &m->der);
}

/* As a receiver does it: the certificate is trusted, content comes along unless it is inside. */
static bool receiver_accepts(const struct made *m, const char *content, unsigned flags)
{
    const unsigned char *at = m->der.at;
    const unsigned char *cert_at = m->cert.der;
    CMS_ContentInfo *info = d2i_CMS_ContentInfo(NULL, &at, (long)m->der.len);
    assert_non_null(info);
    assert_ptr_equal(at, m->der.at + m->der.len);
    X509 *x = d2i_X509(NULL, &cert_at, m->cert.der_len);
    X509_STORE *store = X509_STORE_new();
    X509_STORE_add_cert(store, x);
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
    X509_STORE_set_purpose(store, X509_PURPOSE_ANY);
    BIO *in = content != NULL ? BIO_new_mem_buf(content, -1) : NULL;
    BIO *out = BIO_new(BIO_s_mem());
    bool ok = CMS_verify(info, NULL, store, in, out, CMS_BINARY | flags) == 1;
    if (ok) {
        char *text;
        long len = BIO_get_mem_data(out, &text);
        assert_int_equal(len, strlen(CONTENT));
        assert_memory_equal(text, CONTENT, strlen(CONTENT));
    }
    BIO_free(in);
    BIO_free(out);
    X509_STORE_free(store);
    X509_free(x);
    CMS_ContentInfo_free(info);
    return ok;
}

static void a_receiver_accepts_every_kind_of_key_and_profile(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEYS * 4; i++) {
        struct made m;
        bool attached = (i / KEYS) % 2 == 1;
        bool cades = i / KEYS >= 2;
        prepare(&m, i % KEYS, cades ? CMS_PROFILE_CADES : CMS_PROFILE_PLAIN, attached);
        assert_int_equal(complete(&m), ERR_OK);
        assert_true(receiver_accepts(&m, attached ? NULL : CONTENT, cades ? CMS_CADES : 0));
        if (!attached) {
            assert_false(receiver_accepts(&m, "another contract", 0));
        }
        made_free(&m);
    }
}

static int has_attribute(const struct made *m, int nid)
{
    const unsigned char *at = m->der.at;
    CMS_ContentInfo *info = d2i_CMS_ContentInfo(NULL, &at, (long)m->der.len);
    CMS_SignerInfo *signer = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(info), 0);
    int found = CMS_signed_get_attr_by_NID(signer, nid, -1) >= 0;
    CMS_ContentInfo_free(info);
    return found;
}

static void attributes_are_those_of_the_profile(void **state)
{
    static const int all[] = {NID_pkcs9_contentType, NID_pkcs9_messageDigest};
    (void)state;
    for (int cades = 0; cades < 2; cades++) {
        struct made m;
        prepare(&m, 0, cades ? CMS_PROFILE_CADES : CMS_PROFILE_PLAIN, false);
        assert_int_equal(complete(&m), ERR_OK);
        assert_true(has_attribute(&m, all[0]) && has_attribute(&m, all[1]));
        assert_int_equal(has_attribute(&m, NID_id_smime_aa_signingCertificateV2), cades);
        assert_false(has_attribute(&m, NID_pkcs9_signingTime));
        assert_false(has_attribute(&m, NID_SMIMECapabilities));
        made_free(&m);
    }
}

static void signing_time_is_there_when_it_is_asked_for(void **state)
{
    struct made m;
    (void)state;
    prepare(&m, 1, CMS_PROFILE_CADES, false);
    cms_free(&m.cms);
    m.spec.signing_time = 1790000000;
    assert_int_equal(cms_prepare(&m.spec, &m.cms, m.tbs), ERR_OK);
    m.value_len =
        test_card_sign(m.cert.key, m.spec.alg, span_of(m.tbs, m.spec.digest.len), m.value);
    assert_int_equal(complete(&m), ERR_OK);
    assert_true(has_attribute(&m, NID_pkcs9_signingTime));
    assert_true(receiver_accepts(&m, CONTENT, CMS_CADES));
    made_free(&m);
}

/* Signers are found by issuer and serial number: two certificates must not share both. */
static void set_serial(struct test_cert *c, long serial)
{
    const unsigned char *at = c->der;
    X509 *x = d2i_X509(NULL, &at, c->der_len);
    ASN1_INTEGER_set(X509_get_serialNumber(x), serial);
    assert_true(X509_sign(x, c->key, EVP_sha256()) > 0);
    OPENSSL_free(c->der);
    c->der = NULL;
    c->der_len = i2d_X509(x, &c->der);
    X509_free(x);
}

static void the_chain_goes_along(void **state)
{
    struct made m;
    struct test_cert above = test_cert_make("P-256", "keyCertSign", "CA", -1, 60);
    set_serial(&above, 8);
    struct span chain[] = {span_of(above.der, (size_t)above.der_len)};
    (void)state;
    prepare(&m, 0, CMS_PROFILE_CADES, false);
    cms_free(&m.cms);
    m.spec.chain = chain;
    m.spec.n_chain = 1;
    assert_int_equal(cms_prepare(&m.spec, &m.cms, m.tbs), ERR_OK);
    m.value_len =
        test_card_sign(m.cert.key, m.spec.alg, span_of(m.tbs, m.spec.digest.len), m.value);
    assert_int_equal(complete(&m), ERR_OK);
    assert_non_null(memmem(m.der.at, m.der.len, above.der, (size_t)above.der_len));
    assert_non_null(memmem(m.der.at, m.der.len, m.cert.der, (size_t)m.cert.der_len));
    chain[0].len--;
    struct cms *none = NULL;
    assert_int_equal(cms_prepare(&m.spec, &none, m.tbs), ERR_CERT_INVALID);
    assert_null(none);
    test_cert_free(&above);
    made_free(&m);
}

static void a_value_that_does_not_fit_goes_nowhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEYS; i++) {
        struct made m;
        prepare(&m, i, CMS_PROFILE_CADES, false);
        m.value[m.value_len / 3] ^= 1;
        assert_int_equal(complete(&m), ERR_SIGNATURE_BAD);
        assert_int_equal(m.der.len, 0);
        made_free(&m);
    }
}

static void what_is_too_large_or_of_another_hash_is_refused(void **state)
{
    struct made m;
    struct cms *none = NULL;
    (void)state;
    prepare(&m, 0, CMS_PROFILE_PLAIN, true);
    m.der.max = 100;
    assert_int_equal(complete(&m), ERR_TOO_LARGE);
    m.spec.digest.len--;
    assert_int_equal(cms_prepare(&m.spec, &none, m.tbs), ERR_ARGUMENT);
    m.spec.digest.len++;
    m.spec.cert.len--;
    assert_int_equal(cms_prepare(&m.spec, &none, m.tbs), ERR_CERT_INVALID);
    assert_null(none);
    made_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_receiver_accepts_every_kind_of_key_and_profile),
        cmocka_unit_test(attributes_are_those_of_the_profile),
        cmocka_unit_test(signing_time_is_there_when_it_is_asked_for),
        cmocka_unit_test(the_chain_goes_along),
        cmocka_unit_test(a_value_that_does_not_fit_goes_nowhere),
        cmocka_unit_test(what_is_too_large_or_of_another_hash_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

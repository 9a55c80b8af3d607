#include "crypto/signed_data.h"

#include <openssl/pem.h>

#include <openssl/cms.h>

#include "unit/crypto/test_certs.h"

#define CONTENT "a contract"
#define DAY     86400L
#define CA      "basicConstraints", "critical,CA:TRUE", "keyUsage", "critical,keyCertSign"
#define SIGNS   "keyUsage", "critical,nonRepudiation"

static struct test_cert root, middle, signer, stranger;

static int set_up(void **state)
{
    (void)state;
    root = test_cert_issue(&(struct test_spec){"P-256", "Root", {NULL}, NULL, -DAY, DAY, {CA}});
    middle = test_cert_issue(&(struct test_spec){"P-256", "CA", {NULL}, &root, -DAY, DAY, {CA}});
    signer =
        test_cert_issue(&(struct test_spec){"P-384", "Maija", {NULL}, &middle, -DAY, DAY, {SIGNS}});
    stranger =
        test_cert_issue(&(struct test_spec){"P-256", "Other", {NULL}, NULL, -DAY, DAY, {CA}});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_cert_free(&root);
    test_cert_free(&middle);
    test_cert_free(&signer);
    test_cert_free(&stranger);
    return 0;
}

struct recipe {
    const struct test_cert *by;
    const struct test_cert *along; /* may be NULL */
    const char *hash;
    unsigned flags; /* beside those of a detached signature in binary */
    bool pss, two;
};

static void add_signer(CMS_ContentInfo *info, const struct recipe *r, const struct test_cert *by)
{
    X509 *x = test_x509(by);
    CMS_SignerInfo *si = CMS_add1_signer(info, x, by->key, EVP_get_digestbyname(r->hash),
                                         r->flags | CMS_PARTIAL | CMS_BINARY | CMS_KEY_PARAM);
    assert_non_null(si);
    if (r->pss) {
        EVP_PKEY_CTX *ctx = CMS_SignerInfo_get0_pkey_ctx(si);
        assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING), 1);
    }
    X509_free(x);
}

/* DER, or PEM when `pem`. */
static struct buf sign(const struct recipe *r, bool pem)
{
    struct buf ret;
    char *text;
    unsigned flags = CMS_PARTIAL | CMS_BINARY | (r->flags & CMS_DETACHED);
    CMS_ContentInfo *info = CMS_sign(NULL, NULL, NULL, NULL, flags);
    assert_non_null(info);
    add_signer(info, r, r->by);
    if (r->two) {
        add_signer(info, r, &stranger);
    }
    if (r->along != NULL) {
        X509 *x = test_x509(r->along);
        assert_int_equal(CMS_add1_cert(info, x), 1);
        X509_free(x);
    }
    BIO *in = BIO_new_mem_buf(CONTENT, -1);
    assert_int_equal(CMS_final(info, in, NULL, CMS_BINARY | (r->flags & CMS_DETACHED)), 1);
    BIO *out = BIO_new(BIO_s_mem());
    assert_int_equal(pem ? PEM_write_bio_CMS(out, info) : i2d_CMS_bio(out, info), 1);
    long len = BIO_get_mem_data(out, &text);
    buf_init(&ret, LIMIT_MESSAGE);
    assert_int_equal(buf_append(&ret, span_of(text, (size_t)len)), ERR_OK);
    BIO_free(in);
    BIO_free(out);
    CMS_ContentInfo_free(info);
    return ret;
}

static struct chain_pool *pool_of(const struct test_cert *a, const struct test_cert *b)
{
    struct chain_pool *pool = NULL;
    assert_int_equal(chain_pool_open(&pool), ERR_OK);
    if (a != NULL) {
        assert_int_equal(chain_pool_add(pool, test_der(a)), 1);
    }
    if (b != NULL) {
        assert_int_equal(chain_pool_add(pool, test_der(b)), 1);
    }
    return pool;
}

static void judge(struct span file, const char *content, const struct chain_pool *pool, int64_t now,
                  size_t i, struct signed_by *ret)
{
    struct signed_data *data = NULL;
    struct span parts[2] = {span_of(content, 3), span_str(content + 3)};
    signed_by_init(ret);
    assert_int_equal(signed_data_open(file, false, &data), ERR_OK);
    assert_int_equal(signed_data_judge(data, i, parts, 2, pool, now, ret), ERR_OK);
    signed_data_free(&data);
    assert_null(data);
}

/* The first signer of r's SignedData, with these CAs, `later` seconds from now. */
static enum signed_trust trust(const struct recipe *r, const struct test_cert *a,
                               const struct test_cert *b, long later)
{
    struct chain_pool *pool = pool_of(a, b);
    struct buf file = sign(r, false);
    struct signed_by by;
    judge(buf_span(&file), CONTENT, pool, (int64_t)time(NULL) + later, 0, &by);
    assert_int_equal(by.state, SIGNED_HOLDS);
    enum signed_trust ret = by.trust;
    signed_by_clear(&by);
    buf_clear(&file);
    chain_pool_free(&pool);
    return ret;
}

static void every_kind_of_signature_holds_or_does_not(void **state)
{
    static const struct {
        const char *kind, *hash;
        unsigned flags;
        bool pss, is_cades;
        struct sig_alg alg;
    } rows[] = {
        {"P-256", "SHA256", CMS_CADES, false, true, {SIG_ECDSA, HASH_SHA256}},
        {"P-384", "SHA384", 0, false, false, {SIG_ECDSA, HASH_SHA384}},
        {"P-384", "SHA512", 0, false, false, {SIG_ECDSA, HASH_SHA512}},
        {"P-521", "SHA224", 0, false, false, {SIG_ECDSA, HASH_SHA224}},
        {"RSA2048", "SHA256", CMS_CADES, false, true, {SIG_RSA_PKCS1, HASH_SHA256}},
        {"RSA3072", "SHA512", 0, false, false, {SIG_RSA_PKCS1, HASH_SHA512}},
        {"RSA2048", "SHA384", CMS_CADES, true, true, {SIG_RSA_PSS, HASH_SHA384}},
    };
    struct chain_pool *pool = pool_of(&root, &middle);
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] * 2; i++) {
        size_t k = i / 2;
        struct test_cert c = test_cert_issue(
            &(struct test_spec){rows[k].kind, "Maija", {NULL}, &middle, -DAY, DAY, {SIGNS}});
        struct recipe r = {&c,          NULL, rows[k].hash, rows[k].flags | CMS_DETACHED,
                           rows[k].pss, false};
        struct buf file = sign(&r, i % 2 == 1);
        struct signed_by by;
        judge(buf_span(&file), CONTENT, pool, (int64_t)time(NULL), 0, &by);
        assert_int_equal(by.state, SIGNED_HOLDS);
        assert_int_equal(by.trust, TRUST_FULL);
        assert_int_equal(by.is_cades, rows[k].is_cades);
        assert_int_equal(by.alg.scheme, rows[k].alg.scheme);
        assert_int_equal(by.alg.hash, rows[k].alg.hash);
        assert_string_equal(by.info.holder, "Maija");
        assert_string_equal(by.root, "Root");
        assert_true(span_eq(buf_span(&by.cert), test_der(&c)));
        assert_true(span_eq(buf_span(&by.issuer), test_der(&middle)));
        assert_int_not_equal(by.said_at, 0);
        signed_by_clear(&by);
        judge(buf_span(&file), "another contract", pool, (int64_t)time(NULL), 0, &by);
        assert_int_equal(by.state, SIGNED_CHANGED);
        signed_by_clear(&by);
        buf_clear(&file);
        test_cert_free(&c);
    }
    chain_pool_free(&pool);
}

static void the_certificate_leads_to_a_ca_that_is_known_or_not(void **state)
{
    struct recipe r = {&signer, NULL, "SHA384", CMS_DETACHED, false, false};
    struct recipe along = {&signer, &middle, "SHA384", CMS_DETACHED, false, false};
    (void)state;
    assert_int_equal(trust(&r, &root, &middle, 0), TRUST_FULL);
    assert_int_equal(trust(&r, &middle, NULL, 0), TRUST_FULL);
    assert_int_equal(trust(&along, &root, NULL, 0), TRUST_FULL);
    assert_int_equal(trust(&r, &root, NULL, 0), TRUST_NO_PATH);
    assert_int_equal(trust(&along, NULL, NULL, 0), TRUST_NO_PATH);
    assert_int_equal(trust(&along, &stranger, NULL, 0), TRUST_NO_PATH);
    assert_int_equal(trust(&r, &root, &middle, 2 * DAY), TRUST_EXPIRED);
    assert_int_equal(trust(&r, &root, &middle, -2 * DAY), TRUST_NOT_YET);
}

static void a_certificate_that_is_not_for_signatures_is_not_trusted(void **state)
{
    static const char *const usages[] = {"digitalSignature", "keyAgreement",
                                         "nonRepudiation,keyCertSign"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct test_cert c = test_cert_issue(&(struct test_spec){
            "P-256",
            "X",
            {NULL},
            &middle,
            -DAY,
            DAY,
            {"keyUsage", usages[i], "basicConstraints", i == 2 ? "CA:TRUE" : "CA:FALSE"}});
        struct recipe r = {&c, NULL, "SHA256", CMS_DETACHED, false, false};
        assert_int_equal(trust(&r, &root, &middle, 0), TRUST_USAGE);
        test_cert_free(&c);
    }
}

static void each_signer_is_judged_alone(void **state)
{
    struct recipe r = {&signer, NULL, "SHA384", 0, false, true};
    struct chain_pool *pool = pool_of(&root, &middle);
    struct buf file = sign(&r, false);
    struct signed_data *data = NULL;
    struct signed_by by;
    bool seen[2] = {false, false};
    (void)state;
    assert_int_equal(signed_data_open(buf_span(&file), false, &data), ERR_OK);
    assert_int_equal(signed_data_signers(data), 2);
    assert_true(span_is(signed_data_content(data), CONTENT));
    signed_data_free(&data);
    for (size_t i = 0; i < 2; i++) {
        judge(buf_span(&file), CONTENT, pool, (int64_t)time(NULL), i, &by);
        assert_int_equal(by.state, SIGNED_HOLDS);
        seen[by.trust == TRUST_FULL] = true;
        assert_int_equal(by.trust,
                         strcmp(by.info.holder, "Maija") == 0 ? TRUST_FULL : TRUST_NO_PATH);
        signed_by_clear(&by);
    }
    assert_true(seen[0] && seen[1]);
    buf_clear(&file);
    chain_pool_free(&pool);
}

/* Whatever byte is another one: what still can be read never holds for another content or signer.
 */
static void no_changed_byte_makes_another_signature_hold(void **state)
{
    struct recipe r = {&signer, NULL, "SHA384", CMS_DETACHED | CMS_CADES, false, false};
    struct chain_pool *pool = pool_of(&root, &middle);
    struct buf file = sign(&r, false);
    (void)state;
    for (size_t i = 0; i < file.len; i++) {
        struct signed_data *data = NULL;
        struct span content = span_str(CONTENT);
        struct signed_by by;
        signed_by_init(&by);
        file.at[i] ^= 0x04;
        if (signed_data_open(buf_span(&file), false, &data) == ERR_OK) {
            assert_int_equal(
                signed_data_judge(data, 0, &content, 1, pool, (int64_t)time(NULL), &by), ERR_OK);
            assert_true(by.state != SIGNED_HOLDS || span_eq(buf_span(&by.cert), test_der(&signer)));
        }
        signed_data_free(&data);
        signed_by_clear(&by);
        file.at[i] ^= 0x04;
    }
    buf_clear(&file);
    chain_pool_free(&pool);
}

static void what_this_program_does_not_know_is_not_judged(void **state)
{
    static const struct {
        const char *kind, *hash;
        unsigned flags;
    } rows[] = {
        {"P-256", "SHA1", 0},
        {"secp256k1", "SHA256", 0},
        {"RSA1024", "SHA256", 0},
        {"P-256", "SHA256", CMS_NOCERTS},
        {"P-256", "SHA256", CMS_NOATTR},
    };
    struct chain_pool *pool = pool_of(&root, &middle);
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct test_cert c = test_cert_issue(
            &(struct test_spec){rows[i].kind, "X", {NULL}, &middle, -DAY, DAY, {SIGNS}});
        struct recipe r = {&c, NULL, rows[i].hash, CMS_DETACHED | rows[i].flags, false, false};
        struct buf file = sign(&r, false);
        struct signed_by by;
        judge(buf_span(&file), CONTENT, pool, (int64_t)time(NULL), 0, &by);
        assert_int_equal(by.state, SIGNED_UNREADABLE);
        signed_by_clear(&by);
        buf_clear(&file);
        test_cert_free(&c);
    }
    chain_pool_free(&pool);
}

static void what_is_no_signed_data_is_refused(void **state)
{
    struct recipe r = {&signer, NULL, "SHA384", CMS_DETACHED, false, false};
    struct buf file = sign(&r, false);
    struct signed_data *data = NULL;
    (void)state;
    for (size_t len = 0; len < file.len; len++) {
        struct span part = span_of(file.at, len);
        assert_int_equal(signed_data_open(part, false, &data), ERR_UNSUPPORTED);
    }
    assert_int_equal(buf_append(&file, span_of("\0\0", 2)), ERR_OK);
    assert_int_equal(signed_data_open(buf_span(&file), false, &data), ERR_UNSUPPORTED);
    assert_int_equal(signed_data_open(buf_span(&file), true, &data), ERR_OK);
    signed_data_free(&data);
    file.at[file.len - 1] = 1;
    assert_int_equal(signed_data_open(buf_span(&file), true, &data), ERR_UNSUPPORTED);
    assert_int_equal(signed_data_open(span_str("-----BEGIN"), false, &data), ERR_UNSUPPORTED);
    assert_int_equal(signed_data_open(test_der(&signer), false, &data), ERR_UNSUPPORTED);
    assert_null(data);
    buf_clear(&file);
    CMS_ContentInfo *none = CMS_data_create(NULL, CMS_STREAM);
    unsigned char *der = NULL;
    int len = i2d_CMS_ContentInfo(none, &der);
    assert_int_equal(signed_data_open(span_of(der, len > 0 ? (size_t)len : 0), false, &data),
                     ERR_UNSUPPORTED);
    OPENSSL_free(der);
    CMS_ContentInfo_free(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_signature_holds_or_does_not),
        cmocka_unit_test(the_certificate_leads_to_a_ca_that_is_known_or_not),
        cmocka_unit_test(a_certificate_that_is_not_for_signatures_is_not_trusted),
        cmocka_unit_test(each_signer_is_judged_alone),
        cmocka_unit_test(no_changed_byte_makes_another_signature_hold),
        cmocka_unit_test(what_this_program_does_not_know_is_not_judged),
        cmocka_unit_test(what_is_no_signed_data_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

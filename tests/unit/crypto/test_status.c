#include "crypto/status.h"

#include "unit/crypto/test_certs.h"

#include <openssl/ocsp.h>

#define CA        "basicConstraints", "critical,CA:TRUE", "keyUsage", "critical,keyCertSign,cRLSign"
#define DAY       86400L
#define REVOKED_S 1700000000

static struct test_cert root, ca, other_ca, leaf, responder, plain;

static struct test_cert issue(const char *cn, const struct test_cert *issuer, const char *name,
                              const char *value)
{
    return test_cert_issue(
        &(struct test_spec){"P-256", cn, {NULL}, issuer, -DAY, DAY, {name, value}});
}

static int set_up(void **state)
{
    (void)state;
    root = test_cert_issue(&(struct test_spec){"P-256", "R", {NULL}, NULL, -DAY, DAY, {CA}});
    ca = test_cert_issue(&(struct test_spec){"P-256", "CA", {NULL}, &root, -DAY, DAY, {CA}});
    other_ca = test_cert_issue(&(struct test_spec){"P-256", "CA", {NULL}, &root, -DAY, DAY, {CA}});
    leaf = issue("Holder", &ca, NULL, NULL);
    responder = issue("Responder", &ca, "extendedKeyUsage", "OCSPSigning");
    plain = issue("Nobody", &ca, NULL, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_cert_free(&root);
    test_cert_free(&ca);
    test_cert_free(&other_ca);
    test_cert_free(&leaf);
    test_cert_free(&responder);
    test_cert_free(&plain);
    return 0;
}

/* ---- OCSP ---- */

enum nonce { SAME, ABSENT, OTHER };

struct told {
    int status;                    /* V_OCSP_CERTSTATUS_ */
    long from_s, until_s;          /* until_s 0: no nextUpdate */
    const struct test_cert *about; /* whose status */
    const struct test_cert *signer;
    enum nonce nonce;
};

static OCSP_CERTID *id_of(const struct test_cert *c)
{
    X509 *x = test_x509(c);
    X509 *issuer = test_x509(&ca);
    OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), x, issuer);
    X509_free(x);
    X509_free(issuer);
    return id;
}

static void add_nonce(OCSP_BASICRESP *basic, const struct buf *request, enum nonce how)
{
    const unsigned char *at = request->at;
    OCSP_REQUEST *req = d2i_OCSP_REQUEST(NULL, &at, (long)request->len);
    if (how == SAME) {
        assert_int_equal(OCSP_copy_nonce(basic, req), 1);
    } else if (how == OTHER) {
        assert_int_equal(OCSP_basic_add1_nonce(basic, NULL, -1), 1);
    }
    OCSP_REQUEST_free(req);
}

static OCSP_BASICRESP *make_basic(const struct told *t, const struct buf *request)
{
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    OCSP_CERTID *id = id_of(t->about);
    ASN1_TIME *from = X509_gmtime_adj(NULL, t->from_s);
    ASN1_TIME *until = t->until_s != 0 ? X509_gmtime_adj(NULL, t->until_s) : NULL;
    ASN1_TIME *when =
        t->status == V_OCSP_CERTSTATUS_REVOKED ? ASN1_TIME_set(NULL, REVOKED_S) : NULL;
    X509 *signer = test_x509(t->signer);
    assert_non_null(OCSP_basic_add1_status(basic, id, t->status, OCSP_REVOKED_STATUS_KEYCOMPROMISE,
                                           when, from, until));
    add_nonce(basic, request, t->nonce);
    assert_int_equal(OCSP_basic_sign(basic, signer, t->signer->key, EVP_sha256(), NULL, 0), 1);
    X509_free(signer);
    ASN1_TIME_free(from);
    ASN1_TIME_free(until);
    ASN1_TIME_free(when);
    OCSP_CERTID_free(id);
    return basic;
}

static enum err judge(const struct told *t, int64_t *at)
{
    struct buf request;
    unsigned char *der = NULL;
    buf_init(&request, LIMIT_OCSP);
    assert_int_equal(status_ocsp_request(test_der(&leaf), test_der(&ca), &request), ERR_OK);
    OCSP_BASICRESP *basic = make_basic(t, &request);
    OCSP_RESPONSE *resp = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    int len = i2d_OCSP_RESPONSE(resp, &der);
    assert_true(len > 0);
    enum err e = status_judge_ocsp(test_der(&leaf), test_der(&ca), buf_span(&request),
                                   span_of(der, (size_t)len), at);
    OPENSSL_free(der);
    OCSP_RESPONSE_free(resp);
    OCSP_BASICRESP_free(basic);
    buf_clear(&request);
    return e;
}

static void an_ocsp_answer_counts_when_it_is_the_issuers_and_of_now(void **state)
{
    const struct {
        const char *what;
        struct told told;
        enum err want;
    } rows[] = {
#define GOOD V_OCSP_CERTSTATUS_GOOD
        {"good", {GOOD, -60, DAY, &leaf, &ca, SAME}, ERR_OK},
        {"by a responder", {GOOD, -60, DAY, &leaf, &responder, SAME}, ERR_OK},
        {"without a nonce", {GOOD, -60, DAY, &leaf, &ca, ABSENT}, ERR_OK},
        {"without an end, fresh", {GOOD, -60, 0, &leaf, &ca, SAME}, ERR_OK},
        {"revoked", {V_OCSP_CERTSTATUS_REVOKED, -60, DAY, &leaf, &ca, SAME}, ERR_CERT_REVOKED},
        {"unknown", {V_OCSP_CERTSTATUS_UNKNOWN, -60, DAY, &leaf, &ca, SAME}, ERR_CERT_UNCHECKED},
        {"another's nonce", {GOOD, -60, DAY, &leaf, &ca, OTHER}, ERR_CERT_UNCHECKED},
        {"of yesterday", {GOOD, -2 * DAY, -DAY, &leaf, &ca, SAME}, ERR_CERT_UNCHECKED},
        {"of tomorrow", {GOOD, DAY, 2 * DAY, &leaf, &ca, SAME}, ERR_CERT_UNCHECKED},
        {"without an end, old", {GOOD, -2 * DAY, 0, &leaf, &ca, ABSENT}, ERR_CERT_UNCHECKED},
        {"about another", {GOOD, -60, DAY, &plain, &ca, SAME}, ERR_CERT_UNCHECKED},
        {"by a namesake", {GOOD, -60, DAY, &leaf, &other_ca, SAME}, ERR_CERT_UNCHECKED},
        {"by somebody", {GOOD, -60, DAY, &leaf, &plain, SAME}, ERR_CERT_UNCHECKED},
        {"by the holder", {GOOD, -60, DAY, &leaf, &leaf, SAME}, ERR_CERT_UNCHECKED},
        {"by the root", {GOOD, -60, DAY, &leaf, &root, SAME}, ERR_CERT_UNCHECKED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t at = 1;
        enum err e = judge(&rows[i].told, &at);
        if (e != rows[i].want) {
            fail_msg("%s: %s", rows[i].what, err_name(e));
        }
        assert_int_equal(at, e == ERR_CERT_REVOKED ? REVOKED_S : 0);
    }
}

static void what_is_no_ocsp_answer_proves_nothing(void **state)
{
    static const uint8_t try_later[] = {0x30, 0x03, 0x0A, 0x01, 0x03};
    const struct span answers[] = {
        {NULL, 0}, span_str("0"), span_str("<html>"), {try_later, sizeof try_later}};
    struct buf request;
    (void)state;
    buf_init(&request, LIMIT_OCSP);
    assert_int_equal(status_ocsp_request(test_der(&leaf), test_der(&ca), &request), ERR_OK);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        int64_t at;
        assert_int_equal(
            status_judge_ocsp(test_der(&leaf), test_der(&ca), buf_span(&request), answers[i], &at),
            ERR_CERT_UNCHECKED);
    }
    buf_clear(&request);
}

static void only_the_real_issuer_is_asked_about(void **state)
{
    struct buf request;
    (void)state;
    buf_init(&request, LIMIT_OCSP);
    assert_int_equal(status_ocsp_request(test_der(&leaf), test_der(&other_ca), &request),
                     ERR_CERT_INVALID);
    assert_int_equal(status_ocsp_request(span_str("x"), test_der(&ca), &request), ERR_CERT_INVALID);
    buf_clear(&request);
}

/* ---- revocation lists ---- */

struct list {
    const struct test_cert *of; /* revoked; NULL: nobody */
    long from_s, until_s;
    const struct test_cert *signer;
    const char *scope; /* issuingDistributionPoint; NULL: everything */
};

static void revoke(X509_CRL *crl, const struct test_cert *c)
{
    X509 *x = test_x509(c);
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_TIME *when = ASN1_TIME_set(NULL, REVOKED_S);
    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(x));
    X509_REVOKED_set_revocationDate(entry, when);
    assert_int_equal(X509_CRL_add0_revoked(crl, entry), 1);
    ASN1_TIME_free(when);
    X509_free(x);
}

static void add_scope(X509_CRL *crl, const char *value)
{
    X509V3_CTX ctx;
    CONF *conf = NCONF_new(NULL);
    X509V3_set_ctx(&ctx, NULL, NULL, NULL, crl, 0);
    X509V3_set_nconf(&ctx, conf);
    X509_EXTENSION *ext = X509V3_EXT_nconf(conf, &ctx, "issuingDistributionPoint", value);
    assert_non_null(ext);
    X509_CRL_add_ext(crl, ext, -1);
    X509_EXTENSION_free(ext);
    NCONF_free(conf);
}

static enum err judge_list(const struct list *l, int64_t *at)
{
    unsigned char *der = NULL;
    X509_CRL *crl = X509_CRL_new();
    X509 *issuer = test_x509(&ca);
    ASN1_TIME *from = X509_gmtime_adj(NULL, l->from_s);
    ASN1_TIME *until = X509_gmtime_adj(NULL, l->until_s);
    X509_CRL_set_version(crl, 1);
    X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer));
    X509_CRL_set1_lastUpdate(crl, from);
    X509_CRL_set1_nextUpdate(crl, until);
    if (l->of != NULL) {
        revoke(crl, l->of);
    }
    if (l->scope != NULL) {
        add_scope(crl, l->scope);
    }
    assert_true(X509_CRL_sign(crl, l->signer->key, EVP_sha256()) > 0);
    int len = i2d_X509_CRL(crl, &der);
    enum err e = status_judge_crl(test_der(&leaf), test_der(&ca), span_of(der, (size_t)len), at);
    OPENSSL_free(der);
    X509_CRL_free(crl);
    X509_free(issuer);
    ASN1_TIME_free(from);
    ASN1_TIME_free(until);
    return e;
}

static void a_list_counts_when_it_is_the_issuers_and_of_now(void **state)
{
    const struct {
        const char *what;
        struct list list;
        enum err want;
    } rows[] = {
        {"nobody", {NULL, -60, DAY, &ca, NULL}, ERR_OK},
        {"another", {&plain, -60, DAY, &ca, NULL}, ERR_OK},
        {"the holder", {&leaf, -60, DAY, &ca, NULL}, ERR_CERT_REVOKED},
        {"of yesterday", {NULL, -2 * DAY, -DAY, &ca, NULL}, ERR_CERT_UNCHECKED},
        {"of tomorrow", {NULL, DAY, 2 * DAY, &ca, NULL}, ERR_CERT_UNCHECKED},
        {"by a namesake", {NULL, -60, DAY, &other_ca, NULL}, ERR_CERT_UNCHECKED},
        {"of CAs alone", {NULL, -60, DAY, &ca, "critical,onlyCA:TRUE"}, ERR_CERT_UNCHECKED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t at = 1;
        enum err e = judge_list(&rows[i].list, &at);
        if (e != rows[i].want) {
            fail_msg("%s: %s", rows[i].what, err_name(e));
        }
        assert_int_equal(at, e == ERR_CERT_REVOKED ? REVOKED_S : 0);
    }
}

static void what_is_no_list_proves_nothing(void **state)
{
    int64_t at;
    (void)state;
    assert_int_equal(status_judge_crl(test_der(&leaf), test_der(&ca), span_str("<html>"), &at),
                     ERR_CERT_UNCHECKED);
    assert_int_equal(status_judge_crl(test_der(&leaf), test_der(&ca), span_of(NULL, 0), &at),
                     ERR_CERT_UNCHECKED);
}

/* ---- where ---- */

static void the_first_http_address_of_each_kind_is_taken(void **state)
{
    struct status_places places;
    (void)state;
    struct test_cert c = test_cert_issue(&(struct test_spec){
        "P-256",
        "Holder",
        {NULL},
        &ca,
        -DAY,
        DAY,
        {"authorityInfoAccess",
         "caIssuers;URI:http://a.example/ca,OCSP;URI:ldap://a.example/,OCSP;URI:http://o.example/x",
         "crlDistributionPoints",
         "URI:ldap://l.example/c,URI:https://l.example/c,"
         "URI:http://l.example/c.crl"}});
    assert_int_equal(status_find_places(test_der(&c), &places), ERR_OK);
    assert_string_equal(places.ocsp, "http://o.example/x");
    assert_string_equal(places.crl, "http://l.example/c.crl");
    test_cert_free(&c);
}

static void a_certificate_without_addresses_has_none(void **state)
{
    struct status_places places;
    (void)state;
    assert_int_equal(status_find_places(test_der(&leaf), &places), ERR_OK);
    assert_string_equal(places.ocsp, "");
    assert_string_equal(places.crl, "");
    assert_int_equal(status_find_places(span_str("x"), &places), ERR_CERT_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ocsp_answer_counts_when_it_is_the_issuers_and_of_now),
        cmocka_unit_test(what_is_no_ocsp_answer_proves_nothing),
        cmocka_unit_test(only_the_real_issuer_is_asked_about),
        cmocka_unit_test(a_list_counts_when_it_is_the_issuers_and_of_now),
        cmocka_unit_test(what_is_no_list_proves_nothing),
        cmocka_unit_test(the_first_http_address_of_each_kind_is_taken),
        cmocka_unit_test(a_certificate_without_addresses_has_none),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

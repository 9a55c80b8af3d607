#include "crypto/cert.h"

#include "unit/crypto/test_certs.h"

static struct cert_info parse(const struct test_cert *c)
{
    struct cert_info info;
    assert_int_equal(cert_parse(span_of(c->der, (size_t)c->der_len), &info), ERR_OK);
    return info;
}

static void tells_what_a_certificate_is_for(void **state)
{
    static const struct {
        const char *kind;
        const char *usage;
        bool auth, sign, decrypt;
        struct key_type key;
    } rows[] = {
        {"P-384", "critical,digitalSignature,keyAgreement", true, false, true, {KEY_EC, 384}},
        {"P-384", "critical,nonRepudiation", false, true, false, {KEY_EC, 384}},
        {"P-256", "critical,nonRepudiation", false, true, false, {KEY_EC, 256}},
        {"P-521", "critical,digitalSignature", true, false, false, {KEY_EC, 521}},
        {"RSA3072",
         "critical,digitalSignature,keyEncipherment",
         true,
         false,
         true,
         {KEY_RSA, 3072}},
        {"RSA2048",
         "critical,digitalSignature,nonRepudiation",
         false,
         false,
         false,
         {KEY_RSA, 2048}},
        {"RSA2048", "critical,dataEncipherment", false, false, true, {KEY_RSA, 2048}},
        {"RSA2048", "critical,keyAgreement", false, false, false, {KEY_RSA, 2048}},
        {"P-256", "critical,keyEncipherment", false, false, false, {KEY_EC, 256}},
        {"P-256", "critical,keyAgreement", false, false, true, {KEY_EC, 256}},
        {"P-256", NULL, false, false, false, {KEY_EC, 256}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct test_cert c = test_cert_make(rows[i].kind, rows[i].usage, "A", -10, 10);
        struct cert_info info = parse(&c);
        assert_int_equal(cert_is_auth(&info), rows[i].auth);
        assert_int_equal(cert_is_sign(&info), rows[i].sign);
        assert_int_equal(cert_is_decrypt(&info), rows[i].decrypt);
        assert_int_equal(info.key.kind, rows[i].key.kind);
        assert_int_equal(info.key.bits, rows[i].key.bits);
        test_cert_free(&c);
    }
}

static void reads_names_and_validity(void **state)
{
    (void)state;
    struct test_cert c =
        test_cert_make("P-256", "nonRepudiation", "MEIKÄLÄINEN MAIJA 99900335E", -3600, 3600);
    struct cert_info info = parse(&c);
    assert_string_equal(info.holder, "MEIKÄLÄINEN MAIJA 99900335E");
    assert_string_equal(info.person_id, "99900335E");
    assert_int_equal(info.id_kind, ID_SATU);
    assert_string_equal(info.employer, "");
    assert_string_equal(info.issuer, "Test CA G1");
    assert_int_equal(info.not_after - info.not_before, 7200);
    test_cert_free(&c);
}

static void reads_what_filters_ask_for(void **state)
{
    (void)state;
    struct test_cert ca = test_cert_issue(
        &(struct test_spec){"P-256", "Ä, CA", {"O", "Org + Co"}, NULL, -10, 10, {NULL}});
    struct test_cert c = test_cert_issue(
        &(struct test_spec){"P-256",
                            "MAIJA",
                            {"O", "Testiorganisaatio Oy", "OU", "Yksikkö"},
                            &ca,
                            -10,
                            10,
                            {"keyUsage", "critical,nonRepudiation,decipherOnly,keyAgreement",
                             "certificatePolicies", "1.2.246.517.1.10.99,2.23.140.1.2.2"}});
    struct cert_info info = parse(&c);
    assert_int_equal(info.key_usage, 1u << 1 | 1u << 4 | 1u << 8);
    assert_int_equal(info.n_policies, 2);
    assert_string_equal(info.policies[0], "1.2.246.517.1.10.99");
    assert_string_equal(info.policies[1], "2.23.140.1.2.2");
    assert_string_equal(info.issuer, "Ä, CA");
    assert_string_equal(info.issuer_name, "CN=Ä\\, CA,O=Org \\+ Co,C=FI");
    assert_string_equal(info.employer, "Testiorganisaatio Oy, Yksikkö");
    assert_string_equal(info.person_id, "");
    assert_int_equal(info.id_kind, ID_OTHER);
    test_cert_free(&c);
    test_cert_free(&ca);
}

static void names_are_safe_to_show(void **state)
{
    (void)state;
    struct test_cert c =
        test_cert_make("P-256", "nonRepudiation", "MAIJA\xE2\x80\xAE\nAJIAM", -1, 1);
    struct cert_info info = parse(&c);
    assert_string_equal(info.holder, "MAIJA AJIAM");
    test_cert_free(&c);
}

static void refuses_every_cut_and_any_tail(void **state)
{
    struct cert_info info;
    (void)state;
    struct test_cert c = test_cert_make("P-256", "nonRepudiation", "A", -1, 1);
    for (int len = 0; len < c.der_len; len++) {
        assert_int_equal(cert_parse(span_of(c.der, (size_t)len), &info), ERR_CERT_INVALID);
    }
    uint8_t *longer = calloc(1, (size_t)c.der_len + 1);
    assert_non_null(longer);
    memcpy(longer, c.der, (size_t)c.der_len);
    assert_int_equal(cert_parse(span_of(longer, (size_t)c.der_len + 1), &info), ERR_CERT_INVALID);
    free(longer);
    test_cert_free(&c);
}

/* The uncompressed point of a key of its own. */
static size_t point_of(const char *kind, uint8_t *ret)
{
    EVP_PKEY *key = test_key(kind);
    unsigned char *point = NULL;
    size_t len = EVP_PKEY_get1_encoded_public_key(key, &point);
    memcpy(ret, point, len);
    OPENSSL_free(point);
    EVP_PKEY_free(key);
    return len;
}

static void a_point_is_on_the_curve_of_the_key_or_refused(void **state)
{
    static const uint8_t infinity[97];
    uint8_t point[133], other[133];
    (void)state;
    struct test_cert c = test_cert_make("P-384", "keyAgreement", "A", -10, 10);
    struct test_cert rsa = test_cert_make("RSA2048", "keyEncipherment", "A", -10, 10);
    struct span der = span_of(c.der, (size_t)c.der_len);
    size_t len = point_of("P-384", point);
    assert_int_equal(len, 97);
    assert_int_equal(cert_check_point(der, span_of(point, len)), ERR_OK);
    assert_int_equal(cert_check_point(der, span_of(point, len - 1)), ERR_DECRYPT_FAILED);
    assert_int_equal(cert_check_point(span_of(rsa.der, (size_t)rsa.der_len), span_of(point, len)),
                     ERR_CERT_INVALID);
    assert_int_equal(cert_check_point(span_sub(der, 0, der.len - 1), span_of(point, len)),
                     ERR_CERT_INVALID);
    point[96] ^= 1; /* off the curve */
    assert_int_equal(cert_check_point(der, span_of(point, len)), ERR_DECRYPT_FAILED);
    point[96] ^= 1;
    point[0] = 0x06; /* hybrid form */
    assert_int_equal(cert_check_point(der, span_of(point, len)), ERR_DECRYPT_FAILED);
    point[0] = 0x02 | (point[96] & 1); /* compressed form */
    assert_int_equal(cert_check_point(der, span_of(point, 49)), ERR_DECRYPT_FAILED);
    assert_int_equal(cert_check_point(der, span_of(infinity, 1)), ERR_DECRYPT_FAILED);
    assert_int_equal(cert_check_point(der, span_of(infinity, 97)), ERR_DECRYPT_FAILED);
    assert_int_equal(cert_check_point(der, span_of(NULL, 0)), ERR_DECRYPT_FAILED);
    len = point_of("P-256", other);
    assert_int_equal(cert_check_point(der, span_of(other, len)), ERR_DECRYPT_FAILED);
    len = point_of("brainpoolP384r1", other); /* of the same width */
    assert_int_equal(len, 97);
    assert_int_equal(cert_check_point(der, span_of(other, len)), ERR_DECRYPT_FAILED);
    test_cert_free(&c);
    test_cert_free(&rsa);
}

static void refuses_keys_that_no_card_has(void **state)
{
    static const char *const kinds[] = {"RSA1024", "secp256k1", "brainpoolP384r1"};
    struct cert_info info;
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct test_cert c = test_cert_make(kinds[i], "nonRepudiation", "A", -1, 1);
        assert_int_equal(cert_parse(span_of(c.der, (size_t)c.der_len), &info), ERR_CERT_INVALID);
        test_cert_free(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_a_certificate_is_for),
        cmocka_unit_test(reads_names_and_validity),
        cmocka_unit_test(reads_what_filters_ask_for),
        cmocka_unit_test(names_are_safe_to_show),
        cmocka_unit_test(refuses_every_cut_and_any_tail),
        cmocka_unit_test(a_point_is_on_the_curve_of_the_key_or_refused),
        cmocka_unit_test(refuses_keys_that_no_card_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "crypto/verify.h"

#include "base/limits.h"
#include "crypto/digest.h"

#include "unit/crypto/test_card_key.h"

static void accepts_what_the_key_signed_and_nothing_else(void **state)
{
    static const struct {
        const char *kind;
        struct sig_alg alg;
    } rows[] = {
        {"P-256", {SIG_ECDSA, HASH_SHA256}},       {"P-384", {SIG_ECDSA, HASH_SHA384}},
        {"P-384", {SIG_ECDSA, HASH_SHA256}},       {"P-521", {SIG_ECDSA, HASH_SHA512}},
        {"RSA2048", {SIG_RSA_PKCS1, HASH_SHA256}}, {"RSA3072", {SIG_RSA_PSS, HASH_SHA256}},
        {"RSA3072", {SIG_RSA_PSS, HASH_SHA512}},   {"RSA3072", {SIG_RSA_PKCS1, HASH_SHA384}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t hash[LIMIT_DIGEST];
        uint8_t value[LIMIT_SIGNATURE];
        struct span text = span_str("a contract");
        struct test_cert c = test_cert_make(rows[i].kind, "nonRepudiation", "A", -1, 1);
        struct span der = span_of(c.der, (size_t)c.der_len);
        assert_int_equal(digest_of(rows[i].alg.hash, &text, 1, hash), ERR_OK);
        struct span digest = span_of(hash, alg_hash_len(rows[i].alg.hash));
        size_t len = test_card_sign(c.key, rows[i].alg, digest, value);
        assert_int_equal(verify_digest(der, rows[i].alg, digest, span_of(value, len)), ERR_OK);
        for (size_t at = 0; at < len; at += 7) {
            value[at] ^= 0x10;
            assert_int_equal(verify_digest(der, rows[i].alg, digest, span_of(value, len)),
                             ERR_SIGNATURE_BAD);
            value[at] ^= 0x10;
        }
        assert_int_equal(verify_digest(der, rows[i].alg, digest, span_of(value, len - 1)),
                         ERR_SIGNATURE_BAD);
        hash[0] ^= 1;
        assert_int_equal(verify_digest(der, rows[i].alg, digest, span_of(value, len)),
                         ERR_SIGNATURE_BAD);
        test_cert_free(&c);
    }
}

static void refuses_a_scheme_that_does_not_fit_the_key(void **state)
{
    uint8_t zeros[LIMIT_SIGNATURE] = {0};
    (void)state;
    struct test_cert ec = test_cert_make("P-256", "nonRepudiation", "A", -1, 1);
    struct test_cert rsa = test_cert_make("RSA2048", "nonRepudiation", "A", -1, 1);
    assert_int_equal(verify_digest(span_of(ec.der, (size_t)ec.der_len),
                                   (struct sig_alg){SIG_RSA_PSS, HASH_SHA256}, span_of(zeros, 32),
                                   span_of(zeros, 64)),
                     ERR_ALG_UNSUPPORTED);
    assert_int_equal(verify_digest(span_of(rsa.der, (size_t)rsa.der_len),
                                   (struct sig_alg){SIG_ECDSA, HASH_SHA256}, span_of(zeros, 32),
                                   span_of(zeros, 256)),
                     ERR_ALG_UNSUPPORTED);
    assert_int_equal(verify_digest(span_of(ec.der, (size_t)ec.der_len),
                                   (struct sig_alg){SIG_ECDSA, HASH_SHA256}, span_of(zeros, 32),
                                   span_of(zeros, 64)),
                     ERR_SIGNATURE_BAD);
    assert_int_equal(verify_digest(span_of(zeros, 40), (struct sig_alg){SIG_ECDSA, HASH_SHA256},
                                   span_of(zeros, 32), span_of(zeros, 64)),
                     ERR_CERT_INVALID);
    test_cert_free(&ec);
    test_cert_free(&rsa);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_what_the_key_signed_and_nothing_else),
        cmocka_unit_test(refuses_a_scheme_that_does_not_fit_the_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "base/alg.h"

#include "base/limits.h"
#include "unit/test.h"

static void hashes_are_known_by_their_web_names_only(void **state)
{
    static const struct {
        const char *name;
        size_t len;
    } rows[HASH_COUNT] = {
        [HASH_SHA224] = {"SHA-224", 28},
        [HASH_SHA256] = {"SHA-256", 32},
        [HASH_SHA384] = {"SHA-384", 48},
        [HASH_SHA512] = {"SHA-512", 64},
    };
    static const char *const others[] = {"",         "SHA-1",    "SHA256", "sha-256",
                                         "SHA-256 ", "SHA3-256", "MD5",    "SHA-25"};
    enum hash_alg hash = HASH_SHA512;
    (void)state;
    for (unsigned i = 0; i < HASH_COUNT; i++) {
        assert_int_equal(alg_hash_from_name(span_str(rows[i].name), &hash), ERR_OK);
        assert_int_equal(hash, i);
        assert_string_equal(alg_hash_name((enum hash_alg)i), rows[i].name);
        assert_int_equal(alg_hash_len((enum hash_alg)i), rows[i].len);
        assert_true(rows[i].len <= LIMIT_DIGEST);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_int_equal(alg_hash_from_name(span_str(others[i]), &hash), ERR_UNSUPPORTED);
    }
    assert_int_equal(alg_hash_from_name(span_of("SHA-256\0", 8), &hash), ERR_UNSUPPORTED);
    assert_int_equal(hash, HASH_SHA512);
}

static void each_scheme_has_web_eids_three_part_spelling(void **state)
{
    (void)state;
    assert_string_equal(alg_crypto_name(SIG_ECDSA), "ECC");
    assert_string_equal(alg_padding_name(SIG_ECDSA), "NONE");
    assert_string_equal(alg_crypto_name(SIG_RSA_PKCS1), "RSA");
    assert_string_equal(alg_padding_name(SIG_RSA_PKCS1), "PKCS1.5");
    assert_string_equal(alg_crypto_name(SIG_RSA_PSS), "RSA");
    assert_string_equal(alg_padding_name(SIG_RSA_PSS), "PSS");
}

static void jwa_names_exist_for_the_pairs_of_rfc_7518_only(void **state)
{
    static const struct {
        enum sig_scheme scheme;
        enum hash_alg hash;
        struct key_type key;
        const char *want; /* NULL: none */
    } rows[] = {
        {SIG_ECDSA, HASH_SHA256, {KEY_EC, 256}, "ES256"},
        {SIG_ECDSA, HASH_SHA384, {KEY_EC, 384}, "ES384"},
        {SIG_ECDSA, HASH_SHA512, {KEY_EC, 521}, "ES512"},
        {SIG_ECDSA, HASH_SHA256, {KEY_EC, 384}, NULL},
        {SIG_ECDSA, HASH_SHA384, {KEY_EC, 256}, NULL},
        {SIG_ECDSA, HASH_SHA512, {KEY_EC, 384}, NULL},
        {SIG_ECDSA, HASH_SHA224, {KEY_EC, 256}, NULL},
        {SIG_RSA_PKCS1, HASH_SHA256, {KEY_RSA, 2048}, "RS256"},
        {SIG_RSA_PKCS1, HASH_SHA384, {KEY_RSA, 3072}, "RS384"},
        {SIG_RSA_PKCS1, HASH_SHA512, {KEY_RSA, 4096}, "RS512"},
        {SIG_RSA_PKCS1, HASH_SHA224, {KEY_RSA, 2048}, NULL},
        {SIG_RSA_PSS, HASH_SHA256, {KEY_RSA, 2048}, "PS256"},
        {SIG_RSA_PSS, HASH_SHA512, {KEY_RSA, 2048}, "PS512"},
        {SIG_RSA_PSS, HASH_SHA224, {KEY_RSA, 2048}, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *name =
            alg_jwa_name((struct sig_alg){rows[i].scheme, rows[i].hash}, rows[i].key);
        if (rows[i].want == NULL) {
            assert_null(name);
        } else {
            assert_non_null(name);
            assert_string_equal(name, rows[i].want);
        }
    }
}

static void a_signature_is_as_long_as_its_key_says(void **state)
{
    static const struct {
        struct key_type key;
        size_t want;
    } rows[] = {
        {{KEY_RSA, 2048}, 256}, {{KEY_RSA, 3072}, 384}, {{KEY_RSA, 4096}, 512},
        {{KEY_EC, 256}, 64},    {{KEY_EC, 384}, 96},    {{KEY_EC, 521}, 132},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(alg_signature_len(rows[i].key), rows[i].want);
        assert_true(rows[i].want <= LIMIT_SIGNATURE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_are_known_by_their_web_names_only),
        cmocka_unit_test(each_scheme_has_web_eids_three_part_spelling),
        cmocka_unit_test(jwa_names_exist_for_the_pairs_of_rfc_7518_only),
        cmocka_unit_test(a_signature_is_as_long_as_its_key_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

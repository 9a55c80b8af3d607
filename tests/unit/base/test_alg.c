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

static void the_three_parts_name_an_algorithm_and_its_bit(void **state)
{
    uint16_t all = 0;
    (void)state;
    for (unsigned i = 0; i < ALG_BITS; i++) {
        struct sig_alg alg = {(enum sig_scheme)(i / HASH_COUNT), (enum hash_alg)(i % HASH_COUNT)};
        struct sig_alg got;
        assert_int_equal(alg_from_names(span_str(alg_crypto_name(alg.scheme)),
                                        span_str(alg_hash_name(alg.hash)),
                                        span_str(alg_padding_name(alg.scheme)), &got),
                         ERR_OK);
        assert_int_equal(got.scheme, alg.scheme);
        assert_int_equal(got.hash, alg.hash);
        assert_int_equal(all & alg_bit(alg), 0);
        assert_int_not_equal(alg_bits_of_hash(alg.hash) & alg_bit(alg), 0);
        all = (uint16_t)(all | alg_bit(alg));
    }
    assert_int_equal(all, (1u << ALG_BITS) - 1);
    static const char *const wrong[][3] = {{"RSA", "SHA-256", "NONE"},
                                           {"ECC", "SHA-256", "PSS"},
                                           {"rsa", "SHA-256", "PSS"},
                                           {"RSA", "SHA-1", "PSS"}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct sig_alg got;
        assert_int_equal(alg_from_names(span_str(wrong[i][0]), span_str(wrong[i][1]),
                                        span_str(wrong[i][2]), &got),
                         ERR_UNSUPPORTED);
    }
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

static void decryption_is_named_by_algorithm_and_hash(void **state)
{
    static const struct {
        const char *name, *hash;
        enum err err;
        enum dec_alg want;
    } rows[] = {
        {"RSAES-PKCS1-v1_5", "", ERR_OK, DEC_RSA_PKCS1},
        {"RSA-OAEP", "", ERR_OK, DEC_OAEP_SHA1},
        {"RSA-OAEP", "SHA-1", ERR_OK, DEC_OAEP_SHA1},
        {"RSA-OAEP", "SHA-224", ERR_OK, DEC_OAEP_SHA224},
        {"RSA-OAEP", "SHA-256", ERR_OK, DEC_OAEP_SHA256},
        {"RSA-OAEP", "SHA-384", ERR_OK, DEC_OAEP_SHA384},
        {"RSA-OAEP", "SHA-512", ERR_OK, DEC_OAEP_SHA512},
        {"ECDH", "", ERR_OK, DEC_ECDH},
        {"RSA-OAEP", "MD5", ERR_UNSUPPORTED, DEC_COUNT},
        {"RSAES-PKCS1-v1_5", "SHA-256", ERR_ARGUMENT, DEC_COUNT},
        {"ECDH", "SHA-256", ERR_ARGUMENT, DEC_COUNT},
        {"ecdh", "", ERR_UNSUPPORTED, DEC_COUNT},
        {"RSA", "SHA-1", ERR_UNSUPPORTED, DEC_COUNT},
        {"", "", ERR_UNSUPPORTED, DEC_COUNT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum dec_alg got = DEC_COUNT;
        assert_int_equal(alg_dec_from_names(span_str(rows[i].name), span_str(rows[i].hash), &got),
                         rows[i].err);
        assert_int_equal(got, rows[i].want);
    }
}

/* RFC 8017 §7.1.1, §7.2.1: mLen <= k - 2hLen - 2, mLen <= k - 11. */
static void what_is_decrypted_has_the_sizes_of_its_key(void **state)
{
    static const struct {
        struct key_type key;
        size_t input, pkcs1, oaep_sha1, oaep_sha512;
    } rows[] = {
        {{KEY_RSA, 2048}, 256, 245, 214, 126},
        {{KEY_RSA, 3072}, 384, 373, 342, 254},
        {{KEY_RSA, 1024}, 128, 117, 86, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(alg_dec_input_len(rows[i].key), rows[i].input);
        assert_int_equal(alg_dec_output_max(DEC_RSA_PKCS1, rows[i].key), rows[i].pkcs1);
        assert_int_equal(alg_dec_output_max(DEC_OAEP_SHA1, rows[i].key), rows[i].oaep_sha1);
        assert_int_equal(alg_dec_output_max(DEC_OAEP_SHA512, rows[i].key), rows[i].oaep_sha512);
    }
    assert_int_equal(alg_dec_input_len((struct key_type){KEY_EC, 384}), 97);
    assert_int_equal(alg_dec_output_max(DEC_ECDH, (struct key_type){KEY_EC, 384}), 48);
    assert_int_equal(alg_dec_input_len((struct key_type){KEY_EC, 521}), 133);
    assert_int_equal(alg_dec_output_max(DEC_ECDH, (struct key_type){KEY_EC, 521}), 66);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_are_known_by_their_web_names_only),
        cmocka_unit_test(each_scheme_has_web_eids_three_part_spelling),
        cmocka_unit_test(the_three_parts_name_an_algorithm_and_its_bit),
        cmocka_unit_test(jwa_names_exist_for_the_pairs_of_rfc_7518_only),
        cmocka_unit_test(a_signature_is_as_long_as_its_key_says),
        cmocka_unit_test(decryption_is_named_by_algorithm_and_hash),
        cmocka_unit_test(what_is_decrypted_has_the_sizes_of_its_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

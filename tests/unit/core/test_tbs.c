#include "core/tbs.h"

#include "base/enc.h"
#include "unit/test.h"

#define ORIGIN "https://palvelu.example.fi"
#define NONCE  "12345678123456781234567812345678912356789123"

static void expect_hex(const uint8_t *value, size_t len, const char *want)
{
    struct buf hex;
    buf_init(&hex, 2 * LIMIT_DIGEST);
    assert_int_equal(enc_hex_encode(span_of(value, len), &hex), ERR_OK);
    assert_true(span_is(buf_span(&hex), want));
    buf_clear(&hex);
}

/* Computed with sha384sum over the two binary digests. */
static void authentication_input_is_the_hash_of_both_hashes(void **state)
{
    uint8_t value[LIMIT_DIGEST];
    (void)state;
    assert_int_equal(tbs_authentication(span_str(ORIGIN), span_str(NONCE), HASH_SHA384, value),
                     ERR_OK);
    expect_hex(value, 48,
               "ec103ecda58e84b7285f6b70e71943839e8e99637bd5f97351deb0995c0280d2bb0141f9070a2f3881e"
               "1292821c0e93b");
    assert_int_equal(tbs_authentication(span_str(ORIGIN), span_str(NONCE), HASH_SHA256, value),
                     ERR_OK);
    expect_hex(value, 32, "2a37a6a03cefc2a3eed0921e2200a8b3a8fc724b923f07d6ff37c44294a36c1e");
}

static void a_byte_moved_from_origin_to_nonce_changes_the_input(void **state)
{
    uint8_t a[LIMIT_DIGEST];
    uint8_t b[LIMIT_DIGEST];
    (void)state;
    assert_int_equal(tbs_authentication(span_str("https://a.fi"), span_str("1x"), HASH_SHA256, a),
                     ERR_OK);
    assert_int_equal(tbs_authentication(span_str("https://a.fi1"), span_str("x"), HASH_SHA256, b),
                     ERR_OK);
    assert_memory_not_equal(a, b, 32);
}

static void a_document_is_hashed_here_or_its_digest_must_fit(void **state)
{
    uint8_t value[LIMIT_DIGEST];
    uint8_t given[48] = {1, 2, 3};
    struct document content = {.has_content = true, .content = span_str("abc")};
    struct document digest = {.digest = span_of(given, 48)};
    (void)state;
    assert_int_equal(tbs_document(&content, HASH_SHA256, value), ERR_OK);
    expect_hex(value, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(tbs_document(&digest, HASH_SHA384, value), ERR_OK);
    assert_memory_equal(value, given, 48);
    assert_int_equal(tbs_document(&digest, HASH_SHA256, value), ERR_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(authentication_input_is_the_hash_of_both_hashes),
        cmocka_unit_test(a_byte_moved_from_origin_to_nonce_changes_the_input),
        cmocka_unit_test(a_document_is_hashed_here_or_its_digest_must_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

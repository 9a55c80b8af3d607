#include "wire/scs.h"

#include "unit/wire/sample.h"

static void expect_text(struct buf *out, const char *want)
{
    assert_int_equal(buf_append_u8(out, 0), ERR_OK);
    assert_string_equal((const char *)out->at, want);
    buf_clear(out);
}

static void an_answer_has_the_chain_from_leaf_to_root(void **state)
{
    struct request r;
    struct response resp;
    struct buf out;
    (void)state;
    buf_init(&out, LIMIT_REPLY);
    sample_scs(&r, METHOD_SIGN);
    sample_response(&resp, METHOD_SIGN);
    resp.n_sigs = 1;
    resp.sigs[0].alg = (struct sig_alg){SIG_RSA_PKCS1, HASH_SHA512};
    resp.sigs[0].len = 3;
    assert_int_equal(scs_encode_response(&r, &resp, SCS_CODES_NUMBER, &out), ERR_OK);
    expect_text(&out, "{\"version\":\"1.2\",\"status\":\"ok\",\"reasonCode\":200,\"reasonText\":"
                      "\"Signature generated\",\"signature\":\"AQEB\",\"signatureType\":"
                      "\"signature\",\"signatureAlgorithm\":\"SHA512withRSA\",\"chain\":["
                      "\"Y2VydGlmaWNhdGU=\",\"aXNzdWVy\",\"cm9vdA==\"]}");
    r.format = FORMAT_PADES_CMS;
    resp.n_chain = 0;
    resp.sigs[0].alg = (struct sig_alg){SIG_ECDSA, HASH_SHA384};
    resp.sigs[0].signed_data = span_str("SignedData");
    assert_int_equal(scs_encode_response(&r, &resp, SCS_CODES_STRING, &out), ERR_OK);
    expect_text(&out, "{\"version\":\"1.2\",\"status\":\"ok\",\"reasonCode\":\"200\","
                      "\"reasonText\":\"Signature generated\",\"signature\":\"U2lnbmVkRGF0YQ==\","
                      "\"signatureType\":\"cms-pades\",\"signatureAlgorithm\":\"SHA384withECDSA\","
                      "\"chain\":[\"Y2VydGlmaWNhdGU=\"]}");
    resp.stopped = true;
    assert_int_equal(scs_encode_response(&r, &resp, SCS_CODES_NUMBER, &out), ERR_INTERNAL);
    assert_int_equal(out.len, 0);
    request_clear(&r);
    response_clear(&resp);
}

static void an_error_has_a_reason_and_nothing_of_a_signature(void **state)
{
    struct request r;
    struct response resp;
    struct buf out;
    (void)state;
    buf_init(&out, LIMIT_REPLY);
    sample_scs(&r, METHOD_AUTHENTICATE);
    response_init(&resp, METHOD_AUTHENTICATE);
    resp.err = ERR_CANCELLED;
    assert_int_equal(scs_encode_response(&r, &resp, SCS_CODES_NUMBER, &out), ERR_OK);
    expect_text(&out, "{\"version\":\"1.2\",\"status\":\"failed\",\"reasonCode\":401,"
                      "\"reasonText\":\"Unauthorized: The person cancelled.\"}");
    assert_int_equal(scs_encode_error(ERR_NO_CARD, SCS_CODES_STRING, &out), ERR_OK);
    expect_text(&out, "{\"version\":\"1.2\",\"status\":\"failed\",\"reasonCode\":\"400\","
                      "\"reasonText\":\"Bad request: There is no card in the reader.\"}");
    request_clear(&r);
    response_clear(&resp);
}

/* What services were told in each case: 400 the request or no card for it, 401 the person or their
 * PIN, 403 policy, 500 the program, the card or its reader, 501 what is not done here. */
static void every_reason_has_its_text(void **state)
{
    static const struct {
        enum err err;
        const char *starts;
    } rows[] = {
        {ERR_MALFORMED, "400,\"reasonText\":\"Bad request: "},
        {ERR_CERT_NOT_FOUND, "400,\"reasonText\":\"Bad request: "},
        {ERR_NO_READER, "400,\"reasonText\":\"Bad request: "},
        {ERR_PIN_BLOCKED, "401,\"reasonText\":\"Unauthorized: "},
        {ERR_TIMED_OUT, "401,\"reasonText\":\"Unauthorized: "},
        {ERR_NOT_BOUND, "403,\"reasonText\":\"Forbidden: "},
        {ERR_ORIGIN_INVALID, "403,\"reasonText\":\"Forbidden: "},
        {ERR_BUSY, "403,\"reasonText\":\"Forbidden: "},
        {ERR_CARD_IO, "500,\"reasonText\":\"Internal error: "},
        {ERR_PCSC_DOWN, "500,\"reasonText\":\"Internal error: "},
        {ERR_UNSUPPORTED, "501,\"reasonText\":\"Not implemented: "},
        {ERR_ALG_UNSUPPORTED, "501,\"reasonText\":\"Not implemented: "},
    };
    const char *before = "{\"version\":\"1.2\",\"status\":\"failed\",\"reasonCode\":";
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf out;
        buf_init(&out, LIMIT_REPLY);
        assert_int_equal(scs_encode_error(rows[i].err, SCS_CODES_NUMBER, &out), ERR_OK);
        struct span tail = span_sub(buf_span(&out), strlen(before), out.len);
        assert_true(span_is(span_sub(tail, 0, strlen(rows[i].starts)), rows[i].starts));
        assert_true(span_is(span_sub(buf_span(&out), 0, strlen(before)), before));
        buf_clear(&out);
    }
    for (unsigned i = 1; i < ERR_COUNT; i++) {
        struct buf out;
        buf_init(&out, LIMIT_REPLY);
        assert_int_equal(scs_encode_error((enum err)i, SCS_CODES_NUMBER, &out), ERR_OK);
        assert_non_null(
            memmem(out.at, out.len, err_text((enum err)i), strlen(err_text((enum err)i))));
        buf_clear(&out);
    }
}

static void the_version_tells_of_a_card_by_its_algorithms(void **state)
{
    struct buf out;
    (void)state;
    buf_init(&out, LIMIT_REPLY);
    assert_int_equal(scs_encode_version(true, &out), ERR_OK);
    expect_text(&out, "{\"version\":\"1.2\",\"httpMethods\":\"GET, POST\",\"contentTypes\":"
                      "\"data, digest\",\"signatureTypes\":\"signature, cms, cms-pades\","
                      "\"selectorAvailable\":true,\"hashAlgorithms\":\"SHA224, SHA256, SHA384, "
                      "SHA512\",\"signatureAlgorithms\":\"RSA, ECDSA\"}");
    assert_int_equal(scs_encode_version(false, &out), ERR_OK);
    expect_text(&out, "{\"version\":\"1.2\",\"httpMethods\":\"GET, POST\",\"contentTypes\":"
                      "\"data, digest\",\"signatureTypes\":\"signature, cms, cms-pades\","
                      "\"selectorAvailable\":true,\"hashAlgorithms\":\"\","
                      "\"signatureAlgorithms\":\"\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_has_the_chain_from_leaf_to_root),
        cmocka_unit_test(an_error_has_a_reason_and_nothing_of_a_signature),
        cmocka_unit_test(every_reason_has_its_text),
        cmocka_unit_test(the_version_tells_of_a_card_by_its_algorithms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

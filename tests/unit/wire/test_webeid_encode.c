#include "unit/wire/sample.h"
#include "wire/webeid.h"

#include <stdio.h>

static void expect_text(struct buf *out, const char *want)
{
    assert_int_equal(buf_append_u8(out, 0), ERR_OK);
    assert_string_equal((const char *)out->at, want);
    buf_clear(out);
}

static void the_conversation_begins_and_ends_with_constants(void **state)
{
    struct buf out;
    (void)state;
    buf_init(&out, LIMIT_REPLY);
    assert_int_equal(webeid_encode_greeting(&out), ERR_OK);
    expect_text(&out, "{\"version\":\"2.9.0+korttisilta\"}");
    assert_int_equal(webeid_encode_quit(&out), ERR_OK);
    expect_text(&out, "{}");
}

/* Nothing but what Web eID's extension expects: no chain, no name. */
static void replies_have_web_eids_members(void **state)
{
    struct request r = {.door = DOOR_WEBEID};
    struct response resp;
    struct buf out;
    (void)state;
    buf_init(&out, LIMIT_REPLY);
    r.method = METHOD_GET_SIGNING_CERTIFICATE;
    sample_response(&resp, r.method);
    assert_int_equal(webeid_encode_response(&r, &resp, &out), ERR_OK);
    expect_text(&out, "{\"certificate\":\"Y2VydGlmaWNhdGU=\",\"supportedSignatureAlgorithms\":["
                      "{\"cryptoAlgorithm\":\"ECC\",\"hashFunction\":\"SHA-384\",\"paddingScheme\":"
                      "\"NONE\"},{\"cryptoAlgorithm\":\"ECC\",\"hashFunction\":\"SHA-256\","
                      "\"paddingScheme\":\"NONE\"}]}");
    response_clear(&resp);
    r.method = METHOD_SIGN;
    sample_response(&resp, r.method);
    resp.n_sigs = 1;
    resp.sigs[0].alg = (struct sig_alg){SIG_RSA_PSS, HASH_SHA512};
    resp.sigs[0].len = 3;
    assert_int_equal(webeid_encode_response(&r, &resp, &out), ERR_OK);
    expect_text(&out, "{\"signature\":\"AQEB\",\"signatureAlgorithm\":{\"cryptoAlgorithm\":\"RSA\","
                      "\"hashFunction\":\"SHA-512\",\"paddingScheme\":\"PSS\"}}");
    response_clear(&resp);
    r.method = METHOD_AUTHENTICATE;
    sample_response(&resp, r.method);
    resp.sigs[0].len = 3;
    assert_int_equal(webeid_encode_response(&r, &resp, &out), ERR_OK);
    expect_text(&out, "{\"unverifiedCertificate\":\"Y2VydGlmaWNhdGU=\",\"algorithm\":\"ES384\","
                      "\"signature\":\"AQEB\",\"format\":\"web-eid:1.0\",\"appVersion\":"
                      "\"korttisilta/" KORTTISILTA_VERSION "\"}");
    response_clear(&resp);
}

static void an_answer_to_something_else_is_not_sent(void **state)
{
    struct request r = {.door = DOOR_WEBEID, .method = METHOD_SIGN};
    struct response resp;
    struct buf out;
    (void)state;
    buf_init(&out, LIMIT_REPLY);
    sample_response(&resp, METHOD_SIGN); /* three signatures */
    assert_int_equal(webeid_encode_response(&r, &resp, &out), ERR_INTERNAL);
    resp.n_sigs = 1;
    resp.stopped = true;
    assert_int_equal(webeid_encode_response(&r, &resp, &out), ERR_INTERNAL);
    resp.stopped = false;
    r.method = METHOD_AUTHENTICATE;
    assert_int_equal(webeid_encode_response(&r, &resp, &out), ERR_INTERNAL);
    assert_int_equal(out.len, 0);
    response_clear(&resp);
}

/* The codes that are not in the table are all of one kind: the page can't mend it. */
static void every_error_has_one_of_web_eids_codes(void **state)
{
    static const enum err invalid[] = {ERR_MALFORMED,       ERR_REQUEST_INVALID, ERR_METHOD_UNKNOWN,
                                       ERR_ARGUMENT,        ERR_TOO_LARGE,       ERR_UNSUPPORTED,
                                       ERR_ALG_UNSUPPORTED, ERR_ORIGIN_INVALID};
    struct buf out;
    char want[400];
    (void)state;
    buf_init(&out, LIMIT_REPLY);
    for (int e = ERR_OK + 1; e < ERR_COUNT; e++) {
        const char *code = "NATIVE_FATAL";
        if (e == ERR_CANCELLED || e == ERR_PIN_LAST_TRY) {
            code = "USER_CANCELLED";
        } else if (e == ERR_TIMED_OUT || e == ERR_PAD_TIMED_OUT) {
            code = "USER_TIMEOUT";
        }
        for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++) {
            code = invalid[i] == (enum err)e ? "NATIVE_INVALID_ARGUMENT" : code;
        }
        snprintf(want, sizeof want,
                 "{\"error\":{\"code\":\"ERR_WEBEID_%s\",\"message\":\"%s: %s\"}}", code,
                 err_name((enum err)e), err_text((enum err)e));
        assert_int_equal(webeid_encode_error((enum err)e, &out), ERR_OK);
        expect_text(&out, want);
    }
    struct request r = {.door = DOOR_WEBEID, .method = METHOD_SIGN};
    struct response resp;
    response_init(&resp, METHOD_SIGN);
    resp.err = ERR_PIN_BLOCKED;
    assert_int_equal(webeid_encode_response(&r, &resp, &out), ERR_OK);
    expect_text(&out, "{\"error\":{\"code\":\"ERR_WEBEID_NATIVE_FATAL\",\"message\":\"PIN_BLOCKED: "
                      "The PIN is locked; it must be unlocked with the PUK.\"}}");
    response_clear(&resp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_conversation_begins_and_ends_with_constants),
        cmocka_unit_test(replies_have_web_eids_members),
        cmocka_unit_test(an_answer_to_something_else_is_not_sent),
        cmocka_unit_test(every_error_has_one_of_web_eids_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

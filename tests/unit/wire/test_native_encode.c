#include "wire/native.h"

#include "unit/wire/sample.h"
#include "wire/json_read.h"

#define X8(text) text text text text text text text text

/* Encodes, compares with the whole text, and reads it back with the strict reader. */
static void expect_text(enum err e, struct buf *out, const char *want)
{
    struct json *j = NULL;
    assert_int_equal(e, ERR_OK);
    assert_int_equal(buf_append_u8(out, 0), ERR_OK);
    assert_string_equal((const char *)out->at, want);
    assert_int_equal(json_open(span_str(want), &j), ERR_OK);
    json_close(&j);
    buf_clear(out);
}

static void a_token_has_the_members_of_web_eid(void **state)
{
    struct buf out;
    struct request r;
    struct response resp;
    (void)state;
    buf_init(&out, LIMIT_REPLY);
    sample_request(&r, METHOD_AUTHENTICATE);
    sample_response(&resp, METHOD_AUTHENTICATE);
    expect_text(native_encode_response(&r, &resp, 0, &out), &out,
                "{\"jsonrpc\":\"2.0\",\"id\":\"7f\",\"result\":{\"unverifiedCertificate\":"
                "\"Y2VydGlmaWNhdGU=\",\"algorithm\":\"ES384\",\"signature\":"
                "\"" X8("AQEBAQEBAQEBAQEB") "\","
                                            "\"format\":\"web-eid:1.0\","
                                            "\"appVersion\":\"korttisilta/" KORTTISILTA_VERSION
                                            "\"}}");
    request_clear(&r);
    response_clear(&resp);
}

static void a_token_without_a_jwa_name_is_not_made(void **state)
{
    struct buf out;
    struct request r;
    struct response resp;
    (void)state;
    buf_init(&out, LIMIT_REPLY);
    sample_request(&r, METHOD_AUTHENTICATE);
    sample_response(&resp, METHOD_AUTHENTICATE);
    resp.sigs[0].alg.hash = HASH_SHA256; /* P-384 with SHA-256 */
    assert_int_equal(native_encode_response(&r, &resp, 0, &out), ERR_INTERNAL);
    assert_int_equal(out.len, 0);
    buf_clear(&out);
    request_clear(&r);
    response_clear(&resp);
}

static void a_certificate_comes_with_its_algorithms(void **state)
{
    struct buf out;
    struct request r;
    struct response resp;
    (void)state;
    buf_init(&out, LIMIT_REPLY);
    sample_request(&r, METHOD_GET_SIGNING_CERTIFICATE);
    sample_response(&resp, METHOD_GET_SIGNING_CERTIFICATE);
    expect_text(native_encode_response(&r, &resp, 0, &out), &out,
                "{\"jsonrpc\":\"2.0\",\"id\":\"7f\",\"result\":{\"certificate\":\"Y2VydGlmaWNhdGU="
                "\",\"chain\":[\"aXNzdWVy\",\"cm9vdA==\"],"
                "\"supportedSignatureAlgorithms\":[{\"cryptoAlgorithm\":\"ECC\",\"hashFunction\":"
                "\"SHA-384\",\"paddingScheme\":\"NONE\"},{\"cryptoAlgorithm\":\"ECC\","
                "\"hashFunction\":\"SHA-256\",\"paddingScheme\":\"NONE\"}]}}");
    request_clear(&r);
    response_clear(&resp);
}

static void signatures_come_in_the_order_asked(void **state)
{
    struct buf out;
    struct request r;
    struct response resp;
    (void)state;
    buf_init(&out, LIMIT_REPLY);
    sample_request(&r, METHOD_SIGN);
    sample_response(&resp, METHOD_SIGN);
    r.n_docs = 2;
    r.docs[1].name = span_str("\"b\\\"");
    resp.n_sigs = 2;
    resp.key = (struct key_type){KEY_EC, 256};
    for (size_t i = 0; i < 2; i++) {
        resp.sigs[i].alg.hash = HASH_SHA224;
        resp.sigs[i].len = 3;
    }
    expect_text(native_encode_response(&r, &resp, 0, &out), &out,
                "{\"jsonrpc\":\"2.0\",\"id\":\"7f\",\"result\":{\"certificate\":\"Y2VydGlmaWNhdGU="
                "\",\"chain\":[\"aXNzdWVy\",\"cm9vdA==\"],"
                "\"complete\":true,\"signatures\":[{\"name\":\"sopimus.pdf\",\"digest\":"
                "\"EBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEA==\",\"signature\":\"AQEB\","
                "\"signatureAlgorithm\":{\"cryptoAlgorithm\":\"ECC\",\"hashFunction\":\"SHA-224\","
                "\"paddingScheme\":\"NONE\"}},{\"name\":\"\\\"b\\\\\\\"\",\"digest\":"
                "\"EREREREREREREREREREREREREREREREREREREQ==\",\"signature\":\"AgIC\","
                "\"signatureAlgorithm\":{\"cryptoAlgorithm\":\"ECC\",\"hashFunction\":\"SHA-224\","
                "\"paddingScheme\":\"NONE\"}}]}}");
    request_clear(&r);
    response_clear(&resp);
}

static void a_list_that_was_stopped_says_so_and_gives_what_was_made(void **state)
{
    struct buf out;
    struct request r;
    struct response resp;
    (void)state;
    buf_init(&out, LIMIT_REPLY);
    sample_request(&r, METHOD_SIGN);
    sample_response(&resp, METHOD_SIGN);
    resp.n_sigs = 1;
    resp.stopped = true;
    assert_int_equal(native_encode_response(&r, &resp, 0, &out), ERR_OK);
    assert_int_equal(buf_append_u8(&out, 0), ERR_OK);
    assert_non_null(strstr((const char *)out.at, "\"complete\":false,\"signatures\":[{"));
    assert_null(strstr((const char *)out.at, "},{\"name\""));
    buf_clear(&out);
    request_clear(&r);
    response_clear(&resp);
}

static void progress_names_the_request(void **state)
{
    struct buf out;
    const struct progress p = {3, 50};
    (void)state;
    buf_init(&out, LIMIT_REPLY);
    expect_text(native_encode_progress(span_str("\"7f\""), &p, &out), &out,
                "{\"jsonrpc\":\"2.0\",\"method\":\"progress\","
                "\"params\":{\"id\":\"7f\",\"done\":3,\"total\":50}}");
}

static void an_answer_to_something_else_is_not_sent(void **state)
{
    struct buf out;
    struct request r;
    struct response resp;
    (void)state;
    buf_init(&out, LIMIT_REPLY);
    sample_request(&r, METHOD_SIGN);
    sample_response(&resp, METHOD_SIGN);
    resp.n_sigs = 2;
    assert_int_equal(native_encode_response(&r, &resp, 0, &out), ERR_INTERNAL);
    resp.n_sigs = 3;
    resp.stopped = true;
    assert_int_equal(native_encode_response(&r, &resp, 0, &out), ERR_INTERNAL);
    resp.stopped = false;
    resp.method = METHOD_AUTHENTICATE;
    assert_int_equal(native_encode_response(&r, &resp, 0, &out), ERR_INTERNAL);
    resp.method = METHOD_SIGN;
    assert_int_equal(native_encode_response(&r, &resp, 0, &out), ERR_OK);
    buf_clear(&out);
    request_clear(&r);
    response_clear(&resp);
}

/* 500 documents, names of 255 quotes (each two bytes in JSON), RSA-4096 and SHA-512. */
static void the_largest_answer_fits_a_reply(void **state)
{
    static char name[LIMIT_DOC_NAME + 1];
    static char id[LIMIT_RPC_ID_JSON + 1];
    struct buf out;
    struct request r;
    struct response resp;
    uint8_t *certificate;
    (void)state;
    memset(name, '"', LIMIT_DOC_NAME);
    memset(id, '1', LIMIT_RPC_ID_JSON);
    buf_init(&out, LIMIT_REPLY);
    sample_request(&r, METHOD_SIGN);
    free(r.docs);
    sample_docs(&r, LIMIT_DOCS);
    r.id = span_str(id);
    sample_response(&resp, METHOD_SIGN);
    assert_int_equal(response_alloc_sigs(&resp, LIMIT_DOCS), ERR_OK);
    assert_int_equal(buf_extend(&resp.certificate, LIMIT_CERT - resp.certificate.len, &certificate),
                     ERR_OK);
    resp.key = (struct key_type){KEY_RSA, 4096};
    for (size_t i = 0; i < LIMIT_DOCS; i++) {
        r.docs[i].name = span_str(name);
        resp.sigs[i].alg = (struct sig_alg){SIG_RSA_PKCS1, HASH_SHA512};
        resp.sigs[i].len = LIMIT_SIGNATURE;
    }
    assert_int_equal(native_piece(&r, &resp, 0), LIMIT_DOCS);
    assert_int_equal(native_encode_response(&r, &resp, 0, &out), ERR_OK);
    assert_true(out.len < LIMIT_REPLY);
    buf_clear(&out);
    request_clear(&r);
    response_clear(&resp);
}

/* SignedData of many documents: each piece fits a browser, none is left out, their order stays. */
static void what_is_too_large_for_one_message_goes_out_in_pieces(void **state)
{
    static const uint8_t signed_data[7000] = {0x30};
    struct buf out;
    struct request r;
    struct response resp;
    size_t pieces = 0;
    size_t from = 0;
    (void)state;
    buf_init(&out, LIMIT_REPLY);
    sample_request(&r, METHOD_SIGN);
    free(r.docs);
    sample_docs(&r, LIMIT_DOCS);
    sample_response(&resp, METHOD_SIGN);
    assert_int_equal(response_alloc_sigs(&resp, LIMIT_DOCS), ERR_OK);
    for (size_t i = 0; i < LIMIT_DOCS; i++) {
        resp.sigs[i].alg = (struct sig_alg){SIG_ECDSA, HASH_SHA384};
        resp.sigs[i].signed_data = span_of(signed_data, sizeof signed_data);
    }
    for (size_t to = native_piece(&r, &resp, from); to < LIMIT_DOCS;
         to = native_piece(&r, &resp, from)) {
        assert_true(to > from);
        assert_int_equal(native_encode_signatures(&r, &resp, from, to, &out), ERR_OK);
        assert_true(out.len > LIMIT_REPLY / 2);
        buf_clear(&out);
        from = to;
        pieces++;
    }
    assert_int_equal(pieces, 5);
    assert_int_equal(native_encode_response(&r, &resp, from, &out), ERR_OK);
    buf_clear(&out);
    request_clear(&r);
    response_clear(&resp);
}

static void only_signatures_of_documents_come_in_pieces(void **state)
{
    (void)state;
    for (unsigned m = 0; m <= METHOD_SUBSCRIBE; m++) {
        struct request r;
        struct response resp;
        sample_request(&r, (enum method)m);
        sample_response(&resp, (enum method)m);
        assert_int_equal(native_piece(&r, &resp, 0), resp.n_sigs);
        request_clear(&r);
        response_clear(&resp);
    }
}

static void a_piece_names_the_request(void **state)
{
    struct buf out;
    struct request r;
    struct response resp;
    (void)state;
    buf_init(&out, LIMIT_REPLY);
    sample_request(&r, METHOD_SIGN);
    sample_response(&resp, METHOD_SIGN);
    resp.sigs[1].signed_data = span_str("DER");
    resp.sigs[1].alg = (struct sig_alg){SIG_ECDSA, HASH_SHA224};
    expect_text(native_encode_signatures(&r, &resp, 1, 2, &out), &out,
                "{\"jsonrpc\":\"2.0\",\"method\":\"signatures\",\"params\":{\"id\":\"7f\","
                "\"signatures\":[{\"name\":\"sopimus.pdf\",\"digest\":"
                "\"EREREREREREREREREREREREREREREREREREREQ==\",\"signature\":\"REVS\","
                "\"signatureAlgorithm\":{\"cryptoAlgorithm\":\"ECC\",\"hashFunction\":\"SHA-224\","
                "\"paddingScheme\":\"NONE\"}}]}}");
    request_clear(&r);
    response_clear(&resp);
}

static void subscribe_answers_with_nothing(void **state)
{
    struct buf out;
    struct request r;
    struct response resp;
    (void)state;
    buf_init(&out, LIMIT_REPLY);
    sample_request(&r, METHOD_SUBSCRIBE);
    sample_response(&resp, METHOD_SUBSCRIBE);
    expect_text(native_encode_response(&r, &resp, 0, &out), &out,
                "{\"jsonrpc\":\"2.0\",\"id\":\"7f\",\"result\":{}}");
    request_clear(&r);
    response_clear(&resp);
}

static void an_error_tells_code_name_and_retry(void **state)
{
    struct buf out;
    struct request r;
    struct response resp;
    (void)state;
    buf_init(&out, LIMIT_REPLY);
    expect_text(
        native_encode_error(span_of(NULL, 0), ERR_MALFORMED, &out), &out,
        "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,\"message\":\"The message "
        "is not a JSON text that this program accepts (RFC 8259, unique keys, UTF-8).\","
        "\"data\":{\"name\":\"MALFORMED\",\"retry\":false}}}");
    sample_request(&r, METHOD_SIGN);
    sample_response(&resp, METHOD_SIGN);
    resp.err = ERR_CANCELLED;
    expect_text(
        native_encode_response(&r, &resp, 0, &out), &out,
        "{\"jsonrpc\":\"2.0\",\"id\":\"7f\",\"error\":{\"code\":20,\"message\":\"The person "
        "cancelled.\",\"data\":{\"name\":\"CANCELLED\",\"retry\":true}}}");
    request_clear(&r);
    response_clear(&resp);
}

static void what_was_decrypted_is_named_by_what_it_is(void **state)
{
    struct buf out;
    struct request r;
    struct response resp;
    (void)state;
    buf_init(&out, LIMIT_REPLY);
    sample_request(&r, METHOD_DECRYPT);
    sample_response(&resp, METHOD_DECRYPT);
    expect_text(native_encode_response(&r, &resp, 0, &out), &out,
                "{\"jsonrpc\":\"2.0\",\"id\":\"7f\",\"result\":{\"certificate\":"
                "\"Y2VydGlmaWNhdGU=\",\"sharedSecret\":"
                "\"VGhlIHgtY29vcmRpbmF0ZSBvZiB0aGUgcG9pbnQgdGhhdCBib3RoIGNhbiBmaW5k\"}}");
    r.dec_alg = DEC_OAEP_SHA256;
    expect_text(native_encode_response(&r, &resp, 0, &out), &out,
                "{\"jsonrpc\":\"2.0\",\"id\":\"7f\",\"result\":{\"certificate\":"
                "\"Y2VydGlmaWNhdGU=\",\"plaintext\":"
                "\"VGhlIHgtY29vcmRpbmF0ZSBvZiB0aGUgcG9pbnQgdGhhdCBib3RoIGNhbiBmaW5k\"}}");
    request_clear(&r);
    response_clear(&resp);
}

static void hello_lists_what_is_there(void **state)
{
    struct buf out;
    (void)state;
    buf_init(&out, LIMIT_REPLY);
    expect_text(
        native_encode_hello(span_str("1"), &out), &out,
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"product\":\"korttisilta\",\"version\":"
        "\"" KORTTISILTA_VERSION "\",\"protocol\":1,\"methods\":[\"authenticate\","
        "\"getSigningCertificate\",\"sign\",\"decrypt\",\"subscribe\",\"unsubscribe\",\"hello\","
        "\"cancel\"],\"formats\":[\"raw\",\"cms\",\"cades\",\"pades-cms\"],"
        "\"hashAlgorithms\":[\"SHA-224\",\"SHA-256\",\"SHA-384\",\"SHA-512\"]"
        ","
        "\"maxMessage\":4194304}}");
}

static void empty_answers_and_card_events_are_constant(void **state)
{
    struct buf out;
    (void)state;
    buf_init(&out, LIMIT_REPLY);
    expect_text(native_encode_empty(span_str("\"x\""), &out), &out,
                "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":{}}");
    expect_text(native_encode_card_event(true, &out), &out,
                "{\"jsonrpc\":\"2.0\",\"method\":\"card\",\"params\":{\"event\":\"inserted\"}}");
    expect_text(native_encode_card_event(false, &out), &out,
                "{\"jsonrpc\":\"2.0\",\"method\":\"card\",\"params\":{\"event\":\"removed\"}}");
}

static void a_buffer_that_is_too_small_gets_nothing(void **state)
{
    struct buf out;
    (void)state;
    buf_init(&out, 40);
    assert_int_equal(native_encode_hello(span_str("1"), &out), ERR_TOO_LARGE);
    assert_int_equal(native_encode_error(span_str("1"), ERR_BUSY, &out), ERR_TOO_LARGE);
    assert_int_equal(out.len, 0);
    assert_int_equal(native_encode_empty(span_str("1"), &out), ERR_OK);
    buf_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_has_the_members_of_web_eid),
        cmocka_unit_test(a_token_without_a_jwa_name_is_not_made),
        cmocka_unit_test(a_certificate_comes_with_its_algorithms),
        cmocka_unit_test(signatures_come_in_the_order_asked),
        cmocka_unit_test(a_list_that_was_stopped_says_so_and_gives_what_was_made),
        cmocka_unit_test(progress_names_the_request),
        cmocka_unit_test(an_answer_to_something_else_is_not_sent),
        cmocka_unit_test(the_largest_answer_fits_a_reply),
        cmocka_unit_test(what_is_too_large_for_one_message_goes_out_in_pieces),
        cmocka_unit_test(only_signatures_of_documents_come_in_pieces),
        cmocka_unit_test(a_piece_names_the_request),
        cmocka_unit_test(subscribe_answers_with_nothing),
        cmocka_unit_test(an_error_tells_code_name_and_retry),
        cmocka_unit_test(what_was_decrypted_is_named_by_what_it_is),
        cmocka_unit_test(hello_lists_what_is_there),
        cmocka_unit_test(empty_answers_and_card_events_are_constant),
        cmocka_unit_test(a_buffer_that_is_too_small_gets_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "wire/native.h"

#include "base/enc.h"
#include "unit/wire/native_rows.h"
#include "unit/wire/sample.h"
#include "wire/bounds.h"

#define D32  "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s="
#define D28  "q6urq6urq6urq6urq6urq6urq6urq6urq6urqw=="
#define SIGN "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"sign\",\"params\":"

static void each_document_has_a_content_or_a_digest(void **state)
{
    (void)state;
    EXPECT(SIGN "{\"hashAlgorithm\":\"SHA-256\",\"documents\":[{\"name\":\"a\",\"mediaType\":"
                "\"text/plain\",@}]}}",
           {"\"content\":\"YWJj\"", ERR_OK}, {"\"content\":\"\"", ERR_OK},
           {"\"content\":\"YW\\u004aj\"", ERR_OK}, {"\"size\":3,\"digest\":\"" D32 "\"", ERR_OK},
           {"\"size\":0,\"digest\":\"" D32 "\"", ERR_OK},
           {"\"size\":9007199254740991,\"digest\":\"" D32 "\"", ERR_OK},
           {"\"content\":\"YWJ\"", ERR_ARGUMENT}, {"\"content\":\"YWJ_\"", ERR_ARGUMENT},
           {"\"content\":\"YWI\\n\"", ERR_ARGUMENT}, {"\"content\":null", ERR_ARGUMENT},
           {"\"content\":[1]", ERR_ARGUMENT}, {"\"x\":1", ERR_ARGUMENT},
           {"\"content\":\"YWJj\",\"size\":3", ERR_ARGUMENT},
           {"\"content\":\"YWJj\",\"digest\":\"" D32 "\"", ERR_ARGUMENT},
           {"\"content\":\"YWJj\",\"size\":3,\"digest\":\"" D32 "\"", ERR_ARGUMENT},
           {"\"content\":\"YWJj\",\"note\":\"x\"", ERR_ARGUMENT},
           {"\"size\":3,\"digest\":\"" D32 "\",\"note\":\"x\"", ERR_ARGUMENT},
           {"\"digest\":\"" D32 "\"", ERR_ARGUMENT}, {"\"size\":3", ERR_ARGUMENT},
           {"\"size\":-1,\"digest\":\"" D32 "\"", ERR_ARGUMENT},
           {"\"size\":9007199254740992,\"digest\":\"" D32 "\"", ERR_ARGUMENT},
           {"\"size\":\"3\",\"digest\":\"" D32 "\"", ERR_ARGUMENT},
           {"\"size\":1.5,\"digest\":\"" D32 "\"", ERR_ARGUMENT},
           {"\"size\":3,\"digest\":\"" D28 "\"", ERR_ARGUMENT},
           {"\"size\":3,\"digest\":\"\"", ERR_ARGUMENT},
           {"\"size\":3,\"digest\":\"qw==\"", ERR_ARGUMENT});
    EXPECT(SIGN "{\"documents\":[{@}]}}",
           {"\"name\":\"a\",\"mediaType\":\"a/b\",\"content\":\"\"", ERR_OK},
           {"\"name\":\"\",\"mediaType\":\"a/b\",\"content\":\"\"", ERR_ARGUMENT},
           {"\"name\":\"" X255 "\",\"mediaType\":\"a/b\",\"content\":\"\"", ERR_OK},
           {"\"name\":\"" X255 "x\",\"mediaType\":\"a/b\",\"content\":\"\"", ERR_ARGUMENT},
           {"\"name\":\"a\\nb\",\"mediaType\":\"a/b\",\"content\":\"\"", ERR_ARGUMENT},
           {"\"name\":1,\"mediaType\":\"a/b\",\"content\":\"\"", ERR_ARGUMENT},
           {"\"mediaType\":\"a/b\",\"content\":\"\"", ERR_ARGUMENT},
           {"\"name\":\"a\",\"content\":\"\"", ERR_ARGUMENT},
           {"\"name\":\"a\",\"mediaType\":\"text\",\"content\":\"\"", ERR_ARGUMENT},
           {"\"name\":\"a\",\"mediaType\":\"a/b; c=d\",\"content\":\"\"", ERR_ARGUMENT},
           {"", ERR_ARGUMENT});
}

/* The reader must never unescape into the room of a key what is no key (test_json_read.c); from
 * outside it looks like this. */
static void an_element_that_is_no_document_is_never_taken_for_keys(void **state)
{
    (void)state;
    EXPECT(SIGN "{\"documents\":[@]}}", {"[{\"a\":\"\\n" X255 "\"}]", ERR_ARGUMENT},
           {"[\"\\n" X255 X255 "\"]", ERR_ARGUMENT}, {"\"\\n" X255 "\"", ERR_ARGUMENT},
           {"[[[\"\\n" X255 "\"]]]", ERR_ARGUMENT}, {"null", ERR_ARGUMENT}, {"1", ERR_ARGUMENT});
}

static void the_list_of_documents_has_1_to_500(void **state)
{
    (void)state;
    EXPECT(SIGN "@}", {"{\"documents\":[]}", ERR_ARGUMENT}, {"{\"documents\":{}}", ERR_ARGUMENT},
           {"{\"documents\":null}", ERR_ARGUMENT}, {"{\"documents\":[1]}", ERR_ARGUMENT},
           {"{\"documents\":[null]}", ERR_ARGUMENT}, {"{\"documents\":[[]]}", ERR_ARGUMENT},
           {"{\"documents\":\"a\"}", ERR_ARGUMENT}, {"{}", ERR_ARGUMENT});
}

static void hash_format_and_certificate_are_judged(void **state)
{
    (void)state;
    EXPECT(SIGN "{\"documents\":[{\"name\":\"a\",\"mediaType\":\"a/b\",\"content\":\"YWJj\"}]@}}",
           {"", ERR_OK}, {",\"hashAlgorithm\":\"SHA-224\"", ERR_OK},
           {",\"hashAlgorithm\":\"SHA-384\"", ERR_OK}, {",\"hashAlgorithm\":\"SHA-512\"", ERR_OK},
           {",\"hashAlgorithm\":\"SHA-1\"", ERR_UNSUPPORTED},
           {",\"hashAlgorithm\":\"SHA256\"", ERR_UNSUPPORTED},
           {",\"hashAlgorithm\":\"sha-256\"", ERR_UNSUPPORTED},
           {",\"hashAlgorithm\":\"SHA3-256\"", ERR_UNSUPPORTED},
           {",\"hashAlgorithm\":\"\"", ERR_ARGUMENT}, {",\"hashAlgorithm\":null", ERR_ARGUMENT},
           {",\"hashAlgorithm\":256", ERR_ARGUMENT}, {",\"format\":\"raw\"", ERR_OK},
           {",\"format\":\"cms\"", ERR_OK}, {",\"format\":\"cades\"", ERR_OK},
           {",\"format\":\"pades-cms\"", ERR_OK}, {",\"format\":\"xades\"", ERR_UNSUPPORTED},
           {",\"format\":\"RAW\"", ERR_UNSUPPORTED}, {",\"format\":null", ERR_ARGUMENT},
           {",\"format\":\"\"", ERR_ARGUMENT}, {",\"certificate\":\"MAA=\"", ERR_OK},
           {",\"certificate\":\"\"", ERR_ARGUMENT}, {",\"certificate\":\"MA\"", ERR_ARGUMENT},
           {",\"certificate\":null", ERR_ARGUMENT},
           {",\"challengeNonce\":\"" NONCE "\"", ERR_ARGUMENT},
           {",\"lang\":\"fi\",\"purpose\":\"x\"", ERR_OK}, {",\"pin\":\"1234\"", ERR_ARGUMENT});
    /* a digest tells nothing without its algorithm */
    EXPECT(SIGN "{\"documents\":[{\"name\":\"a\",\"mediaType\":\"a/b\",\"size\":1,\"digest\":\"" D32
                "\"}]@}}",
           {"", ERR_ARGUMENT}, {",\"hashAlgorithm\":\"SHA-256\"", ERR_OK},
           {",\"hashAlgorithm\":\"SHA-384\"", ERR_ARGUMENT});
}

static void a_content_is_attached_where_there_is_a_place_and_a_content(void **state)
{
    (void)state;
    EXPECT(SIGN "{\"documents\":[{\"name\":\"a\",\"mediaType\":\"a/b\",\"content\":\"YWJj\"}]@}}",
           {",\"format\":\"cms\",\"attached\":true", ERR_OK},
           {",\"format\":\"cades\",\"attached\":true", ERR_OK},
           {",\"format\":\"cades\",\"attached\":false", ERR_OK}, {",\"attached\":false", ERR_OK},
           {",\"format\":\"pades-cms\",\"attached\":true", ERR_ARGUMENT},
           {",\"format\":\"raw\",\"attached\":true", ERR_ARGUMENT},
           {",\"attached\":true", ERR_ARGUMENT},
           {",\"format\":\"cms\",\"attached\":null", ERR_ARGUMENT},
           {",\"format\":\"cms\",\"attached\":1", ERR_ARGUMENT});
    EXPECT(SIGN "{\"documents\":[{\"name\":\"a\",\"mediaType\":\"a/b\",\"size\":1,\"digest\":\"" D32
                "\"}],\"hashAlgorithm\":\"SHA-256\"@}}",
           {",\"format\":\"cades\"", ERR_OK},
           {",\"format\":\"cades\",\"attached\":true", ERR_ARGUMENT});
}

#define ALG(crypto, hash, padding)                                                                 \
    "{\"cryptoAlgorithm\":\"" crypto "\",\"hashFunction\":\"" hash                                 \
    "\",\"paddingScheme\":\"" padding "\"}"
#define ALGS(list) ",\"signatureAlgorithms\":[" list "]"
#define PSS        ALG("RSA", "SHA-256", "PSS")

static void accepted_algorithms_are_named_as_answers_name_them(void **state)
{
    struct request r;
    (void)state;
    EXPECT(SIGN "{\"documents\":[{\"name\":\"a\",\"mediaType\":\"a/b\",\"content\":\"YWJj\"}]@}}",
           {ALGS(PSS), ERR_OK}, {ALGS(ALG("ECC", "SHA-384", "NONE") "," PSS), ERR_OK},
           {ALGS(PSS) ",\"hashAlgorithm\":\"SHA-256\"", ERR_OK},
           {ALGS(PSS) ",\"hashAlgorithm\":\"SHA-384\"", ERR_ARGUMENT}, {ALGS(""), ERR_ARGUMENT},
           {ALGS(PSS "," PSS), ERR_ARGUMENT}, {ALGS("\"PS256\""), ERR_ARGUMENT},
           {ALGS("{}"), ERR_ARGUMENT}, {ALGS("{\"cryptoAlgorithm\":\"RSA\"}"), ERR_ARGUMENT},
           {ALGS(ALG("RSA", "SHA-256", "NONE")), ERR_UNSUPPORTED},
           {ALGS(ALG("ECC", "SHA-256", "PSS")), ERR_UNSUPPORTED},
           {ALGS(ALG("RSA", "SHA3-256", "PSS")), ERR_UNSUPPORTED},
           {ALGS(ALG("RSA", "SHA-1", "PKCS1.5")), ERR_UNSUPPORTED},
           {ALGS(ALG("RSA", "SHA-256", "A padding of more than 32 bytes, ")), ERR_ARGUMENT},
           {",\"signatureAlgorithms\":{}", ERR_ARGUMENT},
           {",\"signatureAlgorithms\":null", ERR_ARGUMENT});
    assert_int_equal(decode(SIGN
                            "{\"documents\":[{\"name\":\"a\",\"mediaType\":\"a/b\",\"content\":"
                            "\"\"}]" ALGS(PSS "," ALG("ECC", "SHA-512", "NONE")) "}}",
                            DOOR_WEBSOCKET, &r),
                     ERR_OK);
    assert_int_equal(r.accepts, alg_bit((struct sig_alg){SIG_RSA_PSS, HASH_SHA256}) |
                                    alg_bit((struct sig_alg){SIG_ECDSA, HASH_SHA512}));
    request_clear(&r);
}

static void a_signing_time_is_for_formats_that_have_a_place_for_it(void **state)
{
    (void)state;
    EXPECT(SIGN "{\"documents\":[{\"name\":\"a\",\"mediaType\":\"a/b\",\"content\":\"YWJj\"}]@}}",
           {",\"format\":\"cades\",\"signingTime\":true", ERR_OK},
           {",\"format\":\"cms\",\"signingTime\":true", ERR_OK},
           {",\"format\":\"cms\",\"signingTime\":false", ERR_OK},
           {",\"signingTime\":false", ERR_OK}, {",\"signingTime\":true", ERR_ARGUMENT},
           {",\"format\":\"pades-cms\",\"signingTime\":true", ERR_ARGUMENT},
           {",\"format\":\"cades\",\"signingTime\":\"now\"", ERR_ARGUMENT});
}

/* Else the answer would not fit what a browser takes. */
static void what_is_attached_has_at_most_640_kib(void **state)
{
    (void)state;
    for (size_t more = 0; more < 2; more++) {
        struct request r;
        sample_request(&r, METHOD_SIGN);
        uint8_t *content = calloc(1, LIMIT_ATTACHED + more);
        assert_non_null(content);
        r.n_docs = 1;
        r.docs[0].content = span_of(content, LIMIT_ATTACHED + more);
        r.docs[0].size = LIMIT_ATTACHED + more;
        r.format = FORMAT_CADES;
        assert_int_equal(bounds_check_request(&r), ERR_OK);
        r.attached = true;
        assert_int_equal(bounds_check_request(&r), more == 0 ? ERR_OK : ERR_ARGUMENT);
        request_clear(&r);
        free(content);
    }
}

static void a_certificate_has_at_most_8192_bytes(void **state)
{
    (void)state;
    for (size_t more = 0; more < 2; more++) {
        struct buf json;
        struct request r;
        uint8_t *der = calloc(1, LIMIT_CERT + 1);
        assert_non_null(der);
        buf_init(&json, LIMIT_MESSAGE);
        assert_int_equal(buf_append_str(&json,
                                        SIGN "{\"documents\":[{\"name\":\"a\",\"mediaType\":"
                                             "\"a/b\",\"content\":\"\"}],\"certificate\":\""),
                         ERR_OK);
        assert_int_equal(enc_base64_encode(span_of(der, LIMIT_CERT + more), &json), ERR_OK);
        assert_int_equal(buf_append_str(&json, "\"}}"), ERR_OK);
        request_init(&r);
        assert_int_equal(native_decode(buf_span(&json), DOOR_WEBSOCKET, span_str(ORIGIN), &r),
                         more == 0 ? ERR_OK : ERR_ARGUMENT);
        request_clear(&r);
        buf_clear(&json);
        free(der);
    }
}

static void append_documents(struct buf *json, size_t n)
{
    assert_int_equal(buf_append_str(json, SIGN "{\"hashAlgorithm\":\"SHA-256\",\"documents\":["),
                     ERR_OK);
    for (size_t i = 0; i < n; i++) {
        static const char doc[] = "{\"name\":\"" X255 "\",\"mediaType\":\"application/pdf\","
                                  "\"size\":1234567,\"digest\":\"" D32 "\"}";
        assert_int_equal(buf_append_str(json, i > 0 ? "," : ""), ERR_OK);
        assert_int_equal(buf_append_str(json, doc), ERR_OK);
    }
    assert_int_equal(buf_append_str(json, "],\"lang\":\"fi\",\"timeoutMs\":5000,\"purpose\":\"p\","
                                          "\"onBehalfOf\":{\"name\":\"n\",\"businessId\":\"i\","
                                          "\"mandate\":\"m\"},\"format\":\"raw\","
                                          "\"certificate\":\"MAA=\"}}"),
                     ERR_OK);
}

static void five_hundred_documents_fit_and_one_more_does_not(void **state)
{
    (void)state;
    for (size_t more = 0; more < 2; more++) {
        struct buf json;
        struct request r;
        buf_init(&json, LIMIT_MESSAGE);
        append_documents(&json, LIMIT_DOCS + more);
        request_init(&r);
        assert_int_equal(native_decode(buf_span(&json), DOOR_WEBSOCKET, span_str(ORIGIN), &r),
                         more == 0 ? ERR_OK : ERR_ARGUMENT);
        if (more == 0) {
            buf_clear(&json); /* nothing of the request points into the message */
            assert_int_equal(r.n_docs, LIMIT_DOCS);
            for (size_t i = 0; i < r.n_docs; i++) {
                assert_int_equal(r.docs[i].name.len, LIMIT_DOC_NAME);
                assert_int_equal(r.docs[i].digest.len, 32);
                assert_int_equal(r.docs[i].digest.at[31], 0xAB);
                assert_true(r.docs[i].size == 1234567);
            }
        }
        request_clear(&r);
        buf_clear(&json);
    }
}

static void contents_and_digests_may_be_mixed_and_keep_their_order(void **state)
{
    struct request r;
    (void)state;
    assert_int_equal(
        decode(SIGN "{\"hashAlgorithm\":\"SHA-256\",\"certificate\":\"MAA=\",\"documents\":["
                    "{\"name\":\"a \\\"1\\\"\",\"mediaType\":\"text/plain\",\"content\":\"YWJj\"},"
                    "{\"digest\":\"" D32 "\",\"size\":9,\"mediaType\":\"a/b\",\"name\":\"b\"},"
                    "{\"content\":\"eHk=\",\"name\":\"c\",\"mediaType\":\"a/b\"}]}}",
               DOOR_WEBSOCKET, &r),
        ERR_OK);
    assert_int_equal(r.n_docs, 3);
    assert_true(span_is(r.docs[0].name, "a \"1\""));
    assert_true(span_is(r.docs[0].media_type, "text/plain"));
    assert_true(r.docs[0].has_content && span_is(r.docs[0].content, "abc"));
    assert_true(r.docs[0].size == 3);
    assert_int_equal(r.docs[0].digest.len, 0);
    assert_false(r.docs[1].has_content);
    assert_int_equal(r.docs[1].digest.len, 32);
    assert_true(r.docs[1].size == 9);
    assert_true(span_is(r.docs[1].name, "b"));
    assert_true(r.docs[2].has_content && span_is(r.docs[2].content, "xy"));
    assert_true(r.has_hash);
    assert_int_equal(r.hash, HASH_SHA256);
    assert_true(span_eq(r.certificate, span_of("\x30\x00", 2)));
    request_clear(&r);
}

static void a_content_of_3_mib_fits_the_message(void **state)
{
    struct buf json;
    struct request r;
    size_t len = (size_t)3 * 1024 * 1024 - 3072;
    uint8_t *content = malloc(len);
    (void)state;
    assert_non_null(content);
    memset(content, 0x5A, len);
    buf_init(&json, LIMIT_MESSAGE);
    assert_int_equal(
        buf_append_str(&json,
                       SIGN "{\"documents\":[{\"name\":\"a\",\"mediaType\":\"a/b\",\"content\":\""),
        ERR_OK);
    assert_int_equal(enc_base64_encode(span_of(content, len), &json), ERR_OK);
    assert_int_equal(buf_append_str(&json, "\"}]}}"), ERR_OK);
    request_init(&r);
    assert_int_equal(native_decode(buf_span(&json), DOOR_WEBSOCKET, span_str(ORIGIN), &r), ERR_OK);
    assert_true(span_eq(r.docs[0].content, span_of(content, len)));
    assert_true(r.docs[0].size == len);
    request_clear(&r);
    buf_clear(&json);
    free(content);
}

static void every_cut_of_a_message_is_malformed(void **state)
{
    struct buf json;
    (void)state;
    buf_init(&json, LIMIT_MESSAGE);
    append_documents(&json, 2);
    for (size_t len = 0; len < json.len; len++) {
        struct request r;
        request_init(&r);
        assert_int_equal(
            native_decode(span_sub(buf_span(&json), 0, len), DOOR_WEBSOCKET, span_str(ORIGIN), &r),
            ERR_MALFORMED);
        request_clear(&r);
    }
    buf_clear(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_document_has_a_content_or_a_digest),
        cmocka_unit_test(an_element_that_is_no_document_is_never_taken_for_keys),
        cmocka_unit_test(the_list_of_documents_has_1_to_500),
        cmocka_unit_test(hash_format_and_certificate_are_judged),
        cmocka_unit_test(accepted_algorithms_are_named_as_answers_name_them),
        cmocka_unit_test(a_signing_time_is_for_formats_that_have_a_place_for_it),
        cmocka_unit_test(a_content_is_attached_where_there_is_a_place_and_a_content),
        cmocka_unit_test(what_is_attached_has_at_most_640_kib),
        cmocka_unit_test(a_certificate_has_at_most_8192_bytes),
        cmocka_unit_test(five_hundred_documents_fit_and_one_more_does_not),
        cmocka_unit_test(contents_and_digests_may_be_mixed_and_keep_their_order),
        cmocka_unit_test(a_content_of_3_mib_fits_the_message),
        cmocka_unit_test(every_cut_of_a_message_is_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

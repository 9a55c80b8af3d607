#include "wire/native.h"

#include "unit/wire/native_rows.h"

#include <stdio.h>

static void the_envelope_is_json_rpc_and_nothing_else(void **state)
{
    (void)state;
    EXPECT("@", {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hello\"}", ERR_OK},
           {"{\"params\":{},\"method\":\"hello\",\"id\":1,\"jsonrpc\":\"2.0\"}", ERR_OK},
           {"{\"json\\u0072pc\":\"2\\u002e0\",\"id\":1,\"method\":\"h\\u0065llo\"}", ERR_OK},
           {"", ERR_MALFORMED}, {"{", ERR_MALFORMED}, {"{}{}", ERR_MALFORMED},
           {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hello\"}x", ERR_MALFORMED},
           {"{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":1,\"method\":\"hello\"}", ERR_MALFORMED},
           {"[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hello\"}]", ERR_REQUEST_INVALID},
           {"[]", ERR_REQUEST_INVALID}, {"null", ERR_REQUEST_INVALID}, {"{}", ERR_REQUEST_INVALID},
           {"{\"id\":1,\"method\":\"hello\"}", ERR_REQUEST_INVALID},
           {"{\"jsonrpc\":\"2.0\",\"id\":1}", ERR_REQUEST_INVALID},
           {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":5}", ERR_REQUEST_INVALID},
           {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\"}", ERR_REQUEST_INVALID},
           {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":null}", ERR_REQUEST_INVALID},
           {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hello\",\"extra\":0}", ERR_REQUEST_INVALID},
           {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hello\",\"origin\":\"" ORIGIN "\"}",
            ERR_REQUEST_INVALID},
           {"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", ERR_REQUEST_INVALID},
           {"{\"jsonrpc\":\"2.0\",\"method\":\"hello\"}", ERR_REQUEST_INVALID});
    EXPECT("{\"jsonrpc\":@,\"id\":1,\"method\":\"hello\"}", {"\"2.0\"", ERR_OK},
           {"\"1.0\"", ERR_REQUEST_INVALID}, {"\"2.00\"", ERR_REQUEST_INVALID},
           {"\"2\"", ERR_REQUEST_INVALID}, {"\"\"", ERR_REQUEST_INVALID},
           {"2.0", ERR_REQUEST_INVALID}, {"2", ERR_REQUEST_INVALID}, {"null", ERR_REQUEST_INVALID});
}

static void only_the_eight_methods_exist(void **state)
{
    (void)state;
    EXPECT("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"@\"}", {"hello", ERR_OK},
           {"getSigningCertificate", ERR_OK}, {"subscribe", ERR_OK}, {"unsubscribe", ERR_OK},
           {"authenticate", ERR_ARGUMENT}, {"sign", ERR_ARGUMENT}, {"cancel", ERR_ARGUMENT},
           {"Hello", ERR_METHOD_UNKNOWN}, {"hello ", ERR_METHOD_UNKNOWN}, {"decrypt", ERR_ARGUMENT},
           {"hell", ERR_METHOD_UNKNOWN}, {"__proto__", ERR_METHOD_UNKNOWN},
           {"toString", ERR_METHOD_UNKNOWN}, {"rpc.discover", ERR_METHOD_UNKNOWN},
           {"card", ERR_METHOD_UNKNOWN}, {X500, ERR_METHOD_UNKNOWN});
}

static void an_id_is_a_short_string_or_an_exact_integer(void **state)
{
    (void)state;
    EXPECT("{\"jsonrpc\":\"2.0\",\"id\":@,\"method\":\"hello\"}", {"1", ERR_OK}, {"0", ERR_OK},
           {"-1", ERR_OK}, {"9007199254740991", ERR_OK}, {"-9007199254740991", ERR_OK},
           {"\"a\"", ERR_OK}, {"\"" X50 "12345678901234\"", ERR_OK}, {"\"\\u0001\\n\\\"\"", ERR_OK},
           {"9007199254740992", ERR_REQUEST_INVALID}, {"1.0", ERR_REQUEST_INVALID},
           {"1e3", ERR_REQUEST_INVALID}, {"-0", ERR_REQUEST_INVALID}, {"\"\"", ERR_REQUEST_INVALID},
           {"\"" X50 "123456789012345\"", ERR_REQUEST_INVALID}, {"null", ERR_REQUEST_INVALID},
           {"true", ERR_REQUEST_INVALID}, {"[1]", ERR_REQUEST_INVALID}, {"{}", ERR_REQUEST_INVALID},
           {"\"\\u0000\"", ERR_MALFORMED});
}

static void equal_ids_have_equal_bytes(void **state)
{
    static const struct {
        const char *id, *want;
    } rows[] = {
        {"1", "1"},
        {"-12", "-12"},
        {"\"1\"", "\"1\""},
        {"\"\\u0061/\"", "\"a/\""},
        {"\"a\\/\"", "\"a/\""},
        {"\"\\n\"", "\"\\u000a\""},
        {"\"\\u00e4\"", "\"\xC3\xA4\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char json[256];
        struct request r;
        snprintf(json, sizeof json,
                 "{\"jsonrpc\":\"2.0\",\"id\":%s,\"method\":\"cancel\",\"params\":{\"id\":%s}}",
                 rows[i].id, rows[i].id);
        assert_int_equal(decode(json, DOOR_WEBSOCKET, &r), ERR_OK);
        assert_true(span_is(r.id, rows[i].want));
        assert_true(span_is(r.cancel_id, rows[i].want));
        request_clear(&r);
    }
}

static void the_longest_id_fits_its_limit(void **state)
{
    char json[1024] = "{\"jsonrpc\":\"2.0\",\"method\":\"hello\",\"id\":\"";
    struct request r;
    (void)state;
    for (size_t i = 0; i < LIMIT_RPC_ID; i++) {
        strcat(json, "\\u0001");
    }
    strcat(json, "\"}");
    assert_int_equal(decode(json, DOOR_WEBSOCKET, &r), ERR_OK);
    assert_int_equal(r.id.len, LIMIT_RPC_ID_JSON);
    request_clear(&r);
}

static void the_id_is_known_when_something_later_is_wrong(void **state)
{
    static const struct row rows[] = {
        {"{\"method\":\"hello\",\"id\":7}", ERR_REQUEST_INVALID},
        {"{\"jsonrpc\":\"1.0\",\"method\":\"hello\",\"id\":7}", ERR_REQUEST_INVALID},
        {"{\"jsonrpc\":\"2.0\",\"x\":0,\"method\":\"hello\",\"id\":7}", ERR_REQUEST_INVALID},
        {"{\"jsonrpc\":\"2.0\",\"method\":\"nope\",\"id\":7}", ERR_METHOD_UNKNOWN},
        {"{\"jsonrpc\":\"2.0\",\"method\":\"sign\",\"params\":{},\"id\":7}", ERR_ARGUMENT},
        {"{\"jsonrpc\":\"2.0\",\"method\":\"sign\",\"params\":[],\"id\":7}", ERR_ARGUMENT},
        {"{\"jsonrpc\":\"2.0\",\"method\":\"sign\",\"params\":{\"format\":\"xades\"},\"id\":7}",
         ERR_UNSUPPORTED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct request r;
        assert_int_equal(decode(rows[i].json, DOOR_WEBSOCKET, &r), rows[i].want);
        assert_true(span_is(r.id, "7"));
        request_clear(&r);
    }
}

static void the_native_door_needs_the_origin_in_the_message(void **state)
{
    static const struct row rows[] = {
        {"\"origin\":\"" ORIGIN "\",", ERR_OK},
        {"\"origin\":\"null\",", ERR_OK}, /* judged by core/origin.c */
        {"", ERR_REQUEST_INVALID},
        {"\"origin\":\"\",", ERR_REQUEST_INVALID},
        {"\"origin\":null,", ERR_REQUEST_INVALID},
        {"\"origin\":[\"" ORIGIN "\"],", ERR_REQUEST_INVALID},
        {"\"origin\":\"" X255 "\",", ERR_OK},
        {"\"origin\":\"" X255 "x\",", ERR_REQUEST_INVALID},
        {"\"Origin\":\"" ORIGIN "\",", ERR_REQUEST_INVALID},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char json[1024];
        struct request r;
        snprintf(json, sizeof json, "{%s\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hello\"}",
                 rows[i].json);
        assert_int_equal(decode(json, DOOR_NATIVE, &r), rows[i].want);
        if (i == 0) {
            assert_true(span_is(r.origin, ORIGIN));
            assert_int_equal(r.door, DOOR_NATIVE);
        }
        request_clear(&r);
    }
}

static void the_websocket_takes_the_origin_of_its_header(void **state)
{
    static const char hello[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hello\"}";
    static const char long_origin[] = X255 "x";
    struct request r;
    (void)state;
    assert_int_equal(decode(hello, DOOR_WEBSOCKET, &r), ERR_OK);
    assert_true(span_is(r.origin, ORIGIN));
    assert_int_equal(r.door, DOOR_WEBSOCKET);
    request_clear(&r);
    assert_int_equal(native_decode(span_str(hello), DOOR_WEBSOCKET, span_of(NULL, 0), &r),
                     ERR_REQUEST_INVALID);
    request_clear(&r);
    assert_int_equal(native_decode(span_str(hello), DOOR_WEBSOCKET, span_str(long_origin), &r),
                     ERR_REQUEST_INVALID);
    request_clear(&r);
}

#define SCS(door, more, params)                                                                    \
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"scs\"" door more ",\"params\":" params "}"
#define HERE ",\"origin\":\"" ORIGIN "\""
#define GET  "{\"method\":\"GET\",\"path\":\"/version\"}"

static void an_exchange_of_scs_comes_through_the_native_door_only(void **state)
{
    static const struct {
        const char *json;
        enum err want;
    } rows[] = {
        {SCS(HERE, "", GET), ERR_OK},
        {SCS(HERE, ",\"chosen\":true", GET), ERR_OK},
        {SCS(HERE, ",\"chosen\":1", GET), ERR_ARGUMENT},
        {SCS(HERE, "", "{\"method\":\"GET\"}"), ERR_ARGUMENT},
        {SCS(HERE, "", "{\"path\":\"/sign\"}"), ERR_ARGUMENT},
        {SCS(HERE, "", "{\"method\":\"GETTTTTTTTTTTTTTT\",\"path\":\"/\"}"), ERR_ARGUMENT},
        {SCS(HERE, "", "{\"method\":\"GET\",\"path\":\"/\",\"body\":{}}"), ERR_ARGUMENT},
        {SCS(HERE, "", "{\"method\":\"GET\",\"path\":\"/\",\"x\":1}"), ERR_ARGUMENT},
        {SCS("", "", GET), ERR_REQUEST_INVALID}, /* no origin */
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hello\",\"chosen\":true" HERE "}",
         ERR_REQUEST_INVALID},
    };
    struct request r;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(decode(rows[i].json, DOOR_NATIVE, &r), rows[i].want);
        request_clear(&r);
    }
    assert_int_equal(try_websocket(SCS("", "", GET)), ERR_METHOD_UNKNOWN);
    assert_int_equal(decode(SCS(HERE, ",\"chosen\":true",
                                "{\"method\":\"POST\",\"path\":\"/sign\",\"body\":\"{}\"}"),
                            DOOR_NATIVE, &r),
                     ERR_OK);
    assert_true(span_is(r.scs.verb, "POST") && span_is(r.scs.path, "/sign") &&
                span_is(r.scs.body, "{}") && r.scs.chosen);
    request_clear(&r);
}

#define SITES(more) "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"scsSites\"" more "}"

static void the_sites_of_scs_are_for_the_extension_itself(void **state)
{
    struct request r;
    (void)state;
    assert_int_equal(decode(SITES(""), DOOR_NATIVE, &r), ERR_OK);
    assert_int_equal(r.method, METHOD_SCS_SITES);
    assert_int_equal(r.origin.len, 0);
    request_clear(&r);
    assert_int_equal(decode(SITES(HERE), DOOR_NATIVE, &r), ERR_REQUEST_INVALID);
    request_clear(&r);
    assert_int_equal(decode(SITES(",\"origin\":\"\""), DOOR_NATIVE, &r), ERR_REQUEST_INVALID);
    request_clear(&r);
    assert_int_equal(decode(SITES(",\"chosen\":true"), DOOR_NATIVE, &r), ERR_REQUEST_INVALID);
    request_clear(&r);
    assert_int_equal(decode(SITES(",\"params\":{\"x\":1}"), DOOR_NATIVE, &r), ERR_ARGUMENT);
    request_clear(&r);
    assert_int_equal(try_websocket(SITES("")), ERR_METHOD_UNKNOWN);
}

static void only_cancel_may_be_a_notification(void **state)
{
    struct request r;
    (void)state;
    assert_int_equal(decode("{\"jsonrpc\":\"2.0\",\"method\":\"cancel\",\"params\":{\"id\":\"x\"}}",
                            DOOR_WEBSOCKET, &r),
                     ERR_OK);
    assert_int_equal(r.method, METHOD_CANCEL);
    assert_int_equal(r.id.len, 0);
    assert_true(span_is(r.cancel_id, "\"x\""));
    request_clear(&r);
    EXPECT("{\"jsonrpc\":\"2.0\",\"method\":\"@\"}", {"hello", ERR_REQUEST_INVALID},
           {"subscribe", ERR_REQUEST_INVALID}, {"sign", ERR_REQUEST_INVALID},
           {"cancel", ERR_ARGUMENT}, {"nope", ERR_METHOD_UNKNOWN});
    EXPECT("{\"jsonrpc\":\"2.0\",\"method\":\"cancel\",\"params\":@}", {"{\"id\":1}", ERR_OK},
           {"{}", ERR_ARGUMENT}, {"{\"id\":null}", ERR_ARGUMENT}, {"{\"id\":\"\"}", ERR_ARGUMENT},
           {"{\"id\":1.5}", ERR_ARGUMENT}, {"{\"id\":1,\"x\":2}", ERR_ARGUMENT},
           {"[1]", ERR_ARGUMENT}, {"null", ERR_ARGUMENT});
}

static void params_are_an_object_with_known_members(void **state)
{
    (void)state;
    EXPECT("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":@}", {"\"hello\",\"params\":{}", ERR_OK},
           {"\"hello\",\"params\":{\"library\":\"1.2.3\"}", ERR_OK},
           {"\"hello\",\"params\":{\"library\":\"\"}", ERR_ARGUMENT},
           {"\"hello\",\"params\":{\"library\":1}", ERR_ARGUMENT},
           {"\"hello\",\"params\":{\"library\":\"" X50 X10 "12345\"}", ERR_ARGUMENT},
           {"\"hello\",\"params\":{\"lang\":\"fi\"}", ERR_ARGUMENT},
           {"\"hello\",\"params\":[]", ERR_ARGUMENT}, {"\"hello\",\"params\":null", ERR_ARGUMENT},
           {"\"hello\",\"params\":\"{}\"", ERR_ARGUMENT}, {"\"unsubscribe\",\"params\":{}", ERR_OK},
           {"\"unsubscribe\",\"params\":{\"lang\":\"fi\"}", ERR_ARGUMENT},
           {"\"subscribe\",\"params\":{\"lang\":\"fi\"}", ERR_OK},
           {"\"subscribe\",\"params\":{\"challengeNonce\":\"" NONCE "\"}", ERR_ARGUMENT},
           {"\"getSigningCertificate\",\"params\":{\"documents\":[]}", ERR_ARGUMENT});
}

static void the_nonce_is_44_to_128_printable_ascii_characters(void **state)
{
    struct request r;
    (void)state;
    assert_int_equal(decode("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"authenticate\",\"params\":{"
                            "\"challengeNonce\":\"" NONCE "\"}}",
                            DOOR_WEBSOCKET, &r),
                     ERR_OK);
    assert_true(span_is(r.nonce, NONCE));
    assert_int_equal(r.method, METHOD_AUTHENTICATE);
    assert_int_equal(r.timeout_ms, LIMIT_TIMEOUT_DEF_MS);
    assert_int_equal(r.lang, LANG_SYSTEM);
    request_clear(&r);
    EXPECT("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"authenticate\",\"params\":{@}}",
           {"\"challengeNonce\":\"" X10 X10 X10 X10 "~ ~~\"", ERR_OK},
           {"\"challengeNonce\":\"" X50 X50 X10 X10 "12345678\"", ERR_OK},
           {"\"challengeNonce\":\"" X50 X50 X10 X10 "123456789\"", ERR_ARGUMENT},
           {"\"challengeNonce\":\"" X10 X10 X10 X10 "123\"", ERR_ARGUMENT},
           {"\"challengeNonce\":\"" X50 "\\u007f\"", ERR_ARGUMENT},
           {"\"challengeNonce\":\"" X50 "\\n\"", ERR_ARGUMENT},
           {"\"challengeNonce\":\"" X50 "\xC3\xA4\"", ERR_ARGUMENT},
           {"\"challengeNonce\":\"" X50 "\\u0000\"", ERR_MALFORMED},
           {"\"challengeNonce\":\"\"", ERR_ARGUMENT}, {"\"challengeNonce\":1", ERR_ARGUMENT},
           {"\"challengeNonce\":null", ERR_ARGUMENT}, {"", ERR_ARGUMENT},
           {"\"nonce\":\"" NONCE "\"", ERR_ARGUMENT});
}

static void the_common_params_have_their_bounds(void **state)
{
    (void)state;
    EXPECT("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"subscribe\",\"params\":{@}}",
           {"\"lang\":\"fi\"", ERR_OK}, {"\"lang\":\"sv\"", ERR_OK}, {"\"lang\":\"en\"", ERR_OK},
           {"\"lang\":\"\"", ERR_ARGUMENT}, {"\"lang\":\"FI\"", ERR_ARGUMENT},
           {"\"lang\":\"de\"", ERR_ARGUMENT}, {"\"lang\":\"fin\"", ERR_ARGUMENT},
           {"\"lang\":null", ERR_ARGUMENT}, {"\"timeoutMs\":5000", ERR_OK},
           {"\"timeoutMs\":600000", ERR_OK}, {"\"timeoutMs\":4999", ERR_ARGUMENT},
           {"\"timeoutMs\":600001", ERR_ARGUMENT}, {"\"timeoutMs\":-5000", ERR_ARGUMENT},
           {"\"timeoutMs\":5000.5", ERR_ARGUMENT}, {"\"timeoutMs\":\"5000\"", ERR_ARGUMENT},
           {"\"timeoutMs\":4294972296", ERR_ARGUMENT}, {"\"timeoutMs\":6e4", ERR_ARGUMENT},
           {"\"purpose\":\"P\"", ERR_OK}, {"\"purpose\":\"a\\nb\"", ERR_OK},
           {"\"purpose\":\"" X500 "\"", ERR_OK}, {"\"purpose\":\"" X500 "x\"", ERR_ARGUMENT},
           {"\"purpose\":\"\"", ERR_ARGUMENT}, {"\"purpose\":null", ERR_ARGUMENT},
           {"\"purpose\":\"\\u0000\"", ERR_MALFORMED}, {"\"purpose\":\"\xFF\"", ERR_MALFORMED},
           {"\"purpose\":[\"a\"]", ERR_ARGUMENT});
    EXPECT("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"subscribe\",\"params\":{\"onBehalfOf\":@}}",
           {"{\"name\":\"K\"}", ERR_OK},
           {"{\"name\":\"K\",\"businessId\":\"1234567-8\",\"mandate\":\"m\"}", ERR_OK},
           {"{\"name\":\"" X200 "\"}", ERR_OK}, {"{\"name\":\"" X200 "x\"}", ERR_ARGUMENT},
           {"{\"name\":\"\"}", ERR_ARGUMENT}, {"{}", ERR_ARGUMENT},
           {"{\"businessId\":\"1234567-8\"}", ERR_ARGUMENT},
           {"{\"name\":\"K\",\"businessId\":\"\"}", ERR_ARGUMENT},
           {"{\"name\":\"K\",\"businessId\":1234567}", ERR_ARGUMENT},
           {"{\"name\":\"K\",\"mandate\":\"" X200 "x\"}", ERR_ARGUMENT},
           {"{\"name\":\"K\",\"other\":\"x\"}", ERR_ARGUMENT}, {"\"K\"", ERR_ARGUMENT},
           {"[\"K\"]", ERR_ARGUMENT}, {"null", ERR_ARGUMENT});
}

static void common_params_arrive_verbatim(void **state)
{
    struct request r;
    (void)state;
    assert_int_equal(
        decode("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"getSigningCertificate\",\"params\":{"
               "\"lang\":\"sv\",\"timeoutMs\":60000,\"purpose\":\"P\\u00e4iv\xC3\xA4 \\u202e\","
               "\"onBehalfOf\":{\"mandate\":\"m\",\"name\":\"Kunta\",\"businessId\":\"1-2\"}}}",
               DOOR_WEBSOCKET, &r),
        ERR_OK);
    assert_int_equal(r.method, METHOD_GET_SIGNING_CERTIFICATE);
    assert_int_equal(r.lang, LANG_SV);
    assert_int_equal(r.timeout_ms, 60000);
    assert_true(span_is(r.purpose, "P\xC3\xA4iv\xC3\xA4 \xE2\x80\xAE"));
    assert_true(span_is(r.behalf_name, "Kunta"));
    assert_true(span_is(r.behalf_id, "1-2"));
    assert_true(span_is(r.behalf_mandate, "m"));
    request_clear(&r);
}

#define FILTER(json) "\"certificateFilter\":" json

static void a_filter_is_strict(void **state)
{
    (void)state;
    EXPECT("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"getSigningCertificate\",\"params\":{"
           "\"certificateFilter\":@}}",
           {"{}", ERR_OK}, {"{\"issuer\":[\"DVV\"]}", ERR_OK},
           {"{\"issuer\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\"]}", ERR_OK},
           {"{\"issuer\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]}", ERR_ARGUMENT},
           {"{\"issuer\":[\"" X500 X10 "12\"]}", ERR_OK},
           {"{\"issuer\":[\"" X500 X10 "123\"]}", ERR_ARGUMENT}, {"{\"issuer\":[]}", ERR_ARGUMENT},
           {"{\"issuer\":\"DVV\"}", ERR_ARGUMENT}, {"{\"issuer\":[\"\"]}", ERR_ARGUMENT},
           {"{\"issuer\":[1]}", ERR_ARGUMENT}, {"{\"issuer\":null}", ERR_ARGUMENT},
           {"{\"policy\":[\"1.2.246.517.1\",\"2.16\",\"0.0\"]}", ERR_OK},
           {"{\"policy\":[\"1\"]}", ERR_ARGUMENT}, {"{\"policy\":[\"1.\"]}", ERR_ARGUMENT},
           {"{\"policy\":[\".1\"]}", ERR_ARGUMENT}, {"{\"policy\":[\"1..2\"]}", ERR_ARGUMENT},
           {"{\"policy\":[\"1.02\"]}", ERR_ARGUMENT}, {"{\"policy\":[\"3.2\"]}", ERR_ARGUMENT},
           {"{\"policy\":[\"10.2\"]}", ERR_ARGUMENT}, {"{\"policy\":[\"1.2a\"]}", ERR_ARGUMENT},
           {"{\"policy\":[\"1.2 \"]}", ERR_ARGUMENT}, {"{\"holder\":\"99900335E\"}", ERR_OK},
           {"{\"holder\":\"" X50 "12345678901234\"}", ERR_OK},
           {"{\"holder\":\"" X50 "123456789012345\"}", ERR_ARGUMENT},
           {"{\"holder\":\"\"}", ERR_ARGUMENT}, {"{\"holder\":[\"a\"]}", ERR_ARGUMENT},
           {"{\"keyUsage\":[\"digitalSignature\",\"keyAgreement\"]}", ERR_OK},
           {"{\"keyUsage\":[\"digitalSignature\",\"digitalSignature\"]}", ERR_ARGUMENT},
           {"{\"keyUsage\":[\"DigitalSignature\"]}", ERR_ARGUMENT},
           {"{\"keyUsage\":[\"contentCommitment\"]}", ERR_ARGUMENT},
           {"{\"keyUsage\":[]}", ERR_ARGUMENT}, {"{\"keyUsage\":\"cRLSign\"}", ERR_ARGUMENT},
           {"{\"keyusage\":[\"cRLSign\"]}", ERR_ARGUMENT}, {"[]", ERR_ARGUMENT},
           {"null", ERR_ARGUMENT}, {"\"DVV\"", ERR_ARGUMENT});
}

static void only_methods_that_use_a_certificate_take_a_filter(void **state)
{
    (void)state;
    EXPECT(
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":@}",
        {"\"authenticate\",\"params\":{\"challengeNonce\":\"" NONCE "\"," FILTER("{}") "}", ERR_OK},
        {"\"sign\",\"params\":{\"documents\":[{\"name\":\"a\",\"mediaType\":\"a/b\","
         "\"content\":\"\"}],\"hashAlgorithm\":\"SHA-256\",\"format\":\"raw\",\"lang\":\"fi\","
         "\"timeoutMs\":9000,\"purpose\":\"p\",\"onBehalfOf\":{\"name\":\"n\"},"
         "\"certificate\":\"AAAA\"," FILTER("{\"holder\":\"x\"}") "}",
         ERR_OK},
        {"\"subscribe\",\"params\":{" FILTER("{}") "}", ERR_ARGUMENT},
        {"\"hello\",\"params\":{" FILTER("{}") "}", ERR_ARGUMENT});
}

static void a_filter_arrives_verbatim(void **state)
{
    struct request r;
    (void)state;
    assert_int_equal(
        decode("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"getSigningCertificate\",\"params\":{"
               "\"certificateFilter\":{\"keyUsage\":[\"decipherOnly\",\"nonRepudiation\"],"
               "\"issuer\":[\"CN=\u00c4\\\\, B,C=FI\",\"Y\"],\"policy\":[\"1.2.3\"],"
               "\"holder\":\"SE2321000016-T1\"}}}",
               DOOR_WEBSOCKET, &r),
        ERR_OK);
    assert_int_equal(r.filter.n_issuers, 2);
    assert_true(span_is(r.filter.issuers[0], "CN=\xC3\x84\\, B,C=FI"));
    assert_true(span_is(r.filter.issuers[1], "Y"));
    assert_int_equal(r.filter.n_policies, 1);
    assert_true(span_is(r.filter.policies[0], "1.2.3"));
    assert_true(span_is(r.filter.holder, "SE2321000016-T1"));
    assert_int_equal(r.filter.key_usage, 1u << 8 | 1u << 1);
    request_clear(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_envelope_is_json_rpc_and_nothing_else),
        cmocka_unit_test(only_the_eight_methods_exist),
        cmocka_unit_test(an_id_is_a_short_string_or_an_exact_integer),
        cmocka_unit_test(equal_ids_have_equal_bytes),
        cmocka_unit_test(the_longest_id_fits_its_limit),
        cmocka_unit_test(the_id_is_known_when_something_later_is_wrong),
        cmocka_unit_test(the_native_door_needs_the_origin_in_the_message),
        cmocka_unit_test(the_websocket_takes_the_origin_of_its_header),
        cmocka_unit_test(an_exchange_of_scs_comes_through_the_native_door_only),
        cmocka_unit_test(the_sites_of_scs_are_for_the_extension_itself),
        cmocka_unit_test(only_cancel_may_be_a_notification),
        cmocka_unit_test(params_are_an_object_with_known_members),
        cmocka_unit_test(the_nonce_is_44_to_128_printable_ascii_characters),
        cmocka_unit_test(the_common_params_have_their_bounds),
        cmocka_unit_test(common_params_arrive_verbatim),
        cmocka_unit_test(a_filter_is_strict),
        cmocka_unit_test(only_methods_that_use_a_certificate_take_a_filter),
        cmocka_unit_test(a_filter_arrives_verbatim),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

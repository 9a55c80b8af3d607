#include "wire/webeid.h"

#include "unit/test.h"
#include "wire/bounds.h"

#include <stdio.h>

#define SITE   "https://palvelu.example.fi"
#define NONCE  "12345678123456781234567812345678912356789123"
#define DGST32 "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=" /* 32 bytes */
#define DGST48 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define FROM   "\"origin\":\"" SITE "\""

#define COMMAND(name, arguments) "{\"command\":\"" name "\",\"arguments\":{" arguments "}}"
#define LOGIN(arguments)         COMMAND("authenticate", arguments)
#define CERT(arguments)          COMMAND("get-signing-certificate", arguments)
#define SIGN(arguments)          COMMAND("sign", arguments)
#define GOOD_SIGN                "\"certificate\":\"REVS\",\"hash\":\"" DGST32 "\",\"hashFunction\":\"SHA-256\""

struct row {
    const char *json;
    enum err want;
};

static void expect(const char *json, enum door carrier, enum err want)
{
    struct request r;
    struct span site = carrier == DOOR_NATIVE ? span_of(NULL, 0) : span_str(SITE);
    request_init(&r);
    enum err e = webeid_decode(span_str(json), carrier, site, &r);
    if (e != want) {
        fail_msg("%.300s: got %s, want %s", json, err_name(e), err_name(want));
    }
    assert_int_equal(r.door, DOOR_WEBEID);
    if (e == ERR_OK && r.method != METHOD_HELLO) {
        assert_int_equal(bounds_check_request(&r), ERR_OK);
        assert_true(span_is(r.origin, SITE));
    }
    request_clear(&r);
}

static void expect_rows(const struct row *rows, size_t n, enum door carrier)
{
    for (size_t i = 0; i < n; i++) {
        expect(rows[i].json, carrier, rows[i].want);
    }
}

static void every_command_is_understood(void **state)
{
    struct request r;
    (void)state;
    expect("{\"command\":\"quit\",\"arguments\":{}}", DOOR_NATIVE, ERR_OK);
    request_init(&r);
    assert_int_equal(
        webeid_decode(span_str(LOGIN("\"challengeNonce\":\"" NONCE "\"," FROM ",\"lang\":\"fi\"")),
                      DOOR_NATIVE, span_of(NULL, 0), &r),
        ERR_OK);
    assert_int_equal(r.method, METHOD_AUTHENTICATE);
    assert_int_equal(r.lang, LANG_FI);
    assert_int_equal(r.timeout_ms, LIMIT_TIMEOUT_MAX_MS);
    assert_true(span_is(r.nonce, NONCE));
    request_clear(&r);
    assert_int_equal(webeid_decode(span_str(CERT(FROM)), DOOR_NATIVE, span_of(NULL, 0), &r),
                     ERR_OK);
    assert_int_equal(r.method, METHOD_GET_SIGNING_CERTIFICATE);
    assert_int_equal(r.lang, LANG_SYSTEM);
    request_clear(&r);
    assert_int_equal(
        webeid_decode(span_str(SIGN(GOOD_SIGN "," FROM)), DOOR_NATIVE, span_of(NULL, 0), &r),
        ERR_OK);
    assert_int_equal(r.method, METHOD_SIGN);
    assert_int_equal(r.n_docs, 1);
    assert_true(r.has_hash && r.hash == HASH_SHA256 && r.docs[0].digest.len == 32);
    assert_true(!r.docs[0].has_content && r.docs[0].name.len == 0 && r.docs[0].size == 0);
    assert_true(span_is(r.certificate, "DER"));
    request_clear(&r);
}

/* A connection over the websocket brings its origin itself. */
static void the_origin_comes_from_the_door(void **state)
{
    static const struct row websocket[] = {
        {CERT(""), ERR_OK},
        {CERT("\"lang\":\"sv\""), ERR_OK},
        {LOGIN("\"challengeNonce\":\"" NONCE "\""), ERR_OK},
        {SIGN(GOOD_SIGN), ERR_OK},
        {CERT(FROM), ERR_ARGUMENT},
        {CERT("\"origin\":null"), ERR_ARGUMENT},
        {COMMAND("quit", ""), ERR_OK},
        {COMMAND("quit", FROM), ERR_ARGUMENT},
    };
    struct request r;
    (void)state;
    expect_rows(websocket, sizeof websocket / sizeof websocket[0], DOOR_WEBSOCKET);
    request_init(&r);
    assert_int_equal(webeid_decode(span_str(CERT("")), DOOR_WEBSOCKET, span_of(NULL, 0), &r),
                     ERR_ARGUMENT);
    request_clear(&r);
}

static void wrong_requests_are_refused(void **state)
{
    static const struct row rows[] = {
        {"", ERR_MALFORMED},
        {"{", ERR_MALFORMED},
        {"null", ERR_REQUEST_INVALID},
        {"[]", ERR_REQUEST_INVALID},
        {"{}", ERR_REQUEST_INVALID},
        {"{\"arguments\":{}}", ERR_REQUEST_INVALID},
        {"{\"command\":\"\",\"arguments\":{}}", ERR_REQUEST_INVALID},
        {"{\"command\":null,\"arguments\":{}}", ERR_REQUEST_INVALID},
        {"{\"command\":[\"quit\"],\"arguments\":{}}", ERR_REQUEST_INVALID},
        {"{\"command\":\"quit\",\"command\":\"quit\",\"arguments\":{}}", ERR_MALFORMED},
        {"{\"command\":\"quit\",\"arguments\":{},\"id\":1}", ERR_REQUEST_INVALID},
        {"{\"command\":\"quit\"}", ERR_ARGUMENT},
        {"{\"command\":\"quit\",\"arguments\":null}", ERR_ARGUMENT},
        {"{\"command\":\"quit\",\"arguments\":[]}", ERR_ARGUMENT},
        {COMMAND("quit", "\"lang\":\"fi\""), ERR_ARGUMENT},
        {COMMAND("QUIT", ""), ERR_METHOD_UNKNOWN},
        {COMMAND("decrypt", FROM), ERR_METHOD_UNKNOWN},
        {COMMAND("status", ""), ERR_METHOD_UNKNOWN},
        {LOGIN(""), ERR_ARGUMENT},
        {LOGIN("\"challengeNonce\":\"" NONCE "\""), ERR_ARGUMENT},
        {LOGIN(FROM), ERR_ARGUMENT},
        {LOGIN("\"challengeNonce\":\"1234567812345678123456781234567891235678912\"," FROM),
         ERR_ARGUMENT}, /* 43 characters */
        {LOGIN("\"challengeNonce\":\"" NONCE NONCE NONCE "\"," FROM), ERR_ARGUMENT}, /* 132 */
        {LOGIN("\"challengeNonce\":\"" NONCE "\\u0000\"," FROM), ERR_MALFORMED},
        {LOGIN("\"challengeNonce\":\"" NONCE "\\u00e4\"," FROM), ERR_ARGUMENT},
        {LOGIN("\"challengeNonce\":7," FROM), ERR_ARGUMENT},
        {LOGIN("\"challengeNonce\":\"" NONCE "\"," FROM ",\"nonce\":\"x\""), ERR_ARGUMENT},
        {LOGIN("\"challengeNonce\":\"" NONCE "\",\"origin\":\"\""), ERR_ARGUMENT},
        {LOGIN("\"challengeNonce\":\"" NONCE "\",\"origin\":[\"" SITE "\"]"), ERR_ARGUMENT},
        {CERT(FROM ",\"certificate\":\"REVS\""), ERR_ARGUMENT},
        {CERT(FROM ",\"lang\":7"), ERR_ARGUMENT},
        {CERT(FROM ",\"lang\":null"), ERR_ARGUMENT},
        {CERT(""), ERR_ARGUMENT},
        {SIGN("\"hash\":\"" DGST32 "\",\"hashFunction\":\"SHA-256\"," FROM), ERR_ARGUMENT},
        {SIGN("\"certificate\":\"REVS\",\"hashFunction\":\"SHA-256\"," FROM), ERR_ARGUMENT},
        {SIGN("\"certificate\":\"REVS\",\"hash\":\"" DGST32 "\"," FROM), ERR_ARGUMENT},
        {SIGN(GOOD_SIGN), ERR_ARGUMENT},
        {SIGN(GOOD_SIGN "," FROM ",\"userInteractionTimeout\":5"), ERR_ARGUMENT},
        {SIGN("\"certificate\":\"\",\"hash\":\"" DGST32 "\",\"hashFunction\":\"SHA-256\"," FROM),
         ERR_ARGUMENT},
        {SIGN("\"certificate\":\"RE VS\",\"hash\":\"" DGST32
              "\",\"hashFunction\":\"SHA-256\"," FROM),
         ERR_ARGUMENT},
        {SIGN("\"certificate\":\"REVS\",\"hash\":\"" DGST48
              "\",\"hashFunction\":\"SHA-256\"," FROM),
         ERR_ARGUMENT},
        {SIGN("\"certificate\":\"REVS\",\"hash\":\"" DGST32
              "\",\"hashFunction\":\"SHA-384\"," FROM),
         ERR_ARGUMENT},
        {SIGN("\"certificate\":\"REVS\",\"hash\":\"" DGST48
              "\",\"hashFunction\":\"SHA-384\"," FROM),
         ERR_OK},
        {SIGN("\"certificate\":\"REVS\",\"hash\":\"q_8=\",\"hashFunction\":\"SHA-256\"," FROM),
         ERR_ARGUMENT},
        {SIGN("\"certificate\":\"REVS\",\"hash\":\"" DGST32
              "\",\"hashFunction\":\"SHA3-256\"," FROM),
         ERR_UNSUPPORTED},
        {SIGN("\"certificate\":\"REVS\",\"hash\":\"" DGST32 "\",\"hashFunction\":\"SHA-1\"," FROM),
         ERR_UNSUPPORTED},
        {SIGN("\"certificate\":\"REVS\",\"hash\":\"" DGST32 "\",\"hashFunction\":\"\"," FROM),
         ERR_ARGUMENT},
    };
    (void)state;
    expect_rows(rows, sizeof rows / sizeof rows[0], DOOR_NATIVE);
}

static void a_language_that_is_not_ours_is_the_systems(void **state)
{
    static const char *const langs[] = {"et", "en-GB", "", "FI", "x y", "Suomi"};
    (void)state;
    for (size_t i = 0; i < sizeof langs / sizeof langs[0]; i++) {
        char json[256];
        struct request r;
        request_init(&r);
        snprintf(json, sizeof json, CERT("\"lang\":\"%s\""), langs[i]);
        assert_int_equal(webeid_decode(span_str(json), DOOR_WEBSOCKET, span_str(SITE), &r), ERR_OK);
        assert_int_equal(r.lang, LANG_SYSTEM);
        request_clear(&r);
    }
}

/* The largest certificate passes, the limit is exact, and what is longer is not even read. */
static void messages_are_bounded(void **state)
{
    static char json[LIMIT_WEBEID + 2], base64[LIMIT_CERT / 3 * 4 + 5];
    (void)state;
    memset(base64, 'A', LIMIT_CERT / 3 * 4);
    strcpy(base64 + LIMIT_CERT / 3 * 4, "AAA="); /* 8192 is 3 * 2730 + 2 */
    snprintf(
        json, sizeof json,
        SIGN("\"certificate\":\"%s\",\"hash\":\"" DGST32 "\",\"hashFunction\":\"SHA-256\"," FROM),
        base64);
    expect(json, DOOR_NATIVE, ERR_OK);
    size_t len = strlen(json);
    memset(json + len, ' ', LIMIT_WEBEID + 1 - len);
    json[LIMIT_WEBEID] = '\0';
    expect(json, DOOR_NATIVE, ERR_OK);
    json[LIMIT_WEBEID] = ' ';
    expect(json, DOOR_NATIVE, ERR_TOO_LARGE);
    snprintf(json, sizeof json,
             SIGN("\"certificate\":\"AAAA%s\",\"hash\":\"" DGST32
                  "\",\"hashFunction\":\"SHA-256\"," FROM),
             base64);
    expect(json, DOOR_NATIVE, ERR_ARGUMENT);
}

static void only_what_has_a_command_is_this_dialect(void **state)
{
    (void)state;
    assert_true(webeid_speaks(span_str("{\"command\":7}")));
    assert_true(webeid_speaks(span_str(COMMAND("quit", ""))));
    assert_false(webeid_speaks(span_str("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hello\"}")));
    assert_false(webeid_speaks(span_str("{\"params\":{\"command\":\"quit\"}}")));
    assert_false(webeid_speaks(span_str("[\"command\"]")));
    assert_false(webeid_speaks(span_str("{\"command\":")));
}

static void only_web_eids_extensions_are_greeted(void **state)
{
    static const struct {
        const char *argument;
        bool is_theirs;
    } rows[] = {
        {"chrome-extension://ncibgoaomkmdpilpocfeponihegamlic/", true},
        {"chrome-extension://gnmckgbandlkacikdndelhfghdejfido/", true},
        {"{e68418bc-f2b0-4459-a9ea-3e72b6751b07}", true},
        {"chrome-extension://ncibgoaomkmdpilpocfeponihegamlic", false},
        {"chrome-extension://ncibgoaomkmdpilpocfeponihegamlic/x", false},
        {"chrome-extension://NCIBGOAOMKMDPILPOCFEPONIHEGAMLIC/", false},
        {"chrome-extension://pbnckmfddpinlokilelmjmolkinnohma/", false},
        {"korttisilta@korttisilta.fi", false},
        {"e68418bc-f2b0-4459-a9ea-3e72b6751b07", false},
        {"--parent-window=0", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct caller c = {.arguments = {span_str("/etc/eu.webeid.json")}, .n = 2};
        c.arguments[1] = span_str(rows[i].argument);
        assert_int_equal(webeid_is_caller(&c), rows[i].is_theirs);
        c.n = 1;
        assert_false(webeid_is_caller(&c));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_is_understood),
        cmocka_unit_test(the_origin_comes_from_the_door),
        cmocka_unit_test(wrong_requests_are_refused),
        cmocka_unit_test(a_language_that_is_not_ours_is_the_systems),
        cmocka_unit_test(messages_are_bounded),
        cmocka_unit_test(only_what_has_a_command_is_this_dialect),
        cmocka_unit_test(only_web_eids_extensions_are_greeted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

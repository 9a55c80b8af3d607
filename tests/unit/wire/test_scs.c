#include "wire/scs.h"

#include "base/enc.h"
#include "unit/test.h"
#include "wire/bounds.h"

#include <stdio.h>

#define SITE   "https://palvelu.example.fi"
#define DGST32 "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=" /* 32 bytes */
#define DGST20 "q83vEjRWeJCrze8SNFZ4kKvN7xI="
#define RANDOM                                                                                     \
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw=="
#define G4R                                                                                        \
    "CN=DVV Citizen Certificates - G4R, OU=Valtion kansalaisvarmenteet, O=Digi- ja "               \
    "vaestotietovirasto CA, C=FI"

static enum err decode(const char *json, struct request *r)
{
    request_init(r);
    return scs_decode(span_str(json), span_of(NULL, 0), span_str(SITE), r);
}

static void expect(const char *json, enum err want)
{
    struct request r;
    enum err e = decode(json, &r);
    if (e != want) {
        fail_msg("%s: got %s, want %s", json, err_name(e), err_name(want));
    }
    if (e == ERR_OK) {
        assert_int_equal(bounds_check_request(&r), ERR_OK);
        assert_true(span_is(r.origin, SITE));
        assert_int_equal(r.door, DOOR_SCS);
    }
    request_clear(&r);
}

struct row {
    const char *json;
    enum err want;
};

static void expect_rows(const struct row *rows, size_t n, const char *before, const char *after)
{
    for (size_t i = 0; i < n; i++) {
        char json[4096];
        snprintf(json, sizeof json, "%s%s%s", before, rows[i].json, after);
        expect(json, rows[i].want);
    }
}

#define EXPECT(before, after, ...)                                                                 \
    do {                                                                                           \
        static const struct row rows_[] = {__VA_ARGS__};                                           \
        expect_rows(rows_, sizeof rows_ / sizeof rows_[0], before, after);                         \
    } while (0)

/* ---- what real services send ---- */

static void requests_of_real_services_are_understood(void **state)
{
    static const struct {
        const char *json;
        enum method method;
        enum binding binding;
        enum sign_format format;
        enum hash_alg hash;
        bool is_data;
        unsigned kinds;
        const char *issuer;
    } rows[] = {
        /* e-identification with a card, 2017: random bytes, issuers null or missing */
        {"{\"version\":\"1.0\",\"selector\":{\"keyusages\":[\"digitalsignature\"]},\"content\":"
         "\"" RANDOM "\",\"contentType\":\"data\",\"hashAlgorithm\":\"SHA256\",\"signatureType\":"
         "\"signature\"}",
         METHOD_AUTHENTICATE, BINDING_OLD, FORMAT_RAW, HASH_SHA256, true, 0, NULL},
        {"{\"version\":\"1.0\",\"selector\":{\"issuers\":null,\"keyusages\":[\"digitalsignature\"]}"
         ",\"content\":\"" RANDOM "\",\"contentType\":\"data\",\"hashAlgorithm\":\"SHA256\","
         "\"signatureType\":\"signature\"}",
         METHOD_AUTHENTICATE, BINDING_OLD, FORMAT_RAW, HASH_SHA256, true, 0, NULL},
        /* a script that sends only what it must */
        {"{\"content\":\"" RANDOM "\"}", METHOD_SIGN, BINDING_STRICT, FORMAT_RAW, HASH_SHA256, true,
         0, NULL},
        {"{\"version\":\"1.0\",\"content\":\"" RANDOM "\",\"selector\":{}}", METHOD_SIGN,
         BINDING_STRICT, FORMAT_RAW, HASH_SHA256, true, 0, NULL},
        /* login and PDF of a library for services */
        {"{\"version\":\"1.1\",\"selector\":{\"keyusages\":[\"digitalsignature\"]},\"content\":"
         "\"" RANDOM "\",\"contentType\":\"data\",\"hashAlgorithm\":\"SHA256\",\"signatureType\":"
         "\"signature\"}",
         METHOD_AUTHENTICATE, BINDING_OLD, FORMAT_RAW, HASH_SHA256, true, 0, NULL},
        {"{\"version\":\"1.1\",\"selector\":{\"keyusages\":[\"nonrepudiation\"]},\"content\":"
         "\"" RANDOM "\",\"contentType\":\"data\",\"hashAlgorithm\":\"SHA256\",\"signatureType\":"
         "\"signature\"}",
         METHOD_SIGN, BINDING_STRICT, FORMAT_RAW, HASH_SHA256, true, 0, NULL},
        /* a register of certificates: until 2024, the try of data in PAdES, and 2025 */
        {"{\"version\":\"1.1\",\"selector\":{\"keyusages\":[\"nonrepudiation\"],\"keyalgorithms\":"
         "[\"rsa\"]},\"content\":\"" RANDOM "\",\"contentType\":\"data\",\"hashAlgorithm\":"
         "\"SHA256\",\"signatureType\":\"signature\"}",
         METHOD_SIGN, BINDING_STRICT, FORMAT_RAW, HASH_SHA256, true, 1u << KEY_RSA, NULL},
        {"{\"version\":\"1.1\",\"selector\":{\"keyusages\":[\"nonrepudiation\"]},\"content\":"
         "\"" RANDOM "\",\"contentType\":\"data\",\"hashAlgorithm\":\"SHA256\",\"signatureType\":"
         "\"cms-pades\"}",
         METHOD_SIGN, BINDING_STRICT, FORMAT_PADES_CMS, HASH_SHA256, true, 0, NULL},
        {"{\"version\":\"dummy\",\"selector\":{\"keyusages\":[\"nonrepudiation\"]},\"content\":"
         "\"" DGST32 "\",\"contentType\":\"digest\",\"hashAlgorithm\":\"SHA256\","
         "\"signatureType\":\"cms-pades\"}",
         METHOD_SIGN, BINDING_STRICT, FORMAT_PADES_CMS, HASH_SHA256, false, 0, NULL},
        /* registration: no usage, a text without origin, SHA-512 */
        {"{\"version\":\"1.1\",\"selector\":{\"keyalgorithms\":[\"RSA\"],\"issuers\":[\"" G4R
         "\"]},\"content\":\"" RANDOM "\",\"contentType\":\"data\",\"hashAlgorithm\":\"SHA512\","
         "\"signatureType\":\"signature\",\"signatureAlgorithm\":\"rsa\"}",
         METHOD_SIGN, BINDING_STRICT, FORMAT_RAW, HASH_SHA512, true, 1u << KEY_RSA, G4R},
        /* 1.3: who does not say which key means the one that logs in */
        {"{\"version\":\"1.3\",\"content\":\"" RANDOM "\"}", METHOD_AUTHENTICATE, BINDING_STRICT,
         FORMAT_RAW, HASH_SHA256, true, 0, NULL},
        {"{\"version\":\"1.3\",\"selector\":{\"keyusages\":[\"digitalsignature\"],"
         "\"keyalgorithms\":[\"ec\"]},\"content\":\"" RANDOM "\",\"hashAlgorithm\":\"SHA384\"}",
         METHOD_AUTHENTICATE, BINDING_STRICT, FORMAT_RAW, HASH_SHA384, true, 1u << KEY_EC, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct request r;
        assert_int_equal(decode(rows[i].json, &r), ERR_OK);
        bool signs = rows[i].method == METHOD_SIGN;
        bool fits = r.method == rows[i].method && r.binding == rows[i].binding &&
                    r.format == rows[i].format && r.hash == rows[i].hash && r.has_hash &&
                    r.filter.key_kinds == rows[i].kinds && r.n_docs == (signs ? 1 : 0) &&
                    r.filter.n_issuers == (rows[i].issuer != NULL ? 1 : 0) && r.id.len == 0;
        if (!fits) {
            fail_msg("row %zu", i);
        }
        if (rows[i].issuer != NULL) {
            assert_true(span_is(r.filter.issuers[0], rows[i].issuer) && r.filter.loose);
        }
        assert_int_equal(signs ? r.docs[0].has_content : r.challenge.len == 64, rows[i].is_data);
        request_clear(&r);
    }
}

/* ---- members ---- */

#define SIGN   "{\"selector\":{\"keyusages\":[\"nonrepudiation\"]},"
#define LOGIN  "{\"version\":\"1.1\",\"selector\":{\"keyusages\":[\"digitalsignature\"]},"
#define DATA   "\"content\":\"AAAA\"}"
#define DIGEST "\"content\":\"" DGST32 "\",\"contentType\":\"digest\"}"

static void a_member_that_is_null_or_missing_has_its_default(void **state)
{
    (void)state;
    EXPECT(
        "{", "\"content\":\"AAAA\"}", {"", ERR_OK}, {"\"version\":null,", ERR_OK},
        {"\"selector\":null,", ERR_OK}, {"\"selector\":{},", ERR_OK},
        {"\"selector\":{\"issuers\":null,\"akis\":null,\"keyusages\":null,\"keyalgorithms\":"
         "null},",
         ERR_OK},
        {"\"selector\":{\"issuers\":[],\"akis\":[],\"keyusages\":[],\"keyalgorithms\":[]},",
         ERR_OK},
        {"\"contentType\":null,\"hashAlgorithm\":null,\"signatureType\":null,"
         "\"signatureAlgorithm\":null,",
         ERR_OK},
        {"\"other\":[{\"x\":1}],", ERR_OK}, {"\"selector\":{\"thumbprint\":\"x\"},", ERR_OK},
        {"\"selector\":[],", ERR_ARGUMENT}, {"\"selector\":\"x\",", ERR_ARGUMENT},
        {"\"selector\":{\"issuers\":\"CN=a\"},", ERR_ARGUMENT},
        {"\"selector\":{\"issuers\":[\"\"]},", ERR_ARGUMENT},
        {"\"selector\":{\"issuers\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\"]},", ERR_OK},
        {"\"selector\":{\"issuers\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]},",
         ERR_TOO_LARGE},
        {"\"version\":1.1,", ERR_ARGUMENT});
    EXPECT("{\"x\":", "}", {"1", ERR_ARGUMENT}, {"1,\"content\":null", ERR_ARGUMENT},
           {"1,\"content\":\"\"", ERR_ARGUMENT}, {"1,\"content\":\"AA\"", ERR_ARGUMENT},
           {"1,\"content\":\"A A=\"", ERR_ARGUMENT}, {"1,\"content\":5", ERR_ARGUMENT});
    expect("", ERR_MALFORMED);
    expect("{", ERR_MALFORMED);
    expect("[]", ERR_REQUEST_INVALID);
    expect("{\"content\":\"AAAA\",\"content\":\"AAAA\"}", ERR_MALFORMED);
}

static void hashes_and_types_are_named_or_refused(void **state)
{
    (void)state;
    EXPECT(SIGN "\"hashAlgorithm\":", "," DATA, {"\"SHA256\"", ERR_OK}, {"\"sha384\"", ERR_OK},
           {"\"SHA-512\"", ERR_OK}, {"\"SHA224\"", ERR_OK}, {"\"SHA1\"", ERR_UNSUPPORTED},
           {"\"SHA-1\"", ERR_UNSUPPORTED}, {"\"MD5\"", ERR_UNSUPPORTED}, {"\"\"", ERR_UNSUPPORTED},
           {"\"SHA25\"", ERR_UNSUPPORTED}, {"\"SHA2560\"", ERR_UNSUPPORTED}, {"1", ERR_ARGUMENT});
    EXPECT(SIGN "\"signatureType\":", "," DATA, {"\"signature\"", ERR_OK}, {"\"cms\"", ERR_OK},
           {"\"cms-pades\"", ERR_OK}, {"\"CMS-PAdES\"", ERR_OK},
           {"\"signature-plain\"", ERR_UNSUPPORTED}, {"\"xml\"", ERR_UNSUPPORTED},
           {"\"pkcs7\"", ERR_UNSUPPORTED}, {"{}", ERR_ARGUMENT});
    EXPECT(SIGN "\"contentType\":", "," DATA, {"\"data\"", ERR_OK}, {"\"Data\"", ERR_OK},
           {"\"file\"", ERR_ARGUMENT}, {"\"digest\"", ERR_ARGUMENT});
    EXPECT(SIGN "\"hashAlgorithm\":", "," DIGEST, {"\"SHA256\"", ERR_OK}, {"null", ERR_OK},
           {"\"SHA384\"", ERR_ARGUMENT}, {"\"SHA1\"", ERR_UNSUPPORTED});
    expect(SIGN "\"content\":\"" DGST20 "\",\"contentType\":\"digest\"}", ERR_ARGUMENT);
}

static void keys_are_chosen_by_usage_and_kind(void **state)
{
    (void)state;
    EXPECT("{\"selector\":{\"keyusages\":", "}," DATA, {"[\"NonRepudiation\"]", ERR_OK},
           {"[\"DIGITALSIGNATURE\"]", ERR_OK},
           {"[\"digitalsignature\",\"nonrepudiation\"]", ERR_OK},
           {"[\"keyencipherment\"]", ERR_CERT_NOT_FOUND},
           {"[\"nonrepudiation\",\"crlsign\"]", ERR_CERT_NOT_FOUND},
           {"\"nonrepudiation\"", ERR_ARGUMENT}, {"[1]", ERR_ARGUMENT});
    EXPECT("{\"selector\":{\"keyalgorithms\":", "}," DATA, {"[\"rsa\",\"ec\"]", ERR_OK},
           {"[\"ECDSA\"]", ERR_OK}, {"[\"dsa\",\"rsa\"]", ERR_OK},
           {"[\"dsa\"]", ERR_ALG_UNSUPPORTED}, {"\"rsa\"", ERR_ARGUMENT});
    EXPECT("{\"selector\":{\"keyalgorithms\":[\"ec\"]},\"signatureAlgorithm\":", "," DATA,
           {"\"ECDSA\"", ERR_OK}, {"\"rsa\"", ERR_ALG_UNSUPPORTED},
           {"\"DSA\"", ERR_ALG_UNSUPPORTED});
}

static void the_key_that_logs_in_signs_no_digest_and_no_cms(void **state)
{
    (void)state;
    expect(LOGIN DATA, ERR_OK);
    expect(LOGIN DIGEST, ERR_NOT_BOUND);
    expect(LOGIN "\"signatureType\":\"cms\"," DATA, ERR_UNSUPPORTED);
    expect(LOGIN "\"signatureType\":\"cms-pades\"," DATA, ERR_UNSUPPORTED);
}

static void only_old_versions_have_old_separators(void **state)
{
    static const struct {
        const char *version;
        enum binding want;
    } rows[] = {
        {"\"1.0\"", BINDING_OLD},      {"\"1.1\"", BINDING_OLD},    {"\"1.2\"", BINDING_OLD},
        {"null", BINDING_OLD},         {"\"1.3\"", BINDING_STRICT}, {"\"1.4\"", BINDING_STRICT},
        {"\"dummy\"", BINDING_STRICT}, {"\"\"", BINDING_STRICT},    {"\"1\"", BINDING_STRICT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char json[256];
        struct request r;
        snprintf(json, sizeof json,
                 "{\"version\":%s,\"selector\":{\"keyusages\":[\"digitalsignature\"]},%s",
                 rows[i].version, DATA);
        assert_int_equal(decode(json, &r), ERR_OK);
        assert_int_equal(r.binding, rows[i].want);
        request_clear(&r);
    }
}

/* Attached where SCS attaches: CMS of data. */
static void cms_of_data_holds_it(void **state)
{
    static const struct {
        const char *json;
        bool attached;
    } rows[] = {
        {SIGN "\"signatureType\":\"cms\"," DATA, true},
        {SIGN "\"signatureType\":\"cms\"," DIGEST, false},
        {SIGN "\"signatureType\":\"cms-pades\"," DATA, false},
        {SIGN DATA, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct request r;
        assert_int_equal(decode(rows[i].json, &r), ERR_OK);
        assert_int_equal(r.attached, rows[i].attached);
        request_clear(&r);
    }
}

static enum err decode_bytes(const char *before, size_t n)
{
    struct buf json;
    struct buf bytes;
    struct request r;
    uint8_t *at;
    buf_init(&json, LIMIT_MESSAGE);
    buf_init(&bytes, n);
    assert_int_equal(buf_extend(&bytes, n, &at), ERR_OK);
    memset(at, 'x', n);
    assert_int_equal(buf_append_str(&json, before), ERR_OK);
    assert_int_equal(buf_append_str(&json, "\"content\":\""), ERR_OK);
    assert_int_equal(enc_base64_encode(buf_span(&bytes), &json), ERR_OK);
    assert_int_equal(buf_append_str(&json, "\"}"), ERR_OK);
    request_init(&r);
    enum err e = scs_decode(buf_span(&json), span_of(NULL, 0), span_str(SITE), &r);
    request_clear(&r);
    buf_clear(&json);
    buf_clear(&bytes);
    return e;
}

static void sizes_have_limits(void **state)
{
    struct request r;
    char origin[LIMIT_ORIGIN + 2];
    (void)state;
    assert_int_equal(decode_bytes(LOGIN, LIMIT_CHALLENGE), ERR_OK);
    assert_int_equal(decode_bytes(LOGIN, LIMIT_CHALLENGE + 1), ERR_TOO_LARGE);
    assert_int_equal(decode_bytes(SIGN "\"signatureType\":\"cms\",", LIMIT_ATTACHED), ERR_OK);
    assert_int_equal(decode_bytes(SIGN "\"signatureType\":\"cms\",", LIMIT_ATTACHED + 1),
                     ERR_TOO_LARGE);
    assert_int_equal(decode_bytes(SIGN, 3u * 1024 * 1024 - 1024), ERR_OK);
    memset(origin, 'o', sizeof origin);
    for (size_t len = LIMIT_ORIGIN; len <= LIMIT_ORIGIN + 1; len++) {
        request_init(&r);
        assert_int_equal(
            scs_decode(span_str(SIGN DATA), span_of(NULL, 0), span_of(origin, len), &r),
            len == LIMIT_ORIGIN ? ERR_OK : ERR_ORIGIN_INVALID);
        request_clear(&r);
    }
    request_init(&r);
    assert_int_equal(scs_decode(span_str(SIGN DATA), span_of(NULL, 0), span_of(NULL, 0), &r),
                     ERR_ORIGIN_INVALID);
    request_clear(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_of_real_services_are_understood),
        cmocka_unit_test(a_member_that_is_null_or_missing_has_its_default),
        cmocka_unit_test(hashes_and_types_are_named_or_refused),
        cmocka_unit_test(keys_are_chosen_by_usage_and_kind),
        cmocka_unit_test(the_key_that_logs_in_signs_no_digest_and_no_cms),
        cmocka_unit_test(only_old_versions_have_old_separators),
        cmocka_unit_test(cms_of_data_holds_it),
        cmocka_unit_test(sizes_have_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
